"""Writers that are killed: four at once, by SIGKILL, anywhere in their work, and begun again until all of it is done.

What they leave is compared with what one process makes of the same stories.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from signal import SIGKILL
from typing import Any

from sqlalchemy import event, text

from newsbot.fingerprint import sign
from newsbot.items import Story
from newsbot.store import Filters, Store
from tests.store.build import HOUR, NOON, edited, prose, story

STORIES = 12
SEED = 5
SHORTEST, LONGEST = 3, 90  # statements of a writer before it is killed; to keep a story takes some ten
STATEMENT, STORY = "statement", "story"  # what a writer reports: before each, or a commit; after each

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


def at(site: int, number: int, told: str, minutes: int, **fields: Any) -> Story:
    """A story of one of the four sites; no two are published in the same minute."""
    published = NOON + HOUR * number + HOUR / 60 * minutes
    return story(number, told, site=f"{'abcds'[site]}.example", published=published, **fields)


def work() -> list[list[Story]]:
    """What each of four writers is to keep, in its order.

    Of each story: two sites have copies, revised by one of them; the third has the last two thirds of the text with
    more below, the fourth the last two thirds of that, which are no copy of the first site's. Besides, all four meet
    the same stories of a fifth site. All go through the stories in one order, so that copies meet.
    """
    todo: list[list[Story]] = [[], [], [], []]
    for n in range(1, STORIES + 1):
        parts = prose(n, 400).split("\n\n")
        first, second, third = ("\n\n".join(parts[i : i + 6]) for i in (0, 2, 4))
        revised = f"{first}\n\n{prose(1000 + n, 40)}"
        todo[0] += [at(0, n, first, 3), at(0, n, revised, 3, fetched_at=NOON + HOUR)]
        todo[1].append(at(1, n, edited(first), 1))
        todo[2].append(at(2, n, second, 2))
        todo[3].append(at(3, n, third, 4))
        shared = at(4, n, prose(2000 + n), 5)
        for each in todo:
            each.append(shared)
    return todo


def keep(database: str, stories: list[Story], reports: Connection) -> None:
    """What a writer does: keep stories one by one, and tell of each step."""

    def step(*_: object) -> None:
        reports.send(STATEMENT)

    with Store.open(database) as store:
        event.listen(store._engine, "before_cursor_execute", step)
        event.listen(store._engine, "commit", step)
        for each in stories:
            store.keep(each)
            reports.send(STORY)


@dataclass
class Writer:
    """A writer's work, how far it has come, and the process that is at it."""

    todo: list[Story]
    reports: Connection = field(init=False)
    process: BaseProcess = field(init=False)
    done: int = 0  # stories
    fuse: int = 0  # steps before it is killed
    begun: bool = False  # with a story, which it has not told to be kept

    def start(self, database: str, fuse: int) -> None:
        self.fuse = fuse
        self.reports, theirs = _FORKS.Pipe(duplex=False)
        todo = self.todo[self.done :]
        self.process = _FORKS.Process(target=keep, args=(database, todo, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def listen(self) -> bool:
        """Take a report, and kill the process if its time has come; whether there may be more reports."""
        try:
            report = self.reports.recv()
        except EOFError:
            self.reports.close()
            self.process.join()
            assert self.process.exitcode in (0, -SIGKILL)
            return False
        self.begun = report == STATEMENT
        self.done += report == STORY
        self.fuse -= 1
        if self.fuse == 0:
            self.process.kill()
        return True


def contents(store: Store) -> dict[str, object]:
    """All that was kept, with addresses in the place of numbers, which depend on who came first."""
    rows = store.read.stories(Filters())
    addresses = {row.id: row.url for row in rows}
    clusters: defaultdict[int | None, set[str]] = defaultdict(set)
    for row in rows:
        clusters[row.cluster].add(row.url)
    heads = {row.url for row in store.read.stories(Filters(copies=False))}
    keys: defaultdict[str, set[int]] = defaultdict(set)
    with store._engine.connect() as connection:
        for key, number in connection.execute(text("SELECT key, story FROM likeness_key")):
            keys[addresses[number]].add(key)
        taught = [tuple(row) for row in connection.execute(text("SELECT key, taught FROM site ORDER BY key"))]
        alone = connection.execute(text("SELECT count(*) FROM cluster")).scalar_one() - len(clusters.keys() - {None})
    found: dict[str, object] = {"taught": taught, "clusters without stories": alone}
    for row in rows:
        full = store.read.story(row.id)
        assert full is not None
        found[row.url] = {
            "text": full.text,
            "versions": [(old.number, old.text) for old in full.versions],
            "addresses": [address.url for address in full.addresses],
            "keys": keys[row.url],
            "copies": clusters[row.cluster] if row.cluster is not None else {row.url},
            "size": row.cluster_size,
            "head": row.url in heads,
        }
    return found


def test_killed_writers_lose_nothing_and_keep_nothing_twice(database: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    writers = [Writer(todo) for todo in work()]
    at_work: dict[Connection, Writer] = {}

    def start(writer: Writer) -> None:
        writer.start(database, chance.randint(SHORTEST, LONGEST))
        at_work[writer.reports] = writer

    for writer in writers:
        start(writer)
    broken_off = 0
    while at_work:
        for reports in wait(list(at_work)):
            assert isinstance(reports, Connection)
            writer = at_work[reports]
            if writer.listen():
                continue
            del at_work[reports]
            broken_off += writer.begun
            if writer.done < len(writer.todo):
                start(writer)
    assert broken_off > 10

    # Whatever the database: SQLite, in one process, takes the stories as they would come.
    with Store.open(f"sqlite:///{tmp_path / 'one.db'}") as alone, Store.open(database) as together:
        for each in chain.from_iterable(zip_longest(*work())):
            if each is not None:
                alone.keep(each)
        expected = contents(alone)
        assert contents(together) == expected
    for n in range(1, STORIES + 1):
        one = expected[f"https://a.example/{n}"]
        assert isinstance(one, dict)
        assert one["keys"] == set(sign(["https://a.example/"], one["text"]).likeness_keys)
        assert len(one["versions"]) == 1
        assert one["copies"] == {f"https://{site}.example/{n}" for site in "abcd"}
