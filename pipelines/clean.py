"""Draft -> Story: the site's own text taken out; a page that is no story is dropped under its verdict."""

from __future__ import annotations

from newsbot.items import Draft, Story, Verdict
from newsbot.process import tidy
from newsbot.tally import NoStory
from pipelines.stage import SharedStage

_BLOCK = 30  # characters that take as long as there being a block at all


class CleanPipeline(SharedStage):
    """Cleans drafts, and remembers the addresses that hold no story, so that they are not fetched again; a known story
    that is no longer there is marked."""

    async def process_item(self, item: Draft) -> Story:
        """Raises NoStory with the verdict, PageTooHard and StoreError."""
        profile = await self.shared.profile(self.site.key)
        size = sum(len(block.text) + _BLOCK for block in item.article.blocks)
        story = await self.worked(size, tidy, item, self.site, profile, name=item.page.url)
        if isinstance(story, Verdict):
            page, store = item.page, self.shared.store
            # Not where a redirect led: that may be the front page, or a story at its proper address.
            lost = await self.shared.in_store(store.dismiss, self.site.key, [page.url], story, page.fetched_at)
            raise NoStory(story, page.url, item.article.why, lost=lost)
        return story
