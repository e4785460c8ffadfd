"""The queue: which jobs there are, and how they come into it.

    tick      every TICK seconds, once for all machines: ends the jobs of workers that are gone, queues sites
    crawl     a visit to one site
    archives  the reading of one archive (see `archives.py`)

A visit is made once, and never again: what it leaves is due, and the next tick queues it anew. Procrastinate's own
retries would make it twice, and with them a job's two locks can block each other for good (its issues 1446 and 1543).
An archive is put back until it is read. Jobs leave no trace in the queue when they have ended; visits and readings are
recorded in `run` and `run_site`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from newsbot.work.archives import ARCHIVES, Order
from newsbot.work.schema import reached_by
from newsbot.work.waiting import Connector

log = logging.getLogger(__name__)

CRAWL, TICKS = "crawl", "tick"
TICK = 10
"""Seconds from one tick to the next."""
STALLED = 20.0
"""Seconds after which a worker that is not heard is taken to be gone, and its jobs are taken away."""


def queue(
    given: dict[str, Any],
    due: Callable[[], Awaitable[Sequence[str]]],
    visit: Callable[[str], Awaitable[None]],
    read: Callable[[App, Order], Awaitable[None]],
) -> App:
    """The queue at the database that libpq reaches so, to be opened by the caller. `due` gives the sites to be queued,
    `visit` visits one, `read` reads an archive, or puts it back."""
    app = App(connector=Connector(kwargs=reached_by(given), min_size=1, max_size=6, timeout=10.0))

    @app.task(name=CRAWL, queue=CRAWL)
    async def crawl(site: str) -> None:
        await visit(site)

    @app.task(name=ARCHIVES, queue=ARCHIVES)
    async def archive(**said: Any) -> None:
        await read(app, Order.of(said))

    @app.periodic(cron=f"* * * * * */{TICK}")
    @app.task(name=TICKS, queue=TICKS, queueing_lock=TICKS)
    async def tick(timestamp: int) -> None:
        await _end_orphans(app)
        there = await app.job_manager.list_jobs_async(queue=CRAWL)  # those that have ended are not kept
        known = {job.lock for job in there}
        for site in await due():
            if site not in known:
                try:
                    await crawl.configure(lock=site, queueing_lock=site).defer_async(site=site)
                except AlreadyEnqueued:
                    log.debug("%s: another tick has queued it", site)

    return app


async def _end_orphans(app: App) -> None:
    """End the jobs of workers that are gone, for each would hold its place in the queue for ever. Archives are put
    back; of a site the tick knows by itself whether it is still due."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        log.warning("%s: its worker is gone", job.lock or job.task_name)
        try:
            if job.task_name == ARCHIVES:
                await app.job_manager.retry_job(job)
            else:
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        except ConnectorException as error:
            log.info("%s: has ended meanwhile, or its worker is back: %s", job.lock or job.task_name, error.__cause__)
