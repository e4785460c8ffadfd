"""The tables. Their names and columns are a contract with those who query them; migrations/ says how they came to be.

Instants are UTC, text is Unicode NFC without control characters. `story.dated` is what stories are sorted by:
`published` where the page says it, else `first_seen`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
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


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables. Constraints have names that a later migration can rely on."""


# A source: its key, and how its last visit went (`state` is the outcome's name, `new` before the first). `taught`
# counts the different stories that `site_block` and `site_place` were learned from. `next_due` is when it is to be
# visited next, NULL for now, `due_why` the reason in words (see `newsbot.schedule`).
site = Table(
    "site",
    metadata,
    Column("key", Prose, primary_key=True),
    Column("name", Prose, nullable=False),
    Column("home", Prose, nullable=False),
    Column("language", Prose),
    Column("last_ok", Instant),
    Column("state", Prose, nullable=False),
    Column("taught", Number, nullable=False, server_default="0"),
    Column("next_due", Instant),
    Column("due_why", Prose),
)


# Copies of one story: `head` is the earliest, `size` counts all with the head.
cluster = Table(
    "cluster",
    metadata,
    Column("id", Number, primary_key=True),
    # Stories point at clusters and clusters at stories: one of the two constraints has to come after the tables.
    Column("head", Number, ForeignKey("story.id", use_alter=True), nullable=False, index=True),
    Column("size", Number, nullable=False),
)


_TO_LOOK = text("next_look IS NOT NULL")
_IN_THREAD = text("thread IS NOT NULL")
_ARCHIVED = text("archive_file IS NOT NULL")


