"""Many processes on one database."""

import multiprocessing
import random
from multiprocessing.synchronize import Barrier

from newsbot.items import Story
from newsbot.store import Filters, Store
from tests.store.build import edited, prose, story

NUMBERS = range(1, 41)


def stories() -> list[Story]:
    """Forty stories, and another site's copies of them."""
    return [story(n) for n in NUMBERS] + [story(n, edited(prose(n)), site="b.example") for n in NUMBERS]


def crawl(database: str, seed: int, ready: Barrier) -> None:
    mine = stories()
    random.Random(seed).shuffle(mine)
    ready.wait()  # there are no tables yet: they race for making them, too
    with Store.open(database) as store:
        for each in mine:
            store.keep(each)


def test_the_same_stories_at_once_give_each_once(empty_database: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(3)
    crawls = [spawn.Process(target=crawl, args=(empty_database, seed, ready)) for seed in range(3)]
    for each in crawls:
        each.start()
    for each in crawls:
        each.join(60)
    assert [each.exitcode for each in crawls] == [0, 0, 0]
    with Store.open(empty_database) as store:
        kept = store.read.stories(Filters())
        assert sorted(row.url for row in kept) == sorted(each.canonical_url for each in stories())
        assert {row.version for row in kept} == {1}
        clusters = {n: {row.cluster for row in kept if row.url.endswith(f"/{n}")} for n in NUMBERS}
        assert all(len(cluster) == 1 for cluster in clusters.values())
        assert len(set.union(*clusters.values())) == len(NUMBERS)
        assert {row.cluster_size for row in kept} == {2}
