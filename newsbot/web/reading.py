"""A story made ready to be read: what was taken out in its place, versions and copies compared, what is known of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from urllib.parse import urlsplit

from newsbot.fingerprint import likeness
from newsbot.items import Role
from newsbot.revision import Edit, Passage, word_diff
from newsbot.store import MARK_OFF, MARK_ON, StoryFull, TakenOut, in_place
from newsbot.web.plots import spread

MOST_COMPARED = 50
"""Copies, and versions, of a story that are compared; some milliseconds each."""

_MARKS = re.compile(f"[{MARK_ON}{MARK_OFF}]")
_PARAGRAPHS = re.compile(r"\n{2,}")
_ROLES = frozenset(map(str, Role))


def link(url: str | None) -> str | None:
    """The address, if a browser may be sent there: one of http. `javascript:` and its like are only shown."""
    try:
        parts = urlsplit(url or "")
        fit = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fit = False
    return url if fit else None


def marked(snippet: str) -> list[tuple[str, bool]]:
    """The pieces of a passage, and whether each was searched for."""
    return [(piece, place % 2 == 1) for place, piece in enumerate(_MARKS.split(snippet)) if piece]


# -- the text ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the story, or what was taken out at that place: then with its `kind` and the reason. What was set
    `apart` is no rubbish: a caption, a title."""

    text: str
    kind: str = ""
    why: str = ""
    apart: bool = False


def blocks(story: StoryFull) -> list[Block]:
    """All of the page in its order."""
    return [
        Block(each.text, each.kind, each.why, each.kind in _ROLES) if isinstance(each, TakenOut) else Block(each)
        for each in in_place(story)
    ]


Line = list[tuple[str, str]]
"""A paragraph of a comparison: what became of each piece ("same", "out", "in"), and its text."""


def paragraphs(passages: Iterable[Passage]) -> list[Line]:
    """A comparison, paragraph by paragraph."""
    lines: list[Line] = [[]]
    for passage in passages:
        for place, piece in enumerate(_PARAGRAPHS.split(passage.text)):
            if place:
                lines.append([])
            if piece:
                lines[-1].append((passage.edit.value, piece))
    return [line for line in lines if line]


# -- versions ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edition:
    """A version of a story: its number, when it was first seen, and how many words came and went with it."""

    number: int
    seen: datetime
    title: str
    text: str
    came: int = 0
    went: int = 0


