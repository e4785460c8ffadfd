"""A site tried: its sources asked, and three of its stories read by the one path that all stories take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from newsbot.config import Settings
from newsbot.discovery import read_feed, read_links, read_sitemap
from newsbot.errors import NewsbotError, NotUnderstood, QueryError
from newsbot.fingerprint import untracked, url_key
from newsbot.items import GONE, Lead, Page, Story
from newsbot.process import NotAStory, Step, follow, read, selectors, tidy
from newsbot.sites import Site, Source, SourceKind
from newsbot.spiders.site import FEEDS_FROM_HOME, SITEMAP_DEPTH, newest
from newsbot.store import Filters
from newsbot.trial.asking import Asker, Unanswered, ask_for
from newsbot.workers import PageTooHard

STORIES = 3
MOST_PAGES = 6
"""Pages that are fetched for three stories: among the newest, some are videos and galleries."""
_USUAL = 30  # stories of earlier crawls from which is told how long this site's are
_LEAST_USUAL = 5
_PARTS = 3  # sitemaps of an index that are asked for a story
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SourceTried:
    """A source that was asked: the leads that it announces and the site's file lets through, or what was wrong."""

    source: Source
    leads: tuple[Lead, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class PageTried:
    """A page that was asked for: the story that a crawl would store, or why there is none. `page` is as it was
    fetched."""

    url: str
    story: Story | None = None
    fault: str = ""
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a site. `usual_words` is the median length of the stories that the database has of it, None
    where these are too few."""

    site: Site
    sources: tuple[SourceTried, ...] = ()
    pages: tuple[PageTried, ...] = ()
    usual_words: int | None = None
    fault: str = ""

    @property
    def stories(self) -> list[Story]:
        """The stories that were found."""
        return [page.story for page in self.pages if page.story is not None]


@dataclass(slots=True)
class Leads:
    """What sources announce, each address once: with the newest first."""

    site: Site
    found: dict[str, Lead] = field(default_factory=dict)

    def add(self, leads: Iterable[Lead]) -> tuple[Lead, ...]:
        """Take those in that the site's file lets through, and give these."""
        allowed = tuple(lead for lead in leads if self.site.allows(lead.url))
        for lead in allowed:
            try:
                key = url_key(lead.url)
            except ValueError:
                continue
            self.found.setdefault(key, lead)
        return allowed

    def newest(self) -> list[Lead]:
        """All of them."""
        return sorted(self.found.values(), key=lambda lead: lead.published or lead.modified or _LONG_AGO, reverse=True)


def try_sites(settings: Settings, sites: Sequence[Site]) -> list[Trial]:
    """Try the sites, many at once, in the order given. Nothing is stored but what their hosts ask of crawlers.

    Raises CrawlLocked where a crawl is at work on one of them, StoreError, Interrupted. Once a process.
    """
    made = ask_for(settings, {site.key: (site, partial(_try, site)) for site in sites})
    return [
        Trial(site, fault=str(each)) if isinstance(each := made[site.key], NewsbotError) else each for site in sites
    ]


def fetch_story(settings: Settings, site: Site, url: str) -> PageTried:
    """One page of a site, read as `try_sites` reads them but without what the site has taught. Raises as it does."""

    async def fetch(asker: Asker) -> PageTried:
        return await try_page(asker, site, Lead(url), taught=False)

    made = ask_for(settings, {site.key: (site, fetch)})[site.key]
    if isinstance(made, NewsbotError):
        raise made
    return made


async def _try(site: Site, asker: Asker) -> Trial:
    sources, leads = [], Leads(site)
    for source in site.sources:
        sources.append(await try_source(asker, source, leads))
    pages = await try_stories(asker, site, leads.newest())
    return Trial(site, tuple(sources), pages, await _usual_words(asker, site))


async def try_source(asker: Asker, source: Source, leads: Leads, depth: int = 0) -> SourceTried:
    """Ask one source; the newest sitemaps of an index and the first feeds of a home page too, until one announces a
    story."""
    try:
        answer = await asker.ask(source.url)
        found, more = await read_source(asker, source.kind, answer.body, answer.url, answer.content_type)
    except (Unanswered, NotUnderstood, PageTooHard) as error:
        return SourceTried(source, fault=str(error))
    kind = SourceKind.FEED if source.kind is SourceKind.HOME else SourceKind.SITEMAP
    allowed = leads.add(found)
    for url in more[:_PARTS] if depth < SITEMAP_DEPTH else ():
        if allowed:
            break
        allowed = (await try_source(asker, Source(kind, url), leads, depth + 1)).leads
    return SourceTried(source, allowed)


async def read_source(
    asker: Asker, kind: SourceKind, body: bytes, url: str, content_type: str
) -> tuple[Sequence[Lead], list[str]]:
    """What a source announces, and the further sources that it names. Raises NotUnderstood and PageTooHard."""
    run = asker.shared.workers.run
    if kind is SourceKind.FEED:
        return (await run(read_feed, body, url, content_type, name=url)).leads, []
    if kind is SourceKind.SITEMAP:
        sitemap = await run(read_sitemap, body, url, name=url)
        return sitemap.leads, newest(sitemap.children)
    links = await run(read_links, body, url, content_type, name=url)
    return links.leads, list(links.feeds[:FEEDS_FROM_HOME]) if kind is SourceKind.HOME else []


async def try_stories(asker: Asker, site: Site, leads: Sequence[Lead]) -> tuple[PageTried, ...]:
    """The first pages that are announced, until three stories are found or six pages were fetched."""
    tried: list[PageTried] = []
    for lead in leads[:MOST_PAGES]:
        tried.append(await try_page(asker, site, lead))
        if sum(page.story is not None for page in tried) == STORIES:
            break
    return tuple(tried)


async def try_page(asker: Asker, site: Site, lead: Lead, *, taught: bool = True) -> PageTried:
    """One page, fetched and read as a crawl does; `taught`: in the light of what the site has taught."""
    try:
        url = untracked(lead.url)
        answer = await asker.ask(url, also=GONE)
        if answer.status in GONE and url != lead.url:
            url = lead.url
            answer = await asker.ask(url, also=GONE)
    except (Unanswered, ValueError) as error:
        return PageTried(lead.url, fault=str(error))
    now = datetime.now(UTC)
    page = Page(site.key, url, answer.url, answer.status, answer.headers, answer.body, now, lead, answer.redirects)
    if not page.body and page.status not in GONE:
        return PageTried(url, fault=f"{url}: the answer is empty", page=page)
    shared = asker.shared
    profile = await shared.profile(site.key) if taught else None
    try:
        steps = (Step(read, (selectors(site), profile)), Step(tidy, (site, profile)))
        made: Story | NotAStory = await shared.workers.run(follow, page, steps, name=url)
    except (NotUnderstood, PageTooHard) as error:
        return PageTried(url, fault=str(error), page=page)
    if isinstance(made, NotAStory):
        why = f": {made.why}" if made.why else ""
        return PageTried(url, fault=f"{url}: no story but {made.verdict.replace('_', ' ')}{why}", page=page)
    return PageTried(url, made, page=page)


async def _usual_words(asker: Asker, site: Site) -> int | None:
    shared = asker.shared
    try:
        rows = await shared.in_store(shared.store.read.stories, Filters(sites=(site.key,), limit=_USUAL))
    except QueryError:  # nothing was ever crawled from it
        return None
    words = sorted(row.word_count for row in rows)
    return words[len(words) // 2] if len(words) >= _LEAST_USUAL else None
