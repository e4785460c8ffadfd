"""The write side: what a crawl tells the database. Every method is one transaction: all of it happens, or nothing.

`Store.keep` is where a story is recognised. In order:

    an address that belongs to a story, or on the same site the same words   -> that story: same, or changed
    else the story is entered; other stories with the same words, or that
    share two likeness keys and hold against the exact comparison            -> copy
    else                                                                     -> new

What the story teaches of its site is counted in the same transaction (see `newsbot.store.teaching`); what is learned
late reaches back through `Store.reclean`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import count
from types import TracebackType
from typing import Any, Self, cast

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    TextClause,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from newsbot.errors import StoreUnavailable
from newsbot.fingerprint import LONGEST_BLOCK, VERSION, block_key, is_copy, likeness, likeness_keys, text_key, url_key
from newsbot.fingerprint.text import tokens
from newsbot.items import Access, Fingerprint, Profile, RemovedKind, Story, Verdict
from newsbot.store import models, teaching
from newsbot.store.engine import name_of, open_engine, reported, writing
from newsbot.store.models import fit
from newsbot.store.queries import Reader

OK = "ok"
"""The outcome of a site's visit after which `site.last_ok` moves on."""
INTERRUPTED = "interrupted"
"""The outcome of a run whose process ended without closing it."""

SECOND_LOOK = timedelta(hours=1)  # at what held no story
WALLS = (Verdict.CONSENT, Verdict.CHALLENGE)
"""What stands before a page and may be gone next time: it says nothing of what the address holds."""

CANDIDATES = 50
"""How many stories are compared exactly with a new one, those that share most keys first."""
SHARED_KEYS = 2
"""Fewer shared likeness keys than these are chance."""

