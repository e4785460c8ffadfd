"""`newsbot sites add`, `check` and `record` against a web on the loopback interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.lock import crawl_lock
from newsbot.sites import load_site
from tests.crawl.web import FEED, Answer, Web, feed, page, paragraphs, site_file, title
from tests.running import Ended, Home

HOST = "mill.example"
ROOT = f"http://{HOST}"


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture
def home(home: Home, web: Web) -> Home:
    return replace(home, environment={"http_proxy": web.proxy, "NEWSBOT_RETRIES": "0"})


def front(head: str = "", body: str = "") -> Answer:
    return Answer(f"<!doctype html><html lang='pt-BR'><head>{head}</head><body>{body}</body></html>".encode())


def published(web: Web, host: str = HOST, stories: int = 3) -> list[str]:
    """Put a site there whose feed gives dates."""
    urls = web.publish(host, stories)
    web.pages[f"http://{host}/feed.xml"] = Answer(feed(urls, datetime(2026, 3, 2, 8, tzinfo=UTC)), content_type=FEED)
    return urls


def news_sitemap(urls: list[str]) -> Answer:
    entries = "".join(
        f"<url><loc>{url}</loc><n:news><n:publication><n:name>The Mill Daily</n:name><n:language>en</n:language>"
        f"</n:publication><n:publication_date>2026-03-02T08:00:00Z</n:publication_date><n:title>{title(url)}</n:title>"
        "</n:news></url>"
        for url in urls
    )
    said = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    return Answer(f"<urlset {said}>{entries}</urlset>".encode(), content_type="application/xml")


def stored(home: Home) -> int:
    """How many stories there are; a trial must leave none."""
    return home.stored()


def added(home: Home, address: str = f"{ROOT}/", *more: str) -> Ended:
    return home.newsbot("sites", "add", address, "--yes", *more)


# add ------------------------------------------------------------------------------------------------------------------


def test_feeds_language_name_and_zone_are_found_and_three_stories_shown(home: Home, web: Web) -> None:
    urls = published(web, stories=5)
    web.pages[f"{ROOT}/copy.xml"] = web.pages[f"{ROOT}/feed.xml"]
    web.pages[f"{ROOT}/empty.xml"] = Answer(feed([]), content_type=FEED)
    feeds = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{name}.xml">' for name in ("feed", "copy", "empty")
    )
    zone = '<script>window.settings = {"timezone": "America/Sao_Paulo"}</script>'
    web.pages[f"{ROOT}/"] = front(f'<meta property="og:site_name" content="The Mill">{feeds}{zone}')
    ended = added(home)
    assert (ended.code, stored(home)) == (0, 0), ended.err
    site = load_site(home.path / "sites" / f"{HOST}.toml")
    assert (site.name, site.home, site.language, site.timezone) == ("The Mill", f"{ROOT}/", "en", "America/Sao_Paulo")
    assert [source.url for source in site.sources] == [f"{ROOT}/feed.xml"]
    shown = [url for url in urls if title(url) in ended.out]
    assert len(shown) == 3
    assert all(paragraphs(url)[0][:80] in ended.out for url in shown)
    assert [url for url in web.requests if "/news/" in url] == urls[:3]


def test_sitemaps_of_robots_txt_are_found_and_what_it_forbids_is_not_asked(home: Home, web: Web) -> None:
    urls = published(web, stories=3)
    index = "".join(f"<sitemap><loc>{ROOT}/{name}.xml</loc></sitemap>" for name in ("archive", "news-today"))
    web.pages[f"{ROOT}/maps.xml"] = Answer(f"<sitemapindex>{index}</sitemapindex>".encode())
    web.pages[f"{ROOT}/news-today.xml"] = news_sitemap(urls)
    rules = f"User-agent: *\nDisallow: /feed\nDisallow: {urls[0][len(ROOT) :]}\nSitemap: {ROOT}/maps.xml\n"
    web.pages[f"{ROOT}/robots.txt"] = Answer(rules.encode(), content_type="text/plain")
    web.pages[f"{ROOT}/"] = front('<link rel="alternate" type="application/rss+xml" href="/feed.xml">')
    ended = added(home)
    site = load_site(home.path / "sites" / f"{HOST}.toml")
    assert (ended.code, site.feeds, site.sitemaps) == (0, (), (f"{ROOT}/news-today.xml",))
    assert site.name == "The Mill Daily"
    assert not {f"{ROOT}/feed.xml", urls[0]} & set(web.requests)
    assert "skipped.robots" in ended.out


def test_feeds_at_well_known_places_are_found(home: Home, web: Web) -> None:
    published(web)
    web.pages[f"{ROOT}/"] = front()
    assert added(home, HOST).code == 0  # https is not spoken here: http is tried next
    assert load_site(home.path / "sites" / f"{HOST}.toml").feeds == (f"{ROOT}/feed.xml",)


def test_without_feeds_and_sitemaps_the_sections_are_found(home: Home, web: Web) -> None:
    urls = published(web, stories=6)
    del web.pages[f"{ROOT}/feed.xml"]
    menu = '<nav><a href="/local">Local</a> <a href="/about">About us</a> <a href="/empty">Empty</a></nav>'
    links = "".join(f'<article><h2><a href="{url}">{title(url)}</a></h2></article>' for url in urls)
    web.pages[f"{ROOT}/"] = front(body=menu + links)
    web.pages[f"{ROOT}/local"] = front(body=menu + links)
    web.pages[f"{ROOT}/empty"] = front(body=menu)
    assert added(home).code == 0
    assert load_site(home.path / "sites" / f"{HOST}.toml").sections == (f"{ROOT}/", f"{ROOT}/local")
    assert f"{ROOT}/about" not in web.requests


def test_a_feed_may_be_given(home: Home, web: Web) -> None:
    published(web)
    web.pages[f"{ROOT}/"] = front("<title>The Mill | News from the valley</title>")
    assert added(home, f"{ROOT}/feed.xml").code == 0
    site = load_site(home.path / "sites" / f"{HOST}.toml")
    assert (site.home, site.name, site.feeds) == (f"{ROOT}/", "The Mill", (f"{ROOT}/feed.xml",))


def test_a_file_that_is_there_is_left_and_nothing_is_asked(home: Home, web: Web) -> None:
    published(web)
    web.pages[f"{ROOT}/"] = front()
    file = home.site(HOST, "mine")
    ended = added(home)
    assert (ended.code, file.read_text(), web.requests) == (2, "mine", [])
    assert "--key" in ended.err
    assert added(home, f"{ROOT}/", "--key", "mill.second").code == 0
    assert (home.path / "sites" / "mill.second.toml").exists()


def test_without_yes_and_a_person_nothing_is_written(home: Home, web: Web) -> None:
    published(web)
    web.pages[f"{ROOT}/"] = front()
    ended = home.newsbot("sites", "add", f"{ROOT}/")
    assert ended.code == 2
    assert "Add --yes" in ended.err
    assert "feed.xml" in ended.out
    assert not (home.path / "sites").exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://mill.example/", "is no web address"),
        ("http://127.0.0.1/", "skipped.private_address"),
        (f"{ROOT}/nothing", "HTTP 404"),
        (f"{ROOT}/picture", "no page of links but a picture"),
        (f"{ROOT}/", "no source announces a story"),
    ],
)
def test_what_is_no_news_site_is_told_and_no_file_is_written(home: Home, web: Web, address: str, said: str) -> None:
    web.pages[f"{ROOT}/"] = front()
    web.pages[f"{ROOT}/picture"] = Answer(b"\x89PNG....", content_type="image/png")
    ended = added(home, address)
    assert ended.code == 2
    assert said in ended.err
    assert not (home.path / "sites").exists()


# check ----------------------------------------------------------------------------------------------------------------


def checked(home: Home, *keys: str) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and the troubles of each site."""
    ended = home.newsbot("sites", "check", "--json", *keys)
    lines = [json.loads(line) for line in ended.out.splitlines()]
    return ended.code, {line["site"]: line["troubles"] for line in lines}


