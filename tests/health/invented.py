"""Invented sites over simulated weeks: what their visits, stories and sources would have left in the database.

A `Paper` publishes to a rhythm, is visited by a clock, and has the troubles that every site has: pages that fail, pages
without a story, a server that is down for an hour or three, a page that stays broken. `Breakage` is what is done to it
from a moment on.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from newsbot.health import Facts, RunSeen, SiteFacts, SourceSeen, StoryShape, Visit
from newsbot.store.watching import FEW, HISTORY, LONG_HISTORY, STORIES, STORIES_BEFORE, VISITS, VISITS_BEFORE

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Rhythm = Callable[[int, int], float]
"""Stories an hour, by weekday (Monday is 0) and hour of the day."""


def around_the_clock(a_day: float) -> Rhythm:
    return lambda weekday, hour: a_day / 24


def by_day(a_day: float) -> Rhythm:
    return lambda weekday, hour: a_day / 15 * (1.0 if weekday < 5 else 0.45) if 5 <= hour < 20 else a_day / 240


def office(a_day: float) -> Rhythm:
    return lambda weekday, hour: a_day / 9 if weekday < 5 and 8 <= hour < 17 else 0.0


def weekly(stories: float) -> Rhythm:
    return lambda weekday, hour: stories if weekday == 3 and hour == 6 else 0.0


@dataclass(frozen=True)
class Breakage:
    """What is wrong with a site from `at` on: `visit` changes what is counted on a visit, `story` what a story is like;
    `mute`: nothing new is published."""

    at: datetime
    visit: Callable[[Counter[str], random.Random], Counter[str]] = lambda counts, source: counts
    story: Callable[[StoryShape], StoryShape] = lambda story: story
    mute: bool = False
    bytes: int = 20_000


@dataclass
class Paper:
    """A site; all that happens to it comes from `seed`."""

    key: str
    rhythm: Rhythm
    seed: int
    every: timedelta = timedelta(minutes=30)
    weeks: int = 8
    authored: float = 0.9
    dated: float = 1.0
    walled: float = 0.05
    moods: float = 0.0  # how unlike each other its days are
    breakage: Breakage | None = None
    visits: list[Visit] = field(default_factory=list)
    stories: list[StoryShape] = field(default_factory=list)

    def __post_init__(self) -> None:
        source = random.Random(self.seed)
        self._publish(source)
        self._visit(source)

    def _publish(self, source: random.Random) -> None:
        """A Poisson process of this rhythm; a mood and a holiday now and then."""
        times: list[datetime] = []
        for day in range(self.weeks * 7):
            mood = source.gammavariate(1 / self.moods, self.moods) if self.moods else 1.0
            weekday = 6 if source.random() < 0.02 else day % 7  # a holiday is a Sunday
            for hour in range(24):
                for _ in range(_poisson(source, self.rhythm(weekday, hour) * mood)):
                    times.append(BEGIN + timedelta(days=day, hours=hour, minutes=source.random() * 60))
        self._times = sorted(times)

    def _visit(self, source: random.Random) -> None:
        end = BEGIN + timedelta(weeks=self.weeks)
        down = _outages(source, self.weeks)
        seen, now = 0, BEGIN + source.random() * self.every
        stuck = BEGIN + source.random() * (end - BEGIN)  # from then on a page of it stays broken
        again = stuck
        while now < end:
            broken = self.breakage if self.breakage and now >= self.breakage.at else None
            upto = bisect_right(self._times, now if not (broken and broken.mute) else self.breakage.at)  # type: ignore[union-attr]
            if any(begin <= now < stop for begin, stop in down):
                self.visits.append(Visit(now, "failed", {"source.failed": 1, "error.timeout": 1}))
            else:
                counts: Counter[str] = Counter({"source.ok": 1, "known": 20})
                fresh = self._times[seen:upto]
                seen = upto
                for published in fresh:
                    counts[self._page(source, published, now, broken)] += 1
                counts["same"] += source.randrange(3)
                if again <= now:  # it is asked for again soon, then ever more rarely
                    counts["dropped.empty" if self.seed % 2 else "error.http_500"] += 1
                    again = now + max(HOUR / 4, now - stuck)
                elif stuck <= now and not self.seed % 2:
                    counts["failing"] += 1
                if broken:
                    counts = broken.visit(counts, source)
                kept = {name: number for name, number in counts.items() if number}
                self.visits.append(Visit(now, "ok", kept, broken.bytes if broken else 20_000))
            now += self.every * source.uniform(0.8, 1.2)

    def _page(self, source: random.Random, published: datetime, now: datetime, broken: Breakage | None) -> str:
        """What becomes of a new page; a story is kept."""
        luck = source.random()
        if luck < 0.02:
            return "error.timeout"
        if luck < 0.06:
            return source.choice(["dropped.video", "dropped.index", "dropped.empty"])
        dated = source.random() < self.dated
        story = StoryShape(
            dated=published if dated else now,
            first_seen=now,
            words=int(source.lognormvariate(6.0, 0.6)),
            authored=source.random() < self.authored,
            published=dated,
            walled=source.random() < self.walled,
        )
        if broken:
            story = broken.story(story)
            shown = broken.visit(Counter({"new": 1}), random.Random(0))
            if not shown["new"]:
                return "new"  # `visit` makes something else of it
        self.stories.append(story)
        return "new"

    def facts(self, now: datetime, lasting: Mapping[str, datetime] | None = None) -> SiteFacts:
        """What the database would have told at a moment."""
        anchor = min((lasting or {}).values(), default=None)
        upto = bisect_right(self.visits, now, key=lambda visit: visit.started)
        visits = self.visits[max(0, upto - 3000) : upto][::-1]
        known = self.stories[: bisect_right(self.stories, now, key=lambda story: story.first_seen)]
        # As they are dated, but for those that were not: they are near enough in order.
        stories = sorted(known[-8000:], key=lambda story: story.dated, reverse=True)
        late_visits, late_stories = visits[:VISITS], stories[:STORIES]
        if anchor is not None:
            late_visits += [visit for visit in visits[VISITS:] if visit.started < anchor][:VISITS_BEFORE]
            late_stories += [story for story in stories[STORIES:] if story.dated <= anchor][:STORIES_BEFORE]
        return SiteFacts(
            self.key,
            visits=tuple(late_visits),
            stories=tuple(late_stories),
            hours=_hours([story.dated for story in stories]),
            sources=tuple(_sources(self.key, visits)),
            added=BEGIN,
            due=visits[0].started + self.every if visits else None,
            lasting=lasting or {},
        )


def facts(papers: list[Paper], now: datetime, lasting: Mapping[str, Mapping[str, datetime]] | None = None) -> Facts:
    """All of them at a moment, with runs every half hour, and a disk with room."""
    runs = tuple(RunSeen(now - n * timedelta(minutes=30), now - n * timedelta(minutes=30), "ok") for n in range(30))
    found = tuple(paper.facts(now, (lasting or {}).get(paper.key)) for paper in papers)
    return Facts(now, found, runs, database=1_000_000, free=100_000_000_000)


def broken(paper: Paper, breakage: Breakage) -> Paper:
    """The same site, broken from then on."""
    return replace(paper, breakage=breakage, visits=[], stories=[])


def _hours(dated: list[datetime]) -> tuple[datetime, ...]:
    if not dated:
        return ()
    last, found = dated[0], set[datetime]()
    for span in (HISTORY, LONG_HISTORY):
        found = {each.replace(minute=0, second=0, microsecond=0) for each in dated if each > last - span}
        if len(found) >= FEW:
            break
    return tuple(found)


def _sources(key: str, visits: list[Visit]) -> list[SourceSeen]:
    failures, asked = 0, None
    for visit in visits:
        if visit.read:
            asked = visit.started
            break
        failures += 1
    return [SourceSeen(f"https://{key}/feed.xml", failures, BEGIN, asked)]


def _outages(source: random.Random, weeks: int) -> list[tuple[datetime, datetime]]:
    """A server is down once in ten days or so, for up to three hours."""
    begins = [BEGIN + timedelta(days=source.uniform(0, weeks * 7)) for _ in range(weeks * 7 // 10)]
    return [(begin, begin + timedelta(hours=source.uniform(0.2, 3))) for begin in begins]


def _poisson(source: random.Random, mean: float) -> int:
    """Knuth's way, for small means."""
    limit, number, product = math.exp(-mean), 0, source.random()
    while product > limit:
        number += 1
        product *= source.random()
    return number
