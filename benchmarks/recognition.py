"""What recognising copies costs as the database grows: time and bytes, on SQLite and PostgreSQL.

A small and a large database are filled: stories of a line each, under 32 random likeness keys, which is what the keys
of real texts look like; one in ten has half of its keys from a story before it. They are inserted in the order of the
stories, so that the index grows as it does in use. A million need 1.5 GB on SQLite and 5 GB on PostgreSQL, in the
temporary folder (TMPDIR). Then fresh stories of 620 words, one in ten of which has a copy in the database, are looked
up and kept in both in turn, through the code that `Store.keep` uses.
"""

from __future__ import annotations

import random
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from benchmarks.measuring import tell
from benchmarks.results import Cell, Result, Table, tenths
from benchmarks.servers import KINDS, Meter, empty
from newsbot.fingerprint import sign
from newsbot.items import Story
from newsbot.store import Store
from newsbot.store.copies import candidates

KEYS = 32  # of a story
WORDS = 620  # of a fresh story
COPIES = 10  # one story in so many is one
DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEED = 11
SMALL = 10_000  # stories of the small databases

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
            held = connection.execute(text(f"SELECT * FROM {table}")).keys()  # noqa: S608 - names of our own
            columns = [name for name in held if name != "search"]  # which PostgreSQL fills by itself
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
    """A database, open."""

    stories: int
    store: Store
    meter: Meter


def run(large: int, fresh: int, small: int = SMALL) -> Result:
    """Milliseconds of CPU of looking up and keeping so many fresh stories, among `small` stories and among `large`."""
    rows: list[tuple[Cell, ...]] = []
    sizes: list[tuple[Cell, ...]] = []
    for kind in KINDS:
        with ExitStack() as stack:
            opened = []
            for stories in (small, large):
                store = stack.enter_context(empty(kind))
                fill(store, stories)
                sizes.append((kind, stories, bytes_a_story(store, stories)))
                tell(f"{kind}: {stories:,} stories")
                opened.append(Size(stories, store, Meter(store._engine)))
            for what, times in measured(opened, fresh).items():
                few, many = (tenths(times[size.stories]) for size in opened)
                rows.append((kind, what, few, many, many.value / few.value))
            tell(f"{kind}: measured")
    return Result(
        "recognition",
        (
            Table(
                "cost",
                "CPU",
                ("database", "what", f"among {small:,} stories, ms", f"among {large:,}, ms", "grown by a factor of"),
                tuple(rows),
            ),
            Table("bytes", "The index of likeness keys", ("database", "stories", "bytes a story"), tuple(sizes)),
        ),
        remarks=(
            f"{fresh} fresh stories in turns; in brackets the 10th and the 90th percentile. With PostgreSQL CPU is "
            "that of both sides.",
        ),
    )


def measured(sizes: list[Size], fresh: int) -> dict[str, dict[int, list[float]]]:
    """Milliseconds of CPU by what was done and by the size of the database."""
    chance = random.Random(SEED)  # noqa: S311
    stories = [fresh_story(chance, n) for n in range(fresh)]
    for size in sizes:
        for story in stories[::COPIES]:
            size.store.keep(reprint(story))
        with size.store._engine.connect() as connection:
            connection.execute(text("SELECT count(*), sum(key) FROM likeness_key"))  # read once, as in use
    revised = [replace(s, text=s.text + "\n\n" + s.text[:300].upper()[::-1]) for s in stories]
    revised = [replace(s, fingerprint=sign([s.url], s.text)) for s in revised]
    in_turns(sizes, stories[: max(fresh // 10, 1)], look_up)  # once, for what is compiled
    return {
        "look up a new one's copies": in_turns(sizes, stories, look_up),
        "keep a new one": in_turns(sizes, stories, keep),
        "keep the same again": in_turns(sizes, stories, keep),
        "keep one that has changed": in_turns(sizes, revised, keep),
    }


def in_turns(sizes: list[Size], stories: list[Story], work: Callable[[Size, Story], float]) -> dict[int, list[float]]:
    """Each story in each database, the order of which changes with each."""
    times: defaultdict[int, list[float]] = defaultdict(list)
    for n, story in enumerate(stories):
        for size in sizes if n % 2 else reversed(sizes):
            times[size.stories].append(work(size, story))
    return times


def look_up(size: Size, story: Story) -> float:
    """Milliseconds to find who shares keys with a story."""
    with size.store._engine.connect() as connection:
        connection.execute(text("SELECT 1"))  # the first statement of its transaction: it is begun by now
        used = size.meter()
        candidates(connection, -1, story.fingerprint)  # the number of no story
        return size.meter() - used


def keep(size: Size, story: Story) -> float:
    """Milliseconds to keep a story."""
    used = size.meter()
    size.store.keep(story)
    return size.meter() - used
