"""Moments as pages write them: with a zone, without one, days, and what names no day at all."""

# ruff: noqa: DTZ001 - naive where the page gives no zone

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.dates import date_in_url, date_within, is_calendar_word, parse_date

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
    "text",
    [
        "3 May 2024",
        "May 3rd, 2024",
        "3. Mai 2024",
        "le 3 mai 2024",
        "3 de mayo de 2024",
        "3 maggio 2024",
        "3 de maio de 2024",
        "3 mei 2024",
        "3 maja 2024",
        "3 мая 2024 г.",
        "3 травня 2024",
        "3 Mayıs 2024",
        "3 maj 2024",
        "3. mai 2024",
        "3. toukokuuta 2024",
        "3. května 2024",
        "2024. május 3.",
        "2024年5月3日",
        "2024년 5월 3일",
        "2024. 5. 3.",
        "3 Μαΐου 2024",
        "3 مايو 2024",
        "3 Mei 2024",
        "03.05.24",
        "2024-05-03",
    ],
)
def test_days_in_many_languages(text: str) -> None:
    assert date_within(text) == date(2024, 5, 3)
    assert date_within(f"Town · {text} · 3 min") == date(2024, 5, 3)
    assert date_within(f"{text}, 10:15") == datetime(2024, 5, 3, 10, 15)


@pytest.mark.parametrize(
    "months",
    [
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
        "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
        "januar februar mars april mai juni juli august september oktober november desember",
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
        "marraskuuta joulukuuta",
        "ledna února března dubna května června července srpna září října listopadu prosince",
        "január február március április május június július augusztus szeptember október november december",
        "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
        "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    ],
)
def test_the_months_of_a_year(months: str) -> None:
    found = [date_within(f"3 {month} 2024") for month in months.split()]
    assert found == [date(2024, month, 3) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("Mo 03.06.24 | 08:15 Uhr | Ida Quill", datetime(2024, 6, 3, 8, 15)),
        ("Monday, June 3, 2024 at 3:05 p.m.", datetime(2024, 6, 3, 15, 5)),
        ("June 3, 2024 12:05 AM", datetime(2024, 6, 3, 0, 5)),
        ("22/6/2024, 19:25 (GMT+7)", datetime(2024, 6, 22, 19, 25, tzinfo=timezone(timedelta(hours=7)))),
        ("3 June 2024. The ferry with its forty goats leaves at 10:15", date(2024, 6, 3)),
        ("3/6/2024", None),
        ("31 June 2024", None),
        ("3 June 1824", None),
        ("3 Ferries 2024", None),
        ("in 2024 we went on 3 boats", None),
        ("", None),
        ("3 June 2024" + " " * 300 + "x", None),
    ],
)
def test_a_moment_among_other_words(line: str, moment: date | None) -> None:
    assert date_within(line) == moment


@given(st.text(max_size=80) | st.text("0123456789.:/- GMT+ap年月日MayMärz", max_size=40))
def test_any_line_gives_a_moment_of_the_web_or_none(line: str) -> None:
    found = date_within(line)
    assert found is None or 1990 <= found.year <= 2100


def test_words_of_the_calendar() -> None:
    assert all(map(is_calendar_word, ("March", "NOVEMBER", "Sept.", "Monday,", "Dec")))
    assert not any(map(is_calendar_word, ("Quill", "Marchetti", "", "Augustin")))


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
