"""Exchanges to keep, made up, and the records of a file as warcio, which others read archives with, sees them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from newsbot.archive.writing import Exchange

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HTML = b"<html><head><title>The ferry is back</title></head><body><p>Since Monday.</p></body></html>"


def exchange(number: int = 1, body: bytes = HTML, **fields: Any) -> Exchange:
    """A page of its own address, packed with gzip as most are."""
    given: dict[str, Any] = {
        "url": f"https://paper.example/news?id={number}",
        "when": NOON,
        "asked": ((b"User-Agent", b"newsbot/1"), (b"Accept", b"*/*")),
        "status": 200,
        "headers": (
            (b"Content-Type", b"text/html"),
            (b"Content-Encoding", b"gzip"),
            (b"Set-Cookie", b"a"),
            (b"Set-Cookie", b"b"),
        ),
        "body": gzip.compress(body, mtime=0),
    }
    return Exchange(**(given | fields))


@dataclass(frozen=True)
class Record:
    """A record: its type, its headers and those of HTTP, its body as it is stored and unpacked."""

    kind: str
    at: int
    headers: dict[str, str]
    first: str
    http: list[tuple[str, str]]
    body: bytes
    unpacked: bytes


def records(file: Path) -> list[Record]:
    """All records of a file, with their digests checked."""
    stored = [body for _, body, _ in _read(file, unpacked=False)]
    return [
        Record(
            record.rec_type,
            at,
            dict(record.rec_headers.headers),
            record.http_headers.statusline if record.http_headers else "",
            record.http_headers.headers if record.http_headers else [],
            body,
            unpacked,
        )
        for body, (record, unpacked, at) in zip(stored, _read(file, unpacked=True), strict=True)
    ]


def _read(file: Path, *, unpacked: bool) -> Iterator[tuple[Any, bytes, int]]:
    with file.open("rb") as opened:
        iterator = ArchiveIterator(opened, check_digests="raise")
        for record in iterator:
            body = (record.content_stream() if unpacked else record.raw_stream).read()
            yield record, body, iterator.get_record_offset()  # which reads the record to its end
