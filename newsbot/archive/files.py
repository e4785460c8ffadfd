"""The files of an archive: what their names say, and the marks beside those that somebody writes or deletes."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE_BYTES = 100_000_000
"""A file that has so many is closed: old pages are deleted by whole files."""
FILE_SPAN = timedelta(days=1)
"""A file that was begun so long ago is closed."""

_MARK = ".open"
_NAME = re.compile(r"newsbot-(\d{14})-\d{5}-(.+)-\d+\.warc\.gz")


def name_of(now: datetime, serial: int, process: int) -> str:
    """The name of a file that is begun now: time, number, host, process."""
    return f"newsbot-{now.astimezone(UTC):%Y%m%d%H%M%S}-{serial:05}-{this_host()}-{process}.warc.gz"


def begun(file: Path) -> datetime | None:
    """When a file of the archive was begun; None for the name of another file."""
    match = _NAME.fullmatch(file.name)
    try:
        return datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if match else None
    except ValueError:  # digits that are no point in time
        return None


def host_of(file: str) -> str:
    """The host that wrote a file of the archive, by its name; empty for the name of another file."""
    match = _NAME.fullmatch(file)
    return match[2] if match else ""


def this_host() -> str:
    """This host, as it stands in the names of files."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", socket.gethostname()) or "localhost"


def mark_of(file: Path) -> Path:
    """The mark beside a file: who makes it, and finds none there, has the file for itself."""
    return file.with_name(file.name + _MARK)
