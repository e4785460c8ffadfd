"""Under which name each error is counted, and how a visit went by its counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import HtmlResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectionLost

from newsbot.errors import NotUnderstood, StoreError, StoreForeign, StoreUnavailable
from newsbot.items import Verdict
from newsbot.tally import NoStory, Refused, Visit, judge, name_of
from newsbot.workers import PageTooHard

COUNTERS = Path(__file__).parent.parent / "docs" / "counters.md"
ERRORS: list[tuple[BaseException, str]] = [
    (DownloadTimeoutError(), "error.timeout"),
    (CannotResolveHostError(), "error.unknown_host"),
    (DownloadConnectionRefusedError(), "error.refused_connection"),
    (ResponseDataLossError(), "error.cut_off"),
    (DownloadCancelledError(), "error.too_large"),
    (DownloadFailedError(), "error.connection"),
    (ConnectionLost(), "error.connection"),
    (ConnectionResetError(), "error.connection"),
    (HttpError(HtmlResponse("https://a.example/", status=503)), "error.http_503"),
    (HttpError(HtmlResponse("https://a.example/", status=404)), "error.http_404"),
    (IgnoreRequest("max redirections reached"), "error.redirects"),
    (Refused("robots", "forbidden by robots.txt"), "skipped.robots"),
    (IgnoreRequest("its body exceeded DOWNLOAD_MAXSIZE (10 B) during decompression."), "error.too_large"),
    (Refused("private_address", "10.0.0.1 is private"), "skipped.private_address"),
    (NotUnderstood("no feed"), "error.not_understood"),
    (PageTooHard("not read within 30 s"), "error.too_hard"),
    (StoreError("the disk is full"), "error.store"),
    (StoreUnavailable("the disk is full"), "error.store"),
    (StoreForeign("not newsbot's"), "error.store"),
    (ValueError("a fault of our own"), "error.valueerror"),
    (RecursionError(), "error.recursionerror"),
]


@pytest.mark.parametrize(("error", "name"), ERRORS, ids=lambda value: value if isinstance(value, str) else "")
def test_names_of_errors(error: BaseException, name: str) -> None:
    assert name_of(error) == name


def test_the_names_are_those_of_the_documentation() -> None:
    said = COUNTERS.read_text("utf-8")
    of_pages = {name.split(".")[1] for _, name in ERRORS} - {
        "not_understood",
        "valueerror",
        "recursionerror",
        "http_404",
    }
    assert {name for name in of_pages if not re.search(rf"\.{name}`", said)} == set()
    assert {v.value for v in Verdict if v is not Verdict.STORY and not re.search(rf"\.{v}`", said)} == set()


def test_a_page_without_a_story_is_dropped_under_its_verdict() -> None:
    dropped = NoStory(Verdict.CONSENT, "https://a.example/1")
    assert dropped.verdict is Verdict.CONSENT
    assert "consent" in str(dropped)
    assert "https://a.example/1" in str(dropped)


@pytest.mark.parametrize(
    ("counted", "visit"),
    [
        # All went well.
        ({"source.ok": 1, "new": 3}, Visit.OK),
        ({"source.ok": 2, "same": 1, "changed": 1, "copy": 1}, Visit.OK),
        ({"source.ok": 1, "known": 40}, Visit.OK),
        ({"source.ok": 1}, Visit.OK),
        ({"source.ok": 1, "new": 1, "dropped.index": 9}, Visit.OK),
        ({"source.ok": 1, "new": 2, "skipped.robots": 3}, Visit.OK),
        # Some of it did; or pages came and none was a story, but too few to be sure.
        ({"source.ok": 1, "known": 40, "dropped.index": 2}, Visit.PARTIAL),
        ({"source.ok": 1, "dropped.empty": 4}, Visit.PARTIAL),
        ({"source.ok": 1, "new": 3, "error.timeout": 1}, Visit.PARTIAL),
        ({"source.ok": 1, "known": 40, "error.http_503": 1}, Visit.PARTIAL),
        ({"source.ok": 1, "source.failed": 1, "error.http_404": 1, "new": 1}, Visit.PARTIAL),
        ({"source.ok": 1, "source.failed": 1, "error.http_404": 1}, Visit.PARTIAL),
        ({"source.ok": 1, "dropped.empty": 1, "error.too_hard": 1}, Visit.PARTIAL),
        # Nothing new, and a look at a story that came to nothing: what the source lists is known.
        ({"source.ok": 1, "source.unchanged": 1, "error.timeout": 1}, Visit.PARTIAL),
        # No source could be read.
        ({}, Visit.FAILED),
        ({"source.failed": 1, "error.unknown_host": 1}, Visit.FAILED),
        ({"source.failed": 2, "error.http_503": 2, "known": 9}, Visit.FAILED),
        # Pages came, and none of them gave a story.
        ({"source.ok": 1, "dropped.consent": 5}, Visit.FAILED),
        ({"source.ok": 1, "dropped.consent": 3, "dropped.empty": 2, "known": 40}, Visit.FAILED),
        ({"source.ok": 1, "error.timeout": 3}, Visit.FAILED),
        ({"source.ok": 1, "source.failed": 1, "error.http_404": 1, "error.timeout": 1}, Visit.FAILED),
        # What was found could not be stored.
        ({"source.ok": 1, "new": 7, "error.store": 1}, Visit.FAILED),
    ],
)
def test_visits(counted: dict[str, int], visit: Visit) -> None:
    assert judge(counted) is visit


counts = st.dictionaries(
    st.sampled_from("new changed same copy known source.ok dropped.empty dropped.consent skipped.robots".split()),
    st.integers(0, 9),
)


@given(counts)
def test_a_visit_without_a_failure_is_whole_or_failed_unless_no_page_gave_a_story(counted: dict[str, int]) -> None:
    stories = any(counted.get(name) for name in ("new", "changed", "same", "copy"))
    dropped = any(counted.get(name) for name in ("dropped.empty", "dropped.consent"))
    assert judge(counted) in ((Visit.PARTIAL, Visit.FAILED) if dropped and not stories else (Visit.OK, Visit.FAILED))


@given(counts, st.sampled_from(["error.timeout", "error.http_500", "error.too_hard", "error.store"]))
def test_a_failure_is_never_passed_over(counted: dict[str, int], name: str) -> None:
    assert judge({**counted, name: 1}) is not Visit.OK
