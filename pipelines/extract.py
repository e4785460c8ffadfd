"""Page -> Draft: what the page says, read in another process."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from newsbot.items import Draft, Page
from newsbot.process import selectors
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.site import site_of


class ExtractPipeline:
    """Reads pages in the workers that all crawlers of the process share."""

    def __init__(self, site: Site) -> None:
        self._select = selectors(site)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the site of the crawler's spider."""
        return cls(site_of(crawler))

    def open_spider(self) -> None:
        """Share the workers."""
        self._shared = Shared.acquire()

    def close_spider(self) -> None:
        """Leave the workers to others."""
        self._shared.release()

    async def process_item(self, item: Page) -> Draft:
        """Raises PageTooHard for a page that takes too long or ends its reader."""
        return await self._shared.workers.read(item, self._select)
