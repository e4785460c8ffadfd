"""What the health of sites is judged by, read in bounded portions, and the incidents that come of it.

For each site its last visits, the shapes of its newest stories and the hours in which it had any: each is read along an
index, newest first, and costs the same whatever else there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, insert, or_, select, update

from newsbot.health import Facts, Incident, RunSeen, SiteFacts, SourceSeen, StoryShape, Visit
from newsbot.items import Access
from newsbot.store import machines, models
from newsbot.store.rows import RunKind
from newsbot.store.surveying import hour_of

VISITS, VISITS_BEFORE = 300, 200
"""Visits of a site that are read: the last, and those before what is known to be wrong with it."""
STORIES, STORIES_BEFORE = 150, 100
RUNS = 30
HISTORY, LONG_HISTORY = timedelta(days=28), timedelta(days=182)
"""How far the hours with stories go back from the last one; the longer where there are fewer than FEW."""
FEW = 60

_site, _story, _run, _run_site, _source, _incident = (
    models.site,
    models.story,
    models.run,
    models.run_site,
    models.source_state,
    models.incident,
)
_WALLED = (Access.PAYWALLED.value, Access.METERED.value)
_OF: ColumnElement[Any] = bindparam("of")

_VISITS = (
    select(_run_site.c.started, _run_site.c.outcome, _run_site.c.counts, _run_site.c.bytes)
    .where(
        _run_site.c.site == _OF,
        _run_site.c.finished.is_not(None),
        _run_site.c.outcome != "interrupted",
        exists().where(_run.c.id == _run_site.c.run, _run.c.kind == RunKind.CRAWL.value),
    )
    .order_by(_run_site.c.run.desc())
)
_STORIES = (
    select(
        _story.c.dated,
        _story.c.first_seen,
        _story.c.word_count,
        (_story.c.title != "").label("titled"),
        _story.c.authors,
        _story.c.published.is_not(None).label("published"),
        _story.c.access.in_(_WALLED).label("walled"),
    )
    .where(_story.c.site == _OF, _story.c.dated <= bindparam("upto"))
    .order_by(_story.c.dated.desc())
)
_NEWEST = select(func.max(_story.c.dated)).where(_story.c.site == _OF, _story.c.dated <= bindparam("upto"))


def facts(
    connection: Connection,
    declared: Mapping[str, Sequence[str]],
    added: Mapping[str, datetime],
    lasting: Mapping[str, Mapping[str, datetime]],
    now: datetime,
) -> Facts:
    """The facts of these sites, in this order, and of the runs; what is `free` is left open. `declared` has the sources
    that each site's file names, `added` since when a site is to be crawled, `lasting` what is known to be wrong with
    it, see `SiteFacts`."""
    due = {row.key: row.next_due for row in connection.execute(select(_site.c.key, _site.c.next_due))}
    found = []
    for key, urls in declared.items():
        wrong = lasting.get(key, {})
        anchor = min(wrong.values(), default=None)
        if key not in due:  # no visit yet
            found.append(SiteFacts(key, added=added.get(key)))
            continue
        found.append(
            SiteFacts(
                key,
                visits=tuple(_visits(connection, key, anchor)),
                stories=tuple(_stories(connection, key, anchor, now)),
                hours=tuple(_hours(connection, key, now)),
                sources=tuple(_sources(connection, key, urls)),
                due=due[key],
                added=added.get(key),
                lasting=wrong,
            )
        )
    return Facts(
        now=now,
        sites=tuple(found),
        runs=_runs(connection),
        workers=tuple(machines.workers(connection)),
        database=_size(connection),
    )


def _runs(connection: Connection) -> tuple[RunSeen, ...]:
    """The last crawls, newest first."""
    query = select(_run.c.started, _run.c.finished, _run.c.outcome).where(_run.c.kind == RunKind.CRAWL.value)
    query = query.order_by(_run.c.id.desc()).limit(RUNS)
    return tuple(RunSeen(*row) for row in connection.execute(query))


def _size(connection: Connection) -> int:
    """What the database holds, in bytes."""
    if connection.dialect.name == "sqlite":
        pages, each = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
        )
        return int(pages * each)
    return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


def incidents(connection: Connection, since: datetime) -> list[Incident]:
    """The incidents that last, and those that were over since then, oldest first."""
    query = select(_incident).where(or_(_incident.c.until.is_(None), _incident.c.until >= since))
    return [
        Incident(
            id=row.id,
            kind=row.kind,
            site=row.site,
            level=row.level,
            since=row.since,
            seen=row.seen,
            last_seen=row.last_seen,
            evidence=row.evidence,
            advice=row.advice,
            clear_since=row.clear_since,
            until=row.until,
            told=tuple(row.told or ()),
            told_over=tuple(row.told_over or ()),
        )
        for row in connection.execute(query.order_by(_incident.c.id))
    ]


def enter_incidents(connection: Connection, entered: Iterable[Incident]) -> None:
    """Enter incidents, or bring those that have a number up to date."""
    for incident in entered:
        values = {name: getattr(incident, name) for name in Incident.__dataclass_fields__ if name != "id"}
        values |= {"told": list(incident.told), "told_over": list(incident.told_over)}
        if incident.id is None:
            connection.execute(insert(_incident), values)
        else:
            connection.execute(update(_incident).where(_incident.c.id == incident.id), values)


# -- a site ------------------------------------------------------------------------------------------------------------


def _visits(connection: Connection, site: str, anchor: datetime | None) -> list[Visit]:
    rows = list(connection.execute(_VISITS.limit(VISITS), {"of": site}))
    if anchor is not None:
        begin = min(anchor, rows[-1].started) if rows else anchor
        rows += connection.execute(_VISITS.where(_run_site.c.started < begin).limit(VISITS_BEFORE), {"of": site})
    return [Visit(row.started, row.outcome or "", row.counts, row.bytes) for row in rows]


def _stories(connection: Connection, site: str, anchor: datetime | None, now: datetime) -> list[StoryShape]:
    rows = list(connection.execute(_STORIES.limit(STORIES), {"of": site, "upto": now}))
    if anchor is not None and rows and rows[-1].dated > anchor:
        rows += connection.execute(_STORIES.limit(STORIES_BEFORE), {"of": site, "upto": anchor})
    return [
        StoryShape(
            dated=row.dated,
            first_seen=row.first_seen,
            words=row.word_count,
            titled=bool(row.titled),
            authored=bool(row.authors),
            published=bool(row.published),
            walled=bool(row.walled),
        )
        for row in rows
    ]


def _hours(connection: Connection, site: str, now: datetime) -> list[datetime]:
    """The hours with stories, back from the last one, for as long as a rhythm needs."""
    last = connection.execute(_NEWEST, {"of": site, "upto": now}).scalar_one()
    if last is None:
        return []
    hour = hour_of(connection, _story.c.dated)
    query = select(hour.label("hour")).distinct().where(
        _story.c.site == site, _story.c.dated <= last, _story.c.dated > bindparam("after")
    )  # fmt: skip
    for span in (HISTORY, LONG_HISTORY):
        found = connection.execute(query, {"after": last - span}).scalars().all()
        if len(found) >= FEW:
            break
    return [datetime.strptime(each, "%Y-%m-%d %H").replace(tzinfo=UTC) for each in found]


def _sources(connection: Connection, site: str, urls: Sequence[str]) -> list[SourceSeen]:
    """Those of the sources that the site's file names today."""
    query = (
        select(_source.c.url, _source.c.failures, _source.c.first_seen, _source.c.asked)
        .where(_source.c.site == site, _source.c.url.in_(urls))
        .order_by(_source.c.url)
    )
    return [SourceSeen(*row) for row in connection.execute(query)]
