"""Points in time as people type them: `2h`, `3d`, `yesterday`, `2026-11-24`, `2026-11-24T08:30+01:00`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from newsbot.errors import QueryError

_AGO = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime) -> datetime:
    """The instant in UTC that `text` means at `now`. Days begin at midnight UTC; a time without offset is UTC.

    Raises QueryError for anything else.
    """
    wanted = text.strip().lower()
    now = now.astimezone(UTC)
    today = datetime.combine(now.date(), time(0), UTC)
    if wanted in ("now", "today", "yesterday"):
        return {"now": now, "today": today, "yesterday": today - timedelta(days=1)}[wanted]
    try:
        if match := _AGO.fullmatch(wanted):
            return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise QueryError(
            f"{text!r} is no point in time. Write 90m, 12h, 3d, 2w (that long ago), today, yesterday, 2026-11-24 or "
            "2026-11-24T08:30+01:00."
        ) from error
