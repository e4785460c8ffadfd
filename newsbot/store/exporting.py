"""Stories as they are exported: page by page along an index, so that a million take no more memory than a thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, select, tuple_

from newsbot.errors import QueryError
from newsbot.store import models
from newsbot.store.filters import Filters, Sort
from newsbot.store.finding import find
from newsbot.store.index import matching
from newsbot.store.marks import Mark
from newsbot.store.passing import check_sites, earliest, passing
from newsbot.store.search import Search

_PAGE = 200  # stories in memory

_story, _cluster = models.story, models.cluster
_COLUMNS = tuple(
    _story.c[name]
    for name in (
        "id dated changed fetched_url url site title standfirst authors published published_offset day_only modified "
        "modified_offset first_seen language section tags access text cluster"
    ).split()
)
_QUERY = select(*_COLUMNS, func.coalesce(_cluster.c.size, 1).label("cluster_size")).select_from(
    _story.outerjoin(_cluster, _cluster.c.id == _story.c.cluster)
)
_DATED, _CHANGED = (_story.c.dated, _story.c.id), (_story.c.changed, _story.c.id)
_other = _story.alias("other")


Asking = Callable[[], AbstractContextManager[Connection]]
"""Gives a connection for a question."""


def export(asking: Asking, filters: Filters, mark: Mark | None) -> Iterator[dict[str, Any]]:
    """The stories that pass, by date; with a mark, those that have changed between it and its target, in the order of
    their changes. Each page is read in a transaction of its own, which holds up no writer.

    Raises QueryError for a site that is not known, for the order of relevance, and for a cursor.
    """
    _check(asking, filters)
    return _pages(asking, filters, mark)


def export_found(asking: Asking, filters: Filters, search: Search) -> Iterator[dict[str, Any]]:
    """Those of them that hold what is searched for, likewise. Raises QueryError as `export` does."""
    _check(asking, filters)
    return _found(asking, filters, search)


def _check(asking: Asking, filters: Filters) -> None:
    if filters.sort == Sort.RELEVANCE or filters.after is not None:
        raise QueryError("an export is by date and whole: leave out the order of relevance and the cursor.")
    with asking() as connection:
        check_sites(connection, filters.sites)


def _found(asking: Asking, filters: Filters, search: Search) -> Iterator[dict[str, Any]]:
    left, begin = filters.limit, None
    while left is None or left > 0:
        wanted = _PAGE if left is None else min(left, _PAGE)
        with asking() as connection:
            places = find(connection, filters, matching(connection, search, filters), begin, wanted)
            ids = [place.id for place in places]
            rows = {row.id: row for row in connection.execute(_QUERY.where(_story.c.id.in_(ids)))}
        yield from (_exported(rows[each]) for each in ids if each in rows)
        if len(places) < wanted:
            return
        left = None if left is None else left - wanted
        begin = places[-1]


def _pages(asking: Asking, filters: Filters, mark: Mark | None) -> Iterator[dict[str, Any]]:
    key = _DATED if mark is None else _CHANGED
    rising = mark is not None or filters.sort == Sort.OLDEST
    query: Select[Any] = _QUERY.where(*passing(filters, _story))
    if not filters.copies:
        query = query.where(earliest(filters, other=_other))
    if mark is not None:
        query = query.where(_story.c.changed > mark.upto, _story.c.changed <= mark.target)
    query = query.order_by(*(column if rising else column.desc() for column in key))
    left, page = filters.limit, query
    while left is None or left > 0:
        wanted = _PAGE if left is None else min(left, _PAGE)
        with asking() as connection:
            rows = connection.execute(page.limit(wanted)).all()
        yield from map(_exported, rows)
        if len(rows) < wanted:
            return
        left = None if left is None else left - wanted
        last = tuple_(*(rows[-1]._mapping[column] for column in key), types=[column.type for column in key])
        page = query.where(tuple_(*key) > last if rising else tuple_(*key) < last)


def _exported(row: Sequence[Any]) -> dict[str, Any]:
    """The fields of `EXPORT_FIELDS`, in their order."""
    (
        *_, url, canonical, site, title, standfirst, authors, published, published_offset, day_only, modified,
        modified_offset, first_seen, language, section, tags, access, told, cluster, size,
    ) = row  # fmt: skip
    return {
        "url": url,
        "canonical_url": canonical,
        "site": site,
        "title": title,
        "standfirst": standfirst,
        "authors": authors,
        "published": _as_said(published, published_offset, day_only),
        "modified": _as_said(modified, modified_offset, day_only),
        "first_seen": first_seen.isoformat(),
        "language": language,
        "section": section,
        "tags": tags,
        "access": access,
        "text": told,
        "copies": size - 1,
        "cluster": cluster,
    }


@lru_cache(maxsize=4096)
def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def _as_said(instant: datetime | None, offset: int | None, day_only: bool) -> str | None:
    """ISO 8601 in the page's own offset. `day_only` is said of the publication alone; a page that gives days has days
    for its changes too, and these are midnights."""
    if instant is None:
        return None
    local = instant.astimezone(_zone(offset)) if offset else instant
    if day_only and local.time() == time.min:
        return local.date().isoformat()
    return local.isoformat()
