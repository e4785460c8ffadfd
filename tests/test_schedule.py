"""When a site is due next: the rules, one by one, and thirty days of newspapers in a second each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median_high

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import schedule as newspapers
from newsbot.schedule import GRACE, LONGEST_PAUSE, Bounds, Due, Known, Rhythm, Visited, due, is_due
from newsbot.sources import SourceState

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)  # a Wednesday
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
BOUNDS = Bounds()
FEED = "https://a.example/feed"


def visits(*outcomes: str, end: datetime = NOON, apart: timedelta = HOUR, missed: bool = False) -> list[Visited]:
    """Visits of ten seconds, the last of which ended just then, newest first; `missed` is said of that one."""
    ends = [end - number * apart for number in range(len(outcomes))]
    return [
        Visited(each - 10 * SECOND, each, how, missed and each == end) for each, how in zip(ends, outcomes, strict=True)
    ]


def office_hours(end: datetime, days: int = 28) -> list[datetime]:
    """Two stories an hour, at 8 to 19 o'clock UTC on each day."""
    first = (end - days * DAY).replace(hour=0, minute=0)
    found = (first + number * 30 * MINUTE + 7 * MINUTE for number in range((days + 1) * 48))
    return [each for each in found if each <= end and 8 <= each.hour < 20]


def wait(known: Known, now: datetime = NOON, bounds: Bounds = BOUNDS) -> timedelta:
    return due(known, now, bounds).when - now


def test_a_site_that_was_never_visited_is_due() -> None:
    assert due(Known("a.example"), NOON, BOUNDS) == Due(NOON, "never visited")


@pytest.mark.parametrize("outcome", [None, "interrupted"])
def test_a_visit_that_was_broken_off_is_made_again(outcome: str | None) -> None:
    said = due(Known("a.example", office_hours(NOON), visits=[Visited(NOON, None, outcome)]), NOON, BOUNDS)
    assert said == Due(NOON, "its last visit was broken off")


def test_who_publishes_more_is_visited_more_often_but_not_as_much_more() -> None:
    waits = []
    for apart in (6 * HOUR, 2 * HOUR, HOUR, 15 * MINUTE, 4 * MINUTE):
        published = [NOON - number * apart for number in range(1, int(28 * DAY / apart))]
        waits.append(wait(Known("a.example", published, visits=visits("ok"))))
    assert waits == sorted(waits, reverse=True)
    assert BOUNDS.shortest <= waits[-1] < waits[0] / 4, (
        "a ninetieth of the time between two stories, a ninth of the wait"
    )


def test_night_is_where_the_sites_own_stories_are_few() -> None:
    def at(hour: int) -> timedelta:
        now = NOON.replace(hour=hour)
        return wait(Known("a.example", office_hours(now), visits=visits("ok", end=now)), now)

    assert at(10) < 45 * MINUTE
    assert at(22) > 2.5 * at(10)
    assert NOON.replace(hour=5) + at(5) < NOON.replace(hour=9), "its morning is not slept through"


def test_after_news_the_next_visit_comes_sooner() -> None:
    before = [NOON - number * 8 * HOUR for number in range(1, 80)]
    calm = wait(Known("a.example", before, visits=visits("ok")))
    busy = wait(Known("a.example", [*before, NOON - 9 * MINUTE, NOON - 2 * MINUTE], visits=visits("ok")))
    assert busy < 0.75 * calm


def test_a_silence_that_is_longer_than_usual_slows_the_visits_until_the_next_story() -> None:
    fortnight = [each for each in office_hours(NOON) if each < NOON - 14 * DAY]
    usual = wait(Known("a.example", office_hours(NOON), visits=visits("ok")))
    silent = wait(Known("a.example", fortnight, visits=visits("ok")))
    revived = wait(Known("a.example", [*fortnight, *(NOON - n * MINUTE for n in range(6))], visits=visits("ok")))
    assert silent > 3 * usual
    assert revived < silent / 2


def test_a_site_that_is_silent_is_visited_once_a_day() -> None:
    said = due(Known("a.example", since=NOON - 60 * DAY, visits=visits("ok")), NOON, BOUNDS)
    assert 0.9 * DAY <= said.when - NOON <= DAY
    assert said.why == "no story in 28 d"


