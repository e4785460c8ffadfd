"""Work -> Kept: the story made, recognised and stored, in one transaction; a page that is no story is dropped."""

from __future__ import annotations

from newsbot.items import Story, Verdict
from newsbot.process import NotAStory, follow
from newsbot.store import Kept, Outcome
from newsbot.tally import NoStory
from pipelines.stage import SharedStage, Work


class StorePipeline(SharedStage):
    """Stores stories through the one writing thread of the process, and remembers the addresses that hold none, so that
    they are not fetched again; a known story that is no longer there is marked."""

    async def process_item(self, item: Work) -> Kept:
        """What became of the story. Raises StoreError, with the database as it was before; PageTooHard for a page that
        takes too long or ends its reader; NoStory with the verdict, also for a story that was forgotten."""
        page, shared, store = item.page, self.shared, self.shared.store
        made: Story | NotAStory = await shared.workers.run(follow, page, item.steps, name=page.url)
        if isinstance(made, NotAStory):
            # Not where a redirect led: that may be the front page, or a story at its proper address.
            lost = await shared.in_store(store.dismiss, self.site.key, [page.url], made.verdict, page.fetched_at)
            raise NoStory(made.verdict, page.url, made.why, lost=lost)
        kept = await shared.in_store(store.keep, made)
        if kept.outcome is Outcome.FORGOTTEN:
            raise NoStory(Verdict.FORGOTTEN, made.url, "deleted on purpose before")
        if kept.taught:
            await shared.profile(self.site.key, grown=True)
        return kept
