"""kill -9 at thirty moments, anywhere in a crawl, and again in the crawls that follow; then one that may go on to its
end, and has to leave the database that an undisturbed crawl makes."""

from __future__ import annotations

import random
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from newsbot.store import Store
from tests.crawl import papers
from tests.crawl.papers import SETTINGS, Undisturbed
from tests.crawl.web import Moment, Web
from tests.running import Home, until

KILLS = (5, 5, 5, 5, 5, 5)  # of the crawls of so many homes, one after the other
LATEST = 0.3  # seconds after its moment at which a crawl is killed


@dataclass(frozen=True)
class When:
    """The moment at which a crawl is killed: so many requests have come, the last of them is answered so far, and then
    so many seconds have passed. Without a request: as soon as there is a database."""

    request: int
    moment: Moment
    delay: float

    @classmethod
    def by(cls, chance: random.Random, *, first: bool, stories: int) -> When:
        """Anywhere in a crawl that has yet to bring so many stories; the first may be killed before it begins."""
        requests = 2 * len(papers.PAPERS) + stories  # the rules and the feed of each
        request = 0 if first and chance.random() < 0.5 else chance.choice([chance.randint(1, requests), requests])
        return cls(request, chance.choice(list(Moment)), chance.choice([0, chance.uniform(0, LATEST)]))


def crawl_and_kill(home: Home, web: Web, when: When) -> bool:
    """Whether the crawl was still at work when it was killed."""
    reached = Event()

    def watch(number: int, moment: Moment) -> None:
        if (number, moment) == (when.request, when.moment):
            reached.set()

    web.requests.clear()
    web.watch = watch
    with home.started("crawl", http_proxy=web.proxy) as process:
        until(lambda: reached.is_set() or process.poll() is not None or (when.request == 0 and home.database.exists()))
        with suppress(subprocess.TimeoutExpired):
            process.wait(when.delay)
        at_work = process.poll() is None
        process.kill()
        process.communicate()  # which lasts until the last of its readers has ended
    web.watch = None
    return at_work


def stored(url: str) -> int:
    """How many stories there are, even where the schema was not made to its end."""
    with Store.open(url) as store:
        return store.info().stories


@pytest.mark.parametrize(("seed", "kills"), list(enumerate(KILLS)))
def test_killed_crawls_lose_nothing_and_keep_nothing_twice(
    undisturbed: Undisturbed, tmp_path: Path, seed: int, kills: int
) -> None:
    home = Home(tmp_path / "home", SETTINGS)
    urls = papers.publish(undisturbed.web, home)
    survive(home, undisturbed, f"sqlite:///{home.database}", random.Random(seed), kills, len(urls))


def survive(
    home: Home, undisturbed: Undisturbed, url: str, chance: random.Random, kills: int, stories: int
) -> list[tuple[When, int]]:
    """Kill so many crawls of a home, and let one go on; gives when each was killed, and how many stories there were."""
    killed: list[tuple[When, int]] = []
    missing = stories
    while len(killed) < kills:
        when = When.by(chance, first=not killed, stories=missing)
        if crawl_and_kill(home, undisturbed.web, when):
            missing = stories - stored(url)
            killed.append((when, stories - missing))
    undisturbed.complete(home, url, f"killed: {killed}")
    return killed
