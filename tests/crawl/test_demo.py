"""The two invented newspapers, crawled by newsbot as it is installed: what is kept, and what is asked for."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from newsbot.demo.web import DemoWeb, ExpectedStory, expected, site_files
from newsbot.items import Access
from newsbot.store import Filters, StoryFull
from tests.conftest import Demo
from tests.running import Home, run

ROOT = Path(__file__).parent.parent.parent
COURIER = "harbour-courier.example"


def kept(story: StoryFull) -> list[str]:
    return story.text.split("\n\n")


def text(story: ExpectedStory) -> list[str]:
    """What is to be kept of a page: its standfirst, which opens the text as it does on the page, and its body."""
    return [story.standfirst, *story.paragraphs]


def test_first_crawl_ends_well_and_has_every_story_once(demo: Demo) -> None:
    assert demo.first.ended.code == 0, demo.first.ended.err
    assert set(demo.first.stories) == set(expected(1))
    assert {site.outcome for site in demo.first.run.sites} == {"ok"}
    assert demo.first.run.outcome == "ok"


@pytest.mark.parametrize("url", expected(1))
def test_story_is_kept_as_its_page_has_it(demo: Demo, url: str) -> None:
    story, wanted = demo.first.stories[url], expected(1)[url]
    assert kept(story) == text(wanted)
    assert (story.title, story.standfirst) == (wanted.title, wanted.standfirst)
    assert (story.authors, story.section, story.tags) == (wanted.authors, wanted.section, wanted.tags)
    assert story.language == "en"
    assert story.published is not None
    assert story.version == 1


@pytest.mark.parametrize("url", expected(1))
def test_no_promotion_is_left_in_a_story(demo: Demo, url: str) -> None:
    assert [text for text in expected(1)[url].promotional if text in demo.first.stories[url].text] == []


def test_only_the_paywalled_story_is_marked(demo: Demo) -> None:
    paywalled = {url for url, story in demo.first.stories.items() if story.access is Access.PAYWALLED}
    assert paywalled == {url for url, story in expected(1).items() if story.paywalled}
    assert paywalled


def test_agency_story_is_a_copy_with_the_earlier_one_as_head(demo: Demo) -> None:
    (copy,) = [story for story in expected(1).values() if story.copy_of]
    assert copy.copy_of
    earlier, later = demo.first.stories[copy.copy_of], demo.first.stories[copy.url]
    assert earlier.cluster == later.cluster != None  # noqa: E711 - one comparison, so that both are told apart from None
    assert [story.url for story in later.copies] == [earlier.url]
    with demo.home.read() as read:
        shown_once = {row.url for row in read.stories(Filters(copies=False))}
    assert earlier.url in shown_once
    assert later.url not in shown_once


def test_amp_page_and_tracking_parameters_are_the_same_story(demo: Demo) -> None:
    """The feeds link some stories so; each is fetched once, and found under whichever address is asked for."""
    story = demo.first.stories["http://www.harbour-courier.example/harbour/ferry-terminal-closes-eleven-weeks-2041"]
    with demo.home.read() as read:
        for form in ("?utm_source=courier&utm_medium=rss", "#comments", "/"):
            found = read.story(story.url + form)
            assert found is not None, form
            assert found.id == story.id, form
    stems = Counter(re.sub(r"\?.*|/amp(?=/)", "", url) for url in demo.first.pages)
    assert set(stems) == set(expected(1))
    assert set(stems.values()) == {1}


def test_nothing_is_asked_for_twice_and_nothing_forbidden(demo: Demo) -> None:
    for crawl in (demo.first, demo.again, demo.second):
        asked = Counter((each.host, each.path) for each in crawl.requests)
        assert {address: times for address, times in asked.items() if times > 1} == {}
        assert [each for each in crawl.requests if each.path.startswith(("/private", "/search"))] == []


def test_second_crawl_asks_for_no_story_and_writes_nothing(demo: Demo) -> None:
    assert demo.again.ended.code == 0
    assert demo.again.pages == []
    assert demo.again.stories == demo.first.stories
    totals = Counter[str]()
    for site in demo.again.run.sites:
        totals.update(site.counts)
    assert {"fetched", "new", "changed", "copy", "same"} & set(totals) == set()
    assert totals["source.unchanged"] == totals["source.ok"] > 0
    assert {request.status for request in demo.again.requests} == {304}, "nor is any robots.txt asked for again"


def test_next_edition_brings_the_changed_and_the_new_story_alone(demo: Demo) -> None:
    first, second = expected(1), expected(2)
    (new,) = set(second) - set(first)
    (changed,) = [url for url in first if first[url].paragraphs != second[url].paragraphs]
    assert demo.second.ended.code == 0
    assert sorted(demo.second.pages) == sorted([new, changed])
    assert set(demo.second.stories) == set(second)

    revised = demo.second.stories[changed]
    assert revised.version == 2
    assert (revised.title, kept(revised)) == (second[changed].title, text(second[changed]))
    (old,) = revised.versions
    before = demo.first.stories[changed]
    assert (old.number, old.title, old.text) == (1, before.title, before.text)
    assert old.removed == before.removed

    untouched = set(first) - {changed}
    assert {url: demo.second.stories[url] for url in untouched} == {url: demo.first.stories[url] for url in untouched}


def test_run_is_reported_on_the_terminal(demo: Demo) -> None:
    """In a pipe: whole lines, and no control characters."""
    lines = demo.first.ended.out.splitlines()
    assert lines[0].split() == ["site", "pages", "new", "changed", "copies", "dropped", "errors", "KB", "outcome"]
    assert [line.split()[0] for line in lines[1:]] == [*sorted({s.site for s in expected(1).values()}), "all"]
    assert "\x1b" not in demo.first.ended.out + demo.first.ended.err
    assert re.search(r"2 sites in \d+\.\d s", demo.first.ended.err)


@pytest.fixture(scope="module")
def scrapy_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("scrapy"), {})
    for name, text in site_files().items():
        home.site(name.removesuffix(".toml"), text)
    return home


def test_scrapy_lists_the_sites(scrapy_home: Home) -> None:
    ended = run([sys.executable, "-m", "scrapy", "list"], scrapy_home.env(), cwd=ROOT)
    assert (ended.code, ended.out.split()) == (0, ["harbour-courier.example", "lantern-post.example"])


def test_scrapy_crawls_a_site_and_records_the_run(scrapy_home: Home) -> None:
    with DemoWeb() as web:
        environment = scrapy_home.env(http_proxy=web.proxy_url)
        ended = run([sys.executable, "-m", "scrapy", "crawl", COURIER], environment, cwd=ROOT)
    assert ended.code == 0, ended.err
    assert set(scrapy_home.stories()) == {url for url, story in expected(1).items() if story.site == COURIER}
    record = scrapy_home.last_run()
    assert (record.outcome, [site.site for site in record.sites]) == ("ok", [COURIER])
    assert record.finished is not None
