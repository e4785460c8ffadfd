"""A worker: takes jobs from the queue, and goes on for as long as its machine does.

    work -> session -> session -> ...     one from each time that the database is reached to when it is lost

A session that is lost ends all jobs at once. They could store nothing, and whether it is the database that is gone or
this machine that is cut off cannot be known; sites and archives are free for others when their leases run out.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker as QueueWorker
from psycopg import OperationalError

from newsbot import archive, logs
from newsbot.config import Settings
from newsbot.errors import ConfigError, CrawlLocked, SiteError, StoreError
from newsbot.register import environment
from newsbot.schedule import GRACE, Bounds
from newsbot.store import Store, libpq
from newsbot.work.archives import ARCHIVES, FAILED, LOCKED, Order, put_back
from newsbot.work.children import Children
from newsbot.work.queue import CRAWL, STALLED, TICKS, queue
from newsbot.work.schema import up_to_date
from newsbot.work.waiting import apart

log = logging.getLogger(__name__)

BEAT = 3.0
"""Seconds from one sign of life to the next."""
LOST = 12.0
"""Seconds without an answer after which the database is given up."""
END = 60.0
"""Seconds that jobs have to store what is on their way, when the worker is to end."""
AGAIN = 2.0
"""Seconds between two tries to reach the database."""
SKEW = timedelta(seconds=10)
"""How far this machine's clock may be from the database's."""
PAUSE = GRACE + timedelta(seconds=40)
"""How much later a site is due whose visit has ended without a verdict: 40 seconds, for those within GRACE are due."""

QUEUES = (CRAWL, ARCHIVES)
"""The queues that a worker may take jobs from."""

_FORGOTTEN = timedelta(minutes=1)
_LATE = 300.0  # seconds that a visit gets beyond `visit_seconds`, at the end of which it should end by itself
_GONE = (StoreError, ConnectorException, OperationalError, TimeoutError, OSError)


def work(settings: Settings, slots: int, told: Callable[[str], object], queues: Collection[str] = ()) -> int:
    """Take jobs from these queues, by default from all that this machine can serve: of visits `slots` at once, of
    archives one, until SIGTERM or Ctrl-C; gives the exit code. `told` is what has happened to the worker itself, in
    words.

    Raises ConfigError where the database is not PostgreSQL, or archives cannot be read here, SiteError where no sites
    were pushed that it could visit, StoreError where the database cannot be reached at first; later it is tried again
    and again.
    """
    given = libpq(settings.database)
    if given is None:
        raise ConfigError(
            "workers share a PostgreSQL database, and this one is SQLite: set NEWSBOT_DATABASE_URL. One machine needs "
            "no worker: `newsbot cron install`."
        )
    if ARCHIVES in queues:
        archive.check_installed("newsbot worker --queue archives")
    queues = set(queues) or {name for name in QUEUES if name != ARCHIVES or archive.is_installed()}
    logs.log_to(settings)
    logging.getLogger("procrastinate").setLevel("ERROR")
    logging.getLogger("psycopg.pool").setLevel("ERROR")
    with Store.open(settings.database) as store:
        if CRAWL in queues and not store.machines.pushed():
            raise SiteError(
                "there are no sites in the database: `newsbot sites push` brings those of this machine there"
            )
        up_to_date(given)
        store.machines.succeed(socket.gethostname(), _FORGOTTEN)
    return asyncio.run(_Worker(settings, slots, told, given, queues).run())


class _Lost(Exception):
    """The database is out of reach, or has taken us for dead."""


class _QueueWorker(QueueWorker):
    """Procrastinate's worker, which stops when something of it fails: then, or when it is told to, `stopped` is set."""

    def __init__(self, app: App, queues: Sequence[str], slots: int) -> None:
        super().__init__(
            app,
            queues,
            concurrency=slots,
            delete_jobs="always",
            install_signal_handlers=False,
            shutdown_graceful_timeout=END + 5,
            update_heartbeat_interval=BEAT,
            stalled_worker_timeout=STALLED,
        )
        self.stopped = asyncio.Event()

    def stop(self) -> None:
        """See procrastinate."""
        super().stop()  # type: ignore[no-untyped-call]
        self.stopped.set()


