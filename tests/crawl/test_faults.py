"""A web with a fault a site, crawled twice: once as it is, once after all faults have gone."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import pytest

from newsbot.store import RunRow, StoryFull
from tests.crawl import same
from tests.crawl.web import FEED, Answer, Web, feed, page, paragraphs, site_file, title
from tests.running import Ended, Home

CALM = "calm.example"
CHARSETS = "charsets.example"
MOVED = "moved.example"
STORYLESS = "storyless.example"
WALLED = "walled.example"
WALL = Answer(b"<html><head><title>We value your privacy</title></head><body>Yes?</body></html>")
SETTINGS = {
    "NEWSBOT_RETRIES": "0",
    "NEWSBOT_PAGE_BYTES": "50000",
    "NEWSBOT_WORKERS": "1",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong at a site's feed or at its first story, the name it is counted under, how the visit is judged."""

    where: str
    answer: Callable[[Web, str], Answer]
    counted: str
    outcome: str


def story_of(url: str) -> str:
    return url.replace("/feed.xml", "/news/story-1")


def moved(url: str, path: str) -> Answer:
    """A redirect to another page of the host."""
    return Answer(status=302, headers={"Location": urljoin(url, path)})


def with_entity(url: str) -> bytes:
    """A feed that is cut in the midst of its first story, and would have a file of this machine read."""
    cut = feed([story_of(url)]).split(b"<link>")[0].removeprefix(b'<?xml version="1.0"?>')
    return b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>" + cut + b"&x;"


FEEDS = "feed.xml"
STORY = "news/story-1"
FAULTS = {
    "feed-500.example": Fault(FEEDS, lambda web, url: Answer(b"no", 500), "error.http_500", "failed"),
    "feed-404.example": Fault(FEEDS, lambda web, url: Answer(b"no", 404), "error.http_404", "failed"),
    "feed-reset.example": Fault(FEEDS, lambda web, url: Answer(reset=True), "error.connection", "failed"),
    "feed-hangs.example": Fault(FEEDS, lambda web, url: Answer(wait=web.gate()), "error.timeout", "failed"),
    "feed-private.example": Fault(
        FEEDS,
        lambda web, url: Answer(status=302, headers={"Location": "http://127.0.0.1/feed.xml"}),
        "skipped.private_address",
        "failed",
    ),
    "feed-loop.example": Fault(
        FEEDS, lambda web, url: Answer(status=302, headers={"Location": url}), "error.redirects", "failed"
    ),
    "feed-broken.example": Fault(
        FEEDS,
        lambda web, url: Answer(feed([story_of(url)]).split(b"<link>")[0], content_type=FEED),
        "error.not_understood",
        "failed",
    ),
    "feed-empty.example": Fault(FEEDS, lambda web, url: Answer(content_type=FEED), "error.not_understood", "failed"),
    "feed-huge.example": Fault(
        FEEDS,
        lambda web, url: Answer(feed([story_of(url)]) + b" " * 60_000, content_type=FEED),
        "error.too_large",
        "failed",
    ),
    "feed-bomb.example": Fault(
        FEEDS,
        lambda web, url: Answer(gzip.compress(b" " * 60_000), headers={"Content-Encoding": "gzip"}, content_type=FEED),
        "error.too_large",
        "failed",
    ),
    "feed-busy.example": Fault(
        FEEDS, lambda web, url: Answer(b"later", 503, headers={"Retry-After": "2"}), "error.http_503", "failed"
    ),
    "feed-slow.example": Fault(
        FEEDS, lambda web, url: Answer(feed([story_of(url)]), content_type=FEED, pace=0.2), "error.timeout", "failed"
    ),
    "feed-cut.example": Fault(
        FEEDS,
        lambda web, url: Answer(feed([story_of(url)]), content_type=FEED, announced=20_000),
        "error.cut_off",
        "failed",
    ),
    "feed-wall.example": Fault(FEEDS, lambda web, url: moved(url, "/consent"), "error.not_understood", "failed"),
    "feed-entity.example": Fault(
        FEEDS, lambda web, url: Answer(with_entity(url), content_type=FEED), "error.not_understood", "failed"
    ),
    "story-500.example": Fault(STORY, lambda web, url: Answer(b"no", 500), "error.http_500", "partial"),
    "story-404.example": Fault(STORY, lambda web, url: Answer(b"no", 404), "dropped.gone", "ok"),
    "story-reset.example": Fault(STORY, lambda web, url: Answer(reset=True), "error.connection", "partial"),
    "story-hangs.example": Fault(STORY, lambda web, url: Answer(wait=web.gate()), "error.timeout", "partial"),
    "story-cut.example": Fault(STORY, lambda web, url: Answer(page(url), announced=20_000), "error.cut_off", "partial"),
    "story-private.example": Fault(
        STORY,
        lambda web, url: Answer(status=302, headers={"Location": "http://127.0.0.1/secret"}),
        "skipped.private_address",
        "ok",
    ),
    "story-loop.example": Fault(
        STORY, lambda web, url: Answer(status=302, headers={"Location": url}), "error.redirects", "partial"
    ),
    "story-busy.example": Fault(
        STORY, lambda web, url: Answer(b"later", 503, headers={"Retry-After": "2"}), "error.http_503", "partial"
    ),
    "story-slow.example": Fault(STORY, lambda web, url: Answer(page(url), pace=0.2), "error.timeout", "partial"),
    "story-bomb.example": Fault(
        STORY,
        lambda web, url: Answer(gzip.compress(b" " * 60_000), headers={"Content-Encoding": "gzip"}),
        "error.too_large",
        "partial",
    ),
    "story-wall.example": Fault(STORY, lambda web, url: moved(url, "/consent"), "dropped.consent", "ok"),
    "story-empty.example": Fault(STORY, lambda web, url: Answer(), "error.empty_body", "partial"),
    "story-huge.example": Fault(
        STORY, lambda web, url: Answer(page(url) + b"<p>filler</p>" * 10_000), "error.too_large", "partial"
    ),
}
OTHER = frozenset({"story-404.example", CHARSETS, MOVED, STORYLESS})
"""Whose servers did not fail, but said something else than later."""
FAILED = [host for host, fault in FAULTS.items() if fault.outcome == "failed"]


