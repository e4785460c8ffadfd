"""Which requests are made: private addresses refused, sitemaps chosen, one bad lead harmless."""

from __future__ import annotations

import pytest

from newsbot.discovery.sitemap import Child
from newsbot.middlewares.guard import is_private
from newsbot.spiders.site import newest
from tests.crawl.web import FEED, Answer, Web, feed, site_file
from tests.running import Home

HOST = "odd.example"


@pytest.mark.parametrize(
    "host",
    "localhost localhost. a.localhost printer.local db.internal. 127.0.0.1 127.1 127.0.0x1 0x7f000001 2130706433 "
    "10.0.0.8 192.168.1.1 169.254.169.254 0.0.0.0 ::1 [::1] fe80::1 fd00::1 ::ffff:127.0.0.1 ::127.0.0.1 "
    "64:ff9b::7f00:1 2002:7f00:1::".split(),
)
def test_addresses_of_this_machine_and_its_network(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["paper.example", "1.paper.example", "8.8.8.8", "2606:4700::1111", "0x.example"])
def test_addresses_of_the_public_web(host: str) -> None:
    assert not is_private(host)


def test_of_sitemaps_without_dates_the_latest_months_are_read() -> None:
    months = [Child(f"https://a.example/{year}-{month}.xml", None) for year in (2024, 2025) for month in range(1, 13)]
    assert set(newest(months)) == {f"https://a.example/2025-{month}.xml" for month in range(3, 13)}


def test_one_lead_that_is_no_address_costs_no_other_lead(home: Home) -> None:
    with Web() as web:
        urls = web.publish(HOST, 4)
        listed = [*urls[:2], "https://www.exam,ple.com/x", *urls[2:]]
        web.pages[f"http://{HOST}/feed.xml"] = Answer(feed(listed), content_type=FEED)
        home.site(HOST, site_file(HOST))
        ended = home.newsbot("crawl", http_proxy=web.proxy)
    assert ended.code == 0, ended.err
    assert set(home.stories()) == set(urls)
    assert home.counts()[HOST]["skipped.address"] == 1
