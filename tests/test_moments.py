"""Points in time as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.errors import QueryError
from newsbot.moments import moment

NOW = datetime(2026, 11, 24, 10, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", NOW),
        ("today", datetime(2026, 11, 24, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 23, tzinfo=UTC)),
        ("90m", NOW - timedelta(minutes=90)),
        ("5 min", NOW - timedelta(minutes=5)),
        ("12h", NOW - timedelta(hours=12)),
        ("3d", NOW - timedelta(days=3)),
        ("2w", NOW - timedelta(weeks=2)),
        (" 3D ", NOW - timedelta(days=3)),
        ("0h", NOW),
        ("Yesterday", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T08:30", datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
        ("2026-11-24 08:30", datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
        ("2026-11-24T08:30+01:00", datetime(2026, 11, 24, 7, 30, tzinfo=UTC)),
        ("2026-11-24T08:30Z", datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
    ],
)
def test_moments(text: str, meant: datetime) -> None:
    assert moment(text, NOW) == meant


def test_days_begin_at_midnight_utc_wherever_the_clock_hangs() -> None:
    late = datetime(2026, 11, 25, 1, 0, tzinfo=timezone(timedelta(hours=9)))
    assert moment("today", late) == datetime(2026, 11, 24, tzinfo=UTC)
    assert moment("1h", late) == datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "3",
        "3y",
        "-3d",
        "3d ago",
        "2026-13-01",
        "2026-02-30",
        "24.11.2026",
        "2026-11-24T25:00",
        "999999w",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-12:00",
        "1234567d",
    ],
)
def test_what_is_no_moment_is_said_with_what_would_be(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        moment(text, NOW)
    assert repr(text) in str(caught.value)
    assert "2026-11-24T08:30+01:00" in str(caught.value)


@given(st.text() | st.from_regex(r"\d{1,7} ?(m|min|h|d|w)", fullmatch=True) | st.datetimes().map(datetime.isoformat))
def test_any_text_is_an_instant_in_utc_or_an_error_of_the_users(text: str) -> None:
    try:
        found = moment(text, NOW)
    except QueryError:
        return
    assert found.tzinfo is UTC


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone(timedelta(hours=-7)))))  # noqa: DTZ001
def test_what_iso_8601_says_is_meant(instant: datetime) -> None:
    assert moment(instant.isoformat(), NOW) == instant
