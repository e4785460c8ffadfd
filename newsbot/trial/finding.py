"""A site made from an address: what its front page, its robots.txt, its feeds and its stories say of it.

address -> front page -> feeds it names, else those at well-known places
                      -> sitemaps that robots.txt names, else those at well-known places; the news sitemap is taken
                      -> without either: the sections of its menus
        -> three stories, which also say the language
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from newsbot.config import Settings
from newsbot.discovery import Front, Sitemap, kind_of, read_feed, read_front, read_sitemap
from newsbot.errors import NewsbotError, NotUnderstood, SiteError
from newsbot.fingerprint import url_key
from newsbot.items import Lead, Story
from newsbot.sites import Site, key_for
from newsbot.sites.model import Source, SourceKind
from newsbot.spiders.site import newest
from newsbot.trial.asking import Answer, Asker, Unanswered, ask_for
from newsbot.trial.trying import Leads, SourceTried, Trial, try_source, try_stories
from newsbot.workers import PageTooHard

MOST_FEEDS = 6  # of those that a front page names, asked in its order; the general ones come first
MOST_SITEMAPS = 6
MOST_SECTIONS = 8
_SECTION_LEADS = 5  # stories that a page of links must announce to be a section worth a visit
FEED_PLACES = ("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds/rss", "news/rss", "rss/news")
SITEMAP_PLACES = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemap.xml", "sitemap_index.xml")
_NOTHING = (NotUnderstood, PageTooHard, Unanswered)


@dataclass(frozen=True, slots=True)
class Found:
    """A site that was found, with its trial, and what is left to its user to look at."""

    trial: Trial
    remarks: tuple[str, ...] = ()

    @property
    def site(self) -> Site:
        """The site, as its file would say it."""
        return self.trial.site


def find_site(settings: Settings, address: str, key: str | None = None) -> Found:
    """Find out all that a site file says of the site at an address: a front page, a section, a feed. The site's key is
    `key`, by default its registered domain. Nothing is stored.

    Raises SiteError for what is no address, or answers with nothing that is one of these; CrawlLocked,
    StoreError, Interrupted. Once a process.
    """
    addresses = [address] if "//" in address else [f"https://{address}", f"http://{address}"]
    addresses = [each + "/" * (each.count("/") == 2) for each in addresses]
    name = key or key_for(addresses[0])
    try:
        asked = Site(key=name, name=name, home=addresses[0])
    except ValidationError as error:
        first = error.errors()[0]
        wrong = key if key and first["loc"] == ("key",) else address
        raise SiteError(f"{wrong}: {first['msg'].removeprefix('Value error, ')}. Correct it.") from error

    async def find(asker: Asker) -> Found:
        return await _Finder(asker, asked).find(addresses)

    found = ask_for(settings, {asked.key: (asked, find)})[asked.key]
    if isinstance(found, NewsbotError):
        raise SiteError(f"{found}. Check the address and the network.") from found
    return found


class _Finder:
    """Asks, and gathers what is said."""

    def __init__(self, asker: Asker, asked: Site) -> None:
        self._asker = asker
        self._asked = asked
        self._leads = Leads(asked)
        self._sources: list[SourceTried] = []
        self._languages: list[str] = []
        self._names: list[str] = []
        self._read: set[frozenset[str]] = set()
        self._tried: set[str] = set()

    async def find(self, addresses: Iterable[str]) -> Found:
        """All of it, in the order of the module's text."""
        answer = await self._first(addresses)
        home, given = answer.url, []
        if kind_of(answer.body, answer.content_type) == "feed":
            given, home = [answer.url], urljoin(answer.url, "/")
            answer = await self._asker.ask(home)
        front = await self._asker.shared.workers.run(
            read_front, answer.body, answer.url, answer.content_type, name=answer.url
        )
        await self._feeds(given, front, home)
        await self._sitemaps(home)
        if not self._sources:
            await self._sections(front, home)
        self._leads.add(front.leads)
        pages = await try_stories(self._asker, self._asked, self._leads.newest())
        stories = [page.story for page in pages if page.story is not None]
        site = self._site(front, home, stories)
        trial = Trial(site, tuple(self._sources) or (SourceTried(site.sources[0], front.leads),), pages)
        return Found(trial, tuple(_remarks(site, stories)))

    async def _first(self, addresses: Iterable[str]) -> Answer:
        fault = Unanswered("", "no address")
        for address in addresses:
            try:
                return await self._asker.ask(address)
            except Unanswered as error:
                fault = error
        raise fault

    async def _feeds(self, given: list[str], front: Front, home: str) -> None:
        for url in [*given, *front.feeds][:MOST_FEEDS]:
            await self._feed(url)
        for place in FEED_PLACES:
            if self._sources:
                return
            await self._feed(urljoin(home, f"/{place}"))

    async def _feed(self, url: str) -> None:
        """Take a feed, unless it announces just what another does, or a single story's comments."""
        feed = await self._get(url, read_feed)
        if feed is None or not (leads := self._leads.add(feed.leads)):
            return
        announced = frozenset(lead.url for lead in leads)
        if announced in self._read:
            return
        self._read.add(announced)
        self._sources.append(SourceTried(Source(SourceKind.FEED, url), leads))
        if feed.language:
            self._languages.append(feed.language)
        if feed.title:
            self._names.append(_without_slogan(feed.title))

    async def _sitemaps(self, home: str) -> None:
        """Take the news sitemaps; a general one, which lists all that the site ever had, only where there is nothing
        else."""
        said = await self._asker.sitemaps(home)
        general: SourceTried | None = None
        waiting = sorted(said, key=_newsworthy)[:MOST_SITEMAPS]
        places = [urljoin(home, f"/{place}") for place in SITEMAP_PLACES]
        if not waiting and not self._sources:
            waiting = places
        asked = 0
        while waiting and asked < MOST_SITEMAPS:
            url = waiting.pop(0)
            asked += 1
            sitemap = await self._get(url, _sitemap)
            if sitemap is None:
                continue
            named = sorted(newest(sitemap.children), key=_newsworthy)
            waiting = [child for child in named if not _newsworthy(child)][:2] + waiting
            if sitemap.leads and all(lead.title and lead.published for lead in sitemap.leads[:10]):
                leads = self._leads.add(sitemap.leads)
                self._sources.append(SourceTried(Source(SourceKind.SITEMAP, url), leads))
                # A news sitemap has to say both (Google's protocol), and of nothing but its own stories.
                self._languages[:0] = [sitemap.language] if sitemap.language else []
                self._names[:0] = [sitemap.name] if sitemap.name else []
                return
            if general is None and (sitemap.leads or named):
                general = SourceTried(Source(SourceKind.SITEMAP, url), self._asked_for(sitemap.leads))
        if not self._sources and general is not None:
            if not general.leads:
                general = await try_source(self._asker, general.source, self._leads)
            if general.leads:
                self._leads.add(general.leads)
                self._sources.append(general)

    def _asked_for(self, leads: Iterable[Lead]) -> tuple[Lead, ...]:
        return tuple(lead for lead in leads if self._asked.allows(lead.url))

    async def _sections(self, front: Front, home: str) -> None:
        """The front page and those sections of its menus that announce stories."""
        for url in front.sections[:MOST_SECTIONS]:
            tried = await try_source(self._asker, Source(SourceKind.SECTION, url), self._leads)
            if len(tried.leads) >= _SECTION_LEADS:
                self._sources.append(tried)
        if self._sources:
            self._sources.insert(0, SourceTried(Source(SourceKind.SECTION, home), front.leads))

    async def _get(self, url: str, reader: Any) -> Any:
        """What an address gives a reader; None where it is nothing for it, and where it was asked already."""
        if url in self._tried:
            return None
        self._tried.add(url)
        try:
            answer = await self._asker.ask(url)
            return await self._asker.shared.workers.run(reader, answer.body, answer.url, answer.content_type, name=url)
        except _NOTHING:
            return None

    def _site(self, front: Front, home: str, stories: list[Story]) -> Site:
        values: dict[str, Any] = {
            "key": self._asked.key,
            "name": front.name or next(iter(self._names), self._asked.key),
            "home": home,
            "language": _language(front, self._languages, stories),
            "timezone": front.timezone,
            "country": _country(home),
            "verified": datetime.now(UTC).date() if stories else None,
        }
        for tried in self._sources:
            values.setdefault(f"{tried.source.kind}s", []).append(tried.source.url)
        return Site.model_validate(values)


