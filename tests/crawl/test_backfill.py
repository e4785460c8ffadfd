"""`newsbot backfill`: a site's older stories by its sitemaps, slice by slice, beside its crawls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

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


# -- archive pages -----------------------------------------------------------------------------------------------------

DAYS = [f"{datetime.now(UTC) - timedelta(days=ago):%Y/%m/%d}" for ago in (9, 8, 6, 5)]
SINCE_SECOND, SINCE_FIRST = (day.replace("/", "-") for day in (DAYS[1], DAYS[0]))


def told(day: str) -> list[str]:
    return [f"http://{HOST}/{day}/the-story-of-number-{number}" for number in range(2)]


def links(urls: list[str], following: str = "") -> Answer:
    rows = "".join(f'<li><a href="{url}">What the harbour board has said of number {url[-1]}</a></li>' for url in urls)
    more = f'<a rel="next" href="{following}">Older</a>' if following else ""
    return Answer(f"<!doctype html><html><body><ul>{rows}</ul>{more}</body></html>".encode())


@pytest.fixture
def days(web: Web, home: Home) -> list[str]:
    """A site that has nothing but a page for each day with stories, the last of which goes on on another page; gives
    the addresses of the stories."""
    home.site(HOST, site_file(HOST, f'calendar = ["http://{HOST}/{{year}}/{{month:02}}/{{day:02}}/"]\n'))
    for day in DAYS:
        web.pages[f"http://{HOST}/{day}/"] = links(told(day))
        for url in told(day):
            web.pages[url] = Answer(page(url))
    first, second = told(DAYS[-1])
    web.pages[f"http://{HOST}/{DAYS[-1]}/"] = links([first], "?page=2")
    web.pages[f"http://{HOST}/{DAYS[-1]}/?page=2"] = links([second])
    return [url for day in DAYS for url in told(day)]


def backfilled(home: Home, web: Web, since: str = SINCE_SECOND, stories: int = 500) -> tuple[int, list[str]]:
    """How a slice ended, and which archive pages that there are it asked for."""
    before = len(web.requests)
    ended = home.newsbot(
        *("backfill", HOST, "--since", since),
        http_proxy=web.proxy,
        NEWSBOT_STORIES_PER_VISIT=str(stories),
        NEWSBOT_RETRIES="0",
    )
    asked = [url.removeprefix(f"http://{HOST}/") for url in web.requests[before:] if url in web.pages]
    return ended.code, [url for url in asked if "story" not in url]


def test_archive_pages_are_walked_back_to_the_day_the_newest_first(web: Web, home: Home, days: list[str]) -> None:
    code, asked = backfilled(home, web)
    assert (code, set(home.stories())) == (0, set(days[2:]))
    assert asked == [f"{DAYS[3]}/", f"{DAYS[3]}/?page=2", f"{DAYS[2]}/", f"{DAYS[1]}/"]
    assert web.requests.count(f"http://{HOST}/{datetime.now(UTC) - timedelta(days=7):%Y/%m/%d}/") == 1
    assert home.counts()[HOST].get("source.failed", 0) == 0  # a day without stories has no page


def test_archive_pages_are_read_once(web: Web, home: Home, days: list[str]) -> None:
    code, asked = backfilled(home, web, SINCE_FIRST, 2)
    assert (code, home.stored()) == (75, 2)
    assert f"{DAYS[0]}/" not in asked
    code, asked = backfilled(home, web)
    assert (code, home.stored()) == (0, 6)
    assert asked == [f"{DAYS[2]}/", f"{DAYS[1]}/"], "of the first all was fetched"
    assert backfilled(home, web, SINCE_FIRST) == (0, [f"{DAYS[0]}/"])
    assert home.stored() == len(days)
    home.site(HOST, (home.path / "sites" / f"{HOST}.toml").read_text() + 'skip = ["number-1"]\n')
    assert len(backfilled(home, web, SINCE_FIRST)[1]) == 5, "other addresses may be stories by other rules"


def test_an_archive_page_is_read_again_for_a_story_that_failed(web: Web, home: Home, days: list[str]) -> None:
    broken = days[-1]
    whole = web.pages[broken]
    web.pages[broken] = Answer(b"", status=500)
    backfilled(home, web)
    assert home.stored() == 5
    web.pages[broken] = whole
    assert backfilled(home, web) == (0, [f"{DAYS[3]}/", f"{DAYS[3]}/?page=2"])
    assert home.stored() == 6


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
