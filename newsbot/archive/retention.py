"""Old pages go: whole files of the archive, the oldest first, once they are older than they are to be kept, or all of
them are larger than they may be. What refers to a file is told first, so that nothing ever leads nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsbot.archive.files import FILE_SPAN, begun, mark_of
from newsbot.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Size:
    """How much an archive holds: its files, their bytes, and when the first of them was begun; None without any."""

    files: int
    bytes: int
    since: datetime | None


def size(folder: Path) -> Size:
    """How much there is in the folder of an archive; nothing where there is none. Raises ArchiveError."""
    with _reported(folder):
        files = _files(folder)
    return Size(len(files), sum(each.bytes for each in files), files[0].begun if files else None)


def prune(
    folder: Path, days: int | None, most: int | None, now: datetime, forget: Callable[[list[str]], object]
) -> int:
    """Delete the files last written more than `days` days ago, then the oldest as long as all together have more than
    `most` bytes; None: no such bound. `forget` is told the names before they go, a file that is being written stays;
    gives how many went. Raises ArchiveError, and what `forget` raises."""
    if days is None and most is None:
        return 0
    with _reported(folder):
        files = _files(folder)
        left, gone = sum(each.bytes for each in files), 0
        for each in files:
            too_old = days is not None and each.written < now - timedelta(days=days)
            too_much = most is not None and left > most
            if not (too_old or too_much):
                continue
            with _for_ourselves(each, now) as ours:
                if ours:
                    forget([each.path.name])
                    each.path.unlink(missing_ok=True)
                    left, gone = left - each.bytes, gone + 1
    return gone


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    begun: datetime
    written: datetime
    bytes: int


def _files(folder: Path) -> list[_File]:
    """The files that a writer has made, the oldest first; others are none of ours."""
    found = []
    for path in folder.glob("newsbot-*.warc.gz"):
        if (first := begun(path)) is not None:
            state = path.stat()
            found.append(_File(path, first, datetime.fromtimestamp(state.st_mtime, UTC), state.st_size))
    return sorted(found, key=lambda each: (each.begun, each.path.name))


@contextmanager
def _for_ourselves(file: _File, now: datetime) -> Iterator[bool]:
    """Whether nobody writes to the file, nor will until we are done. A mark on a file that was not written to for two
    days is that of a writer who was killed: one that lives has closed such a file."""
    mark = mark_of(file.path)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        if now - file.written < 2 * FILE_SPAN:
            yield False
            return
    try:
        yield True
    finally:
        mark.unlink(missing_ok=True)


@contextmanager
def _reported(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{folder}: the archive cannot be put in order: {error.strerror or error}. Check its owner."
        ) from error
