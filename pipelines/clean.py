"""Draft -> Story: the site's own text taken out; a page that is no story is dropped under its verdict."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from newsbot.items import Draft, Story, Verdict
from newsbot.process import tidy
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.site import site_of
from newsbot.tally import NoStory


class CleanPipeline:
    """Cleans drafts, and remembers the addresses that hold no story, so that they are not fetched again."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the site of the crawler's spider."""
        return cls(site_of(crawler))

    def open_spider(self) -> None:
        """Share the store."""
        self._shared = Shared.acquire()

    def close_spider(self) -> None:
        """Leave the store to others."""
        self._shared.release()

    async def process_item(self, item: Draft) -> Story:
        """Raises NoStory with the verdict, and StoreError."""
        story = tidy(item, self._site)
        if isinstance(story, Verdict):
            page = item.page
            addresses = [page.url, page.final_url]
            await self._shared.in_store(self._shared.store.dismiss, self._site.key, addresses, story, page.fetched_at)
            raise NoStory(story, page.url)
        return story