# A story as it stands now. `version_seen` is when this version's text was first seen; `fingerprint` the version of the
# algorithms that made its keys; offsets are minutes east of UTC as the page said them.
#
# `cluster` has its copies; `thread`, named after one of them, all stories that are states of one rolling story, and
# their copies. `next_look`: when its page is due to be looked at again, NULL for never; `gone`: since when the page
# says that it is no longer there. `changed` numbers changes in the order in which they were committed (see
# `newsbot.store.marks`). `etag` and `last_modified` are those of the answer that `fetched_url` gave last.
#
# `archive_file` and `archive_offset`: where the page that this text was read from lies as fetched (see
# `newsbot.items.Archived`), NULL where it was not kept. `made_by` names what made the text of it (see
# `newsbot.recipe`), NULL for a newsbot that did not say.
story = Table(
    "story",
    metadata,
    Column("id", Number, primary_key=True),
    Column("url", Prose, nullable=False),
    Column("url_key", Prose, nullable=False, unique=True),
    Column("fetched_url", Prose, nullable=False),
    Column("site", Prose, ForeignKey("site.key"), nullable=False),
    Column("title", Prose, nullable=False),
    Column("standfirst", Prose),
    Column("authors", Document, nullable=False),
    Column("section", Prose),
    Column("tags", Document, nullable=False),
    Column("language", Prose),
    Column("published", Instant),
    Column("published_offset", Number),
    Column("modified", Instant),
    Column("modified_offset", Number),
    Column("day_only", Boolean, nullable=False),
    Column("dated", Instant, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("version", Number, nullable=False),
    Column("version_seen", Instant, nullable=False),
    Column("image", Document),
    Column("word_count", Number, nullable=False),
    Column("access", Prose, nullable=False),
    Column("cluster", Number, ForeignKey("cluster.id", ondelete="SET NULL"), index=True),
    Column("text_key", Prose, nullable=False, index=True),
    Column("fingerprint", Number, nullable=False, index=True),
    Column("text", Prose, nullable=False),
    Column("thread", Number),
    Column("next_look", Instant),
    Column("gone", Instant),
    Column("changed", Number, nullable=False, server_default="0"),
    Column("etag", Prose),
    Column("last_modified", Prose),
    Column("archive_file", Prose),
    Column("archive_offset", Number),
    Column("made_by", Prose),
    Index(None, "site", "dated"),
    Index(None, "site", "made_by"),
    Index(None, "dated", "id"),
    Index(None, "changed", "id"),
    Index("ix_story_next_look", "site", "next_look", sqlite_where=_TO_LOOK, postgresql_where=_TO_LOOK),
    Index("ix_story_thread", "thread", sqlite_where=_IN_THREAD, postgresql_where=_IN_THREAD),
    Index("ix_story_archive_file", "archive_file", sqlite_where=_ARCHIVED, postgresql_where=_ARCHIVED),
)


# A text that a story had before; the current one is in `story`. `seen` is when it was first seen; its page lies in the
# archive as the current one's does.
story_version = Table(
    "story_version",
    metadata,
    Column("story", Number, ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Number, primary_key=True),
    Column("seen", Instant, nullable=False),
    Column("title", Prose, nullable=False),
    Column("text", Prose, nullable=False),
    Column("archive_file", Prose),
    Column("archive_offset", Number),
    Index("ix_story_version_archive_file", "archive_file", sqlite_where=_ARCHIVED, postgresql_where=_ARCHIVED),
)


# A block that a version's text does not hold: `position` counts all blocks of the page from 0. `kind` is a RemovedKind,
# or a Role where the block was set `apart`.
removed_block = Table(
    "removed_block",
    metadata,
    Column("story", Number, ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Number, primary_key=True),
    Column("position", Number, primary_key=True),
    Column("apart", Boolean, nullable=False),
    Column("kind", Prose, nullable=False),
    Column("why", Prose, nullable=False),
    Column("text", Prose, nullable=False),
)


# An address that was handled: a story's, or (story NULL) that of a page which `verdict` says is none.
address = Table(
    "address",
    metadata,
    Column("url_key", Prose, primary_key=True),
    Column("url", Prose, nullable=False),
    Column("site", Prose, ForeignKey("site.key"), nullable=False, index=True),
    Column("story", Number, ForeignKey("story.id", ondelete="SET NULL"), index=True),
    Column("verdict", Prose, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_fetched", Instant, nullable=False),
)


# The near-duplicate index: stories that share two keys are worth comparing.
#
# `story` is no foreign key, and has no index: both would cost more than the keys themselves. Who deletes a story
# deletes its keys, which its text gives; one that is left behind leads nowhere.
likeness_key = Table(
    "likeness_key",
    metadata,
    Column("key", Number, primary_key=True, autoincrement=False),
    Column("story", Number, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)


_LEARNED = text("learned IS NOT NULL")


# A block that stories of a site had: `key` is its fingerprint, `stories` how many different ones had it. `loose`,
# `removed` and `vetoes` say in how many of them it stood where a text reads on without it, was removed on other
# evidence (last as `kind`), or said something of that story alone. `before`: how many stories the site had taught when
# it was first seen. `holders`: stories whose text holds it (0: and others). `learned`: since when it is the site's,
# `pinned` ("drop", "keep"): what a person says. `sample` is empty while one story alone has it.
site_block = Table(
    "site_block",
    metadata,
    Column("site", Prose, ForeignKey("site.key", ondelete="CASCADE"), primary_key=True),
    Column("key", Prose, primary_key=True),
    Column("stories", Number, nullable=False),
    Column("loose", Number, nullable=False),
    Column("removed", Number, nullable=False),
    Column("vetoes", Number, nullable=False),
    Column("before", Number, nullable=False),
    Column("holders", Document, nullable=False),
    Column("sample", Prose, nullable=False),
    Column("kind", Prose),
    Column("pinned", Prose),
    Column("learned", Instant),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    # Profiles are read in every crawl: few blocks are learned of all that were seen.
    Index("ix_site_block_learned", "site", sqlite_where=_LEARNED, postgresql_where=_LEARNED),
    sqlite_with_rowid=False,
)


# A place in a site's markup that held the bodies of so many of its stories; counts fade as others come.
site_place = Table(
    "site_place",
    metadata,
    Column("site", Prose, ForeignKey("site.key", ondelete="CASCADE"), primary_key=True),
    Column("place", Prose, primary_key=True),
    Column("stories", Number, nullable=False),
    Column("last_seen", Instant, nullable=False),
    sqlite_with_rowid=False,
)


# A crawl, or what `kind` says: "ingest" for the reading of an archive, "backfill" for some older stories of a site. One
# that is at work has no `finished`.
run = Table(
    "run",
    metadata,
    Column("id", Number, primary_key=True),
    Column("started", Instant, nullable=False),
    Column("finished", Instant),
    Column("outcome", Prose),
    Column("pid", Number, nullable=False),
    Column("kind", Prose, nullable=False, server_default="crawl"),
)


# A site's part in a crawl: `counts` by name, `bytes` received.
run_site = Table(
    "run_site",
    metadata,
    Column("run", Number, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    Column("site", Prose, ForeignKey("site.key"), primary_key=True),
    Column("started", Instant, nullable=False),
    Column("finished", Instant),
    Column("outcome", Prose),
    Column("counts", Document, nullable=False),
    Column("bytes", Number, nullable=False),
    Index(None, "site", "run"),
)


# A feed, sitemap or page of links as it was last seen: the columns of `newsbot.sources.SourceState`.
source_state = Table(
    "source_state",
    metadata,
    Column("site", Prose, ForeignKey("site.key", ondelete="CASCADE"), primary_key=True),
    Column("url", Prose, primary_key=True),
    Column("kind", Prose, nullable=False),
    Column("parent", Prose),
    Column("etag", Prose),
    Column("last_modified", Prose),
    Column("digest", Prose, nullable=False),
    Column("rules", Prose, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("asked", Instant),
    Column("changed", Instant),
    Column("whole_due", Instant),
    Column("failures", Number, nullable=False),
    Column("distrusted", Boolean, nullable=False),
    Column("listed", Number),
    Column("reaches_back", Instant),
)


# What a host, as `https://paper.example`, has asked of crawlers: not to come before `paused_until`; `robots` is its
# robots.txt, empty where it has none, as it was at `robots_seen`.
host = Table(
    "host",
    metadata,
    Column("origin", Prose, primary_key=True),
    Column("paused_until", Instant),
    Column("robots", Prose),
    Column("robots_seen", Instant),
)


# An archive that was read, or is being read: `digest` is that of how it begins, whatever its name; `records`: so many
# of its records are done with; `run` reads it, or did last; `finished`: when it was through.
ingested = Table(
    "ingested",
    metadata,
    Column("digest", Prose, primary_key=True),
    Column("name", Prose, nullable=False),
    Column("size", Number),
    Column("records", Number, nullable=False),
    Column("run", Number, nullable=False),
    Column("finished", Instant),
)


# A page of a site's archive, of a day or a month, that a backfill is done with: whatever it lists was fetched, or is
# not asked for by the `rules` of the site's file, of which this is the digest.
archive_page = Table(
    "archive_page",
    metadata,
    Column("site", Prose, ForeignKey("site.key"), primary_key=True),
    Column("url", Prose, primary_key=True),
    Column("rules", Prose, nullable=False),
    Column("done", Instant, nullable=False),
)


_OPEN = text("until IS NULL")


# Something that is wrong with a site, or (site NULL) with the whole installation: `kind` names what, `level` is
# "warning" or "critical". `since`: from when on, by the evidence; `seen` and `last_seen`: when it was first and last
# found; `clear_since`: when it was first no longer found, while it may come back; `until`: when it was over, NULL while
# it lasts. `told` and `told_over` are the ways by which its beginning and its end were notified. `site` is no foreign
# key: a site that was never visited has no row, and may be in trouble.
incident = Table(
    "incident",
    metadata,
    Column("id", Number, primary_key=True),
    Column("kind", Prose, nullable=False),
    Column("site", Prose),
    Column("level", Prose, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("clear_since", Instant),
    Column("until", Instant),
    Column("evidence", Prose, nullable=False),
    Column("advice", Prose, nullable=False),
    Column("told", Document),
    Column("told_over", Document),
    Index("ix_incident_open", "kind", "site", sqlite_where=_OPEN, postgresql_where=_OPEN),
)


# That a crawl has a site for itself, until then by the database's clock: see `newsbot.store.leases`. `token` is the
# crawl's own secret, `holder` says to people who it is. No foreign key: a site may never have been visited.
site_lease = Table(
    "site_lease",
    metadata,
    Column("site", Prose, primary_key=True),
    Column("token", Prose, nullable=False, index=True),
    Column("holder", Prose, nullable=False),
    Column("taken", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)


# Whose turn it is at a host, over all machines: the crawl with this `token`, for as long as it has its lease; `next` is
# when the next turn may begin, by the database's clock.
host_turn = Table(
    "host_turn",
    metadata,
    Column("origin", Prose, primary_key=True),
    Column("token", Prose, index=True),
    Column("next", Instant, nullable=False),
)


# A worker at work, by the number that it has given itself; one that ends takes its row along. `seen`: when it was last
# heard, by the database's clock; `slots`: how many jobs it takes at once.
worker = Table(
    "worker",
    metadata,
    Column("id", Prose, primary_key=True),
    Column("host", Prose, nullable=False),
    Column("pid", Number, nullable=False),
    Column("slots", Number, nullable=False),
    Column("started", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
)


# A site that workers crawl: the text of its file, whether it is enabled, and who pushed it when.
pushed_site = Table(
    "pushed_site",
    metadata,
    Column("key", Prose, primary_key=True),
    Column("text", Prose, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("pushed", Instant, nullable=False),
    Column("pushed_by", Prose, nullable=False),
)


# A setting that is the same for all workers, as a variable of the environment would have it.
pushed_setting = Table(
    "pushed_setting",
    metadata,
    Column("name", Prose, primary_key=True),
    Column("value", Prose, nullable=False),
)


# How far the exports of a name have come: `upto` is the last change (see `story.changed`) that they hold, -1 before the
# first; `target` that of the one at work or broken off; `moved`: when the last one was finished.
export_mark = Table(
    "export_mark",
    metadata,
    Column("name", Prose, primary_key=True),
    Column("upto", Number, nullable=False),
    Column("target", Number, nullable=False),
    Column("moved", Instant),
)
