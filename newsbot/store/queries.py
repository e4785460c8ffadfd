"""The read side: what people ask of the database, and the frozen values that they get.

Instants in the answers are UTC. Stories come newest first, by `dated`: the instant of publication where the page says
it, else of the first sight.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    column,
    func,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    tuple_,
)

from newsbot.errors import QueryError
from newsbot.fingerprint import url_key
from newsbot.items import Access, Image
from newsbot.store import counting, models
from newsbot.store.counting import DayCount, RemovedCount
from newsbot.store.engine import name_of, reported
from newsbot.store.exporting import export
from newsbot.store.filters import Filters, Sort, cursor, place
from newsbot.store.marks import Mark
from newsbot.store.migrations import SEARCH
from newsbot.store.passing import check_sites, earliest, passing
from newsbot.store.rows import (
    MARK_OFF,
    MARK_ON,
    Address,
    Hit,
    Relative,
    Rows,
    RunRow,
    RunSite,
    SiteBlock,
    SitePlace,
    SiteProfile,
    SiteRow,
    StoryFull,
    StoryRow,
    TakenOut,
    Version,
)
from newsbot.store.search import Search, Term, parse

_PAGE = 200  # stories whose snippets are asked for at a time
_MANY = 10_000  # stories that match: up to here looking all of them up takes some 25 ms
MOST_COUNTED = 10_000  # stories: counting on would read the whole index
_SNIPPET_WORDS = 24
_SNIPPET_CHARACTERS = 160

_site, _story, _version, _removed, _address, _cluster, _run, _run_site, _block, _place = models.tables(
    models.Site,
    models.Story,
    models.StoryVersion,
    models.RemovedBlock,
    models.Address,
    models.Cluster,
    models.Run,
    models.RunSite,
    models.SiteBlock,
    models.SitePlace,
)
_SORTED_BY = (_story.c.dated.type, _story.c.id.type)
_Row = TypeVar("_Row", bound=StoryRow)
_other = _story.alias("other")
_search = table(SEARCH, column("rowid"))


class Reader:
    """The questions. Every method raises StoreUnavailable where the database cannot answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._where = name_of(engine)

    def stories(self, filters: Filters) -> Rows[StoryRow]:
        """The stories that pass. Raises QueryError for a site that is not known, a cursor of another question, and the
        order of relevance, which a search alone can have."""
        if filters.sort == Sort.RELEVANCE:
            raise QueryError("sort: without a search nothing is more relevant. Sort by newest or oldest.")
        begin = place(filters, None)
        with self._asking() as connection:
            check_sites(connection, filters.sites)
            query = _page(_filtered(filters, *_ROW), filters, begin)
            return _rows([StoryRow(**_row_values(row)) for row in connection.execute(query)], filters, None)

    def search(self, query: str, filters: Filters) -> Rows[Hit]:
        """The stories that pass and hold what is searched for in title, standfirst or text; `newsbot.store.search` has
        the language. Raises QueryError as `stories` does, and for a search that is malformed."""
        wanted = parse(query)
        begin = place(filters, query)
        with self._asking() as connection:
            check_sites(connection, filters.sites)
            if connection.dialect.name == "sqlite" and not wanted.unspaced:
                hits = _search_index(connection, wanted, filters, begin)
            else:
                hits = _search_texts(connection, wanted, filters, begin)
            return _rows(hits, filters, query)

    def count(self, filters: Filters, query: str | None = None) -> int | None:
        """How many stories pass, and are found if a search is given, whatever `limit` and `after`; None for more than
        MOST_COUNTED. Raises QueryError as `stories` and `search` do."""
        filters = replace(filters, limit=MOST_COUNTED + 1, after=None)
        number = len(self.stories(filters) if query is None else self.search(query, filters))
        return None if number > MOST_COUNTED else number

    def story(self, id_or_url: int | str) -> StoryFull | None:
        """A story by its number or by any of its addresses, in whatever form. Raises QueryError for what is neither."""
        if isinstance(id_or_url, int):
            wanted = _story.c.id == id_or_url
        else:
            try:
                key = url_key(id_or_url)
            except ValueError as error:
                raise QueryError(f"{id_or_url!r} is no address of a story. Give one that begins with http.") from error
            wanted = _story.c.id == select(_address.c.story).where(_address.c.url_key == key).scalar_subquery()
        with self._asking() as connection:
            row = connection.execute(_filtered(Filters(), *_ROW, *_MORE).where(wanted)).first()
            return None if row is None else _story_full(connection, row)

    def export(self, filters: Filters, mark: Mark | None = None) -> Iterator[dict[str, Any]]:
        """The stories that pass, newest first, as plain values ready for JSON; a few hundred in memory at a time. With
        a `mark` (see `Store.begin_export`) those of them that have changed since, in the order of their changes.

        `url` is the address as first fetched, `published` and `modified` are ISO 8601 with the offset that the page
        said (+00:00 if none), a mere day where it gave no more; `copies` counts the other stories of the cluster.
        Raises QueryError as `newsbot.store.exporting.export` does.
        """
        return export(self._asking, filters, mark)

    def sites(self) -> list[SiteRow]:
        """All sites, by key."""
        counted = select(_story.c.site, func.count().label("stories")).group_by(_story.c.site).subquery()
        latest = select(_run_site.c.site, func.max(_run_site.c.run).label("run")).group_by(_run_site.c.site).subquery()
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

    def runs(self, limit: int) -> list[RunRow]:
        """The last runs, newest first."""
        with self._asking() as connection:
            runs = connection.execute(select(_run).order_by(_run.c.id.desc()).limit(limit)).all()
            sites: defaultdict[int, list[RunSite]] = defaultdict(list)
            query = select(_run_site).where(_run_site.c.run.in_([run.id for run in runs])).order_by(_run_site.c.site)
            for row in connection.execute(query):
                sites[row.run].append(RunSite(row.site, row.started, row.finished, row.outcome, row.counts, row.bytes))
            return [
                RunRow(run.id, run.started, run.finished, run.outcome, run.pid, tuple(sites[run.id])) for run in runs
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

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
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
    _story.c[name] for name in "fetched_url modified modified_offset last_seen version_seen image text".split()
)


