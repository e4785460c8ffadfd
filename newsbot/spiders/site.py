"""One spider for every site: asks its sources, as declared, whether there is news, finds the leads in them, fetches the
pages of those that `newsbot.middlewares.known` lets through, and hands them on."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, TypeVarTuple

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsbot.discovery import read_feed, read_links, read_sitemap
from newsbot.discovery.sitemap import Child
from newsbot.errors import NotUnderstood
from newsbot.fingerprint import untracked, url_key
from newsbot.items import GONE, Lead, Page
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.sites.model import SourceKind
from newsbot.sources import Sources, digest
from newsbot.tally import NotNow, Refused, count, name_of
from newsbot.workers import PageTooHard

log = logging.getLogger(__name__)

SITEMAP_DEPTH = 3  # an index of indexes of sitemaps; deeper ones are a maze
SITEMAPS_PER_INDEX = 10  # the newest ones; the old ones hold old stories
SOURCES_FOUND = 50  # sources that sources name, read on one visit; three levels of ten sitemaps would be 1,110
FEEDS_FROM_HOME = 3  # of the feeds that a home page names, the first ones are the general ones

# With no delay at all, Scrapy 2.19 starts all waiting requests of a host together, whatever
# CONCURRENT_REQUESTS_PER_DOMAIN says.
_LEAST_DELAY = 0.001  # seconds
FLOOR = 0.25
"""Seconds between two requests that a site's file cannot go below; only the setting `delay` can."""

_SOURCE = 10  # requests of sources go before those of stories, which have Scrapy's 0
NOT_MODIFIED = 304

