"""For the whole session a PostgreSQL server, and two invented newspapers, crawled three times; for a test a home."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsbot.cli.main import main
from newsbot.demo.web import DemoWeb, Request, site_files
from newsbot.store import RunRow, StoryFull
from tests.databases import NoServer, PostgreSQL
from tests.running import Ended, Home

_TESTS = Path(__file__).parent
_STARTING_PROGRAMS = (
    "work",
    "crawl",
    "ingest",
    "reprocess",
    "web",
    "release",
    "docs",
    "trial",
    "recorded",
    "cli",
    "cron",
)
"""Folders of tests that take the longest. They come first, else with -n one process is long at work on the last of them
while the others have nothing left."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(_TESTS).parts[0]
        slow = folder in _STARTING_PROGRAMS
        return _STARTING_PROGRAMS.index(folder) if slow else len(_STARTING_PROGRAMS)

    items.sort(key=place)


@dataclass(frozen=True)
class Crawl:
    """One crawl of the invented newspapers: how it ended, what it asked them for, and what was stored after it."""

    ended: Ended
    requests: tuple[Request, ...]
    run: RunRow
    stories: dict[str, StoryFull]

    @property
    def pages(self) -> list[str]:
        """The addresses of stories that were asked for."""
        return [f"http://{each.host}{each.path}" for each in self.requests if is_story(each.path)]


@dataclass(frozen=True)
class Demo:
    """The invented newspapers after three crawls: two of the first edition, one of the second."""

    home: Home
    first: Crawl
    again: Crawl
    second: Crawl


def is_story(path: str) -> bool:
    """Whether a path of the invented newspapers is that of a story, be it under /amp/ or with a feed's parameters."""
    stem = path.split("?")[0].removeprefix("/amp")
    return stem.count("/") >= 2 and not stem.endswith("/")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with DemoWeb() as web:
        home = Home(tmp_path_factory.mktemp("demo"), {"http_proxy": web.proxy_url})
        for name, text in site_files().items():
            home.site(name.removesuffix(".toml"), text)

        def crawl() -> Crawl:
            before = len(web.requests)
            ended = home.newsbot("crawl")
            return Crawl(ended, tuple(web.requests[before:]), home.last_run(), home.stories())

        first, again = crawl(), crawl()
        web.edition = 2
        yield Demo(home, first, again, crawl())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server; where there is none, tests are skipped, but not where CI runs them."""
    try:
        with PostgreSQL() as server:
            yield server
    except NoServer as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", {})


@pytest.fixture(params=["sqlite", "postgresql"])
def any_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """A home with a database of its own, and one with a PostgreSQL database."""
    if request.param == "sqlite":
        yield Home(tmp_path / "home", {})
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield Home(tmp_path / "home", {"NEWSBOT_DATABASE_URL": url})


@pytest.fixture
def run_newsbot(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """newsbot, on the database that holds the invented newspapers' stories; in this process, for that is quick."""
    environment = demo.home.env()
    for name in set(os.environ) - set(environment):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["newsbot", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return Ended(int(end.value.code or 0), *capsys.readouterr())

    return run
