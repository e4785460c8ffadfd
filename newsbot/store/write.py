"""The write side: what a crawl tells the database. Every method is one transaction: all of it happens, or nothing.

keeping.py     a story is recognised, entered, revised        teaching.py     what it teaches of its site
copies.py      its cluster and its thread                     recleaning.py   what is learned late reaches back
renewing.py    fingerprints of an earlier version             remaking.py     stories made again from their pages
forgetting.py  what is deleted on purpose                     marks.py        what has changed since an export
checking.py    whether all of it is whole                     info.py         how much there is
hosts.py       what hosts have asked of us                    scheduling.py   when a site is due next
conditional.py with what to ask whether there is news
ingesting.py   archives that are read into it                 history.py      texts that a story had before
leases.py      whose a site is, over all machines              machines.py    what else these tell each other
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, bindparam, exists, insert, select, update

from newsbot.fingerprint import block_key, url_key
from newsbot.health import Incident
from newsbot.items import Handled, Lead, Profile, RemovedKind, Story, Verdict
from newsbot.schedule import Bounds
from newsbot.sources import SourceState
from newsbot.store import (
    backfilling,
    checking,
    conditional,
    forgetting,
    hosts,
    ingesting,
    leases,
    marks,
    models,
    remaking,
    scheduling,
    teaching,
    watching,
)
from newsbot.store.addresses import INSERT, add_keys, enter_failed, enter_storyless, handled
from newsbot.store.checking import Check
from newsbot.store.conditional import Validators
from newsbot.store.copies import new_id
from newsbot.store.engine import name_of, open_engine, reported, writing
from newsbot.store.forgetting import Chosen, Doomed
from newsbot.store.hosts import HostState
from newsbot.store.info import Info, describe
from newsbot.store.ingesting import Ingested, Place
from newsbot.store.keeping import Kept, keep
from newsbot.store.machines import Machines
from newsbot.store.marks import Mark
from newsbot.store.migrations import HEAD
from newsbot.store.queries import Reader
from newsbot.store.recleaning import clean_again, put_back
from newsbot.store.remaking import Standing, Wanted
from newsbot.store.renewing import outdated, renew
from newsbot.store.rows import RunKind

OK = "ok"
"""The outcome of a site's visit after which `site.last_ok` moves on."""
INTERRUPTED = "interrupted"
"""The outcome of a run whose process ended without closing it."""

WALLS = (Verdict.CONSENT, Verdict.CHALLENGE)
"""What stands before a page and may be gone next time: it says nothing of what the address holds."""

GONE = (Verdict.GONE, Verdict.SOFT_404)
"""What says that a story is no longer where it was."""
SOON = timedelta(hours=1)
"""Until a look that came to nothing is made up for; later ones wait as long as the story is old."""
LOOKS_END = timedelta(days=30)  # of age, after which a look that came to nothing is not made up for

_site, _story, _version, _removed, _address, _run, _run_site = (
    models.site,
    models.story,
    models.story_version,
    models.removed_block,
    models.address,
    models.run,
    models.run_site,
)