def test_failures_double_the_interval_to_a_day_and_one_success_brings_the_rhythm_back() -> None:
    def after(*outcomes: str) -> Due:
        return due(Known("a.example", office_hours(NOON), visits=visits(*outcomes)), NOON, BOUNDS)

    usual = after("ok").when - NOON
    waits = [after(*["failed"] * number, "ok").when - NOON for number in range(1, 12)]
    for shorter, longer in zip([usual, *waits], waits, strict=False):
        assert longer >= min(1.8 * shorter, 0.9 * DAY)
    assert 0.9 * DAY <= waits[-1] <= DAY
    assert after(*["failed"] * 40).when - NOON == waits[-1], "and it is never given up"
    assert after("failed", "failed", "ok").why == "failed 2 times in a row"
    assert after("ok", *["failed"] * 40).when - NOON == usual


def test_without_a_network_no_site_is_made_to_wait_long() -> None:
    said = due(Known("a.example", visits=visits(*["failed"] * 30), offline=True), NOON, BOUNDS)
    assert said.when - NOON <= HOUR
    assert "offline" in said.why


def test_a_host_that_asks_to_be_left_alone_is_left_alone_until_then() -> None:
    until = NOON + 7 * HOUR
    known = Known("a.example", office_hours(NOON), visits=visits("postponed"), paused_until=until)
    assert due(known, NOON, BOUNDS) == Due(until, "asked to be left alone until 2026-06-03 19:00 UTC")
    over = Known("a.example", office_hours(NOON), visits=visits("postponed"), paused_until=NOON - HOUR)
    assert due(over, NOON, BOUNDS).when < NOON + HOUR


def feed(listed: int, back: timedelta, asked: datetime = NOON - 10 * SECOND, url: str = FEED) -> SourceState:
    return SourceState(url, "feed", asked=asked, listed=listed, reaches_back=NOON - back)


def test_a_feed_that_reaches_back_an_hour_is_read_before_it_can_turn_over() -> None:
    roomy = Known("a.example", office_hours(NOON), visits=visits("ok"), sources=[feed(25, 12 * HOUR)])
    tight = Known("a.example", office_hours(NOON), visits=visits("ok"), sources=[feed(25, 12 * HOUR), feed(2, HOUR)])
    assert wait(tight) <= 20 * MINUTE < wait(roomy)
    assert due(tight, NOON, BOUNDS).why == f"{FEED} lists 2 stories, those of 60 min"


def test_a_feed_that_was_not_asked_lately_is_none_of_the_sites_any_more() -> None:
    old = feed(2, HOUR, asked=NOON - 30 * DAY)
    known = Known("a.example", office_hours(NOON), visits=visits("ok"), sources=[old, feed(25, 12 * HOUR, url="b")])
    assert wait(known) > 20 * MINUTE


def test_a_feed_that_turned_over_halves_the_interval_at_least_for_a_day() -> None:
    published = [NOON - number * 9 * HOUR for number in range(1, 70)]
    usual = wait(Known("a.example", published, visits=visits("ok", "ok", apart=2 * HOUR)))
    missed = due(Known("a.example", published, visits=visits("ok", "ok", apart=2 * HOUR, missed=True)), NOON, BOUNDS)
    assert missed.when - NOON <= HOUR < usual
    assert missed.why == "a source turned over between two visits"
    later = [Visited(NOON - SECOND, NOON, "ok"), *visits("ok", "ok", apart=2 * HOUR, missed=True, end=NOON - HOUR)]
    assert wait(Known("a.example", published, visits=later)) <= HOUR


def test_sites_that_were_added_together_do_not_stay_together() -> None:
    def times() -> list[datetime]:
        return [
            due(Known(f"{n}.example", since=NOON - 60 * DAY, visits=visits("ok")), NOON, BOUNDS).when
            for n in range(200)
        ]

    whens = times()
    assert times() == whens
    assert len({when.replace(second=0, microsecond=0) for when in whens}) > 60
    assert max(whens) - min(whens) > 2 * HOUR


def test_stories_of_which_only_the_day_is_known_make_no_midnight_rush() -> None:
    days = [(NOON - number * DAY).replace(hour=0) for number in range(28) for _ in range(12)]
    rhythm = Rhythm(days, NOON - 28 * DAY, NOON)
    assert rhythm.at((NOON + 12 * HOUR).timestamp()) < 1.5 * rhythm.at((NOON + 6 * HOUR).timestamp())


def test_who_comes_every_five_minutes_does_not_come_a_second_too_early() -> None:
    published = [NOON - number * MINUTE for number in range(2000)]
    begun = NOON + 3 * SECOND
    said = due(
        Known("a.example", published, visits=[Visited(begun, begun + 20 * SECOND, "ok")]), begun + 20 * SECOND, BOUNDS
    )
    assert is_due(said.when, NOON + 5 * MINUTE, BOUNDS)
    assert not is_due(said.when, NOON + 2 * MINUTE, BOUNDS)