def test_a_site_that_is_well_is_well_and_nothing_is_stored(home: Home, web: Web) -> None:
    published(web, stories=4)
    home.site(HOST, site_file(HOST))
    assert checked(home, HOST) == (0, {HOST: []})
    assert stored(home) == 0


def test_each_trouble_is_told(home: Home, web: Web) -> None:
    breaks = {
        "silent.example": "no source answers",
        "empty.example": "no source announces a story",
        "gone.example": "no story found on 3 pages",
        "walled.example": "no story found on 3 pages",
        "short.example": "texts are short",
        "undated.example": "date missing in 2 of 2 stories",
    }
    for host in ("well.example", *breaks):
        urls = published(web, host)
        home.site(host, site_file(host))
        for url in urls:
            if host == "gone.example":
                web.pages[url] = Answer(b"gone", 410)
            elif host == "walled.example":
                web.pages[url] = Answer(
                    b"<html><title>Just a moment...</title><body>Checking your browser</body></html>"
                )
            elif host == "short.example":
                web.pages[url] = Answer(page(url, " ".join(paragraphs(url)[0].split()[:35])))
    web.publish("undated.example")
    web.pages["http://silent.example/feed.xml"] = Answer(status=500)
    web.pages["http://empty.example/feed.xml"] = Answer(feed([]), content_type=FEED)
    code, troubles = checked(home)
    assert code == 1
    assert troubles.pop("well.example") == []
    assert {key: lines[0][: len(breaks[key])] for key, lines in troubles.items()} == breaks