Found = AsyncIterator[Request | Lead]
Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class SiteSpider(Spider):
    """Crawls the site in its `site` attribute; `spider_for` makes the class.

    `sources` is what this visit learns of the site's sources, from the start on; `failed` holds the addresses that
    could not be fetched or read, `refused` the keys of those that will not be asked for. `remembers_sources`: the next
    visit is to know what became of them.
    """

    site: ClassVar[Site]
    remembers_sources: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.sources = Sources({}, "", datetime.now(UTC))
        self.failed: list[str] = []
        self.refused: set[str] = set()
        self._sources_found = 0

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The site's own delay, above the floor; never none at all: a host is asked for one page at a time."""
        floor = max(min(settings.getfloat("DOWNLOAD_DELAY"), FLOOR), _LEAST_DELAY)
        super().update_settings(settings)
        if settings.getfloat("DOWNLOAD_DELAY") < floor:
            settings.set("DOWNLOAD_DELAY", floor, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        """Ask each source of the site, in the declared order, in whole or whether it has changed."""
        with Shared.borrowed() as shared:
            known = await shared.in_store(shared.store.sources, self.site.key)
        self.sources = Sources(known, self.rules, datetime.now(UTC))
        for place, source in enumerate(self.site.sources):
            yield self._source(source.url, source.kind, priority=_SOURCE + len(self.site.sources) - place)

    @property
    def rules(self) -> str:
        """The digest of what the site's file says of which addresses are stories."""
        return digest(*self.site.take, "", *self.site.skip, "", self.site.story_id or "")

    async def remember(self, shared: Shared) -> None:
        """Enter what the next visit need not ask for again, once this one is over. Raises StoreError."""
        handled = await shared.in_store(shared.store.known, self.sources.open())
        states = self.sources.states(handled, self.refused)
        await shared.in_store(shared.store.enter_sources, self.site.key, states, self.sources.gone())

    def _source(
        self, url: str, kind: SourceKind, *, parent: str | None = None, priority: int = _SOURCE, depth: int = 0
    ) -> Request:
        readers: dict[SourceKind, Callable[..., Any]] = {
            SourceKind.FEED: self.parse_feed,
            SourceKind.SITEMAP: self.parse_sitemap,
            SourceKind.SECTION: self.parse_links,
            SourceKind.HOME: self.parse_links,
        }
        return Request(
            url,
            readers[kind],
            errback=self.source_failed,
            priority=priority,
            headers=self.sources.conditions(url, kind, parent),
            cb_kwargs={"depth": depth},
            meta={"source": kind, "source_url": url, "handle_httpstatus_list": [NOT_MODIFIED]},
        )

    # -- sources ------------------------------------------------------------------------------------------------------

    async def parse_feed(self, response: Response, depth: int) -> Found:
        """Leads of a feed."""
        feed = await self.news(response, read_feed, response.body, response.url, content_type(response))
        if feed is not None:
            async for lead in self.allowed(feed.leads):
                yield lead

    async def parse_sitemap(self, response: Response, depth: int) -> Found:
        """Leads of a sitemap, and the newest sitemaps of an index."""
        sitemap = await self.news(response, read_sitemap, response.body, response.url)
        for request in self._named(response, newest(sitemap.children) if sitemap else None, depth):
            yield request
        async for lead in self.allowed(sitemap.leads if sitemap else ()):
            yield lead

    async def parse_links(self, response: Response, depth: int) -> Found:
        """Leads of a page of links; of a home page that is the only source, its feeds too."""
        links = await self.news(response, read_links, response.body, response.url, content_type(response))
        if response.meta["source"] is SourceKind.HOME:
            for request in self._named(response, links.feeds[:FEEDS_FROM_HOME] if links else None, depth):
                yield request
        async for lead in self.allowed(links.leads if links else ()):
            yield lead

    def _named(self, response: Response, urls: Iterable[str] | None, depth: int) -> Iterator[Request]:
        """The sources that another one names; those that it named when it was read last where it has not changed."""
        parent, kind = response.meta["source_url"], SourceKind.SITEMAP
        if response.meta["source"] is SourceKind.HOME:
            kind = SourceKind.FEED
        if urls is None:
            urls = [child.url for child in self.sources.children(parent)]
        for url in urls if depth < SITEMAP_DEPTH else ():
            if url in self.sources:
                continue
            if self._sources_found == SOURCES_FOUND:
                count(self.crawler.stats, "skipped.sources")
                log.info("%s: source skipped.sources: %s: one too many", self.name, url)
                continue
            self._sources_found += 1
            yield self._source(url, kind, parent=parent, depth=depth + 1)

    async def news(self, response: Response, reader: Callable[[*Ts], T], *args: *Ts) -> T | None:
        """What a source says, read in the workers. None where it has not changed, and where it is not what it should
        be, or too much: then it is counted as failed."""
        url = response.meta["source_url"]
        if _unasked(response):
            self._source_broken(url, HttpError(response, "not modified, but nobody has asked whether it was"))
            return None
        etag, modified = (_header(response, name) for name in ("ETag", "Last-Modified"))
        if self.sources.unchanged(url, response.status, response.body, etag, modified):
            count(self.crawler.stats, "source.ok")
            count(self.crawler.stats, "source.unchanged")
            return None
        try:
            with Shared.borrowed() as shared:
                said = await shared.workers.run(reader, *args, name=response.url)
        except (NotUnderstood, PageTooHard) as error:
            self._source_broken(url, error)
            return None
        count(self.crawler.stats, "source.ok")
        return said

    def source_failed(self, failure: Failure) -> None:
        """A source could not be fetched."""
        assert failure.value is not None
        self._source_broken(failure.request.meta["source_url"], failure.value)  # type: ignore[attr-defined]

    def _source_broken(self, url: str, error: BaseException) -> None:
        name = name_of(error)
        if not isinstance(error, NotNow):  # of one that was not asked nothing is known
            self.sources.failed(url)
        count(self.crawler.stats, "source.failed")
        count(self.crawler.stats, name)
        log.warning("%s: source %s: %s: %s", self.name, name, url, error)

    # -- stories ------------------------------------------------------------------------------------------------------

    async def allowed(self, leads: Iterable[Lead]) -> AsyncIterator[Lead]:
        """The leads that the site's file lets through, newest first; the event loop goes on between them, for there may
        be 50,000."""
        ordered = sorted(leads, key=lambda lead: lead.published or lead.modified or _LONG_AGO, reverse=True)
        for number, lead in enumerate(ordered):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if self.site.allows(lead.url):
                yield lead

    def story_request(self, lead: Lead, url: str | None = None) -> Request:
        """The request for a story's page: without the parameters that count clicks, or for just that `url`. Of a story
        that is gone the answer says so, and is no error. Raises ValueError for an address that cannot be asked for."""
        url = url or untracked(lead.url)
        meta = {"lead": lead, "asked": url, "handle_httpstatus_list": [*GONE, NOT_MODIFIED]}
        return Request(url, self.parse_story, errback=self.story_failed, meta=meta)

    async def parse_story(self, response: Response) -> AsyncIterator[Page | Request]:
        """The page as fetched. An empty one is an error, and not a page without a story, which would be remembered.

        A server that does not know the address without its analytics parameters is asked once more, for the address as
        it was announced."""
        lead, asked = response.meta["lead"], response.meta["asked"]
        if response.status in GONE and asked != lead.url:
            yield self.story_request(lead, lead.url)
            return
        if _unasked(response):
            count(self.crawler.stats, f"error.http_{NOT_MODIFIED}")
            log.info("%s: error.http_%d: %s", self.name, NOT_MODIFIED, response.url)
            self.failed.append(asked)
            return
        if response.status == NOT_MODIFIED:
            with Shared.borrowed() as shared:
                await shared.in_store(shared.store.confirm, asked, datetime.now(UTC), self.site.look_again)
            count(self.crawler.stats, "fetched")
            count(self.crawler.stats, "same")
            return
        if not response.body and response.status not in GONE:
            count(self.crawler.stats, "error.empty_body")
            log.info("%s: error.empty_body: %s", self.name, response.url)
            self.failed.append(asked)
            return
        count(self.crawler.stats, "fetched")
        yield Page(
            site=self.site.key,
            url=asked,
            final_url=response.url,
            status=response.status,
            headers={k.decode("latin-1").lower(): v[-1].decode("latin-1") for k, v in response.headers.items() if v},
            body=response.body,
            fetched_at=datetime.now(UTC),
            lead=lead,
            redirects=tuple(response.meta.get("redirect_urls", ())),
        )

    def story_failed(self, failure: Failure) -> None:
        """A story's page could not be fetched."""
        assert failure.value is not None
        request: Request = failure.request  # type: ignore[attr-defined]
        name, lead = name_of(failure.value), request.meta["lead"]
        count(self.crawler.stats, name)
        log.info("%s: %s: %s: %s", self.name, name, request.url, failure.value)
        if isinstance(failure.value, Refused) and "redirect_times" not in request.meta:
            self.refused.add(url_key(lead.url))
        elif not isinstance(failure.value, NotNow):
            self.failed.append(lead.url)


_AT_ONCE = 100  # leads that are looked at while the event loop waits, in some 5 ms
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _unasked(response: Response) -> bool:
    """Whether it says that nothing has changed, to a request that did not say since when: nothing is known then."""
    assert response.request is not None
    asked = response.request.headers
    return response.status == NOT_MODIFIED and not ("If-None-Match" in asked or "If-Modified-Since" in asked)


def newest(children: Iterable[Child]) -> list[str]:
    """The addresses of those sitemaps of an index that are worth a visit: the latest changed, those without a date
    first of all; among these the ones with the highest numbers in their address, which are months or parts."""
    return [child.url for child in by_age(children)[:SITEMAPS_PER_INDEX]]


def by_age(children: Iterable[Child]) -> list[Child]:
    """Sitemaps in that order."""
    latest = datetime.max.replace(tzinfo=UTC)

    def age(child: Child) -> tuple[datetime, list[int]]:
        return child.modified or latest, [int(number[:9]) for number in re.findall(r"\d+", child.url)]

    return sorted(children, key=age, reverse=True)


def spider_for(site: Site) -> type[SiteSpider]:
    """The spider class of a site; its name is the site's key, its delay the site's own where the file gives one."""
    own = {} if site.delay is None else {"DOWNLOAD_DELAY": site.delay}
    return type(
        "SiteSpider", (SiteSpider,), {"name": site.key, "site": site, "custom_settings": own, "__module__": __name__}
    )


def site_of(crawler: Crawler) -> Site:
    """The site that a crawler crawls. Raises TypeError for a spider that is not one of newsbot's."""
    if not isinstance(crawler.spider, SiteSpider):
        raise TypeError(f"{crawler.spider!r} is no SiteSpider")
    return crawler.spider.site


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")


def content_type(response: Response) -> str:
    """The Content-Type of an answer, "" where none is said."""
    return _header(response, "Content-Type") or ""