class Store:
    """A newsbot database, open: written through the methods here, asked through `read`.

    One thread may write while others read; any number of processes may share the database. Instants that go in are
    aware datetimes. Whatever the database refuses is raised as StoreUnavailable, with the cure, and leaves no trace.
    """

    def __init__(self, engine: Engine) -> None:
        self.read = Reader(engine)
        self._engine = engine
        self._writing = writing(engine)
        self.machines = Machines(engine)
        self._where = name_of(engine)
        self._sites: set[str] = set()
        self._leased: tuple[str, int] | None = None

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

    def fence(self, token: str, sites: int) -> None:
        """From now on write only while all of so many leases of this token are held; else every method raises
        LeaseLost, and nothing of it happens."""
        self._leased = (token, sites)

    def unfence(self) -> None:
        """What was leased is given back: write as before."""
        self._leased = None

    # -- stories -----------------------------------------------------------------------------------------------------

    def keep(self, story: Story, place: Place | None = None) -> Kept:
        """Enter a story, or recognise it: see the module. Out of an archive: that it has come to a `place`, too. Raises
        ValueError for a story without an address key."""
        keys = story.fingerprint.url_keys
        if not keys:
            raise ValueError(f"{story.canonical_url}: a story needs the key of its address to be recognised by")
        with self._transaction(f"cannot keep {story.canonical_url}") as connection:
            self._ensure_site(connection, story.site)
            kept = keep(connection, story)
            if place is not None:
                ingesting.reach(connection, place)
        self._sites.add(story.site)
        return kept

    def dismiss(self, site: str, urls: Sequence[str], verdict: Verdict, when: datetime) -> bool:
        """Remember addresses that hold no story, so that they are not fetched again; a known story's address stays its
        own, and where the verdict is one of GONE, that story is marked so: True. One of the WALLS leaves no trace, and
        the next visit tries again. Raises ValueError for an address that is not http(s), and for the verdict `STORY`.
        """
        if verdict is Verdict.STORY:
            raise ValueError("the addresses of a story are kept with it, by keep()")
        keys = {url_key(url): url for url in urls}
        if not keys or verdict in WALLS:
            return False
        with self._transaction(f"cannot remember {urls[0]}") as connection:
            self._ensure_site(connection, site)
            enter_storyless(connection, site, keys, verdict, when)
            lost = verdict in GONE and _lose(connection, set(keys), when)
        self._sites.add(site)
        return lost

    def fail(self, site: str, urls: Iterable[str], when: datetime) -> None:
        """Remember addresses that could not be fetched or read: they are due again on the next visit, then ever more
        rarely. Raises ValueError for an address that is not http(s)."""
        if keys := {url_key(url): url for url in urls}:
            with self._transaction(f"cannot remember what failed of {site}") as connection:
                self._ensure_site(connection, site)
                enter_failed(connection, site, keys, when)

    def known(self, keys: Iterable[str]) -> dict[str, Handled]:
        """What is known of these addresses, by key; only those that were ever handled, on whichever site."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return handled(connection, keys)

    def due(self, site: str, now: datetime, at_most: int) -> list[Lead]:
        """The stories of a site that are due for another look, newest first, as leads.

        Each is put off by as much as it is old: where nothing comes of this look, there will be another, and ever fewer
        of them. `keep` says when the next regular one is.
        """
        with self._transaction(f"cannot tell which stories of {site} to look at again") as connection:
            rows = connection.execute(_DUE.limit(at_most), {"of": site, "now": now}).all()
            for row in rows:
                age = max(now - row.dated, SOON)
                later = {"this": row.id, "later": now + age if age < LOOKS_END else None}
                connection.execute(_PUT_OFF, later)
        return [Lead(row.fetched_url, row.title, None if row.day_only else row.published) for row in rows]

    def renew(self, at_most: int = 50) -> tuple[int, bool]:
        """Make the fingerprints anew that an earlier version of the algorithms made, each story in a transaction; gives
        how many, and whether there were more than `at_most`. It may be broken off and called again."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            stories = outdated(connection, at_most + 1)
        for story_id in stories[:at_most]:
            with self._transaction(f"cannot make the fingerprint of story {story_id} anew") as connection:
                if rows := renew(connection, story_id):
                    add_keys(connection, rows)
        return len(stories[:at_most]), len(stories) > at_most

    def doomed(self, chosen: Chosen) -> Doomed:
        """What `forget` would forget. Raises QueryError for a site that is not known."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return forgetting.look(connection, chosen)

    def forget(self, chosen: Chosen, at_most: int | None = None, progress: Callable[[int], None] | None = None) -> int:
        """Delete stories and all that hangs on them, the oldest first, `at_most` so many, in one transaction; gives how
        many. Their addresses are remembered, and `keep` takes none of them again. `progress` is told how many are done.
        Raises QueryError for a site that is not known."""
        with self._transaction("cannot forget stories") as connection:
            return forgetting.forget(connection, chosen, at_most, progress)

    def forget_pages(self, files: Collection[str]) -> int:
        """Files of the archive go: no story and no version refers to them from then on; gives how many did."""
        with self._transaction("cannot forget archived pages") as connection:
            return sum(connection.execute(forgotten, {"files": list(files)}).rowcount for forgotten in _FORGET_PAGES)

    def outdated(self, wanted: Wanted) -> list[int]:
        """The numbers of the stories that something else has made than would make them now; reads all of the site's."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return remaking.outdated(connection, wanted)

    def standing(self, ids: Sequence[int]) -> list[Standing]:
        """The stories of these numbers as they stand, without those that are gone."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return remaking.standing(connection, ids)

    def remake(self, before: Standing, story: Story) -> bool:
        """Put what was made of a story's page in its place; no version comes of it. False where the story was changed
        or deleted since it was read: then it stays as it is."""
        with self._transaction(f"cannot make story {before.id} again") as connection:
            return remaking.remake(connection, before, story)

    def leave_as_it_is(self, before: Standing, recipe: str) -> bool:
        """Note that nothing else can be made of a story by this recipe. As `remake`."""
        with self._transaction(f"cannot mark story {before.id}") as connection:
            return remaking.leave_as_it_is(connection, before, recipe)

    # -- archives ----------------------------------------------------------------------------------------------------

    def ingested(self, digest: str) -> Ingested | None:
        """What is known of an archive by the digest of its beginning; None for one that was never begun."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return ingesting.known(connection, digest)

    def begin_archive(self, digest: str, name: str, size: int | None, records: int, pid: int, when: datetime) -> int:
        """Open a run of the process `pid` that reads an archive from behind so many of its records on; gives its
        number. To be called by who holds the archive's lock."""
        with self._transaction(f"cannot open the record of {name}") as connection:
            return ingesting.begin(connection, digest, name, size, records, pid, when)

    def end_archive(
        self,
        place: Place,
        run: int,
        when: datetime,
        outcome: str,
        visits: Mapping[str, tuple[Mapping[str, int], int]],
        *,
        finished: bool,
    ) -> None:
        """Close the run that has read an archive up to a `place`, its last where it is `finished`: what was counted for
        each site, and the bytes read of it."""
        with self._transaction("cannot close the record of an archive") as connection:
            for site in visits:
                self._ensure_site(connection, site)
            ingesting.end(connection, place, run, when, outcome, visits, finished=finished)

    # -- who is asked ------------------------------------------------------------------------------------------------

    def sources(self, site: str) -> dict[str, SourceState]:
        """The sources of a site as earlier visits left them, by address."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return conditional.sources(connection, site)

    def enter_sources(self, site: str, states: Iterable[SourceState], gone: Collection[str] = ()) -> None:
        """Remember sources as a visit leaves them, and forget those that are `gone`. The site has to be known."""
        with self._transaction(f"cannot remember the sources of {site}") as connection:
            conditional.enter_sources(connection, site, states)
            conditional.forget_sources(connection, site, gone)

    def archive_pages(self, site: str, rules: str) -> set[str]:
        """The archive pages of a site that a backfill is done with, by the rules of its file that hold now."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return backfilling.through(connection, site, rules)

    def enter_archive_pages(self, site: str, rules: str, urls: Iterable[str], when: datetime) -> None:
        """Remember archive pages as done with. The site has to be known."""
        with self._transaction(f"cannot remember the archive pages of {site}") as connection:
            backfilling.enter(connection, site, rules, urls, when)

    def validators(self, keys: Iterable[str]) -> dict[str, Validators]:
        """With what to ask whether the stories at these addresses have changed, by key; only where they said."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return conditional.validators(connection, keys)

    def confirm(self, url: str, when: datetime, looks: Iterable[timedelta]) -> bool:
        """A story's page says that it has not changed since it was fetched at this address; the story is looked at
        again at the next of these ages. Gives whether there is such a story."""
        with self._transaction(f"cannot confirm {url}") as connection:
            return conditional.confirm(connection, url_key(url), when, looks)

    def host(self, origin: str) -> HostState:
        """What a host, as `https://paper.example`, has asked for."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return hosts.host(connection, origin)

    def enter_host(self, origin: str, **said: Any) -> None:
        """Remember what a host has asked for; `said` are fields of HostState."""
        with self._transaction(f"cannot remember {origin}") as connection:
            hosts.enter_host(connection, origin, said)

    # -- exports since the last ----------------------------------------------------------------------------------------

    def begin_export(self, name: str) -> Mark:
        """Begin to export what has changed since the last export of a name; `Reader.export` takes the mark."""
        with self._transaction(f"cannot begin the export {name!r}") as connection:
            return marks.begin(connection, name)

    def finish_export(self, mark: Mark, place: Callable[[], None], now: datetime) -> None:
        """Call `place`, which puts what was exported in its place, and move the mark, both in one transaction: the next
        export of the name begins there. Raises QueryError where another export of the name was finished meanwhile, and
        what `place` raises; the mark stays then."""
        with self._transaction(f"cannot finish the export {mark.name!r}") as connection:
            marks.finish(connection, mark, place, now)

    # -- the database as a whole -------------------------------------------------------------------------------------

    def info(self) -> Info:
        """Where the database is, how large it is, what it spans."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return describe(connection, self._where, HEAD)

    def check(self) -> Iterator[Check]:
        """Look at all of it, one thing after the other: whether the database is whole. May take minutes; on SQLite,
        writers wait while the search index is looked at, and where nothing can be written that cannot be done: it comes
        last, and raises StoreUnavailable."""
        with reported("cannot check the database", self._where), self._engine.connect() as connection:
            yield from checking.check(connection)
        engine = self._writing if self._engine.dialect.name == "sqlite" else self._engine
        with reported("cannot check the search index", self._where), engine.begin() as connection:
            yield checking.check_index(connection)

    def repair(self, told: Callable[[str], None]) -> None:
        """Make anew what can be made from the stories, in one transaction; `told` is what is being done."""
        with self._transaction("cannot repair the database") as connection:
            checking.repair(connection, told)

    # -- what a site teaches -----------------------------------------------------------------------------------------

    def profile(self, site: str) -> Profile:
        """What a site has taught by now; an empty one for a site that is not known."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return teaching.profile(connection, site)

    def taught(self) -> list[str]:
        """The sites that have taught what is to be taken out of their stories."""
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            return teaching.sites(connection)

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
                changed += clean_again(connection, site, story_id)
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
                put_back(connection, story_id, wanted)
                teaching.hold(connection, site, wanted, story_id)
        return block, len(stories)

    def unlearn(self, site: str, key: str) -> str:
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
            connection.execute(_SITE[connection.dialect.name], values)
        self._sites.add(key)

    def start_run(self, pid: int, when: datetime, kind: RunKind = RunKind.CRAWL) -> int:
        """Open a run of the process `pid`; gives its number."""
        with self._transaction("cannot open the record of the run") as connection:
            hosts.expire(connection, when)
            entered = connection.execute(insert(_run), {"pid": pid, "started": when, "kind": kind.value})
        return new_id(entered.inserted_primary_key)

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
        bounds: Bounds = Bounds(),  # noqa: B008 - a value that nobody can change
    ) -> None:
        """A site's visit has ended. Where it was a crawl's, `outcome` ("ok", or what was wrong) becomes the site's
        state too, and it is decided when it is due, within `bounds`. Raises ValueError for one that was not started."""
        with self._transaction(f"cannot record the visit to {site}") as connection:
            closed = connection.execute(
                update(_run_site).where(_run_site.c.run == run, _run_site.c.site == site),
                {"finished": when, "outcome": outcome, "counts": dict(counts), "bytes": bytes},
            )
            if not closed.rowcount:
                raise ValueError(f"run {run} has not started a visit to {site}")
            teaching.expire(connection, site, when)
            if connection.execute(select(_run.c.kind).where(_run.c.id == run)).scalar_one() != RunKind.CRAWL:
                return
            values: dict[str, object] = {"state": outcome}
            if outcome == OK:
                values["last_ok"] = when
            connection.execute(update(_site).where(_site.c.key == site), values)
            scheduling.schedule(connection, site, when, bounds)

    def finish_run(self, run: int, when: datetime, outcome: str) -> None:
        """A run has ended. Raises ValueError for a run that is not known."""
        with self._transaction(f"cannot close the record of run {run}") as connection:
            closed = connection.execute(update(_run).where(_run.c.id == run), {"finished": when, "outcome": outcome})
            if not closed.rowcount:
                raise ValueError(f"there is no run {run}")

    def abandon_runs(self, when: datetime, sites: Collection[str]) -> int:
        """Close what killed crawls left open of their visits to these sites, and the runs that have no other visit
        open, with the outcome `interrupted`; gives the number of runs. To be called by who holds the locks of the
        sites. A run that is at work on others, and between two visits just now, is closed too, until it ends. The sites
        whose visits were left open are due."""
        values = {"finished": when, "outcome": INTERRUPTED}
        unfinished = _run_site.c.finished.is_(None)
        visiting = exists().where(_run_site.c.run == _run.c.id, unfinished)
        with self._transaction("cannot close the records of interrupted runs") as connection:
            left = connection.execute(
                update(_run_site).where(unfinished, _run_site.c.site.in_(sites)).returning(_run_site.c.site), values
            )
            scheduling.broken_off(connection, set(left.scalars()))
            idle = (_run.c.finished.is_(None), _run.c.kind != RunKind.INGEST.value, ~visiting)
            return connection.execute(update(_run).where(*idle), values).rowcount

    def enter_incidents(self, incidents: Iterable[Incident]) -> None:
        """Enter incidents, or bring those that have a number up to date."""
        with self._transaction("cannot record what is wrong") as connection:
            watching.enter_incidents(connection, incidents)

    # -- how ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, doing: str) -> Iterator[Connection]:
        with reported(doing, self._where), self._writing.begin() as connection:
            if self._leased is not None:
                leases.check(connection, *self._leased)
            yield connection

    def _ensure_site(self, connection: Connection, key: str) -> None:
        """Stories may come from a site that no crawl has announced (an archive, another program)."""
        if key not in self._sites:
            connection.execute(
                _ABSENT_SITE[connection.dialect.name], {"key": key, "name": key, "home": "", "state": "new"}
            )


