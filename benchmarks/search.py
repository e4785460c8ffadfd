"""What questions cost as the database grows, on databases that `python -m benchmarks fill` has filled: they are read
and not written. Beside it, the same words as a plain LIKE.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks.measuring import tell
from benchmarks.questions import COMMON, MIDDLE, NOWHERE, RARE, questions
from benchmarks.results import Cell, Result, Table, aims, tenths
from benchmarks.servers import Meter, unchanged
from newsbot.formats import json_line
from newsbot.store import Filters, Reader

EXPORTED = 20_000  # stories of one export
AIM = 20.0  # ms of CPU


@dataclass(frozen=True)
class Base:
    """A database that is asked."""

    name: str
    stories: int
    engine: Engine
    read: Reader
    meter: Meter
    size: int


def run(databases: Sequence[str], rounds: int) -> Result:
    """All questions to all databases, in turns; a database is a SQLite file or a URL. Raises StoreError where one
    cannot be opened, measuring.Failed where it has another schema."""
    with ExitStack() as stack:
        bases = [stack.enter_context(_opened(each)) for each in databases]
        cpu, clock = _ask(bases, rounds)
        tell("asked")
        export = [_export(base) for base in bases]
        like = [(base.name, *_like(base)) for base in bases]
    names = tuple(f"{base.name}, ms" for base in bases)
    median = {name: [statistics.median(times) for times in of.values()] for name, of in cpu.items()}
    slow = sum(max(each) > AIM for name, each in median.items() if "relevance" not in name)
    asked = sum("relevance" not in name for name in median)
    rows: list[tuple[Cell, ...]] = [(name, *(tenths(times) for times in of.values())) for name, of in cpu.items()]
    clocks: list[tuple[Cell, ...]] = [
        (name, *(statistics.median(times) for times in of.values())) for name, of in clock.items()
    ]
    return Result(
        "search",
        (
            Table("cpu", "CPU, 20 stories each, newest first where nothing else is said", ("", *names), tuple(rows)),
            Table("clock", "The same by the clock, medians", ("", *names), tuple(clocks)),
            Table(
                "like",
                "As plain LIKE, newest first, once each, by the clock",
                ("", "rare, ms", "one in twenty, ms", "common, ms", "nowhere, ms"),
                tuple(like),
            ),
            Table(
                "rest",
                "Export as JSON lines, and disk",
                ("", "stories exported a second of CPU", "KB a story, with everything"),
                tuple((b.name, each, b.size / b.stories / 1000) for b, each in zip(bases, export, strict=True)),
            ),
            aims(
                (
                    f"{asked} questions in at most {AIM:.0f} ms of CPU each, relevance left out: those over it",
                    slow,
                    0,
                    "most",
                )
            ),
        ),
        remarks=(
            f"Made-up stories of 3 KB in seven languages on 200 sites, 15 % copies; {rounds} rounds in turns, "
            "after one that is not counted; in brackets the 10th and the 90th percentile. With PostgreSQL CPU is "
            "that of both sides.",
        ),
    )


@contextmanager
def _opened(database: str) -> Iterator[Base]:
    url = database if "://" in database else f"sqlite:///{Path(database).resolve()}"
    engine = unchanged(url)
    kind = "PostgreSQL" if engine.dialect.name == "postgresql" else "SQLite"
    size = "pg_database_size(current_database())" if kind == "PostgreSQL" else "page_count * page_size"
    of = "" if kind == "PostgreSQL" else "FROM pragma_page_count, pragma_page_size"
    with engine.connect() as connection:
        stories = int(connection.execute(text("SELECT count(*) FROM story")).scalar_one())
        taken = int(connection.execute(text(f"SELECT {size} {of}")).scalar_one())
    try:
        yield Base(f"{kind}, {stories:,}", stories, engine, Reader(engine), Meter(engine), taken)
    finally:
        engine.dispose()


Times = dict[str, dict[str, list[float]]]


def _ask(bases: list[Base], rounds: int) -> tuple[Times, Times]:
    """Milliseconds of CPU and by the clock, by question and database."""
    cpu: Times = defaultdict(lambda: defaultdict(list))
    clock: Times = defaultdict(lambda: defaultdict(list))
    asked = {base.name: questions(base.read, base.stories, rounds) for base in bases}
    for n in range(-1, rounds):  # the first round is not counted: statements are compiled, pages read
        for base in bases if n % 2 else reversed(bases):
            for name, question in asked[base.name].items():
                since, used = time.perf_counter(), base.meter()
                question(base.read, max(n, 0))
                if n >= 0:
                    cpu[name][base.name].append(base.meter() - used)
                    clock[name][base.name].append((time.perf_counter() - since) * 1000)
    order = [base.name for base in bases]
    return _ordered(cpu, order), _ordered(clock, order)


def _ordered(times: Times, order: list[str]) -> Times:
    return {name: {base: of[base] for base in order} for name, of in times.items()}


def _export(base: Base, rounds: int = 3) -> float:
    """Stories a second of CPU, written as JSON lines to nowhere."""
    speeds = []
    number = min(EXPORTED, base.stories)
    with Path(os.devnull).open("w") as nowhere:
        for _ in range(rounds):
            before = time.process_time()
            for row in base.read.export(Filters(limit=number)):
                nowhere.write(json_line(row) + "\n")
            speeds.append(number / (time.process_time() - before))
    return statistics.median(speeds)


def _like(base: Base) -> list[Cell]:
    """Milliseconds that the same words take as a plain LIKE."""
    times: list[Cell] = []
    statement = text("SELECT id, title FROM story WHERE text LIKE :what ORDER BY dated DESC, id DESC LIMIT 20")
    with base.engine.connect() as connection:
        for what in (RARE, MIDDLE, COMMON, NOWHERE):
            since = time.perf_counter()
            connection.execute(statement, {"what": f"%{what}%"}).all()
            times.append((time.perf_counter() - since) * 1000)
    return times
