"""When a site is visited next, and why: decided from what is known of it, without a clock, a disk or a network.

    what it published  -> Rhythm: stories an hour, at each hour of the week --+
    how visits went, what its sources list, what its hosts have asked for  ---+-> due() -> Due(when, why)

Visits are as dense as the square root of the stories expected: with so many requests to spend on sites of different
pace, that keeps the delay of all stories together smallest (Sia, Cho and Cho, "Efficient Monitoring Algorithm for Fast
News Alerts", IEEE TKDE 19(7), 2007). A site's night is where its own stories are few: all is reckoned in UTC, and no
time zone, and no change of one, is asked for.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from newsbot.sources import SourceState

FAILED, POSTPONED, INTERRUPTED = "failed", "postponed", "interrupted"
"""Outcomes of visits that this module tells apart from those that went well."""
REMEMBERED = timedelta(days=28)
"""How far back a site's rhythm is learned from: four of each hour of the week."""
GRACE = timedelta(minutes=1)
"""So much before its time a site is due already: who comes every five minutes would else come a second too early."""
LONGEST_PAUSE = timedelta(days=1)
"""However long a host sends us away for: a mistake there shall not end a site's crawls for good."""

_HOUR, _DAY, _WEEK = 3600.0, 86400.0, 168  # seconds, seconds, hours
_STEP = 300.0  # seconds in which the stories expected are added up

