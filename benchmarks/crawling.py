"""What a crawl costs: all of newsbot, beside a Scrapy spider that only parses, and one that runs trafilatura inline.

    python benchmarks/crawling.py cost   [--pages DIR] [--sites 20] [--stories 100] [--rounds 3]
    python benchmarks/crawling.py cores  [...]     # one reader on one core against two on two
    python benchmarks/crawling.py memory [--sites 200] [--stories 100]

Each crawl is a process of its own, of the sites of `manysites.py`, which is another; newsbot begins with an empty
SQLite database. CPU is user and system time of the crawl and of all processes that it starts, from the first import to
the end, divided by the pages that were asked for. The crawls of a round follow one another, in another order in the
next, and are compared with those of the same round: on a machine with other work, only that says something. DIR is a
folder of recorded pages; without it pages are made up. Linux only.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

HERE = Path(__file__).parent
BESIDE = ("lxml", "trafilatura")
PAUSE = 1.0  # seconds between two looks at the memory
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)


@dataclass(frozen=True)
class Web:
    """The sites, as they are served."""

    port: int
    process: int
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

    def asked(self) -> int:
        """How many stories have been asked for by now."""
        opener = build_opener(ProxyHandler({"http": self.proxy}))
        with opener.open("http://asked.example/", timeout=60) as answer:
            return int(answer.read())


@contextmanager
def served(given: argparse.Namespace) -> Iterator[Web]:
    """The sites, served by another process."""
    command = [sys.executable, str(HERE / "manysites.py"), f"--sites={given.sites}", f"--stories={given.stories}"]
    if given.pages:
        command.append(f"--pages={given.pages}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield Web(int(server.stdout.readline()), server.pid, given.sites, given.stories)
        finally:
            server.kill()


@dataclass(frozen=True)
class Spent:
    """What a crawl took, in seconds, and how many stories it gave."""

    cpu: float
    wall: float
    stories: int


class Crawl:
    """A crawl of all sites by newsbot, under way; with `end`, over."""

    def __init__(self, web: Web, home: Path, *, workers: int = 0, cores: set[int] | None = None) -> None:
        for host in web.hosts:
            (home / "sites").mkdir(exist_ok=True)
            (home / "sites" / f"{host}.toml").write_text(
                f'name = "{host}"\nhome = "http://{host}/"\nfeeds = ["http://{host}/feed.xml"]\n', "utf-8"
            )
        self._database = home / "newsbot.db"
        self._watch = _Watch()
        self.process = _start(
            [sys.executable, "-m", "newsbot", "crawl", "--quiet"],
            web,
            {
                "NEWSBOT_HOME": str(home),
                "NEWSBOT_CATALOGUE": "false",
                "NEWSBOT_DELAY": "0",
                "NEWSBOT_WORKERS": str(workers),
            },
            cores,
        )

    def end(self, web: Web) -> Spent:
        """Wait for it."""
        _, errors = self.process.communicate()
        if self.process.returncode:
            raise SystemExit(f"newsbot crawl ended with {self.process.returncode}: {errors}")
        cpu, wall = self._watch.stop(web)
        with closing(sqlite3.connect(self._database)) as base:
            stories = base.execute("SELECT count(*) FROM story").fetchone()[0]
        return Spent(cpu, wall, stories)


def newsbot(web: Web, *, workers: int = 0, cores: set[int] | None = None) -> Spent:
    """newsbot's crawl of all sites, from nothing."""
    with tempfile.TemporaryDirectory() as home:
        return Crawl(web, Path(home), workers=workers, cores=cores).end(web)


def beside(reader: str, web: Web) -> Spent:
    """The crawl of a plain spider."""
    watch = _Watch()
    feeds = [f"http://{host}/feed.xml" for host in web.hosts]
    process = _start([sys.executable, str(HERE / "plainspiders.py"), reader, *feeds], web, {}, None)
    said, errors = process.communicate()
    cpu, wall = watch.stop(web)
    if process.returncode or not said.strip():
        raise SystemExit(f"the spider with {reader} failed: {errors}")
    return Spent(cpu, wall, int(said))


def _start(command: Sequence[str], web: Web, more: Mapping[str, str], cores: set[int] | None) -> subprocess.Popen[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.upper().startswith(("NEWSBOT", "NO_PROXY"))
    }
    environment |= {"http_proxy": web.proxy, "PYTHONPATH": str(HERE.parent), **more}
    before = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, cores)  # what is started now inherits it
    try:
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        os.sched_setaffinity(0, before)


class _Watch:
    """The time that a process takes, with all that it starts, those included that nobody but us has waited for."""

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
        self._cpu, self._wall = self._used(), time.monotonic()

    def stop(self, web: Web) -> tuple[float, float]:
        """Seconds of CPU, and by the clock."""
        wall = time.monotonic() - self._wall
        while left := set(children(os.getpid())) - {web.process}:
            for child in left:
                os.waitpid(child, 0)
        return self._used() - self._cpu, wall

    def _used(self) -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


