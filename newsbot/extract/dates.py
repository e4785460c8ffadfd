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
# How the months begin in the languages of news sites (en de fr es it pt nl sv no da fi pl cs hu ro id tr ru uk el ar);
# of two that fit, the longer one counts.
_MONTHS: dict[str, int] = {
    start: month
    for month, starts in enumerate(
        (
            "jan jän ene gen sty led oca tammi ian янв січ ιαν يناير",
            "feb fév fev lut únor şub helmi фев лют φεβ فبراير",
            "mar mär maa mrt břez márc maalis бер мар μαρ مارس",
            "apr avr abr kwi dub ápr nis huhti апр кві απρ أبريل",
            "may mai mei maj mag máj květ touko май мая тра μαΐ μαϊ مايو",
            "jun juin giu cze červn jún haz kesä iun июн чер ιουν يونيو",
            "jul juil lug lip červenc júl tem heinä iul июл лип ιουλ يوليو",
            "aug aoû ago sie srp ağu agu elo авг сер αυγ أغسطس",
            "sep set wrz zář szept eyl syys сен вер σεπ سبتمبر",
            "oct okt ott out paź říj eki loka окт жов οκτ أكتوبر",
            "nov lis kas marras noi ноя лис νοε نوفمبر",
            "dec déc dez dic des gru pros ara joulu дек гру δεκ ديسمبر",
        ),
        1,
    )
    for start in starts.split()
}
_ENGLISH_MONTHS = frozenset(
    "january february march april may june july august sept september october november december".split()
)
_WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun".split())
_LONGEST_START = max(map(len, _MONTHS))
_HAN_DAY = re.compile(r"(\d{4})\s?[年년.]\s?(\d{1,2})\s?[月월.]\s?(\d{1,2})\s?[日일]?")
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|er|º|ª|st|nd|rd|th)?,?\s+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?\s+(?:de\s+|del\s+)?(\d{4})(?!\d)"
)
_MONTH_FIRST = re.compile(r"(?<![^\W_])([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\.\s+([^\W\d_]{3,12})\.?\s+(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<![\d.])(\d{1,2})(?:\.\s?(\d{1,2})\.\s?(20\d{2}|\d{2})|[/-](\d{1,2})[/-](20\d{2}))(?!\d)")
_YEAR_AND_NUMBERS = re.compile(r"(?<!\d)(20\d{2})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_TIME = re.compile(r"(?<![\d:.])(\d{1,2})\s?[:.hH時시]\s?(\d{2})(?![\d.])(?::\d{2})?\s*([ap]\.?m\b)?", re.IGNORECASE)
_OFFSET = re.compile(r"\b(?:GMT|UTC)\s?([+-]\d{1,2})(?::?(\d{2}))?(?!\d)")
_FAR = 30  # characters between a day and its time
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
        return None if _ISO.match(text) else date_within(text)
    if found.date() != other.date():
        return None
    return _plausible(found if _CLOCK.search(text) else found.date())


def date_within(line: str) -> date | None:
    """The moment that a line such as a dateline gives among other words, in any of the languages of `_MONTHS`: as
    `parse_date` gives it. None where the line gives none, or one that could mean two days."""
    if len(line) > 300:
        return None
    day, end = _day_within(line)
    if day is None or _plausible(day) is None:
        return None
    rest = line[end:]
    clock = _TIME.search(rest)
    if not clock or clock.start() > _FAR:
        return day
    hour, minute = int(clock[1]), int(clock[2])
    if clock[3]:
        hour = hour % 12 + (12 if clock[3][0] in "pP" else 0)
    if hour > 23 or minute > 59:
        return day
    zone = None
    if offset := _OFFSET.search(rest, clock.end()):
        minutes = abs(int(offset[1])) * 60 + int(offset[2] or 0)
        zone = timezone(timedelta(minutes=-minutes if offset[1][0] == "-" else minutes)) if minutes < 24 * 60 else None
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def _day_within(line: str) -> tuple[date | None, int]:
    """The first day that a line names, and where it ends."""
    try:
        for found in _DAY_FIRST.finditer(line):
            if month := _month(found[2]):
                return date(int(found[3]), month, int(found[1])), found.end()
        for found in _MONTH_FIRST.finditer(line):
            if month := _month(found[1]):
                return date(int(found[3]), month, int(found[2])), found.end()
        for found in _YEAR_FIRST.finditer(line):
            if month := _month(found[2]):
                return date(int(found[1]), month, int(found[3])), found.end()
        if match := _YEAR_AND_NUMBERS.search(line):
            return date(int(match[1]), int(match[3]), int(match[4])), match.end()
        if match := _HAN_DAY.search(line):
            return date(int(match[1]), int(match[2]), int(match[3])), match.end()
        if match := _NUMBERS.search(line):
            if match[2]:
                year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
                return date(year, int(match[2]), int(match[1])), match.end()
            first, second = int(match[1]), int(match[4])
            if first <= 12 and second <= 12 and first != second:
                return None, 0  # some countries put the month first
            day, month = (first, second) if second <= 12 else (second, first)
            return date(int(match[5]), month, day), match.end()
    except ValueError:
        pass
    return None, 0


def _month(name: str) -> int | None:
    name = name.lower()
    return next((_MONTHS[name[:n]] for n in range(_LONGEST_START, 1, -1) if name[:n] in _MONTHS), None)


def is_calendar_word(word: str) -> bool:
    """Whether the word is a month's name or short form, or a weekday's in English, and a name only seldom."""
    bare = word.strip(".,").lower()
    return bare in _WEEKDAYS or bare in _MONTHS or bare in _ENGLISH_MONTHS


def date_in_url(url: str) -> date | None:
    """The day that an address carries (`/2024/05/03/`, `20240503`), None where it carries none."""
    match = _IN_URL.search(url.split("?")[0])
    if not match:
        return None
    try:
        return _plausible(date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        return None
