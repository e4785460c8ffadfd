"""Captures out of archives: texts that come to be known late, in their place in time."""

from __future__ import annotations

from typing import Any

import pytest

from newsbot.items import Story, Verdict
from newsbot.store import Kept, Outcome, Store
from tests.store.build import HOUR, NOON, prose, story


def seen(hour: int, seed: int = 1, **more: Any) -> Story:
    return story(1, prose(seed), fetched_at=NOON + hour * HOUR, title="A headline", **more)


def texts(store: Store) -> list[tuple[int, str]]:
    """All texts of the story with the hours at which they were first seen, the oldest first."""
    full = store.read.story(1)
    assert full is not None
    versions = [(version.seen, version.text) for version in full.versions] + [(full.version_seen, full.text)]
    assert len(full.versions) == full.version - 1
    return [((when - NOON) // HOUR, text) for when, text in versions]


def test_texts_stand_in_the_order_of_time_however_they_come(store: Store) -> None:
    store.keep(seen(10, 1))
    store.keep(seen(20, 2))
    assert store.keep(seen(5, 3)) == Kept(Outcome.CHANGED, 1, 1)
    assert store.keep(seen(15, 4)) == Kept(Outcome.CHANGED, 1, 3)
    assert texts(store) == [(5, prose(3)), (10, prose(1)), (15, prose(4)), (20, prose(2))]
    full = store.read.story(1)
    assert full is not None
    assert full.first_seen == NOON + 5 * HOUR
    assert [check.faults for check in store.check() if check.faults] == []


def test_a_text_that_was_there_before_or_after_is_no_version_more(store: Store) -> None:
    store.keep(seen(10, 1))
    store.keep(seen(20, 2))
    assert store.keep(seen(8, 1)) == Kept(Outcome.SAME, 1, 1)  # it was there two hours earlier
    assert store.keep(seen(12, 1)) == Kept(Outcome.SAME, 1, 1)
    assert store.keep(seen(18, 2)) == Kept(Outcome.SAME, 1, 2)
    assert texts(store) == [(8, prose(1)), (18, prose(2))]


def test_what_was_there_between_two_looks_at_the_present_text_is_a_variant_of_it(store: Store) -> None:
    store.keep(seen(10, 1))
    store.keep(seen(20, 1))
    assert store.keep(seen(15, 2)) == Kept(Outcome.SAME, 1, 1)
    assert texts(store) == [(10, prose(1))]


def test_nothing_that_is_said_today_is_overwritten(store: Store) -> None:
    store.keep(seen(10, authors=("Ada Reed",), section="Town"))
    store.keep(seen(5, authors=("A. R.",), tags=("goats",), published=NOON, next_look=NOON))
    full = store.read.story(1)
    assert full is not None
    assert (full.authors, full.section, full.tags, full.published) == (("Ada Reed",), "Town", ("goats",), NOON)
    assert full.last_seen == NOON + 10 * HOUR


@pytest.mark.parametrize(("hour", "gone"), [(5, False), (15, True)])
def test_a_page_that_was_not_there_yet_is_not_gone(store: Store, hour: int, gone: bool) -> None:
    store.keep(seen(10))
    assert store.dismiss("a.example", [story(1).url], Verdict.SOFT_404, NOON + hour * HOUR) is gone
