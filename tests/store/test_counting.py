"""How many stories there are by site and day, and what was taken out of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from newsbot.errors import QueryError
from newsbot.items import Access, Apart, Block, BlockKind, Removed, RemovedKind, Role
from newsbot.store import DayCount, RemovedCount, Store
from tests.store.build import HOUR, NOON, edited, prose, story

MONDAY = date(2026, 3, 2)  # the day of NOON


@pytest.fixture
def stocked(store: Store) -> Store:
    """On a.example two stories on Monday, one at the last moment of Sunday; on b.example a copy of the first."""
    store.keep(story(1, published=NOON))
    store.keep(story(2, published=NOON - 12 * HOUR, access=Access.PAYWALLED))
    store.keep(story(3, published=NOON - 12 * HOUR - timedelta(microseconds=1), access=Access.METERED))
    store.keep(story(1, edited(prose(1)), site="b.example", published=NOON + HOUR))
    return store


def test_days_are_those_of_utc_and_hold_copies_and_walls(stocked: Store) -> None:
    assert stocked.read.daily() == [
        DayCount("a.example", MONDAY - timedelta(1), stories=1, copies=0, paywalled=1),
        DayCount("a.example", MONDAY, stories=2, copies=0, paywalled=1),
        DayCount("b.example", MONDAY, stories=1, copies=1, paywalled=0),
    ]


def test_a_span_and_sites_narrow_it(stocked: Store) -> None:
    assert [each.stories for each in stocked.read.daily(["a.example"], since=NOON - HOUR)] == [1]
    assert stocked.read.daily(["b.example"], until=NOON) == []
    with pytest.raises(QueryError, match=r"Did you mean a\.example"):
        stocked.read.daily(["a.exampel"])


def test_what_was_taken_out_is_counted_of_the_text_as_it_stands(store: Store) -> None:
    def removed(at: int, kind: RemovedKind) -> Removed:
        return Removed(at, Block(BlockKind.PARAGRAPH, f"Box {at}"), kind, "why")

    caption = Apart(0, Block(BlockKind.CAPTION, "A bridge"), Role.CAPTION)
    boxes = (removed(1, RemovedKind.DONATION), removed(2, RemovedKind.DONATION), removed(3, RemovedKind.SHARE))
    store.keep(story(1, published=NOON, removed=boxes, apart=(caption,)))
    store.keep(story(1, prose(9), published=NOON, removed=boxes[:2]))
    store.keep(story(2, published=NOON - 48 * HOUR, removed=boxes[2:]))
    donations, shares = RemovedCount("a.example", "donation", 2, 1), RemovedCount("a.example", "share", 1, 1)
    assert store.read.removed() == [donations, shares]
    assert store.read.removed(since=NOON) == [donations]
    assert store.read.removed(until=NOON) == [shares]


def test_counting_a_span_reads_nothing_else(stocked: Store, file: Path) -> None:
    ran: dict[str, Any] = {}

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        ran[statement] = parameters

    event.listen(stocked._engine, "before_cursor_execute", note)
    stocked.read.daily(since=NOON)
    stocked.read.removed(since=NOON)
    read: list[str] = []
    with closing(sqlite3.connect(file)) as connection:
        for statement, parameters in ran.items():
            if not statement.startswith("BEGIN"):
                plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                read += [detail for *_, detail in plan if detail.startswith("SCAN")]
    assert {detail.split()[1] for detail in read} == {"chosen"}
