"""The silence that a rhythm does not explain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsbot.health.rhythm import PATIENCE, silence

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def told_after(hours: list[datetime]) -> timedelta:
    """How long after the last news the silence is told."""
    last = max(hours)
    for waited in range(24 * 100):
        found = silence(hours, last + waited * HOUR)
        if found and found.unusual:
            return waited * HOUR
    raise AssertionError("never")


def test_a_weekly_magazine_is_not_silent_on_tuesday() -> None:
    """It comes on Thursdays at six: nothing is wrong before two more of them have passed without it."""
    thursdays = [MONDAY + 3 * DAY + 6 * HOUR + week * 7 * DAY for week in range(26)]
    assert 14 * DAY < told_after(thursdays) < 30 * DAY


def test_a_site_that_sleeps_at_night_is_told_the_next_morning() -> None:
    daily = [MONDAY + day * DAY + hour * HOUR for day in range(28) for hour in range(6, 22)]
    assert 10 * HOUR < told_after(daily) < 20 * HOUR, "the night is nine hours"


def test_an_office_that_is_shut_at_weekends_may_have_a_holiday() -> None:
    shut = [MONDAY + day * DAY + hour * HOUR for day in range(26) if day % 7 < 5 for hour in range(8, 17)]
    assert max(shut).weekday() == 4
    assert told_after(shut) > 3 * DAY + 16 * HOUR, "the Monday after it may be one"


def test_too_short_a_history_says_nothing() -> None:
    assert silence([], MONDAY) is None
    assert silence([MONDAY + n * HOUR for n in range(100)], MONDAY + 90 * DAY) is None
    assert silence([MONDAY, MONDAY + 30 * DAY], MONDAY + 90 * DAY) is None


@given(st.lists(st.integers(0, 60 * 24), max_size=300), st.integers(0, 200 * 24))
def test_any_history_can_be_judged(hours: list[int], heard: int) -> None:
    found = silence([MONDAY + hour * HOUR for hour in hours], MONDAY + heard * HOUR)
    if found is not None:
        assert found.expected >= 0
        assert found.bound > 0
        assert MONDAY + heard * HOUR - found.last >= PATIENCE


@given(st.lists(st.integers(0, 60 * 24), min_size=30, max_size=200, unique=True))
def test_a_silence_that_is_unusual_stays_so(hours: list[int]) -> None:
    known = [MONDAY + hour * HOUR for hour in hours]
    states = [
        found is not None and found.unusual
        for days in range(60, 200, 7)
        for found in (silence(known, MONDAY + days * DAY),)
    ]
    assert states == sorted(states)