@dataclass(frozen=True)
class Crawled:
    """A crawl of the faulty web, and what is stored after it."""

    ended: Ended
    run: RunRow
    stories: dict[str, StoryFull]
    log: str

    def counts(self, host: str) -> dict[str, int]:
        return next(dict(site.counts) for site in self.run.sites if site.site == host)


@dataclass(frozen=True)
class Both:
    """The web's stories by host, the crawl with all faults, the crawl after them, all that they asked for, and where
    they differ from a single crawl after all faults."""

    urls: dict[str, list[str]]
    faulty: Crawled
    healed: Crawled
    asked: list[str]
    differences: list[str]


def write_odd_pages(web: Web, urls: dict[str, list[str]]) -> None:
    """What is odd about the sites that are not in FAULTS."""
    first, second = urls[CHARSETS]
    web.pages[f"http://{CHARSETS}/feed.xml"] = Answer(feed([first, second]), content_type="text/xml; charset=klingon")
    web.pages[first] = Answer(page(first, "Grüße aus Łódź. " * 20), content_type="text/html; charset=klingon")
    russian = page(second, "Вода стояла по пояс. " * 20).decode().replace('<meta charset="utf-8">', "")
    web.pages[second] = Answer(russian.encode("cp1251"), content_type="text/html; charset=windows-1251")

    first, second, _ = urls[STORYLESS]
    web.pages[first] = Answer(b"<html><head><title>About</title></head><body><p>Hello.</p></body></html>")
    web.pages[second] = Answer(b"%PDF-1.7 ...", content_type="application/pdf")

    for url in urls[WALLED]:
        web.pages[url] = WALL

    there, moved = urls[MOVED]
    web.pages[moved] = Answer(status=301, headers={"Location": there})


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    home, calm = (Home(tmp_path_factory.mktemp(name), SETTINGS) for name in ("faults", "calm"))

    def crawl(web: Web, home: Home = home, *, timeout: str = "30") -> Crawled:
        ended = home.newsbot("crawl", http_proxy=web.proxy, NEWSBOT_TIMEOUT=timeout)
        return Crawled(ended, home.last_run(), home.stories(), (home.path / "log" / "newsbot.log").read_text("utf-8"))

    with Web(etags=True) as web:
        urls = {host: web.publish(host) for host in [CALM, *FAULTS, CHARSETS, MOVED]}
        urls |= {STORYLESS: web.publish(STORYLESS, 3), WALLED: web.publish(WALLED, 6)}
        whole = dict(web.pages)
        for host, fault in FAULTS.items():
            url = f"http://{host}/{fault.where}"
            web.pages[url] = fault.answer(web, url)
            web.pages[f"http://{host}/consent"] = WALL
        write_odd_pages(web, urls)
        for host in urls:
            home.site(host, site_file(host))
            calm.site(host, site_file(host))
        faulty = crawl(web, timeout="4")
        web.pages = whole
        healed, asked = crawl(web), list(web.requests)
        crawl(web, calm)
        differences = same.differences(
            *(same.contents(f"sqlite:///{each.database}", without=OTHER) for each in (home, calm))
        )
        yield Both(urls, faulty, healed, asked, differences)


