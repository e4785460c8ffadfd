"""Story -> Kept: recognised and stored, in one transaction."""

from __future__ import annotations

from newsbot.items import Story, Verdict
from newsbot.store import Kept, Outcome
from newsbot.tally import NoStory
from pipelines.stage import SharedStage


class StorePipeline(SharedStage):
    """Stores stories through the one writing thread of the process."""

    async def process_item(self, item: Story) -> Kept:
        """What became of the story. Raises StoreError, with the database as it was before, and NoStory for one that was
        forgotten."""
        kept = await self.shared.in_store(self.shared.store.keep, item)
        if kept.outcome is Outcome.FORGOTTEN:
            raise NoStory(Verdict.FORGOTTEN, item.url, "deleted on purpose before")
        if kept.taught:
            await self.shared.profile(self.site.key, grown=True)
        return kept
