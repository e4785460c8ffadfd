"""What a site's earlier pages teach about its next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from newsbot.fingerprint import block_key
from newsbot.items import Article, Profile

REPEATED = 2  # stories of a site that have the same block, from which on it is the site's and not theirs
_HELD = 0.5  # share of the stories whose body stood in the same place, from which on it is looked for there


def learn(articles: Iterable[Article], site_name: str = "") -> Profile:
    """What these stories of one site have in common: the blocks that stand on several, where their bodies stood."""
    stories = list(articles)
    seen = Counter(key for story in stories for key in {block_key(block.text) for block in story.blocks} if key)
    places = Counter(story.container for story in stories if story.container)
    return Profile(
        site_name,
        frozenset(key for key, times in seen.items() if times >= REPEATED),
        frozenset(place for place, times in places.items() if times >= max(2, _HELD * len(stories))),
    )
