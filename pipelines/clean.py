"""Work -> Work: what was read is to be cleaned of the site's own text, and becomes a story."""

from __future__ import annotations

from newsbot.process import tidy
from pipelines.stage import SharedStage, Work


class CleanPipeline(SharedStage):
    """Has drafts cleaned, in the light of what the site has taught."""

    async def process_item(self, item: Work) -> Work:
        """The work, and a step more. Raises StoreError."""
        profile = await self.shared.profile(self.site.key)
        return item.then(tidy, self.site, profile)