def test_crawl_with_faults_ends_with_1_and_the_healthy_site_is_complete(both: Both) -> None:
    assert both.faulty.ended.code == 1
    assert both.faulty.run.finished is not None
    assert both.faulty.run.outcome == "failed"
    stored = {url: story for url, story in both.faulty.stories.items() if story.site == CALM}
    assert set(stored) == set(both.urls[CALM])
    for url, story in stored.items():
        assert (story.title, story.text.split("\n\n")) == (title(url), paragraphs(url))


@pytest.mark.parametrize("host", FAULTS)
def test_fault_is_counted_under_its_name_and_the_visit_is_judged(both: Both, host: str) -> None:
    fault = FAULTS[host]
    assert both.faulty.counts(host).get(fault.counted) == 1
    assert {site.site: site.outcome for site in both.faulty.run.sites}[host] == fault.outcome
    told = {name for name in both.faulty.counts(host) if name.startswith(("error.", "dropped.", "skipped."))}
    assert told == {fault.counted}


@pytest.mark.parametrize("host", FAILED)
def test_failed_site_is_named_on_stderr_with_the_reason_and_the_log(both: Both, host: str) -> None:
    (line,) = [line for line in both.faulty.ended.err.splitlines() if line.startswith(f"newsbot: {host} failed")]
    assert FAULTS[host].counted in line
    assert "newsbot.log" in line


def test_sites_that_did_not_fail_are_not_blamed(both: Both) -> None:
    blamed = [line for line in both.faulty.ended.err.splitlines() if " failed" in line]
    assert len(blamed) == len([*FAILED, WALLED])


def test_the_other_story_of_a_site_is_kept(both: Both) -> None:
    for host, fault in FAULTS.items():
        if fault.where == STORY:
            assert [url for url in both.urls[host] if url in both.faulty.stories] == both.urls[host][1:], host


def test_nothing_is_asked_of_this_machine_itself(both: Both) -> None:
    """The proxy would have been asked for it."""
    assert [url for url in both.asked if "127.0.0.1" in url] == []


def test_log_is_free_of_tracebacks_for_what_the_web_did(both: Both) -> None:
    assert "Traceback" not in both.faulty.log


@pytest.mark.parametrize("host", [CALM, *FAULTS])
def test_next_crawl_heals(both: Both, host: str) -> None:
    assert both.healed.ended.code == 0, both.healed.ended.err
    assert {site.site: site.outcome for site in both.healed.run.sites}[host] == "ok"
    missing = [url for url in both.urls[host] if url not in both.healed.stories]
    not_there = host == "story-404.example"  # said so by the server, which is not asked again a moment later
    assert missing == (both.urls[host][:1] if not_there else [])


