"""What a crawl costs: all of newsbot, beside Scrapy spiders that only parse, or run trafilatura in the callback.

The crawls of a round follow one another, in another order in the next, and are compared with those of the same round:
on a machine with other work, only that says something.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.crawls import SPIDERS, Crawl, Web, plain, served, spiders_versions, told
from benchmarks.measuring import Spent, tell
from benchmarks.results import Bars, Result, Table, aims, figure, ratio


def run(pages: Path | None, sites: int, stories: int, rounds: int) -> Result:
    """CPU a page: newsbot's, and how many times that of the others. Raises measuring.Failed if a crawl fails."""
    took: dict[str, list[Spent]] = {name: [] for name in ("newsbot", *SPIDERS)}
    found: dict[str, int] = {}
    with served(pages, sites, stories) as web:
        web.warm()
        for number in range(rounds):
            for name in sorted(took, reverse=bool(number % 2)):
                one, found[name] = _newsbot(web) if name == "newsbot" else plain(name, web)
                took[name].append(one)
                tell(f"round {number + 1}, {name}: {one.cpu / web.pages * 1000:.2f} ms of CPU a page")
    names = {"newsbot": "newsbot", **SPIDERS}
    cost = {name: figure(one.cpu / web.pages * 1000 for one in each) for name, each in took.items()}
    rate = {name: figure(web.pages / one.cpu for one in each) for name, each in took.items()}
    ratios = {name: ratio([one.cpu for one in took["newsbot"]], [one.cpu for one in took[name]]) for name in SPIDERS}
    return Result(
        "crawl",
        (
            Table(
                "cost",
                "",
                ("", "CPU, ms a page", "pages a second of CPU", "newsbot's CPU, times its", "stories"),
                tuple((names[n], cost[n], rate[n], ratios.get(n), found[n]) for n in took),
            ),
            aims(
                ("CPU a page at most 3 times that of Scrapy with an lxml parse", ratios["lxml"], 3, "most"),
                ("at most 0.45 times that of Scrapy with trafilatura inline", ratios["trafilatura"], 0.45, "most"),
            ),
        ),
        Bars("CPU a page, milliseconds", tuple((names[n], cost[n]) for n in took)),
        (told(pages, web), f"{rounds} rounds."),
        versions=spiders_versions(),
    )


def _newsbot(web: Web) -> tuple[Spent, int]:
    with tempfile.TemporaryDirectory() as home:
        return Crawl(web, Path(home)).end()
