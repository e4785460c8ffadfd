"""The stories of an invented paper, read from its data file, as each edition has them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from importlib.resources import files
from typing import Any, Literal, NamedTuple

KEYS = ("harbour-courier.example", "lantern-post.example")


class Kind(StrEnum):
    """What a piece of a story's body is."""

    PARAGRAPH = "p"
    HEADING = "h2"
    QUOTE = "blockquote"
    ITEM = "li"
    BOX = "box"  # not the story: a promotion, an advertisement, a list of links


class Piece(NamedTuple):
    """A block of a body. Its text may hold [links](address) and *stress*; that of a box is the box's name."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What the second edition changes in a story: words put right wherever they stand, and a paragraph at the end."""

    wrong: str
    right: str
    add: str


@dataclass(frozen=True, slots=True)
class Times:
    """When the server started and, once the second edition is out, when that came out. Aware, whole seconds."""

    started: datetime
    changed: datetime | None = None

    def published(self, story: Story) -> datetime:
        """When the story came out."""
        if story.edition == 1:
            return self.started - timedelta(minutes=story.age)
        assert self.changed is not None, "a story of the second edition, in the first"
        return self.changed

    def modified(self, story: Story) -> datetime:
        """When the story took the text that it has."""
        if story.revised:
            assert self.changed is not None, "a revised story, in the first edition"
            return self.changed
        return self.published(story)


@dataclass(frozen=True, slots=True)
class Story:
    """A story. `age` is minutes between publication and the server's start, `edition` the first that has the story.

    `revised` is true of the text that a revision made; `copy_of` is the address at which the same text came out first.
    """

    path: str
    section: str
    title: str
    standfirst: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    age: int
    body: tuple[Piece, ...]
    edition: int = 1
    agency: bool = False
    amp: bool = False
    rss: Literal["plain", "utm", "amp"] = "plain"
    paywalled: bool = False
    caption: str = ""
    credit: str = ""
    related: tuple[str, ...] = ()
    copy_of: str | None = None
    revision: Revision | None = None
    revised: bool = False

    def revise(self) -> Story:
        """The story as the second edition has it."""
        change = self.revision
        if change is None:
            return self
        body = tuple(piece._replace(text=piece.text.replace(change.wrong, change.right)) for piece in self.body)
        return replace(
            self,
            title=self.title.replace(change.wrong, change.right),
            standfirst=self.standfirst.replace(change.wrong, change.right),
            body=(*body, Piece(Kind.PARAGRAPH, change.add)),
            revised=True,
        )


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: where its feeds and sitemaps answer (empty: it has none), what its sidebar says in each edition."""

    key: str
    name: str
    host: str
    language: str
    zone: tzinfo
    sections: tuple[str, ...]
    every_story: tuple[Story, ...]
    live: tuple[tuple[str, ...], ...] = ()
    atom: str = ""
    rss: str = ""
    sitemap: str = ""
    news_sitemap: str = ""
    tracking: str = ""

    def url(self, path: str) -> str:
        """The full address of a path."""
        return f"http://{self.host}{path}"

    def stories(self, edition: int) -> tuple[Story, ...]:
        """The stories that edition 1 or 2 holds, as it holds them, the newest first."""
        out = [story if edition == 1 else story.revise() for story in self.every_story if story.edition <= edition]
        return tuple(sorted(out, key=lambda story: (-story.edition, story.age)))


def load_papers() -> tuple[Paper, ...]:
    """Both papers, read from the package's data files."""
    return tuple(_paper(key) for key in KEYS)


def data_text(*path: str) -> str:
    """The text of a data file of this package."""
    return files(__package__).joinpath(*path).read_text("utf-8")


def _paper(key: str) -> Paper:
    data = tomllib.loads(data_text("papers", f"{key}.toml"))
    stories = tuple(_story(entry) for entry in data.pop("story"))
    zone = datetime.strptime(data.pop("utc_offset"), "%z").tzinfo
    assert zone is not None
    return Paper(key=key, zone=zone, every_story=stories, **{name: _frozen(value) for name, value in data.items()})


def _story(entry: dict[str, Any]) -> Story:
    body = tuple(_pieces(entry.pop("body")))
    revision = entry.pop("revision", None)
    return Story(
        body=body,
        revision=Revision(**revision) if revision else None,
        **{name: _frozen(value) for name, value in entry.items()},
    )


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _pieces(text: str) -> Iterator[Piece]:
    for block in text.strip().split("\n\n"):
        if block.startswith("{") and block.endswith("}"):
            yield Piece(Kind.BOX, block[1:-1])
        elif block.startswith("## "):
            yield Piece(Kind.HEADING, block[3:])
        elif block.startswith("> "):
            yield Piece(Kind.QUOTE, block[2:])
        elif block.startswith("- "):
            yield from (Piece(Kind.ITEM, line.removeprefix("- ")) for line in block.splitlines())
        else:
            yield Piece(Kind.PARAGRAPH, block)
