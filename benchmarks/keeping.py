"""What keeping a story costs, with everything: search index, likeness, what it teaches, addresses, removed blocks.

    python benchmarks/keeping.py                     # SQLite and PostgreSQL, 3,000 stories each
    python benchmarks/keeping.py --only sqlite --url sqlite:////tmp/big/stories-1000000.db

The stories are those of benchmarks/stories.py, 3 KB, 15 % of them copies. The first half fills the database, the second
is measured: CPU, on PostgreSQL of both sides. Then, for as many more stories, where it goes: what each statement takes
in the driver, and the rest, which is Python. With `--url` stories are kept in a database that is there, and stay there.
"""

from __future__ import annotations

import argparse
import gc
import re
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from benchmarks.stories import Press

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # for tests.databases

from newsbot.items import Story  # noqa: E402
from newsbot.process import recognise  # noqa: E402
from newsbot.store import Outcome, Store  # noqa: E402
from tests.databases import PostgreSQL  # noqa: E402

FIRST = 1_000_000  # behind what a benchmark database holds
_SHOWN = 84  # characters of a statement


class Meter:
    """CPU of this process and, if another serves the database, of that."""

    def __init__(self, store: Store) -> None:
        self._server: Path | None = None
        with store._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                self._server = Path(f"/proc/{pid}/schedstat")

    def __call__(self) -> float:
        """Milliseconds so far."""
        used = time.process_time() * 1000
        if self._server is not None:
            used += int(self._server.read_text().split()[0]) / 1e6
        return used


def measure(store: Store, stories: list[Story]) -> None:
    """Keep them, and print what it took by outcome."""
    meter = Meter(store)
    times: dict[Outcome, list[float]] = defaultdict(list)
    for story in stories:
        signed = recognise(story)  # as in a crawl, just before
        since = meter()
        outcome = store.keep(signed).outcome
        times[outcome].append(meter() - since)
    every = [each for some in times.values() for each in some]
    for what, some in [("all", every), *times.items()]:
        if len(some) > 10:
            tenths = statistics.quantiles(some, n=10)
            print(
                f"  {what:8} {len(some):6,} stories: median {statistics.median(some):.2f} ms CPU "
                f"[{tenths[0]:.2f}-{tenths[-1]:.2f}], mean {statistics.mean(some):.2f}"
            )


def account(store: Store, stories: list[Story]) -> None:
    """Keep them, and print where the time goes."""
    meter, engine = Meter(store), store._engine
    spent: defaultdict[str, float] = defaultdict(float)
    number: Counter[str] = Counter()
    began = [0.0]
    commit = engine.dialect.do_commit

    def before(*_: object) -> None:
        began[0] = meter()

    def after(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        spent[shortened(statement)] += meter() - began[0]
        number[shortened(statement)] += 1

    def committing(connection: Any) -> None:
        since = meter()
        commit(connection)
        spent["COMMIT"] += meter() - since
        number["COMMIT"] += 1

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    engine.dialect.do_commit = committing  # type: ignore[method-assign,assignment]
    total = 0.0
    for story in stories:
        signed = recognise(story)
        since = meter()
        store.keep(signed)
        total += meter() - since
    engine.dialect.do_commit = commit  # type: ignore[method-assign]
    event.remove(engine, "before_cursor_execute", before)
    event.remove(engine, "after_cursor_execute", after)
    each, driver = len(stories), sum(spent.values())
    print(f"  where it goes, mean of {each:,}: {total / each:.2f} ms, watched; {(total - driver) / each:.2f} Python")
    for statement, milliseconds in sorted(spent.items(), key=lambda item: -item[1]):
        if milliseconds / each > 0.004:
            print(f"    {milliseconds / each:6.3f} ms  {number[statement] / each:5.2f} x  {statement}")


def shortened(statement: str) -> str:
    """A statement without its lists of columns."""
    words = " ".join(statement.split())
    return re.sub(r"SELECT (?:(?! FROM ).){40,}? FROM ", "SELECT ... FROM ", words)[:_SHOWN]


def main() -> None:
    parser = argparse.ArgumentParser(description="What keeping a story costs.")
    parser.add_argument("--stories", type=int, default=3_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one kind of database alone")
    parser.add_argument("--url", help="a database that is there")
    given = parser.parse_args()
    press = Press(FIRST)
    half = given.stories // 2
    stories = [press.story(FIRST + n, teaches=True) for n in range(3 * half)]
    gc.collect()
    gc.freeze()  # what the stories are made of is no burden of the store's
    for kind in [given.only] if given.only else ["sqlite", "postgresql"]:
        with ExitStack() as stack:
            if given.url:
                url = given.url
            elif kind == "sqlite":
                url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/newsbot.db"
            else:
                url = stack.enter_context(stack.enter_context(PostgreSQL()).database())
            store = stack.enter_context(Store.open(url))
            print(kind)
            for desk in press.desks:
                store.touch_site(desk.key, desk.key, f"https://www.{desk.key}/", desk.tag)
            for story in stories[:half]:
                store.keep(story)
            measure(store, stories[half : 2 * half])
            account(store, stories[2 * half :])


if __name__ == "__main__":
    main()
