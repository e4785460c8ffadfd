"""One spider for every site: reads its sources as declared, follows the leads in them, hands the pages on."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, TypeVarTuple

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from newsbot.discovery import read_feed, read_links, read_sitemap
from newsbot.discovery.sitemap import Child
from newsbot.errors import NotUnderstood
from newsbot.fingerprint import untracked
from newsbot.items import Lead, Page
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.sites.model import SourceKind
from newsbot.tally import count, name_of
from newsbot.workers import PageTooHard

log = logging.getLogger(__name__)

SITEMAP_DEPTH = 3  # an index of indexes of sitemaps; deeper ones are a maze
SITEMAPS_PER_INDEX = 10  # the newest ones; the old ones hold old stories
FEEDS_FROM_HOME = 3  # of the feeds that a home page names, the first ones are the general ones

# With no delay at all, Scrapy 2.19 starts all waiting requests of a host together, whatever
# CONCURRENT_REQUESTS_PER_DOMAIN says.
_LEAST_DELAY = 0.001  # seconds

_SOURCE = 10  # requests of sources go before those of stories, which have Scrapy's 0
GONE = (404, 410)
"""The answers that say of a story that it is no longer there."""

Found = AsyncIterator[Request]
Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class SiteSpider(Spider):
    """Crawls the site in its `site` attribute; `spider_for` makes the class."""

    site: ClassVar[Site]

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The site's own delay; never none at all, so that a host is asked for one page at a time."""
        super().update_settings(settings)
        if settings.getfloat("DOWNLOAD_DELAY") < _LEAST_DELAY:
            settings.set("DOWNLOAD_DELAY", _LEAST_DELAY, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        """Ask for each source of the site, in the declared order."""
        for place, source in enumerate(self.site.sources):
            yield self._source(source.url, source.kind, priority=_SOURCE + len(self.site.sources) - place)

    def _source(self, url: str, kind: SourceKind, *, priority: int = _SOURCE, depth: int = 0) -> Request:
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
            cb_kwargs={"depth": depth},
            meta={"source": kind},
        )

    # -- sources ------------------------------------------------------------------------------------------------------

    async def parse_feed(self, response: Response, depth: int) -> Found:
        """Leads of a feed."""
        feed = await self._understood(response, read_feed, response.body, response.url, _content_type(response))
        if feed is not None:
            for request in self._follow(feed.leads):
                yield request

    async def parse_sitemap(self, response: Response, depth: int) -> Found:
        """Leads of a sitemap, and the newest sitemaps of an index."""
        sitemap = await self._understood(response, read_sitemap, response.body, response.url)
        if sitemap is None:
            return
        if depth < SITEMAP_DEPTH:
            for child in newest(sitemap.children):
                yield self._source(child.url, SourceKind.SITEMAP, depth=depth + 1)
        for request in self._follow(sitemap.leads):
            yield request

    async def parse_links(self, response: Response, depth: int) -> Found:
        """Leads of a page of links; of a home page that is the only source, its feeds too."""
        links = await self._understood(response, read_links, response.body, response.url, _content_type(response))
        if links is None:
            return
        if response.meta["source"] is SourceKind.HOME:
            for url in links.feeds[:FEEDS_FROM_HOME]:
                yield self._source(url, SourceKind.FEED)
        for request in self._follow(links.leads):
            yield request

    async def _understood(self, response: Response, reader: Callable[[*Ts], T], *args: *Ts) -> T | None:
        """What a source says, read in the workers and counted as read; None, counted as failed, where it is not what it
        should be, or too much."""
        try:
            with Shared.borrowed() as shared:
                said = await shared.workers.run(reader, *args, name=response.url)
        except (NotUnderstood, PageTooHard) as error:
            self._source_broken(response.url, error)
            return None
        count(self.crawler.stats, "source.ok")
        return said

    def source_failed(self, failure: Failure) -> None:
        """A source could not be fetched."""
        assert failure.value is not None
        self._source_broken(failure.request.url, failure.value)  # type: ignore[attr-defined]

    def _source_broken(self, url: str, error: BaseException) -> None:
        name = name_of(error)
        count(self.crawler.stats, "source.failed")
        count(self.crawler.stats, name)
        log.warning("%s: source %s: %s: %s", self.name, name, url, error)

    # -- stories ------------------------------------------------------------------------------------------------------

    def _follow(self, leads: Iterable[Lead]) -> Iterator[Request]:
        """Requests for the leads that the site's file lets through, newest first."""
        allowed = [lead for lead in leads if self.site.allows(lead.url)]
        allowed.sort(key=lambda lead: lead.published or lead.modified or _LONG_AGO, reverse=True)
        for lead in allowed:
            try:
                yield self.story_request(untracked(lead.url), lead)
            except ValueError as error:
                count(self.crawler.stats, "skipped.address")
                log.info("%s: address that cannot be asked for: %s: %s", self.name, lead.url, error)

    def story_request(self, url: str, lead: Lead, *, again: bool = False) -> Request:
        """The request for a story's page. Of one that is gone the answer says so, and is no error."""
        meta = {"lead": lead, "asked": url, "again": again, "handle_httpstatus_list": GONE}
        return Request(url, self.parse_story, errback=self.story_failed, meta=meta)

    def parse_story(self, response: Response) -> Iterator[Page | Request]:
        """The page as fetched. An empty one is an error, and not a page without a story, which would be remembered.

        A server that does not know the address without its analytics parameters is asked once more, for the address as
        it was announced."""
        lead, asked = response.meta["lead"], response.meta["asked"]
        if response.status in GONE and asked != lead.url:
            yield self.story_request(lead.url, lead, again=True)
            return
        if not response.body and response.status not in GONE:
            count(self.crawler.stats, "error.empty_body")
            log.info("%s: error.empty_body: %s", self.name, response.url)
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
        name, url = name_of(failure.value), failure.request.url  # type: ignore[attr-defined]
        count(self.crawler.stats, name)
        log.info("%s: %s: %s: %s", self.name, name, url, failure.value)


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def newest(children: Iterable[Child]) -> list[Child]:
    """The sitemaps of an index that are worth a visit: the latest changed, those without a date first of all; among
    these the ones with the highest numbers in their address, which are months or parts."""
    latest = datetime.max.replace(tzinfo=UTC)

    def age(child: Child) -> tuple[datetime, list[int]]:
        return child.modified or latest, [int(number[:9]) for number in re.findall(r"\d+", child.url)]

    return sorted(children, key=age, reverse=True)[:SITEMAPS_PER_INDEX]


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


def _content_type(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"").decode("latin-1")
