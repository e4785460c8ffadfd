"""Incidents: once each, taken back, and slowly where they flap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsbot.health import Alarm, Incident, Kind, Level, follow, lasting, to_tell
from newsbot.health.incidents import HOLD, NEW_NORMAL

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = "a.example"
ALARM = Alarm(Kind.SILENT, SITE, Level.CRITICAL, NOON - HOUR, "no news")


class Book:
    """What the database does with incidents, and what a channel is told."""

    def __init__(self) -> None:
        self.kept: list[Incident] = []
        self.told: list[tuple[str, datetime]] = []

    def check(self, alarms: list[Alarm], now: datetime, sites: tuple[str, ...] = (SITE,)) -> None:
        for each in follow(self.kept, alarms, sites, now):
            if each.id is None:
                self.kept.append(replace(each, id=len(self.kept)))
            else:
                self.kept[each.id] = each
        begun, over = to_tell(self.kept, "mail")
        for each in begun:
            self.told.append(("begun", now))
            self.kept[each.id or 0] = replace(each, told=(*each.told, "mail"))
        for each in over:
            self.told.append(("over", now))
            self.kept[each.id or 0] = replace(each, told_over=(*each.told_over, "mail"))


def test_an_alarm_is_told_once_and_its_end_once() -> None:
    book = Book()
    for hour in range(50):
        book.check([ALARM], NOON + hour * HOUR)
    for hour in range(50, 60):
        book.check([], NOON + hour * HOUR)
    assert book.told == [("begun", NOON), ("over", NOON + 50 * HOUR + HOLD[0])]
    assert [(each.since, each.seen) for each in book.kept] == [(ALARM.since, NOON)]


def test_what_comes_back_at_once_was_never_over() -> None:
    book = Book()
    for hour in range(40):
        book.check([ALARM] if hour % 2 else [], NOON + hour * HOUR)
    assert [what for what, _ in book.told] == ["begun"]


def test_who_flaps_is_told_ever_more_rarely() -> None:
    """Six hours ill, six hours well, for five days: twenty messages without damping."""
    book = Book()
    for hour in range(120):
        book.check([ALARM] if hour // 6 % 2 == 0 else [], NOON + hour * HOUR)
    assert len(book.told) <= 4


def test_a_site_that_is_no_longer_watched_is_over_at_once() -> None:
    book = Book()
    book.check([ALARM], NOON)
    book.check([], NOON + HOUR, sites=())
    assert [what for what, _ in book.told] == ["begun", "over"]


def test_the_worse_of_two_is_kept() -> None:
    mild = replace(ALARM, level=Level.WARNING, evidence="hardly any news")
    (kept,) = follow([], [ALARM, mild], [SITE], NOON)
    assert (kept.level, kept.evidence) == ("critical", "no news")


def test_a_change_is_the_new_normal_after_weeks() -> None:
    wall = replace(ALARM, kind=Kind.WALL, since=NOON)
    (incident,) = follow([], [wall], [SITE], NOON)
    assert lasting([incident], NOON + HOUR) == {SITE: {"wall": NOON}}
    assert lasting([incident], NOON + NEW_NORMAL + HOUR) == {}


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 2000)), max_size=60))
def test_beginnings_and_ends_take_turns(checks: list[tuple[bool, int]]) -> None:
    """Whatever comes and goes, and however far apart it is looked: nothing is told twice, and nothing ends unsaid."""
    book, now = Book(), NOON
    for ill, minutes in checks:
        book.check([ALARM] if ill else [], now)
        now += timedelta(minutes=minutes)
    said = [what for what, _ in book.told]
    assert said == [("begun", "over")[n % 2] for n in range(len(said))]
    assert sum(each.until is None for each in book.kept) <= 1
    if any(ill for ill, _ in checks):
        assert said[0] == "begun"
