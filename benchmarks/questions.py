"""What people ask of a database, as the command line does: with words that few stories have, some, or most."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks.stories import BEGIN, LANGUAGES, SPAN, Press, word
from newsbot.store import Filters, Reader

SEED = 5
ENGLISH, CHINESE = LANGUAGES[0], LANGUAGES[5]
RARE, MIDDLE, COMMON = (word(ENGLISH, rank) for rank in (199_990, 500, 8))  # in some hundred, one in twenty, most
NOWHERE = "zzyzx"
MONTH = timedelta(days=30)

Question = Callable[[Reader, int], object]


def questions(read: Reader, stories: int, rounds: int) -> dict[str, Question]:
    """What is asked, by name: called with the read side and the number of the round, of which there are so many. `read`
    is asked for some addresses, so it should be another than the one that is measured."""
    desks = Press(stories).desks
    end = BEGIN + SPAN
    chance = random.Random(SEED)  # noqa: S311 - figures, not secrets
    numbers = [chance.randrange(1, stories + 1) for _ in range(2 * rounds)]
    found = [read.story(number) for number in numbers[rounds:]]
    addresses = [story.url for story in found if story]
    large, small = desks[0].key, desks[-1].key

    def search(query: str, **filters: Any) -> Question:
        return lambda read, _: read.search(query, Filters(limit=20, **filters))

    def count(query: str, **filters: Any) -> Question:
        return lambda read, _: read.count(Filters(**filters), query)

    month = {"since": end - MONTH}
    past = {"since": BEGIN + MONTH, "until": BEGIN + 2 * MONTH}
    return {
        "one story, by its address": lambda read, n: read.story(addresses[n % len(addresses)]),
        "one story, by its number": lambda read, n: read.story(numbers[n]),
        "the newest": lambda read, _: read.stories(Filters(limit=20)),
        "the newest of a site": lambda read, _: read.stories(Filters(limit=20, sites=[small])),
        "the newest without copies": lambda read, _: read.stories(Filters(limit=20, copies=False)),
        "the newest by an author": lambda read, n: read.stories(Filters(limit=20, author=desks[n].authors[0])),
        "the newest with a tag": lambda read, n: read.stories(Filters(limit=20, tag=f"tag {2_900 + n}")),
        "search: a rare word": search(RARE),
        "search: a word in one of twenty": search(MIDDLE),
        "search: a word in most": search(COMMON),
        "search: rare, the last month": search(RARE, **month),
        "search: one in twenty, the last month": search(MIDDLE, **month),
        "search: common, the last month": search(COMMON, **month),
        "search: common, a month two years ago": search(COMMON, **past),
        "search: one in twenty, on a large site": search(MIDDLE, sites=[large]),
        "search: common, on a large site": search(COMMON, sites=[large]),
        "search: common, on a small site": search(COMMON, sites=[small]),
        "search: one in twenty, without copies": search(MIDDLE, copies=False),
        "search: common, without copies": search(COMMON, copies=False),
        "search: common in English, in Russian alone": search(COMMON, language="ru"),
        "search: common, oldest first": search(COMMON, sort="oldest"),
        "search: rare OR common": search(f"{RARE} OR {COMMON}"),
        "search: common, not another common one": search(f"{COMMON} -{word(ENGLISH, 2)}"),
        "search: a phrase": search(f'"{word(ENGLISH, 1)} {COMMON}"'),
        "search: a beginning": search(f"{MIDDLE}*"),
        "search: in titles": search(f"title:{MIDDLE}"),
        "search: two Chinese characters": search(word(CHINESE, 1_500)),
        "search: what is nowhere": search(NOWHERE),
        "search: one in twenty, by relevance": search(MIDDLE, sort="relevance"),
        "search: common, by relevance": search(COMMON, sort="relevance"),
        "count: rare": count(RARE),
        "count: common": count(COMMON),
        "count: common, on a large site": count(COMMON, sites=[large]),
        "count: all": lambda read, _: read.count(Filters()),
    }
