"""One crawl at a time in a NEWSBOT_HOME. The lock is the kernel's (flock): it goes with the process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from newsbot.errors import CrawlLocked, StoreUnavailable


@contextmanager
def crawl_lock(path: Path) -> Iterator[None]:
    """Hold the lock file. Raises CrawlLocked, naming the holder's pid and start, and StoreUnavailable where the file
    cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreUnavailable(
            f"{path}: cannot be written: {error.strerror}. Set NEWSBOT_HOME to a folder that can be."
        ) from error
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = file.read().strip() or "another process"
            raise CrawlLocked(f"another crawl is at work: {holder}. Wait for it to end ({path}).") from error
        file.truncate(0)
        file.write(f"pid {os.getpid()}, started {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        file.flush()
        yield
