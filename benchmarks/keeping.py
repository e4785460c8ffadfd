"""What keeping a story costs, with everything: search index, likeness, what it teaches, addresses, removed blocks."""

from __future__ import annotations

import gc
import statistics
from collections import defaultdict
from typing import Any

from sqlalchemy import event

from benchmarks.measuring import tell
from benchmarks.results import Cell, Result, Table, tenths
from benchmarks.servers import KINDS, Meter, empty
from benchmarks.stories import Press
from newsbot.items import Story
from newsbot.process import recognise
from newsbot.store import Outcome, Store

FIRST = 1_000_000  # of the press's stories: those before it are what a large database holds
FEW = 10  # outcomes that fewer stories had are not told


def run(stories: int) -> Result:
    """CPU by outcome, on both databases: so many stories fill it, as many are measured, as many are taken apart."""
    press = Press(FIRST)
    made = [press.story(FIRST + n, teaches=True) for n in range(3 * stories)]
    gc.collect()
    gc.freeze()  # what the stories are made of is no burden of the store's
    times: list[tuple[Cell, ...]] = []
    parts: list[tuple[Cell, ...]] = []
    for kind in KINDS:
        with empty(kind) as store:
            for desk in press.desks:
                store.touch_site(desk.key, desk.key, f"https://www.{desk.key}/", desk.tag)
            for story in made[:stories]:
                store.keep(story)
            tell(f"{kind}: filled")
            times += [(kind, *row) for row in _measured(store, made[stories : 2 * stories])]
            parts.append((kind, *_apart(store, made[2 * stories :])))
            tell(f"{kind}: measured")
    return Result(
        "keeping",
        (
            Table("cost", "", ("database", "outcome", "stories", "CPU, ms", "mean, ms"), tuple(times)),
            Table(
                "parts",
                "Where it goes, mean of a story, ms",
                ("database", "statements", "in the driver and the database", "commit", "Python"),
                tuple(parts),
            ),
        ),
        remarks=(
            f"Made-up stories of 3 KB, 15 % of them copies, behind {stories:,} others; with PostgreSQL the CPU of both "
            "sides. In brackets the 10th and the 90th percentile.",
        ),
    )


def _measured(store: Store, stories: list[Story]) -> list[tuple[Cell, ...]]:
    meter = Meter(store._engine)
    times: dict[Outcome, list[float]] = defaultdict(list)
    for story in stories:
        signed = recognise(story)  # as in a crawl, just before
        since = meter()
        outcome = store.keep(signed).outcome
        times[outcome].append(meter() - since)
    named = {"all": [each for some in times.values() for each in some], **{str(o): each for o, each in times.items()}}
    return [(name, len(each), tenths(each), statistics.mean(each)) for name, each in named.items() if len(each) > FEW]


def _apart(store: Store, stories: list[Story]) -> tuple[Cell, ...]:
    """Statements, milliseconds in them, in the commit, and in Python."""
    engine = store._engine
    meter = Meter(engine)
    spent: defaultdict[str, float] = defaultdict(float)
    began = [0.0]
    commit = engine.dialect.do_commit
    number = 0

    def before(*_: object) -> None:
        began[0] = meter()

    def after(*_: object) -> None:
        nonlocal number
        number += 1
        spent["driver"] += meter() - began[0]

    def committing(connection: Any) -> None:
        since = meter()
        commit(connection)
        spent["commit"] += meter() - since

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
    each = len(stories)
    python = total - spent["driver"] - spent["commit"]
    return number / each, spent["driver"] / each, spent["commit"] / each, python / each
