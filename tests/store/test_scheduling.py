"""When sites are due: decided when a visit ends, by what the database knows of the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsbot.schedule import Bounds
from newsbot.sources import SourceState
from newsbot.store import Scheduled, Store
from tests.store.build import HOUR, NOON, prose, story

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SITE, OTHER = "a.example", "b.example"


def visit(
    store: Store,
    at: datetime,
    outcome: str = "ok",
    *,
    site: str = SITE,
    counts: dict[str, int] | None = None,
    received: int = 900,
    bounds: Bounds | None = None,
) -> None:
    """A visit of a minute, in a run of its own."""
    run = store.start_run(1, at)
    store.start_site(run, site, at)
    store.finish_site(run, site, at + MINUTE, outcome, counts or {}, received, *([bounds] if bounds else []))
    store.finish_run(run, at + MINUTE, outcome)


def scheduled(store: Store, site: str = SITE) -> Scheduled:
    (found,) = [row for row in store.read.schedule() if row.site == site]
    return found


def wait(store: Store, after: datetime = NOON) -> timedelta:
    """How long after the end of a visit the site is due."""
    due = scheduled(store).next_due
    assert due is not None
    return due - after - MINUTE


def test_a_site_without_a_visit_is_due(store: Store) -> None:
    store.touch_site(SITE, "The A", "https://a.example", None)
    assert store.read.schedule() == [Scheduled(SITE, None, None, None, None)]


def test_what_a_site_published_says_when_it_is_due(store: Store) -> None:
    for number in range(1, 30):
        store.keep(story(number, prose(number), published=NOON - number * HOUR))
    store.keep(story(99, prose(99), published=NOON - DAY, site=OTHER))
    visit(store, NOON)
    assert 15 * MINUTE < wait(store) < HOUR
    row = scheduled(store)
    assert (row.last_visit, row.last_outcome) == (NOON, "ok")
    assert row.why == "1.1 an hour at this time; 29 stories in 29 h"


def test_the_bounds_are_kept(store: Store) -> None:
    visit(store, NOON, bounds=Bounds(HOUR / 2, HOUR))
    assert HOUR / 2 <= wait(store) <= HOUR


def test_failures_in_a_row_are_counted_from_the_records(store: Store) -> None:
    for hour in range(4):
        visit(store, NOON + hour * HOUR, "failed")
    assert scheduled(store).why == "failed 4 times in a row"
    assert wait(store, NOON + 3 * HOUR) > 6 * HOUR
    visit(store, NOON + 9 * HOUR, "partial")
    assert "failed" not in (scheduled(store).why or "")


@pytest.mark.parametrize("others", [0, 700])
def test_whether_this_machine_is_offline_is_seen_by_what_other_sites_gave(store: Store, others: int) -> None:
    for hour in range(8):
        visit(store, NOON + hour * HOUR, "failed", site=OTHER, received=others)
        visit(store, NOON + hour * HOUR + MINUTE, "failed", received=0)
    late = wait(store, NOON + 7 * HOUR + MINUTE)
    assert (late > 12 * HOUR) is bool(others)
    assert ("offline" in (scheduled(store).why or "")) is not bool(others)


def test_a_feed_that_turned_over_is_remembered(store: Store) -> None:
    visit(store, NOON - 40 * MINUTE)
    visit(store, NOON, counts={"missed.possible": 1})
    assert wait(store) <= 20 * MINUTE
    assert scheduled(store).why == "a source turned over between two visits"


def test_what_a_feed_holds_is_remembered(store: Store) -> None:
    store.touch_site(SITE, "The A", "https://a.example", None)
    state = SourceState(
        "https://a.example/feed", "feed", first_seen=NOON, asked=NOON, listed=10, reaches_back=NOON - 30 * MINUTE
    )
    store.enter_sources(SITE, [state])
    assert store.sources(SITE) == {state.url: state}
    visit(store, NOON)
    assert wait(store) <= 10 * MINUTE
    assert "https://a.example/feed lists 10 stories" in (scheduled(store).why or "")
    store.enter_sources(SITE, [replace(state, reaches_back=NOON - 30 * DAY)])
    visit(store, NOON)
    assert wait(store) > HOUR


def test_a_host_that_has_asked_for_it_is_left_alone(store: Store) -> None:
    store.touch_site(SITE, "The A", "https://a.example", None)
    store.enter_sources(SITE, [SourceState("https://cdn.example/feed", "feed", first_seen=NOON)])
    store.enter_host("https://cdn.example", paused_until=NOON + 20 * HOUR)
    visit(store, NOON, "postponed")
    assert scheduled(store).next_due == NOON + 20 * HOUR


def test_a_visit_that_was_killed_is_made_again(store: Store) -> None:
    visit(store, NOON)
    assert wait(store) > MINUTE
    run = store.start_run(1, NOON + HOUR)
    store.start_site(run, SITE, NOON + HOUR)
    assert store.abandon_runs(NOON + 2 * HOUR, [SITE]) == 1
    row = scheduled(store)
    assert (row.next_due, row.why, row.last_outcome) == (None, "its last visit was broken off", "interrupted")


def test_a_visit_that_was_interrupted_is_made_again(store: Store) -> None:
    visit(store, NOON, "interrupted")
    assert wait(store) == timedelta(0)


def test_a_visit_that_cannot_be_recorded_leaves_the_site_due_as_it_was(store: Store) -> None:
    visit(store, NOON)
    before = scheduled(store)
    with pytest.raises(ValueError, match="not started a visit"):
        store.finish_site(7, SITE, NOON + DAY, "ok", {}, 0)
    assert scheduled(store) == before


def test_stories_of_the_future_count_for_nothing(store: Store) -> None:
    for number in range(1, 30):
        store.keep(story(number, prose(number), published=NOON + number * HOUR))
    visit(store, NOON)
    assert scheduled(store).why == "no story of the last 28 days is known"
