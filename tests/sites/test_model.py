"""What a site file may say, and what a site does with it."""

from __future__ import annotations

import pickle
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
