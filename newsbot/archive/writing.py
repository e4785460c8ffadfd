"""WARC out: requests and their answers as they went over the wire, each record a gzip member of its own.

A file has one writer. The name says when it was begun, by which host and process; a mark beside it (`.open`) says that
it is being written. The next writer of the host goes on with a file that was closed, until it is a day old or large
enough: so there are a few files a day and not one a crawl. What a killed writer leaves keeps its mark, and is never
written again: its last member may be torn.

A record is on the disk when `write` returns it: a story that refers to it is committed later.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http.client import responses
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from newsbot.archive.files import FILE_BYTES, FILE_SPAN, begun, host_of, mark_of, name_of, this_host
from newsbot.errors import ArchiveError
from newsbot.items import Archived

# What is packed already, as most bodies are, does not become smaller; of the rest, higher levels would make a quarter
# less in three times as long.
_PACKED_ALREADY, _PLAIN = 0, 1
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_SAME, _NOT_MODIFIED = _PROFILE + "identical-payload-digest", _PROFILE + "server-not-modified"

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A GET request for `url` and its answer: header lines in their order, the body packed as `Content-Encoding` says.
    `when` is the instant at which the answer was there, `protocol` its HTTP version, `address` the server's IP address
    where it is known."""

    url: str
    when: datetime
    asked: Headers
    status: int
    headers: Headers
    body: bytes
    protocol: str = "HTTP/1.1"
    address: str | None = None


class Writer:
    """Writes to the files of one folder, which is made with the first page. `about` goes into the record with which
    each writer begins: who crawls, and by which rules. To be used from one thread at a time."""

    def __init__(self, folder: Path, about: Mapping[str, str]) -> None:
        self._folder = folder
        self._about = about
        self._host = this_host()
        self._serial = 0
        self._path: Path | None = None
        self._to = -1
        self._end = 0
        self._information = ""
        self._packers = {level: _Packer(level) for level in (_PACKED_ALREADY, _PLAIN)}

    def write(self, exchange: Exchange, before: Archived | None = None) -> Archived | None:
        """Keep a request and its answer; gives where the page is, once it is on the disk. `before` is where the page of
        this address lay when it was fetched last: where that is still there, and is the same to the byte, it is only
        noted that it was, and it stays where the page is. So it does where the answer says itself that nothing has
        changed (304); where no page is there then, nothing is kept, and None is given.

        Raises ArchiveError; the file is left as it was before.
        """
        try:
            earlier = self._read(before) if before else None
            not_modified = exchange.status == 304
            if not_modified and earlier is None:
                return None
            self._open(exchange.when)
            digest = _sha1(exchange.body)
            same = earlier is not None and earlier.digest == digest
            profile = _NOT_MODIFIED if not_modified else _SAME if same else None
            answer = _answer(exchange, digest, earlier if profile else None, profile)
            answer.headers["WARC-Warcinfo-ID"] = self._information
            request = _request(exchange, str(answer.record_id))
            level = _PACKED_ALREADY if _is_packed(exchange) and not profile else _PLAIN
            offset = self._append(self._packers[level].member(answer) + self._packers[_PLAIN].member(request))
        except OSError as error:
            reason = error.strerror or str(error)
            raise ArchiveError(
                f"{self._folder}: the archive cannot be written: {reason}. Make room, or check its owner."
            ) from error
        assert self._path is not None
        return before if profile else Archived(self._path.name, offset)

    def close(self) -> None:
        """Close the file; the next writer may go on with it."""
        if self._path is not None:
            os.close(self._to)
            mark_of(self._path).unlink(missing_ok=True)
            self._path = None

    # -- files --------------------------------------------------------------------------------------------------------

    def _open(self, now: datetime) -> None:
        """See to it that there is a file to write to, neither too large nor too old."""
        if self._path is not None:
            if self._end < FILE_BYTES and _is_young(self._path, now):
                return
            self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._taken_up(now) or self._new(now)
        self._to = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        self._end = os.fstat(self._to).st_size
        information = WarcRecord()
        information.init_headers(WarcRecordType.warcinfo)
        information.record_date = now
        information.headers["WARC-Filename"] = self._path.name
        information.headers["Content-Type"] = "application/warc-fields"
        fields = {**self._about, "hostname": self._host, "format": "WARC File Format 1.1"}
        said = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items())
        information.set_bytes_content(said.encode())
        self._append(self._packers[_PLAIN].member(information))
        self._information = str(information.record_id)

    def _taken_up(self, now: datetime) -> Path | None:
        """This host's last file, if it was closed and there is still room in it, and nobody else takes it."""
        own = [file for file in self._folder.glob("newsbot-*.warc.gz") if host_of(file.name) == self._host]
        file = max(own, default=None)
        if file is None or not _is_young(file, now) or file.stat().st_size >= FILE_BYTES or not _claimed(file):
            return None
        if file.exists():
            return file
        mark_of(file).unlink()  # it was deleted since
        return None

    def _new(self, now: datetime) -> Path:
        while True:
            self._serial += 1
            file = self._folder / name_of(now, self._serial, os.getpid())
            if not file.exists() and _claimed(file):
                return file

    def _append(self, members: bytes) -> int:
        """Write to the file and wait for the disk; gives where it begins. Where that fails nothing is left of it, and
        the file is given up."""
        start, left = self._end, memoryview(members)
        try:
            while left:
                left = left[os.write(self._to, left) :]
            os.fdatasync(self._to)
        except OSError:
            with suppress(OSError):  # then a torn member stays at its end, as after a crash
                os.ftruncate(self._to, start)
            os.close(self._to)
            self._path = None
            raise
        self._end += len(members)
        return start

    def _read(self, place: Archived) -> _Earlier | None:
        """What a record of an answer says of itself; None where it is not there, or is none."""
        try:
            with (self._folder / place.file).open("rb") as file:
                file.seek(place.offset)
                record = next(iter(ArchiveIterator(file, parse_http=False)), None)
                if record is None or record.record_type != WarcRecordType.response:
                    return None
                said = [record.headers.get(name) for name in ("WARC-Target-URI", "WARC-Date", "WARC-Payload-Digest")]
                if not all(said):
                    return None
                return _Earlier(str(record.record_id), *map(str, said))
        except OSError:  # as FastWARC says of what it cannot read, too: then the page is kept in whole
            return None