def _filtered(filters: Filters, *columns: ColumnElement[Any]) -> Select[Any]:
    """A query for these columns, and the size of the cluster, of the stories that pass."""
    query = select(*columns, func.coalesce(_cluster.c.size, 1).label("cluster_size")).select_from(
        _story.outerjoin(_cluster, _cluster.c.id == _story.c.cluster)
    )
    conditions = passing(filters, _story)
    if not filters.copies:
        conditions.append(earliest(filters, other=_other))
    return query.where(*conditions)


def _page(query: Select[Any], filters: Filters, begin: list[Any] | None) -> Select[Any]:
    """From this place on, one row more than is wanted: it tells whether there is another page."""
    order: ColumnElement[Any] = tuple_(_story.c.dated, _story.c.id)
    if begin:
        at = tuple_(datetime.fromisoformat(begin[0]), begin[1], types=_SORTED_BY)
        query = query.where(order > at if filters.sort == Sort.OLDEST else order < at)
    limit = None if filters.limit is None else filters.limit + 1
    if filters.sort == Sort.OLDEST:
        return query.order_by(_story.c.dated, _story.c.id).limit(limit)
    return _newest_first(query, limit)


def _rows(rows: list[_Row], filters: Filters, query: str | None) -> Rows[_Row]:
    if filters.limit is None or len(rows) <= filters.limit:
        return Rows(rows)
    last = rows[filters.limit - 1]
    return Rows(rows[: filters.limit], cursor(filters, query, last.dated.isoformat(), last.id))


def _newest_first(query: Select[Any], limit: int | None) -> Select[Any]:
    return query.order_by(_story.c.dated.desc(), _story.c.id.desc()).limit(limit)


def _row_values(row: Row[Any]) -> dict[str, Any]:
    values = {column.name: row._mapping[column.name] for column in _ROW}
    return values | {
        "authors": tuple(row.authors),
        "tags": tuple(row.tags),
        "access": Access(row.access),
        "cluster_size": row.cluster_size,
    }


