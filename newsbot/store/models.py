"""The tables. Their names and columns are a contract with those who query them; migrations/ says how they came to be.

Instants are UTC, text is Unicode NFC without control characters. `story.dated` is what stories are sorted by:
`published` where the page says it, else `first_seen`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ud800-\udfff]")


def fit(text: str) -> str:
    """The text as the database holds it: NFC, without control characters (tab and line ends stay); a lone surrogate,
    which no UTF-8 can carry, becomes U+FFFD."""
    if _UNFIT.search(text):
        text = _UNFIT.sub(lambda match: "\ufffd" if match[0] >= "\ud800" else "", text)
    return unicodedata.normalize("NFC", text)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC and given back as UTC; SQLite, which knows no zones, holds it as UTC text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ValueError for a naive datetime: which instant it means, nobody knows."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"naive datetime {value.isoformat()}: the store takes aware ones only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give aware UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text, made fit on its way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make it fit."""
        return None if value is None else fit(value)


Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite's INTEGER has 64 bits, and only it can be a rowid


class Base(DeclarativeBase):
    """What all tables share: names of constraints that a later migration can rely on, and the columns' types."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Prose, datetime: Instant, int: Number, bool: Boolean}  # noqa: RUF012 - SQLAlchemy's own


class Site(Base):
    """A source: its key, and how its last visit went (`state` is the outcome's name, `new` before the first). `taught`
    counts the different stories that `site_block` and `site_place` were learned from. `next_due` is when it is to be
    visited next, NULL for now, `due_why` the reason in words (see `newsbot.schedule`)."""

    __tablename__ = "site"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    home: Mapped[str]
    language: Mapped[str | None]
    last_ok: Mapped[datetime | None]
    state: Mapped[str]
    taught: Mapped[int] = mapped_column(server_default="0")
    next_due: Mapped[datetime | None]
    due_why: Mapped[str | None]


class Cluster(Base):
    """Copies of one story: `head` is the earliest, `size` counts all with the head."""

    __tablename__ = "cluster"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Stories point at clusters and clusters at stories: one of the two constraints has to come after the tables.
    head: Mapped[int] = mapped_column(ForeignKey("story.id", use_alter=True), index=True)
    size: Mapped[int]


_TO_LOOK = text("next_look IS NOT NULL")
_IN_THREAD = text("thread IS NOT NULL")
_ARCHIVED = text("archive_file IS NOT NULL")


class Story(Base):
    """A story as it stands now. `version_seen` is when this version's text was first seen; `fingerprint` the version
    of the algorithms that made its keys; offsets are minutes east of UTC as the page said them.

    `cluster` has its copies; `thread`, named after one of them, all stories that are states of one rolling story, and
    their copies. `next_look`: when its page is due to be looked at again, NULL for never; `gone`: since when the page
    says that it is no longer there. `changed` numbers changes in the order in which they were committed (see
    `newsbot.store.marks`). `etag` and `last_modified` are those of the answer that `fetched_url` gave last.

    `archive_file` and `archive_offset`: where the page that this text was read from lies as fetched (see
    `newsbot.items.Archived`), NULL where it was not kept. `made_by` names what made the text of it (see
    `newsbot.recipe`), NULL for a newsbot that did not say."""

    __tablename__ = "story"
    __table_args__ = (
        Index(None, "site", "dated"),
        Index(None, "site", "made_by"),
        Index(None, "dated", "id"),
        Index(None, "changed", "id"),
        Index("ix_story_next_look", "site", "next_look", sqlite_where=_TO_LOOK, postgresql_where=_TO_LOOK),
        Index("ix_story_thread", "thread", sqlite_where=_IN_THREAD, postgresql_where=_IN_THREAD),
        Index("ix_story_archive_file", "archive_file", sqlite_where=_ARCHIVED, postgresql_where=_ARCHIVED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(unique=True)
    fetched_url: Mapped[str]
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    title: Mapped[str]
    standfirst: Mapped[str | None]
    authors: Mapped[list[str]] = mapped_column(Document)
    section: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(Document)
    language: Mapped[str | None]
    published: Mapped[datetime | None]
    published_offset: Mapped[int | None]
    modified: Mapped[datetime | None]
    modified_offset: Mapped[int | None]
    day_only: Mapped[bool]
    dated: Mapped[datetime]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    version: Mapped[int]
    version_seen: Mapped[datetime]
    image: Mapped[dict[str, Any] | None] = mapped_column(Document)
    word_count: Mapped[int]
    access: Mapped[str]
    cluster: Mapped[int | None] = mapped_column(ForeignKey("cluster.id", ondelete="SET NULL"), index=True)
    text_key: Mapped[str] = mapped_column(index=True)
    fingerprint: Mapped[int] = mapped_column(index=True)
    text: Mapped[str]
    thread: Mapped[int | None]
    next_look: Mapped[datetime | None]
    gone: Mapped[datetime | None]
    changed: Mapped[int] = mapped_column(server_default="0")
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    archive_file: Mapped[str | None]
    archive_offset: Mapped[int | None]
    made_by: Mapped[str | None]


class StoryVersion(Base):
    """A text that a story had before; the current one is in `story`. `seen` is when it was first seen; its page lies in
    the archive as the current one's does."""

    __tablename__ = "story_version"
    __table_args__ = (
        Index("ix_story_version_archive_file", "archive_file", sqlite_where=_ARCHIVED, postgresql_where=_ARCHIVED),
    )

    story: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    seen: Mapped[datetime]
    title: Mapped[str]
    text: Mapped[str]
    archive_file: Mapped[str | None]
    archive_offset: Mapped[int | None]


class RemovedBlock(Base):
    """A block that a version's text does not hold: `position` counts all blocks of the page from 0. `kind` is a
    RemovedKind, or a Role where the block was set `apart`."""

    __tablename__ = "removed_block"

    story: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    apart: Mapped[bool]
    kind: Mapped[str]
    why: Mapped[str]
    text: Mapped[str]


class Address(Base):
    """An address that was handled: a story's, or (story NULL) that of a page which `verdict` says is none."""

    __tablename__ = "address"

    url_key: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    site: Mapped[str] = mapped_column(ForeignKey("site.key"), index=True)
    story: Mapped[int | None] = mapped_column(ForeignKey("story.id", ondelete="SET NULL"), index=True)
    verdict: Mapped[str]
    first_seen: Mapped[datetime]
    last_fetched: Mapped[datetime]


class LikenessKey(Base):
    """The near-duplicate index: stories that share two keys are worth comparing.

    `story` is no foreign key, and has no index: both would cost more than the keys themselves. Who deletes a story
    deletes its keys, which its text gives; one that is left behind leads nowhere."""

    __tablename__ = "likeness_key"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own

    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    story: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


_LEARNED = text("learned IS NOT NULL")


class SiteBlock(Base):
    """A block that stories of a site had: `key` is its fingerprint, `stories` how many different ones had it. `loose`,
    `removed` and `vetoes` say in how many of them it stood where a text reads on without it, was removed on other
    evidence (last as `kind`), or said something of that story alone. `before`: how many stories the site had taught
    when it was first seen. `holders`: stories whose text holds it (0: and others). `learned`: since when it is the
    site's, `pinned` ("drop", "keep"): what a person says. `sample` is empty while one story alone has it."""

    __tablename__ = "site_block"
    __table_args__ = (
        # Profiles are read in every crawl: few blocks are learned of all that were seen.
        Index("ix_site_block_learned", "site", sqlite_where=_LEARNED, postgresql_where=_LEARNED),
        {"sqlite_with_rowid": False},
    )

    site: Mapped[str] = mapped_column(ForeignKey("site.key", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    stories: Mapped[int]
    loose: Mapped[int]
    removed: Mapped[int]
    vetoes: Mapped[int]
    before: Mapped[int]
    holders: Mapped[list[int]] = mapped_column(Document)
    sample: Mapped[str]
    kind: Mapped[str | None]
    pinned: Mapped[str | None]
    learned: Mapped[datetime | None]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]


class SitePlace(Base):
    """A place in a site's markup that held the bodies of so many of its stories; counts fade as others come."""

    __tablename__ = "site_place"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own

    site: Mapped[str] = mapped_column(ForeignKey("site.key", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    stories: Mapped[int]
    last_seen: Mapped[datetime]


class Run(Base):
    """A crawl, or what `kind` says: "ingest" for the reading of an archive, "backfill" for some older
    stories of a site. One that is at work has no `finished`."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    started: Mapped[datetime]
    finished: Mapped[datetime | None]
    outcome: Mapped[str | None]
    pid: Mapped[int]
    kind: Mapped[str] = mapped_column(server_default="crawl")


class RunSite(Base):
    """A site's part in a crawl: `counts` by name, `bytes` received."""

    __tablename__ = "run_site"
    __table_args__ = (Index(None, "site", "run"),)

    run: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"), primary_key=True)
    started: Mapped[datetime]
    finished: Mapped[datetime | None]
    outcome: Mapped[str | None]
    counts: Mapped[dict[str, int]] = mapped_column(Document)
    bytes: Mapped[int]


class Source(Base):
    """A feed, sitemap or page of links as it was last seen: the columns of `newsbot.sources.SourceState`."""

    __tablename__ = "source_state"

    site: Mapped[str] = mapped_column(ForeignKey("site.key", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    parent: Mapped[str | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    digest: Mapped[str]
    rules: Mapped[str]
    first_seen: Mapped[datetime]
    asked: Mapped[datetime | None]
    changed: Mapped[datetime | None]
    whole_due: Mapped[datetime | None]
    failures: Mapped[int]
    distrusted: Mapped[bool]
    listed: Mapped[int | None]
    reaches_back: Mapped[datetime | None]


class Host(Base):
    """What a host, as `https://paper.example`, has asked of crawlers: not to come before `paused_until`; `robots` is
    its robots.txt, empty where it has none, as it was at `robots_seen`."""

    __tablename__ = "host"

    origin: Mapped[str] = mapped_column(primary_key=True)
    paused_until: Mapped[datetime | None]
    robots: Mapped[str | None]
    robots_seen: Mapped[datetime | None]


class Ingested(Base):
    """An archive that was read, or is being read: `digest` is that of how it begins, whatever its name; `records`: so
    many of its records are done with; `run` reads it, or did last; `finished`: when it was through."""

    __tablename__ = "ingested"

    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    size: Mapped[int | None]
    records: Mapped[int]
    run: Mapped[int]
    finished: Mapped[datetime | None]


class ArchivePage(Base):
    """A page of a site's archive, of a day or a month, that a backfill is done with: whatever it lists was fetched, or
    is not asked for by the `rules` of the site's file, of which this is the digest."""

    __tablename__ = "archive_page"

    site: Mapped[str] = mapped_column(ForeignKey("site.key"), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    rules: Mapped[str]
    done: Mapped[datetime]


_OPEN = text("until IS NULL")


class Incident(Base):
    """Something that is wrong with a site, or (site NULL) with the whole installation: `kind` names what, `level` is
    "warning" or "critical". `since`: from when on, by the evidence; `seen` and `last_seen`: when it was first and last
    found; `clear_since`: when it was first no longer found, while it may come back; `until`: when it was over, NULL
    while it lasts. `told` and `told_over` are the ways by which its beginning and its end were notified. `site` is no
    foreign key: a site that was never visited has no row, and may be in trouble."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_open", "kind", "site", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    site: Mapped[str | None]
    level: Mapped[str]
    since: Mapped[datetime]
    seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    clear_since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    evidence: Mapped[str]
    advice: Mapped[str]
    told: Mapped[list[str] | None] = mapped_column(Document)
    told_over: Mapped[list[str] | None] = mapped_column(Document)


class SiteLease(Base):
    """That a crawl has a site for itself, until then by the database's clock: see `newsbot.store.leases`. `token` is
    the crawl's own secret, `holder` says to people who it is. No foreign key: a site may never have been visited."""

    __tablename__ = "site_lease"

    site: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(index=True)
    holder: Mapped[str]
    taken: Mapped[datetime]
    until: Mapped[datetime]


class HostTurn(Base):
    """Whose turn it is at a host, over all machines: the crawl with this `token`, for as long as it has its lease;
    `next` is when the next turn may begin, by the database's clock."""

    __tablename__ = "host_turn"

    origin: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str | None] = mapped_column(index=True)
    next: Mapped[datetime]


class Worker(Base):
    """A worker at work, by the number that it has given itself; one that ends takes its row along. `seen`: when it was
    last heard, by the database's clock; `slots`: how many jobs it takes at once."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    slots: Mapped[int]
    started: Mapped[datetime]
    seen: Mapped[datetime]


class PushedSite(Base):
    """A site that workers crawl: the text of its file, whether it is enabled, and who pushed it when."""

    __tablename__ = "pushed_site"

    key: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    enabled: Mapped[bool]
    pushed: Mapped[datetime]
    pushed_by: Mapped[str]


class PushedSetting(Base):
    """A setting that is the same for all workers, as a variable of the environment would have it."""

    __tablename__ = "pushed_setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ExportMark(Base):
    """How far the exports of a name have come: `upto` is the last change (see `story.changed`) that they hold, -1
    before the first; `target` that of the one at work or broken off; `moved`: when the last one was finished."""

    __tablename__ = "export_mark"

    name: Mapped[str] = mapped_column(primary_key=True)
    upto: Mapped[int]
    target: Mapped[int]
    moved: Mapped[datetime | None]


def tables(*models: type[Base]) -> tuple[Table, ...]:
    """The tables of some models, for statements that are written on tables."""
    return tuple(cast(Table, model.__table__) for model in models)
