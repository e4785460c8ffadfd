"""A host that asks to be left alone is; one that sites share is asked as slowly as one alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response

from newsbot.middlewares.hosts import SILENCES, UNSAID_PAUSE, origin, pause_of
from newsbot.middlewares.robots import MOST_HOSTS, Robots, Rules
from newsbot.schedule import LONGEST_PAUSE
from newsbot.spiders.site import FLOOR
from newsbot.store import Store
from newsbot.tally import NotNow
from tests.crawl.web import FEED, Answer, Web, feed, site_file
from tests.running import Ended, Home

HOST = "busy.example"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def crawl(home: Home, web: Web, **environment: str) -> tuple[Ended, list[str]]:
    before = len(web.requests)
    return home.newsbot("crawl", http_proxy=web.proxy, stdin=b"", **environment), web.requests[before:]


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [
        (503, "120", 120.0),
        (429, " 7 ", 7.0),
        (503, format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (503, format_datetime(NOW - timedelta(seconds=90), usegmt=True), None),
        (503, "0", None),
        (503, "soon", None),
        (503, None, None),
        (429, "soon", UNSAID_PAUSE),
        (429, None, UNSAID_PAUSE),
        (503, "9" * 40, LONGEST_PAUSE.total_seconds()),
        (503, f"Mon, 02 Mar {'9' * 30} 12:00:00 GMT", None),
        (503, "Fri, 31 Dec 9999 23:59:59 -2359", LONGEST_PAUSE.total_seconds()),
        (503, "Mon, 02 Mar 2026 12:01:30 -0000", 90.0),
        (503, "-5", None),
    ],
)
def test_for_how_long_an_answer_sends_us_away(status: int, said: str | None, seconds: float | None) -> None:
    headers = {} if said is None else {"Retry-After": said}
    pause = pause_of(Response("http://busy.example/", status=status, headers=headers), NOW)
    assert pause == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "url",
    ["http://busy.example/a", "http://busy.example:80/", "http://me:secret@BUSY.example/", "http://@busy.example/"],
)
def test_a_host_is_one_however_a_link_spells_it(url: str) -> None:
    assert origin(Request(url)) == "http://busy.example"


def test_hosts_differ_by_scheme_and_port() -> None:
    urls = ["http://a.example/", "https://a.example/", "http://a.example:443/", "http://[::1]:8080/"]
    assert [origin(Request(url)) for url in urls] == [url[:-1] for url in urls]


def test_a_visit_asks_so_many_hosts_and_the_next_one_the_rest() -> None:
    """A site's links may lead anywhere, and each host has its rules read and kept."""
    crawler: Any = None  # is not asked
    robots = Robots(crawler, "newsbot")

    async def go() -> None:
        rules = asyncio.ensure_future(asyncio.sleep(0, Rules()))
        robots._rules = {f"http://host-{number}.example": rules for number in range(MOST_HOSTS)}
        await robots.process_request(Request("http://host-1.example/story"))
        with pytest.raises(NotNow, match=f"one more than the {MOST_HOSTS} hosts") as caught:
            await robots.process_request(Request("http://one-more.example/story"))
        assert caught.value.name == "skipped.hosts"

    asyncio.run(go())


def test_a_short_wait_is_waited_for(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        urls = web.publish(HOST, 2)
        whole = web.pages[urls[0]]

        def mend() -> None:
            web.pages[urls[0]] = whole

        web.pages[urls[0]] = Answer(b"busy", 503, headers={"Retry-After": "1"}, wait=mend)
        ended, _ = crawl(home, web, NEWSBOT_RETRIES="1")
        assert ended.code == 0, ended.err
        asked = web.times[HOST]
        sent_away = web.requests.index(urls[0])
        assert asked[sent_away + 1] - asked[sent_away] >= 0.9, "whatever was asked for next was asked for after it"
    assert set(home.stories()) == set(urls)


def test_a_long_wait_ends_the_visit_and_is_remembered(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        urls = web.publish(HOST, 4)
        web.pages[urls[1]] = Answer(b"later", 429, headers={"Retry-After": "3600"})
        ended, asked = crawl(home, web)
        assert asked.count(urls[1]) == 1, "not even asked once more"
        assert home.counts()[HOST]["skipped.retry_after"] >= 2
        assert home.stored() < 4

        ended, asked = crawl(home, web)
        assert asked == []
        assert ended.code == 0, "it is not broken"
        assert home.last_run().sites[0].outcome == "postponed"


def test_a_host_that_does_not_answer_is_left_alone_for_the_visit(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        urls = web.publish(HOST, SILENCES + 4)
        for url in urls:
            web.pages[url] = Answer(reset=True)
        _, asked = crawl(home, web, NEWSBOT_RETRIES="0")
        assert len([url for url in asked if url in urls]) == SILENCES
        counts = home.counts()[HOST]
        assert (counts["error.connection"], counts["skipped.host_silent"]) == (SILENCES, 4)
        for url in urls:
            del web.pages[url]
        web.publish(HOST, SILENCES + 4)
        ended, _ = crawl(home, web)
        assert ended.code == 0, ended.err
    assert home.stored() == SILENCES + 4


def test_a_site_file_cannot_make_newsbot_hurry(home: Home) -> None:
    home.site(HOST, site_file(HOST))  # delay = 0.0
    with Web() as web:
        web.publish(HOST, 4)
        ended, _ = crawl(home, web, NEWSBOT_DELAY="1")
        assert ended.code == 0, ended.err
        times = web.times[HOST]
    assert times[-1] - times[0] > FLOOR * (len(times) - 2)


def test_sites_that_share_a_host_ask_it_as_slowly_as_one(home: Home) -> None:
    with Web() as web:
        for number in range(4):
            name = f"part-{number}.example"
            urls = [f"http://{HOST}/{number}/story"]
            web.pages[f"http://{HOST}/{number}/feed.xml"] = Answer(feed(urls), content_type=FEED)
            web.publish(name, 1)
            web.pages[urls[0]] = web.pages[f"http://{name}/news/story-1"]
            home.site(name, site_file(name).replace(f"http://{name}/feed.xml", f"http://{HOST}/{number}/feed.xml"))
        ended, _ = crawl(home, web, NEWSBOT_DELAY="0.25")
        assert ended.code == 0, ended.err
        times = sorted(web.times[HOST])
        assert web.at_once[HOST] == 1
    assert len(times) >= 9, "robots.txt, and of each of four sites a feed and a story"
    assert times[-1] - times[0] >= 0.25 * (len(times) - 2)


def test_robots_txt_is_kept_for_the_next_visits(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    rules = f"http://{HOST}/robots.txt"
    with Web() as web:
        urls = web.publish(HOST, 2)
        web.pages[rules] = Answer(b"User-agent: *\nDisallow: /news/story-2\n", content_type="text/plain")
        _, asked = crawl(home, web)
        assert asked.count(rules) == 1
        more = feed([*urls, f"http://{HOST}/news/story-2?x=1"])
        web.pages[f"http://{HOST}/feed.xml"] = Answer(more, content_type=FEED)
        _, asked = crawl(home, web)
        assert rules not in asked
        assert home.counts()[HOST]["skipped.robots"] == 2
        assert set(home.stories()) == {urls[0]}

        with Store.open(f"sqlite:///{home.database}") as store:
            store.enter_host(f"http://{HOST}", robots_seen=datetime.now(UTC) + timedelta(days=400))
        _, asked = crawl(home, web)
        assert rules in asked, "a clock was wrong when they were entered"
