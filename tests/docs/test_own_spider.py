"""The spider of docs/own-spider.md, in its folder, crawls a paper that lists its stories as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawl.web import Answer, Web, page
from tests.running import Ended, Home, run

PAGE = (Path(__file__).parents[2] / "docs" / "own-spider.md").read_text("utf-8")
HOST = "http://www.harbour-courier.example"
LATEST = f"{HOST}/api/latest.json"
STORIES = [f"{HOST}/2026/11/ferry-{number}" for number in (1, 2)]


def block(kind: str) -> str:
    """The page's only block of that kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "harbour"
    made.mkdir()
    for name, kind in (("harbour-courier.example.toml", "toml"), ("scrapy.cfg", "ini"), ("harbour.py", "python")):
        (made / name).write_text(block(kind), "utf-8")
    return made


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as served:
        listed = [{"url": url, "headline": "Ferry", "time": "2026-11-30T08:00:00+00:00"} for url in STORIES]
        served.pages = {url: Answer(page(url)) for url in STORIES}
        served.pages[LATEST] = Answer(json.dumps({"stories": listed}).encode(), content_type="application/json")
        yield served


def crawl(folder: Path, home: Home, web: Web) -> Ended:
    home.path.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "scrapy", "runspider", "harbour.py"]
    return run(command, home.env(http_proxy=web.proxy), cwd=folder)


def test_its_stories_are_kept_and_asked_for_once(folder: Path, home: Home, web: Web) -> None:
    ended = crawl(folder, home, web)
    assert ended.code == 0, ended.err
    assert set(home.stories()) == set(STORIES), ended.err
    assert home.last_run().outcome == "ok"
    assert home.counts()["harbour-courier.example"] == {"source.ok": 1, "fetched": 2, "new": 2}

    asked = len(web.requests)
    crawl(folder, home, web)
    assert not set(web.requests[asked:]) & set(STORIES)
    assert home.counts()["harbour-courier.example"]["source.unchanged"] == 1


def test_what_it_cannot_read_is_a_failure_of_the_source(folder: Path, home: Home, web: Web) -> None:
    web.pages[LATEST] = Answer(b'{"items": []}', content_type="application/json")
    crawl(folder, home, web)
    assert home.last_run().outcome == "failed"
    assert home.counts()["harbour-courier.example"] == {"source.failed": 1, "error.not_understood": 1}


def test_robots_txt_is_obeyed(folder: Path, home: Home, web: Web) -> None:
    web.pages[f"{HOST}/robots.txt"] = Answer(b"User-agent: *\nDisallow: /2026/\n", content_type="text/plain")
    crawl(folder, home, web)
    assert not home.stories()
    assert home.counts()["harbour-courier.example"]["skipped.robots"] == 2
