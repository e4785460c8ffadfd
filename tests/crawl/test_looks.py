"""Stories are looked at again: what changed is a version, what is gone is marked, what fails is tried again later."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.crawl.web import FEED, Answer, Web, feed, page, paragraphs, site_file
from tests.running import Home

HOST = "calm.example"
GONE = Answer(b"gone", 410)


def make_due(home: Home) -> None:
    """Let the time come for a look at every story."""
    engine = create_engine(f"sqlite:///{home.database}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE story SET next_look = first_seen"))
    engine.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path, {})
    made.site(HOST, site_file(HOST))
    return made


def crawl(home: Home, web: Web) -> list[str]:
    """A crawl; gives the stories that were asked for."""
    before = len(web.requests)
    ended = home.newsbot("crawl", http_proxy=web.proxy)
    assert ended.code == 0, ended.err
    return sorted(url for url in web.requests[before:] if "/news/" in url)


def test_stories_are_looked_at_again_even_when_they_are_no_longer_announced(home: Home) -> None:
    with Web() as web:
        same, changed, gone, broken = urls = web.publish(HOST, 4)
        assert crawl(home, web) == urls
        assert crawl(home, web) == [], "they were published just now"
        web.pages[f"http://{HOST}/feed.xml"] = Answer(feed([same]), content_type=FEED)
        web.pages[changed] = Answer(page(changed, " ".join(paragraphs(changed)[:4]) + " Two were hurt."))
        web.pages[gone] = GONE
        web.pages[broken] = Answer(reset=True)
        make_due(home)
        assert set(crawl(home, web)) == set(urls)
        counts = home.counts()[HOST]
        assert (counts["same"], counts["changed"], counts["gone"], counts["error.connection"]) == (1, 1, 1, 1)
        assert "dropped.gone" not in counts
        assert crawl(home, web) == [], "a look is one look, whatever comes of it"
    stories = home.stories()
    assert set(stories) == set(urls), "nothing is lost"
    assert stories[changed].text.endswith("Two were hurt.")
    assert [version.text for version in stories[changed].versions] == ["\n\n".join(paragraphs(changed))]
    assert [url for url in urls if stories[url].gone] == [gone]
    assert stories[gone].text == "\n\n".join(paragraphs(gone))


def test_an_announced_story_that_is_not_there_is_not_asked_for_on_every_visit(home: Home) -> None:
    with Web() as web:
        there, missing = web.publish(HOST, 2)
        web.pages[missing] = Answer(b"no", 404)
        assert crawl(home, web) == [there, missing]
        assert home.counts()[HOST]["dropped.gone"] == 1
        assert crawl(home, web) == []


def test_two_sites_that_announce_one_address_fetch_it_once(home: Home) -> None:
    with Web() as web:
        urls = web.publish(HOST, 2)
        home.site("other.example", site_file("other.example"))
        web.pages["http://other.example/feed.xml"] = Answer(feed(urls), content_type=FEED)
        crawl(home, web)
        assert crawl(home, web) == []
    assert home.stored() == 2


def test_a_site_may_want_no_looks(home: Home) -> None:
    home.site(HOST, site_file(HOST, "look_again = []\n"))
    with Web() as web:
        crawl(home, web) if web.publish(HOST, 1) else None
    engine = create_engine(f"sqlite:///{home.database}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT next_look FROM story")).scalars().all() == [None]
    engine.dispose()


def test_what_a_site_file_skips_by_now_is_not_looked_at_again(home: Home) -> None:
    with Web() as web:
        first, second = web.publish(HOST, 2)
        assert crawl(home, web) == [first, second]
        home.site(HOST, site_file(HOST, f"skip = ['{first.partition(HOST)[2]}']\n"))
        make_due(home)
        assert crawl(home, web) == [second]
