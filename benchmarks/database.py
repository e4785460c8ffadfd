"""What questions cost as the database grows: at ten thousand and at a million stories, on SQLite and PostgreSQL.

    python benchmarks/database.py --folder /tmp/big                 # the databases are made if they are not there
    python benchmarks/database.py --folder /tmp/big --large 100000 --only sqlite
    python benchmarks/database.py --folder /tmp/big --datasette /other/venv/bin/python --json figures.json

Asked are the questions of the command line, through the code that it uses, in an order that changes with each round;
times are medians, CPU (on PostgreSQL of both sides) and by the clock, with the 10th and 90th percentile in brackets.
The words are English, as half of the stories are: one that some hundred stories have, one that one in twenty has, one
that most have. Beside them stand the same questions as plain LIKE, and to Datasette's search over the same file, where
a Python that has it is named.

A million stories need 9 GB for SQLite in `--folder`, which stay there, and 15 GB for PostgreSQL where its server is:
that of the tests (see tests/databases.py), or the one that `--postgresql URL` names, whose user may create databases.
What such a server was filled with stays there, as `newsbot_benchmark_` and a number.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from benchmarks.filling import copy_to_postgresql, fill_sqlite, tell
from benchmarks.keeping import Meter
from benchmarks.stories import BEGIN, LANGUAGES, SPAN, Press, word

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # for tests.databases

from newsbot.formats import json_line  # noqa: E402
from newsbot.store import Filters, Reader, Store  # noqa: E402
from tests.databases import PostgreSQL  # noqa: E402

SEED = 5
EXPORTED = 20_000  # stories of one export
ROUNDS = 15
ENGLISH, CHINESE = LANGUAGES[0], LANGUAGES[5]
RARE, MIDDLE, COMMON = (word(ENGLISH, rank) for rank in (199_990, 500, 8))
MONTH = timedelta(days=30)
TARGETS = {"show": 1.0, "search": 20.0, "stories": 20.0, "count": 20.0}  # ms, by the first word of a question


@dataclass(frozen=True)
class Base:
    """A database that is asked."""

    name: str
    url: str
    stories: int
    read: Reader
    meter: Meter


def questions(stories: int) -> dict[str, Callable[[Reader, int], object]]:
    """What is asked, by name: called with the read side and the number of the round."""
    press = Press(stories)
    end = BEGIN + SPAN
    chance = random.Random(SEED)  # noqa: S311 - figures, not secrets
    numbers = [chance.randrange(stories) for _ in range(500)]
    addresses = [press.story(number).canonical_url for number in numbers[:ROUNDS]]
    large, small = press.desks[0].key, press.desks[-1].key

    def search(query: str, **filters: Any) -> Callable[[Reader, int], object]:
        return lambda read, _: read.search(query, Filters(limit=20, **filters))

    def count(query: str, **filters: Any) -> Callable[[Reader, int], object]:
        return lambda read, _: read.count(Filters(**filters), query)

    month = {"since": end - MONTH}
    past = {"since": BEGIN + MONTH, "until": BEGIN + 2 * MONTH}
    return {
        "show, by address": lambda read, n: read.story(addresses[n % ROUNDS]),
        "show, by number": lambda read, n: read.story(numbers[n] + 1),
        "stories": lambda read, _: read.stories(Filters(limit=20)),
        "stories of a site": lambda read, _: read.stories(Filters(limit=20, sites=[small])),
        "stories without copies": lambda read, _: read.stories(Filters(limit=20, copies=False)),
        "stories by author": lambda read, n: read.stories(Filters(limit=20, author=press.desks[n].authors[0])),
        "stories with a tag": lambda read, n: read.stories(Filters(limit=20, tag=f"tag {2_900 + n}")),
        "search rare": search(RARE),
        "search middle": search(MIDDLE),
        "search common": search(COMMON),
        "search rare, last month": search(RARE, **month),
        "search middle, last month": search(MIDDLE, **month),
        "search common, last month": search(COMMON, **month),
        "search common, a month two years ago": search(COMMON, **past),
        "search middle, a large site": search(MIDDLE, sites=[large]),
        "search common, a large site": search(COMMON, sites=[large]),
        "search common, a small site": search(COMMON, sites=[small]),
        "search middle, without copies": search(MIDDLE, copies=False),
        "search common, without copies": search(COMMON, copies=False),
        "search common, in Russian": search(COMMON, language="ru"),
        "search common, oldest first": search(COMMON, sort="oldest"),
        "search rare OR common": search(f"{RARE} OR {COMMON}"),
        "search common -common": search(f"{COMMON} -{word(ENGLISH, 2)}"),
        "search a phrase": search(f'"{word(ENGLISH, 1)} {COMMON}"'),
        "search a beginning": search(f"{MIDDLE}*"),
        "search in titles": search(f"title:{MIDDLE}"),
        "search Chinese": search(word(CHINESE, 1_500)),
        "search what is nowhere": search("zzyzx"),
        "search middle, by relevance": search(MIDDLE, sort="relevance"),
        "search common, by relevance": search(COMMON, sort="relevance"),
        "count rare": count(RARE),
        "count common": count(COMMON),
        "count common, a large site": count(COMMON, sites=[large]),
        "count all": lambda read, _: read.count(Filters()),
    }


def ask(bases: list[Base], rounds: int) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Milliseconds of CPU and by the clock, by question and database."""
    times: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    asked = {base.name: list(questions(base.stories).items()) for base in bases}
    for n in range(-1, rounds):  # the first round is not counted: statements are compiled, pages read
        for base in bases if n % 2 else reversed(bases):
            for name, question in asked[base.name]:
                since, used = time.perf_counter(), base.meter()
                question(base.read, max(n, 0))
                if n >= 0:
                    times[name][base.name].append((base.meter() - used, (time.perf_counter() - since) * 1000))
    return times


