"""A site is crawled by one crawl at a time. The locks are the kernel's (flock): they go with their process.

    locks/guard          held for the moment in which a crawl looks at the others and enters itself
    locks/XXXXXXXX.lock  held by a crawl while it is at work: its pid, its start, and the sites that it was given

A crawl's file goes with its end. One that was killed leaves it behind, but not the lock on it: the next removes it.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from newsbot.errors import CrawlLocked, StoreUnavailable

_SUFFIX = ".lock"
_ALL_MAY_READ = 0o644  # another user's crawl has to look at the lock, and at who holds it


@contextmanager
def crawl_lock(folder: Path, sites: Collection[str], *, leave: bool = False) -> Iterator[list[str]]:
    """Hold these sites, by key, and give those that are held; the locks are in `folder`, which is made if need be.
    Without waiting for others: where a crawl has one of the sites it is left to it where `leave` says so; else raises
    CrawlLocked, naming the first of these, the crawl's pid and its start. Raises StoreUnavailable where the files
    cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _guarded(folder):
            taken = _taken(folder)
            if not leave:
                _check_free(taken, sites)
            sites = [key for key in sites if key not in taken]
            path, descriptor = _enter(folder, sites)
    except OSError as error:
        raise StoreUnavailable(
            f"{error.filename or folder}: cannot be written: {error.strerror}. "
            "Set NEWSBOT_HOME to a folder that can be, with room on its disk."
        ) from error
    try:
        yield sites
    finally:
        with suppress(OSError):  # the folder may be gone, or read-only by now: without its lock the file holds nothing
            path.unlink()
        os.close(descriptor)


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """One crawl at a time looks and enters itself: else two could find each other's sites free."""
    with (folder / "guard").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def _taken(folder: Path) -> dict[str, tuple[str, Path]]:
    """The sites that crawls at work have, each with who has it and the file that says so; removes the files of crawls
    that were killed."""
    held: dict[str, tuple[str, Path]] = {}
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            file = path.open(encoding="utf-8", errors="replace")
        except FileNotFoundError:  # that crawl has just ended
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder, *keys = file.read().splitlines() or ["another process"]
                held.update(dict.fromkeys(keys, (holder, path)))
            else:
                path.unlink(missing_ok=True)
    return held


def _check_free(held: Mapping[str, tuple[str, Path]], sites: Collection[str]) -> None:
    """Raises CrawlLocked where one of the sites is held."""
    if taken := [key for key in sites if key in held]:
        holder, path = held[taken[0]]
        more = f" and {len(taken) - 1} more of these sites" if len(taken) > 1 else ""
        raise CrawlLocked(
            f"another run is at work on {taken[0]}{more}: {holder}. Wait for it to end, or name others ({path})."
        )


def _enter(folder: Path, sites: Collection[str]) -> tuple[Path, int]:
    """Make this crawl's file and lock it; gives its path and descriptor."""
    descriptor, name = tempfile.mkstemp(_SUFFIX, "", folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(descriptor, _ALL_MAY_READ)
        started = f"pid {os.getpid()}, started {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        with os.fdopen(descriptor, "w", encoding="utf-8", closefd=False) as file:
            file.write("\n".join([started, *sites, ""]))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        os.close(descriptor)
        raise
    return Path(name), descriptor
