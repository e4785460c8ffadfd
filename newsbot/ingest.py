"""The reading of archives: the captures of WARC files, through the same path as the pages of a crawl.

    file -> captures (a thread) -> stories (the reading processes) -> in the file's order -> the store (its thread)

How far a file has come moves in the transactions of its stories. One that was read is known by how it begins, whatever
its name, and is not read again. Each file is a run of its own, with a record.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from newsbot import logs
from newsbot.archive.opening import STDIN, known_by, opened
from newsbot.archive.reading import DAMAGED, TORN, Capture, Passed, Read, captures, page
from newsbot.config import Settings
from newsbot.errors import NewsbotError, NotUnderstood, StoreError
from newsbot.items import Profile, Story, Verdict
from newsbot.lock import crawl_lock
from newsbot.process import make
from newsbot.shared import Shared
from newsbot.sites import Owners, Site
from newsbot.store import Outcome, Place
from newsbot.workers import PageTooHard

log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_AHEAD = 4  # pages for each reading process that are read before their turn to be kept
_AT_ONCE = 8  # records that are taken out of a file at a time
_LOOK = 0.25  # seconds between two looks at how far it is


@dataclass(slots=True)
class FileReport:
    """One file's part: what was counted for each site, and `beside` for no site; `received` are bytes of pages. `place`
    is a byte of the file, of `size`, None where it comes through a pipe. `outcome` is that of its run: "ok", "partial"
    where something could not be read, "interrupted", "failed"; or "done" where it had been read before, at `before`.
    `code` and `error`: why it is not "ok", for the exit code and for people."""

    name: str
    size: int | None = None
    place: int = 0
    records: int = 0
    sites: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    beside: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)
    outcome: str = ""
    before: datetime | None = None
    error: str = ""
    code: int = 0

    @property
    def label(self) -> str:
        """The file's name without its folder."""
        return "stdin" if self.name == STDIN else Path(self.name).name

    @property
    def counts(self) -> Counter[str]:
        """What was counted for all sites, and for none."""
        return sum(self.sites.values(), self.beside.copy())

    @property
    def whole(self) -> bool:
        """Whether all of its records were read: there is no more to come."""
        return self.outcome in ("ok", "partial") and not self.counts[TORN]

    def judge(self, *, interrupted: bool) -> None:
        """How it went, by what was counted."""
        counts = self.counts
        if interrupted:
            self.outcome = "interrupted"
            return
        self.outcome = "partial" if any(name.startswith("error.") for name in counts) else "ok"
        if counts[TORN]:
            self._say("ends in the middle of a record; what is before that was read. Get the rest, then run again.")
        elif counts[DAMAGED]:
            self._say("is damaged; what could be read around the damage was.")

    def fail(self, why: str, code: int = 1) -> None:
        """It could not be read."""
        self.outcome = "failed"
        self._say(why, code)

    def _say(self, why: str, code: int = 1) -> None:
        self.error, self.code = f"{self.name}: {why}", code


@dataclass(slots=True)
class Report:
    """A run of the command, while it goes on and after."""

    started: datetime
    files: list[FileReport]
    finished: datetime | None = None
    interrupted: signal.Signals | None = None

    @property
    def exit_code(self) -> int:
        """0 all well, 1 a file is damaged or could not be read, 75 another run is at work on one, 130 and 143
        interrupted by Ctrl-C or SIGTERM."""
        if self.interrupted:
            return 128 + self.interrupted
        codes = {file.code for file in self.files} - {0}
        return 1 if 1 in codes else max(codes, default=0)


def run(
    settings: Settings,
    files: Sequence[str],
    owners: Owners,
    only: Collection[str] | None = None,
    watch: Callable[[Report], None] | None = None,
    *,
    again: bool = False,
) -> Report:
    """Read files, by path, or `-` for stdin, one after the other. Pages of other sites than `only` are passed over;
    with `again` a file that was read is read anew from its beginning. `watch` is called with the report as it grows.

    What is wrong with a file is said in its report, and the next one is read. Raises StoreError.
    """
    logs.log_to(settings)
    report = Report(datetime.now(UTC), [FileReport(name) for name in files])
    asyncio.run(_Ingest(settings, owners, only, report, again).go(watch))
    report.finished = datetime.now(UTC)
    return report


