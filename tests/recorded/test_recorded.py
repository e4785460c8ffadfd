"""The recorded web of real news sites, crawled whole. Its pages belong to their publishers and are no part of newsbot:
where they are not beside it, these tests are skipped."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.running import DEADLINE, Ended, Home, closed_port, run

SHARED = Path(__file__).parents[3] / "shared"
NEWSWEB = SHARED / "newsweb"
LEAST_F1 = 0.955

pytestmark = pytest.mark.skipif(
    not (NEWSWEB / "serve.py").exists(), reason=f"the recorded web is not here: there is no {NEWSWEB}"
)


@dataclass(frozen=True)
class Recorded:
    """Two crawls of the recorded web: what each asked for, what is stored, and how that scores."""

    first: Ended
    again: Ended
    asked_first: list[dict[str, Any]]
    asked_again: list[dict[str, Any]]
    exported: tuple[Ended, Ended]
    score: dict[str, Any]


def host_of(line: str) -> str:
    return urlsplit(str(json.loads(line)["url"])).netloc


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    log, port = folder / "requests.jsonl", closed_port()
    home = Home(folder / "home", {"http_proxy": f"http://127.0.0.1:{port}"})
    hosts = sorted({host_of(line) for line in (NEWSWEB / "index.jsonl").read_text("utf-8").splitlines()})
    for number, host in enumerate(hosts):
        source = (
            f'feeds = ["http://{host}/newsweb/rss.xml"]'
            if number % 2
            else f'sitemaps = ["http://{host}/newsweb/sitemap-index.xml"]'
        )
        key = re.sub(r"[^a-z0-9.-]", "-", host.lower())
        home.site(key, f'name = "{host}"\nhome = "http://{host}/"\n{source}\ndelay = 0.0\n')

    def asked() -> list[dict[str, Any]]:
        return [json.loads(line) for line in log.read_text("utf-8").splitlines()]

    command = [sys.executable, str(NEWSWEB / "serve.py"), "--port", str(port), "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline().startswith(b"newsweb: ")
            first = home.newsbot("crawl", "--json")
            exported, asked_first = home.newsbot("export"), asked()
            again = home.newsbot("crawl", "--json")
            asked_again = asked()[len(asked_first) :]
        finally:
            server.terminate()
            server.wait(DEADLINE)
    stories = folder / "stories.jsonl"
    stories.write_text(exported.out, "utf-8")
    scored = run([sys.executable, str(SHARED / "score" / "score.py"), "--stories", str(stories), "--json"], home.env())
    assert scored.code == 0, scored.err
    return Recorded(
        first, again, asked_first, asked_again, (exported, home.newsbot("export")), json.loads(scored.out)["all"]
    )


def test_every_page_is_found(recorded: Recorded) -> None:
    assert recorded.first.code == 0, recorded.first.err
    assert recorded.score["pages"] == len((NEWSWEB / "gold.jsonl").read_text("utf-8").splitlines())
    assert recorded.score["found"] == 1.0


def test_bodies_are_what_they_should_be(recorded: Recorded) -> None:
    assert recorded.score["F1"] >= LEAST_F1


def test_no_page_ended_in_an_error_or_was_taken_for_no_story(recorded: Recorded) -> None:
    totals = json.loads(recorded.first.out)["totals"]
    assert {name for name in totals if name.startswith(("error.", "dropped."))} == set()


def test_second_crawl_asks_for_no_story_and_stores_nothing(recorded: Recorded) -> None:
    assert recorded.again.code == 0, recorded.again.err
    pages = [ask["path"] for ask in recorded.asked_again if not ask["path"].startswith(("/newsweb/", "/robots.txt"))]
    assert pages == []
    assert {"new", "changed", "same", "copy", "fetched"} & set(json.loads(recorded.again.out)["totals"]) == set()
    assert recorded.exported[0] == recorded.exported[1]


def test_no_page_is_asked_for_twice(recorded: Recorded) -> None:
    pages = [(ask["host"], ask["path"]) for ask in recorded.asked_first]
    assert len(pages) == len(set(pages))
