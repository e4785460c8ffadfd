"""Instants as feeds and sitemaps write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# RFC 5322 knows the zones of North America; these stand in feeds too. Each has one meaning among news sites' countries.
_ZONES = {
    "WET": "+0000", "WEST": "+0100", "BST": "+0100", "CET": "+0100", "MEZ": "+0100", "CEST": "+0200", "MESZ": "+0200",
    "EET": "+0200", "EEST": "+0300", "SAST": "+0200", "MSK": "+0300", "SGT": "+0800", "HKT": "+0800", "AWST": "+0800",
    "JST": "+0900", "KST": "+0900", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300",
}  # fmt: skip
_ZONE = re.compile(r"(?<=\d )([A-Z]{3,4})$")
EARLIEST = 1600  # before the first newspaper (1605): a date of the year 1 is a program's zero


def instant(text: str) -> datetime | None:
    """The instant, in UTC, that an ISO 8601 or RFC 5322 date names; None if it is neither.

    A date without an offset is read as UTC, one without a time of day as its midnight. Zero timestamps (1970-01-01
    at midnight, the year 1) mean that nothing is known.
    """
    text = " ".join(text[:100].split())
    if not text:
        return None
    found: datetime | None = None
    for reading in (_iso, _mail):
        try:
            found = reading(text)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
            break
        except (ValueError, TypeError, IndexError, OverflowError):
            found = None
    if found is None or found.year < EARLIEST or found == datetime(1970, 1, 1, tzinfo=UTC):
        return None
    return found


def _iso(text: str) -> datetime:
    if match := re.fullmatch(r"(\d{4})-(\d\d)", text):  # W3C's profile of ISO 8601 allows months
        return datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)
    # "2024-05-03 10:00:00 +0300" and "... UTC" are common; fromisoformat takes an offset only without the blank.
    text = re.sub(r" ?(UTC|GMT)$", "+00:00", text)
    return datetime.fromisoformat(re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text))


def _mail(text: str) -> datetime:
    text = _ZONE.sub(lambda match: _ZONES.get(match[1], match[1]), text)
    return parsedate_to_datetime(text)