def test_after_that_the_database_is_what_one_undisturbed_crawl_makes(both: Both) -> None:
    assert not both.differences, "\n".join(both.differences)


def test_retries_save_a_page_that_fails_once(home: Home) -> None:
    with Web() as web:
        urls = web.publish(CALM)
        whole = web.pages[urls[0]]

        def mend() -> None:
            web.pages[urls[0]] = whole

        web.pages[urls[0]] = Answer(b"busy", 503, wait=mend)
        home.site(CALM, site_file(CALM))
        ended = home.newsbot("crawl", http_proxy=web.proxy, NEWSBOT_RETRIES="1")
    assert ended.code == 0, ended.err
    assert set(home.stories()) == set(urls)


def test_what_a_page_says_of_its_charset_may_be_nonsense(both: Both) -> None:
    first, second = both.urls[CHARSETS]
    assert "Grüße aus Łódź." in both.faulty.stories[first].text
    assert "Вода стояла по пояс." in both.faulty.stories[second].text


def test_page_without_a_story_is_dropped_under_its_verdict_and_not_fetched_again(both: Both) -> None:
    counts = both.faulty.counts(STORYLESS)
    dropped = {name: number for name, number in counts.items() if name.startswith("dropped.")}
    assert dropped == {"dropped.empty": 1, "dropped.not_html": 1}
    assert set(both.urls[STORYLESS]) & set(both.healed.stories) == {both.urls[STORYLESS][2]}
    assert "fetched" not in both.healed.counts(STORYLESS)


def test_site_whose_every_page_holds_no_story_has_failed_until_it_does(both: Both) -> None:
    """A consent wall stands before it: somebody must hear of that, and no story may be lost."""
    assert f"newsbot: {WALLED} failed: dropped.consent {len(both.urls[WALLED])} (" in both.faulty.ended.err
    assert set(both.urls[WALLED]).isdisjoint(both.faulty.stories)
    assert set(both.urls[WALLED]) <= set(both.healed.stories)


def test_redirected_story_is_one_story_under_both_addresses(both: Both) -> None:
    """Both addresses are announced; the second crawl asks for neither."""
    there, moved = both.urls[MOVED]
    assert there in both.faulty.stories
    assert moved not in both.faulty.stories
    assert {address.url for address in both.faulty.stories[there].addresses} >= {there, moved}
    assert "fetched" not in both.healed.counts(MOVED)


def test_robots_txt_is_obeyed_at_once_and_a_host_asked_one_page_at_a_time(home: Home) -> None:
    """Twenty leads are on their way while the rules of their host are still being asked for."""
    other = "elsewhere.example"
    with Web() as web:
        allowed = web.publish(other, 10)
        forbidden = [f"http://{other}/closed/story-{number}" for number in range(20)]
        web.pages |= {url: Answer(page(url)) for url in forbidden}
        web.pages[f"http://{other}/robots.txt"] = Answer(
            b"User-agent: *\nDisallow: /closed/", content_type="text/plain"
        )
        web.pages[f"http://{CALM}/feed.xml"] = Answer(feed([*forbidden, *allowed]), content_type=FEED)
        home.site(CALM, site_file(CALM))
        ended = home.newsbot("crawl", http_proxy=web.proxy)
        asked = set(web.requests)
        assert web.at_once[other] == 1
    assert ended.code == 0, ended.err
    assert asked & set(forbidden) == set()
    assert asked >= set(allowed)
    assert home.counts()[CALM]["skipped.robots"] == len(forbidden)


def test_stories_beyond_what_a_visit_may_take_come_with_the_next_though_the_feed_has_not_changed(home: Home) -> None:
    with Web(etags=True) as web:
        urls = web.publish(CALM, 5)
        home.site(CALM, site_file(CALM))
        ended = [home.newsbot("crawl", http_proxy=web.proxy, NEWSBOT_STORIES_PER_VISIT="2") for _ in range(3)]
    assert [each.code for each in ended] == [0, 0, 0]
    assert set(home.stories()) == set(urls)