# -- clocks ------------------------------------------------------------------------------------------------------------


def test_a_time_that_no_clock_can_have_meant_is_now() -> None:
    assert is_due(None, NOON, BOUNDS)
    assert is_due(NOON - 3000 * DAY, NOON, BOUNDS)
    assert not is_due(NOON + DAY, NOON, BOUNDS)
    assert not is_due(NOON + LONGEST_PAUSE, NOON, Bounds(longest=HOUR)), "a host may have asked for that"
    assert is_due(NOON + DAY + 2 * GRACE, NOON, BOUNDS)
    assert not is_due(NOON + 2 * DAY, NOON, Bounds(longest=3 * DAY))


def test_what_a_wrong_clock_has_entered_does_not_put_a_site_off() -> None:
    """The clock was ten days ahead for a while; then somebody put it right."""
    ahead = NOON + 10 * DAY
    known = Known(
        "a.example",
        [*office_hours(NOON), *(ahead + n * MINUTE for n in range(50))],
        ahead,
        visits("ok", "ok", end=ahead),
    )
    assert BOUNDS.shortest / 2 < wait(known) < HOUR


moments = st.integers(-34 * 1440, 7 * 1440).map(lambda minutes: NOON + minutes * MINUTE)
visited = st.builds(
    lambda started, seconds, outcome, missed: Visited(started, started + seconds * SECOND, outcome, missed),
    moments,
    st.integers(0, 4000),
    st.sampled_from(["ok", "partial", "failed", "postponed", "ok", "ok"]),
    st.booleans(),
)


@given(
    published=st.lists(moments, max_size=60),
    past=st.lists(visited, min_size=1, max_size=12),
    reach=st.none() | moments,
    offline=st.booleans(),
    bounds=st.builds(
        lambda a, b: Bounds(min(a, b) * MINUTE, max(a, b) * MINUTE), st.integers(1, 3000), st.integers(1, 3000)
    ),
)
def test_whatever_is_known_the_next_visit_is_between_the_bounds(
    published: Sequence[datetime], past: Sequence[Visited], reach: datetime | None, offline: bool, bounds: Bounds
) -> None:
    source = SourceState(FEED, "feed", asked=NOON, listed=10, reaches_back=reach)
    said = due(Known("a.example", published, None, past, [source], offline=offline), NOON, bounds)
    assert said.why
    assert said.when.utcoffset() == timedelta(0)
    assert 0.89 * bounds.shortest <= said.when - NOON <= bounds.longest
    assert not is_due(said.when, NOON - 2 * GRACE, bounds)


# -- thirty days -------------------------------------------------------------------------------------------------------

MIX = (
    "agency, 10 items", "daily, 25 items", "daily, 25 without dates", "daily, dead days 10 to 20",
    "regional, 10 items, bursts", "weekly", "blog, bursts", "blog of few words", "silent",
)  # fmt: skip


def test_thirty_days_of_newspapers_are_caught_with_half_the_requests_of_every_quarter_of_an_hour() -> None:
    papers = [paper for paper in newspapers.PAPERS if paper.name in MIX]
    assert len(papers) == len(MIX)
    fixed = [newspapers.fixed(paper) for paper in papers]
    ours = {paper.name: newspapers.scheduled(paper) for paper in papers}
    assert sum(o.requests for o in ours.values()) <= sum(o.requests for o in fixed) / 2
    caught = sum(len(o.delays) for o in ours.values()) / sum(o.published for o in ours.values())
    assert caught >= 0.998
    assert all(outcome.caught >= 0.99 for outcome in ours.values())
    delays = [delay for outcome in ours.values() for delay in outcome.delays]
    assert median_high(delays) <= median_high(delay for outcome in fixed for delay in outcome.delays) + 2 * MINUTE
    assert ours["silent"].requests <= 60
    assert ours["daily, dead days 10 to 20"].requests < 0.8 * ours["daily, 25 items"].requests


@pytest.mark.parametrize("begin", [datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC)], ids=str)
def test_a_night_on_which_clocks_change_costs_no_story(begin: datetime) -> None:
    """In the three weeks before it the rhythm was learned; the paper's own goes by the clock on its readers' walls."""
    paper = next(paper for paper in newspapers.PAPERS if paper.name == "daily, 10 items")
    whole, before = (newspapers.scheduled(paper, begin, days) for days in (28, 20))
    assert whole.caught == 1.0
    after = whole.delays[len(before.delays) :]
    assert len(after) > 300
    assert median_high(after) <= 1.25 * median_high(before.delays)
    assert max(after) < 3 * HOUR
