"""robots.txt as RFC 9309 has it: what its absence, its failure and its delays mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawl.web import Answer, Web, site_file
from tests.running import Home

HOST = "calm.example"
TEXT = "text/plain"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path, {})
    made.site(HOST, site_file(HOST))
    return made


def crawled(home: Home, answer: Answer) -> tuple[int, dict[str, int], int]:
    """A crawl of two stories where the rules are answered so: the exit code, the counts, how many pages were asked for
    besides the rules."""
    with Web() as web:
        web.publish(HOST)
        web.pages[f"http://{HOST}/robots.txt"] = answer
        ended = home.newsbot("crawl", http_proxy=web.proxy, NEWSBOT_TIMEOUT="1", NEWSBOT_RETRIES="0")
        asked = [url for url in web.requests if not url.endswith("/robots.txt")]
    return ended.code, home.counts()[HOST], len(asked)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"no", 404),
        Answer(b"no", 403),
        Answer(b"", content_type=TEXT),
        Answer(b"<!doctype html><title>Welcome</title>"),
        Answer(b"\xff\xfe\x00rules?", content_type=TEXT),
        Answer(b"User-agent: otherbot\nDisallow: /\n", content_type=TEXT),
    ],
    ids=["none", "forbidden", "empty", "a page", "no text", "for another"],
)
def test_without_rules_all_is_allowed(home: Home, answer: Answer) -> None:
    code, counts, asked = crawled(home, answer)
    assert (code, counts["new"], asked) == (0, 2, 3)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (Answer(b"no", 500), "skipped.robots_unreachable"),
        (Answer(b"no", 503), "skipped.robots_unreachable"),
        (Answer(b"no", 429), "skipped.robots_unreachable"),
        (Answer(reset=True), "error.connection"),
    ],
    ids=["500", "503", "too many", "reset"],
)
def test_while_the_rules_cannot_be_had_nothing_is_asked_for(home: Home, answer: Answer, name: str) -> None:
    code, counts, asked = crawled(home, answer)
    assert (code, asked) == (1, 0), "the site failed, and cron is told"
    assert counts[name] == 1


def test_all_forbidden(home: Home) -> None:
    code, counts, asked = crawled(home, Answer(b"User-agent: *\nDisallow: /", content_type=TEXT))
    assert (code, counts["skipped.robots"], asked) == (1, 1, 0)


def test_rules_beyond_their_bound_are_not_read(home: Home) -> None:
    rules = b"User-agent: *\nDisallow: /closed\n" + b"# filler\n" * 70_000 + b"Disallow: /news\n"
    code, counts, _ = crawled(home, Answer(rules, content_type=TEXT))
    assert (code, counts["new"]) == (0, 2)
