"""Numbers as geometry: nothing is lost between hours and bars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.web.plots import BARS, bars, called, line, parts, roughly, short, spread, week

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
HOUR = timedelta(hours=1)

_hours = st.dictionaries(
    st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(minute=0, second=0, microsecond=0)),
    st.integers(0, 1_000),
    min_size=1,
    max_size=30,
)


@given(_hours)
def test_bars_hold_all_hours_once_and_in_order(hours: dict[datetime, int]) -> None:
    drawn = bars(hours)
    assert sum(bar.number for bar in drawn) == sum(hours.values())
    assert all(bar.begin < bar.end for bar in drawn)
    assert all(before.end == after.begin for before, after in pairwise(drawn))
    assert drawn[0].begin <= min(hours)
    assert drawn[-1].end >= max(hours)
    assert all(0 <= bar.height <= 100 for bar in drawn)


@given(_hours.filter(lambda hours: max(hours) - min(hours) < timedelta(days=20_000)))
def test_there_are_not_too_many(hours: dict[datetime, int]) -> None:
    assert len(bars(hours)) <= BARS


@pytest.mark.parametrize(
    ("span", "step"),
    [
        (timedelta(hours=5), HOUR),
        (timedelta(days=20), 6 * HOUR),
        (timedelta(days=90), timedelta(days=1)),
        (timedelta(days=400), timedelta(days=7)),
    ],
)
def test_steps_are_those_that_people_count_in(span: timedelta, step: timedelta) -> None:
    drawn = bars({NOON: 1, NOON + span: 1})
    assert {bar.end - bar.begin for bar in drawn} == {step}
    if step == timedelta(days=7):
        assert {bar.begin.weekday() for bar in drawn} == {0}


def test_long_spans_are_drawn_in_months_and_years() -> None:
    months = bars({datetime(2022, 3, 5, tzinfo=UTC): 1, NOON: 2})
    assert (months[0].begin, months[0].end) == (datetime(2022, 3, 1, tzinfo=UTC), datetime(2022, 4, 1, tzinfo=UTC))
    assert called(months[0]) == "March 2022"
    years = bars({datetime(1990, 3, 5, tzinfo=UTC): 1, NOON: 2})
    assert years[0].begin == datetime(1990, 1, 1, tzinfo=UTC)


def test_a_span_that_is_given_is_drawn_whole() -> None:
    drawn = bars({NOON: 3}, NOON - 5 * HOUR, NOON + 5 * HOUR)
    assert [bar.number for bar in drawn] == [0, 0, 0, 0, 0, 3, 0, 0, 0, 0]
    assert (called(drawn[5]), short(drawn[5])) == ("24 November 2026, 12:00–13:00 UTC", "24 Nov 12:00")
    assert (drawn[5].since, drawn[5].until) == ("2026-11-24T12:00Z", "2026-11-24T13:00Z")
    assert bars({}) == []


def test_a_week_is_drawn_by_weekday_and_hour() -> None:
    cells = week({NOON: 4, NOON + timedelta(days=7): 4, NOON + HOUR: 2})
    assert (cells[1][12], cells[1][13], cells[0][12]) == (1.0, 0.25, 0.0)
    assert week({}) == [[0.0] * 24] * 7


def test_parts_lie_side_by_side() -> None:
    laid = parts([("new", 1), ("same", 0), ("error", 3)])
    assert [(part.name, part.begin, part.width) for part in laid] == [("new", 0.0, 25.0), ("error", 25.0, 75.0)]
    assert parts([("new", 0)]) == []


def test_lines_and_spreads() -> None:
    assert line([0, 4, 2]) == [(1, 100.0), (2, 50.0)]
    assert line([]) == []
    assert spread([NOON, NOON + HOUR, NOON + 4 * HOUR]) == [0.0, 25.0, 100.0]
    assert spread([NOON]) == [0.0]


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0"), (7, "7"), (99, "99"), (2_049, "2,000"), (29_353, "29,000"), (1_996_000, "2,000,000")]
)
def test_an_estimate_has_two_digits(number: int, said: str) -> None:
    assert roughly(number) == said
