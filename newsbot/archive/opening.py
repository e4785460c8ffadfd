"""Archives as they are named on the command line: opened, and known by how they begin."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

STDIN = "-"
HEAD = 1 << 20
"""Bytes of a file's beginning by which it is known: the record that says how it was made stands there, with an identity
of its own."""


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file, or stdin, which is read with what is asked of it before."""
    if name != STDIN:
        with Path(name).open("rb") as file:
            yield file
    elif sys.stdin.buffer.seekable():
        yield sys.stdin.buffer
    else:
        yield cast(BinaryIO, _Pipe(sys.stdin.buffer))


def known_by(file: BinaryIO) -> tuple[str, int | None]:
    """The digest of how an opened file begins, and its size in bytes, None for a pipe; it stands at its beginning
    afterwards."""
    if isinstance(file, _Pipe):
        head, size = file.peek(HEAD), None
    else:
        head, size = file.read(HEAD), os.fstat(file.fileno()).st_size
        file.seek(0)
    return hashlib.sha256(head).hexdigest()[:32], size


class _Pipe(io.RawIOBase):
    """What comes through a pipe: it can be looked at once before it is read, and says how much was read."""

    def __init__(self, inner: BinaryIO) -> None:
        super().__init__()
        self._inner = inner
        self._before = b""
        self._at = 0

    def peek(self, size: int) -> bytes:
        """The first bytes, which are read nevertheless."""
        self._before = self._inner.read(size)
        return self._before

    def read(self, size: int = -1) -> bytes:
        """The next bytes, fewer than `size` only where there are no more just now."""
        if self._before:
            size = len(self._before) if size < 0 else size
            some, self._before = self._before[:size], self._before[size:]
        else:
            some = self._inner.read(size)
        self._at += len(some)
        return some

    def tell(self) -> int:
        """How many bytes were read."""
        return self._at
