"""Captures, and the pages that they hold, out of files that are whole and out of files that are not."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.archive.reading import Capture, NoArchive, Passed, Read, captures, page
from newsbot.items import Page
from tests.archive.warc import (
    NOON,
    Packer,
    answer,
    chunked,
    deflated,
    gzipped,
    plain,
    record,
    response,
    warc,
    zstandard,
)

URL = "http://a.example/1"
# Hardly anything that can be packed: a record has some kilobytes in any file.
HTML = b"<!doctype html><p>" + b" ".join(sha256(bytes([n])).hexdigest().encode() for n in range(100))
MOST = 100_000


def read(file: bytes, after: int = 0, most: int = MOST) -> list[Read]:
    return list(captures(io.BytesIO(file), most, after))


def found(file: bytes, after: int = 0) -> list[str]:
    """The addresses of the captures, and the names of what was passed."""
    told = [each.found for each in read(file, after) if each.found is not None]
    return [each.url if isinstance(each, Capture) else each.name for each in told]


def urls(*numbers: int) -> list[str]:
    return [f"http://a.example/{number}" for number in numbers]


def records(number: int = 6) -> list[bytes]:
    return [response(url, HTML + url.encode()) for url in urls(*range(number))]


@pytest.mark.parametrize("pack", [gzipped, zstandard, plain])
def test_a_file_gives_its_captures_in_order(pack: Packer) -> None:
    file = warc(records(3), pack)
    info, *captured = read(file)
    assert info == Read(1, 0, None)
    assert [each.records for each in captured] == [2, 3, 4]
    assert [each.found.url for each in captured if isinstance(each.found, Capture)] == urls(0, 1, 2)
    first = captured[0].found
    assert isinstance(first, Capture)
    assert (first.when, first.headers["content-type"]) == (NOON, "text/html; charset=utf-8")
    made = page(first, "a.example", MOST)
    assert isinstance(made, Page)
    assert (made.body, made.fetched_at, made.final_url) == (HTML + URL[:-1].encode() + b"0", NOON, urls(0)[0])


@pytest.mark.parametrize("whole", [gzip.compress, zstandard])
def test_a_file_may_be_packed_in_one_piece(whole: Packer) -> None:
    assert found(whole(warc(records(3), plain))) == urls(0, 1, 2)


@pytest.mark.parametrize("pack", [gzipped, zstandard, plain])
def test_reading_goes_on_behind_any_record(pack: Packer) -> None:
    file = warc(records(3), pack)
    everything = read(file)
    for after in range(5):
        assert read(file, after) == everything[after:]


def test_what_holds_no_page_is_passed_by_its_name() -> None:
    def got(block: bytes, url: str = URL) -> bytes:
        return record("response", url, block)

    file = warc(
        [
            record("request", URL, b"GET /1 HTTP/1.1\r\n\r\n"),
            record("metadata", URL, b"fetchTimeMs: 5\r\n"),
            record("revisit", URL, answer(b"")),
            record("resource", URL, HTML, Content_Type="text/html"),
            got(b"127.0.0.1", "dns:a.example"),
            record("response", URL, answer(HTML), when="the other day"),
            got(b"no answer at all"),
            got(answer(b"", "404 Not Found")),
            got(answer(b"", "301 Moved", Location="/2")),
            got(answer(b"%PDF", Content_Type="application/pdf")),
            got(answer(b"{}", Content_Type=" application/json; charset=utf-8")),
            got(answer(b"x" * (MOST + 1))),
            record("response", f"<{URL}>", answer(HTML)),
            got(answer(HTML, Content_Type="")),
            got(answer(HTML, Content_Type="application/xhtml+xml")),
            got(answer(HTML, end="\n")),
        ]
    )
    assert found(file) == [
        "skipped.revisit",
        "skipped.record",
        "skipped.scheme",
        "skipped.undated",
        "error.not_understood",
        "skipped.http_404",
        "skipped.http_301",
        "skipped.not_html",
        "skipped.not_html",
        "error.too_large",
        *[URL] * 4,
    ]


def test_the_time_of_a_capture_may_have_fractions_and_an_offset() -> None:
    dates = ("2026-03-02T12:00:00.5Z", "2026-03-02T14:00:00+02:00")
    one, other = (each.found for each in read(warc([record("response", URL, answer(HTML), d) for d in dates]))[1:])
    assert isinstance(one, Capture)
    assert isinstance(other, Capture)
    assert (one.when, other.when) == (NOON + timedelta(seconds=0.5), NOON)
    assert other.when.tzinfo is UTC


# -- broken files ------------------------------------------------------------------------------------------------------


def test_a_record_in_which_the_file_ends_is_not_done_with() -> None:
    whole = warc(records(3))
    torn = whole[: len(whole) - 200]
    assert found(torn) == [*urls(0, 1), "error.torn"]
    done = read(torn)[-1].records
    assert done == 3
    assert found(whole, done) == urls(2)


@pytest.mark.parametrize(("pack", "share"), [(gzipped, 0), (gzipped, 0.5), (gzipped, 0.9), (zstandard, 0), (plain, 0)])
def test_what_comes_after_a_damage_is_read(pack: Packer, share: float) -> None:
    before, after = warc(records()[:2], pack), b"".join(map(pack, records()[3:]))
    broken = bytearray(pack(records()[2]))
    at = int(len(broken) * share)
    broken[at : at + 30] = bytes(30)
    file = before + bytes(broken) + after
    everything = found(file)
    assert everything == [*urls(0, 1), "error.damaged", *urls(3, 4, 5)]
    for number in range(8):  # a run that goes on counts the records as the one before it did
        rest = found(file, number)
        assert rest == everything[len(everything) - len(rest) :]


def test_rubbish_at_the_beginning_or_the_end_costs_no_record() -> None:
    assert found(b"\x1f\x8b\x08rubbish" + gzipped(records()[0])) == ["error.damaged", *urls(0)]
    assert found(gzipped(records()[0]) + bytes(5000)) == [*urls(0), "error.damaged"]


@pytest.mark.parametrize(
    "file", [b"", b"<html>" * 1000, gzip.compress(b"no record", mtime=0), b"WARC", bytes(3_000_000)]
)
def test_what_is_no_archive_is_refused(file: bytes) -> None:
    with pytest.raises(NoArchive, match="no WARC record"):
        read(file)


def test_a_disk_that_fails_is_no_damage_of_the_file() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 1000:
                raise OSError(5, "Input/output error")
            return super().read(500)

    with pytest.raises(OSError, match="Input/output error"):
        list(captures(Failing(warc(records())), MOST))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_change_of_any_bytes_stops_the_reading(data: st.DataObject) -> None:
    pack = data.draw(st.sampled_from([gzipped, zstandard, plain]))
    file = bytearray(warc(records(4), pack))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    try:
        told = read(bytes(file))
    except NoArchive:
        return
    assert len(told) <= 20
    for each in told:
        if isinstance(each.found, Capture):
            page(each.found, "a.example", MOST)


# -- bodies ------------------------------------------------------------------------------------------------------------


def made(body: bytes, **headers: str) -> bytes | str:
    """The body of the page that a capture gives, or the name of what is wrong with it."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    got = page(Capture(URL, said, body, datetime.now(UTC)), "a.example", MOST)
    return got.name if isinstance(got, Passed) else got.body


