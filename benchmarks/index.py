"""What recognising copies costs as the database grows: time and bytes, on SQLite and PostgreSQL.

    python benchmarks/index.py                              # 10,000 against 1,000,000 stories; some ten minutes
    python benchmarks/index.py --large 100000 --only sqlite

Fills a small and a large database: stories of a line each, under 32 random likeness keys, which is what the keys of
real texts look like; one in ten has half of its keys from a story before it. They are inserted in the order of the
stories, so that the index grows as it does in use. Needs 1.5 GB for SQLite (`--folder`) and 5 GB for PostgreSQL.

Then fresh stories of 620 words, one in ten of which has a copy in the database, are looked up and kept in both in turn,
through the code that `Store.keep` uses. Times are medians, with the 10th and 90th percentile in brackets. On PostgreSQL
the CPU is that of both sides. The server is the one of the tests (see tests/databases.py), and so may be one's own.
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # for tests.databases

from newsbot.fingerprint import sign  # noqa: E402
from newsbot.items import Story  # noqa: E402
from newsbot.store import Store  # noqa: E402
from newsbot.store.copies import candidates  # noqa: E402
from tests.databases import PostgreSQL  # noqa: E402

KEYS = 32  # of a story
WORDS = 620  # of a fresh story
COPIES = 10  # one story in so many is one
DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEED = 11
_SHOWN = 90  # characters of a statement

_SYLLABLES = "ba de fi go lu ma ne pi ro su ta ve wi xo zu cha dre fli gro plu sta tri".split()


def prose(chance: random.Random, words: int) -> str:
    """Words of three syllables, in paragraphs of 60: two of these texts share nothing but by chance."""
    told = ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(words)]
    return "\n\n".join(" ".join(told[i : i + 60]) for i in range(0, words, 60))


def fresh_story(chance: random.Random, number: int) -> Story:
    """A story that no database has."""
    url = f"https://fresh.example/{number}"
    told = prose(chance, WORDS)
    when = DAY + timedelta(minutes=number)
    made = Story("fresh.example", url, url, f"Fresh {number}", told, when, published=when, word_count=WORDS)
    return replace(made, fingerprint=sign([url], told))


def reprint(story: Story) -> Story:
    """What another site has made of it."""
    url = story.url.replace("fresh", "other")
    told = "It has a line of its own in front.\n\n" + story.text.rsplit(" ", 20)[0]
    return replace(story, site="other.example", url=url, canonical_url=url, text=told, fingerprint=sign([url], told))


# -- filling -----------------------------------------------------------------------------------------------------------


def key_rows(stories: int) -> Iterator[tuple[int, int]]:
    """The likeness keys of so many stories but the first."""
    chance = random.Random(SEED)  # noqa: S311 - figures, not secrets
    before: array[int] = array("i")
    for story in range(2, stories + 1):
        keys = array("i", chance.randbytes(4 * KEYS))
        if story % COPIES == 0:
            keys[: KEYS // 2] = before[: KEYS // 2]
        yield from ((key, story) for key in set(keys))
        before = keys


def fill(store: Store, stories: int) -> None:
    """Enter so many stories, of which the first is a model for the others."""
    url = "https://filler.example/1"
    first = Story("filler.example", url, url, "Filler", "A line of text.", DAY, published=DAY)
    store.keep(replace(first, fingerprint=sign([url], first.text)))
    own = {
        "id": "n",
        "url": "'https://filler.example/' || n",
        "url_key": "'filler.example/' || n",
        "text_key": "'' || n",
    }
    numbers = "WITH RECURSIVE c(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM c WHERE n < :stories)"
    with store._engine.begin() as connection:
        postgresql = connection.dialect.name == "postgresql"
        for table, of in (("story", "id"), ("address", "story")):
            columns = connection.execute(text(f"SELECT * FROM {table}")).keys()  # noqa: S608 - names of our own
            values = [own["id"] if name == of else own.get(name, f't."{name}"') for name in columns]
            names = ", ".join(f'"{name}"' for name in columns)
            statement = f"{numbers} INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} t, c"  # noqa: S608
            connection.execute(text(statement), {"stories": stories})
        if postgresql:
            last = text("SELECT setval(pg_get_serial_sequence('story', 'id'), :stories)")
            connection.execute(last, {"stories": stories})
    with closing(store._engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        if postgresql:
            with driver.cursor() as cursor, cursor.copy("COPY likeness_key (key, story) FROM STDIN") as copy:
                for row in key_rows(stories):
                    copy.write_row(row)
            driver.commit()
        else:
            # All of the index in memory, and written once: most of its pages get a key of each few stories.
            driver.execute("PRAGMA cache_size = -4000000")
            driver.execute("BEGIN")
            driver.executemany("INSERT INTO likeness_key (key, story) VALUES (?, ?)", key_rows(stories))
            driver.execute("COMMIT")
        pooled.invalidate()
    if postgresql:
        with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def bytes_a_story(store: Store, stories: int) -> float:
    """What the index of likeness keys takes, all told."""
    with store._engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            size = connection.execute(text("SELECT pg_total_relation_size('likeness_key')")).scalar_one()
            return float(size) / stories
        file = connection.engine.url.database
    with closing(sqlite3.connect(str(file))) as counting:
        query = "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = ?)"
        return float(counting.execute(query, ("likeness_key",)).fetchone()[0]) / stories


# -- measuring ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """A database, open, and what it is called in the tables; `server` is the process that serves it, if another."""

    name: str
    store: Store
    server: int | None


def cpu(server: int | None) -> float:
    """Seconds of CPU that this process and the server's have used."""
    used = time.process_time()
    if server is not None:
        used += int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9
    return used