def _sitemap(body: bytes, url: str, content_type: str) -> Sitemap:
    """As the other readers are called; what a sitemap is stands in itself."""
    return read_sitemap(body, url)


def _newsworthy(url: str) -> bool:
    """Sorts the sitemaps first that are called news."""
    return not re.search(r"news|48h|latest|aktuell", urlsplit(url).path + urlsplit(url).query, re.IGNORECASE)


def _without_slogan(title: str) -> str:
    return re.split(r"\s+[|–—·»:-]\s+", title)[0].strip() or title


def _language(front: Front, feeds: list[str], stories: list[Story]) -> str | None:
    """What most stories say, then the front page, then a feed."""
    said = Counter(story.language for story in stories if story.language)
    if said:
        language, number = said.most_common(1)[0]
        if 2 * number > len(stories):
            return language
    return front.language or next(iter(feeds), None)


# Domains of countries that are sold to the world, or are no country's own.
_SOLD = frozenset("ac ag ai am cc cd cx fm gg im io la ly me ms mu mx nu pw sh st su tk tm to tv vc ws eu co".split())


def _country(url: str) -> str | None:
    """The country of the domain, where its last part is one's and not sold to all the world."""
    last = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    if not re.fullmatch("[a-z]{2}", last) or last in _SOLD:
        return None
    return {"uk": "GB"}.get(last, last.upper())


def _remarks(site: Site, stories: list[Story]) -> Iterable[str]:
    if site.timezone is None and any(s.published and s.published_offset is None and not s.day_only for s in stories):
        yield "times without an offset are read in UTC: give `timezone` if the site means its own"
    if site.language is None:
        yield "no language is said: give `language`"
    if len({url_key(story.url) for story in stories}) < len(stories):
        yield "several addresses are one story: see `story_id`"
