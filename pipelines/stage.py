"""What the stages that need more than their item have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, TypeVar, TypeVarTuple

from scrapy.crawler import Crawler

from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.site import site_of

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

HEAVY = 10_000
"""Characters of text from which work on it is done in the workers: what is written to be hard costs 4 us a character,
and the event loop, which all sites share, is to be held for 50 ms at most."""


class SharedStage:
    """A stage for one site that uses what all crawlers of the process share, while its spider is open."""

    def __init__(self, site: Site) -> None:
        self.site = site

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the site of the crawler's spider."""
        return cls(site_of(crawler))

    def open_spider(self) -> None:
        """Share."""
        self.shared = Shared.acquire()

    def close_spider(self) -> None:
        """Leave it to others."""
        self.shared.release()

    async def worked(self, characters: int, function: Callable[[*Ts], T], *args: *Ts, name: str) -> T:
        """Call a function of a module on so many characters, in the workers where they are many.

        Raises PageTooHard where it takes too long, and what the function raises.
        """
        if characters < HEAVY:
            return function(*args)
        return await self.shared.workers.run(function, *args, name=name)
