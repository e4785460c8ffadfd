"""Lets pass what is new, and what its source says has changed since we saw it; the rest is not fetched again, but for
the stories whose time has come to be looked at again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newsbot.fingerprint import id_key, url_key
from newsbot.items import Lead
from newsbot.shared import Shared
from newsbot.spiders.site import SiteSpider
from newsbot.tally import count

log = logging.getLogger(__name__)


class KnownStories:
    """Compares the leads of each source with what the database knows of their addresses, on whichever site.

    At most `stories_per_visit` leads pass; later ones wait for the next visit.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asked: set[str] = set()
        self._passed = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the crawler's spider."""
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The requests for the sources, then those for the stories that are due for another look."""
        async for request in start:
            yield request
        spider = self._crawler.spider
        assert isinstance(spider, SiteSpider), "newsbot's settings are for newsbot's spiders"
        self._site = spider.site
        with Shared.borrowed() as shared:
            self._most = shared.settings.stories_per_visit
            due = await shared.in_store(shared.store.due, self._site.key, datetime.now(UTC), self._most)
        for lead in due:
            if not self._site.allows(lead.url):  # the site's file may say so only since the story was kept
                continue
            self._asked |= self._identities(lead, url_key(lead.url))
            yield spider.story_request(lead.url, lead)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The output without the requests for stories that are known, asked for already, or beyond what a visit may
        take."""
        output = [(each, self._lead(each)) async for each in result]
        keys = {lead: key for _, lead in output if lead is not None and (key := self._key(lead)) is not None}
        known: dict[str, datetime] = {}
        if new := set(keys.values()) - self._asked:
            with Shared.borrowed() as shared:
                known = await shared.in_store(shared.store.known, new, datetime.now(UTC))
        for each, lead in output:
            name = "" if lead is None else self._reason_against(lead, keys.get(lead), known)
            if name:
                count(self._crawler.stats, name)
            else:
                yield each

    def _lead(self, output: Any) -> Lead | None:
        """What a request for a story follows; None for all else, and for what is asked for in another way."""
        if not isinstance(output, Request) or output.meta.get("again"):
            return None
        lead: Lead | None = output.meta.get("lead")
        return lead

    def _key(self, lead: Lead) -> str | None:
        try:
            return url_key(lead.url)
        except ValueError as error:  # a host that cannot be one: of this lead alone, not of those after it
            log.info("%s: %s", self._site.key, error)
            return None

    def _reason_against(self, lead: Lead, key: str | None, known: dict[str, datetime]) -> str:
        if key is None:
            return "skipped.address"
        if not self._asked.isdisjoint(keys := self._identities(lead, key)):
            return "repeated"
        seen = known.get(key)
        # What was changed in the future was not: such a feed would have all of its stories fetched on every visit.
        if seen is not None and (lead.modified is None or not seen < lead.modified <= datetime.now(UTC)):
            self._asked |= keys
            return "known"
        if self._passed >= self._most:
            return "postponed"
        self._asked |= keys
        self._passed += 1
        return ""

    def _identities(self, lead: Lead, key: str) -> set[str]:
        """The lead's address, and the number that the site gives the story: a new slug for a known number is fetched,
        for it may come with a new headline, but not twice in one visit."""
        number = self._site.id_in(lead.url)
        return {key, id_key(self._site.key, number)} if number else {key}
