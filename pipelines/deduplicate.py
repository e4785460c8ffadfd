"""Story -> Story with the fingerprint by which the store recognises it.

The fingerprint is made here; whether the story is new, seen, changed or a copy is decided in the store's transaction,
where no other writer can come between the question and the answer.
"""

from __future__ import annotations

from newsbot.items import Story
from newsbot.process import recognise
from pipelines.stage import SharedStage


class DeduplicatePipeline(SharedStage):
    """Signs stories."""

    async def process_item(self, item: Story) -> Story:
        """The same story, with its fingerprint. Raises PageTooHard."""
        return await self.worked(len(item.text), recognise, item, name=item.url)
