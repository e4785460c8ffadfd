"""A run: the sites that were asked for, each a crawler in this one process, a record of it all, and an exit code.

    locks -> store -> leases -> for each site: a crawler (a few dozen at once) -> the run's record

The event loop is Scrapy's; what is heavy happens in `newsbot.workers` and in the store's thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings as ScrapySettings

from newsbot import logs, reactor
from newsbot.archive import check_installed
from newsbot.archive.retention import prune
from newsbot.config import Settings
from newsbot.errors import ArchiveError, StoreError
from newsbot.lock import crawl_lock
from newsbot.middlewares.archive import keeps_pages
from newsbot.schedule import Bounds, due_now
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.backfill import backfill_for
from newsbot.spiders.site import SiteSpider, spider_for
from newsbot.store import RunKind
from newsbot.tally import Visit, counts, judge, total
from newsbot.watching import after_run

log = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at how far the crawlers are


@dataclass(slots=True)
class SiteReport:
    """One site's part of a run. `counts` has the names of newsbot.tally, `received` is in bytes."""

    site: str
    visit: Visit | None = None
    counts: dict[str, int] = field(default_factory=dict)
    received: int = 0

    @property
    def errors(self) -> int:
        """How many sources and pages could not be fetched, read or stored."""
        return total(self.counts, "error")

    @property
    def dropped(self) -> int:
        """How many pages held no story."""
        return total(self.counts, "dropped")


@dataclass(slots=True)
class Report:
    """A run, while it goes on and after. `unwatched`: what could not be told or looked at when it had ended."""

    started: datetime
    sites: dict[str, SiteReport]
    finished: datetime | None = None
    interrupted: signal.Signals | None = None
    broken: str | None = None
    unwatched: list[str] = field(default_factory=list)

    @property
    def all(self) -> SiteReport:
        """The counts and bytes of all sites together."""
        counted: Counter[str] = Counter()
        for report in self.sites.values():
            counted.update(report.counts)
        return SiteReport("all", counts=dict(counted), received=sum(r.received for r in self.sites.values()))

    @property
    def failed(self) -> list[str]:
        """The keys of the sites that failed."""
        return [key for key, report in self.sites.items() if report.visit is Visit.FAILED]

    @property
    def offline(self) -> bool:
        """Whether not a single answer came from any site: most likely this machine has no network."""
        whole = self.all
        refused = total(whole.counts, "skipped")
        return bool(self.failed) and not whole.received and not refused and not self.interrupted

    @property
    def exit_code(self) -> int:
        """0 all well, 1 a site or the database failed, 130 and 143 interrupted by Ctrl-C or SIGTERM."""
        if self.interrupted:
            return 128 + self.interrupted
        return 1 if self.failed or self.broken else 0


