"""What is wrong with the machine, and with visits that are not made: the disk, runs, the network, sites left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.health import Alarm, Facts, Kind, Level, RunSeen, SiteFacts, SourceSeen, Visit, judge

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEED = "https://a.example/feed.xml"


def only(facts: Facts) -> Alarm:
    (alarm,) = judge(facts)
    return alarm


def ran(*hours_ago: float, outcome: str | None = "ok") -> tuple[RunSeen, ...]:
    began = [NOON - hours * HOUR for hours in hours_ago]
    return tuple(RunSeen(each, each + HOUR / 60 if outcome else None, outcome) for each in began)


def dead(key: str, received: int = 0) -> SiteFacts:
    """A site of which no source could be read for eight hours."""
    counts = {"source.failed": 1, "error.dns": 1}
    return SiteFacts(key, visits=tuple(Visit(NOON - n * 2 * HOUR, "failed", counts, received) for n in range(5)))


# -- the disk ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "level"), [(999_999_999, Level.WARNING), (250_000_000, Level.WARNING), (249_999_999, Level.CRITICAL)]
)
def test_a_disk_that_fills_is_told_and_is_worse_when_hardly_anything_is_free(free: int, level: Level) -> None:
    alarm = only(Facts(NOON, (), database=3_000_000_000, free=free))
    assert (alarm.kind, alarm.level, alarm.site, alarm.since) == (Kind.DISK, level, None, NOON)
    assert alarm.evidence.endswith("MB are free where the database is, which has 3,000 MB")


@pytest.mark.parametrize("free", [None, 1_000_000_000])
def test_a_disk_with_room_or_of_which_nobody_can_tell_is_no_alarm(free: int | None) -> None:
    assert judge(Facts(NOON, (), free=free)) == []


# -- runs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours_ago", "late"),
    [
        ((1.9, 2.4, 2.9, 3.4), False),  # every half hour: two hours have to pass
        ((2.1, 2.6, 3.1, 3.6), True),
        ((23, 29, 35, 41), False),  # every six hours: four times as long
        ((25, 31, 37, 43), True),
        ((25, 31, 37, 43, 63), False),  # one pause was twenty hours: half as long again
        ((31, 37, 43, 49, 69), True),
        ((47, 48, 49), False),  # of three runs nothing is known yet
        ((49, 50, 51), True),
        ((47,), False),
        ((49,), True),
    ],
)
def test_a_run_is_late_by_what_lay_between_the_runs_before(hours_ago: tuple[float, ...], late: bool) -> None:
    alarms = judge(Facts(NOON, (), ran(*hours_ago)))
    since = NOON - hours_ago[0] * HOUR
    expected = [(Kind.LAST_RUN, Level.CRITICAL, since)] if late else []
    assert [(each.kind, each.level, each.since) for each in alarms] == expected


def test_a_late_run_is_told_with_what_was_to_be_expected() -> None:
    said = only(Facts(NOON, (), ran(25, 31, 37, 43))).evidence
    assert said == "the last run began 2026-03-01 11:00 UTC, 25 hours ago; runs were to be expected every 6 hours"
    said = only(Facts(NOON, (), ran(72, outcome=None))).evidence
    assert said == "the last run began 2026-02-27 12:00 UTC, 3 days ago, and has not ended; it is the only one"
    said = only(Facts(NOON, (), ran(3, 3.5, 4, 4.5))).evidence
    assert said.endswith("3 hours ago; runs were to be expected every 30 minutes")


@pytest.mark.parametrize(("broken", "level"), [(2, None), (3, Level.WARNING), (4, Level.WARNING), (5, Level.CRITICAL)])
def test_runs_that_are_interrupted_again_and_again(broken: int, level: Level | None) -> None:
    at_work = (RunSeen(NOON, None, None),)
    last = ran(*range(1, broken + 1), outcome="interrupted") + ran(*range(broken + 1, 8))
    alarms = judge(Facts(NOON, (), at_work + last))
    assert [each.level for each in alarms] == ([level] if level else [])
    for alarm in alarms:
        assert (alarm.kind, alarm.since) == (Kind.INTERRUPTED, NOON - broken * HOUR)
        assert alarm.evidence == f"{broken} of the last 5 runs were interrupted"


# -- sites -------------------------------------------------------------------------------------------------------------


def test_each_file_that_cannot_be_used_is_told_with_its_site() -> None:
    facts = Facts(NOON, (), faults=(("b.example", "home: missing\nAdd it."), (None, "x.toml: no TOML")))
    told = [(each.kind, each.level, each.site, each.evidence) for each in judge(facts)]
    assert told == [
        (Kind.SITE_FILE, Level.WARNING, None, "x.toml: no TOML"),
        (Kind.SITE_FILE, Level.WARNING, "b.example", "home: missing; Add it."),
    ]


def test_where_no_site_answers_it_is_the_network_and_one_alarm() -> None:
    sites = [dead(f"{n}.example") for n in range(4)]
    alarm = only(Facts(NOON, tuple(sites)))
    assert (alarm.kind, alarm.site, alarm.level) == (Kind.NETWORK, None, Level.CRITICAL)
    assert alarm.since == NOON - 8 * HOUR
    assert alarm.evidence == "not a byte came from 4 of 4 sites on their last visits"


def test_some_sites_that_do_not_answer_are_their_own_trouble() -> None:
    two = judge(Facts(NOON, (dead("1.example"), dead("2.example"))))
    assert [(each.kind, each.site) for each in two] == [(Kind.SOURCES, "1.example"), (Kind.SOURCES, "2.example")]
    well = SiteFacts("well.example", visits=(Visit(NOON, "ok", {"source.ok": 1}, 900),))
    most = (*(dead(f"{n}.example") for n in range(3)), well)
    assert {each.kind for each in judge(Facts(NOON, most))} == {Kind.SOURCES}
    answering = tuple(dead(f"{n}.example", received=200) for n in range(4))
    assert {each.kind for each in judge(Facts(NOON, answering))} == {Kind.SOURCES}


def test_a_source_that_fails_while_others_answer() -> None:
    visits = tuple(Visit(NOON - n * HOUR, "ok", {"source.ok": 1, "source.failed": 1}, 900) for n in range(30))
    source = SourceSeen(FEED, 3, NOON - 9 * DAY, NOON - DAY)
    site = SiteFacts("a.example", visits=visits, sources=(source,))
    alarm = only(Facts(NOON, (site,)))
    assert (alarm.kind, alarm.level, alarm.since) == (Kind.SOURCES, Level.WARNING, NOON - DAY)
    assert alarm.evidence == f"{FEED} failed on 3 visits in a row, last answered 2026-03-01 12:00 UTC"
    for well in (replace(source, failures=2), replace(source, asked=NOON - DAY + HOUR)):
        assert judge(Facts(NOON, (replace(site, sources=(well,)),))) == []
    never = tuple(replace(source, url=f"{FEED}?{n}", asked=None) for n in range(5))
    alarm = only(Facts(NOON, (replace(site, sources=never),)))
    assert alarm.since == NOON - 9 * DAY
    assert "feed.xml?2 failed on 3 visits in a row, has never answered; and 2 more" in alarm.evidence
    assert "feed.xml?3" not in alarm.evidence


def test_a_host_that_asks_to_be_left_alone_has_two_days() -> None:
    def asked(hours: int) -> Facts:
        visits = (Visit(NOON - n * hours * HOUR, "postponed", {}, 200) for n in range(3))
        return Facts(NOON, (SiteFacts("a.example", visits=tuple(visits)),))

    assert judge(asked(23)) == []
    alarm = only(asked(24))
    assert (alarm.kind, alarm.since) == (Kind.SOURCES, NOON - 2 * DAY)
    assert alarm.evidence == "no source could be read on 3 visits in a row"


def test_a_feed_that_turns_over_between_visits() -> None:
    def missed(*hours_ago: int) -> Facts:
        visits = (Visit(NOON - n * HOUR, "ok", {"source.ok": 1, "missed.possible": 1}, 900) for n in hours_ago)
        return Facts(NOON, (SiteFacts("a.example", visits=tuple(visits)),))

    assert judge(missed(1)) == []
    assert judge(missed(1, 49)) == []
    alarm = only(missed(1, 3, 48))
    assert (alarm.kind, alarm.level, alarm.since) == (Kind.ROLL_OFF, Level.WARNING, NOON - 2 * DAY)
    assert "on 3 visits" in alarm.evidence


def test_a_site_that_is_left_out_while_others_are_visited() -> None:
    visited = Visit(NOON - 3 * DAY, "ok", {"source.ok": 1}, 900)
    well = [SiteFacts(f"{n}.example", visits=(replace(visited, started=NOON),), due=NOON + HOUR) for n in range(2)]
    overdue = SiteFacts("late.example", visits=(visited,), due=NOON - 2 * DAY)
    new = SiteFacts("new.example", added=NOON - 25 * HOUR)

    def told(*sites: SiteFacts, runs: tuple[RunSeen, ...] = ran(1)) -> list[tuple[str | None, datetime, str]]:
        alarms = judge(Facts(NOON, sites, runs))
        assert {each.kind for each in alarms} <= {Kind.UNVISITED}
        return [(each.site, each.since, each.evidence) for each in alarms]

    assert told(*well, overdue, new) == [
        ("late.example", NOON - 2 * DAY, "was due then, and has not been visited"),
        ("new.example", NOON - 25 * HOUR, "has never been visited"),
    ]
    assert told(*well, replace(overdue, due=NOON - DAY), replace(new, added=NOON - DAY)) == []
    assert told(well[0], overdue, new) == [], "where most wait, somebody crawls by name"
    assert told(*well, overdue, new, runs=ran(25)) == [], "nor where nothing was crawled at all"
