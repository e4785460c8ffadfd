"""The second crawl asks whether there is news; and nothing is lost by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsbot.store import Store
from tests.crawl.test_looks import make_due
from tests.crawl.web import FEED, HTML, Answer, Web, feed, page, site_file
from tests.running import Home

HOST = "calm.example"
FEED_URL = f"http://{HOST}/feed.xml"
OTHER = f"http://{HOST}/other.xml"


def tagged(body: bytes, etag: str, content_type: str = FEED) -> Answer:
    return Answer(body, content_type=content_type, headers={"ETag": etag})


def crawl(home: Home, web: Web, **environment: str) -> list[str]:
    """Crawl; gives what was asked for."""
    before = len(web.requests)
    ended = home.newsbot("crawl", stdin=b"", http_proxy=web.proxy, NEWSBOT_RETRIES="0", **environment)
    assert ended.code == 0, ended.err
    return web.requests[before:]


def test_an_unchanged_site_costs_one_request_a_source_and_no_story(home: Home) -> None:
    index, part = f"http://{HOST}/index.xml", f"http://{HOST}/part.xml"
    home.site(HOST, site_file(HOST, f'sitemaps = ["{index}"]\n'))
    with Web() as web:
        urls = web.publish(HOST, 2)
        web.pages[FEED_URL] = tagged(feed(urls[:1]), 'W/"a, b"')
        web.pages[index] = tagged(f"<sitemapindex><sitemap><loc>{part}</loc></sitemap></sitemapindex>".encode(), '"i"')
        web.pages[part] = tagged(f"<urlset><url><loc>{urls[1]}</loc></url></urlset>".encode(), '"p"')
        crawl(home, web)
        assert set(home.stories()) == set(urls)
        assert set(crawl(home, web)) == {FEED_URL, index, part}, "the part, which only the index names, too"
        assert set(web.unchanged) == {FEED_URL, index, part}
        counts = home.counts()[HOST]
        assert counts == {"source.ok": 3, "source.unchanged": 3}
        assert home.last_run().sites[0].outcome == "ok"

        web.pages[part] = tagged(f"<urlset><url><loc>{urls[1]}?page=two</loc></url></urlset>".encode(), '"q"')
        web.pages[f"{urls[1]}?page=two"] = Answer(page("http://elsewhere.example/2"))
        assert set(crawl(home, web)) == {FEED_URL, index, part, f"{urls[1]}?page=two"}


def test_not_modified_tells_nothing_to_who_has_not_asked(home: Home) -> None:
    """A broken cache says so of a feed and of pages that nobody has ever seen: that is a failure, and tried again."""
    home.site(HOST, site_file(HOST, f'sitemaps = ["{OTHER}"]\n'))
    with Web() as web:
        urls = web.publish(HOST, 2)
        web.pages[OTHER] = web.pages[urls[1]] = Answer(status=304)
        crawl(home, web)
        counts = home.counts()[HOST]
        assert (counts["error.http_304"], counts["source.failed"], counts["new"]) == (2, 1, 1)
        assert "same" not in counts
        web.publish(HOST, 2)
        crawl(home, web)
        assert set(home.stories()) == set(urls)


def test_a_source_without_an_etag_is_known_by_its_bytes(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        web.publish(HOST)
        crawl(home, web)
        crawl(home, web)
    assert home.counts()[HOST] == {"source.ok": 1, "source.unchanged": 1}


@pytest.mark.parametrize("fault", [Answer(b"no", 500), Answer(reset=True), Answer(b"")], ids=["500", "reset", "empty"])
def test_a_story_that_failed_is_fetched_although_its_feed_has_not_changed(home: Home, fault: Answer) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        first, second = web.publish(HOST, 2)
        web.pages[FEED_URL] = tagged(feed([first, second]), '"one"')
        whole, web.pages[second] = web.pages[second], fault
        crawl(home, web)
        assert set(home.stories()) == {first}
        web.pages[second] = whole
        assert crawl(home, web) == [FEED_URL, second]
        assert set(home.stories()) == {first, second}
        assert crawl(home, web) == [FEED_URL]
        assert web.unchanged == [FEED_URL]


def test_what_was_postponed_is_fetched_although_its_feed_has_not_changed(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        urls = web.publish(HOST, 3)
        web.pages[FEED_URL] = tagged(feed(urls), '"one"')
        for fetched in range(1, 4):
            crawl(home, web, NEWSBOT_STORIES_PER_VISIT="1")
            assert home.stored() == fetched
    assert len(web.unchanged) == 0


def test_a_page_that_always_fails_is_asked_for_ever_more_rarely(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        first, second = web.publish(HOST, 2)
        web.pages[FEED_URL] = tagged(feed([first, second]), '"one"')
        web.pages[second] = Answer(b"no", 403)
        crawl(home, web)
        assert crawl(home, web) == [FEED_URL, second]
        assert home.counts()[HOST]["error.http_403"] == 1
        with Store.open(f"sqlite:///{home.database}") as store:
            handled = store.known(["calm.example/news/story-2"])["calm.example/news/story-2"]
        assert handled.failed
        assert handled.again is not None
        assert handled.again > handled.fetched, "the third time not at once"


def test_when_the_site_file_lets_more_through_an_unchanged_feed_is_read_again(home: Home) -> None:
    home.site(HOST, site_file(HOST, "skip = ['story-2']\n"))
    with Web() as web:
        first, second = web.publish(HOST, 2)
        web.pages[FEED_URL] = tagged(feed([first, second]), '"one"')
        crawl(home, web)
        assert set(home.stories()) == {first}
        home.site(HOST, site_file(HOST))
        assert crawl(home, web) == [FEED_URL, second]


def test_a_change_is_seen_although_the_story_was_listed_without_one_before(home: Home) -> None:
    """As where a feed without dates of change is read before one that has them."""
    home.site(HOST, site_file(HOST))
    with Web() as web:
        (story,) = web.publish(HOST, 1)
        crawl(home, web)
        published, corrected = "<published>2026-01-02T03:04:05Z</published>", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        entries = (
            f"<entry><link href='{story}?utm_source=feed'/>{published}</entry>"
            f"<entry><link href='{story}'/>{published}<updated>{corrected}</updated></entry>"
        )
        atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title>{entries}</feed>"
        web.pages[FEED_URL] = Answer(atom.encode(), content_type=FEED)
        web.pages[story] = Answer(page("http://elsewhere.example/2"))
        assert crawl(home, web) == [FEED_URL, story]
    assert home.stories()[story].version == 2


def test_a_look_at_a_story_asks_whether_it_has_changed(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        urls = web.publish(HOST, 2)
        web.pages[FEED_URL] = tagged(feed(urls), '"one"')
        for url in urls:
            web.pages[url] = replace(web.pages[url], headers={"ETag": '"1"'})
        crawl(home, web)
        make_due(home)
        web.pages[urls[1]] = Answer(page("http://elsewhere.example/2"), headers={"ETag": '"2"'})
        assert set(crawl(home, web)) == {FEED_URL, *urls}
        assert web.unchanged == [FEED_URL, urls[0]]
        counts = home.counts()[HOST]
        assert (counts["fetched"], counts["same"], counts["changed"]) == (2, 1, 1)
        versions = {url: story.version for url, story in home.stories().items()}
        assert versions == {urls[0]: 1, urls[1]: 2}
        assert crawl(home, web) == [FEED_URL], "neither is due again"


def test_a_section_that_is_no_longer_a_page_of_links_fails_again_on_the_next_visit(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        web.publish(HOST)
        good = web.pages[FEED_URL]
        web.pages[FEED_URL] = Answer(b"<p>Moved.</p>", content_type=HTML, headers={"ETag": '"x"'})
        for _ in range(2):
            ended = home.newsbot("crawl", http_proxy=web.proxy)
            assert ended.code == 1
            assert home.counts()[HOST]["error.not_understood"] == 1
        web.pages[FEED_URL] = good
        crawl(home, web)
    assert home.stored() == 2
