"""`newsbot backfill`: a site's older stories by its sitemaps, slice by slice, beside its crawls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from newsbot.discovery.sitemap import Child
from newsbot.items import Lead
from newsbot.spiders.backfill import may_hold, wanted
from newsbot.store import RunKind, Store
from tests.crawl.web import Answer, Web, page, site_file
from tests.running import Home

HOST = "a.example"
MAP = f"http://{HOST}/maps"
XML = "application/xml"
MONTHS = {"2026-02": 3, "2025-11": 3, "2019-05": 2}
SINCE = datetime(2025, 1, 1, tzinfo=UTC)


def addresses(month: str) -> list[str]:
    return [f"http://{HOST}/{month.replace('-', '/')}/story-{number}" for number in range(MONTHS[month])]


def listed(kind: str, urls: list[str]) -> Answer:
    item = "sitemap" if kind == "sitemapindex" else "url"
    entries = "".join(f"<{item}><loc>{url}</loc></{item}>" for url in urls)
    return Answer(f"<{kind}>{entries}</{kind}>".encode(), content_type=XML)


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as opened:
        yield opened


@pytest.fixture
def old(web: Web, home: Home) -> list[str]:
    """A site whose feed has two new stories, and whose robots.txt names the sitemaps of some months; gives the
    addresses of the stories that are to be found."""
    web.publish(HOST)
    web.pages[f"http://{HOST}/robots.txt"] = Answer(f"Sitemap: {MAP}/index.xml\n".encode(), content_type="text/plain")
    web.pages[f"{MAP}/index.xml"] = listed("sitemapindex", [f"{MAP}/{month}.xml" for month in MONTHS])
    for month in MONTHS:
        web.pages[f"{MAP}/{month}.xml"] = listed("urlset", addresses(month))
        for url in addresses(month):
            web.pages[url] = Answer(page(url))
    home.site(HOST, site_file(HOST))
    return addresses("2026-02") + addresses("2025-11")


def test_older_stories_come_slice_by_slice(web: Web, home: Home, old: list[str]) -> None:
    codes: list[int] = []
    kept: list[int] = []
    while not codes or codes[-1] == 75:
        ended = home.newsbot(
            "backfill", HOST, "--since", "2025-01-01", "--json", http_proxy=web.proxy, NEWSBOT_STORIES_PER_VISIT="4"
        )
        codes.append(ended.code)
        assert json.loads(ended.out)["more"] is (ended.code == 75), ended.err
        kept.append(home.stored())
    assert (codes, kept) == ([75, 0], [4, 6])
    assert set(home.stories()) == set(old)
    asked = list(web.requests)
    assert f"{MAP}/2019-05.xml" not in asked
    assert sum(asked.count(url) for url in old) == len(old)
    assert home.last_run().kind is RunKind.BACKFILL


def test_crawls_go_on_as_if_there_were_no_backfill(web: Web, home: Home, old: list[str]) -> None:
    assert home.newsbot("crawl", http_proxy=web.proxy).code == 0
    url = f"sqlite:///{home.database}"
    with Store.open(url) as store:
        schedule, sources = store.read.schedule(), store.sources(HOST)
    assert home.newsbot("backfill", HOST, "--since", "2025-01-01", http_proxy=web.proxy).code == 0
    with Store.open(url) as store:
        assert (store.read.schedule(), store.sources(HOST)) == (schedule, sources)
    assert home.stored() == len(old) + 2
    home.newsbot("crawl", http_proxy=web.proxy)
    assert home.counts()[HOST].get("fetched", 0) == 0


def test_a_site_without_sitemaps_says_so(web: Web, home: Home) -> None:
    web.publish(HOST)
    home.site(HOST, site_file(HOST))
    ended = home.newsbot("backfill", HOST, "--since", "1y", http_proxy=web.proxy)
    assert ended.code == 2  # that is no point in time
    ended = home.newsbot("backfill", HOST, "--since", "2020-01-01", http_proxy=web.proxy)
    assert (ended.code, "no sitemap" in ended.err) == (1, True)


def test_a_sitemap_that_cannot_be_read_costs_the_others_nothing(web: Web, home: Home, old: list[str]) -> None:
    web.pages[f"{MAP}/2026-02.xml"] = Answer(b"", status=500)
    ended = home.newsbot(
        "backfill", HOST, "--since", "2025-01-01", http_proxy=web.proxy, NEWSBOT_RETRIES="0", NEWSBOT_DELAY="0"
    )
    assert set(home.stories()) == set(addresses("2025-11"))
    assert "1 errors" in ended.err


@pytest.mark.parametrize(
    ("url", "changed", "may"),
    [
        ("http://a.example/sitemap-2026-02.xml", None, True),
        ("http://a.example/sitemap_202501.xml", None, True),
        ("http://a.example/2025/1.xml", None, True),
        ("http://a.example/sitemap-2024-12.xml", None, False),
        ("http://a.example/sitemap_202412.xml.gz", None, False),
        ("http://a.example/sitemap-2025.xml", None, True),
        ("http://a.example/sitemap-2024.xml", None, False),
        ("http://a.example/news2004.xml", None, True),
        ("http://a.example/sitemap-1.xml", datetime(2024, 12, 31, tzinfo=UTC), False),
        ("http://a.example/sitemap-1.xml", datetime(2025, 1, 1, tzinfo=UTC), True),
    ],
)
def test_sitemaps_of_times_before_are_left_alone(url: str, changed: datetime | None, may: bool) -> None:
    assert may_hold(Child(url, changed), SINCE) is may


def test_stories_are_chosen_by_what_is_said_of_their_time() -> None:
    before, after = datetime(2024, 6, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
    leads = [
        Lead("http://a.example/1"),
        Lead("http://a.example/2", published=before, modified=after),
        Lead("http://a.example/3", published=after),
        Lead("http://a.example/4", modified=before),
        Lead("http://a.example/2024/12/5"),
        Lead("http://a.example/2025/01/6"),
        Lead("http://a.example/2004-olympics-remembered"),
    ]
    assert [lead.url[-1] for lead in wanted(leads, SINCE)] == ["1", "3", "6", "d"]
