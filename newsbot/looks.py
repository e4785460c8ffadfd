"""When a story is looked at again after it was published: soon, then ever more rarely, then never."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

LOOKS = ("30m", "3h", "1d", "7d")
"""The ages at which a story is looked at again where its site's file says nothing else. Most corrections come within
hours, and nearly all of the rest within days."""
LONGEST = timedelta(days=366)

_SPAN = re.compile(r"(\d{1,6})\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """The span that `30m`, `3h` or `7d` means. Raises ValueError for anything else, none and more than a year."""
    match = _SPAN.fullmatch(text.strip())
    found = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < found <= LONGEST:
        raise ValueError(f"{text!r} is no age at which to look again; write 30m, 3h or 7d, at most 366d")
    return found


def spelled(age: timedelta) -> str:
    """A whole number of minutes as `span` reads it, in the largest unit that divides it."""
    minutes = age // timedelta(minutes=1)
    return next(f"{minutes // size}{unit}" for unit, size in (("d", 1440), ("h", 60), ("m", 1)) if minutes % size == 0)


def next_look(published: datetime, now: datetime, looks: Iterable[timedelta]) -> datetime | None:
    """When the story is to be looked at next: the first of these ages that it has not reached; None for never."""
    return min((due for age in looks if (due := published + age) > now), default=None)
