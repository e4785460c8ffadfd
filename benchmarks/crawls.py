"""Whole crawls, each a process of its own: newsbot's, and those of plain Scrapy spiders, of the same sites on loopback.

newsbot does all that it does: feeds, robots.txt, extraction, cleaning, recognition, a SQLite database. The plain
spiders (`plainspiders`) store nothing. CPU is user and system time of a crawl and of all that it starts, imports
included.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.request import ProxyHandler, build_opener

from benchmarks import peers
from benchmarks.measuring import ROOT, Spent, Watch, ended, spent, start, versions_in

SPIDERS = {"lxml": "Scrapy, lxml.html", "trafilatura": "Scrapy, trafilatura"}


class Served(NamedTuple):
    """What the sites have given by now: stories, answers of all kinds, bytes with their heads."""

    stories: int
    requests: int
    sent: int


@dataclass(frozen=True)
class Web:
    """The sites, as they are served by another process."""

    port: int
    sites: int
    stories: int

    @property
    def pages(self) -> int:
        """How many stories there are."""
        return self.sites * self.stories

    @property
    def hosts(self) -> list[str]:
        """The sites' hosts."""
        return [f"paper-{n}.example" for n in range(self.sites)]

    @property
    def proxy(self) -> str:
        """The proxy through which they are reached."""
        return f"http://127.0.0.1:{self.port}"

    def served(self) -> Served:
        """What they have given by now."""
        return Served(*json.loads(self._get("http://asked.example/")))

    def later(self, new: int) -> None:
        """Make it a day on which each feed begins with so many stories that were not there on the first."""
        self._get(f"http://later.example/{new}")

    def warm(self) -> None:
        """Ask for all of them once, so that they are made and kept as far as they are."""
        for host in self.hosts:
            for story in range(self.stories):
                self._get(f"http://{host}/news/story-{story}")

    def _get(self, url: str) -> bytes:
        with build_opener(ProxyHandler({"http": self.proxy})).open(url, timeout=60) as answer:
            return bytes(answer.read())


@contextmanager
def served(pages: Path | None, sites: int, stories: int) -> Iterator[Web]:
    """The sites, of recorded pages or, without a folder of them, of made-up ones."""
    command = [sys.executable, "-m", "benchmarks.manysites", str(sites), str(stories)]
    with subprocess.Popen(
        [*command, *([str(pages.resolve())] if pages else [])], stdout=subprocess.PIPE, cwd=ROOT
    ) as server:
        assert server.stdout is not None
        try:
            yield Web(int(server.stdout.readline()), sites, stories)
        finally:
            server.kill()


def told(pages: Path | None, web: Web) -> str:
    """What was crawled, as a sentence."""
    kind = "recorded" if pages else "made-up"
    return f"{web.pages:,} {kind} pages of {web.sites} sites, served on loopback by another process."


class Crawl:
    """A crawl of all sites by newsbot, under way; with `end`, over. What `home` holds of earlier ones stays."""

    def __init__(self, web: Web, home: Path, *, workers: int = 0, cores: set[int] | None = None) -> None:
        (home / "sites").mkdir(exist_ok=True)
        for host in web.hosts:
            (home / "sites" / f"{host}.toml").write_text(
                f'name = "{host}"\nhome = "http://{host}/"\nfeeds = ["http://{host}/feed.xml"]\n', "utf-8"
            )
        self._database = home / "newsbot.db"
        self._watch = Watch()
        more = {"NEWSBOT_HOME": str(home), "NEWSBOT_CATALOGUE": "false", "NEWSBOT_DELAY": "0", "http_proxy": web.proxy}
        self.process = start(
            [sys.executable, "-m", "newsbot", "crawl", "--quiet"], more | {"NEWSBOT_WORKERS": str(workers)}, cores
        )

    def end(self) -> tuple[Spent, int]:
        """Wait for it; what it took, and how many stories there are."""
        ended(self.process)
        took = self._watch.stop()
        with closing(sqlite3.connect(self._database)) as base:
            return took, int(base.execute("SELECT count(*) FROM story").fetchone()[0])


def plain(reader: str, web: Web, cache: Path | None = None) -> tuple[Spent, int]:
    """A plain spider's crawl, with Scrapy's HTTP cache in the folder if there is one; and its number of stories."""
    feeds = [f"http://{host}/feed.xml" for host in web.hosts]
    command = [peers.python(), "-m", "benchmarks.plainspiders", reader, str(cache or ""), *feeds]
    took = spent(command, {"http_proxy": web.proxy})
    return took, int(took.said)


def spiders_versions() -> dict[str, str]:
    """What the plain spiders run with."""
    return versions_in(peers.python(), "Scrapy", "lxml", "trafilatura")
