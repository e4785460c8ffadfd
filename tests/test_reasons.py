"""The names that a visit counts under, in plain words."""

from __future__ import annotations

import re
from pathlib import Path

from newsbot.items import Verdict
from newsbot.reasons import WORDS, explain, reasons, told

ROOT = Path(__file__).parent.parent
SOURCES = [path for room in ("newsbot", "pipelines") for path in (ROOT / room).rglob("*.py") if "web" not in path.parts]
COUNTED = (
    r"""["'`]((?:dropped|error|skipped|source)\.[a-z]\w+)["'`]|\bcount\([^,()]+, "([\w.]+)"\)|\{PREFIX\}([\w.]+)"""
)


def test_every_name_that_is_counted_has_words() -> None:
    counted = {name for path in SOURCES for name in re.findall(COUNTED, path.read_text("utf-8"))}
    names = {name for found in counted for name in found if name}
    assert {"fetched", "renewed", "source.ok", "error.crashed", "skipped.retry_after"} <= names
    assert names - set(WORDS) == set()


def test_every_verdict_has_words() -> None:
    for verdict in set(Verdict) - {Verdict.STORY}:
        assert explain(f"dropped.{verdict}") != f"dropped.{verdict}"


def test_what_newsbot_does_not_know_by_name_is_told_all_the_same() -> None:
    assert explain("error.http_503") == "HTTP 503: the server failed"
    assert explain("error.http_418") == "HTTP 418"
    assert "zerodivisionerror" in explain("error.zerodivisionerror")
    assert explain("something.else") == "something.else"


def test_reasons_come_by_their_number_and_leave_out_what_went_well() -> None:
    counts = {"new": 9, "fetched": 12, "error.timeout": 1, "dropped.consent": 2, "skipped.robots": 0}
    assert list(reasons(counts)) == ["dropped.consent", "error.timeout"]
    assert told(counts) == "dropped.consent 2 (a cookie or consent wall), error.timeout 1 (no answer in time)"
    assert told({"new": 9}) == ""
