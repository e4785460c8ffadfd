"""What the stages that need more than their item have in common."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.site import site_of


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
