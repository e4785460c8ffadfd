"""When sites are due: what `newsbot.schedule` has to know of one, read; what it decides, entered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, bindparam, exists, func, select, update

from newsbot.schedule import REMEMBERED, Bounds, Due, Known, Visited, due
from newsbot.store import models
from newsbot.store.conditional import sources
from newsbot.store.rows import RunKind

_site, _story, _run, _run_site, _host = models.site, models.story, models.run, models.run_site, models.host

MISSED = "missed.possible"
"""What a visit counts the sources under that had turned over since the one before."""
_STORIES = 2000  # the newest of a site's are enough to tell its rhythm
_VISITS = 50
_RUNS = 50  # of all there ever were, these are looked at for a site that has answered
_AROUND = timedelta(hours=1)  # in which another site has answered, where this machine has a network

_CRAWLED = exists().where(_run.c.id == _run_site.c.run, _run.c.kind == RunKind.CRAWL.value)
_PUBLISHED = (
    select(_story.c.dated)
    .where(_story.c.site == bindparam("of"), _story.c.dated >= bindparam("since"), _story.c.dated <= bindparam("now"))
    .order_by(_story.c.dated.desc())
    .limit(_STORIES)
)
_LAST = (
    select(_run_site.c.started, _run_site.c.finished, _run_site.c.outcome, _run_site.c.counts, _run_site.c.bytes)
    .where(_run_site.c.site == bindparam("of"), _CRAWLED)
    .order_by(_run_site.c.run.desc())
    .limit(_VISITS)
)
_FIRST = (
    select(_run_site.c.started).where(_run_site.c.site == bindparam("of"), _CRAWLED).order_by(_run_site.c.run).limit(1)
)
_ANSWERED = (
    select(_run_site.c.site)
    .where(
        _run_site.c.run > select(func.max(_run_site.c.run) - _RUNS).scalar_subquery(),
        _run_site.c.started >= bindparam("since"),
        _run_site.c.bytes > 0,
        _CRAWLED,
    )
    .limit(1)
)
_PAUSES = select(_host.c.origin, _host.c.paused_until).where(
    _host.c.origin.in_(bindparam("origins", expanding=True)), _host.c.paused_until.is_not(None)
)
_ENTER = update(_site).where(_site.c.key == bindparam("of"))


def known(connection: Connection, site: str, now: datetime) -> Known:
    """What is known of a site, its last visit having ended."""
    visits = connection.execute(_LAST, {"of": site}).all()
    published = connection.execute(_PUBLISHED, {"of": site, "since": now - REMEMBERED, "now": now}).scalars().all()
    states = list(sources(connection, site).values())
    offline = False
    if visits and visits[0].outcome == "failed" and not visits[0].bytes:
        offline = connection.execute(_ANSWERED, {"since": visits[0].started - _AROUND}).first() is None
    return Known(
        site=site,
        published=published,
        since=connection.execute(_FIRST, {"of": site}).scalar(),
        visits=[Visited(row.started, row.finished, row.outcome, bool(row.counts.get(MISSED))) for row in visits],
        sources=states,
        paused_until=_pause(connection, {_origin(state.url) for state in states}),
        offline=offline,
    )


def schedule(connection: Connection, site: str, now: datetime, bounds: Bounds) -> Due:
    """Decide when a site is due next, and enter it; gives what was decided."""
    decided = due(known(connection, site, now), now, bounds)
    connection.execute(_ENTER, {"of": site, "next_due": decided.when, "due_why": decided.why})
    return decided


def broken_off(connection: Connection, sites: Iterable[str]) -> None:
    """Sites whose visit was killed are due."""
    for site in sites:
        connection.execute(_ENTER, {"of": site, "next_due": None, "due_why": "its last visit was broken off"})


def _pause(connection: Connection, origins: set[str]) -> datetime | None:
    """Until when all of these hosts want to be left alone; None where one of them may be asked."""
    pauses = {row.origin: row.paused_until for row in connection.execute(_PAUSES, {"origins": sorted(origins)})}
    return min(pauses.values(), default=None) if len(pauses) == len(origins) else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
