"""WARC files as other programs write them, made by hand."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Packer = Callable[[bytes], bytes]

gzipped: Packer = gzip.compress
zstandard: Packer = zstd.compress


def plain(record: bytes) -> bytes:
    """A record as it stands in a file that is not packed."""
    return record


def deflated(body: bytes) -> bytes:
    """Without zlib's head, as some servers send it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def chunked(body: bytes, size: int = 700) -> bytes:
    """A body in chunks, with an extension and a trailer, which both are allowed."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;part=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nX-Sum: 1\r\n\r\n"


def record(kind: str, url: str, block: bytes, when: str = "2026-03-02T12:00:00Z", **more: str) -> bytes:
    """A record; `more` are further headers, with _ for -."""
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{kind} {url} {when}')}>",
        "WARC-Target-URI": url,
        "WARC-Date": when,
        "Content-Type": "application/http",
        "Content-Length": str(len(block)),
    } | {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def answer(body: bytes, status: str = "200 OK", end: str = "\r\n", **headers: str) -> bytes:
    """An HTTP answer; the names of `headers` are written with _ for -."""
    said = {"Content-Type": "text/html; charset=utf-8"} | {n.replace("_", "-"): value for n, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in said.items() if value), "", ""]
    return end.join(lines).encode("latin-1") + body


def response(url: str, body: bytes, when: datetime = NOON, **headers: str) -> bytes:
    """A record of an answer with status 200."""
    return record("response", url, answer(body, **headers), f"{when:%Y-%m-%dT%H:%M:%SZ}")


def warcinfo(name: str = "") -> bytes:
    """The record that a file begins with."""
    return record("warcinfo", "", b"software: a hand\r\n", WARC_Filename=name, Content_Type="application/warc-fields")


def warc(records: Iterable[bytes], pack: Packer = gzipped, name: str = "") -> bytes:
    """A file of these records, each packed by itself, behind the one that such files begin with."""
    return b"".join(map(pack, [warcinfo(name), *records]))
