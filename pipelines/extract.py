"""Page -> Draft: what the page says, read in another process."""

from __future__ import annotations

from newsbot.items import Draft, Page
from newsbot.process import read, selectors
from pipelines.stage import SharedStage


class ExtractPipeline(SharedStage):
    """Reads pages in the workers."""

    async def process_item(self, item: Page) -> Draft:
        """Raises PageTooHard for a page that takes too long or ends its reader, and StoreError."""
        profile = await self.shared.profile(self.site.key)
        return await self.shared.workers.run(read, item, selectors(self.site), profile, name=item.url)
