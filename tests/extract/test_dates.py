"""Moments as pages write them: with a zone, without one, days, and what names no day at all."""

# ruff: noqa: DTZ001 - naive where the page gives no zone

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.dates import date_in_url, parse_date

MOSCOW = timezone(timedelta(hours=3))
MAY_3 = datetime(2024, 5, 3, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-05-03T10:15:00Z", MAY_3),
        ("2024-05-03T10:15Z", MAY_3),
        ("2024-05-03T13:15:00+03:00", MAY_3),
        ("2024-05-03T13:15:00.123456+03:00", MAY_3),
        ("2024-05-03 13:15:00 +0300", MAY_3),
        ("2024-05-03T13:15:00+03", MAY_3),
        ("2024-05-03T12:15:00+02:00[Europe/Berlin]", MAY_3),
        ("2024-05-03T05:45:00-04:30", MAY_3),
        (" 2024-05-03 10:15 UTC ", MAY_3),
        ("20240503T101500Z", MAY_3),
        ("1714731300", MAY_3),
        ("1714731300123", MAY_3),
        ("Fri, 03 May 2024 10:15:00 GMT", MAY_3),
        ("Fri, 03 May 2024 13:15:00 +0300", MAY_3),
        ("Fri May 03 2024 13:15:00 GMT+0300 (MSK)", MAY_3),
        ("3 May 2024 13:15 GMT+3", MAY_3),
        ("May 3, 2024 13:15 UTC +3", MAY_3),
        ("May 3, 2024 06:15 EDT", MAY_3),
        ("May 3, 2024 6:15 am EDT", MAY_3),
        ("May 3, 2024 6:15 AM ET", MAY_3),
        ("December 3, 2024 5:15 AM ET", datetime(2024, 12, 3, 10, 15, tzinfo=UTC)),
        ("3 May 2024, 11:15 BST", MAY_3),
        ("3 May 2024 13:15 MSK", MAY_3),
        ("2024-05-03T24:00:00Z", datetime(2024, 5, 4, tzinfo=UTC)),
    ],
)
def test_instants(text: str, instant: datetime) -> None:
    found = parse_date(text)
    assert isinstance(found, datetime)
    assert found.tzinfo is not None
    assert found.replace(microsecond=0) == instant


def test_an_instant_keeps_the_offset_that_was_said() -> None:
    found = parse_date("2024-05-03T13:15:00+03:00")
    assert isinstance(found, datetime)
    assert found.utcoffset() == timedelta(hours=3)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-03T10:15:00",
        "2024-05-03 10:15",
        "20240503101500",
        "Friday, May 3, 2024 - 10:15",
        "3 May 2024 10h15",
        "3.5.2024 10:15",
        "2024/05/03 10:15",
        "3 May 2024 10:15 CST",  # Chicago's or Shanghai's
        "3 May 2024 10:15 XYZ",
    ],
)
def test_times_without_a_zone_are_given_none(text: str) -> None:
    assert parse_date(text) == datetime(2024, 5, 3, 10, 15)


@pytest.fixture
def _in_chatham(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own zone calls itself XYZ."""
    monkeypatch.setenv("TZ", "XYZ-12:45")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_chatham")
def test_the_zone_of_the_machine_is_nobodys() -> None:
    assert parse_date("3 May 2024 10:15 XYZ") == datetime(2024, 5, 3, 10, 15)
    assert parse_date("3 May 2024 10:15") == datetime(2024, 5, 3, 10, 15)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-03",
        "2024-5-3",
        "20240503",
        "3 May 2024",
        "May 3, 2024",
        "Friday 3 May 2024",
        "03.05.2024",
        "3. 5. 2024",
    ],
)
def test_days_are_given_no_time(text: str) -> None:
    found = parse_date(text)
    assert found == date(2024, 5, 3)
    assert not isinstance(found, datetime)


@pytest.mark.parametrize(
    ("text", "day"),
    [("25.12.2024", date(2024, 12, 25)), ("25/12/2024", date(2024, 12, 25)), ("12/25/2024", date(2024, 12, 25))],
)
def test_days_that_can_be_read_in_one_way_only(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize("text", ["03/05/2024", "3-5-2024", "03/05/2024 10:15"])
def test_a_day_that_could_be_the_month_is_not_guessed(text: str) -> None:
    assert parse_date(text) is None
    assert parse_date("05/05/2024") == date(2024, 5, 5)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "10:15",
        "2024",
        "May 2024",
        "Friday 2024",
        "in 2024 we went on",
        "2024-02-30",
        "2024-13-01",
        "2024-05-03T25:00:00Z",
        "2024-05-03T10:15:00+99:00",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "1899-12-31",
        "2924-05-03",
        "0000000000",
        "9999999999999",
        "3 May 2024 " + "x" * 200,
    ],
)
def test_what_names_no_day_of_the_web(text: str | None) -> None:
    assert parse_date(text) is None


@given(st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 30), timezones=st.just(MOSCOW)))
def test_what_iso_8601_says_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S %z")) == moment
    assert parse_date(moment.date().isoformat()) == moment.date()


@given(
    st.text(max_size=130)
    | st.lists(
        st.sampled_from("2024 May 3 10:15 Z EST UTC+3 Fri 03.05.2024 3/5 , - . / T + 99 NaN inf am PM 1e9 th".split()),
        max_size=9,
    ).map(" ".join)
)
def test_any_text_is_a_moment_of_the_web_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or 1990 <= found.year <= 2100


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2024/05/03/ferry", date(2024, 5, 3)),
        ("https://a.example/town/2024-05-03-ferry.html", date(2024, 5, 3)),
        ("https://a.example/ferry_20240503.html", date(2024, 5, 3)),
        ("https://a.example/20240503", date(2024, 5, 3)),
        ("https://a.example/ferry?day=2024/05/03", None),
        ("https://a.example/2024/05/ferry", None),
        ("https://a.example/2024/02/30/ferry", None),
        ("https://a.example/ferry-120240503", None),
        ("https://a.example/ferry", None),
        ("", None),
    ],
)
def test_days_in_addresses(url: str, day: date | None) -> None:
    assert date_in_url(url) == day
