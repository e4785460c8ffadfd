"""What is written is WARC: others read it, and find what went over the wire."""

from __future__ import annotations

import errno
import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.archive import writing
from newsbot.archive.writing import Writer
from newsbot.errors import ArchiveError
from newsbot.items import Archived
from tests.archive.exchanges import HTML, NOON, Record, exchange, records

ABOUT = {"software": "newsbot/1", "operator": "desk@paper.example", "robots": "obey"}


@contextmanager
def writer(folder: Path) -> Iterator[Writer]:
    made = Writer(folder, ABOUT)
    yield made
    made.close()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.warc.gz"))


def only(folder: Path) -> list[Record]:
    (file,) = files(folder)
    return records(file)


def test_the_answer_the_request_and_who_wrote_them(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        place = archive.write(exchange(address="192.0.2.7"))
    about, answer, request = only(tmp_path)
    assert (about.kind, answer.kind, request.kind) == ("warcinfo", "response", "request")
    assert all(f"{name}: {value}\r\n".encode() in about.body for name, value in ABOUT.items())
    assert place == Archived(files(tmp_path)[0].name, answer.at)

    assert answer.headers["WARC-Target-URI"] == "https://paper.example/news?id=1"
    assert answer.headers["WARC-Date"].startswith("2026-03-02T12:00:00")
    assert answer.headers["WARC-IP-Address"] == "192.0.2.7"
    assert answer.headers["WARC-Warcinfo-ID"] == about.headers["WARC-Record-ID"]
    assert answer.first == "200 OK"
    assert [value for name, value in answer.http if name == "Set-Cookie"] == ["a", "b"]
    assert answer.body == gzip.compress(HTML, mtime=0), "as it came"
    assert answer.unpacked == HTML

    assert request.headers["WARC-Concurrent-To"] == answer.headers["WARC-Record-ID"]
    assert request.first == "/news?id=1 HTTP/1.1"
    assert request.http == [("Host", "paper.example"), ("User-Agent", "newsbot/1"), ("Accept", "*/*")]


def test_a_page_that_came_again_to_the_byte_is_noted_and_stays_where_it_is(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        first = archive.write(exchange())
        assert archive.write(exchange(when=NOON + timedelta(hours=1)), first) == first
        other = archive.write(exchange(body=HTML + b"!"), first)
    assert other != first
    _, answer, _, again, _, new, _ = only(tmp_path)
    assert (again.kind, again.body, new.kind) == ("revisit", b"", "response")
    assert again.headers["WARC-Profile"].endswith("/revisit/identical-payload-digest")
    assert again.headers["WARC-Payload-Digest"] == answer.headers["WARC-Payload-Digest"]
    assert again.headers["WARC-Refers-To-Target-URI"] == answer.headers["WARC-Target-URI"]
    assert again.headers["WARC-Refers-To-Date"] == answer.headers["WARC-Date"]
    assert again.headers["WARC-Refers-To"] == answer.headers["WARC-Record-ID"]


def test_an_answer_that_nothing_has_changed_is_kept_beside_the_page(tmp_path: Path) -> None:
    unchanged = replace(exchange(status=304, headers=((b"ETag", b'"one"'),)), body=b"")
    with writer(tmp_path) as archive:
        assert archive.write(unchanged) is None
        first = archive.write(exchange())
        assert archive.write(unchanged, first) == first
    _, answer, _, again, _ = only(tmp_path)
    assert (again.kind, again.first) == ("revisit", "304 Not Modified")
    assert again.headers["WARC-Profile"].endswith("/revisit/server-not-modified")
    assert again.headers["WARC-Refers-To-Date"] == answer.headers["WARC-Date"]


def test_a_page_whose_file_is_gone_is_kept_in_whole_again(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        assert archive.write(exchange(), Archived("gone.warc.gz", 0)) is not None
        (file,) = files(tmp_path)
        assert archive.write(exchange(), Archived(file.name, 7)) is not None, "no record begins there"
        assert archive.write(exchange(), Archived(file.name, 10**9)) is not None
    assert [record.kind for record in only(tmp_path)] == ["warcinfo", *("response", "request") * 3]


def test_the_next_writer_goes_on_with_what_was_closed_and_leaves_what_was_not(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        archive.write(exchange(1))
        with writer(tmp_path) as beside:
            beside.write(exchange(2))
        assert len(files(tmp_path)) == 2
    with writer(tmp_path) as archive:
        place = archive.write(exchange(3))
    assert place is not None
    assert len(files(tmp_path)) == 2, "the last of them was closed"
    killed = Writer(tmp_path, ABOUT)
    assert killed.write(exchange(4)) is not None
    with writer(tmp_path) as archive:
        archive.write(exchange(5))
    assert len(files(tmp_path)) == 3
    kinds = [[record.kind for record in records(file)] for file in files(tmp_path)]
    assert sorted(map(len, kinds)) == [3, 3, 9]
    killed.close()


def test_files_are_closed_when_they_are_large_or_a_day_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with writer(tmp_path) as archive:
        archive.write(exchange(1))
        archive.write(exchange(2, when=NOON + timedelta(hours=23)))
        assert len(files(tmp_path)) == 1
        archive.write(exchange(3, when=NOON + timedelta(hours=24)))
        assert len(files(tmp_path)) == 2
        monkeypatch.setattr(writing, "FILE_BYTES", 100)
        archive.write(exchange(4, when=NOON + timedelta(hours=24)))
        archive.write(exchange(5, when=NOON + timedelta(hours=24)))
    assert len(files(tmp_path)) == 4
    assert list(tmp_path.glob("*.open")) == []


def test_a_full_disk_leaves_whole_records_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with writer(tmp_path) as archive:
        archive.write(exchange(1))
        write = os.write

        def half(to: int, data: memoryview) -> int:
            if len(data) < 100:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(to, data[: len(data) // 2])

        monkeypatch.setattr(os, "write", half)
        with pytest.raises(ArchiveError, match=rf"{tmp_path}: the archive cannot be written: No space left.*Make room"):
            archive.write(exchange(2))
        monkeypatch.undo()
        archive.write(exchange(3))
    kinds = [[record.kind for record in records(file)] for file in files(tmp_path)]
    assert kinds == [["warcinfo", "response", "request"]] * 2


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ArchiveError, match="taken/archive: the archive cannot be written: Not a directory"):
        Writer(tmp_path / "taken" / "archive", ABOUT).write(exchange())


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=3000), packed=st.booleans(), status=st.sampled_from([200, 203, 404, 410, 299]))
def test_whatever_a_body_is_it_comes_back(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, packed: bool, status: int
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    headers = ((b"Content-Encoding", b"gzip"),) if packed else ()
    with writer(folder) as archive:
        place = archive.write(
            replace(exchange(status=status, headers=headers), body=gzip.compress(body) if packed else body)
        )
    assert place is not None
    (answer,) = (record for record in only(folder) if record.at == place.offset)
    assert answer.unpacked == body
    assert answer.first.split()[0] == str(status)
