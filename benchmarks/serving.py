"""What the web page costs: the first byte of its pages, and many readers while a crawl writes.

`newsbot serve` runs in a process of its own, on a database that `python -m benchmarks fill` has filled. Each page is
asked for ROUNDS times, each time with other words or sites, so that nothing is remembered but the file's pages; the
first byte is that of the answer's head, with which the page's stories come, by the asker's clock. Without readers the
database is read and not written.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from benchmarks.measuring import ROOT, Failed, tell
from benchmarks.results import Bars, Cell, Figure, Result, Table, aims, figure
from benchmarks.servers import unchanged
from benchmarks.stories import LANGUAGES, Press, word
from newsbot.store import Reader, Store

ROUNDS = 15
ENGLISH = LANGUAGES[0]
AIM = 150.0  # ms until the first byte of a search
SECONDS = 30.0  # of readers
OUTSIDE = 5_000_000  # stories that are kept meanwhile have numbers from here on


def run(database: Path, crowd: int) -> Result:
    """First bytes; and, where there is a crowd, how it fares while stories are kept in the database. Raises
    measuring.Failed where a page fails, the server does not come up, or the database has another schema."""
    engine = unchanged(f"sqlite:///{database}")
    sites = {site.key: site.stories for site in Reader(engine).sites() if site.stories}
    engine.dispose()
    stories = sum(sites.values())
    with served(database) as port:
        heads = first_bytes(port, list(sites), stories)
        tell("first bytes")
        fared = _crowd(database, port, list(sites), stories, crowd) if crowd else None
    rows = tuple((name, figure(times), statistics.quantiles(times, n=20)[-1]) for name, times in heads.items())
    slowest = max(statistics.median(times) for times in heads.values())
    tables = [
        Table("pages", "First byte, by the clock", ("page", "ms", "95 %, ms"), rows),
        aims((f"the first byte of each page in at most {AIM:.0f} ms, median", slowest, AIM, "most")),
    ]
    if fared:
        heads_ = ("readers", "pages a second", "median, ms", "95 %, ms", "most, ms", "errors", "stories kept meanwhile")
        tables.append(Table("crowd", f"Readers for {SECONDS:.0f} s while a crawl writes", heads_, (fared,)))
    return Result(
        "serving",
        tuple(tables),
        Bars("First byte, ms", tuple((str(row[0]), row[1]) for row in rows if isinstance(row[1], Figure))),
        (f"{stories:,} made-up stories on SQLite; {ROUNDS} times each page.",),
    )


def pages(sites: list[str], stories: int, dice: random.Random) -> dict[str, Callable[[], str]]:
    """Addresses by what they are, each made anew: a common word is in most stories, a middling one in one of twenty."""

    def rare() -> str:
        return word(ENGLISH, dice.randrange(150_000, 199_000))

    def middling() -> str:
        return word(ENGLISH, dice.randrange(450, 550))

    def common() -> str:
        return word(ENGLISH, dice.randrange(5, 12))

    return {
        "all stories": lambda: "/",
        "a rare word": lambda: f"/?q={quote(rare())}",
        "a middling word": lambda: f"/?q={quote(middling())}",
        "a common word": lambda: f"/?q={quote(common())}",
        "two words": lambda: f"/?q={quote(f'{middling()} {common()}')}",
        "a word of a site": lambda: f"/?q={quote(common())}&site={dice.choice(sites)}",
        "a word of a month": lambda: f"/?q={quote(middling())}&since=2026-03-01&until=2026-04-01",
        "a site": lambda: f"/?site={dice.choice(sites)}",
        "a language": lambda: "/?language=en",
        "a story": lambda: f"/story/{dice.randrange(1, stories)}",
        "the script's next page": lambda: f"/?q={quote(common())}&copies=1",
    }


@contextmanager
def served(database: Path) -> Iterator[int]:
    """`newsbot serve` on the database; its port."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "NEWSBOT_HOME": home,
            "NEWSBOT_DATABASE_URL": f"sqlite:///{database}",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "newsbot", "serve", "--port", "0"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
            try:
                assert process.stderr
                said = process.stderr.readline().decode()
                found = re.search(r":(\d+)/", said)
                if not found:
                    raise Failed(f"newsbot serve did not come up: {said}")
                yield int(found[1])
            finally:
                process.terminate()


def first_byte(port: int, target: str) -> float:
    """Milliseconds until the head of the answer. Raises measuring.Failed for another status than 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    connection.request("GET", target)
    answer = connection.getresponse()
    head = time.perf_counter() - begun
    answer.read()
    connection.close()
    if answer.status != 200:
        raise Failed(f"{target} is answered with {answer.status}")
    return head * 1000


def first_bytes(port: int, sites: list[str], stories: int) -> dict[str, list[float]]:
    """Milliseconds until the first byte, by page."""
    found = {}
    for name, target in pages(sites, stories, random.Random(1)).items():  # noqa: S311 - no secret
        first_byte(port, target())
        found[name] = [first_byte(port, target()) for _ in range(ROUNDS)]
    return found


async def reader(port: int, targets: Callable[[], str], until: float, times: list[float], faults: list[str]) -> None:
    """Ask again and again, each time on a new connection."""
    while time.perf_counter() < until:
        target = targets()
        begun = time.perf_counter()
        try:
            reading, writing = await asyncio.open_connection("127.0.0.1", port)
            writing.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            status = (await reading.readline()).split()[1:2]
            while await reading.read(65_536):
                pass
            writing.close()
            await writing.wait_closed()
        except OSError as error:
            faults.append(f"{target}: {error}")
            continue
        times.append((time.perf_counter() - begun) * 1000)
        if status != [b"200"]:
            faults.append(f"{target}: {status}")


async def readers(
    port: int, sites: list[str], stories: int, number: int, times: list[float], faults: list[str]
) -> None:
    """So many readers at the same time."""
    until = time.perf_counter() + SECONDS
    dice = random.Random(2)  # noqa: S311
    made = list(pages(sites, stories, dice).values())

    def any_of_them() -> str:
        return dice.choice(made)()

    await asyncio.gather(*(reader(port, any_of_them, until, times, faults) for _ in range(number)))


def _crowd(database: Path, port: int, sites: list[str], stories: int, number: int) -> tuple[Cell, ...]:
    """So many readers at the same time."""
    with Store.open(f"sqlite:///{database}") as store:
        press, kept, over = Press(2 * OUTSIDE), [0], threading.Event()

        def crawl() -> None:
            for story in range(OUTSIDE, 2 * OUTSIDE):
                if over.is_set():
                    return
                store.keep(press.story(story))
                kept[0] += 1

        writing = threading.Thread(target=crawl)
        writing.start()
        times: list[float] = []
        faults: list[str] = []
        try:
            asyncio.run(readers(port, sites, stories, number, times, faults))
        finally:
            over.set()
            writing.join()
    for fault in faults[:5]:
        tell(fault)
    late = statistics.quantiles(times, n=20)[-1]
    return number, len(times) / SECONDS, statistics.median(times), late, max(times), len(faults), kept[0]
