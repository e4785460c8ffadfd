"""Numbers as geometry: what stands in the templates' SVG. Nothing here knows of requests or colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BARS = 100
"""At most so many bars, but for a span that is longer than a thousand years."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_STEPS = (_HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 7 * _DAY)  # and months, and years
_MONTHS = (1, 3, 12, 60, 120)
_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bar:
    """So many stories from `begin` up to and without `end`; `height` is that of the highest bar's, from 0 to 100."""

    begin: datetime
    end: datetime
    number: int
    height: float

    @property
    def since(self) -> str:
        """Its begin as a question has it."""
        return f"{self.begin.isoformat()[:16]}Z"

    @property
    def until(self) -> str:
        """Its end."""
        return f"{self.end.isoformat()[:16]}Z"


def bars(hours: Mapping[datetime, int], begin: datetime | None = None, end: datetime | None = None) -> list[Bar]:
    """Stories by the hour, put together in steps that people count in (hours, days, weeks from Monday, months, years;
    all UTC), so that there are no more than BARS. From `begin` to `end`, or from the first hour to the last; steps
    without stories are there too. Empty where there are no stories."""
    if not hours:
        return []
    moments = [*hours, *([begin] if begin else [])]
    first, last = min(moments), max(max(hours) + _HOUR, end or min(hours))
    edges = _edges(first, last)
    numbers = [0] * (len(edges) - 1)
    place = 0
    for hour in sorted(hours):
        while hour >= edges[place + 1]:
            place += 1
        numbers[place] += hours[hour]
    most = max(numbers)
    return [
        Bar(edges[n], edges[n + 1], number, round(100 * number / most, 1) if most else 0.0)
        for n, number in enumerate(numbers)
    ]


def _edges(first: datetime, last: datetime) -> list[datetime]:
    """Where steps begin, from the one with `first` in it to the end of the one before `last`."""
    for step in _STEPS:
        if (last - first) / step <= BARS - 2:
            edges = [first - (first - _MONDAY) % step]
            while edges[-1] < last:
                edges.append(edges[-1] + step)
            return edges
    for months in _MONTHS:
        if (last - first) / (months * 30 * _DAY) <= BARS - 2 or months == _MONTHS[-1]:
            number = first.year * 12 + first.month - 1
            number -= number % months
            edges = [_month(number)]
            while edges[-1] < last:
                number += months
                edges.append(_month(number))
            return edges
    raise AssertionError("the last step serves for all spans")


def _month(number: int) -> datetime:
    year = min(max(number // 12, 1), 9999)
    return datetime(year, number % 12 + 1, 1, tzinfo=UTC) if number // 12 <= 9999 else datetime.max.replace(tzinfo=UTC)


def called(bar: Bar) -> str:
    """What people call the time of a bar."""
    span = bar.end - bar.begin
    if span < _DAY:
        return f"{bar.begin:%-d %B %Y, %H:%M}–{bar.end:%H:%M} UTC"
    if span == _DAY:
        return f"{bar.begin:%A, %-d %B %Y}"
    if span == 7 * _DAY:
        return f"week of {bar.begin:%-d %B %Y}"
    if span < 40 * _DAY:
        return f"{bar.begin:%B %Y}"
    return f"{bar.begin:%B %Y} to {bar.end - _DAY:%B %Y}"


def short(bar: Bar) -> str:
    """The same below the axis, where there is little room."""
    span = bar.end - bar.begin
    if span < _DAY:
        return f"{bar.begin:%-d %b %H:%M}"
    return f"{bar.begin:%-d %b %Y}" if span < 8 * _DAY else f"{bar.begin:%b %Y}"


def roughly(number: int) -> str:
    """An estimate, with no more digits than it is good for: "29,000"."""
    return f"{int(float(f'{number:.2g}')):,}"


# -- others ------------------------------------------------------------------------------------------------------------


def line(values: Sequence[int]) -> list[tuple[int, float]]:
    """The small columns of a row of numbers: place and height, from 0 to 100, of those that are not 0."""
    most = max(values, default=0)
    return [(n, round(max(8.0, 100 * value / most), 1)) for n, value in enumerate(values) if value]


def week(hours: Mapping[datetime, int]) -> list[list[float]]:
    """Stories by weekday (from Monday) and hour of the day, UTC: each as a share of the highest, from 0 to 1."""
    cells = [[0] * 24 for _ in range(7)]
    for hour, number in hours.items():
        cells[hour.weekday()][hour.hour] += number
    most = max(map(max, cells))
    return [[round(cell / most, 3) if most else 0.0 for cell in row] for row in cells]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole, laid side by side: name, number, and where it begins and how wide it is, from 0 to 100."""

    name: str
    number: int
    begin: float
    width: float


def parts(numbers: Iterable[tuple[str, int]]) -> list[Part]:
    """The parts that there are, in this order."""
    there = [(name, number) for name, number in numbers if number > 0]
    whole = sum(number for _, number in there)
    laid, begin = [], 0.0
    for name, number in there:
        width = 100 * number / whole
        laid.append(Part(name, number, round(begin, 2), round(width, 2)))
        begin += width
    return laid


def spread(moments: Sequence[datetime]) -> list[float]:
    """Where instants stand between the first and the last, from 0 to 100."""
    first, last = min(moments), max(moments)
    span = (last - first).total_seconds()
    return [round(100 * (each - first).total_seconds() / span, 2) if span else 0.0 for each in moments]
