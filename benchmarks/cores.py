"""How much sooner a crawl ends that has two cores and two readers, not one of each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.crawls import Crawl, Web, served, told
from benchmarks.measuring import Failed, Spent, tell
from benchmarks.results import Result, Table, aims, figure, ratio


def run(pages: Path | None, sites: int, stories: int, rounds: int) -> Result:
    """The time by the clock, on one core and on two. Raises measuring.Failed where there are not two."""
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise Failed("this process may use one core alone; give it two (taskset)")
    took: dict[int, list[Spent]] = {1: [], 2: []}
    with served(pages, sites, stories) as web:
        web.warm()
        for number in range(rounds):
            for cores in (2, 1) if number % 2 else (1, 2):
                took[cores].append(_crawl(web, cores, {first, others[0]} if cores == 2 else {first}))
                tell(f"round {number + 1}, {cores} cores: {took[cores][-1].wall:.1f} s")
    sooner = ratio([one.wall for one in took[1]], [one.wall for one in took[2]])
    rows = tuple(
        (f"{n} of both", figure(one.wall for one in each), figure(one.cpu for one in each)) for n, each in took.items()
    )
    return Result(
        "cores",
        (
            Table("time", "", ("cores and readers", "by the clock, s", "CPU, s"), rows),
            aims(("at least 1.8 times as fast on two cores", sooner, 1.8, "least")),
        ),
        remarks=(told(pages, web), f"{rounds} rounds. The process that serves has what is left of the cores."),
    )


def _crawl(web: Web, workers: int, cores: set[int]) -> Spent:
    with tempfile.TemporaryDirectory() as home:
        return Crawl(web, Path(home), workers=workers, cores=cores).end()[0]
