"""Crawling what is due: `newsbot crawl --due`, and what `newsbot schedule` says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from newsbot.lock import crawl_lock
from newsbot.store import Store, models
from tests.crawl.web import FEED, HTML, Answer, Web, feed, page, site_file
from tests.running import Home

CALM, BUSY = "calm.example", "busy.example"


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture
def home(tmp_path: Path, web: Web) -> Home:
    home = Home(tmp_path, {"http_proxy": web.proxy})
    for host in (CALM, BUSY):
        web.publish(host)
        home.site(host, site_file(host))
    return home


def put_off(home: Home, site: str, when: datetime | None) -> None:
    """Say that a site is due then."""
    table = models.site
    with Store.open(f"sqlite:///{home.database}") as store, store._engine.begin() as connection:
        connection.execute(update(table).where(table.c.key == site), {"next_due": when})


def list_stories(web: Web, host: str, *names: str) -> None:
    """Put a feed there that lists these."""
    urls = [f"http://{host}/news/{name}" for name in names]
    web.pages |= {url: Answer(page(url), content_type=HTML) for url in urls}
    web.pages[f"http://{host}/feed.xml"] = Answer(feed(urls), content_type=FEED)


def schedule(home: Home, *sites: str) -> dict[str, dict[str, Any]]:
    done = home.newsbot("schedule", "--json", *sites)
    assert done.code == 0, done.err
    return {row["site"]: row for row in map(json.loads, done.out.splitlines())}


def test_only_what_is_due_is_crawled_and_nothing_due_is_nothing_done(home: Home, web: Web) -> None:
    assert home.newsbot("crawl", "--due", "--quiet").code == 0
    assert home.stored() == 4
    web.requests.clear()

    quiet = home.newsbot("crawl", "--due", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    told = home.newsbot("crawl", "--due", TZ="Europe/Berlin")
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith("no site is due; the next is ")
    assert "CE" in told.err, "the zone is named"
    as_json = home.newsbot("crawl", "--due", "--json")
    assert (as_json.code, json.loads(as_json.out)["sites"]) == (0, {})
    file = home.site("odd.example", 'nam = "Odd"')
    heard = home.newsbot("crawl", "--due", "--quiet")
    assert (heard.code, heard.out) == (1, "")
    assert heard.err.startswith(f"newsbot: {file}: key 'name' is missing"), "a site that is not crawled is heard of"
    file.unlink()
    assert not web.requests
    with home.read() as read:
        assert len(read.runs(9)) == 1, "a run that has nothing to do leaves no record"

    put_off(home, CALM, None)
    assert home.newsbot("crawl", "--due").code == 0
    assert {url.split("/")[2] for url in web.requests} == {CALM}
    row = schedule(home, CALM)[CALM]
    assert datetime.now(UTC) < datetime.fromisoformat(row["next_due"]) < datetime.now(UTC) + timedelta(days=1)


def test_sites_that_another_crawl_is_at_work_on_are_left_to_it(home: Home, web: Web) -> None:
    with crawl_lock(home.path / "locks", [CALM]):
        done = home.newsbot("crawl", "--due", "--json")
        assert done.code == 0, done.err
        assert list(json.loads(done.out)["sites"]) == [BUSY]
        again = home.newsbot("crawl", "--due", "--quiet")
        assert (again.code, again.out, again.err) == (0, "", "")
        assert home.newsbot("crawl", "--quiet").code == 75, "without --due it is as it was"
    assert list(json.loads(home.newsbot("crawl", "--due", "--json").out)["sites"]) == [CALM]


def test_a_time_that_a_wrong_clock_has_set_does_not_end_a_sites_crawls(home: Home, web: Web) -> None:
    home.newsbot("crawl", "--quiet")
    put_off(home, CALM, datetime.now(UTC) + timedelta(days=4000))
    put_off(home, BUSY, datetime.now(UTC) + timedelta(hours=5))
    assert schedule(home)[CALM]["due"] is True
    assert list(json.loads(home.newsbot("crawl", "--due", "--json").out)["sites"]) == [CALM]
    assert schedule(home)[CALM]["due"] is False


def test_a_pause_that_a_wrong_clock_has_entered_is_not_waited_for(home: Home, web: Web) -> None:
    with Store.open(f"sqlite:///{home.database}") as store:
        store.enter_host(f"http://{CALM}", paused_until=datetime.now(UTC) + timedelta(days=4000))
        store.enter_host(f"http://{BUSY}", paused_until=datetime.now(UTC) + timedelta(hours=9))
    home.newsbot("crawl", "--due", "--quiet")
    with home.read() as read:
        rows = {row.site: row for row in read.schedule()}
    assert (rows[CALM].last_outcome, rows[BUSY].last_outcome) == ("ok", "postponed")
    assert "left alone until" in (rows[BUSY].why or "")


def test_a_feed_that_turned_over_is_told_and_read_more_often(home: Home, web: Web) -> None:
    list_stories(web, BUSY, "one", "two", "three")
    assert "missed" not in home.newsbot("crawl").err, "of the first visit nobody knows"
    list_stories(web, BUSY, "three", "four", "five")
    assert "missed" not in home.newsbot("crawl").err
    list_stories(web, BUSY, "six", "seven", "eight")
    done = home.newsbot("crawl")
    assert f"{BUSY}: stories may have been missed" in done.err
    assert f"{CALM}: stories" not in done.err
    assert done.code == 0
    assert home.counts()[BUSY]["missed.possible"] == 1
    assert "missed.possible" not in home.counts()[CALM]
    assert "turned over" in schedule(home)[BUSY]["why"]
    assert "missed" not in home.newsbot("crawl").err, "it is told once"


def test_pages_behind_a_wall_are_not_taken_for_a_feed_that_turned_over(home: Home, web: Web) -> None:
    for number in (1, 2):
        web.pages[f"http://{BUSY}/news/story-{number}"] = Answer(status=503)
    for _ in range(3):
        home.newsbot("crawl", "--quiet")
        assert "missed.possible" not in home.counts()[BUSY]


def test_sources_that_list_nothing_usable_are_told(home: Home, web: Web) -> None:
    home.site(CALM, site_file(CALM, "take = ['/reports/']\n"))
    for visit in ("read", "not changed since"):
        done = home.newsbot("crawl")
        assert done.code == 0
        assert f"{CALM}: no source lists a story that its site file lets through" in done.err, visit
        assert home.counts()[CALM]["source.empty"] == 1
        with home.read() as read:
            assert {row.site: row.last_outcome for row in read.schedule()} == {CALM: "partial", BUSY: "ok"}


def test_one_empty_source_among_others_is_nothing_to_tell(home: Home, web: Web) -> None:
    web.pages[f"http://{CALM}/none.xml"] = Answer(feed([]), content_type=FEED)
    home.site(
        CALM, f'name = "C"\nhome = "http://{CALM}/"\nfeeds = ["http://{CALM}/none.xml", "http://{CALM}/feed.xml"]\n'
    )
    home.newsbot("crawl", "--quiet")
    assert "source.empty" not in home.counts()[CALM]


def test_a_site_that_fails_is_put_off_and_the_reason_is_shown(home: Home, web: Web) -> None:
    web.pages[f"http://{CALM}/feed.xml"] = Answer(status=404)
    assert home.newsbot("crawl", "--due", "--quiet").code == 1
    row = schedule(home)[CALM]
    assert (row["due"], row["last_outcome"], row["why"]) == (False, "failed", "failed")
    assert home.newsbot("crawl", "--due", "--quiet").code == 0, "told once, until it is visited again"


def test_the_schedule_in_this_machines_time(home: Home) -> None:
    assert [row["why"] for row in schedule(home).values()] == ["never visited"] * 2
    home.newsbot("crawl", "--quiet")
    winter, summer = datetime(2099, 1, 1, 12, tzinfo=UTC), datetime(2099, 7, 1, 12, tzinfo=UTC)
    put_off(home, CALM, winter)
    put_off(home, BUSY, summer)
    home.site("later.example", site_file("later.example", "enabled = false\n"))
    shown = home.newsbot("schedule", TZ="Europe/Berlin", NEWSBOT_LONGEST_INTERVAL="2592000").out
    assert "later.example" not in shown
    assert list(schedule(home, "later.example")) == ["later.example"]
    unknown = home.newsbot("schedule", "nowhere.example")
    assert (unknown.code, "nowhere.example" in unknown.err) == (2, True)


def test_times_have_the_name_of_their_zone_and_sort_by_when_they_are(home: Home) -> None:
    home.newsbot("crawl", "--quiet")
    soon = datetime.now(UTC) + timedelta(hours=3)
    put_off(home, CALM, soon)
    put_off(home, BUSY, soon + timedelta(hours=3))
    lines = home.newsbot("schedule", TZ="Asia/Kathmandu").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["site", CALM, BUSY]
    local = soon.astimezone(UTC) + timedelta(hours=5, minutes=45)
    assert lines[1].split("\t")[1] == f"{local:%Y-%m-%d %H:%M} +0545"
    assert lines[1].split("\t")[2] in {"3 h", "180 min"}
