"""The read side: what people ask of the database, and the frozen values that they get.

Instants in the answers are UTC. Stories come newest first, by `dated`: the instant of publication where the page says
it, else of the first sight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)

from newsbot.errors import QueryError
from newsbot.fingerprint import url_key
from newsbot.items import Access, Archived, Image
from newsbot.store import counting, models
from newsbot.store.counting import DayCount, RemovedCount
from newsbot.store.engine import name_of, open_engine, reported
from newsbot.store.exporting import export, export_found
from newsbot.store.filters import Filters, Sort, cursor, place
from newsbot.store.finding import Place, count, find
from newsbot.store.index import Matching, matching
from newsbot.store.marks import Mark
from newsbot.store.passages import Candidate, Finder, ranked
from newsbot.store.passing import check_sites
from newsbot.store.patience import within
from newsbot.store.rows import (
    Address,
    Hit,
    Relative,
    Rows,
    RunKind,
    RunRow,
    RunSite,
    Scheduled,
    SiteBlock,
    SitePlace,
    SiteProfile,
    SiteRow,
    StoryFull,
    StoryRow,
    TakenOut,
    Version,
)
from newsbot.store.search import parse
from newsbot.store.surveying import Survey, survey

if TYPE_CHECKING:
    from newsbot.health import Facts, Incident

MOST_COUNTED = 10_000
"""Stories that are counted."""
MOST_RANKED = 1_000
"""Stories that are ranked by relevance: the newest that are found. Each has to be read, for 0.1 ms."""

_PAGE = 500  # stories that are read at once
_TICK = timedelta(microseconds=1)

_site, _story, _version, _removed, _address, _cluster, _run, _run_site, _block, _place = (
    models.site,
    models.story,
    models.story_version,
    models.removed_block,
    models.address,
    models.cluster,
    models.run,
    models.run_site,
    models.site_block,
    models.site_place,
)
_CRAWLED = and_(_run.c.id == _run_site.c.run, _run.c.kind == RunKind.CRAWL.value)


class Reader:
    """The questions. Every method raises StoreUnavailable where the database cannot answer, and, with a `patience` in
    seconds, QueryTooSlow where it has not by then. Threads may share it."""

    def __init__(self, engine: Engine, patience: float | None = None) -> None:
        self._engine = engine
        self._where = name_of(engine)
        self._patience = patience

    @classmethod
    @contextmanager
    def open(cls, url: str, patience: float | None = None) -> Iterator[Self]:
        """A database that is there, open for questions alone: as `Store.open` without `create`."""
        engine = open_engine(url, create=False)
        try:
            yield cls(engine, patience)
        finally:
            engine.dispose()

    def stories(self, filters: Filters) -> Rows[StoryRow]:
        """The stories that pass. Raises QueryError for a site that is not known, a cursor of another question, and the
        order of relevance, which a search alone can have."""
        if filters.sort == Sort.RELEVANCE:
            raise QueryError("sort: without a search nothing is more relevant. Sort by newest or oldest.")
        begin = _begin(filters, None)
        with self._asking() as connection:
            check_sites(connection, filters.sites)
            found = find(connection, filters, matching(connection, None, filters), begin, _one_more(filters))
            shown, after = _page(filters, None, found)
            return Rows([StoryRow(**_row_values(row)) for row in _rows(connection, shown, *_ROW)], after)

    def search(self, query: str, filters: Filters) -> Rows[Hit]:
        """The stories that pass and hold what is searched for in title, standfirst or text; `newsbot.store.search` has
        the language. Sorted by relevance, the MOST_RANKED newest of them, best first.

        Raises QueryError as `stories` does, and for a search that is malformed."""
        wanted = parse(query)
        begin = _begin(filters, query)
        with self._asking() as connection:
            check_sites(connection, filters.sites)
            matches = matching(connection, wanted, filters)
            finder = Finder(wanted, matches.stems if matches else None)
            if filters.sort == Sort.RELEVANCE:
                shown, after = _ranked_page(connection, filters, query, matches, finder)
            else:
                found = find(connection, filters, matches, begin, _one_more(filters))
                shown, after = _page(filters, query, found)
            return Rows([_hit(row, finder) for row in _rows(connection, shown, *_ROW, _story.c.text)], after)

    def count(self, filters: Filters, query: str | None = None) -> int | None:
        """How many stories pass, and are found if a search is given, whatever `limit` and `after`; None for more than
        MOST_COUNTED: to count on would be to read them all. Raises QueryError as `stories` and `search` do."""
        filters = replace(filters, limit=None, after=None, sort=Sort.NEWEST)
        wanted = None if query is None else parse(query)
        with self._asking() as connection:
            check_sites(connection, filters.sites)
            number = count(connection, filters, matching(connection, wanted, filters), MOST_COUNTED + 1)
            return number if number <= MOST_COUNTED else None

    def survey(self, filters: Filters, query: str | None = None) -> Survey:
        """The answer as a whole, whatever `limit` and `after`: see `newsbot.store.surveying`. Raises QueryError as
        `stories` and `search` do."""
        filters = replace(filters, limit=None, after=None, sort=Sort.NEWEST)
        wanted = None if query is None else parse(query)
        with self._asking() as connection:
            check_sites(connection, filters.sites)
            return survey(connection, filters, matching(connection, wanted, filters))

    def folded(self, clusters: Sequence[int], most: int) -> dict[int, list[StoryRow]]:
        """The stories of some clusters, the earliest first; so many of all of them, at most."""
        query = _query(*_ROW).where(_story.c.cluster.in_(clusters)).order_by(_story.c.dated, _story.c.id).limit(most)
        found: defaultdict[int, list[StoryRow]] = defaultdict(list)
        with self._asking() as connection:
            for row in connection.execute(query):
                found[row.cluster].append(StoryRow(**_row_values(row)))
        return found

    def texts(self, ids: Sequence[int]) -> dict[int, str]:
        """The texts of some stories, by number; of those that there are."""
        query = select(_story.c.id, _story.c.text).where(_story.c.id.in_(ids))
        with self._asking() as connection:
            return {row.id: row.text for row in connection.execute(query)}

    def story(self, id_or_url: int | str) -> StoryFull | None:
        """A story by its number or by any of its addresses, in whatever form. Raises QueryError for what is neither."""
        query, wanted = _BY_NUMBER, id_or_url
        if isinstance(id_or_url, str):
            try:
                query, wanted = _BY_ADDRESS, url_key(id_or_url)
            except ValueError as error:
                raise QueryError(f"{id_or_url!r} is no address of a story. Give one that begins with http.") from error
        with self._asking() as connection:
            row = connection.execute(query, {"this": wanted}).first()
            return None if row is None else _story_full(connection, row)

    def export(self, filters: Filters, mark: Mark | None = None) -> Iterator[dict[str, Any]]:
        """The stories that pass, newest first, as plain values ready for JSON; a few hundred in memory at a time. With
        a `mark` (see `Store.begin_export`) those of them that have changed since, in the order of their changes.

        `url` is the address as first fetched, `published` and `modified` are ISO 8601 with the offset that the page
        said (+00:00 if none), a mere day where it gave no more; `copies` counts the other stories of the cluster.
        Raises QueryError as `newsbot.store.exporting.export` does.
        """
        return export(self._asking, filters, mark)

    def export_found(self, query: str, filters: Filters) -> Iterator[dict[str, Any]]:
        """The same of the stories that a search finds. Raises QueryError for one that is malformed, too."""
        return export_found(self._asking, filters, parse(query))

    def sites(self, of: Sequence[str] = ()) -> list[SiteRow]:
        """All sites, or those of these keys that there are, by key. Their stories are counted: a million of them take a
        tenth of a second."""
        counting_all = select(_story.c.site, func.count().label("stories")).group_by(_story.c.site)
        counted = (counting_all.where(_story.c.site.in_(of)) if of else counting_all).subquery()
        crawled = select(_run_site.c.site, func.max(_run_site.c.run).label("run")).join(_run, _CRAWLED)
        latest = crawled.group_by(_run_site.c.site).subquery()
        query = (
            select(
                _site,
                func.coalesce(counted.c.stories, 0).label("stories"),
                _run_site.c.started,
                _run_site.c.outcome,
            )
            .outerjoin(counted, counted.c.site == _site.c.key)
            .outerjoin(latest, latest.c.site == _site.c.key)
            .outerjoin(_run_site, and_(_run_site.c.site == _site.c.key, _run_site.c.run == latest.c.run))
            .order_by(_site.c.key)
        )
        if of:
            query = query.where(_site.c.key.in_(of))
        with self._asking() as connection:
            return [
                SiteRow(
                    key=row.key,
                    name=row.name,
                    home=row.home,
                    language=row.language,
                    state=row.state,
                    last_ok=row.last_ok,
                    stories=row.stories,
                    last_visit=row.started,
                    last_outcome=row.outcome,
                )
                for row in connection.execute(query)
            ]

    def schedule(self) -> list[Scheduled]:
        """When each site that was ever visited is due, by key."""
        visits = _run_site.alias()
        crawled = (_run.c.id == visits.c.run) & (_run.c.kind == RunKind.CRAWL.value)
        latest = select(func.max(visits.c.run)).join(_run, crawled).where(visits.c.site == _site.c.key).correlate(_site)
        query = (
            select(_site.c.key, _site.c.next_due, _site.c.due_why, _run_site.c.started, _run_site.c.outcome)
            .select_from(_site)
            .outerjoin(_run_site, and_(_run_site.c.site == _site.c.key, _run_site.c.run == latest.scalar_subquery()))
            .order_by(_site.c.key)
        )
        with self._asking() as connection:
            return [Scheduled(*row) for row in connection.execute(query)]

    def runs(
        self, limit: int, of: Sequence[str] = (), number: int | None = None, before: int | None = None
    ) -> list[RunRow]:
        """The last runs, newest first; those that visited one of these sites, with nothing but these visits; those
        `before` the run of a number; or the one run of a number. Raises QueryError for a site that is not known."""
        query = select(_run).order_by(_run.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_run.c.id < before)
        if number is not None:
            query = query.where(_run.c.id == number)
        if of:
            query = query.where(exists().where(_run_site.c.run == _run.c.id, _run_site.c.site.in_(of)))
        with self._asking() as connection:
            check_sites(connection, of)
            runs = connection.execute(query).all()
            sites: defaultdict[int, list[RunSite]] = defaultdict(list)
            visits = select(_run_site).where(_run_site.c.run.in_([run.id for run in runs])).order_by(_run_site.c.site)
            for row in connection.execute(visits.where(_run_site.c.site.in_(of)) if of else visits):
                sites[row.run].append(RunSite(row.site, row.started, row.finished, row.outcome, row.counts, row.bytes))
            return [
                RunRow(run.id, run.started, run.finished, run.outcome, run.pid, tuple(sites[run.id]), RunKind(run.kind))
                for run in runs
            ]

    def site_profile(self, site: str) -> SiteProfile | None:
        """What a site has taught; None for a site that is not in the database."""
        blocks = (
            select(*(_block.c[name] for name in SiteBlock.__dataclass_fields__))
            .where(_block.c.site == site, or_(_block.c.stories > 1, _block.c.pinned.is_not(None)))
            .order_by(_block.c.learned.is_(None), _block.c.stories.desc(), _block.c.key)
        )
        places = (
            select(_place.c.place, _place.c.stories, _place.c.last_seen)
            .where(_place.c.site == site)
            .order_by(_place.c.stories.desc(), _place.c.place)
        )
        with self._asking() as connection:
            taught = connection.execute(select(_site.c.taught).where(_site.c.key == site)).scalar_one_or_none()
            if taught is None:
                return None
            return SiteProfile(
                site,
                taught,
                tuple(SiteBlock(*row) for row in connection.execute(blocks)),
                tuple(SitePlace(*row) for row in connection.execute(places)),
            )

    def daily(
        self, sites: Sequence[str] = (), since: datetime | None = None, until: datetime | None = None
    ) -> list[DayCount]:
        """How many stories there are by site and day; of these sites, none meaning all, dated from `since` up to and
        without `until`. Raises QueryError for a site that is not known."""
        with self._asking() as connection:
            return counting.daily(connection, sites, since, until)

    def removed(
        self, sites: Sequence[str] = (), since: datetime | None = None, until: datetime | None = None
    ) -> list[RemovedCount]:
        """What was taken out of the same stories, by site and kind."""
        with self._asking() as connection:
            return counting.removed(connection, sites, since, until)

    def facts(
        self,
        declared: Mapping[str, Sequence[str]],
        added: Mapping[str, datetime],
        lasting: Mapping[str, Mapping[str, datetime]],
        now: datetime,
    ) -> Facts:
        """What the health of these sites is judged by: see `newsbot.store.watching.facts`."""
        from newsbot.store import watching  # and with it the judgement, for which no other question waits

        with self._asking() as connection:
            return watching.facts(connection, declared, added, lasting, now)

    def incidents(self, since: datetime) -> list[Incident]:
        """The incidents that last, and those that were over since then, oldest first."""
        from newsbot.store import watching

        with self._asking() as connection:
            return watching.incidents(connection, since)

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            if self._patience is None:
                yield connection
                return
            with within(connection, self._patience):
                yield connection


# -- stories -----------------------------------------------------------------------------------------------------------

_ROW = tuple(
    _story.c[name]
    for name in (
        "id site url title standfirst authors section tags language published published_offset day_only dated "
        "first_seen version word_count access cluster thread gone"
    ).split()
)
_MORE = tuple(
    _story.c[name]
    for name in (
        "fetched_url modified modified_offset last_seen version_seen image text archive_file archive_offset made_by"
    ).split()
)


def _query(*columns: ColumnElement[Any]) -> Select[Any]:
    """A query for these columns of stories, and the size of the cluster."""
    return select(*columns, func.coalesce(_cluster.c.size, 1).label("cluster_size")).select_from(
        _story.outerjoin(_cluster, _cluster.c.id == _story.c.cluster)
    )


def _rows(connection: Connection, places: Sequence[Place], *columns: ColumnElement[Any]) -> Iterator[Row[Any]]:
    """The rows of these stories, in this order."""
    for start in range(0, len(places), _PAGE):
        ids = [place.id for place in places[start : start + _PAGE]]
        rows = {row.id: row for row in connection.execute(_query(*columns).where(_story.c.id.in_(ids)))}
        yield from (rows[each] for each in ids if each in rows)


def _row_values(row: Row[Any]) -> dict[str, Any]:
    values = {column.name: row._mapping[column.name] for column in _ROW}
    return values | {
        "authors": tuple(row.authors),
        "tags": tuple(row.tags),
        "access": Access(row.access),
        "cluster_size": row.cluster_size,
    }


# One story is asked for often: its questions are made once, for that takes longer than answering them.
_THIS: ColumnElement[Any] = bindparam("this")
_BY_NUMBER = _query(*_ROW, *_MORE).where(_story.c.id == _THIS)
_BY_ADDRESS = _query(*_ROW, *_MORE).where(
    _story.c.id == select(_address.c.story).where(_address.c.url_key == _THIS).scalar_subquery()
)
_BLOCKS = select(_removed).where(_removed.c.story == _THIS).order_by(_removed.c.position)
_VERSIONS = select(_version).where(_version.c.story == _THIS).order_by(_version.c.version)
_ADDRESSES = (
    select(_address)
    # The key of a number that the site gives its story is no address.
    .where(_address.c.story == _THIS, not_(_address.c.url_key.contains("/#id=", autoescape=True)))
    .order_by(_address.c.first_seen, _address.c.url_key)
)
_OTHERS = (
    select(*(_story.c[name] for name in Relative.__dataclass_fields__))
    .where(_story.c.id != _THIS)
    .order_by(_story.c.dated, _story.c.id)
)
_COPIES = _OTHERS.where(_story.c.cluster == bindparam("of"))
_STATES = _OTHERS.where(
    _story.c.thread == bindparam("of"), or_(_story.c.cluster.is_(None), _story.c.cluster != bindparam("but"))
)


def _story_full(connection: Connection, row: Row[Any]) -> StoryFull:
    this = {"this": row.id}
    blocks: defaultdict[tuple[int, bool], list[TakenOut]] = defaultdict(list)
    for block in connection.execute(_BLOCKS, this):
        blocks[block.version, block.apart].append(TakenOut(block.position, block.kind, block.why, block.text))
    versions = connection.execute(_VERSIONS, this)
    addresses = connection.execute(_ADDRESSES, this)
    copies = connection.execute(_COPIES, this | {"of": row.cluster}) if row.cluster else ()
    states = connection.execute(_STATES, this | {"of": row.thread, "but": row.cluster or 0}) if row.thread else ()
    return StoryFull(
        **_row_values(row),
        fetched_url=row.fetched_url,
        text=row.text,
        modified=row.modified,
        modified_offset=row.modified_offset,
        last_seen=row.last_seen,
        version_seen=row.version_seen,
        image=Image(**row.image) if row.image else None,
        addresses=tuple(Address(each.url, each.first_seen, each.last_fetched) for each in addresses),
        versions=tuple(
            Version(
                number=old.version,
                seen=old.seen,
                title=old.title,
                text=old.text,
                removed=tuple(blocks[old.version, False]),
                apart=tuple(blocks[old.version, True]),
                archived=_archived(old),
            )
            for old in versions
        ),
        removed=tuple(blocks[row.version, False]),
        apart=tuple(blocks[row.version, True]),
        copies=tuple(Relative(*each) for each in copies),
        states=tuple(Relative(*each) for each in states),
        archived=_archived(row),
        made_by=row.made_by,
    )


def _archived(row: Row[Any]) -> Archived | None:
    return None if row.archive_file is None else Archived(row.archive_file, row.archive_offset)


# -- pages -------------------------------------------------------------------------------------------------------------


def _begin(filters: Filters, query: str | None) -> Place | None:
    """Where the page begins: behind the last story of the one before."""
    at = place(filters, query)
    return None if at is None else Place(datetime.fromisoformat(at[0]), at[1])


def _one_more(filters: Filters) -> int | None:
    """One row more than is wanted: it tells whether there is another page."""
    return None if filters.limit is None else filters.limit + 1


def _page(filters: Filters, query: str | None, found: list[Place]) -> tuple[list[Place], str | None]:
    """What is shown of what was found, and the cursor to the next page."""
    if filters.limit is None or len(found) <= filters.limit:
        return found, None
    shown = found[: filters.limit]
    return shown, cursor(filters, query, shown[-1].dated.isoformat(), shown[-1].id)


def _ranked_page(
    connection: Connection, filters: Filters, query: str, matches: Matching | None, finder: Finder
) -> tuple[list[Place], str | None]:
    """A page by relevance. Its cursor holds the newest story that was ranked, so that the next page ranks the same ones
    although others have come since, and the last one that was shown."""
    at = place(filters, query)
    span = filters
    if at is not None:
        newest = datetime.fromisoformat(at[0])
        span = replace(filters, until=min(filters.until or newest + _TICK, newest + _TICK))
    found = find(connection, span, matches, None, MOST_RANKED)
    texts = (_story.c.title, _story.c.standfirst, _story.c.text)
    candidates = (
        Candidate(row.id, {column.name: row._mapping[column] or "" for column in texts}, row.word_count)
        for row in _rows(connection, found, _story.c.id, _story.c.word_count, *texts)
    )
    places = {each.id: each for each in found}
    order = [places[each] for each in ranked(finder, candidates)]
    if at is not None:
        ids = [each.id for each in order]
        if at[3] not in ids:
            raise QueryError("after: the story that the page before ended with is no longer found. Begin anew.")
        order = order[ids.index(at[3]) + 1 :]
    if filters.limit is None or len(order) <= filters.limit:
        return order, None
    last = order[filters.limit - 1]
    top = at[:2] if at is not None else [found[0].dated.isoformat(), found[0].id]
    return order[: filters.limit], cursor(filters, query, *top, last.dated.isoformat(), last.id)


def _hit(row: Row[Any], finder: Finder) -> Hit:
    return Hit(**_row_values(row), snippet=finder.snippet(row.text, row.standfirst or "", row.title))
