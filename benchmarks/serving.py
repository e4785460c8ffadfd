"""What the web page costs: the first byte of its pages at a million stories; a hundred readers while a crawl writes.

    python benchmarks/serving.py /tmp/million.db  # by benchmarks/filling.py; it is read and not written
    python benchmarks/serving.py /tmp/copy.db --readers 100   # and the readers, while stories are kept into it

`newsbot serve` runs in a process of its own. Each page is asked for ROUNDS times, each time with other words or sites,
so that nothing is remembered but the file's pages; the first byte is that of the answer's head, by the asker's clock.
"""

from __future__ import annotations

import argparse
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

from benchmarks.stories import LANGUAGES, Press, word
from newsbot.store import Reader, Store

ROUNDS = 15
ENGLISH = LANGUAGES[0]
TARGET = 150.0  # ms until the first byte of a search
SECONDS = 30.0  # of readers


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
        environment = os.environ | {"NEWSBOT_HOME": home, "NEWSBOT_DATABASE_URL": f"sqlite:///{database}"}
        command = [sys.executable, "-m", "newsbot", "serve", "--port", "0"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
            try:
                assert process.stderr
                said = process.stderr.readline().decode()
                found = re.search(r":(\d+)/", said)
                if not found:
                    sys.exit(said)
                yield int(found[1])
            finally:
                process.terminate()


def first_byte(port: int, target: str) -> tuple[float, float, int]:
    """Milliseconds until the head of the answer, and until its end; the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    connection.request("GET", target)
    answer = connection.getresponse()
    head = time.perf_counter() - begun
    answer.read()
    whole = time.perf_counter() - begun
    connection.close()
    return head * 1000, whole * 1000, answer.status


def first_bytes(port: int, sites: list[str], stories: int) -> bool:
    """Print the first bytes of all pages; whether all searches meet the target."""
    made = pages(sites, stories, random.Random(1))  # noqa: S311 - no secret
    met = True
    print(f"{'first byte, ms':26} {'median':>8} {'p95':>8}")
    for name, target in made.items():
        first_byte(port, target())
        times = []
        for _ in range(ROUNDS):
            head, _, status = first_byte(port, target())
            if status != 200:
                print(f"  {status} for {name}")
                met = False
            times.append(head)
        late = statistics.quantiles(times, n=20)[-1]
        met = met and statistics.median(times) < TARGET
        print(f"{name:26} {statistics.median(times):8.1f} {late:8.1f}")
    return met


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


def crowd(database: Path, port: int, sites: list[str], stories: int, number: int) -> bool:
    """Print how a crowd fares while stories are kept; whether nobody was turned away."""
    with Store.open(f"sqlite:///{database}") as store:
        press, kept, over = Press(10_000_000), [0], threading.Event()

        def crawl() -> None:
            for story in range(5_000_000, 10_000_000):
                if over.is_set():
                    return
                store.keep(press.story(story))
                kept[0] += 1

        writing = threading.Thread(target=crawl)
        writing.start()
        times: list[float] = []
        faults: list[str] = []
        asyncio.run(readers(port, sites, stories, number, times, faults))
        over.set()
        writing.join()
    cuts = statistics.quantiles(times, n=20)
    print(f"{number} readers, {SECONDS:.0f} s, {stories:,} stories, {kept[0]} kept meanwhile: {len(times)} pages,")
    print(f"  {len(times) / SECONDS:.0f} a second; ms: median {statistics.median(times):.0f}, p95 {cuts[-1]:.0f}, "
          f"most {max(times):.0f}; errors: {len(faults)}")  # fmt: skip
    for fault in faults[:5]:
        print(f"  {fault}")
    return not faults


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure newsbot serve.")
    parser.add_argument("database", type=Path, help="SQLite's file, filled by benchmarks/filling.py")
    parser.add_argument(
        "--readers", type=int, default=0, help="so many at the same time; stories are kept into the file"
    )
    given = parser.parse_args()
    with Reader.open(f"sqlite:///{given.database}") as read:
        sites = {site.key: site.stories for site in read.sites() if site.stories}
    stories = sum(sites.values())
    with served(given.database) as port:
        if given.readers:
            met = crowd(given.database, port, list(sites), stories, given.readers)
        else:
            met = first_bytes(port, list(sites), stories)
    sys.exit(not met)


if __name__ == "__main__":
    main()
