"""What a site file may say, and what a site does with it."""

from __future__ import annotations

import pickle
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from newsbot.sites import Site, Source, SourceKind

HOME = "https://example.org/"


def site(**values: Any) -> Site:
    return Site(**{"key": "example.org", "name": "Example", "home": HOME, **values})


def test_the_least_a_site_needs_is_a_name_and_a_home() -> None:
    least = site()
    assert least.sources == (Source(SourceKind.HOME, HOME),)
    assert least.enabled
    assert not least.archive
    assert least.delay is None
    assert least.allows("https://example.org/anything")


def test_sources_keep_the_order_in_which_the_file_declares_them() -> None:
    mixed = site(sections=["https://example.org/b"], feeds=["https://example.org/2", "https://example.org/1"])
    assert mixed.sources == (
        Source(SourceKind.SECTION, "https://example.org/b"),
        Source(SourceKind.FEED, "https://example.org/2"),
        Source(SourceKind.FEED, "https://example.org/1"),
    )
    assert pickle.loads(pickle.dumps(mixed)).sources == mixed.sources


@given(st.permutations(["feeds", "sitemaps", "sections"]), st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_any_declared_order_is_kept_and_no_address_comes_twice(keys: list[str], numbers: list[int]) -> None:
    declared = {key: [f"https://example.org/{key}/{number}" for number in numbers] for key in keys}
    expected = [url for key in keys for url in dict.fromkeys(declared[key])]
    assert [source.url for source in site(**declared).sources] == expected


@pytest.mark.parametrize(
    ("take", "skip", "url", "allowed"),
    [
        ([], [], "https://example.org/a", True),
        ([r"/\d{4}/"], [], "https://example.org/2024/a", True),
        ([r"/\d{4}/"], [], "https://example.org/about", False),
        ([r"/a", r"/b"], [], "https://example.org/b", True),
        ([], ["/plus/"], "https://example.org/plus/a", False),
        ([r"/\d{4}/"], ["/live/"], "https://example.org/2024/live/a", False),
    ],
)
def test_take_and_skip_decide_by_searching_the_address(
    take: list[str], skip: list[str], url: str, allowed: bool
) -> None:
    assert site(take=take, skip=skip).allows(url) is allowed


@pytest.mark.parametrize(
    ("pattern", "url", "found"),
    [
        (r"-(\d+)$", "https://example.org/ice-closes-the-harbour-4711", "4711"),
        (r"-(\d+)$", "https://example.org/ice-closes-the-harbour-4711?utm_source=rss#top", "4711"),
        (r"-(\d+)$", "https://example.org/ice-closes-the-harbour", ""),
        (r"/a-(\d+)(?:/|$)", "https://example.org/en/a-4711/photos", "4711"),
        (r"[?&]id=([0-9a-f-]+)", "https://example.org/story.php?page=2&id=41e6-9f", "41e6-9f"),
        (r"/[(]([^)]+)[)]$", "https://example.org/(x7)", "x7"),
        (r"^https://example\.org/.*-(\d+)$", "https://example.net/a-4711", ""),
        (r"-(\d+)$", "ftp://example.org/a-4711", ""),
        (r"-(\d+)$", "https://example.org/-" + "4" * 201, ""),
        (r"-(\d+)$", "https://example.org/" + "a" * 1000 + "-4711", ""),
        (r"/x(\d*)/", "https://example.org/x/", ""),
        (r"/(?:a-(\d+)|b)$", "https://example.org/b", ""),
        (None, "https://example.org/a-4711", ""),
    ],
)
def test_the_identifier_is_what_the_group_holds_in_the_canonical_address(
    pattern: str | None, url: str, found: str
) -> None:
    declared = site(story_id=pattern)
    assert declared.id_in(url) == found
    assert pickle.loads(pickle.dumps(declared)).id_in(url) == found


@pytest.mark.parametrize("pattern", [r"/.*-(\d+)x$", r"(?:[a-z]+)?[a-z-]+/([a-z]+)x$", r"([a-z]+-)[a-z]+-[a-z]+/x$"])
def test_a_bad_pattern_and_a_long_address_do_not_hold_up_the_rest(pattern: str) -> None:
    declared = site(story_id=pattern)
    began = time.process_time()
    assert declared.id_in("https://example.org/" + "-a" * 480) == ""
    assert time.process_time() - began < 1


def test_a_day_of_verification_may_be_a_date_or_its_text() -> None:
    assert site(verified="2026-11-01").verified == site(verified=date(2026, 11, 1)).verified == date(2026, 11, 1)
    assert site(verified="never online").verified == "never online"


def test_a_site_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        site().name = "Other"


def test_a_language_is_kept_in_lower_case() -> None:
    assert site(language="pt-BR").language == "pt-br"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("key", "Example.org"),
        ("key", ".hidden"),
        ("key", "a/b"),
        ("name", " "),
        ("home", "example.org"),
        ("home", "ftp://example.org/"),
        ("home", "https://"),
        ("home", "https://[::1"),
        ("home", "https://example.org:99999/"),
        ("feeds", ["file:///etc/passwd"]),
        ("feeds", ["https://example.org/a b"]),
        ("feeds", "https://example.org/rss"),
        ("take", ["("]),
        ("skip", [3]),
        ("story_id", ["-(\\d+)$"]),
        ("story_id", "-\\d+$"),
        ("story_id", "-(\\d+"),
        ("story_id", "/(a|b)-(\\d+)$"),
        ("story_id", "-((?:\\d+)+)$"),
        ("story_id", "/(?:a|a)*-(\\d+)$"),
        ("story_id", "-(\\d){4,}$"),
        ("story_id", "/.*/.+/(\\d+)$"),
        ("story_id", "(\\d*)"),
        ("delay", -1),
        ("delay", 3601),
        ("delay", float("nan")),
        ("delay", "1"),
        ("delay", True),
        ("enabled", "yes"),
        ("archive", 1),
        ("language", "English"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../etc/passwd"),
        ("country", "Germany"),
        ("country", "de"),
        ("verified", "soon"),
        ("verified", 3),
        ("select", {"body": "div["}),
        ("select", {"body": ""}),
        ("select", {"title": "h1::text"}),
        ("select", {"remove": "aside"}),
        ("select", {"remove": ["aside", "p:made-up"]}),
        ("select", {"headline": "h1"}),
        ("colour", "red"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        site(**{key: value})
    assert all(error["loc"][0] == key for error in caught.value.errors())