_ABSENT_SITE = {dialect: into(_site).on_conflict_do_nothing() for dialect, into in INSERT.items()}
_SITE = {
    dialect: (entered := into(_site)).on_conflict_do_update(
        index_elements=["key"], set_={name: entered.excluded[name] for name in ("name", "home", "language")}
    )
    for dialect, into in INSERT.items()
}
_DUE = (
    select(*(_story.c[name] for name in "id fetched_url title published day_only dated".split()))
    .where(_story.c.site == bindparam("of"), _story.c.next_look <= bindparam("now"))
    .order_by(_story.c.dated.desc(), _story.c.id.desc())
)
_PUT_OFF = update(_story).where(_story.c.id == bindparam("this")).values(next_look=bindparam("later"))
_AT = (
    select(_story.c.id, _story.c.url_key, _story.c.fetched_url)
    .join_from(_address, _story, _address.c.story == _story.c.id)
    .where(
        _address.c.url_key.in_(bindparam("keys", expanding=True)),
        _story.c.gone.is_(None),
        _story.c.last_seen <= bindparam("when"),  # an archive tells of times when it may not have been there yet
    )
)
_FORGET_PAGES = [
    update(table)
    .where(table.c.archive_file.in_(bindparam("files", expanding=True)))
    .values(archive_file=None, archive_offset=None)
    for table in (_story, _version)
]
_LOSE = update(_story).where(_story.c.id == bindparam("this")).values(gone=bindparam("when"))


def _lose(connection: Connection, keys: set[str], when: datetime) -> bool:
    """Mark the stories that are no longer at their own address, or where they were fetched last; whether there are
    any. An old address that has ceased to lead to a story takes nothing from it."""
    rows = connection.execute(_AT, {"keys": list(keys), "when": when}).all()
    lost = {row.id for row in rows if {row.url_key, url_key(row.fetched_url)} & keys}
    for story_id in lost:
        connection.execute(_LOSE, {"this": story_id, "when": when})
    return bool(lost)
