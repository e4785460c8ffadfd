"""Archive pages by their dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.sites.calendar import addresses, check

DAY = "https://a.example/{year}/{month:02}/{day:02}/"
MONTH = "https://a.example/archive?y={year}&m={month}"


def test_the_newest_comes_first_and_a_month_once() -> None:
    found = list(addresses([DAY, MONTH], date(2026, 2, 27), date(2026, 3, 1)))
    assert found == [
        ("https://a.example/2026/03/01/", date(2026, 3, 1)),
        ("https://a.example/archive?y=2026&m=3", date(2026, 3, 31)),
        ("https://a.example/2026/02/28/", date(2026, 2, 28)),
        ("https://a.example/archive?y=2026&m=2", date(2026, 2, 28)),
        ("https://a.example/2026/02/27/", date(2026, 2, 27)),
    ]


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 800))
def test_each_day_is_on_a_page_and_no_page_ends_before_it(until: date, days: int) -> None:
    since = until - timedelta(days=days)
    daily, monthly = (list(addresses([pattern], since, until)) for pattern in (DAY, MONTH))
    assert [end for _, end in daily] == [until - timedelta(days=n) for n in range(days + 1)]
    assert len({url for url, _ in monthly}) == len(monthly) == len({(end.year, end.month) for _, end in daily})
    assert all((end + timedelta(days=1)).day == 1 for _, end in monthly)


@pytest.mark.parametrize(
    "pattern",
    [
        "https://a.example/archive/",
        "https://a.example/{month}/{day}/",
        "https://a.example/{year}/{month:03}/",
        "https://a.example/{year}/{month}/{page}/",
        "https://a.example/{year}/{month}/{",
        "https://a.example/{year.__class__}/{month}/",
    ],
)
def test_what_does_not_say_where_the_date_stands_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="does not say where the date stands"):
        check(pattern)
