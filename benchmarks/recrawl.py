"""What the next crawl asks for and fetches: when nothing has changed, and when each site has one new story."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.crawls import Crawl, Served, Web, plain, served, spiders_versions, told
from benchmarks.measuring import Spent, tell
from benchmarks.results import Bars, Cell, Figure, Result, Table

DAYS = ("the first crawl", "again, nothing new", "again, one new story a site")


def run(pages: Path | None, sites: int, stories: int) -> Result:
    """Requests and bytes of three crawls in a row, by newsbot, Scrapy, and Scrapy with its HTTP cache."""
    with tempfile.TemporaryDirectory() as folder, served(pages, sites, stories) as web:
        (home := Path(folder, "home")).mkdir()
        cache = Path(folder, "cache")
        crawls: dict[str, Callable[[], tuple[Spent, int]]] = {
            "newsbot": lambda: Crawl(web, home).end(),
            "Scrapy": lambda: plain("lxml", web),
            "Scrapy, HTTP cache": lambda: plain("lxml", web, cache),
        }
        given = {name: _days(name, web, crawl) for name, crawl in crawls.items()}
    rows: list[tuple[Cell, ...]] = []
    for number, day in enumerate(DAYS):
        for name, days in given.items():
            one = days[number]
            rows.append(
                (day, name, one.requests, one.stories, one.sent / 1000, one.sent / given["Scrapy"][number].sent)
            )
    bars = tuple((name, _once(days[2].sent / 1000)) for name, days in given.items())
    return Result(
        "recrawl",
        (
            Table(
                "asked",
                "",
                ("crawl", "by", "requests", "of them for stories", "KB received", "of Scrapy's"),
                tuple(rows),
            ),
        ),
        Bars("A crawl of sites that have one new story each, KB received", bars),
        (
            told(pages, web),
            "Feeds and stories have an ETag, and no Cache-Control. One crawl each: how many requests there are does "
            "not hang on the machine. KB are those of answers with their heads, as sent.",
        ),
        versions=spiders_versions(),
    )


def _days(name: str, web: Web, crawl: Callable[[], tuple[Spent, int]]) -> list[Served]:
    """What each of three crawls was given."""
    given = []
    for new, day in zip((0, 0, 1), DAYS, strict=True):
        web.later(new)
        before = web.served()
        crawl()
        given.append(Served(*(late - early for late, early in zip(web.served(), before, strict=True))))
        tell(f"{name}, {day}: {given[-1]}")
    return given


def _once(value: float) -> Figure:
    return Figure(value, value, value)
