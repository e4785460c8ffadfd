"""What class names, tags and link targets say about a block."""

from __future__ import annotations

from dataclasses import dataclass, field

from newsbot.items import RemovedKind


@dataclass(frozen=True, slots=True)
class Markup:
    """`strengths`: for each kind the name that spoke for it, and how much that proves."""

    strengths: dict[RemovedKind, tuple[str, float]] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[RemovedKind, str]:
        """The name that spoke for each kind."""
        return {kind: name for kind, (name, _) in self.strengths.items()}