def test_one_bad_page_is_no_trouble(home: Home, web: Web) -> None:
    urls = published(web, stories=4)
    web.pages[urls[0]] = Answer(b"", 500)
    home.site(HOST, site_file(HOST, 'sitemaps = ["http://mill.example/none.xml"]'))
    assert checked(home, HOST) == (0, {HOST: []})


def test_texts_that_have_collapsed_are_told_by_what_the_site_used_to_have(home: Home, web: Web) -> None:
    urls = published(web, stories=8)
    for url in urls:
        web.pages[url] = Answer(page(url, " ".join(paragraphs(url) + paragraphs(f"{url}?more"))))
    home.site(HOST, site_file(HOST))
    assert home.newsbot("crawl", HOST).code == 0
    for url in urls:
        web.pages[url] = Answer(page(url, " ".join(paragraphs(url)[0].split()[:50])))
    code, troubles = checked(home, HOST)
    assert code == 1
    assert troubles[HOST][0].startswith("texts have collapsed: ")


def test_a_site_that_is_being_crawled_is_not_asked(home: Home, web: Web) -> None:
    published(web)
    home.site(HOST, site_file(HOST))
    with crawl_lock(home.path / "locks", [HOST]):
        assert home.newsbot("sites", "check", HOST).code == 75
    assert web.requests == []


def test_a_sitemap_that_names_itself_ends(home: Home, web: Web) -> None:
    web.pages[f"{ROOT}/map.xml"] = Answer(
        f"<sitemapindex><sitemap><loc>{ROOT}/map.xml</loc></sitemap></sitemapindex>".encode()
    )
    home.site(HOST, f'name = "x"\nhome = "{ROOT}/"\nsitemaps = ["{ROOT}/map.xml"]\ndelay = 0.0\n')
    assert checked(home, HOST) == (1, {HOST: ["no source announces a story"]})
    assert len(web.requests) < 10


# record ---------------------------------------------------------------------------------------------------------------


def test_a_recorded_page_is_read_again_without_the_network(home: Home, web: Web) -> None:
    urls = published(web)
    home.site(HOST, site_file(HOST))
    assert home.newsbot("sites", "record", HOST, urls[1]).code == 0
    (file,) = (home.path / "recorded" / HOST).glob("*.json")
    assert file.with_suffix(".html").read_bytes() == web.pages[urls[1]].body
    asked = len(web.requests)
    ended = home.newsbot("sites", "check", "--recorded")
    assert (ended.code, len(web.requests)) == (0, asked)
    assert "1 recorded page read, all as expected" in ended.err
    again = home.newsbot("sites", "record", HOST, urls[1])
    assert (again.code, "is recorded already" in again.err) == (2, True)


def test_what_is_not_as_expected_is_told(home: Home, web: Web) -> None:
    urls = published(web)
    home.site(HOST, site_file(HOST))
    assert home.newsbot("sites", "record", HOST).code == 0
    (file,) = (home.path / "recorded" / HOST).glob("*.json")
    said = json.loads(file.read_text())
    said["story"]["title"] = "Another title"
    del said["story"]["authors"]
    file.write_text(json.dumps(said))
    ended = home.newsbot("sites", "check", "--recorded", HOST)
    assert ended.code == 1
    assert "title is not as expected" in ended.out
    assert "- Another title" in ended.out
    assert any(f"+ {title(url)}" in ended.out for url in urls)
    broken = json.loads(home.newsbot("sites", "check", "--recorded", "--json").out)
    assert [each["field"] for each in broken["differences"]] == ["title"]


def test_a_page_without_a_story_is_not_recorded(home: Home, web: Web) -> None:
    published(web)
    home.site(HOST, site_file(HOST))
    ended = home.newsbot("sites", "record", HOST, f"{ROOT}/news/nothing")
    assert ended.code == 2
    assert "gone" in ended.err
    assert not (home.path / "recorded").exists()


def test_what_is_no_recorded_page_is_told(home: Home, web: Web, tmp_path: Path) -> None:
    home.site(HOST, site_file(HOST))
    ended = home.newsbot("sites", "check", "--recorded", HOST)
    assert (ended.code, "nothing is recorded" in ended.err) == (2, True)
    folder = home.path / "recorded" / HOST
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{}")
    ended = home.newsbot("sites", "check", "--recorded", HOST)
    assert (ended.code, "is no recorded page" in ended.err) == (2, True)