def _story_full(connection: Connection, row: Row[Any]) -> StoryFull:
    blocks: defaultdict[tuple[int, bool], list[TakenOut]] = defaultdict(list)
    for block in connection.execute(select(_removed).where(_removed.c.story == row.id).order_by(_removed.c.position)):
        blocks[block.version, block.apart].append(TakenOut(block.position, block.kind, block.why, block.text))
    versions = connection.execute(select(_version).where(_version.c.story == row.id).order_by(_version.c.version))
    addresses = connection.execute(
        select(_address)
        # The key of a number that the site gives its story is no address.
        .where(_address.c.story == row.id, not_(_address.c.url_key.contains("/#id=", autoescape=True)))
        .order_by(_address.c.first_seen, _address.c.url_key)
    )
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
            )
            for old in versions
        ),
        removed=tuple(blocks[row.version, False]),
        apart=tuple(blocks[row.version, True]),
        copies=_relatives(connection, row, _story.c.cluster == row.cluster) if row.cluster else (),
        states=_relatives(connection, row, _states(row)) if row.thread else (),
    )


def _states(row: Row[Any]) -> ColumnElement[bool]:
    others = or_(_story.c.cluster.is_(None), _story.c.cluster != (row.cluster or 0))
    return and_(_story.c.thread == row.thread, others)


def _relatives(connection: Connection, row: Row[Any], which: ColumnElement[bool]) -> tuple[Relative, ...]:
    query = select(*(_story.c[name] for name in Relative.__dataclass_fields__)).where(which, _story.c.id != row.id)
    return tuple(Relative(*each) for each in connection.execute(query.order_by(_story.c.dated, _story.c.id)))


# -- search ------------------------------------------------------------------------------------------------------------


def _search_index(connection: Connection, wanted: Search, filters: Filters, begin: list[Any] | None) -> list[Hit]:
    """Through SQLite's FTS5. Snippets are made of what is shown only: one costs more than finding the story.

    Few stories that match are all looked up and sorted. Where many do, the newest are among them: the stories are
    walked from the newest on, and each is looked for in the index, until enough are found.
    """
    matching = text(f"{SEARCH} MATCH :match").bindparams(match=wanted.match)
    some = select(_search.c.rowid).where(matching).limit(_MANY).subquery()
    many = connection.execute(select(func.count()).select_from(some)).scalar_one() == _MANY
    in_index = select(_search.c.rowid).where(matching)
    if many and filters.limit is not None:
        query = _filtered(filters, *_ROW).where(in_index.where(_search.c.rowid == _story.c.id).exists())
    else:
        query = _filtered(filters, *_ROW).where(_story.c.id.in_(in_index))
    rows = connection.execute(_page(query, filters, begin)).all()
    snippet: ColumnElement[str] = literal_column(f"snippet({SEARCH}, -1, char(2), char(3), '…', {_SNIPPET_WORDS})")
    snippets: dict[int, str] = {}
    for start in range(0, len(rows), _PAGE):
        ids = [row.id for row in rows[start : start + _PAGE]]
        shown = select(_search.c.rowid, snippet).where(matching, _search.c.rowid.in_(ids))
        snippets.update((rowid, passage) for rowid, passage in connection.execute(shown))
    return [Hit(**_row_values(row), snippet=snippets[row.id]) for row in rows]


def _search_texts(connection: Connection, wanted: Search, filters: Filters, begin: list[Any] | None) -> list[Hit]:
    """By reading the texts: for scripts without spaces, and for databases without FTS5. Terms match inside words."""

    def held(term: Term) -> ColumnElement[bool]:
        columns = (_story.c.title, func.coalesce(_story.c.standfirst, ""), _story.c.text)
        return or_(*(each.icontains(term.text, autoescape=True) for each in columns))

    query = _filtered(filters, *_ROW, _story.c.text).where(
        or_(*(and_(*map(held, terms)) for terms in wanted.alternatives)),
        *(not_(held(term)) for term in wanted.excluded),
    )
    found = re.compile("|".join(re.escape(term.text) for terms in wanted.alternatives for term in terms), re.IGNORECASE)
    return [
        Hit(**_row_values(row), snippet=_snippet(found, row.text, row.title, row.standfirst or ""))
        for row in connection.execute(_page(query, filters, begin))
    ]


def _snippet(found: re.Pattern[str], *texts: str) -> str:
    """The passage around the first place where a text holds what was searched for, every such place marked."""
    for each in texts:
        if first := found.search(each):
            start = max(0, first.start() - _SNIPPET_CHARACTERS // 4)
            end = min(len(each), max(first.end(), start + _SNIPPET_CHARACTERS))
            passage = found.sub(rf"{MARK_ON}\g<0>{MARK_OFF}", each[start:end])
            return ("…" if start else "") + passage + ("…" if end < len(each) else "")
    return texts[0][:_SNIPPET_CHARACTERS]
