"""WARC in: a file gives the captures in it, one by one, and a capture the page that it holds.

What a crawler wrote years ago is as broken as the web is. A record that is torn, damaged, or holds no page of a story
is told by its name, and the next one is read; of a file that is damaged in the middle what comes after it is found by
the marks with which members and records begin. Memory is bounded whatever a record says of itself.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from fastwarc.stream_io import BrotliReader, ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from newsbot.errors import NotUnderstood
from newsbot.items import Lead, Page

GZIP, ZSTD, PLAIN = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"WARC/"
"""How a member of a packed file begins, and a record (RFC 1952, RFC 8878, ISO 28500)."""
MOST_PACKINGS = 2  # as of an answer that a crawl fetches: more than one is a mistake already
_HTML = ("text/html", "application/xhtml+xml")
_BESIDE = (WarcRecordType.warcinfo, WarcRecordType.request, WarcRecordType.metadata)  # what every file is full of
_PIECE = 1 << 20
_OK = 200
_TOO_LARGE = "error.too_large"
TORN, DAMAGED = "error.torn", "error.damaged"
"""What a record that the file ends in, and a stretch that cannot be read, are counted under."""


@dataclass(frozen=True, slots=True)
class Capture:
    """An answer as the archive holds it: `body` is packed as it came, the names of `headers` are in lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    when: datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that holds no page; `name` is what it is counted under."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one record: how many there were up to it, the byte at which it begins in the file, and what it
    holds; None for what stands beside captures, as requests do."""

    records: int
    place: int
    found: Capture | Passed | None


class NoArchive(NotUnderstood):
    """The file is no WARC."""


def captures(file: BinaryIO, most: int, after: int = 0) -> Iterator[Read]:
    """The records of a WARC file, packed with gzip or zstd or not, without the first `after`; of a body, at most `most`
    bytes are taken. The file has to be seekable for anything to be found behind a damage, which is told as one that
    was passed.

    Raises NoArchive where no record is in it, and OSError where it cannot be read.
    """
    records, at, start = 0, -1, 0
    damaged = False
    while start >= 0:
        if start:
            file.seek(start)
        try:
            for record in ArchiveIterator(file, parse_http=False):
                at = record.stream_pos
                found = _found(record, most) if records >= after else None
                if damaged and records >= after:
                    yield Read(records, at, Passed(DAMAGED))
                damaged, records = False, records + 1
                if records > after:
                    torn = isinstance(found, Passed) and found.name == TORN  # it is not done with: the rest may come
                    yield Read(records - torn, at, found)
            start = -1
        except OSError as error:
            if error.errno is not None:  # the disk's, and not what the library says of the bytes
                raise
            damaged = True
            start = _next(file, max(at, start) + 1) if file.seekable() else -1
    if not records:
        raise NoArchive("there is no WARC record in it. Give a .warc, .warc.gz or .warc.zst file.")
    if damaged:
        yield Read(records, at, Passed(DAMAGED))


def _next(file: BinaryIO, at: int) -> int:
    """Where, from a byte on, a record or a packed member begins that holds one; -1 where none does."""
    marks = re.compile(b"|".join(map(re.escape, (GZIP, ZSTD, b"\n" + PLAIN))))
    while True:
        file.seek(at)
        piece = file.read(_PIECE)
        for mark in marks.finditer(piece):
            place = at + mark.end() - (len(PLAIN) if mark[0].endswith(PLAIN) else len(mark[0]))
            if _begins(file, place):
                return place
        if len(piece) < _PIECE:
            return -1
        at += _PIECE - len(PLAIN)  # a mark may stand across the end of a piece


def _begins(file: BinaryIO, place: int) -> bool:
    """Whether a record begins at a byte."""
    file.seek(place)
    try:
        next(iter(ArchiveIterator(file, parse_http=False)))
    except (OSError, StopIteration):
        return False
    return True


# -- a record ----------------------------------------------------------------------------------------------------------


def _found(record: WarcRecord, most: int) -> Capture | Passed | None:
    """What a record holds, unless the file ends in it."""
    if "Content-Length" not in record.headers:
        return Passed(TORN)
    found = _told(record, most)
    if isinstance(found, Capture) or (found and found.name in (TORN, _TOO_LARGE)):
        return found
    return found if record.consume() == record.content_length else Passed(TORN)


def _told(record: WarcRecord, most: int) -> Capture | Passed | None:
    kind, url = record.record_type, (record.headers.get("WARC-Target-URI") or "").strip("<> \t")
    if kind in _BESIDE:
        return None
    if kind != WarcRecordType.response:
        return Passed("skipped.revisit" if kind == WarcRecordType.revisit else "skipped.record", url)
    if not url.lower().startswith(("http://", "https://")):
        return Passed("skipped.scheme", url)
    when = record.record_date
    if when is None or when.tzinfo is None:
        return Passed("skipped.undated", url)
    record.is_http = True  # whatever it says of its block
    record.parse_http(quirks_mode=True)  # what ends its lines with LF alone is read too
    status = record.http_headers.status_code
    if status is None:
        return Passed("error.not_understood", url)
    if status != _OK:
        return Passed(f"skipped.http_{status}", url)
    headers = {name.lower(): value for name, value in record.http_headers.to_tuples()}
    kind_of_text = headers.get("content-type", "").strip().lower()
    if kind_of_text and not kind_of_text.startswith(_HTML):
        return Passed("skipped.not_html", url)
    body = _whole(record.reader.read, most)
    if len(body) > most:
        return Passed(_TOO_LARGE, url)
    if len(body) < record.content_length:
        return Passed(TORN, url)
    return Capture(url, headers, body, when.astimezone(UTC))


def _whole(read: Callable[[int], bytes], most: int) -> bytes:
    """What there is to read, at most one byte more than `most`."""
    pieces, size = [], 0
    while size <= most and (piece := read(min(_PIECE, most + 1 - size))):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


# -- a page ------------------------------------------------------------------------------------------------------------


def page(capture: Capture, site: str, most: int) -> Page | Passed:
    """The page that a capture holds, unpacked to `most` bytes at most; why there is none where it cannot be."""
    body = _joined(capture.body) if "chunked" in capture.headers.get("transfer-encoding", "").lower() else capture.body
    packings = [name.strip() for name in capture.headers.get("content-encoding", "").lower().split(",")]
    packings = [name for name in packings if name not in ("", "identity", "none", "utf-8")]
    if len(packings) > MOST_PACKINGS:
        return Passed("error.not_unpacked", capture.url)
    for packing in reversed(packings):
        if (packed := body) is None:
            break
        try:
            body = _UNPACKERS[packing](packed, most)
        except (KeyError, OSError, zlib.error):
            if not _TEXT.match(packed):  # many archives keep the header of a packing that they have undone
                return Passed("error.not_unpacked", capture.url)
    if body is None:
        return Passed("error.cut_off", capture.url)
    if not body:
        return Passed("error.empty_body", capture.url)
    if len(body) > most:
        return Passed(_TOO_LARGE, capture.url)
    lead = Lead(capture.url)
    return Page(site, capture.url, capture.url, _OK, capture.headers, body, capture.when, lead)


_TEXT = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z]")
_CHUNK = re.compile(rb"\s*([0-9a-fA-F]{1,8})[^\r\n]{0,4096}\r?\n")


def _joined(body: bytes) -> bytes | None:
    """The chunks of a body put together (RFC 9112, 7.1); one that is not in chunks is left as it is, as archives do
    that keep the header of what they have put together. None where it is cut."""
    if not _CHUNK.match(body):
        return body
    pieces: list[bytes] = []
    at = 0
    while head := _CHUNK.match(body, at):
        size, begin = int(head[1], 16), head.end()
        if not size:
            return b"".join(pieces)
        pieces.append(body[begin : begin + size])
        at = begin + size
    return None


def _inflated(body: bytes, most: int) -> bytes | None:
    """What gzip or deflate has packed, with or without zlib's head, which servers disagree about; one byte more than
    `most` where there is more. None where it is cut."""
    try:
        unpacker = zlib.decompressobj(wbits=47)
        unpacked = unpacker.decompress(body, most + 1)
    except zlib.error:
        unpacker = zlib.decompressobj(wbits=-15)
        unpacked = unpacker.decompress(body, most + 1)
    return unpacked if unpacker.eof or len(unpacked) > most else None


def _by(reader: type[BrotliReader] | type[ZstdReader]) -> Callable[[bytes, int], bytes | None]:
    return lambda body, most: _whole(reader(io.BytesIO(body)).read, most)


_UNPACKERS: dict[str, Callable[[bytes, int], bytes | None]] = {
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _inflated,
    "br": _by(BrotliReader),
    "zstd": _by(ZstdReader),
}
