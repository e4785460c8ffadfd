"""Thirty days of newspapers, visited as `newsbot.schedule` decides and every fifteen minutes: what is caught, how late,
and what it costs. Nothing is asked of a network or a database.

No recorded source gives every instant of publication over weeks, so the rhythms are made, with a fixed seed, by what
kinds of newspapers do: a chance for each minute of each hour of the week, and bursts. Time of day is that of
Europe/Berlin, so that in March and October the clocks change on the way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from benchmarks.results import Cell, Result, Table, percent
from newsbot.schedule import Bounds, Known, Visited, due, is_due
from newsbot.sources import SourceState, reach

BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 3, 9, tzinfo=UTC)  # clocks are put forward on the 29th, the 21st of these days
DAYS = 30
TICK = timedelta(minutes=5)  # how often cron calls `newsbot crawl --due`
FIXED = timedelta(minutes=15)
BEFORE = timedelta(days=20)  # what its feed may list of the time before the first visit
URL = "https://a.example/feed"


@dataclass(frozen=True)
class Paper:
    """A newspaper: `pace` gives the stories an hour at a local time, `burst` how many follow one at once, on average.
    `items`: how many its feed lists; `dated`: whether with dates. `down`: days from which to which its host is dead."""

    name: str
    pace: Callable[[datetime], float]
    items: int = 25
    burst: float = 0.0
    dated: bool = True
    down: tuple[int, int] | None = None

    def published(self, begin: datetime = BEGIN, days: int = DAYS) -> list[datetime]:
        """When its stories come, from `BEFORE` the beginning on."""
        chance = random.Random(self.name)  # noqa: S311 - a rhythm, and always the same
        moment, found = begin - BEFORE, []
        end = begin + timedelta(days=days)
        most = max(self.pace(begin + timedelta(hours=hour)) for hour in range(168))
        while most and (moment := moment + timedelta(hours=chance.expovariate(most))) < end:
            if chance.random() < self.pace(moment.astimezone(BERLIN)) / most:
                found.append(moment)
                later = moment
                while chance.random() < self.burst / (1 + self.burst):
                    later += timedelta(minutes=chance.expovariate(1 / 8))
                    found.append(later)
        return sorted(each for each in found if each < end)


def _agency(at: datetime) -> float:
    return 300 / 24 * (0.35 if at.hour < 6 else 1.2 if at.hour < 20 else 1.3) * (0.75 if at.weekday() > 4 else 1.1)


def _daily(at: datetime) -> float:
    hours = {5: 6, 6: 10, 7: 8, 8: 5, 17: 6, 18: 8, 19: 7, 20: 4}
    return (0.1 if at.hour < 5 or at.hour > 22 else hours.get(at.hour, 2.5)) * (0.45 if at.weekday() > 4 else 1)


def _regional(at: datetime) -> float:
    return (2.4 if 7 <= at.hour < 19 else 0.15) * (0.3 if at.weekday() > 4 else 1)


def _weekly(at: datetime) -> float:
    return 4.0 if at.weekday() == 3 and 5 <= at.hour < 9 else 0.12 if 9 <= at.hour < 18 and at.weekday() < 5 else 0.0


def _blog(at: datetime) -> float:
    return 0.018 if 8 <= at.hour < 24 else 0.0


def _silent(at: datetime) -> float:
    return 0.0


PAPERS = (
    Paper("agency, 50 items", _agency, 50),
    Paper("agency, 25 items", _agency, 25),
    Paper("agency, 10 items", _agency, 10),
    Paper("daily, 50 items", _daily, 50),
    Paper("daily, 25 items", _daily, 25),
    Paper("daily, 10 items", _daily, 10),
    Paper("daily, 25 without dates", _daily, 25, dated=False),
    Paper("daily, dead days 10 to 20", _daily, 25, down=(10, 20)),
    Paper("regional, 25 items", _regional, 25),
    Paper("regional, 10 items, bursts", _regional, 10, burst=0.6),
    Paper("weekly", _weekly, 25),
    Paper("blog, bursts", _blog, 10, burst=0.5),
    Paper("blog of few words", _blog, 10),
    Paper("silent", _silent),
)


@dataclass(frozen=True)
class Outcome:
    """What came of thirty days: the requests for the feed; of the stories that could be caught, how many there were and
    how late each was caught; how often it was said that some may have been missed."""

    requests: int
    published: int
    delays: Sequence[timedelta]
    warned: int = 0

    @property
    def caught(self) -> float:
        """The share of the stories that were caught."""
        return len(self.delays) / self.published if self.published else 1.0


class _Feed:
    """A feed as a visit finds it, and what a crawler remembers of it."""

    def __init__(self, paper: Paper, begin: datetime, days: int) -> None:
        self.paper = paper
        self.begin = begin
        self.published = paper.published(begin, days)
        self.seen: set[int] = set()
        self.delays: list[timedelta] = []
        self.caught: list[datetime] = []
        self.state = SourceState(URL, "feed")
        self._came = 0

    def dead(self, now: datetime) -> bool:
        return (
            self.paper.down is not None
            and self.paper.down[0] <= (now - self.begin) / timedelta(days=1) < self.paper.down[1]
        )

    def visit(self, now: datetime) -> bool:
        """Read the feed; whether nothing is left of what it listed before."""
        while self._came < len(self.published) and self.published[self._came] <= now:
            self._came += 1
        listed = range(max(0, self._came - self.paper.items), self._came)
        fresh = [number for number in listed if number not in self.seen]
        self.seen.update(fresh)
        for number in fresh:
            date = self.published[number]
            self.caught.append(date if self.paper.dated else now)
            if date >= self.begin:
                self.delays.append(now - date)
        before, self.state = self.state, self._state(now, listed, len(fresh))
        return bool(before.listed) and len(fresh) == len(listed) > 0

    def _state(self, now: datetime, listed: range, fresh: int) -> SourceState:
        before = self.state
        back = reach([self.published[n] for n in listed], len(listed), now) if self.paper.dated else None
        if back is None and fresh and before.changed:
            back = now - (now - before.changed) * len(listed) / fresh
        changed = now if fresh or before.changed is None else before.changed
        return SourceState(
            URL, "feed", asked=now, changed=changed, listed=len(listed), reaches_back=back or before.reaches_back
        )

    def outcome(self, requests: int, warned: int) -> Outcome:
        could = [date for date in self.published if date >= self.begin and not self._lost(date)]
        return Outcome(requests, len(could), self.delays, warned)

    def _lost(self, date: datetime) -> bool:
        """Whether nobody could have caught it: it came and went while the host was dead."""
        if not self.dead(date):
            return False
        assert self.paper.down is not None
        back = self.begin + timedelta(days=self.paper.down[1])
        first = max(0, sum(each <= back for each in self.published) - self.paper.items)
        return self.published.index(date) < first


def ticks(begin: datetime, days: int, step: timedelta) -> Iterator[datetime]:
    """When cron calls."""
    return (begin + number * step for number in range(int(timedelta(days=days) / step)))


def fixed(paper: Paper, begin: datetime = BEGIN, days: int = DAYS) -> Outcome:
    """Every fifteen minutes."""
    feed, requests, warned = _Feed(paper, begin, days), 0, 0
    for now in ticks(begin, days, FIXED):
        requests += 1
        warned += not feed.dead(now) and feed.visit(now)
    return feed.outcome(requests, warned)


def scheduled(paper: Paper, begin: datetime = BEGIN, days: int = DAYS, bounds: Bounds = Bounds()) -> Outcome:  # noqa: B008
    """As newsbot decides, called every five minutes."""
    feed, warned = _Feed(paper, begin, days), 0
    visits: list[Visited] = []
    next_due: datetime | None = None
    requests = 0
    for now in ticks(begin, days, TICK):
        if not is_due(next_due, now, bounds):
            continue
        requests += 1
        started, ended = now + timedelta(seconds=2), now + timedelta(seconds=20)
        dead = feed.dead(now)
        missed = not dead and feed.visit(started)
        warned += missed
        visits = [Visited(started, ended, "failed" if dead else "ok", missed), *visits[:49]]
        known = Known(paper.name, feed.caught[-2000:], begin, visits, (feed.state,))
        next_due = due(known, ended, bounds).when
    return feed.outcome(requests, warned)


def run() -> Result:
    """Each newspaper, and all of them."""
    total = [Outcome(0, 0, ()), Outcome(0, 0, ())]
    rows = []
    for paper in PAPERS:
        done = [fixed(paper), scheduled(paper)]
        rows.append(_row(paper.name, done))
        total = [
            Outcome(a.requests + b.requests, a.published + b.published, [*a.delays, *b.delays])
            for a, b in zip(total, done, strict=True)
        ]
    halves = [(f"{how}: requests", "caught", "median, minutes", "95 %") for how in ("every 15 minutes", "as it is due")]
    heads = ("newspaper", "stories", *halves[0], *halves[1])
    return Result(
        "schedule",
        (Table("papers", "", heads, (*rows, _row("all", total))),),
        remarks=("No clock and no machine is in it: the same figures come out everywhere.",),
    )


def _row(name: str, done: Sequence[Outcome]) -> tuple[Cell, ...]:
    cells = [cell for each in done for cell in (each.requests, percent(each.caught), *_late(each.delays))]
    return (name, done[0].published, *cells)


def _late(delays: Sequence[timedelta]) -> tuple[Cell, Cell]:
    minutes = [delay / timedelta(minutes=1) for delay in delays]
    return (round(median(minutes)), round(quantiles(minutes, n=20)[-1])) if len(minutes) > 1 else (None, None)
