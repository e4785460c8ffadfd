"""What the stories of a site have in common is learned in the crawl, by every process, and corrected by people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from newsbot.fingerprint import block_key
from newsbot.store import RunRow, StoryFull
from tests.crawl.web import FEED, Answer, Web, feed, page, paragraphs, site_file
from tests.running import Ended, Home

SITE = "guild.example"
BOX = "The rooms above the print shop are open to all who want to look on while the paper is made."
HEADING = "What we know"
KEY = block_key(BOX)


def with_box(url: str) -> Answer:
    """A story's page: a standing headline in its midst, below its text what stands on all pages of the site. Nothing in
    the markup tells one from the other."""
    first, *rest = paragraphs(url)
    texts = [f"<p>{first}</p>", f"<h2>{HEADING}</h2>", *(f"<p>{text}</p>" for text in [*rest, BOX])]
    whole = "".join(f"<p>{text}</p>" for text in paragraphs(url)).encode()
    return Answer(page(url).replace(whole, "".join(texts).encode()))


def text(url: str) -> list[str]:
    """What is to be kept of it."""
    first, *rest = paragraphs(url)
    return [first, HEADING, *rest]


@dataclass(frozen=True)
class Crawl:
    """A crawl, and what is stored after it."""

    ended: Ended
    run: RunRow
    stories: dict[str, StoryFull]

    @property
    def recleaned(self) -> int:
        return self.run.sites[0].counts.get("recleaned", 0)


@dataclass(frozen=True)
class Crawls:
    """Three crawls: of two stories, of the next two, of a last one."""

    home: Home
    urls: list[str]
    crawls: list[Crawl]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    home = Home(tmp_path_factory.mktemp("teaching"), {"NEWSBOT_WORKERS": "1"})
    home.site(SITE, site_file(SITE))
    with Web() as web:
        urls = web.publish(SITE, 5)
        for url in urls:
            web.pages[url] = with_box(url)

        def crawl(published: int) -> Crawl:
            web.pages[f"http://{SITE}/feed.xml"] = Answer(feed(urls[:published]), content_type=FEED)
            ended = home.newsbot("crawl", http_proxy=web.proxy)
            return Crawl(ended, home.last_run(), home.stories())

        yield Crawls(home, urls, [crawl(2), crawl(4), crawl(5)])


def kept(crawl: Crawl, url: str) -> list[str]:
    return crawl.stories[url].text.split("\n\n")


def test_two_stories_prove_nothing(crawls: Crawls) -> None:
    first = crawls.crawls[0]
    assert first.ended.code == 0, first.ended.err
    assert {tuple(kept(first, url)) for url in crawls.urls[:2]} == {(*text(url), BOX) for url in crawls.urls[:2]}
    assert first.recleaned == 0


def test_the_third_teaches_and_those_before_are_cleaned_again(crawls: Crawls) -> None:
    second = crawls.crawls[1]
    for url in crawls.urls[:4]:
        assert kept(second, url) == text(url)
        (out,) = second.stories[url].removed
        assert (out.text, out.kind, out.position) == (BOX, "furniture", len(text(url)))
        assert (second.stories[url].version, second.stories[url].versions) == (1, ())
    assert second.recleaned >= 3, "the fourth may have been read when the third had taught already"


def test_the_next_process_knows_from_the_start(crawls: Crawls) -> None:
    third = crawls.crawls[2]
    assert kept(third, crawls.urls[4]) == text(crawls.urls[4])
    assert [out.text for out in third.stories[crawls.urls[4]].removed] == [BOX]
    assert third.recleaned == 0
    assert third.run.sites[0].counts["new"] == 1


def test_a_profile_is_shown_and_corrected(crawls: Crawls) -> None:
    def profile(*options: str) -> Ended:
        return crawls.home.newsbot("sites", "profile", SITE, *options)

    shown = profile()
    assert (shown.code, shown.err) == (0, "")
    (line,) = [line for line in shown.out.splitlines() if line.startswith(KEY)]
    assert line.split()[1:4] == ["5", "the", "site's"]
    assert BOX in line
    assert f"{SITE}: 5 different stories looked at" in shown.out
    said = json.loads(profile("--json").out)
    assert {(block["key"], block["stories"], bool(block["learned"])) for block in said["blocks"]} == {
        (KEY, 5, True),
        (block_key(HEADING), 5, False),
    }
    assert sum(place["stories"] for place in said["places"]) == 5

    back = profile("--keep", KEY[:8])
    assert back.code == 0
    assert "put back into 5 of them" in back.err
    assert {url: story.text.split("\n\n") for url, story in crawls.home.stories().items()} == {
        url: [*text(url), BOX] for url in crawls.urls
    }
    away = profile("--pin", KEY)
    assert "taken from 5 stories" in away.err
    assert BOX not in "".join(story.text for story in crawls.home.stories().values())
    assert profile("--forget", KEY).err == f"forgotten: {BOX}\n"
    assert KEY not in profile().out


def test_what_cannot_be_corrected_is_told(crawls: Crawls) -> None:
    unknown = crawls.home.newsbot("sites", "profile", "nowhere.example")
    assert (unknown.code, unknown.out) == (2, "")
    assert "'nowhere.example'" in unknown.err
    no_block = crawls.home.newsbot("sites", "profile", SITE, "--pin", "zz")
    assert no_block.code == 2
    assert f"newsbot sites profile {SITE}" in no_block.err