def export(base: Base, rounds: int = 3) -> float:
    """Stories a second of CPU, written as JSON lines to nowhere."""
    speeds = []
    with Path(os.devnull).open("w") as nowhere:
        for _ in range(rounds):
            before = time.process_time()
            for row in base.read.export(Filters(limit=min(EXPORTED, base.stories))):
                nowhere.write(json_line(row) + "\n")
            speeds.append(min(EXPORTED, base.stories) / (time.process_time() - before))
    return statistics.median(speeds)


# -- beside others -----------------------------------------------------------------------------------------------------


def like(base: Base) -> dict[str, float]:
    """Milliseconds that the same search takes as a plain LIKE, once each."""
    times = {}
    statement = text("SELECT id, title FROM story WHERE text LIKE :what ORDER BY dated DESC, id DESC LIMIT 20")
    with create_engine(_psycopg(base.url)).connect() as connection:
        for name, what in (("rare", RARE), ("middle", MIDDLE), ("common", COMMON), ("what is nowhere", "zzyzx")):
            since = time.perf_counter()
            connection.execute(statement, {"what": f"%{what}%"}).all()
            times[f"search {name}"] = (time.perf_counter() - since) * 1000
    return times


_DATASETTE = """
import asyncio, sys, time
from datasette.app import Datasette
async def main(file, *words):
    settings = {"sql_time_limit_ms": 600000, "num_sql_threads": 1, "facet_time_limit_ms": 1}
    app = Datasette([file], settings=settings)
    await app.invoke_startup()
    name = list(app.databases)[-1]
    for word in ("warm", *words):
        since = time.perf_counter()
        path = f"/{name}/story.json?_search={word}&_size=20&_sort_desc=dated&_nofacet=1&_nosuggest=1&_nocount=1"
        answer = await app.client.get(path)
        assert answer.status_code == 200, answer.text
        print((time.perf_counter() - since) * 1000)
asyncio.run(main(*sys.argv[1:]))
"""


def datasette(python: str, base: Base) -> dict[str, float]:
    """Milliseconds that Datasette's search over the same file takes, newest first as well, in its own process."""
    file = str(make_url(base.url).database)
    said = subprocess.run(
        [python, "-c", _DATASETTE, file, RARE, MIDDLE, COMMON, "zzyzx"], capture_output=True, text=True, check=True
    )
    names = ("rare", "middle", "common", "what is nowhere")
    return {f"search {name}": float(t) for name, t in zip(names, said.stdout.split()[1:], strict=True)}


