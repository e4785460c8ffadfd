"""Lets pass what is new, and what its source says has changed since we saw it; the rest is not fetched again, but for
the stories whose time has come to be looked at again. What was fetched before is asked whether it has changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newsbot.fingerprint import id_key, url_key
from newsbot.items import Handled, Lead
from newsbot.shared import Shared
from newsbot.sources import settled
from newsbot.spiders.site import SiteSpider
from newsbot.tally import count

log = logging.getLogger(__name__)

_AT_ONCE = 500  # leads that are looked at while the event loop waits, in some 5 ms


class KnownStories:
    """Compares the leads of each source with what the database knows of their addresses, on whichever site, and tells
    the visit's `Sources` which of them are left to do.

    At most `stories_per_visit` leads pass; later ones wait for the next visit.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asked: set[str] = set()
        self._unheard: set[str] = set()  # of these, the keys of addresses that nothing was known of
        self._known: dict[str, Handled] = {}  # what was known of the addresses that sources listed
        self._settled: set[str] = set()  # of these, those of which a source has nothing new to say; another may have
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
        self._spider, self._site = spider, spider.site
        with Shared.borrowed() as shared:
            self._most = shared.settings.stories_per_visit
            due = await shared.in_store(shared.store.due, self._site.key, datetime.now(UTC), self._most)
        looks = {}
        for lead in due:
            if not self._site.allows(lead.url):  # the site's file may say so only since the story was kept
                continue
            key = url_key(lead.url)
            self._asked |= self._identities(lead, key)
            looks[key] = self._spider.story_request(lead, lead.url)
        await self._make_conditional(looks)
        for request in looks.values():
            yield request

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The output, in place of its leads the requests for those stories that are not known, nor asked for already,
        nor beyond what a visit may take."""
        leads: list[Lead] = []
        keys: dict[Lead, str] = {}
        async for each in result:
            if not isinstance(each, Lead):
                yield each
                continue
            leads.append(each)
            if (key := self._key(each)) is not None:
                keys[each] = key
        if not leads:
            return
        if new := set(keys.values()) - self._asked - self._known.keys():
            with Shared.borrowed() as shared:
                self._known |= await shared.in_store(shared.store.known, new)
        requests, again = [], {}
        for number, lead in enumerate(leads):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            key = keys.get(lead)
            if name := self._reason_against(lead, key, response.meta["source_url"]):
                count(self._crawler.stats, name)
                continue
            try:
                request = self._spider.story_request(lead)
            except ValueError as error:
                count(self._crawler.stats, "skipped.address")
                log.info("%s: address that cannot be asked for: %s: %s", self._site.key, lead.url, error)
                self._spider.refused |= {key} if key else set()
                continue
            requests.append(request)
            if key in self._known:
                again[key] = request
        await self._make_conditional(again)
        for request in requests:
            yield request

    def _key(self, lead: Lead) -> str | None:
        try:
            return url_key(lead.url)
        except ValueError as error:  # a host that cannot be one: of this lead alone, not of those after it
            log.info("%s: %s", self._site.key, error)
            return None

    def _reason_against(self, lead: Lead, key: str | None, source: str) -> str:
        """Why a lead that `source` lists does not pass: the name it is counted under, empty where it does."""
        if key is None:
            return "skipped.address"
        sources = self._spider.sources
        unheard = key in self._unheard or (key not in self._asked and key not in self._known)
        sources.lists(source, lead, unheard=unheard)
        self._unheard |= {key} if unheard else set()
        if not self._asked.isdisjoint(keys := self._identities(lead, key)):
            sources.listed(source, key, lead, news=False)
            return "repeated"
        handled = self._known.get(key)
        if handled is not None and settled(lead, handled, datetime.now(UTC)):
            sources.looked_at(source, handled)
            if key in self._settled:
                return "repeated"
            self._settled.add(key)
            return "failing" if handled.failed else "known"
        if self._passed >= self._most:
            sources.postponed(source)
            return "postponed"
        self._asked |= keys
        self._passed += 1
        sources.listed(source, key, lead, news=True)
        return ""

    async def _make_conditional(self, requests: dict[str, Request]) -> None:
        """Give requests for stories, by the keys of their addresses, the validators that their last answers had."""
        if not requests:
            return
        with Shared.borrowed() as shared:
            validators = await shared.in_store(shared.store.validators, requests)
        for key, said in validators.items():
            headers = {"If-None-Match": said.etag, "If-Modified-Since": said.last_modified}
            requests[key].headers.update({name: value for name, value in headers.items() if value})
            requests[key].meta["archived"] = said.archived

    def _identities(self, lead: Lead, key: str) -> set[str]:
        """The lead's address, and the number that the site gives the story: a new slug for a known number is fetched,
        for it may come with a new headline, but not twice in one visit."""
        number = self._site.id_in(lead.url)
        return {key, id_key(self._site.key, number)} if number else {key}