def editions(story: StoryFull) -> list[Edition]:
    """All versions, the oldest first. The words are counted of the last MOST_COMPARED."""
    made = [Edition(version.number, version.seen, version.title, version.text) for version in story.versions]
    made.append(Edition(story.version, story.version_seen, story.title, story.text))
    counted = made[:1]
    for before, after in pairwise(made):
        passages = word_diff(before.text, after.text) if len(made) - len(counted) <= MOST_COMPARED else []
        came, went = (sum(p.words for p in passages if p.edit is edit) for edit in (Edit.IN, Edit.OUT))
        counted.append(Edition(after.number, after.seen, after.title, after.text, came, went))
    return counted


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one text has become in another: the lines of title and text."""

    title: list[Line]
    text: list[Line]

    @property
    def is_same(self) -> bool:
        """Whether nothing has changed."""
        return all(edit == Edit.SAME.value for lines in (self.title, self.text) for line in lines for edit, _ in line)


def compared(before: tuple[str, str], after: tuple[str, str]) -> Comparison:
    """Two titles and texts."""
    return Comparison(paragraphs(word_diff(before[0], after[0])), paragraphs(word_diff(before[1], after[1])))


# -- copies ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Copy:
    """A story of the same cluster: how much of the shorter text the two share (None for the story itself, and where it
    was not compared), the longest run of words in common, how much later it came than the first, and where it stands on
    the line from the first to the last, from 0 to 100."""

    id: int
    site: str
    title: str
    dated: datetime
    shared: float | None
    run: int
    later: str
    place: float


def copies(story: StoryFull) -> list[Copy]:
    """The story with its copies, the earliest first; MOST_COMPARED of them are compared with it."""
    found: list[tuple[datetime, int, str, str, str | None]] = []
    found.append((story.dated, story.id, story.site, story.title, None))
    found += [(each.dated, each.id, each.site, each.title, each.text) for each in story.copies]
    found.sort(key=lambda each: each[:2])
    places = spread([dated for dated, *_ in found])
    made: list[Copy] = []
    for place, (dated, number, site, title, text) in zip(places, found, strict=True):
        alike = likeness(story.text, text) if text is not None and len(made) <= MOST_COMPARED else None
        shared, run = (alike.containment, alike.longest_run) if alike else (None, 0)
        made.append(Copy(number, site, title, dated, shared, run, span(dated - found[0][0]), place))
    return made


def span(later: timedelta) -> str:
    """A time between two stories, for people; empty for none."""
    minutes = round(later.total_seconds() / 60)
    if minutes < 1:
        return ""
    if minutes < 120:
        return f"{minutes} min later"
    return f"{minutes / 60:.0f} h later" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days later"


# -- what is known of it -----------------------------------------------------------------------------------------------


PAGE, WORKED_OUT, SEEN = "The page says", "newsbot worked out", "newsbot saw"
"""From where something is known."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of a story, and from where: `origin` is one of the three, `note` says more where there is
    more to say; `url`: the value is an address to go to."""

    name: str
    value: str
    origin: str
    note: str = ""
    url: str | None = None


def facts(story: StoryFull) -> list[Fact]:
    """What is known, by origin: the database keeps what a page said, and not the tag in which it did."""
    said = _said(story.published, story.published_offset, story.day_only)
    found = [
        Fact("Published", said or "not said", PAGE, "" if said else "dated by when it was first seen"),
        Fact("Modified", _said(story.modified, story.modified_offset, False), PAGE),
        Fact("Authors", ", ".join(story.authors), PAGE),
        Fact("Section", story.section or "", PAGE),
        Fact("Tags", ", ".join(story.tags), PAGE),
        Fact("Language", story.language or "", PAGE, "or else its site's file"),
        Fact("Canonical address", story.url, PAGE, "and its text agrees", link(story.url)),
    ]
    if story.image:
        found.append(Fact("Picture", story.image.url, PAGE, url=link(story.image.url)))
        found.append(Fact("Caption", story.image.caption or "", PAGE))
        found.append(Fact("Credit", story.image.credit or "", PAGE))
    found += [
        Fact("Words", f"{story.word_count:,}", WORKED_OUT),
        Fact("Access", str(story.access), WORKED_OUT, "from what the page says, and whether a wall stands in it"),
        Fact("Made by", story.made_by or "", WORKED_OUT),
    ]
    found += [
        Fact("Fetched as" if each.url == story.fetched_url else "Also at", each.url, SEEN,
             f"first on {moment(each.first_seen)}", link(each.url))
        for each in story.addresses
        if each.url != story.url
    ]  # fmt: skip
    found += [
        Fact("First seen", moment(story.first_seen), SEEN),
        Fact("Last seen", moment(story.last_seen), SEEN),
        Fact("This text seen", moment(story.version_seen) if story.version > 1 else "", SEEN),
        Fact("Gone since", moment(story.gone) if story.gone else "", SEEN, "its address says that there is no page"),
    ]
    if story.archived:
        found.append(Fact("Kept as fetched", f"{story.archived.file}, byte {story.archived.offset:,}", SEEN))
    return [fact for fact in found if fact.value]


def moment(instant: datetime) -> str:
    """An instant for people: UTC, to the minute."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _said(instant: datetime | None, offset: int | None, day_only: bool) -> str:
    """An instant as its page said it, in its own offset."""
    if instant is None:
        return ""
    if day_only:
        return f"{instant:%Y-%m-%d} (a day, no time)"
    if offset is None:
        return f"{moment(instant)} (no offset said)"
    local = instant.astimezone(timezone(timedelta(minutes=offset)))
    return f"{local:%Y-%m-%d %H:%M} {local:%z}"


def dated(published: datetime | None, day_only: bool, first_seen: datetime) -> str:
    """The date of a story in a list; where its page does not say, when it was first seen, marked by a tilde."""
    if published is None:
        return f"~{first_seen:%Y-%m-%d %H:%M}"
    return f"{published:%Y-%m-%d}" if day_only else f"{published:%Y-%m-%d %H:%M}"
