"""kill -9 at thirty moments, anywhere in a crawl, and again in the crawls that follow; then one that may go on to its
end, and has to leave the database that an undisturbed crawl makes."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from tests.crawl import papers
from tests.crawl.papers import SETTINGS, Undisturbed
from tests.crawl.web import Moment, Web
from tests.running import Home, until

KILLS = (5, 5, 5, 5, 5, 5)  # of the crawls of so many homes, one after the other
AT_ONCE = 5  # stories, at most, that a crawl may store before it is killed
LATEST = 0.05  # seconds after its moment at which a crawl is killed


@dataclass(frozen=True)
class When:
    """The moment at which a crawl is killed: so many requests have come, the last of them is answered so far; or so
    many stories are stored; or there is a database. And then so many seconds have passed."""

    request: int | None = None
    moment: Moment = Moment.ASKED
    stored: int | None = None
    delay: float = 0

    @classmethod
    def by(cls, chance: random.Random, stored: int, stories: int) -> When:
        """Anywhere in a crawl, when so many of so many stories are stored already."""
        delay = chance.choice([0, chance.uniform(0, LATEST)])
        kind = chance.choice(["begin", "request", "request", "stored", "stored", "stored", "stored", "end"])
        if kind == "begin" and not stored:
            return cls(delay=delay)
        if kind == "end" or stored == stories:
            return cls(stored=stories, delay=delay)
        if kind == "stored":
            return cls(stored=chance.randint(stored + 1, min(stored + AT_ONCE, stories)), delay=delay)
        requests = 2 * len(papers.PAPERS) + stories - stored  # the rules and the feed of each, and the stories
        return cls(chance.randint(1, requests), chance.choice(list(Moment)), delay=delay)


def crawl_and_kill(home: Home, web: Web, engine: Engine, when: When, command: Sequence[str] = ("crawl",)) -> bool:
    """Whether the crawl was still at work when it was killed; or another command that asks the web."""
    reached = Event()

    def watch(number: int, moment: Moment) -> None:
        if (number, moment) == (when.request, when.moment):
            reached.set()

    def is_time() -> bool:
        return reached.is_set() if when.request is not None else stored(engine) >= (when.stored or 0)

    web.requests.clear()
    web.watch = watch
    with home.started(*command, http_proxy=web.proxy) as process:
        until(lambda: is_time() or process.poll() is not None)
        with suppress(subprocess.TimeoutExpired):
            process.wait(when.delay)
        at_work = process.poll() is None
        process.kill()
        process.communicate()  # which lasts until the last of its readers has ended
    web.watch = None
    return at_work


def stored(engine: Engine) -> int:
    """How many stories there are, -1 where there is no table for them yet."""
    try:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM story").scalar_one())
    except DBAPIError:
        return -1


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
    engine = create_engine(url, poolclass=NullPool)
    killed: list[tuple[When, int]] = []
    there = 0
    while len(killed) < kills:
        when = When.by(chance, there, stories)
        if crawl_and_kill(home, undisturbed.web, engine, when):
            there = max(stored(engine), 0)
            killed.append((when, there))
    undisturbed.complete(home, url, f"killed: {killed}")
    return killed
