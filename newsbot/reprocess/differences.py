"""What a story that was made again says differently."""

from __future__ import annotations

from dataclasses import dataclass

from newsbot.items import Story
from newsbot.store import Standing

_SAID = (
    "title text standfirst authors section tags language published modified day_only image access canonical_url"
).split()


@dataclass(frozen=True, slots=True)
class Difference:
    """A story that comes out differently: the names of what changes, among them `removed` where other blocks are taken
    out of its text or for other reasons; title and text before and after."""

    story: int
    site: str
    url: str
    changes: tuple[str, ...]
    title_before: str
    title: str
    text_before: str
    text: str


def difference(standing: Standing, story: Story) -> Difference | None:
    """What is different; None where nothing is."""
    changes = [name for name in _SAID if getattr(standing, name) != getattr(story, name)]
    before = {(each.position, each.kind, each.text) for each in (*standing.removed, *standing.apart)}
    after = {(each.position, str(each.kind), each.text) for each in story.removed}
    after |= {(each.position, str(each.role), each.text) for each in story.apart}
    if before != after:
        changes.append("removed")
    if not changes:
        return None
    return Difference(
        standing.id,
        standing.site,
        standing.canonical_url,
        tuple(changes),
        standing.title,
        story.title,
        standing.text,
        story.text,
    )
