"""What the questions give: plain frozen values. Instants are aware and UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from newsbot.items import Access, Archived, Image

MARK_ON, MARK_OFF = "\x02", "\x03"
"""What stands around a found word in a snippet; no stored text holds them."""

_Row = TypeVar("_Row")


class Rows(list[_Row]):
    """A page of rows, in order. `next` is where the following page begins, for `Filters.after`; None on the last."""

    def __init__(self, rows: Iterable[_Row] = (), after: str | None = None) -> None:
        super().__init__(rows)
        self.next = after


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story without its text. `dated` is what it is sorted by; `cluster_size` counts it and its copies; `thread` is
    that of a rolling story; `gone`: since when its page is no longer there."""

    id: int
    site: str
    url: str
    title: str
    standfirst: str | None
    authors: tuple[str, ...]
    section: str | None
    tags: tuple[str, ...]
    language: str | None
    published: datetime | None
    published_offset: int | None
    day_only: bool
    dated: datetime
    first_seen: datetime
    version: int
    word_count: int
    access: Access
    cluster: int | None
    cluster_size: int
    thread: int | None
    gone: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(StoryRow):
    """A story that was found, with the passage: what was searched for stands between MARK_ON and MARK_OFF."""

    snippet: str


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A block that a text does not hold: `kind` is a RemovedKind's value, or a Role's for one set apart."""

    position: int
    kind: str
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """A text that a story had before, `seen` first then."""

    number: int
    seen: datetime
    title: str
    text: str
    removed: tuple[TakenOut, ...]
    apart: tuple[TakenOut, ...]
    archived: Archived | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a story."""

    url: str
    first_seen: datetime
    last_fetched: datetime


@dataclass(frozen=True, slots=True)
class Relative:
    """Another story of the same cluster, or of the same thread."""

    id: int
    site: str
    url: str
    title: str
    published: datetime | None
    dated: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFull(StoryRow):
    """A story with all that is kept of it; `versions` are the superseded ones from the oldest on. `copies` has the
    others of its cluster, `states` those of its thread that are no copies: earlier and later states of a rolling story,
    under other addresses. Both earliest first. `archived`: where the page of this text lies as fetched; `made_by` names
    what made the text of it (see `newsbot.recipe`)."""

    fetched_url: str
    text: str
    modified: datetime | None
    modified_offset: int | None
    last_seen: datetime
    version_seen: datetime
    image: Image | None
    addresses: tuple[Address, ...]
    versions: tuple[Version, ...]
    removed: tuple[TakenOut, ...]
    apart: tuple[TakenOut, ...]
    copies: tuple[Relative, ...]
    states: tuple[Relative, ...]
    archived: Archived | None = None
    made_by: str | None = None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site, how many stories it has, and how its last visit went (None: no visit yet, or it is at work)."""

    key: str
    name: str
    home: str
    language: str | None
    state: str
    last_ok: datetime | None
    stories: int
    last_visit: datetime | None
    last_outcome: str | None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """When a site is to be visited next, None for now, and why; its last visit (None: there was none), and how that
    went (None: it is at work)."""

    site: str
    next_due: datetime | None
    why: str | None
    last_visit: datetime | None
    last_outcome: str | None


class RunKind(StrEnum):
    """What a run did. How a site is, and when it is due, is told by its crawls alone."""

    CRAWL = "crawl"
    INGEST = "ingest"  # read an archive
    BACKFILL = "backfill"  # fetched some of a site's older stories


@dataclass(frozen=True, slots=True)
class RunSite:
    """A site's part in a run."""

    site: str
    started: datetime
    finished: datetime | None
    outcome: str | None
    counts: Mapping[str, int]
    bytes: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, with its sites in the order of their keys."""

    id: int
    started: datetime
    finished: datetime | None
    outcome: str | None
    pid: int
    sites: tuple[RunSite, ...] = field(default=())
    kind: RunKind = RunKind.CRAWL


@dataclass(frozen=True, slots=True)
class SiteBlock:
    """A block that several stories of a site had; `learned`: since when it is taken for the site's own; `kind`: what it
    was last removed for; `pinned`: whether a person says that it is ("drop"), or is not ("keep")."""

    key: str
    stories: int
    sample: str
    kind: str | None
    pinned: str | None
    learned: datetime | None
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class SitePlace:
    """A place in a site's markup, and how many of its later stories had their bodies there."""

    place: str
    stories: int
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """What `taught` different stories of a site have taught: the blocks that are its own, then those that may become
    so, each by how many stories had them; the places, most stories first."""

    site: str
    taught: int
    blocks: tuple[SiteBlock, ...]
    places: tuple[SitePlace, ...]


EXPORT_FIELDS = (
    "url", "canonical_url", "site", "title", "standfirst", "authors", "published", "modified", "first_seen", "language",
    "section", "tags", "access", "text", "copies", "cluster",
)  # fmt: skip


class HasBlocks(Protocol):
    """A text and what was taken out of it: a StoryFull or a Version."""

    @property
    def text(self) -> str: ...
    @property
    def removed(self) -> tuple[TakenOut, ...]: ...
    @property
    def apart(self) -> tuple[TakenOut, ...]: ...


def in_place(story: HasBlocks) -> list[str | TakenOut]:
    """The paragraphs of the text, and what was taken out of the page, each back in its place."""
    kept = iter(story.text.split("\n\n") if story.text else ())
    blocks: list[str | TakenOut] = []
    for out in sorted((*story.removed, *story.apart), key=lambda out: out.position):
        while len(blocks) < out.position and (paragraph := next(kept, None)) is not None:
            blocks.append(paragraph)
        blocks.append(out)
    return [*blocks, *kept]


def whole(story: HasBlocks) -> list[tuple[str, str | None]]:
    """All blocks of the page, back in their places: each text, and the kind of one that was taken out, else None."""
    return [(each, None) if isinstance(each, str) else (each.text, each.kind) for each in in_place(story)]