@pytest.mark.parametrize(
    ("body", "packing"),
    [
        (HTML, ""),
        (HTML, "identity"),
        (gzip.compress(HTML), "gzip"),
        (gzip.compress(HTML), "X-GZIP"),
        (gzip.compress(HTML) + b"\0\0rubbish", "gzip"),
        (deflated(HTML), "deflate"),
        (brotli.compress(HTML), "br"),
        (zstandard(HTML), "zstd"),
        (brotli.compress(gzip.compress(HTML)), "gzip, br"),
        *[(HTML, packing) for packing in ("gzip", "br", "zstd", "deflate", "sdch")],  # undone, the header kept
    ],
)
def test_bodies_are_unpacked(body: bytes, packing: str) -> None:
    assert made(body, content_encoding=packing) == HTML
    assert made(chunked(body), content_encoding=packing, transfer_encoding="chunked") == HTML
    if not body[:1].isdigit():
        assert made(body, content_encoding=packing, transfer_encoding="chunked") == HTML


@pytest.mark.parametrize("pack", [gzip.compress, brotli.compress, zstandard, deflated])
def test_a_bomb_takes_no_more_than_a_page_may(pack: Packer) -> None:
    name = {gzip.compress: "gzip", brotli.compress: "br", zstandard: "zstd"}.get(pack, "deflate")
    assert made(pack(bytes(50_000_000)), content_encoding=name) == "error.too_large"
    assert made(pack(pack(bytes(50_000_000))), content_encoding=f"{name}, {name}") == "error.too_large"


@pytest.mark.parametrize(
    ("body", "headers", "name"),
    [
        (b"", {}, "error.empty_body"),
        (gzip.compress(HTML)[:-20], {"content_encoding": "gzip"}, "error.cut_off"),
        (brotli.compress(HTML)[:-20], {"content_encoding": "br"}, "error.not_unpacked"),
        (b"\xff\xff", {"content_encoding": "gzip"}, "error.not_unpacked"),
        (b"\xff\xff", {"content_encoding": "secret"}, "error.not_unpacked"),
        (HTML, {"content_encoding": "gzip, gzip, gzip"}, "error.not_unpacked"),
        (chunked(HTML)[:-100], {"transfer_encoding": "chunked"}, "error.cut_off"),
    ],
)
def test_a_body_that_is_none_is_told_by_name(body: bytes, headers: dict[str, str], name: str) -> None:
    assert made(body, **headers) == name
