"""Lets pass what is new, and what its source says has changed since we saw it; the rest is not fetched again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from newsbot.fingerprint import url_key
from newsbot.items import Lead
from newsbot.shared import Shared
from newsbot.spiders.site import site_of
from newsbot.tally import count

log = logging.getLogger(__name__)


class KnownStories(BaseSpiderMiddleware):
    """Reads the site's history once, as the crawl starts, and compares every lead with it.

    At most `stories_per_visit` leads pass; later ones wait for the next visit.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._known: dict[str, datetime] = {}
        self._asked: set[str] = set()
        self._passed = 0

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Read the history before the first request."""
        shared = Shared.acquire()
        try:
            self._most = shared.settings.stories_per_visit
            self._known = await shared.in_store(shared.store.known, site_of(self.crawler).key, datetime.now(UTC))
        finally:
            shared.release()
        async for request in start:
            yield request

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """The request, or None for a story that is known, asked for already, or beyond what one visit may take."""
        lead = request.meta.get("lead")
        if lead is None or request.meta["again"]:
            return request
        try:
            name = self._reason_against(lead)
        except ValueError as error:  # a host that cannot be one: of this lead alone, not of those after it
            name = "skipped.address"
            log.info("%s: %s", site_of(self.crawler).key, error)
        if name:
            count(self.crawler.stats, name)
            return None
        return request

    def _reason_against(self, lead: Lead) -> str:
        key = url_key(lead.url)
        if key in self._asked:
            return "repeated"
        seen = self._known.get(key)
        if seen is not None and (lead.modified is None or lead.modified <= seen):
            self._asked.add(key)
            return "known"
        if self._passed >= self._most:
            return "postponed"
        self._asked.add(key)
        self._passed += 1
        return ""
