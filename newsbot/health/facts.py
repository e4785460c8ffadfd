"""What is known of each site and of the machine when their health is judged. Instants are aware, spans of time UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

KEPT = ("new", "changed", "copy")
"""Pages that gave something. `same` is left out: a story that is looked at again tells little of a site that broke."""


@dataclass(frozen=True)
class Visit:
    """A visit to a site as it was recorded; `counts` has the names of `newsbot.reasons`, `received` is in bytes."""

    started: datetime
    outcome: str
    counts: Mapping[str, int] = field(default_factory=dict)
    received: int = 0

    @cached_property
    def kept(self) -> int:
        """Pages that gave a story, or a revision of one."""
        return sum(self.counts.get(name, 0) for name in KEPT)

    @cached_property
    def errors(self) -> int:
        """Pages that could not be fetched, read or stored."""
        return max(0, self.total("error") - self.counts.get("source.failed", 0))

    @cached_property
    def pages(self) -> int:
        """Pages that gave something or should have."""
        return self.kept + self.total("dropped") + self.errors

    @cached_property
    def read(self) -> bool:
        """Whether a source could be read."""
        return self.counts.get("source.ok", 0) > 0

    def total(self, group: str) -> int:
        """What was counted under the names of a group."""
        return sum(number for name, number in self.counts.items() if name.startswith(f"{group}."))


@dataclass(frozen=True, slots=True)
class StoryShape:
    """What a story has: its words, and whether it has a title, authors, a date of its page's own; `walled`: it is not
    served freely."""

    dated: datetime
    first_seen: datetime
    words: int
    titled: bool = True
    authored: bool = True
    published: bool = True
    walled: bool = False


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """A source of a site: how many visits in a row it has failed, and when it answered last, None for never."""

    url: str
    failures: int
    first_seen: datetime
    asked: datetime | None


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site. `visits` that have ended and `stories` come newest first; `hours` are those with stories, some weeks back
    from the last one. `due`: when it is to be visited next, None where nothing says; `added`: since when it is to be
    crawled. `lasting`: what is known to be wrong with its pages (an alarm's kind), since when."""

    key: str
    visits: tuple[Visit, ...] = ()
    stories: tuple[StoryShape, ...] = ()
    hours: tuple[datetime, ...] = ()
    sources: tuple[SourceSeen, ...] = ()
    due: datetime | None = None
    added: datetime | None = None
    lasting: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def anchor(self) -> datetime | None:
        """Since when something is known to be wrong: what was before it tells how the site was."""
        return min(self.lasting.values(), default=None)


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run; one that is at work has no `outcome`."""

    started: datetime
    finished: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker on one of several machines: how many jobs it takes at once, since when it is at work, when it was last
    heard and how long it has been `silent` since, by the database's clock."""

    host: str
    pid: int
    slots: int
    started: datetime
    seen: datetime
    silent: timedelta


@dataclass(frozen=True, slots=True)
class Facts:
    """All sites that are to be crawled, the last runs (newest first), the workers on several machines, and the disk;
    sizes are bytes, `free` is None where nobody can tell. `faults`: what is wrong with files of sites that therefore
    are not crawled, each with the site's key, None where it is no one site's."""

    now: datetime
    sites: tuple[SiteFacts, ...]
    runs: tuple[RunSeen, ...] = ()
    workers: tuple[WorkerSeen, ...] = ()
    database: int = 0
    free: int | None = None
    faults: tuple[tuple[str | None, str], ...] = ()