def opened(name: str, store: Store) -> Size:
    """The database, with one connection that stays."""
    server = None
    with store._engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            server = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return Size(name, store, server)


def timed(server: int | None, work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of CPU and of the clock."""
    wall, used = time.perf_counter(), cpu(server)
    work()
    return (cpu(server) - used) * 1000, (time.perf_counter() - wall) * 1000


def said(times: list[float]) -> str:
    """The median and the spread."""
    tenths = statistics.quantiles(times, n=10)
    return f"{statistics.median(times):7.3f} [{tenths[0]:.3f}-{tenths[-1]:.3f}]"


def look_up(sizes: list[Size], stories: list[Story]) -> None:
    """Each fresh story in each database, the order of which changes with each."""
    times: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    found: defaultdict[str, int] = defaultdict(int)
    for n, story in enumerate(stories):
        for size in sizes if n % 2 else reversed(sizes):
            with size.store._engine.connect() as connection:
                # The number of no story, and the first statement of its transaction: it is begun by now.
                connection.execute(text("SELECT 1"))
                times[size.name].append(
                    timed(size.server, lambda: candidates(connection, -1, story.fingerprint))  # noqa: B023
                )
                found[size.name] += len(candidates(connection, -1, story.fingerprint)) > 0
    for size in sizes:
        used, wall = zip(*times[size.name], strict=True)
        found_in = f"copies found for {found[size.name]}"
        print(f"  look up at {size.name:>9}: CPU {said(list(used))} ms, wall {said(list(wall))} ms; {found_in}")
    small, large = (statistics.median(used for used, _ in times[size.name]) for size in sizes)
    print(f"  look up, large / small: {large / small:.2f} in CPU")


def keep(sizes: list[Size], stories: list[Story]) -> None:
    """Fresh stories are kept, kept again, and revised; then, what the statements of it took, at both sizes."""
    revised = [replace(s, text=s.text + "\n\n" + s.text[:300].upper()[::-1]) for s in stories]
    revised = [replace(s, fingerprint=sign([s.url], s.text)) for s in revised]
    for what, these in (("new", stories), ("same", stories), ("changed", revised)):
        times: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        statements: dict[str, defaultdict[str, list[float]]] = {size.name: defaultdict(list) for size in sizes}
        with ExitStack() as watching:
            for size in sizes:
                watching.enter_context(watched(size, statements[size.name]))
            for n, story in enumerate(these):
                for size in sizes if n % 2 else reversed(sizes):
                    times[size.name].append(timed(size.server, lambda: size.store.keep(story)))  # noqa: B023
        for size in sizes:
            used, wall = zip(*times[size.name], strict=True)
            print(f"  keep, {what:>7}, at {size.name:>9}: CPU {said(list(used))} ms, wall {said(list(wall))} ms")
        small, large = (statements[size.name] for size in sizes)
        for statement in large:
            if min(len(small[statement]), len(large[statement])) > len(these) // 10:
                print(f"    {statement:{_SHOWN}} wall {said(small[statement])} / {said(large[statement])} ms")


class watched:  # noqa: N801 - used as a function
    """While it is entered, what each statement took is written down under the beginning of its text."""

    def __init__(self, size: Size, times: defaultdict[str, list[float]]) -> None:
        self._engine, self._times = size.store._engine, times
        self._since = 0.0

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._before)
        event.listen(self._engine, "after_cursor_execute", self._after)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._before)
        event.remove(self._engine, "after_cursor_execute", self._after)

    def _before(self, *_: object) -> None:
        self._since = time.perf_counter()

    def _after(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        took = (time.perf_counter() - self._since) * 1000
        self._times[shortened(statement)].append(took)


def shortened(statement: str) -> str:
    """A statement without its lists of columns and values."""
    words = " ".join(statement.split())
    words = re.sub(r"SELECT (?:(?! FROM ).){40,}? FROM ", "SELECT ... FROM ", words)
    words = re.sub(r"VALUES .*?\) (?=SELECT|RETURNING)|VALUES .*\)$|IN \(.*?\)+", "...", words)
    return words[:_SHOWN]


def measure(sizes: list[Size], fresh: int) -> None:
    """All of it, for one kind of database."""
    chance = random.Random(SEED)  # noqa: S311
    stories = [fresh_story(chance, n) for n in range(fresh)]
    for size in sizes:
        for story in stories[::COPIES]:
            size.store.keep(reprint(story))
        with size.store._engine.connect() as connection:
            connection.execute(text("SELECT count(*), sum(key) FROM likeness_key"))  # read once, as in use
    look_up(sizes, stories[: fresh // 10])  # once, for what is compiled
    print("  --")
    look_up(sizes, stories)
    keep(sizes, stories[: fresh // 2])


def main() -> None:
    parser = argparse.ArgumentParser(description="What recognising copies costs as the database grows.")
    parser.add_argument("--small", type=int, default=10_000, help="stories in the small database")
    parser.add_argument("--large", type=int, default=1_000_000, help="stories in the large one")
    parser.add_argument("--fresh", type=int, default=400, help="stories that are looked up and kept")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one kind of database alone")
    parser.add_argument("--folder", type=Path, help="where SQLite's files are made, and removed (a temporary one)")
    given = parser.parse_args()

    chance = random.Random(SEED)  # noqa: S311
    texts = [prose(chance, WORDS) for _ in range(given.fresh)]
    signing = [timed(None, lambda: sign(["https://fresh.example/1"], told))[0] for told in texts]  # noqa: B023
    print(f"sign, {WORDS} words: CPU {said(signing)} ms")
    for kind in [given.only] if given.only else ["sqlite", "postgresql"]:
        print(kind)
        with ExitStack() as stack:
            server = stack.enter_context(PostgreSQL()) if kind == "postgresql" else None
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=given.folder)))
            sizes: list[Size] = []
            for stories in (given.small, given.large):
                url = stack.enter_context(server.database()) if server else f"sqlite:///{folder}/{stories}.db"
                store = stack.enter_context(Store.open(url))
                since = time.perf_counter()
                fill(store, stories)
                took = time.perf_counter() - since
                taken = bytes_a_story(store, stories)
                print(f"  {stories:,} stories in {took:.0f} s; likeness keys: {taken:.0f} bytes a story", flush=True)
                sizes.append(opened(f"{stories:,}", store))
            measure(sizes, given.fresh)


if __name__ == "__main__":
    main()
