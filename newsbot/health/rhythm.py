"""Whether a site has been silent for longer than its own rhythm explains.

Time is measured in hours with news that were to be expected: the site's history gives a rate for each hour of the week,
and its sum from one hour with news to the next is 1 on average, whatever the nights and weekends (the time-rescaling
theorem; Brown et al., Neural Computation 14, 2002). A weekly magazine's clock thus stands still until Thursday. In that
time the gaps of a steady site are all near 1, those of a random one exponential, those of a moody one longer still: the
tail is taken for exponential above the median, with a scale learned from the gaps themselves, and the bound is where a
site would come by chance once in a hundred years.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import expm1, log
from statistics import median

CHANCE = 0.01
"""How often a year a silence of a site may pass the bound by chance."""
FEWEST = 6
"""Hours with news, below which nothing is said of a site's rhythm."""
SHORTEST = timedelta(days=7)
"""A history that spans less says nothing of a rhythm."""
PATIENCE = timedelta(hours=6)
"""No silence is shorter."""

_HOUR = timedelta(hours=1)
_WEEK = 168  # hours
_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)  # one long ago: hours are counted from it
_PRIOR = 2.0  # gaps of a random site, by which few gaps are made up for
_MANY = 10  # gaps, of which the longest counts within limits: what newsbot itself missed is no rhythm
_HOLIDAY = 1.5  # of what is to be expected on the busiest day
_IDLE = 0.2  # of a day's usual news
_MARGIN = 1.4  # days differ more from each other than chance explains


@dataclass(frozen=True, slots=True)
class Silence:
    """Since `last` there was no news, where `expected` hours with news were to be expected; `bound` is how many of them
    may pass. `usual` is the longest time between two hours with news in the history."""

    last: datetime
    expected: float
    bound: float
    usual: timedelta

    @property
    def unusual(self) -> bool:
        """Whether the rhythm does not explain it."""
        return self.expected > self.bound


def silence(hours: Sequence[datetime], heard: datetime) -> Silence | None:
    """The silence of a site by the moment when it was `heard` last: when its sources answered.

    `hours` are those with news, aware instants in any order; those after `heard` are left out. None where the history
    is too short, or the silence shorter than PATIENCE.
    """
    numbers = sorted({(each - _MONDAY) // _HOUR for each in hours if each <= heard})
    if len(numbers) < FEWEST or numbers[-1] - numbers[0] < SHORTEST / _HOUR:
        return None
    last = _MONDAY + (numbers[-1] + 1) * _HOUR  # the end of that hour
    if heard - last < PATIENCE:
        return None
    clock = _Clock(numbers)
    days = Counter(number // 24 for number in numbers)
    whole = range(numbers[0] // 24 + 1, numbers[-1] // 24)
    idle = any(days[day] <= _IDLE * (clock(day * 24 + 24) - clock(day * 24)) for day in whole)
    gaps = [clock(later) - clock(earlier) for earlier, later in pairwise(numbers)]
    spans = [later - earlier for earlier, later in pairwise(numbers)]
    a_year = len(gaps) * (365.25 * 24) / (numbers[-1] - numbers[0])
    return Silence(
        last=last,
        expected=clock((heard - _MONDAY) / _HOUR) - clock(numbers[-1] + 1),
        # Who has days with hardly any news may have one with none, a holiday, besides what is usual.
        bound=max(_bound(gaps, a_year, len(days)), _HOLIDAY * clock.day if idle else 0.0),
        usual=max(spans) * _HOUR,
    )


def _bound(gaps: Sequence[float], a_year: float, days: int) -> float:
    """The gap that is passed CHANCE times a year, with a margin; what was seen before is not passed by it. `days` are
    those that had any news."""
    ordered = sorted(gaps)
    longest = ordered.pop() if len(ordered) >= _MANY else ordered[-1]
    middle = median(ordered)
    above = sum(gap - middle for gap in ordered if gap > middle)
    scale = (above + _PRIOR * middle) / (len(ordered) / 2 + _PRIOR)
    # The mean of few gaps is known badly: what is exponential becomes Pareto's distribution (its predictive one). Those
    # of one day are all long or all short together, and tell no more than one.
    few = min(len(ordered), days) + 1
    rare = few * expm1(log(a_year / CHANCE) / few)
    return _MARGIN * max(middle + scale * rare, min(longest, 3 * ordered[-1]))


class _Clock:
    """Counts the hours with news that were to be expected up to an hour, by the rates of the hours of the week: the
    share of its day times the share of its hour of the day, with a little for those that had none yet."""

    def __init__(self, numbers: Sequence[int]) -> None:
        days = Counter(number // 24 % 7 for number in numbers)
        times = Counter(number % 24 for number in numbers)
        weeks = (numbers[-1] - numbers[0]) / _WEEK
        shares = [
            (days[hour // 24] + 0.25) / (len(numbers) + 7 * 0.25) * (times[hour % 24] + 0.25) / (len(numbers) + 6)
            for hour in range(_WEEK)
        ]
        self._upto = [0.0]
        for share in shares:
            self._upto.append(self._upto[-1] + share * (len(numbers) - 1) / weeks)

    @property
    def day(self) -> float:
        """What is to be expected on the busiest day."""
        return max(self._upto[day + 24] - self._upto[day] for day in range(0, _WEEK, 24))

    def __call__(self, hour: float) -> float:
        whole = int(hour)
        week, within = divmod(whole, _WEEK)
        begun = self._upto[within] + (hour - whole) * (self._upto[within + 1] - self._upto[within])
        return week * self._upto[-1] + begun
