"""How many: stories by site and day, and what was taken out of them. Days are those of UTC.

A span is read along the index by date, without the texts: counting costs what the span holds, whatever else there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Text, and_, case, cast, func, select, type_coerce

from newsbot.items import Access
from newsbot.store import models
from newsbot.store.filters import Filters
from newsbot.store.passing import check_sites, passing

_story, _removed, _cluster = models.tables(models.Story, models.RemovedBlock, models.Cluster)
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
    conditions = _conditions(connection, sites, since, until)
    day: ColumnElement[Any]
    if connection.dialect.name == "sqlite":
        day = func.substr(type_coerce(_story.c.dated, Text), 1, 10)
    else:
        day = cast(func.timezone("UTC", _story.c.dated), Date)
    copy = case((and_(_story.c.cluster.is_not(None), _cluster.c.head != _story.c.id), 1), else_=0)
    walled = case((_story.c.access.in_(_WALLED), 1), else_=0)
    query = (
        select(_story.c.site, day.label("day"), func.count(), func.sum(copy), func.sum(walled))
        .select_from(_story.outerjoin(_cluster, _cluster.c.id == _story.c.cluster))
        .where(*conditions)
        .group_by(_story.c.site, day)
        .order_by(_story.c.site, day)
    )
    return [
        DayCount(site, date.fromisoformat(str(day)), stories, copies, paywalled)
        for site, day, stories, copies, paywalled in connection.execute(query)
    ]


def removed(
    connection: Connection, sites: Sequence[str], since: datetime | None, until: datetime | None
) -> list[RemovedCount]:
    """What was taken out, by site and kind. Raises QueryError for a site that is not known."""
    query = (
        select(_story.c.site, _removed.c.kind, func.count(), func.count(_removed.c.story.distinct()))
        .join_from(_story, _removed, and_(_story.c.id == _removed.c.story, _story.c.version == _removed.c.version))
        .where(_removed.c.apart.is_(False), *_conditions(connection, sites, since, until))
        .group_by(_story.c.site, _removed.c.kind)
        .order_by(_story.c.site, func.count().desc(), _removed.c.kind)
    )
    return [RemovedCount(*row) for row in connection.execute(query)]


def _conditions(
    connection: Connection, sites: Sequence[str], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    check_sites(connection, sites)
    return passing(Filters(sites=sites, since=since, until=until), _story)
