"""The end of a visit: when its time is up, and what becomes of the requests that wait then.

Scrapy ends a crawl when all requests have been answered that its downloader has taken in hand, those that wait for
their turn included. Where a host asks for five minutes between two pages, that takes most of an hour.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from newsbot.tally import OUT_OF_TIME, NotNow, count

log = logging.getLogger(__name__)

_LOOK = 0.5  # seconds between two looks


class VisitTime:
    """Scrapy extension: ends the visit after so many seconds, counted as `error.out_of_time`; however the visit ends,
    what waits for a host's next turn is left, as `skipped.crawl_ended`."""

    def __init__(self, crawler: Crawler, seconds: float) -> None:
        self._crawler = crawler
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """With the setting NEWSBOT_VISIT_SECONDS."""
        limit = cls(crawler, crawler.settings.getfloat("NEWSBOT_VISIT_SECONDS"))
        crawler.signals.connect(limit.opened, signals.spider_opened)
        crawler.signals.connect(limit.closed, signals.spider_closed)
        return limit

    def opened(self, spider: Spider) -> None:
        """The visit begins."""
        self._task = asyncio.ensure_future(self._watch())

    def closed(self, spider: Spider) -> None:
        """The visit has ended."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        crawler, loop = self._crawler, asyncio.get_running_loop()
        assert crawler.engine is not None
        assert crawler.spider is not None
        deadline = loop.time() + self._seconds
        while crawler.crawling and loop.time() < deadline:  # noqa: ASYNC110 - nobody else tells when it ends
            await asyncio.sleep(min(_LOOK, deadline - loop.time()))
        if crawler.crawling:
            count(crawler.stats, OUT_OF_TIME)
            log.warning("%s: the visit ends after %g s; what is left waits", crawler.spider.name, self._seconds)
            self._stopping = asyncio.ensure_future(crawler.stop_async())
        while True:
            self._leave_waiting()
            await asyncio.sleep(_LOOK)

    def _leave_waiting(self) -> None:
        """Give up the requests that wait in line for their host's next turn."""
        assert self._crawler.engine is not None
        for slot in self._crawler.engine.downloader.slots.values():
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(NotNow("skipped.crawl_ended", "the crawl is ending"))
