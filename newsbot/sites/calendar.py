"""Archive pages: for each day or month of a site's past a page that lists its stories, at an address that the date
makes up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

_PLACE = re.compile(r"\{(year|month|day)(:02)?\}")
_EXAMPLE = date(2026, 3, 2)


def check(pattern: str) -> str:
    """The pattern. Raises ValueError where it is none: it holds `{year}` and `{month}` or `{month:02}`, may hold
    `{day}` or `{day:02}`, and no other brackets."""
    names = {found[1] for found in _PLACE.finditer(pattern)}
    rest = _PLACE.sub("", pattern)
    if not {"year", "month"} <= names or "{" in rest or "}" in rest:
        raise ValueError(
            "does not say where the date stands; write it like https://example.org/{year}/{month:02}/{day:02}/, or "
            "without the day for pages of a month"
        )
    return pattern


def address(pattern: str, day: date = _EXAMPLE) -> str:
    """The address of the page that holds a day's stories."""
    return pattern.format(year=day.year, month=day.month, day=day.day)


def addresses(patterns: Iterable[str], since: date, until: date) -> Iterator[tuple[str, date]]:
    """The archive pages that hold the days from `since` to `until`, the newest first, each with its last day."""
    seen: set[str] = set()
    patterns = tuple(patterns)
    for back in range((until - since).days + 1):
        day = until - timedelta(days=back)
        for pattern in patterns:
            if (url := address(pattern, day)) not in seen:
                seen.add(url)
                yield url, day if "{day" in pattern else _last_of_month(day)


def _last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