class Interrupted(KeyboardInterrupt):
    """A signal came while the crawl was still getting ready; nothing was asked for."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = signal.Signals(number)


def _break_off(number: int, frame: Any) -> None:
    raise Interrupted(number)


def run(
    settings: Settings,
    sites: Sequence[Site],
    watch: Callable[[Report], None] | None = None,
    *,
    due: bool = False,
    since: datetime | None = None,
) -> Report:
    """Crawl the sites once. `watch` is called with the report as it grows, four times a second.

    With `since`, in place of what is new, stories since then by the sites' sitemaps, as many as a visit may fetch. With
    `due` only those of them whose time has come, and that no other crawl is at work on; where there is none,
    nothing is recorded. Else raises CrawlLocked where another crawl is at work on one of them. Raises StoreError where
    the database cannot be opened, and ConfigError where pages are to be archived and cannot be. A process can do this
    once: Scrapy's reactor does not start twice. SIGINT and SIGTERM are noted in the report; before the first site is
    begun they raise Interrupted.
    """
    archiving = [site.key for site in sites if keeps_pages(site, settings)]
    if archiving:
        check_installed(f"archive = true (for {archiving[0]})")
    for each in reactor.SIGNALS:
        signal.signal(each, _break_off)
    keys = [site.key for site in sites]
    with crawl_lock(settings.locks_folder, keys, leave=due) as keys:
        logs.log_to(settings)
        with Shared.borrowed() as shared, shared.leased(keys, leave=due) as keys:
            report = _recorded(shared, sites, keys, due, since, watch)
            if report.broken is None:
                report.unwatched += _prune(shared)
        if report.broken is None and not report.interrupted and since is None:
            report.unwatched += after_run(settings, whole=not report.offline)
        return report


def _recorded(
    shared: Shared,
    sites: Sequence[Site],
    keys: Sequence[str],
    due: bool,
    since: datetime | None,
    watch: Callable[[Report], None] | None,
) -> Report:
    """Crawl the sites of these keys, and record it as a run."""
    now = datetime.now(UTC)
    if due:  # asked only now that they are held: another crawl may just have visited some
        now_due = _due(shared, keys, now)
        keys = [key for key in keys if key in now_due]
        if not keys:
            return Report(now, {}, now)
    sites = [site for site in sites if site.key in keys]
    shared.store.abandon_runs(now, keys)
    kind = RunKind.CRAWL if since is None else RunKind.BACKFILL
    number = shared.store.start_run(os.getpid(), now, kind)
    logs.run.set(number)
    report = Report(now, {key: SiteReport(key) for key in keys})
    spider = spider_for if since is None else partial(backfill_for, since=since)
    _Run(shared, number, sites, spider, report, watch).go()
    for visited in report.sites.values():  # what a second signal broke off has come to no verdict
        visited.visit = visited.visit or Visit.INTERRUPTED
    report.finished = datetime.now(UTC)
    if report.broken is None:
        outcome = Visit.INTERRUPTED if report.interrupted else Visit.FAILED if report.failed else Visit.OK
        shared.store.finish_run(number, report.finished, str(outcome))
    return report


def _prune(shared: Shared) -> list[str]:
    """Let go of the archived pages that are kept no longer; gives what went wrong with that, in words."""
    settings = shared.settings
    try:
        prune(
            settings.archive_folder,
            settings.archive_days,
            settings.archive_bytes,
            datetime.now(UTC),
            shared.store.forget_pages,
        )
    except (ArchiveError, StoreError) as error:
        log.warning("%s", error)
        return [str(error)]
    return []


def _due(shared: Shared, keys: Sequence[str], now: datetime) -> frozenset[str]:
    bounds = Bounds.of_seconds(shared.settings.shortest_interval, shared.settings.longest_interval)
    return due_now(keys, {row.site: row.next_due for row in shared.store.read.schedule()}, now, bounds)


class _Run:
    """The crawlers of one run."""

    def __init__(
        self,
        shared: Shared,
        number: int,
        sites: Sequence[Site],
        spider: Callable[[Site], type[SiteSpider]],
        report: Report,
        watch: Callable[[Report], None] | None,
    ) -> None:
        settings = ScrapySettings()
        settings.setmodule("newsbot.settings")
        settings.set("NEWSBOT_RUN", number)
        settings.set("LOG_INSTALL_ROOT_HANDLER", False)
        self._process = AsyncCrawlerProcess(settings)
        for name in ("scrapy", "twisted"):  # Scrapy says each request; our own log says what matters of it
            logging.getLogger(name).setLevel("WARNING")
        self._shared = shared
        self._sites = sites
        self._spider = spider
        self._report = report
        self._watch = watch
        self._active: dict[str, Crawler] = {}
        self._stopping = False

    def go(self) -> None:
        """Crawl, and return when all is done."""
        reactor.run(self._process, self._everything(), self._interrupt)

    def _interrupt(self, number: signal.Signals) -> None:
        self._report.interrupted = number
        self._stopping = True

    async def _everything(self) -> None:
        free = asyncio.Semaphore(self._shared.settings.sites_at_once)
        looking = asyncio.create_task(self._look())
        try:
            await asyncio.gather(*(self._visit(site, free) for site in self._sites))
        finally:
            looking.cancel()
            await self._shared.settle()
            self._refresh()
            if self._shared.broken:
                self._report.broken = str(self._shared.broken)

    async def _visit(self, site: Site, free: asyncio.Semaphore) -> None:
        """Crawl one site; whatever happens to it, the others go on."""
        report = self._report.sites[site.key]
        async with free:
            if self._stopping:
                report.visit = Visit.INTERRUPTED
                return
            logs.site.set(site.key)  # of this task alone, and of what it starts
            crawler = self._process.create_crawler(self._spider(site))
            self._active[site.key] = crawler
            try:
                await self._process.crawl(crawler)
            except Exception:
                log.exception("%s: the crawl could not be started or broke off", site.key)
                report.counts["error.crashed"] = 1
                report.visit = Visit.FAILED
            finally:
                self._take(report, crawler)
                del self._active[site.key]
            if report.visit is None:
                broken_off = self._stopping or self._shared.broken is not None
                report.visit = Visit.INTERRUPTED if broken_off else judge(report.counts)

    def _take(self, report: SiteReport, crawler: Crawler) -> None:
        if crawler._stats is not None:
            report.counts.update(counts(crawler.stats))
            report.received = int(crawler.stats.get_value("downloader/response_bytes", 0))

    def _refresh(self) -> None:
        for key, crawler in self._active.items():
            self._take(self._report.sites[key], crawler)
        if self._watch:
            self._watch(self._report)

    async def _look(self) -> None:
        """Show how far the crawlers are; end them all where the database has given up."""
        told = False
        while True:
            await asyncio.sleep(_LOOK)
            self._refresh()
            if self._report.interrupted and not told:
                told = True
                log.info("%s: what is in flight is waited for and stored", self._report.interrupted.name)
            if self._shared.broken and not self._stopping:
                self._stopping = True
                await self._process.stop()