def _is_young(file: Path, now: datetime) -> bool:
    first = begun(file)
    return first is not None and now - first < FILE_SPAN


def _claimed(file: Path) -> bool:
    """Whether the file is ours from now on."""
    try:
        mark_of(file).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


# -- records -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A record of an answer that is kept in whole."""

    record_id: str
    url: str
    date: str
    digest: str


def _record(kind: WarcRecordType, exchange: Exchange) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(kind)
    record.record_date = exchange.when
    record.headers["WARC-Target-URI"] = exchange.url
    record.is_http = True
    return record


def _answer(exchange: Exchange, digest: str, earlier: _Earlier | None, profile: str | None) -> WarcRecord:
    """The record of an answer; that it is the same as an earlier one where there is a profile for that."""
    record = _record(WarcRecordType.revisit if profile else WarcRecordType.response, exchange)
    if exchange.address:
        record.headers["WARC-IP-Address"] = exchange.address
    if exchange.status != 304:
        record.headers["WARC-Payload-Digest"] = digest
    if profile and earlier:
        record.headers["WARC-Profile"] = profile
        record.headers["WARC-Refers-To"] = earlier.record_id
        record.headers["WARC-Refers-To-Target-URI"] = earlier.url
        record.headers["WARC-Refers-To-Date"] = earlier.date
    reason = responses.get(exchange.status, "")
    first = f"{exchange.protocol} {exchange.status} {reason}".rstrip()
    record.set_bytes_content(_head(first, exchange.headers) + (b"" if profile else exchange.body))
    return record


def _request(exchange: Exchange, answered: str) -> WarcRecord:
    record = _record(WarcRecordType.request, exchange)
    record.headers["WARC-Concurrent-To"] = answered
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = (b"Host", parts.netloc.rpartition("@")[2].encode())
    record.set_bytes_content(_head(f"GET {target} HTTP/1.1", (host, *exchange.asked)))
    return record


def _head(first: str, headers: Headers) -> bytes:
    lines = [first.encode("latin-1", "replace"), *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _is_packed(exchange: Exchange) -> bool:
    return any(name.lower() == b"content-encoding" for name, _ in exchange.headers)


class _Packer:
    """Makes gzip members. To make it takes longer than to pack a record with it."""

    def __init__(self, level: int) -> None:
        self._out = BytesIO()
        self._writer = GzipWriter(self._out, level)

    def member(self, record: WarcRecord) -> bytes:
        """A record, packed."""
        record.write(self._writer, checksum_data=True)
        self._writer.finish()
        packed = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return packed


def _sha1(body: bytes) -> str:
    """As WARC writes it; it tells equal bodies, and is no protection against anybody."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
