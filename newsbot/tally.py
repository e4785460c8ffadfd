"""What happened on a visit to a site: counted under names, judged, written to the run's record.

Every page ends under exactly one name: what became of its story (`new`, `changed`, `same`, `copy`), why it was dropped
(`dropped.consent`), that its story is no longer there (`gone`), or what went wrong (`error.timeout`).

Sources are counted as `source.ok` and `source.failed`, those of the first that have not changed as `source.unchanged`
too, and all as `source.empty` where none of them lists a story. `missed.possible` are sources that have turned over
since the last visit: they list nothing any more that is known, and stories may have come and gone.

Leads that are known already are counted as `known`, or as `failing` where they could not be fetched before and wait for
another try. Older stories from which text of the site's own was taken are `recleaned`, those whose fingerprint was made
anew `renewed`, those that were older than the site keeps them `forgotten`. Pages that are kept as fetched are
`archived`, or `archived.unchanged` where the archive has them already; those that ask not to be kept are `noarchive`.
The names are the keys of `run_site.counts`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from os import getpid
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    DropItem,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.statscollectors import StatsCollector
from twisted.python.failure import Failure

from newsbot.errors import NotUnderstood, StoreError
from newsbot.items import Page, Verdict
from newsbot.schedule import Bounds
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.store import Chosen, Kept
from newsbot.workers import PageTooHard

log = logging.getLogger(__name__)

PREFIX = "newsbot/"
OUT_OF_TIME = "error.out_of_time"
"""Counted once for a visit that took too long: it is ended, and no interruption."""
KEPT = ("new", "changed", "same", "copy")
_FORGOTTEN = 500  # stories that are older than their site keeps them, deleted on one visit, in half a second
_RENEWED = 100  # fingerprints of an earlier version made anew on one visit, in a third of a second
_FEW = 5  # pages from which on a visit that finds no story among them has failed


class Visit(StrEnum):
    """How a visit to a site went."""

    OK = "ok"
    PARTIAL = "partial"  # some source or page failed, others did not; or no source lists any story
    FAILED = "failed"  # nothing could be read, or no page gave a story
    POSTPONED = "postponed"  # its host has asked to be left alone for a while
    INTERRUPTED = "interrupted"


class NoStory(DropItem):
    """The page holds no story; `verdict` says what it is, `why` on what evidence. `lost`: it held one before."""

    def __init__(self, verdict: Verdict, url: str, why: str = "", *, lost: bool = False) -> None:
        super().__init__(f"no story ({verdict}): {url}" + (f": {why}" if why else ""), log_level="INFO")
        self.verdict = verdict
        self.lost = lost


class Refused(IgnoreRequest):
    """A request that must not be made; `name` is what it is counted under."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class NotNow(IgnoreRequest):
    """A request to a host that does not give its rules; `name` is what that is counted under, with its group."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


_NAMES: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "timeout"),
    (CannotResolveHostError, "unknown_host"),
    (DownloadConnectionRefusedError, "refused_connection"),
    (ResponseDataLossError, "cut_off"),
    (DownloadCancelledError, "too_large"),
    (NotUnderstood, "not_understood"),
    (PageTooHard, "too_hard"),
    (StoreError, "store"),
)
_PACKERS = {"gzip", "zlib", "brotli", "brotlicffi", "backports", "compression"}  # whose errors have no common class
_IGNORED = {"MAXSIZE": "error.too_large"}


def count(stats: StatsCollector, name: str) -> None:
    """Count something on this visit."""
    stats.inc_value(PREFIX + name)


def counts(stats: StatsCollector) -> dict[str, int]:
    """All that was counted on a visit."""
    return {k.removeprefix(PREFIX): v for k, v in stats.get_stats().items() if k.startswith(PREFIX) and v}


def total(counted: Mapping[str, int], group: str) -> int:
    """All that was counted under the names of one group: `error`, `dropped`, `skipped`."""
    return sum(number for name, number in counted.items() if name.startswith(f"{group}."))


def name_of(error: BaseException) -> str:
    """The name an error is counted under: `error.` and its kind; `skipped.` where it was newsbot that said no."""
    if isinstance(error, HttpError):
        return f"error.http_{error.response.status}"
    if isinstance(error, Refused):
        return f"skipped.{error.name}"
    if isinstance(error, NotNow):
        return error.name
    if isinstance(error, IgnoreRequest):  # Scrapy raises this one for three things, told apart by their words
        words = str(error)
        return next((name for word, name in _IGNORED.items() if word in words), "error.redirects")
    for kind, name in _NAMES:
        if isinstance(error, kind):
            return f"error.{name}"
    module = type(error).__module__
    if module.partition(".")[0] in _PACKERS:
        return "error.not_unpacked"
    if module.startswith(("twisted", "scrapy")) or isinstance(error, OSError):
        return "error.connection"
    return f"error.{type(error).__name__.lower()}"


def judge(counted: Mapping[str, int]) -> Visit:
    """How a visit went, by its counts."""
    stories = sum(counted.get(name, 0) for name in KEPT)
    errors, dropped = total(counted, "error"), total(counted, "dropped")
    broken = counted.get("source.failed", 0)
    if not counted.get("source.ok", 0) or counted.get("error.store", 0):
        put_off = counted.get("skipped.retry_after", 0) and not errors
        return Visit.POSTPONED if put_off else Visit.FAILED
    failing = errors - broken + counted.get("failing", 0)
    known = counted.get("known", 0) or counted.get("source.unchanged", 0)  # what has not changed lists what is known
    if not stories and (dropped >= _FEW or (failing > 0 and not dropped and not known)):
        return Visit.FAILED
    empty = counted.get("source.empty", 0)
    return Visit.PARTIAL if errors or broken or empty or (dropped and not stories) else Visit.OK


def _error(failure: Failure) -> BaseException:
    return failure.value or RuntimeError("a failure without an error")


class Tally:
    """Scrapy extension: counts each page under its name, and records the visit in the run that the setting
    `NEWSBOT_RUN` names; a crawl that was started by `scrapy crawl` is a run of its own."""

    def __init__(self, stats: StatsCollector, run: int) -> None:
        self._stats = stats
        self._run = run
        self._own_run = not run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the crawler's signals."""
        tally = cls(crawler.stats, crawler.settings.getint("NEWSBOT_RUN"))
        listen = crawler.signals.connect
        listen(tally.opened, signals.spider_opened)
        listen(tally.closed, signals.spider_closed)
        listen(tally.kept, signals.item_scraped)
        listen(tally.dropped, signals.item_dropped)
        listen(tally.failed, signals.item_error)
        listen(tally.crashed, signals.spider_error)
        return tally

    async def opened(self, spider: Any) -> None:
        """The visit begins."""
        self._shared = Shared.acquire()
        store, site, now = self._shared.store, spider.site, datetime.now(UTC)
        if self._own_run:
            self._run = await self._shared.in_store(store.start_run, getpid(), now)
        await self._shared.in_store(store.touch_site, site.key, site.name, site.home, site.language)
        await self._shared.in_store(store.start_site, self._run, site.key, now)

    async def closed(self, spider: Any, reason: str) -> None:
        """The visit ends. What the site has taught by then reaches back to the stories that were kept before."""
        ended = reason == "finished" or OUT_OF_TIME in counts(self._stats)
        if ended:
            if spider.remembers_sources:
                self._count_sources(spider)
            await self._remember(spider)
            await self._catch_up(spider.site)
        counted = counts(self._stats)
        visit = judge(counted) if ended else Visit.INTERRUPTED
        received = int(self._stats.get_value("downloader/response_bytes", 0))
        log.info("the visit ended: %s", visit, extra={"outcome": str(visit), "counts": counted, "bytes": received})
        store, now = self._shared.store, datetime.now(UTC)
        try:
            await self._shared.in_store(
                store.finish_site, self._run, spider.site.key, now, str(visit), counted, received, self._bounds()
            )
            if self._own_run:
                await self._shared.in_store(store.finish_run, self._run, now, str(visit))
        except StoreError as error:
            # The run ends for it, and says so; the record is closed when the next run begins.
            log.warning("%s: the visit could not be recorded: %s", spider.site.key, error)
        finally:
            self._shared.release()

    def _bounds(self) -> Bounds:
        settings = self._shared.settings
        return Bounds.of_seconds(settings.shortest_interval, settings.longest_interval)

    def _count_sources(self, spider: Any) -> None:
        """Count what only all that a source lists can show."""
        sources, site = spider.sources, spider.site.key
        for url in sources.empty():
            count(self._stats, "source.empty")
            log.warning("%s: source.empty: lists no story that the site's file lets through: %s", site, url)
        for url in sources.turned_over(spider.refused):
            count(self._stats, "missed.possible")
            log.warning("%s: missed.possible: nothing is left of what it listed on the last visit: %s", site, url)

    async def _remember(self, spider: Any) -> None:
        """Enter what the next visit need not ask for again. Of a visit that was broken off nothing is: the next one
        shall find all that this one has left."""
        store, site = self._shared.store, spider.site.key
        try:
            await self._shared.in_store(store.fail, site, spider.failed, datetime.now(UTC))
            await spider.remember(self._shared)
        except StoreError as error:
            log.warning("%s: its sources could not be remembered, the next visit asks for all: %s", site, error)

    async def _catch_up(self, site: Site) -> None:
        """Do what has become due to older stories, a few at a time: other sites' are waiting for the thread that
        writes. Of fingerprints to be made anew there may be a million: each visit does its share."""
        store, more = self._shared.store, True
        try:
            while more:
                changed, more = await self._shared.in_store(store.reclean, site.key)
                self._stats.inc_value(f"{PREFIX}recleaned", changed)
            renewed, _ = await self._shared.in_store(store.renew, _RENEWED)
            self._stats.inc_value(f"{PREFIX}renewed", renewed)
            if site.keep_days is not None:
                old = Chosen(site=site.key, before=datetime.now(UTC) - timedelta(days=site.keep_days))
                self._stats.inc_value(f"{PREFIX}forgotten", await self._shared.in_store(store.forget, old, _FORGOTTEN))
        except StoreError as error:
            log.warning("%s: older stories could not be brought up to date, the next visit will: %s", site.key, error)

    def kept(self, item: Kept) -> None:
        """A story went through."""
        count(self._stats, str(item.outcome))

    def dropped(self, exception: DropItem) -> None:
        """A page held no story."""
        if isinstance(exception, NoStory) and exception.lost:
            count(self._stats, "gone")
            return
        verdict = exception.verdict if isinstance(exception, NoStory) else "unknown"
        count(self._stats, f"dropped.{verdict}")

    def failed(self, item: Any, failure: Failure, spider: Any) -> None:
        """A page's story could not be made or stored."""
        name = name_of(_error(failure))
        count(self._stats, name)
        log.error("%s: %s: %s", name, getattr(item, "url", ""), failure.value)
        if isinstance(item, Page) and not isinstance(failure.value, StoreError):
            spider.failed.append(item.url)

    def crashed(self, failure: Failure, response: Any, spider: Any) -> None:
        """A callback raised: of a source it is not known which leads have come through."""
        count(self._stats, name_of(_error(failure)))
        if (source := response.meta.get("source_url")) is not None:
            spider.sources.failed(source)
