"""Page -> Work: what the page says is to be read."""

from __future__ import annotations

from newsbot.items import Page
from newsbot.process import read, selectors
from pipelines.stage import SharedStage, Work


class ExtractPipeline(SharedStage):
    """Has pages read, in the light of what the site has taught."""

    async def process_item(self, item: Page) -> Work:
        """The page, and its first step. Raises StoreError."""
        profile = await self.shared.profile(self.site.key)
        return Work(item).then(read, selectors(self.site), profile)
