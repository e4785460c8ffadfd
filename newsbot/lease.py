"""A crawl's sites are its own on all machines that share its database: leases, and the end of a crawl that cannot keep
them. So is the archive that `newsbot ingest` reads.

    0 s                     the crawl takes its sites for SPAN, by the database's clock
    EVERY                   it keeps them for SPAN from then on, again and again, in a thread of its own
    SPAN - MARGIN           after the last time that went through it ends itself, as kill -9 would
    SPAN                    another may take the sites

Nothing else may be believed when the database is out of reach: that it is down, or that only we are cut off from it. A
crawl can be killed at any moment without harm, so it is. That two crawls never have a site at once rests on clocks that
run equally fast within a fifth (MARGIN of SPAN), and on a database clock that is not put forward; even where that
fails, one that has lost its lease writes nothing more (see `newsbot.store.leases`).
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import uuid4

from newsbot.errors import CrawlLocked, StoreError
from newsbot.store import Machines

log = logging.getLogger(__name__)

SPAN = timedelta(seconds=20)
EVERY, MARGIN = 3.0, 4.0  # seconds


def clock() -> float:
    """Seconds on a clock that is never set, and that goes on while the machine sleeps, where the system has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def name_of_this_process() -> str:
    """How leases name their holder to people."""
    return f"{socket.gethostname()} pid {os.getpid()}"


class Lease:
    """Sites held until `give_back`. `sites` are those that were had, `token` is what the database knows them by.

    Without waiting for others: where another crawl has one of the sites it is left to it where `leave` says so; else
    raises CrawlLocked. `lost` is called, in another thread, when the sites cannot be kept. Raises StoreUnavailable.
    """

    def __init__(
        self,
        machines: Machines,
        sites: Sequence[str],
        *,
        leave: bool,
        span: timedelta = SPAN,
        lost: Callable[[], object] | None = None,
    ) -> None:
        self.token = uuid4().hex
        self._machines = machines
        self._span = span
        self._lost = lost or _end
        self._ended = threading.Event()
        asked = clock()
        self.sites, others = machines.take(sites, self.token, name_of_this_process(), span)
        if others and not leave:
            machines.release(self.token)
            more = f" and {len(others) - 1} more of these sites" if len(others) > 1 else ""
            first = others[0]
            raise CrawlLocked(
                f"another run is at work on {first.site}{more}: {first.holder}, since "
                f"{first.since:%Y-%m-%d %H:%M:%S} UTC. Wait for it to end, or name others."
            )
        self._until = self._end_of(asked)
        for work in (self._keep, self._watch):
            threading.Thread(target=work, name=f"lease {work.__name__}", daemon=True).start()

    def check(self) -> None:
        """To be called right before something that only the holder of the sites may do: where they can no longer be
        counted on, `lost` is called, and does not return in a crawl. The watching thread may come a moment too late for
        a process that was stopped, or whose machine slept."""
        if clock() >= self._until:
            self._lost()

    def give_back(self) -> None:
        """The sites are free again. Where the database cannot be told they are so by themselves, in a moment."""
        self._ended.set()
        try:
            self._machines.release(self.token)
        except StoreError as error:
            log.warning(
                "the sites could not be given back, and are free in %.0f s: %s", self._span.total_seconds(), error
            )

    def _end_of(self, asked: float) -> float:
        return asked + self._span.total_seconds() * (1 - MARGIN / SPAN.total_seconds())

    def _keep(self) -> None:
        while not self._ended.wait(EVERY * self._span / SPAN):
            asked = clock()
            try:
                kept = self._machines.renew(self.token, self._span)
            except StoreError as error:
                log.warning("the sites could not be kept just now: %s", error)
                continue
            if kept < len(self.sites):
                log.error("%d of %d sites are no longer held", len(self.sites) - kept, len(self.sites))
                self._until = asked
                return
            self._until = self._end_of(asked)

    def _watch(self) -> None:
        while not self._ended.wait(min(1.0, max(0.0, self._until - clock()))):
            if clock() >= self._until:
                self._lost()
                return


def _end() -> None:
    """End this process, whatever it is waiting for: a database that does not answer cannot be told."""
    log.error("the database has been out of reach for too long; this run has ended itself: another may have taken over")
    show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""
    said = (
        f"{show_cursor}newsbot: the database has been out of reach for too long; this run has ended itself, for "
        "another may have taken over by now. What was stored is kept.\n"
    )
    os.write(sys.stderr.fileno(), said.encode())
    os._exit(1)
