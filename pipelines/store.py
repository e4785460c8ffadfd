"""Story -> Kept: recognised and stored, in one transaction."""

from __future__ import annotations

from newsbot.items import Story
from newsbot.store import Kept
from pipelines.stage import SharedStage


class StorePipeline(SharedStage):
    """Stores stories through the one writing thread of the process."""

    async def process_item(self, item: Story) -> Kept:
        """What became of the story. Raises StoreError, with the database as it was before."""
        kept = await self.shared.in_store(self.shared.store.keep, item)
        if kept.taught:
            await self.shared.profile(self.site.key, grown=True)
        return kept