class _Worker:
    def __init__(
        self,
        settings: Settings,
        slots: int,
        told: Callable[[str], object],
        given: dict[str, Any],
        queues: Collection[str],
    ) -> None:
        self._settings = settings
        self._queues = queues
        self._slots = slots
        self._told = told
        self._given = given
        self._id = uuid4().hex
        self._children = Children()
        self._ending = asyncio.Event()
        self._signal: signal.Signals | None = None
        self._out_of_reach = False
        self._skewed = False

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, number)
        while not self._ending.is_set():
            try:
                await self._session()
            except (*_GONE, _Lost) as error:
                why = _first_line(error)
                log.warning("the database is out of reach; jobs are ended, and it is tried again: %s", why)
                if not self._out_of_reach:
                    self._told(f"the database is out of reach; jobs are ended, and it is tried again: {why}")
                self._out_of_reach = True
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await self._ending.wait()
        return 128 + self._signal if self._signal else 0

    def _end(self, number: signal.Signals) -> None:
        """Take no more jobs, and let the others store what is on its way; at a second signal let them give that up."""
        self._signal = number
        self._ending.set()
        self._children.end(signal.SIGTERM)

    async def _session(self) -> None:
        """Work for as long as the database is there, or until the end is near. Raises what says that it is not."""
        self._children = Children()
        store = await apart(Store.open, self._settings.database, create=False)
        try:
            await self._beat(store)
            app = queue(
                self._given,
                lambda: self._due(store),
                lambda site: self._visit(store, site),
                lambda app, order: self._read(store, app, order),
            )
            async with app.open_async():
                self._out_of_reach = False
                self._told(f"at work, {' and '.join(self._kinds())}")
                await self._at_work(store, app)
        finally:
            store.close()

    async def _at_work(self, store: Store, app: App) -> None:
        slots = {TICKS: 1, CRAWL: self._slots, ARCHIVES: 1}
        workers = [_QueueWorker(app, [name], slots[name]) for name in (*self._queues, TICKS)]
        running = [asyncio.create_task(_run(worker)) for worker in workers]
        beating = asyncio.create_task(self._keep_beating(store))
        watching = [asyncio.create_task(event.wait()) for event in (self._ending, *(w.stopped for w in workers))]
        try:
            await asyncio.wait([*running, beating, *watching], return_when=asyncio.FIRST_COMPLETED)
            ended = self._ending.is_set()
            if not ended:
                self._children.end(signal.SIGKILL)
            for worker in workers:
                worker.stop()
            if ended:
                log.info("ending: %d jobs are waited for", len(self._children))
            await asyncio.wait(running, timeout=END + 15 if ended else LOST)
            self._children.end(signal.SIGKILL)
            if ended:
                with suppress(*_GONE):
                    await apart(store.machines.leave, self._id)
                return
            raise _Lost(_reason([beating, *running]))
        finally:
            for task in (beating, *running, *watching):
                task.cancel()
            await asyncio.wait([beating, *running, *watching], timeout=AGAIN)

    async def _keep_beating(self, store: Store) -> None:
        """Say that this worker is at work; returns never. Raises what the database says when it has been out of reach
        for LOST seconds."""
        heard = time.monotonic()
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self._beat(store)
            except _GONE:
                if time.monotonic() - heard > LOST:
                    raise
            else:
                heard = time.monotonic()

    async def _beat(self, store: Store) -> None:
        seen = await apart(store.machines.beat, self._id, socket.gethostname(), os.getpid(), self._slots)
        skew = datetime.now(UTC) - seen
        if abs(skew) > SKEW and not self._skewed:
            self._skewed = True
            seconds = skew.total_seconds()
            log.warning("this machine's clock is %+.0f s from the database's: let NTP set it", seconds)
            self._told(f"this machine's clock is {seconds:+.0f} s from the database's: let NTP set it")

    # -- jobs ----------------------------------------------------------------------------------------------------------

    async def _due(self, store: Store) -> list[str]:
        shared = await apart(store.machines.settings)
        if not shared:  # nothing was pushed
            return []
        shortest, longest = (float(shared[name]) for name in ("shortest_interval", "longest_interval"))
        return await apart(store.machines.due, Bounds.of_seconds(shortest, longest))

    async def _visit(self, store: Store, site: str) -> None:
        shared = await apart(store.machines.settings)
        own = {"NEWSBOT_WORKERS": str(self._settings.workers or 1)}
        code = await self._children.run(
            "visit", site, {**os.environ, **own, **environment(shared)}, float(shared["visit_seconds"]) + _LATE
        )
        if code and code != CrawlLocked.exit_code and not self._ending.is_set():
            log.warning("%s: the visit ended with %d", site, code)
            # Where it has come to no verdict the site is still due, and would be visited again and again.
            await apart(store.machines.put_off, site, PAUSE, f"its last visit ended with {code}")

    async def _read(self, store: Store, app: App, order: Order) -> None:
        """Read an archive on from where it is; what is left of it is put back before this job ends."""
        shared = await apart(store.machines.settings)
        said = json.dumps(asdict(order))
        try:
            code = await self._children.run("reading", said, {**os.environ, **environment(shared)}, None)
        except asyncio.CancelledError:  # it has not ended in the time that it had
            await put_back(app, order)
            raise
        if not code:
            return
        if self._children.ending:
            await put_back(app, order)
        elif code == CrawlLocked.exit_code:
            await put_back(app, order, LOCKED)
        elif order.tries < len(FAILED):
            wait = FAILED[order.tries]
            log.warning("%s: the reading ended with %d, and is tried again in %s", order.file, code, wait)
            await put_back(app, replace(order, tries=order.tries + 1), wait)
        else:
            log.error("%s: is given up: it could not be read", order.file)
            self._told(f"{order.file}: is given up, for it could not be read; the log says why")

    def _kinds(self) -> list[str]:
        """What it takes, in words."""
        kinds = {CRAWL: f"{self._slots} visits at once", ARCHIVES: "an archive"}
        return [said for name, said in kinds.items() if name in self._queues]


async def _run(worker: _QueueWorker) -> None:
    await worker.run()  # type: ignore[no-untyped-call]


def _reason(tasks: Sequence[asyncio.Task[None]]) -> str:
    """Why the first of some tasks has ended that was not to."""
    errors = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    found = next((error for error in errors if error is not None), None)
    return _first_line(found) if found else "its connections broke off"


def _first_line(error: BaseException) -> str:
    """What an error says, or what caused it."""
    said = str(error.__cause__ or error) or type(error).__name__
    return said.strip().splitlines()[0]
