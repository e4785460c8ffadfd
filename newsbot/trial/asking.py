"""The way to the web: Scrapy with the settings of a crawl, but without what makes a crawl of it. What is asked for is
given back, and neither stored nor recorded."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from protego import Protego
from scrapy import Request
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from scrapy.settings import Settings as ScrapySettings

from newsbot import reactor
from newsbot.config import Settings
from newsbot.errors import NewsbotError
from newsbot.lock import crawl_lock
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.site import SiteSpider, spider_for
from newsbot.tally import name_of

log = logging.getLogger(__name__)
T = TypeVar("T")

_OF_A_CRAWL = {
    "ITEM_PIPELINES": (),
    "SPIDER_MIDDLEWARES": ("newsbot.middlewares.known.KnownStories", "newsbot.middlewares.archive.Archiving"),
    "DOWNLOADER_MIDDLEWARES": ("newsbot.middlewares.archive.Receiving",),
    "EXTENSIONS": ("newsbot.tally.Tally",),
}


class Unanswered(NewsbotError):
    """An address could not be fetched; `name` is what a crawl would count that under."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class Interrupted(NewsbotError):
    """Ctrl-C or SIGTERM ended it."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(f"interrupted ({number.name})")
        self.exit_code = 128 + number


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave: `url` after the redirects, of which `redirects` has the earlier addresses; header names in
    lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type, empty where none is said."""
        return self.headers.get("content-type", "")


class Asker:
    """Asks for addresses on behalf of one site, one after the other, with the manners of a crawl."""

    def __init__(self, crawler: Crawler, shared: Shared) -> None:
        self._crawler = crawler
        self.shared = shared

    async def ask(self, url: str, also: Sequence[int] = ()) -> Answer:
        """What an address gives. Raises Unanswered where it is refused, cannot be had, or answers with an error that is
        not one of the statuses `also`."""
        engine = self._crawler.engine
        assert engine is not None, "a crawler that asks has an engine"
        try:
            request = Request(url, dont_filter=True)
            response: Response = await engine.download_async(request)
        except Exception as error:
            name = name_of(error)
            raise Unanswered(name, f"{url}: {str(error) or 'no answer'} ({name})") from error
        if not 200 <= response.status < 300 and response.status not in also:
            raise Unanswered(f"error.http_{response.status}", f"{url}: HTTP {response.status}")
        return Answer(
            response.url,
            response.status,
            {k.decode("latin-1").lower(): v[-1].decode("latin-1") for k, v in response.headers.items() if v},
            response.body,
            tuple(response.meta.get("redirect_urls", ())),
        )

    async def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the robots.txt of an address's host names, once something was asked of the host."""
        origin = "/".join(url.split("/", 3)[:3])
        text = (await self.shared.host(origin)).robots
        return list(dict.fromkeys(Protego.parse(text).sitemaps)) if text else []


Job = Callable[[Asker], Awaitable[T]]


def ask_for(settings: Settings, jobs: Mapping[str, tuple[Site, Job[T]]]) -> dict[str, T | NewsbotError]:
    """Do a job for each site, several sites at once; gives by name what came of each, or what ended it. The sites are
    held meanwhile, as by a crawl: nobody else asks them, here or on other machines that share the database.

    Raises CrawlLocked where another run is at work on one of them, Interrupted and StoreError. A process can do this
    once: Scrapy's reactor does not start twice.
    """
    made: dict[str, T | NewsbotError] = {}
    crawlers = ScrapySettings()
    crawlers.setmodule("newsbot.settings")
    for name, taken in _OF_A_CRAWL.items():
        crawlers.set(name, {k: v for k, v in dict(crawlers[name]).items() if taken and k not in taken})
    crawlers.set("LOG_INSTALL_ROOT_HANDLER", False)
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())  # what is wrong is told by what is raised
    process = AsyncCrawlerProcess(crawlers)
    signals: list[signal.Signals] = []

    async def one(name: str, site: Site, job: Job[T], free: asyncio.Semaphore) -> None:
        async with free:
            if signals:
                return
            spider = _spider(site, job)
            await process.crawl(process.create_crawler(spider))
            outcome = spider.outcome
            if isinstance(outcome, NewsbotError):
                made[name] = outcome
            elif isinstance(outcome, tuple):
                made[name] = outcome[0]
            elif not signals:  # a mistake of ours: the other sites are tried all the same
                log.error("%s: the trial broke off", name, exc_info=outcome)
                made[name] = Unanswered("error.crashed", f"{site.home}: the trial broke off: {outcome!r}")

    async def everything() -> None:
        free = asyncio.Semaphore(settings.sites_at_once)
        await asyncio.gather(*(one(name, site, job, free) for name, (site, job) in jobs.items()))
        await shared.settle()

    keys = [site.key for site, _ in jobs.values()]
    with (
        crawl_lock(settings.locks_folder, keys),
        Shared.borrowed() as shared,
        shared.leased(keys, leave=False),
    ):
        reactor.run(process, everything(), signals.append)
    if signals:
        raise Interrupted(signals[0])
    return made


def _spider(site: Site, job: Job[Any]) -> Any:
    """A spider with the site's delay, whose one business is the job; `outcome` is then (what it gave,) or an error."""

    async def start(self: SiteSpider) -> AsyncIterator[Any]:
        try:
            with Shared.borrowed() as shared:
                spider.outcome = (await job(Asker(self.crawler, shared)),)
        except Exception as error:
            spider.outcome = error
        nothing: tuple[Request, ...] = ()
        for request in nothing:  # an asynchronous generator, as Scrapy wants it
            yield request

    spider: Any = type("TrialSpider", (spider_for(site),), {"start": start, "outcome": None, "__module__": __name__})
    return spider