def processes(base: Base, rounds: int = 9) -> dict[str, float]:
    """Milliseconds of CPU of `newsbot show URL`, and of what it is measured against."""
    url = Press(base.stories).story(base.stories // 2).canonical_url
    commands = {
        "import sqlalchemy": ("-c", "import sqlalchemy"),
        "newsbot show": ("-m", "newsbot", "show", url),
        "newsbot search": ("-m", "newsbot", "search", RARE),
    }
    environment = os.environ | {"NEWSBOT_DATABASE_URL": base.url, "PYTHONPATH": str(ROOT)}
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, arguments in commands.items():
            before = _children()
            subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True)
            times[name].append((_children() - before) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# -- size --------------------------------------------------------------------------------------------------------------


def sizes(base: Base) -> dict[str, float]:
    """Bytes a story: of each table with its indexes, and of all of it."""
    with ExitStack() as stack:
        if base.url.startswith("sqlite"):
            connection = stack.enter_context(closing(sqlite3.connect(str(make_url(base.url).database))))
            rows = connection.execute(
                # Page by page: SQLite's own sums by table are cut off at four gigabytes.
                "SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize) FROM dbstat s LEFT JOIN sqlite_master m "
                "ON m.name = s.name GROUP BY 1"
            ).fetchall()
        else:
            asking = stack.enter_context(create_engine(_psycopg(base.url)).connect())
            rows = [
                tuple(row)
                for row in asking.execute(
                    text("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' "
                         "AND relnamespace = 'public'::regnamespace")
                )
            ]  # fmt: skip
    found: dict[str, float] = defaultdict(float)
    for name, size in rows:
        found["search index" if name.startswith("story_search") else name] += size / base.stories
    return dict(sorted({**found, "all": sum(found.values())}.items(), key=lambda item: -item[1]))


# -- all of it ---------------------------------------------------------------------------------------------------------


def _psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def bases(given: argparse.Namespace, stack: ExitStack) -> Iterator[Base]:
    """The databases, filled."""
    wanted = [given.only] if given.only else ["sqlite", "postgresql"]
    server = None
    if "postgresql" in wanted and given.postgresql is None:
        server = stack.enter_context(PostgreSQL())
    for stories in (given.small, given.large):
        file = given.folder / f"stories-{stories}.db"
        if not file.exists():
            tell(f"filling {file}")
            fill_sqlite(file, stories)
        if "sqlite" in wanted:
            yield _opened("SQLite", f"sqlite:///{file}", stories, stack)
        if "postgresql" in wanted:
            url = stack.enter_context(server.database()) if server else _made(given.postgresql, stories)
            with Store.open(url) as store:
                empty = store.read.story(1) is None
            if empty:
                tell(f"filling {url}")
                copy_to_postgresql(file, url)
            yield _opened("PostgreSQL", url, stories, stack)


def _made(server: str, stories: int) -> str:
    """The URL of a database on a server, made if need be."""
    name = f"newsbot_benchmark_{stories}"
    with create_engine(_psycopg(server), isolation_level="AUTOCOMMIT").connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first()
        if found is None:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _opened(kind: str, url: str, stories: int, stack: ExitStack) -> Base:
    store = stack.enter_context(Store.open(url))
    return Base(f"{kind} {stories:,}", url, stories, store.read, Meter(store))


def said(times: list[float]) -> str:
    """The median and the spread."""
    tenths = statistics.quantiles(times, n=10)
    return f"{statistics.median(times):8.2f} [{tenths[0]:.2f}-{tenths[-1]:.2f}]"


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:,.0f}" for name, value in values.items())


def main() -> None:
    parser = argparse.ArgumentParser(description="What questions cost as the database grows.")
    parser.add_argument("--folder", type=Path, required=True, help="where SQLite's files are, and are made")
    parser.add_argument("--small", type=int, default=10_000, help="stories in the small databases")
    parser.add_argument("--large", type=int, default=1_000_000, help="stories in the large ones")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one kind of database alone")
    parser.add_argument("--postgresql", metavar="URL", help="a server whose user may create databases")
    parser.add_argument("--datasette", metavar="PYTHON", help="a Python that has Datasette")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path, dest="figures", help="write all figures to this file, too")
    given = parser.parse_args()
    with ExitStack() as stack:
        asked = list(bases(given, stack))
        figures: dict[str, Any] = {"ms": ask(asked, given.rounds)}
        for name, by_base in figures["ms"].items():
            print(name)
            target = TARGETS[name.replace(",", "").split()[0]]
            for base, times in by_base.items():
                used, clock = (list(each) for each in zip(*times, strict=True))
                over = "  over" if statistics.median(used) > target and "relevance" not in name else ""
                print(f"  {base:22} CPU {said(used)} ms, clock {said(clock)} ms{over}")
        for base in asked:
            figures[base.name] = {"bytes a story": sizes(base), "stories/s exported": export(base)}
            print(f"{base.name}: {figures[base.name]['stories/s exported']:,.0f} stories exported a second of CPU")
            print(
                "  bytes a story:",
                ", ".join(f"{n} {size:,.0f}" for n, size in figures[base.name]["bytes a story"].items()),
            )
        for base in (each for each in asked if each.stories == given.large):
            figures[base.name]["as LIKE, ms"] = like(base)
            if given.datasette and base.url.startswith("sqlite"):
                figures[base.name]["Datasette, ms"] = datasette(given.datasette, base)
            if base.url.startswith("sqlite"):
                figures[base.name]["processes, ms CPU"] = processes(base)
            for what, values in list(figures[base.name].items())[2:]:
                print(f"{base.name} {what}: {_listed(values)}")
    if given.figures:
        given.figures.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
