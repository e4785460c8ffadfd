"""`newsbot runs`: what crawls did."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.conftest import Demo
from tests.crawl.web import Answer, Web, site_file
from tests.running import Ended, Home

Newsbot = Callable[..., Ended]
HARBOUR = "harbour-courier.example"


def rows(ended: Ended) -> list[dict[str, str]]:
    """The rows of a table as a pipe gets it."""
    assert (ended.code, ended.err) == (0, "")
    head, *lines = (line.split("\t") for line in ended.out.splitlines())
    return [dict(zip(head, line, strict=True)) for line in lines]


def test_runs_come_newest_first_with_their_sums(demo: Demo, run_newsbot: Newsbot) -> None:
    second, again, first = rows(run_newsbot("runs"))
    assert [row["run"] for row in (second, again, first)] == [
        str(c.run.id) for c in (demo.second, demo.again, demo.first)
    ]
    assert (first["sites"], first["outcome"]) == ("2", "ok")
    assert int(first["pages"]) == sum(site.counts["fetched"] for site in demo.first.run.sites)
    assert int(first["new"]) == sum(site.counts["new"] for site in demo.first.run.sites)
    assert again["new"] == "·"
    assert len(rows(run_newsbot("runs", "--limit", "1"))) == 1


def test_a_site_alone_and_in_json(demo: Demo, run_newsbot: Newsbot) -> None:
    lines = run_newsbot("runs", "--site", HARBOUR, "--json").out.splitlines()
    found = [json.loads(line) for line in lines]
    assert [run["id"] for run in found] == [demo.second.run.id, demo.again.run.id, demo.first.run.id]
    assert [[site["site"] for site in run["sites"]] for run in found] == [[HARBOUR]] * 3
    ended = run_newsbot("runs", "--site", "harbor-courier.example")
    assert ended.code == 2
    assert HARBOUR in ended.err, "the near name is told"


def test_one_run_says_of_each_site_why_pages_gave_no_story(home: Home) -> None:
    for host in ("calm.example", "broken.example"):
        home.site(host, site_file(host))
    with Web() as web:
        web.publish("calm.example", 2)
        first, second, _ = web.publish("broken.example", 3)
        web.pages[first] = Answer(b"no", 503)
        web.pages[second] = Answer(b"%PDF-1.7", content_type="application/pdf")
        ended = home.newsbot("crawl", http_proxy=web.proxy, NEWSBOT_RETRIES="0")
    assert ended.code == 0, ended.err
    number = str(home.last_run().id)
    broken, calm = rows(home.newsbot("runs", number))
    assert (calm["site"], calm["new"], calm["why pages gave no story"]) == ("calm.example", "2", "")
    assert (broken["new"], broken["dropped"], broken["errors"], broken["outcome"]) == ("1", "1", "1", "partial")
    assert broken["why pages gave no story"] == "1 dropped.not_html, 1 error.http_503"
    (run,) = [json.loads(line) for line in home.newsbot("runs", number, "--json").out.splitlines()]
    assert run["sites"][0]["reasons"] == {
        "dropped.not_html": "no HTML page",
        "error.http_503": "HTTP 503: the server failed",
    }


def test_a_run_that_there_is_not_is_told(run_newsbot: Newsbot) -> None:
    ended = run_newsbot("runs", "4711")
    assert (ended.code, ended.out) == (2, "")
    assert "no run 4711" in ended.err


def test_a_failed_site_is_told_in_plain_words(home: Home) -> None:
    home.site("lost.example", site_file("lost.example"))
    home.site("calm.example", site_file("calm.example"))
    with Web() as web:
        web.publish("calm.example")
        web.pages["http://lost.example/feed.xml"] = Answer(b"no", 503)
        ended = home.newsbot("crawl", "--quiet", http_proxy=web.proxy, NEWSBOT_RETRIES="0")
    assert ended.code == 1
    assert "lost.example failed: error.http_503 1 (HTTP 503: the server failed); see " in ended.err