# Tuned on the rhythms of benchmarks/schedule.py.
_DENSITY = 1.25  # visits an hour at a story an hour: one in 48 minutes
_ROOM = 1 / 3  # of what a source lists may be new on the next visit: it may come three times as fast as it should
_ECHO, _FADE = 0.2, 2 * _HOUR  # so many stories does each one announce, within about so many seconds
_ENOUGH = 20  # stories from which on hours are told apart
_DOUBT = 2.0  # weeks (for an hour of the week: days, for an hour of the day) that what is known otherwise counts as
_PACE, _PACE_DOUBT = 3 * _DAY, 6.0  # how long a site's present pace is measured, and stories that the usual counts as
_NO_STORY = (0.5, 24.0)  # stories in hours, that every site is taken to have had
_ALIVE, _ALIVE_WAIT = 14 * _DAY, 3 * _HOUR  # a site that had a story within the first waits no longer than the second
_JITTER = 0.1  # of the interval, off which each site has a share of its own
_RETRY = timedelta(minutes=30)  # the interval, at most, that doubles with each failure in a row
_OFFLINE = timedelta(hours=1)  # the longest interval while no site at all answers
_TURNED_OVER = "a source turned over between two visits"
_MISSED = timedelta(days=1)  # how long it is remembered that a source turned over


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest time between two visits to a site, in this order."""

    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(days=1)

    @classmethod
    def of_seconds(cls, shortest: float, longest: float) -> Bounds:
        """As settings have them."""
        return cls(timedelta(seconds=shortest), timedelta(seconds=longest))


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit: its outcome, None while it is at work; `missed`: a source had turned over since the one before."""

    started: datetime
    finished: datetime | None
    outcome: str | None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a site. `published`: when its stories of the last four weeks came, in any order; `since`: from
    when on the site has been visited; `visits`: the last ones, newest first; `paused_until`: before when none of its
    hosts wants to be asked; `offline`: on the last visit no site at all answered."""

    site: str
    published: Sequence[datetime] = ()
    since: datetime | None = None
    visits: Sequence[Visited] = ()
    sources: Sequence[SourceState] = ()
    paused_until: datetime | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """When a site is to be visited next, in UTC, and the reason for people."""

    when: datetime
    why: str


def due(known: Known, now: datetime, bounds: Bounds) -> Due:
    """When a site is due next, after the visit that ended just `now`. Never later than `bounds.longest` from now, but
    for a host that has asked to be left alone."""
    now = now.astimezone(UTC)
    if not known.visits:
        return Due(now, "never visited")
    last = known.visits[0]
    if last.outcome is None or last.outcome == INTERRUPTED:
        return Due(now, "its last visit was broken off")
    interval, why = _interval(known, min(last.started, now), now, bounds)
    failures = _failures(known.visits)
    if failures and known.offline:
        interval, why = min(bounds.shortest * 2 ** min(failures, 20), _OFFLINE), "no site answered: offline?"
    elif failures:
        interval = min(interval, _RETRY) * 2 ** min(failures, 20)
        why = "failed" if failures == 1 else f"failed {failures} times in a row"
    interval = min(interval, bounds.longest)
    # Begun, not ended: who comes every five minutes and stays for one would else come every ten.
    when = max(min(last.started, now) + interval, min(last.finished or now, now) + bounds.shortest)
    spread = _JITTER * int.from_bytes(sha256(known.site.encode()).digest()[:4]) / 2**32
    when = max(when - spread * interval, now + bounds.shortest * (1 - _JITTER))
    if last.outcome == POSTPONED and known.paused_until is not None and known.paused_until > now:
        return Due(
            max(when, known.paused_until), f"asked to be left alone until {known.paused_until:%Y-%m-%d %H:%M} UTC"
        )
    return Due(when, why)


def is_due(when: datetime | None, now: datetime, bounds: Bounds) -> bool:
    """Whether a site's time has come. It has, too, where its time is further away than any can be: some clock was
    wrong, then or now."""
    return when is None or when <= now + GRACE or when > now + max(bounds.longest, LONGEST_PAUSE) + GRACE


def due_now(
    sites: Iterable[str], times: Mapping[str, datetime | None], now: datetime, bounds: Bounds
) -> frozenset[str]:
    """Those of the sites, by key, whose time has come; `times` has that of each that was ever visited."""
    return frozenset(site for site in sites if is_due(times.get(site), now, bounds))


# -- how long until then -----------------------------------------------------------------------------------------------


def _interval(known: Known, begun: datetime, now: datetime, bounds: Bounds) -> tuple[timedelta, str]:
    """The time from the beginning of the last visit to the next, all having gone well."""
    rhythm = Rhythm(known.published, known.since, now)
    longest = bounds.longest.total_seconds()
    fresh = rhythm.until(1 / _DENSITY, min(longest, _ALIVE_WAIT) if rhythm.alive else longest, math.sqrt)
    chosen = [(fresh, rhythm.words())]
    asked = max((source.asked for source in known.sources if source.asked), default=None)
    for source in known.sources:
        if source.asked == asked and source.listed and source.reaches_back:
            seconds = rhythm.room(source.reaches_back, longest)
            span = _span((now - source.reaches_back).total_seconds())
            chosen.append((seconds, f"{source.url} lists {source.listed} stories, those of {span}"))
    if gap := _gap(known.visits, now):
        chosen.append((gap.total_seconds() / 2, _TURNED_OVER))
    seconds, why = min(chosen)
    return max(timedelta(seconds=seconds), bounds.shortest), _TURNED_OVER if known.visits[0].missed else why


def _failures(visits: Sequence[Visited]) -> int:
    """How many visits in a row have failed last."""
    return next((n for n, visit in enumerate(visits) if visit.outcome != FAILED), len(visits))


def _gap(visits: Sequence[Visited], now: datetime) -> timedelta | None:
    """The shortest time between two visits, lately, in which a source turned over."""
    gaps = []
    for later, earlier in pairwise(visits):
        if later.missed and now - later.started < _MISSED and later.started > earlier.started:
            gaps.append(later.started - earlier.started)
    return min(gaps, default=None)


class Rhythm:
    """How many stories an hour a site publishes, by what it did: at each hour of the week, and at present.

    `since`: from when on it is known what it published, at the latest. Stories of exactly midnight UTC are taken to be
    of some time that day, for there stand those of which only the day is known.
    """

    def __init__(self, published: Sequence[datetime], since: datetime | None, now: datetime) -> None:
        self._now = now.timestamp()
        oldest = self._now - REMEMBERED.total_seconds()
        self._moments = sorted(t for each in published if oldest <= (t := each.timestamp()) <= self._now)
        begins = [*self._moments[:1], *([since.timestamp()] if since else [])]
        self._since = min(max(min(begins, default=self._now), oldest), self._now)
        self._rates = self._hours()
        self._echo = sum(_ECHO / _FADE * math.exp((t - self._now) / _FADE) for t in self._moments[-200:])
        self._level = 1.0
        lately = max(min(self._now - _PACE, self._moments[-1] if self._moments else self._now), self._since)
        expected = self._sum(lately, self._now)
        came = len(self._moments) - bisect_left(self._moments, lately)
        self._level = (came + _PACE_DOUBT) / (expected + _PACE_DOUBT)

    @property
    def alive(self) -> bool:
        """Whether it had a story lately."""
        return bool(self._moments) and self._now - self._moments[-1] < _ALIVE

    def at(self, moment: float) -> float:
        """Stories a second, expected at an instant from now on, in seconds of the epoch."""
        return self._level * self._rates[int(moment // _HOUR) % _WEEK] + self._echo * math.exp(
            (self._now - moment) / _FADE
        )

    def until(self, total: float, longest: float, weight: Callable[[float], float]) -> float:
        """How many seconds from now it takes until the rates an hour, each weighed, have come to so much."""
        moment, end = self._now, self._now + longest
        while moment < end:
            gained = weight(self.at(moment + _STEP / 2) * _HOUR) * _STEP / _HOUR
            if gained >= total:
                return min(moment + _STEP * total / gained - self._now, longest)
            total -= gained
            moment += _STEP
        return longest

    def room(self, back: datetime, longest: float) -> float:
        """How many seconds from now a source that lists the stories since `back` may be left alone."""
        reach = self._now - back.timestamp()
        if reach >= REMEMBERED.total_seconds():
            return longest
        if len(self._moments) < _ENOUGH:
            return reach * _ROOM
        return self.until(self._level * self._sum(self._now - reach, self._now) * _ROOM, longest, lambda rate: rate)

    def words(self) -> str:
        """What is expected now, and by what."""
        count = len(self._moments)
        days = (self._now - self._since) / _DAY
        if not count:
            span = _span(self._now - self._since)
            return f"no story in {span}" if days >= 1 else f"no story of the last {REMEMBERED.days} days is known"
        return f"{_pace(self.at(self._now))} at this time; {count} stories in {_span(self._now - self._since)}"

    def _hours(self) -> list[float]:
        """Stories a second at each hour of the week: what came then, held against the hour on all days, and that
        against the whole; each hour with a part of those beside it, for clocks are put forward and back."""
        counts, hours = [0.0] * _WEEK, [0.0] * _WEEK
        for moment in self._moments:
            hour = int(moment // _HOUR)
            if moment % _DAY:
                counts[hour % _WEEK] += 1
            else:
                for each in range(24):
                    counts[(hour + each) % _WEEK] += 1 / 24
        for hour, share in _parts(self._since, self._now):
            hours[hour] += share
        counts, hours = _smooth(counts), _smooth(hours)
        flat = (len(self._moments) + _NO_STORY[0]) / (sum(hours) + _NO_STORY[1])
        daily = []
        for hour in range(24):
            seen = sum(counts[hour::24]), sum(hours[hour::24])
            daily.append((seen[0] + _DOUBT * flat) / (seen[1] + _DOUBT))
        return [
            (count + _DOUBT * daily[number % 24]) / (known + _DOUBT) / _HOUR
            for number, (count, known) in enumerate(zip(counts, hours, strict=True))
        ]

    def _sum(self, begin: float, end: float) -> float:
        return sum(self._rates[hour] * share * _HOUR for hour, share in _parts(begin, end))


def _parts(begin: float, end: float) -> Iterator[tuple[int, float]]:
    """The hours of the week between two instants, each with how much of it lies between them."""
    while begin < end:
        hour = int(begin // _HOUR)
        until = min((hour + 1) * _HOUR, end)
        yield hour % _WEEK, (until - begin) / _HOUR
        begin = until


def _smooth(values: Sequence[float]) -> list[float]:
    return [(values[n - 1] + 2 * values[n] + values[(n + 1) % len(values)]) / 4 for n in range(len(values))]


# -- words -------------------------------------------------------------------------------------------------------------


def _pace(rate: float) -> str:
    for seconds, unit in ((_HOUR, "an hour"), (_DAY, "a day"), (7 * _DAY, "a week")):
        if rate * seconds >= 1:
            return f"{rate * seconds:.2g} {unit}"
    return "less than one a week"


def _span(seconds: float) -> str:
    for size, unit in ((_DAY, "d"), (_HOUR, "h")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} min"
