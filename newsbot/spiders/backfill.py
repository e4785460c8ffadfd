"""A spider for a site's older stories: walks all of its sitemaps, and the archive pages that its file names, back to a
day, one after the other, newest first."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.discovery import read_links, read_sitemap
from newsbot.discovery.sitemap import Child
from newsbot.items import GONE, Lead
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.sites.calendar import addresses
from newsbot.sites.model import SourceKind
from newsbot.sources import Sources
from newsbot.spiders.site import SITEMAP_DEPTH, Found, SiteSpider, by_age, content_type, spider_for
from newsbot.tally import PREFIX, count

_AFTER_STORIES = -1  # the next source is asked for when the stories of those before it are fetched
_FOLLOWING = 20  # pages that one archive page goes on for
_COMPLETE = timedelta(days=2)  # after its last day, wherever that is, an archive page is taken to list all of it
_NAMED = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)  # RFC 9309 leaves it to sitemaps.org
# A year, and mostly a month, in the address of a sitemap; in that of a story only as folders, for a headline may begin
# with a year as well.
_SITEMAP_OF = re.compile(r"(?<![A-Za-z\d])((?:19|20)\d\d)(?:[-/_.]?(0[1-9]|1[0-2]|[1-9])(?!\d))?(?!\d)")
_STORY_OF = re.compile(r"/((?:19|20)\d\d)/(0?[1-9]|1[0-2])(?=/)")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A source that will be asked for; the part `of` an archive page, how many levels or pages `deep`."""

    url: str
    deep: int = 0
    of: str | None = None


class BackfillSpider(SiteSpider):
    """Asks for the site's sitemaps, those that its robots.txt names included, then for its archive pages, and for the
    stories in them `since` then that are not known. Once as many were found as a visit may fetch, no further source is
    asked for. The next slice begins at the newest sitemap again, and finds these stories known; archive pages, of which
    there are thousands, it does not ask for again once nothing of them is left to do."""

    remembers_sources: ClassVar[bool] = False
    since: ClassVar[datetime]

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[_Waiting] = []
        self._parts: dict[str, list[str]] = {}  # an archive page -> itself, and the pages on which it goes on

    async def start(self) -> AsyncIterator[Any]:
        """Ask for robots.txt first: it may name more sitemaps than the site's file."""
        self.sources = Sources({}, "", datetime.now(UTC))
        rules = self._source(urljoin(self.site.home, "/robots.txt"), SourceKind.SITEMAP)
        rules.callback = self.parse_rules
        rules.meta["handle_httpstatus_list"] = list(GONE)
        yield rules

    async def parse_rules(self, response: Response, depth: int) -> Found:
        """The sitemaps that robots.txt names."""
        named = _NAMED.findall(response.text) if response.status not in GONE else []
        urls = dict.fromkeys([*self.site.sitemaps, *(urljoin(response.url, url) for url in named)])
        self._waiting = [_Waiting(child.url) for child in by_age(map(Child, urls))]
        with Shared.borrowed() as shared:
            done = await shared.in_store(shared.store.archive_pages, self.site.key, self.rules)
        pages = addresses(self.site.calendar, self.since.date(), datetime.now(UTC).date())
        self._waiting += [_Waiting(url, of=url) for url, _ in pages if url not in done]
        for request in self._next():
            yield request

    async def parse_sitemap(self, response: Response, depth: int) -> Found:
        """Leads of a sitemap that may be of that time; the sitemaps of an index come next."""
        sitemap = await self.news(response, read_sitemap, response.body, response.url)
        if sitemap is not None and depth < SITEMAP_DEPTH:
            children = [child for child in sitemap.children if may_hold(child, self.since)]
            self._waiting[:0] = [_Waiting(child.url, depth + 1) for child in by_age(children)]
        for request in self._next():
            yield request
        async for lead in self.allowed(wanted(sitemap.leads if sitemap else (), self.since)):
            yield lead

    async def parse_archive_page(self, response: Response, depth: int, of: str) -> Found:
        """Leads of an archive page; the page on which it goes on comes next. There is none of a day without stories."""
        url, links = response.meta["source_url"], None
        if response.status in GONE:
            self.sources.unchanged(url, response.status, response.body, None, None)
            count(self.crawler.stats, "source.ok")
        else:
            links = await self.news(response, read_links, response.body, response.url, content_type(response))
        if links and links.following and links.following not in self._parts and depth < _FOLLOWING:
            self._parts[of].append(links.following)
            self._waiting.insert(0, _Waiting(links.following, depth + 1, of))
        for request in self._next():
            yield request
        async for lead in self.allowed(wanted(links.leads if links else (), self.since)):
            yield lead

    def source_failed(self, failure: Failure) -> Iterator[Request]:  # type: ignore[override]
        """A source that could not be fetched: the next one."""
        super().source_failed(failure)
        yield from self._next()

    async def remember(self, shared: Shared) -> None:
        """Enter the archive pages that need not be asked for again: those of times that are over, of which, and of what
        they go on with, nothing is left to do. Raises StoreError."""
        now = datetime.now(UTC)
        handled = await shared.in_store(shared.store.known, self.sources.open())
        through = self.sources.through(handled, self.refused)
        ends = dict(addresses(self.site.calendar, self.since.date(), now.date()))
        done = [
            page
            for page, parts in self._parts.items()
            if ends[page] <= (now - _COMPLETE).date() and through.issuperset(parts)
        ]
        await shared.in_store(shared.store.enter_archive_pages, self.site.key, self.rules, done, now)

    def _next(self) -> Iterator[Request]:
        assert self.crawler.stats is not None
        if self.crawler.stats.get_value(f"{PREFIX}postponed"):
            return
        while self._waiting:
            each = self._waiting.pop(0)
            if each.url in self.sources:
                continue
            kind = SourceKind.SITEMAP if each.of is None else SourceKind.SECTION
            request = self._source(each.url, kind, priority=_AFTER_STORIES, depth=each.deep)
            if each.of is not None:
                self._parts.setdefault(each.of, [each.of])
                request = request.replace(
                    callback=self.parse_archive_page,
                    cb_kwargs={"depth": each.deep, "of": each.of},
                    meta={**request.meta, "handle_httpstatus_list": list(GONE)},
                )
            yield request
            return


def backfill_for(site: Site, since: datetime) -> type[BackfillSpider]:
    """The spider class for a site's stories since then; otherwise as `spider_for`."""
    usual = spider_for(site)
    own = {"name": site.key, "site": site, "since": since, "custom_settings": usual.custom_settings}
    return type("BackfillSpider", (BackfillSpider,), own | {"__module__": __name__})


def may_hold(child: Child, since: datetime) -> bool:
    """Whether a sitemap may list stories since then, by when it was changed last and by its address."""
    return (child.modified is None or child.modified >= since) and not _is_before(_SITEMAP_OF, child.url, since)


def wanted(leads: Iterable[Lead], since: datetime) -> list[Lead]:
    """The leads that may be of stories since then; those that nothing is known of are."""
    return [
        lead
        for lead in leads
        if ((lead.published or lead.modified or since) >= since and not _is_before(_STORY_OF, lead.url, since))
    ]


def _is_before(pattern: re.Pattern[str], url: str, since: datetime) -> bool:
    """Whether an address names a month, or a year, that was over by then."""
    if not (found := pattern.search(url)):
        return False
    year, month = int(found[1]), int(found[2] or 12)
    return (year, month) < (since.year, since.month)
