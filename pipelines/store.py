"""Story -> Kept: recognised and stored, in one transaction."""

from __future__ import annotations

from newsbot.items import Story
from newsbot.shared import Shared
from newsbot.store import Kept


class StorePipeline:
    """Stores stories through the one writing thread of the process."""

    def open_spider(self) -> None:
        """Share the store."""
        self._shared = Shared.acquire()

    def close_spider(self) -> None:
        """Leave the store to others."""
        self._shared.release()

    async def process_item(self, item: Story) -> Kept:
        """What became of the story. Raises StoreError, with the database as it was before."""
        return await self._shared.in_store(self._shared.store.keep, item)