_site, _story, _version, _removed, _address, _cluster, _key, _run, _run_site = models.tables(
    models.Site,
    models.Story,
    models.StoryVersion,
    models.RemovedBlock,
    models.Address,
    models.Cluster,
    models.LikenessKey,
    models.Run,
    models.RunSite,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Outcome(StrEnum):
    """What a story turned out to be."""

    NEW = "new"
    SAME = "same"  # known, and its words are as they were
    CHANGED = "changed"  # known, with another title or text: a version more
    COPY = "copy"  # entered, and a copy of a story that stands elsewhere


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a story: `version` counts its texts from 1; `copy_of` is the head of its cluster, or, where the
    story is that head itself and has just become it, the story most like it; None where there is no other. `taught`:
    with it the site's profile has grown."""

    outcome: Outcome
    story_id: int
    version: int
    copy_of: int | None = None
    taught: bool = False


class Store:
    """A newsbot database, open: written through the methods here, asked through `read`.

    One thread may write while others read; any number of processes may share the database. Instants that go in are
    aware datetimes. Whatever the database refuses is raised as StoreUnavailable, with the cure, and leaves no trace.
    """

    def __init__(self, engine: Engine) -> None:
        self.read = Reader(engine)
        self._engine = engine
        self._writing = writing(engine)
        self._where = name_of(engine)
        self._sites: set[str] = set()
        self._statements = _Upserts(engine.dialect.name)

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Self:
        """Open the database at a SQLAlchemy URL, make it if need be and wanted, and bring its schema up to date.

        Raises StoreForeign, StoreNewer, StoreUnavailable.
        """
        return cls(open_engine(url, create=create))

    def close(self) -> None:
        """Give up all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- stories -----------------------------------------------------------------------------------------------------

    def keep(self, story: Story) -> Kept:
        """Enter a story, or recognise it: see the module. Raises ValueError for a story without an address key."""
        keys = story.fingerprint.url_keys
        if not keys:
            raise ValueError(f"{story.canonical_url}: a story needs the key of its address to be recognised by")
        with self._transaction(f"cannot keep {story.canonical_url}") as connection:
            self._ensure_site(connection, story.site)
            recognised = _recognised(connection, story)
            if recognised is None:
                kept = _enter(connection, story)
                again = kept.outcome is Outcome.COPY and teaching.is_copy_on_site(connection, kept.story_id, story.site)
                kept = replace(kept, taught=teaching.learn(connection, story, kept.story_id, counts=not again))
            else:
                known, moved = recognised
                if _says_the_same(known, story):
                    kept = _refresh(connection, known, story, moved)
                else:
                    before = teaching.keys_of(connection, known.id, known.version, known.text) if story.traces else None
                    kept = _revise(connection, known, story, moved)
                    if before is not None and known.site == story.site:
                        kept = replace(kept, taught=teaching.learn(connection, story, known.id, before))
            connection.execute(self._statements.address, _addresses(story, kept.story_id))
        self._sites.add(story.site)
        return kept

    def dismiss(self, site: str, urls: Sequence[str], verdict: Verdict, when: datetime) -> None:
        """Remember addresses that hold no story, so that they are not fetched again; a known story's address stays its
        own. One of the WALLS leaves no trace, and the next visit tries again. Raises ValueError for an address that is
        not http(s), and for the verdict `STORY`."""
        if verdict is Verdict.STORY:
            raise ValueError("the addresses of a story are kept with it, by keep()")
        rows = {
            url_key(url): {"url": url, "site": site, "story": None, "verdict": verdict.value, "seen": when}
            for url in urls
        }
        if not rows or verdict in WALLS:
            return
        with self._transaction(f"cannot remember {urls[0]}") as connection:
            self._ensure_site(connection, site)
            connection.execute(self._statements.address, [row | {"url_key": key} for key, row in rows.items()])
        self._sites.add(site)

    def known(self, site: str, now: datetime | None = None) -> dict[str, datetime]:
        """The keys of all addresses of a site that were ever handled, and when each was last fetched (UTC).

        With `now`, without the addresses that held no story and are due for another look: a page may have been empty,
        or an error page, for a while only. The first is due after an hour, then each time the span has doubled.
        """
        query = select(_address.c.url_key, _address.c.last_fetched, _address.c.first_seen, _address.c.story)
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return {
                row.url_key: row.last_fetched
                for row in connection.execute(query.where(_address.c.site == site))
                if now is None
                or row.story is not None
                or now - row.last_fetched < max(SECOND_LOOK, row.last_fetched - row.first_seen)
            }

    # -- what a site teaches -----------------------------------------------------------------------------------------

    def profile(self, site: str) -> Profile:
        """What a site has taught by now; an empty one for a site that is not known."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return teaching.profile(connection, site)

    def reclean(self, site: str, at_most: int = 20) -> tuple[int, bool]:
        """Take what has turned out to be the site's own out of the stories that still hold it, each in a transaction;
        gives how many were changed, and whether more than `at_most` were to be looked at, and some are left.

        No version is made of it. It may be broken off and called again: what is done is done once.
        """
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            if not any(teaching.learned(connection, site).values()):
                return 0, False
            found = teaching.search(connection, site)  # before the transaction: meanwhile others may write
        with self._transaction(f"cannot look through the stories of {site}") as connection:
            holders = teaching.holders(connection, site, found)
        changed = 0
        for story_id in holders[:at_most]:
            with self._transaction(f"cannot clean story {story_id} again") as connection:
                changed += _clean_again(connection, site, story_id)
                teaching.release(connection, site, story_id)
        return changed, len(holders) > at_most

    def pin(self, site: str, key: str, when: datetime) -> tuple[str, int]:
        """A person says that a block is the site's: it goes from all its stories. `key` may be the beginning of one.

        Gives the block's text and how many stories were changed. Raises QueryError where no block or several begin so.
        """
        block = self._say(site, key, teaching.PIN, when)
        changed, more = self.reclean(site)
        while more:
            further, more = self.reclean(site)
            changed += further
        return block, changed

    def unpin(self, site: str, key: str, when: datetime) -> tuple[str, int]:
        """A person says that a block is never the site's: it is put back where it had been taken for furniture. As
        `pin` otherwise."""
        block = self._say(site, key, teaching.KEEP, when)
        wanted = block_key(block)
        query = (
            select(_removed.c.story, _removed.c.text)
            .join(_story, (_story.c.id == _removed.c.story) & (_story.c.version == _removed.c.version))
            .where(_story.c.site == site, _removed.c.kind == RemovedKind.FURNITURE.value, _removed.c.apart.is_(False))
        )
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            stories = {row.story for row in connection.execute(query) if block_key(row.text) == wanted}
        for story_id in sorted(stories):
            with self._transaction(f"cannot put a block back into story {story_id}") as connection:
                _put_back(connection, story_id, wanted)
                teaching.hold(connection, site, wanted, story_id)
        return block, len(stories)

    def forget(self, site: str, key: str) -> str:
        """Forget a block, and what was said of it: it may be learned anew. Stories stay as they are. As `pin`."""
        with self._transaction(f"cannot forget a block of {site}") as connection:
            found = teaching.find(connection, site, key)
            teaching.forget(connection, site, found.key)
            return str(found.sample)

    def _say(self, site: str, key: str, said: str, when: datetime) -> str:
        with self._transaction(f"cannot pin a block of {site}") as connection:
            found = teaching.find(connection, site, key)
            teaching.pin(connection, site, found.key, said, when)
            return str(found.sample)

    # -- sites and runs ----------------------------------------------------------------------------------------------

    def touch_site(self, key: str, name: str, home: str, language: str | None) -> None:
        """Enter a site, or bring what is said of it up to date."""
        values = {"key": key, "name": name, "home": home, "language": language, "state": "new"}
        with self._transaction(f"cannot enter the site {key}") as connection:
            connection.execute(self._statements.site, values)
        self._sites.add(key)

    def start_run(self, pid: int, when: datetime) -> int:
        """Open a run of the process `pid`; gives its number."""
        with self._transaction("cannot open the record of the run") as connection:
            entered = connection.execute(insert(_run), {"pid": pid, "started": when})
        return _new_id(entered.inserted_primary_key)

    def start_site(self, run: int, site: str, when: datetime) -> None:
        """A site's visit begins."""
        with self._transaction(f"cannot record the visit to {site}") as connection:
            self._ensure_site(connection, site)
            values = {"run": run, "site": site, "started": when, "counts": {}, "bytes": 0}
            connection.execute(insert(_run_site), values)
        self._sites.add(site)

    def finish_site(
        self,
        run: int,
        site: str,
        when: datetime,
        outcome: str,
        counts: Mapping[str, int],
        bytes: int,  # noqa: A002 - the column's name
    ) -> None:
        """A site's visit has ended: `outcome` ("ok", or what was wrong) becomes the site's state too. Raises ValueError
        for a visit that was not started."""
        with self._transaction(f"cannot record the visit to {site}") as connection:
            closed = connection.execute(
                update(_run_site).where(_run_site.c.run == run, _run_site.c.site == site),
                {"finished": when, "outcome": outcome, "counts": dict(counts), "bytes": bytes},
            )
            if not closed.rowcount:
                raise ValueError(f"run {run} has not started a visit to {site}")
            values: dict[str, object] = {"state": outcome}
            if outcome == OK:
                values["last_ok"] = when
            connection.execute(update(_site).where(_site.c.key == site), values)
            teaching.expire(connection, site, when)

    def finish_run(self, run: int, when: datetime, outcome: str) -> None:
        """A run has ended. Raises ValueError for a run that is not known."""
        with self._transaction(f"cannot close the record of run {run}") as connection:
            closed = connection.execute(update(_run).where(_run.c.id == run), {"finished": when, "outcome": outcome})
            if not closed.rowcount:
                raise ValueError(f"there is no run {run}")

    def abandon_runs(self, when: datetime) -> int:
        """Close what killed crawls left open, with the outcome `interrupted`; gives the number of runs. To be called
        by who holds the crawl's lock: else it closes runs that are at work."""
        values = {"finished": when, "outcome": INTERRUPTED}
        with self._transaction("cannot close the records of interrupted runs") as connection:
            connection.execute(update(_run_site).where(_run_site.c.finished.is_(None)), values)
            return connection.execute(update(_run).where(_run.c.finished.is_(None)), values).rowcount

    # -- how ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, doing: str) -> Iterator[Connection]:
        with reported(doing, self._where), self._writing.begin() as connection:
            yield connection

    def _ensure_site(self, connection: Connection, key: str) -> None:
        """Stories may come from a site that no crawl has announced (an archive, another program)."""
        if key not in self._sites:
            connection.execute(self._statements.absent_site, {"key": key, "name": key, "home": "", "state": "new"})


class _Upserts:
    """The statements that each dialect has an insert of its own for."""

    def __init__(self, dialect: str) -> None:
        into = postgresql.insert if dialect == "postgresql" else sqlite.insert
        site = into(_site)
        self.absent_site = site.on_conflict_do_nothing()
        self.site = site.on_conflict_do_update(
            index_elements=["key"], set_={name: site.excluded[name] for name in ("name", "home", "language")}
        )
        seen = bindparam("seen", type_=_address.c.first_seen.type)
        address = into(_address).values(first_seen=seen, last_fetched=seen)
        # An address that belongs to a story keeps it, and its verdict; a page that was none may have become one.
        free = _address.c.story.is_(None)
        fetched = address.excluded.last_fetched
        self.address = address.on_conflict_do_update(
            index_elements=["url_key"],
            set_={
                "story": case((free, address.excluded.story), else_=_address.c.story),
                "verdict": case((free, address.excluded.verdict), else_=_address.c.verdict),
                "last_fetched": case((fetched > _address.c.last_fetched, fetched), else_=_address.c.last_fetched),
            },
        )


# -- recognising -------------------------------------------------------------------------------------------------------

_BY_ADDRESS = (
    select(_address.c.url_key.label("at"), *_story.c)
    .join_from(_address, _story, _address.c.story == _story.c.id)
    .where(_address.c.url_key.in_(bindparam("keys", expanding=True)))
)
_BY_WORDS = (
    select(_story)
    .where(_story.c.text_key == bindparam("key"), _story.c.site == bindparam("of"))
    .order_by(_story.c.id)
    .limit(1)
)


def _recognised(connection: Connection, story: Story) -> tuple[Row[Any], dict[str, str]] | None:
    """The story's row, if it is known, and the columns for its address where that has moved.

    The canonical address decides before the others, any address before the words.
    """
    canonical, *others = story.fingerprint.url_keys
    found = {row.at: row for row in connection.execute(_BY_ADDRESS, {"keys": story.fingerprint.url_keys})}
    if canonical in found:
        return found[canonical], {}
    for key in others:
        if key in found and _may_have_moved(found[key], story):
            return found[key], {"url": story.canonical_url, "url_key": canonical}
    if story.fingerprint.text_key:
        same = connection.execute(_BY_WORDS, {"key": story.fingerprint.text_key, "of": story.site}).first()
        return None if same is None else (same, {})
    return None


def _may_have_moved(known: Row[Any], story: Story) -> bool:
    """Whether a page that was reached at a known story's address, but calls another its own, is still that story. An
    address like /live leads to another story every day; where the texts are long enough to tell, they have to agree."""
    if not (known.text_key and story.fingerprint.text_key) or known.text_key == story.fingerprint.text_key:
        return True
    return is_copy(likeness(known.text, story.text))


def _says_the_same(known: Row[Any], story: Story) -> bool:
    """Whether title and text have the words they had. A text key does not tell 1.5 from 15: numbers are compared as
    they are written."""
    if known.text == fit(story.text) and known.title == fit(story.title):
        return True
    if tokens(known.title) != tokens(story.title) or _NUMBER.findall(known.text) != _NUMBER.findall(fit(story.text)):
        return False
    key = story.fingerprint.text_key
    if key and known.text_key and known.fingerprint == VERSION:
        return bool(known.text_key == key)
    return tokens(known.text) == tokens(story.text)


# -- the three ways a story is kept ------------------------------------------------------------------------------------


def _enter(connection: Connection, story: Story) -> Kept:
    """A story that is not known yet."""
    seen = story.fetched_at
    values = _what_it_says(story) | {
        "site": story.site,
        "url_key": story.fingerprint.url_keys[0],
        "fetched_url": story.url,
        "dated": story.published or seen,
        "first_seen": seen,
        "last_seen": seen,
        "version": 1,
        "version_seen": seen,
        "cluster": None,
    }
    entered = connection.execute(insert(_story), values)
    story_id = _new_id(entered.inserted_primary_key)
    _take_out(connection, story_id, 1, story)
    _enter_keys(connection, story_id, story.fingerprint)
    copy_of = _join_copies(connection, story_id, story.text, story.fingerprint)
    return Kept(Outcome.NEW if copy_of is None else Outcome.COPY, story_id, 1, copy_of)


def _refresh(connection: Connection, known: Row[Any], story: Story, moved: dict[str, str]) -> Kept:
    """A known story whose words are as they were: the text stays to the letter, what is said about it may move."""
    values = _news_about(known, story) | moved
    if known.fingerprint != VERSION:
        values |= {"text_key": story.fingerprint.text_key, "fingerprint": VERSION}
        _replace_keys(connection, known.id, story.fingerprint)
    _update(connection, known.id, values)
    return Kept(Outcome.SAME, known.id, known.version, _head_over(connection, known, redated="dated" in values))


def _revise(connection: Connection, known: Row[Any], story: Story, moved: dict[str, str]) -> Kept:
    """A known story with other words: the old text goes to `story_version`, its removed blocks stay beside it. A story
    that stood alone may by now be a copy."""
    version = known.version + 1
    connection.execute(
        insert(_version),
        {
            "story": known.id,
            "version": known.version,
            "seen": known.version_seen,
            "title": known.title,
            "text": known.text,
        },
    )
    values = (
        _news_about(known, story)
        | moved
        | {
            "title": story.title,
            "standfirst": story.standfirst,
            "text": story.text,
            "word_count": story.word_count,
            "text_key": story.fingerprint.text_key,
            "fingerprint": VERSION,
            "version": version,
            "version_seen": story.fetched_at,
        }
    )
    _update(connection, known.id, values)
    _take_out(connection, known.id, version, story)
    _replace_keys(connection, known.id, story.fingerprint)
    if known.cluster is None:
        copy_of = _join_copies(connection, known.id, story.text, story.fingerprint)
        return Kept(Outcome.CHANGED, known.id, version, copy_of)
    return Kept(Outcome.CHANGED, known.id, version, _head_over(connection, known, redated="dated" in values))


def _update(connection: Connection, story_id: int, values: dict[str, Any]) -> None:
    if values:
        connection.execute(update(_story).where(_story.c.id == bindparam("this")), values | {"this": story_id})


def _what_it_says(story: Story) -> dict[str, Any]:
    """The columns that are the page's own words."""
    image = story.image
    return {
        "url": story.canonical_url,
        "title": story.title,
        "standfirst": story.standfirst,
        "authors": [fit(author) for author in story.authors],
        "section": story.section,
        "tags": [fit(tag) for tag in story.tags],
        "language": story.language,
        "published": story.published,
        "published_offset": story.published_offset,
        "modified": story.modified,
        "modified_offset": story.modified_offset,
        "day_only": story.day_only,
        "image": image
        and {
            "url": fit(image.url),
            "caption": image.caption and fit(image.caption),
            "credit": image.credit and fit(image.credit),
        },
        "word_count": story.word_count,
        "access": story.access.value,
        "text_key": story.fingerprint.text_key,
        "fingerprint": VERSION,
        "text": story.text,
    }


def _news_about(known: Row[Any], story: Story) -> dict[str, Any]:
    """The columns to update for what is said about a known story: what a page leaves out today stays as it was."""
    said = _what_it_says(story)
    values: dict[str, Any] = {"last_seen": max(known.last_seen, story.fetched_at)}
    for name in ("standfirst", "authors", "section", "tags", "language", "image"):
        if said[name]:
            values[name] = said[name]
    if story.access is not Access.UNKNOWN:
        values["access"] = story.access.value
    if story.modified:
        values |= {"modified": story.modified, "modified_offset": story.modified_offset}
    # A day alone does not overwrite an instant that was known before.
    if story.published and not (story.day_only and known.published and not known.day_only):
        values |= {name: said[name] for name in ("published", "published_offset", "day_only")}
        values["dated"] = story.published
    return {name: value for name, value in values.items() if value != known._mapping[name]}


def _addresses(story: Story, story_id: int) -> list[dict[str, Any]]:
    """A row for each of the story's keys, with the address that belongs to it as far as it is told."""
    canonical, *others = story.fingerprint.url_keys
    urls = {canonical: story.canonical_url}
    if others:
        urls.setdefault(url_key(story.url) if len(others) > 1 else others[0], story.url)
    shared = {"site": story.site, "story": story_id, "verdict": Verdict.STORY.value, "seen": story.fetched_at}
    return [shared | {"url_key": key, "url": urls.get(key, f"http://{key}")} for key in story.fingerprint.url_keys]


def _take_out(connection: Connection, story_id: int, version: int, story: Story) -> None:
    """Enter the blocks that the text does not hold."""
    rows = [
        {"position": block.position, "apart": False, "kind": block.kind.value, "why": block.why, "text": block.text}
        for block in story.removed
    ] + [
        {"position": block.position, "apart": True, "kind": block.role.value, "why": "", "text": block.text}
        for block in story.apart
    ]
    if rows:
        connection.execute(insert(_removed), [row | {"story": story_id, "version": version} for row in rows])


def _replace_keys(connection: Connection, story_id: int, fingerprint: Fingerprint) -> None:
    """Make the story's likeness keys those of its text as it is now."""
    connection.execute(delete(_key).where(_key.c.story == bindparam("this")), {"this": story_id})
    _enter_keys(connection, story_id, fingerprint)


def _enter_keys(connection: Connection, story_id: int, fingerprint: Fingerprint) -> None:
    if keys := sorted(set(fingerprint.likeness_keys)):
        connection.execute(insert(_key), [{"key": key, "story": story_id} for key in keys])


# -- a story that is cleaned again -------------------------------------------------------------------------------------

_IN_VERSION = select(_removed).where(
    _removed.c.story == bindparam("this"), _removed.c.version == bindparam("of_version")
)


def _clean_again(connection: Connection, site: str, story_id: int) -> bool:
    """Take the blocks that are the site's out of a story's text, unless nothing would be left of it; whether there were
    any."""
    read = _in_places(connection, story_id)
    if read is None:
        return False
    known, kept, _ = read
    repeated = teaching.learned(connection, site)
    going = {n: text for n, text in kept.items() if len(text) <= LONGEST_BLOCK and block_key(text) in repeated}
    if not going or len(going) == len(kept):
        return False
    shared = {"story": story_id, "version": known.version, "apart": False, "kind": RemovedKind.FURNITURE.value}
    rows = [shared | {"position": n, "why": teaching.WHY, "text": text} for n, text in going.items()]
    connection.execute(insert(_removed), rows)
    _retell(connection, known, [text for n, text in kept.items() if n not in going])
    return True


def _put_back(connection: Connection, story_id: int, key: str) -> None:
    """Put a block that was taken for furniture back into its place in a story's text."""
    read = _in_places(connection, story_id)
    if read is None:
        return
    known, kept, removed = read
    back = {
        row.position: re.sub(r"\n{2,}", "\n", row.text)
        for row in removed
        if not row.apart and row.kind == RemovedKind.FURNITURE.value and block_key(row.text) == key
    }
    where = (_removed.c.story == story_id, _removed.c.version == known.version, _removed.c.position.in_(back))
    connection.execute(delete(_removed).where(*where))
    _retell(connection, known, [text for _, text in sorted((kept | back).items())])


def _in_places(connection: Connection, story_id: int) -> tuple[Row[Any], dict[int, str], Sequence[Row[Any]]] | None:
    """A story's row, its paragraphs by their positions on the page, and what was taken out; None if it is gone."""
    known = connection.execute(select(_story).where(_story.c.id == story_id)).first()
    if known is None:
        return None
    removed = connection.execute(_IN_VERSION, {"this": story_id, "of_version": known.version}).all()
    taken = {row.position for row in removed}
    free = (n for n in count() if n not in taken)
    return known, dict(zip(free, known.text.split("\n\n") if known.text else (), strict=False)), removed


def _retell(connection: Connection, known: Row[Any], paragraphs: Sequence[str]) -> None:
    """Give a story its text with other paragraphs taken out; the version stays, for its publisher has changed nothing.
    A story that stood alone may by now be a copy."""
    told = "\n\n".join(paragraphs)
    fingerprint = Fingerprint((known.url_key,), text_key(told), likeness_keys(told))
    values = {
        "text": told,
        "word_count": len(tokens(told)),
        "text_key": fingerprint.text_key,
        "fingerprint": VERSION,
    }
    _update(connection, known.id, values)
    _replace_keys(connection, known.id, fingerprint)
    if known.cluster is None:
        _join_copies(connection, known.id, told, fingerprint)


# -- copies ------------------------------------------------------------------------------------------------------------

_SAME_WORDS = (
    select(_story.c.id)
    .where(_story.c.text_key == bindparam("key"), _story.c.id != bindparam("this"))
    .order_by(_story.c.id)
    .limit(CANDIDATES)
)
_CANDIDATES = select(_story.c.id, _story.c.text, _story.c.text_key, _story.c.cluster).where(
    _story.c.id.in_(bindparam("ids", expanding=True))
)
_HEAD = select(_cluster.c.head).where(_cluster.c.id == bindparam("cluster_id"))


@lru_cache(maxsize=64)
def _sharing(count: int) -> TextClause:
    """The stories that share most of `count` keys. Written out, since SQLAlchemy compiles a VALUES anew each time;
    joined from a VALUES table, since `key IN (...)` and a grouped scan are many times slower on SQLite."""
    wanted = ", ".join(f"(CAST(:k{n} AS BIGINT))" for n in range(count))
    return text(
        f"WITH wanted(key) AS (VALUES {wanted}) "  # noqa: S608 - placeholders only
        "SELECT found.story FROM wanted JOIN likeness_key AS found ON found.key = wanted.key "
        f"WHERE found.story <> :this GROUP BY found.story HAVING count(*) >= {SHARED_KEYS} "
        f"ORDER BY count(*) DESC, found.story LIMIT {CANDIDATES}"
    )


def _join_copies(connection: Connection, story_id: int, told: str, fingerprint: Fingerprint) -> int | None:
    """Put the story into one cluster with the stories it is a copy of, which may join clusters that were apart.

    Gives the head of that cluster, or, where the story is the head itself, the copy most like it; None without copies.
    """
    copies = _copies(connection, story_id, told, fingerprint)
    if not copies:
        return None
    clusters = sorted({row.cluster for row in copies if row.cluster is not None})
    if clusters:
        cluster_id, *merged = clusters
    else:
        entered = connection.execute(insert(_cluster), {"head": story_id, "size": 1})
        cluster_id, merged = _new_id(entered.inserted_primary_key), []
    joining = {story_id, *(row.id for row in copies)}
    connection.execute(
        update(_story).where(_story.c.id.in_(joining) | _story.c.cluster.in_(merged)).values(cluster=cluster_id)
    )
    if merged:
        connection.execute(delete(_cluster).where(_cluster.c.id.in_(merged)))
    head = _set_head(connection, cluster_id)
    return int(copies[0].id) if head == story_id else head


def _copies(connection: Connection, story_id: int, told: str, fingerprint: Fingerprint) -> list[Row[Any]]:
    """The stories that this one is a copy of, likeliest first; of each cluster only the first that is found."""
    ids: list[int] = []
    if fingerprint.text_key:
        ids += connection.execute(_SAME_WORDS, {"key": fingerprint.text_key, "this": story_id}).scalars()
    if len(keys := sorted(set(fingerprint.likeness_keys))) >= SHARED_KEYS:
        parameters = {f"k{n}": key for n, key in enumerate(keys)} | {"this": story_id}
        ids += connection.execute(_sharing(len(keys)), parameters).scalars()
    ids = list(dict.fromkeys(ids))[:CANDIDATES]
    if not ids:
        return []
    rows = cast(Sequence[Row[Any]], connection.execute(_CANDIDATES, {"ids": ids}).all())
    candidates = {row.id: row for row in rows}
    copies: list[Row[Any]] = []
    clusters: set[int] = set()
    for row in map(candidates.__getitem__, ids):
        if row.cluster in clusters:
            continue
        # The same words are a copy, whatever the comparison makes of them.
        if (row.text_key and row.text_key == fingerprint.text_key) or is_copy(likeness(told, row.text)):
            copies.append(row)
            if row.cluster is not None:
                clusters.add(row.cluster)
    return copies


def _head_over(connection: Connection, known: Row[Any], *, redated: bool) -> int | None:
    """The head of a known story's cluster, chosen anew if the story was redated; None if it is the head or alone."""
    if known.cluster is None:
        return None
    if redated:
        head = _set_head(connection, known.cluster)
    else:
        head = connection.execute(_HEAD, {"cluster_id": known.cluster}).scalar_one()
    return None if head == known.id else head


def _set_head(connection: Connection, cluster_id: int) -> int:
    """Make the earliest of the cluster its head, and count its stories; gives the head."""
    members = _story.c.cluster == cluster_id
    head = connection.execute(
        select(_story.c.id).where(members).order_by(_story.c.dated, _story.c.id).limit(1)
    ).scalar_one()
    size = select(func.count()).select_from(_story).where(members).scalar_subquery()
    connection.execute(update(_cluster).where(_cluster.c.id == cluster_id).values(head=head, size=size))
    return int(head)


def _new_id(key: Sequence[Any] | None) -> int:
    if key is None:
        raise StoreUnavailable("the database gave no number for a new row. Report this as a bug of newsbot.")
    return int(key[0])
