"""Sites that are broken in eight ways: each is told, under its name, soon, and told again until it is mended."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from newsbot.health import Alarm, Kind, StoryShape, follow, judge
from newsbot.health.incidents import Incident, lasting
from tests.health.invented import BEGIN, DAY, HOUR, Breakage, Paper, broken, by_day, facts

AT = BEGIN + 45 * DAY + 9 * HOUR  # a Thursday morning


def _all_as(name: str) -> Callable[[Counter[str], random.Random], Counter[str]]:
    """Every page that would have given a story is counted under this name instead."""

    def turn(counts: Counter[str], source: random.Random) -> Counter[str]:
        turned = Counter(counts)
        turned[name] += turned.pop("new", 0)
        return turned

    return turn


def _walled(counts: Counter[str], source: random.Random) -> Counter[str]:
    """All pages stand behind a wall, which leaves no trace: each is asked for again on every visit."""
    turned = Counter(counts)
    _walled.waiting += turned.pop("new", 0)  # type: ignore[attr-defined]
    turned["dropped.consent"] += min(50, _walled.waiting)  # type: ignore[attr-defined]
    return turned


def _nothing_listed(counts: Counter[str], source: random.Random) -> Counter[str]:
    return Counter({"source.ok": 1, "source.empty": 1})


def _feed_gone(counts: Counter[str], source: random.Random) -> Counter[str]:
    return Counter({"source.failed": 1, "error.http_404": 1})


@dataclass(frozen=True)
class Way:
    """A way in which a site breaks; `within` hours it has to be told on a site with 40 stories a day."""

    name: str
    kind: Kind
    within: int
    breakage: Breakage
    says: str

    def __str__(self) -> str:
        return self.name


WAYS = [
    Way("its feed is frozen", Kind.SILENT, 30, Breakage(AT, mute=True), "no new story since"),
    Way("its feed is gone", Kind.SOURCES, 8, Breakage(AT, _feed_gone, bytes=300), "HTTP 404"),
    Way("its feed is empty", Kind.SOURCES, 8, Breakage(AT, _nothing_listed), "list nothing"),
    Way("its markup is new", Kind.EXTRACTION, 14, Breakage(AT, _all_as("dropped.empty")), "no text to speak of"),
    Way(
        "its texts are cut short",
        Kind.EXTRACTION,
        14,
        Breakage(AT, story=lambda story: replace(story, words=40)),
        "much shorter",
    ),
    Way(
        "its titles and authors are missing",
        Kind.EXTRACTION,
        14,
        Breakage(AT, story=lambda story: replace(story, titled=False, authored=False)),
        "have no title",
    ),
    Way("it has a consent wall", Kind.WALL, 14, Breakage(AT, _walled), "a cookie or consent wall"),
    Way(
        "it has a paywall",
        Kind.WALL,
        14,
        Breakage(AT, story=lambda story: replace(story, walled=True, words=60)),
        "not served freely",
    ),
    Way("it sends us away", Kind.ERRORS, 14, Breakage(AT, _all_as("error.http_403")), "HTTP 403"),
]


def made(way: Way) -> Paper:
    _walled.waiting = 0  # type: ignore[attr-defined]
    whole = Paper("paper.example", by_day(40), 7, weeks=10)
    _walled.waiting = 0  # type: ignore[attr-defined]
    return broken(whole, way.breakage)


def first_alarm(paper: Paper) -> tuple[datetime, Alarm]:
    """When, looked at every half hour, something is told first."""
    now = AT - 2 * DAY
    while now < AT + 20 * DAY:
        if found := judge(facts([paper], now)):
            return now, found[0]
        now += HOUR / 2
    raise AssertionError("nothing was told in twenty days")


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_broken_site_is_told_soon_and_by_its_name(way: Way) -> None:
    when, alarm = first_alarm(made(way))
    assert when >= AT, "it was well until then"
    assert alarm.kind is way.kind
    assert way.says in alarm.evidence
    assert (when - AT) <= way.within * HOUR
    assert abs(alarm.since - AT) <= 12 * HOUR, "and since when it is so"
    assert alarm.site == "paper.example"
    assert alarm.advice


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_it_stays_told_for_as_long_as_it_is_broken(way: Way) -> None:
    paper = made(way)
    known: list[Incident] = []
    now, number = AT, 0
    while now < AT + 20 * DAY:
        alarms = judge(facts([paper], now, lasting(known, now)))
        fresh = follow(known, alarms, ["paper.example"], now)
        known = [replace(each, id=each.id or (number := number + 1)) for each in fresh if each.until is None] + [
            each for each in [*known, *fresh] if each.until is not None
        ]
        now += 4 * HOUR
    of_it = [each for each in known if each.kind == way.kind]
    assert [each.until for each in of_it] == [None], "one incident, which lasts"
    assert of_it[0].last_seen >= now - 8 * HOUR


def test_one_bad_page_is_no_alarm() -> None:
    """A page that fails on every visit for weeks, on a site that has hardly any other."""

    def one_more(counts: Counter[str], source: random.Random) -> Counter[str]:
        return counts + Counter({"dropped.challenge": 1})

    quiet = Paper("quiet.example", by_day(0.5), 11, weeks=10)
    paper = broken(quiet, Breakage(AT, one_more))
    now = AT
    while now < AT + 20 * DAY:
        assert judge(facts([paper], now)) == []
        now += timedelta(hours=5)


def test_a_story_shape_that_was_always_so_is_none() -> None:
    """A site without authors, behind a paywall, of short texts: that is how it is."""
    paper = Paper("paper.example", by_day(40), 3, weeks=8, authored=0.0, walled=1.0)
    assert paper.stories
    assert judge(facts([paper], AT)) == []
    assert all(isinstance(story, StoryShape) and not story.authored for story in paper.stories)
