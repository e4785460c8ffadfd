"""Instants and days as pages write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dateutil import parser as free_form

_ISO = re.compile(
    r"^\s*(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{0,2})?(?:\[[\w/]+\])?)?\s*$",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"^\s*(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?\s*$")
_UNIX = re.compile(r"^\s*(\d{10})(\d{3})?\s*$")
_IN_URL = re.compile(r"(?:^|[/._-])((?:19|20)\d{2})[/._-]?(0[1-9]|1[0-2])[/._-]?(0[1-9]|[12]\d|3[01])(?=[/._-]|$)")
# Zones that news pages name by letters. A code that several zones share (CST: Chicago's, Shanghai's) is left out: the
# time is then read in the site's own.
_ZONES = {
    "EST": -18000, "EDT": -14400, "CDT": -18000, "MST": -25200, "MDT": -21600, "PST": -28800,
    "PDT": -25200, "BST": 3600, "CET": 3600, "CEST": 7200, "EET": 7200, "EEST": 10800,
    "MSK": 10800, "JST": 32400, "KST": 32400, "AEST": 36000, "AEDT": 39600, "HKT": 28800, "SGT": 28800, "WIB": 25200,
}  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d{2}")
# Letters that mean summer time in summer.
_ALL_YEAR = {"ET": "America/New_York", "PT": "America/Los_Angeles"}
_DOTTED = re.compile(r"\b\d{1,2}\.\s?\d{1,2}\.\s?\d{4}\b")
_SLASHED = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-]\d{4}\b")
_CLOCK = re.compile(r"\d{1,2}[:h]\d{2}")
# "GMT+3" means three hours ahead of Greenwich on a page; dateutil reads it as POSIX does, three hours behind.
_AHEAD = re.compile(r"\b(?:UTC|GMT)\s?(?=[+-]\d)")
EARLIEST = 1990  # no news page on the web is older; what claims to be is a default such as 1970-01-01


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _plausible(value: date) -> date | None:
    return value if EARLIEST <= value.year <= 2100 else None


def _tzinfo(name: str | None, offset: int | None) -> tzinfo | None:
    """For dateutil, which else takes the letters of the zone of the machine that it runs on for a known name."""
    if offset is None and name in _ALL_YEAR:
        return ZoneInfo(_ALL_YEAR[name])
    seconds = _ZONES.get(name or "") if offset is None else offset
    return None if seconds is None else timezone(timedelta(seconds=seconds))


def _either_way(text: str) -> bool:
    """Whether the day could be the month: some countries write 03/05/2024 for the third of May, some for the fifth of
    March."""
    match = _SLASHED.search(text)
    return match is not None and int(match[1]) <= 12 and int(match[2]) <= 12 and int(match[1]) != int(match[2])


def parse_date(text: str | None) -> date | None:
    """The moment that `text` names: an aware datetime where it gives a zone, a naive one where it gives only a time, a
    plain date where it gives only a day; None where it gives neither, could mean two days, or the year is not between
    1990 and 2100."""
    if not text or len(text) > 120:
        return None
    try:
        if match := _ISO.match(text) or _COMPACT.match(text):
            year, month, day, hour, minute, second, zone = match.groups()
            if hour is None:
                return _plausible(date(int(year), int(month), int(day)))
            hour, extra = (0, 1) if int(hour) == 24 else (int(hour), 0)
            whole = datetime(int(year), int(month), int(day), hour, int(minute), int(second or 0), tzinfo=_zone(zone))
            return _plausible(whole + timedelta(days=extra))
        if match := _UNIX.match(text):
            return _plausible(datetime.fromtimestamp(int(match.group(1)), UTC))
        if not _YEAR.search(text) or _either_way(text):
            return None
        text = _AHEAD.sub("", text)
        # What the text leaves open comes from the default: two of them that share nothing show whether it is the day.
        found, other = (
            free_form.parse(text, default=default, dayfirst=bool(_DOTTED.search(text)), tzinfos=_tzinfo)
            for default in (datetime(1, 1, 1), datetime(2, 2, 2))  # noqa: DTZ001 - naive on purpose
        )
    except (ValueError, OverflowError, AttributeError, TypeError):
        return None
    if found.date() != other.date():
        return None
    return _plausible(found if _CLOCK.search(text) else found.date())


def date_in_url(url: str) -> date | None:
    """The day that an address carries (`/2024/05/03/`, `20240503`), None where it carries none."""
    match = _IN_URL.search(url.split("?")[0])
    if not match:
        return None
    try:
        return _plausible(date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        return None
