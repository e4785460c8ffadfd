"""What the stages hand on, and what those that need more than that have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

from scrapy.crawler import Crawler

from newsbot.items import Page
from newsbot.process import Step
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.site import site_of


@dataclass(frozen=True, slots=True)
class Work:
    """A page, and what is to be done to make a story of it (see `newsbot.process.follow`)."""

    page: Page
    steps: tuple[Step, ...] = ()

    def then(self, function: Callable[..., Any], *arguments: Any) -> Work:
        """The same with a step more: a function of a module, which is given what the step before makes, and these."""
        return replace(self, steps=(*self.steps, Step(function, arguments)))


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