def children(process: int) -> list[int]:
    """The processes that one has started."""
    try:
        return [int(n) for each in Path(f"/proc/{process}/task").glob("*/children") for n in each.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def offspring(process: int) -> list[int]:
    """The processes that one has started, and those that these have."""
    found = children(process)
    return found + [each for child in found for each in offspring(child)]


def memory(process: int) -> float:
    """The memory that a process has of its own, in MB, what it shares with its parent counted by halves (PSS)."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:")), 0.0)


# -- what is asked -----------------------------------------------------------------------------------------------------


def cost(given: argparse.Namespace) -> None:
    """CPU a page: newsbot's, and how many times that of the others."""
    others = [name for name in BESIDE if find_spec(name)]
    for name in set(BESIDE) - set(others):
        print(f"{name} is left out: not installed")
    spent: dict[str, list[Spent]] = {name: [] for name in ("newsbot", *others)}
    with served(given) as web:
        beside("lxml", web)  # the pages are made
        for number in range(given.rounds):
            for name in sorted(spent, reverse=bool(number % 2)):
                spent[name].append(newsbot(web) if name == "newsbot" else beside(name, web))
            told = ", ".join(f"{name} {each[-1].cpu / web.pages * 1000:.2f}" for name, each in spent.items())
            print(f"  round {number + 1}: {told}", flush=True)
        print(f"{web.pages:,} pages of {web.sites} sites, {given.rounds} rounds; ms of CPU a page")
        for name, each in spent.items():
            print(f"  {name:12} {_said([one.cpu / web.pages * 1000 for one in each])}   {each[0].stories:,} stories")
    for name in others:
        ratios = [one.cpu / other.cpu for one, other in zip(spent["newsbot"], spent[name], strict=True)]
        print(f"newsbot : {name:12} {_said(ratios)}")


def cores(given: argparse.Namespace) -> None:
    """How much sooner a crawl ends that has two cores."""
    ratios = []
    first, second = sorted(os.sched_getaffinity(0))[:2]
    with served(given) as web:
        beside("lxml", web)  # the pages are made
        for number in range(given.rounds):
            pairs = [(1, {first}), (2, {first, second})]
            times = {n: newsbot(web, workers=n, cores=on) for n, on in (reversed(pairs) if number % 2 else pairs)}
            ratios.append(times[1].wall / times[2].wall)
            told = "; ".join(f"{n}: {one.wall:.1f} s, CPU {one.cpu:.1f} s" for n, one in sorted(times.items()))
            print(f"  cores {told}; {ratios[-1]:.2f}", flush=True)
    print(f"{web.pages:,} pages of {web.sites} sites; by the clock, one core : two cores {_said(ratios)}")


def grows(given: argparse.Namespace) -> None:
    """How much memory a long crawl takes, and how much more with each page."""
    seen: list[tuple[int, float, float]] = []
    told = 0
    print("   pages  main MB  readers MB")
    with served(given) as web, tempfile.TemporaryDirectory() as home:
        crawl = Crawl(web, Path(home))
        while crawl.process.poll() is None:
            time.sleep(PAUSE)
            readers = offspring(crawl.process.pid)
            seen.append((web.asked(), memory(crawl.process.pid), sum(map(memory, readers))))
            if seen[-1][0] * 20 >= told * web.pages:
                print(f"  {seen[-1][0]:6,} {seen[-1][1]:8.1f} {seen[-1][2]:11.1f}", flush=True)
                told += 1
        spent = crawl.end(web)
    seen = [each for each in seen if all(each[1:])]  # not of a crawl that is ending
    print(f"{web.pages:,} pages of {web.sites} sites, {spent.stories:,} stories; {spent.cpu / web.pages * 1000:.2f} ms")
    late = [each for each in seen if each[0] > web.pages / 3]
    for name, values in (("main", [m for _, m, _ in late]), ("readers", [r for *_, r in late])):
        slope = statistics.linear_regression([pages for pages, *_ in late], values).slope
        print(
            f"{name}: most {max(values):.0f} MB; {slope * 10_000:+.1f} MB each 10,000 pages, the first third left out"
        )


def _said(values: Sequence[float]) -> str:
    return f"{statistics.median(values):6.2f} [{min(values):.2f}-{max(values):.2f}]"


def main() -> None:
    options = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    questions = options.add_subparsers(required=True)
    for question, name, sites in ((cost, "cost", 20), (cores, "cores", 20), (grows, "memory", 200)):
        asked = questions.add_parser(name, help=question.__doc__)
        asked.add_argument("--pages", type=Path, help="a folder of recorded pages; without it they are made up")
        asked.add_argument("--sites", type=int, default=sites, help="(default: %(default)s)")
        asked.add_argument("--stories", type=int, default=100, help="of each site (default: %(default)s)")
        asked.add_argument("--rounds", type=int, default=3, help="(default: %(default)s)")
        asked.set_defaults(ask=question)
    given = options.parse_args()
    given.ask(given)


if __name__ == "__main__":
    main()
