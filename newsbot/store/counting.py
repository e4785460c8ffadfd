"""How many: stories by site and day, and what was taken out of them. Days are those of UTC.

A span is read along the index by date, without the texts: counting costs what the span holds, whatever else there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Date, Text, and_, case, cast, func, select, type_coerce

from newsbot.items import Access
from newsbot.store import models
from newsbot.store.filters import Filters
from newsbot.store.passing import check_sites, passing

_story, _removed, _cluster = models.story, models.removed_block, models.cluster
_WALLED = (Access.PAYWALLED.value, Access.METERED.value)


@dataclass(frozen=True, slots=True)
class DayCount:
    """The stories of a site that are dated on a day; `copies` of them are not the first of their cluster, `paywalled`
    are served for money, or freely up to a number only."""

    site: str
    day: date
    stories: int
    copies: int
    paywalled: int


@dataclass(frozen=True, slots=True)
class RemovedCount:
    """How many blocks of a kind were taken out of a site's stories as they stand now, and out of how many stories."""

    site: str
    kind: str
    blocks: int
    stories: int


def daily(
    connection: Connection, sites: Sequence[str], since: datetime | None, until: datetime | None
) -> list[DayCount]:
    """Stories by site and day; days without any are left out. Raises QueryError for a site that is not known."""
    chosen = _chosen(connection, sites, since, until)
    day: ColumnElement[Any]
    if connection.dialect.name == "sqlite":
        day = func.substr(type_coerce(chosen.c.dated, Text), 1, 10)
    else:
        day = cast(func.timezone("UTC", chosen.c.dated), Date)
    copy = case((and_(chosen.c.cluster.is_not(None), _cluster.c.head != chosen.c.id), 1), else_=0)
    walled = case((chosen.c.access.in_(_WALLED), 1), else_=0)
    query = (
        select(chosen.c.site, day.label("day"), func.count(), func.sum(copy), func.sum(walled))
        .select_from(chosen.outerjoin(_cluster, _cluster.c.id == chosen.c.cluster))
        .group_by(chosen.c.site, day)
        .order_by(chosen.c.site, day)
    )
    return [
        DayCount(site, date.fromisoformat(str(day)), stories, copies, paywalled)
        for site, day, stories, copies, paywalled in connection.execute(query)
    ]


def removed(
    connection: Connection, sites: Sequence[str], since: datetime | None, until: datetime | None
) -> list[RemovedCount]:
    """What was taken out, by site and kind. Raises QueryError for a site that is not known."""
    chosen = _chosen(connection, sites, since, until)
    query = (
        select(chosen.c.site, _removed.c.kind, func.count(), func.count(_removed.c.story.distinct()))
        .join_from(chosen, _removed, and_(chosen.c.id == _removed.c.story, chosen.c.version == _removed.c.version))
        .where(_removed.c.apart.is_(False))
        .group_by(chosen.c.site, _removed.c.kind)
        .order_by(chosen.c.site, func.count().desc(), _removed.c.kind)
    )
    return [RemovedCount(*row) for row in connection.execute(query)]


def _chosen(connection: Connection, sites: Sequence[str], since: datetime | None, until: datetime | None) -> CTE:
    """The stories, found before anything is done with them: else SQLite reads a whole index to have them by site, or
    all blocks that were ever taken out to see which of them are theirs."""
    check_sites(connection, sites)
    columns = (_story.c[name] for name in "id site dated access cluster version".split())
    found = select(*columns).where(*passing(Filters(sites=sites, since=since, until=until), _story))
    return found.cte("chosen").prefix_with("MATERIALIZED")