class _Ingest:
    """The reading of some files, on one event loop."""

    def __init__(
        self, settings: Settings, owners: Owners, only: Collection[str] | None, report: Report, again: bool
    ) -> None:
        self.settings = settings
        self.owners = owners
        self.only = only
        self.report = report
        self.again = again

    async def go(self, watch: Callable[[Report], None] | None) -> None:
        """Read all of them; after a signal only what is in hand is kept."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._note, number)
        looking = asyncio.create_task(self._look(watch)) if watch else None
        try:
            with Shared.borrowed() as shared, ThreadPoolExecutor(1, "archive") as thread:
                for file in self.report.files:
                    if not self.report.interrupted:
                        await self._one(file, shared, thread)
        finally:
            if looking:
                looking.cancel()

    def _note(self, number: int) -> None:
        self.report.interrupted = signal.Signals(number)
        log.info("%s: the pages in hand are kept, the rest waits", self.report.interrupted.name)

    async def _look(self, watch: Callable[[Report], None]) -> None:
        while True:
            watch(self.report)
            await asyncio.sleep(_LOOK)

    async def _one(self, report: FileReport, shared: Shared, thread: ThreadPoolExecutor) -> None:
        """A file from beginning to end, whatever is wrong with it."""
        try:
            with opened(report.name) as file:
                digest, report.size = known_by(file)
                held = [f"archive {digest[:12]}"]  # whatever it is called, here or on another machine
                with crawl_lock(self.settings.locks_folder, held), shared.leased(held, leave=False):
                    await _Reading(self, report, shared, thread, digest).go(file)
        except StoreError:
            raise
        except NewsbotError as error:
            report.fail(str(error), error.exit_code)
        except OSError as error:
            report.fail(f"cannot be read: {error.strerror or error}. Check the file, then run again.")


class _Reading:
    """The reading of one file: what is in hand, in the file's order, and how far it is."""

    def __init__(
        self, whole: _Ingest, report: FileReport, shared: Shared, thread: ThreadPoolExecutor, digest: str
    ) -> None:
        self._whole = whole
        self._report = report
        self._shared = shared
        self._thread = thread
        self._digest = digest
        self._now = datetime.now(UTC)
        self._window: deque[tuple[Read, Site | None, asyncio.Task[_Made] | None]] = deque()
        self._touched: set[str] = set()

    async def go(self, file: BinaryIO) -> None:
        """Read it from where the last run has left it."""
        shared, store, report = self._shared, self._shared.store, self._report
        known = None if self._whole.again else await shared.in_store(store.ingested, self._digest)
        grown = known and known.size and report.size and report.size != known.size
        if known and known.finished and not grown:
            report.outcome, report.before, report.records = "done", known.finished, known.records
            return
        report.records = after = known.records if known else 0
        name, size, pid = report.label, report.size, os.getpid()
        run = await shared.in_store(store.begin_archive, self._digest, name, size, after, pid, self._now)
        logs.run.set(run)
        reads = captures(file, self._whole.settings.page_bytes, after)
        try:
            await self._through(reads)
            if not self._whole.report.interrupted:
                await self._catch_up(resumed=after > 0)
            report.judge(interrupted=self._whole.report.interrupted is not None)
        except BaseException:
            report.outcome = "failed"
            raise
        finally:
            for _, _, task in self._window:
                if task:
                    task.cancel()
            if shared.broken is None:
                await self._end(run)

    async def _through(self, reads: Iterator[Read]) -> None:
        """Take the records out one by one, have them read, and keep their stories in the file's order."""
        loop, most = asyncio.get_running_loop(), _AHEAD * self._shared.workers.count
        while not self._whole.report.interrupted:
            some = await loop.run_in_executor(self._thread, _some, reads)
            for read in some:
                site = self._site(read)
                task = None
                if site is not None and isinstance(read.found, Capture):
                    task = asyncio.create_task(self._made(read.found, site))
                self._window.append((read, site, task))
                while len(self._window) > most:
                    await self._settle(*self._window.popleft())
            if not some:
                break
        while self._window:
            await self._settle(*self._window.popleft())

    def _site(self, read: Read) -> Site | None:
        """The site that a record is counted for: none for one that holds no page, of a site that has no file."""
        if read.found is None:
            return None
        site = self._whole.owners.of(read.found.url)
        stranger = site is None or not self._whole.owners.knows(site)
        return None if stranger and isinstance(read.found, Passed) else site

    async def _made(self, capture: Capture, site: Site) -> _Made:
        """What becomes of a capture, as far as it can be told without the database."""
        if self._whole.only is not None and site.key not in self._whole.only:
            return Passed("skipped.other_site", capture.url)
        if not site.allows(capture.url):
            return Passed("skipped.site_file", capture.url)
        profile = await self._shared.profile(site.key)
        most = self._whole.settings.page_bytes
        try:
            return await self._shared.workers.run(_make, capture, site, profile, most, self._now, name=capture.url)
        except StoreError:
            raise
        except PageTooHard as error:
            name, why = "error.too_hard", str(error)
        except NotUnderstood as error:
            name, why = "error.not_understood", str(error)
        except Exception as error:  # of this page alone; the log has it
            log.exception("%s: could not be read", capture.url)
            name, why = f"error.{type(error).__name__.lower()}", str(error)
        log.warning("%s: %s: %s", name, capture.url, why)
        return Passed(name, capture.url)

    async def _settle(self, read: Read, site: Site | None, task: asyncio.Task[_Made] | None) -> None:
        """Enter what has become of a record, and that the file has come so far."""
        report = self._report
        made = read.found if task is None else await task
        if isinstance(made, Capture):
            made = Passed("skipped.address", made.url)
        if isinstance(made, Passed) and made.name == "skipped.other_site":
            site = None
        counts = report.beside if site is None else report.sites[site.key]
        if isinstance(made, Passed):
            counts[made.name] += 1
            log.debug("%s: %s", made.name, made.url)
        elif made is not None and site is not None and isinstance(read.found, Capture):
            counts["fetched"] += 1
            report.received[site.key] += len(read.found.body)
            counts[await self._keep(made, site, read)] += 1
        report.place, report.records = read.place, read.records

    async def _keep(self, made: Story | Verdict, site: Site, read: Read) -> str:
        """Keep a story, or remember that an address has none; the name under which that is counted."""
        shared, store = self._shared, self._shared.store
        if site.key not in self._touched:
            self._touched.add(site.key)
            await shared.in_store(store.touch_site, site.key, site.name, site.home, site.language)
        if isinstance(made, Verdict):
            assert isinstance(read.found, Capture)
            lost = await shared.in_store(store.dismiss, site.key, [read.found.url], made, read.found.when)
            return "gone" if lost else f"dropped.{made}"
        kept = await shared.in_store(store.keep, made, Place(self._digest, read.records))
        if kept.outcome is Outcome.FORGOTTEN:
            return f"dropped.{Verdict.FORGOTTEN}"
        if kept.taught:
            await shared.profile(site.key, grown=True)
        return str(kept.outcome)

    async def _catch_up(self, *, resumed: bool) -> None:
        """Let what the sites have taught reach back to the stories that were kept before: those that this run has
        touched, and where it has gone on for another one, all."""
        shared, store = self._shared, self._shared.store
        sites = set(await shared.in_store(store.taught)) if resumed else self._touched
        for site in sorted(sites):
            more = True
            while more:
                changed, more = await shared.in_store(store.reclean, site)
                if changed:
                    self._report.sites[site]["recleaned"] += changed

    async def _end(self, run: int) -> None:
        """Close the run's record."""
        report, place = self._report, Place(self._digest, self._report.records)
        visits = {site: (counts, report.received[site]) for site, counts in report.sites.items()}
        args = (place, run, datetime.now(UTC), report.outcome, visits)
        await self._shared.in_store(self._shared.store.end_archive, *args, finished=report.whole)


_Made = Story | Verdict | Passed


def _make(capture: Capture, site: Site, profile: Profile, most: int, now: datetime) -> _Made:
    """The story that a capture holds; it runs in the reading processes."""
    found = page(capture, site.key, most)
    return found if isinstance(found, Passed) else make(found, site, profile, now)


def _some(reads: Iterator[Read]) -> list[Read]:
    return list(islice(reads, _AT_ONCE))
