"""Work -> Work: the story is to get the fingerprint by which the store recognises it.

Whether the story is new, seen, changed or a copy is decided in the store's transaction, where no other writer can come
between the question and the answer.
"""

from __future__ import annotations

from newsbot.process import recognise
from pipelines.stage import Work


class DeduplicatePipeline:
    """Has stories signed."""

    def process_item(self, item: Work) -> Work:
        """The work, and a step more."""
        return item.then(recognise)
