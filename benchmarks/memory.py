"""How much memory a long crawl takes, and how much more with each page."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.crawls import Crawl, served, told
from benchmarks.measuring import Failed, memory, offspring, tell
from benchmarks.results import Lines, Result, Table, aims

PAUSE = 1.0  # seconds between two looks at the memory
DRAWN = 200  # points of the picture
ENOUGH = 5  # samples, below which there is no line to be drawn
FLAT = 5.0  # MB in 10,000 pages; less is what a sample differs by from the next


def run(pages: Path | None, sites: int, stories: int) -> Result:
    """One crawl, looked at each second. Raises measuring.Failed if it fails."""
    seen: list[tuple[int, float, float]] = []
    told_of = 0
    with served(pages, sites, stories) as web, tempfile.TemporaryDirectory() as home:
        crawl = Crawl(web, Path(home))
        while crawl.process.poll() is None:
            time.sleep(PAUSE)
            readers = sum(map(memory, offspring(crawl.process.pid)))
            seen.append((web.served().stories, memory(crawl.process.pid), readers))
            if seen[-1][0] * 20 >= told_of * web.pages:
                tell(f"{seen[-1][0]:,} pages: main {seen[-1][1]:.0f} MB, readers {readers:.0f} MB")
                told_of += 1
        took, found = crawl.end()
    seen = [each for each in seen if all(each[1:])]  # not of a crawl that is beginning or ending
    late = [each for each in seen if each[0] > web.pages / 3]
    count = [pages for pages, *_ in late]
    if len(set(count)) < ENOUGH:
        raise Failed(f"the crawl of {web.pages:,} pages was over too soon to say how its memory grows; give it more")
    sides = {"main process": [main for _, main, _ in late], "readers together": [readers for *_, readers in late]}
    slopes = {n: statistics.linear_regression(count, values).slope * 10_000 for n, values in sides.items()}
    rows = tuple((name, max(values), slopes[name]) for name, values in sides.items())
    every = max(1, len(seen) // DRAWN)
    drawn = seen[::every]
    return Result(
        "memory",
        (
            Table("memory", "", ("", "most, MB", "growth in 10,000 pages, MB"), rows),
            aims(
                (f"memory flat: at most {FLAT:.0f} MB more in 10,000 pages", max(slopes.values()), FLAT, "most"),
                (f"{web.pages:,} pages on {web.sites} sites in one run: stories", found, web.pages, "least"),
            ),
        ),
        Lines(
            "Memory of a long crawl",
            "pages asked for",
            "MB",
            (
                ("main process", tuple((float(pages), main) for pages, main, _ in drawn)),
                ("readers together", tuple((float(pages), readers) for pages, _, readers in drawn)),
            ),
        ),
        (
            told(pages, web),
            f"{found:,} stories; {took.cpu / web.pages * 1000:.1f} ms of CPU a page. Memory is PSS: what processes "
            "share counts once. Growth is a line through the samples, the first third of the pages left out.",
        ),
    )
