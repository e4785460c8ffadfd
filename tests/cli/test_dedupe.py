"""newsbot dedupe: clusters of ids on stdout, one line about it on stderr, clear errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fingerprint.texts import text
from tests.running import Home

STORY, OTHER = text(150), text(150, seed=1)
ASK = "Your donation keeps our newsroom independent. Please support us today with a monthly gift."


def lines(*rows: Mapping[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_clusters_of_ids_as_they_were_given(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "stories.jsonl"
    file.write_bytes(
        lines(
            {"id": "a", "text": STORY},
            {"id": 2, "text": OTHER},
            {"id": "é\n", "text": STORY.upper(), "title": None, "url": None, "published": "2026-05-04"},
            {"id": 3.5, "text": text(90, seed=2)},
            {"id": True, "text": f"{OTHER}\n\n{text(20, seed=3)}"},
        )
    )
    ended = home.newsbot("dedupe", str(file))
    assert ended.code == 0
    assert ended.out == '["a", "é\\n"]\n[2, true]\n'
    assert ended.err == "5 rows, 4 of them in 2 clusters\n"


def test_several_files_and_stdin_are_one_data_set(home: Home, tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_bytes(b"\xef\xbb\xbf" + lines({"id": "a", "text": STORY}) + b"\n\n")
    two.write_bytes(lines({"id": "b", "text": OTHER}).rstrip())
    ended = home.newsbot(
        "dedupe", str(one), "-", str(two), stdin=lines({"id": "c", "text": STORY}, {"id": "d", "text": OTHER})
    )
    assert (ended.code, ended.out) == (0, '["a", "c"]\n["d", "b"]\n')


def test_what_the_sites_add_is_taken_out_first(home: Home) -> None:
    """Two short stories below the same appeals are two."""
    appeals = "\n\n".join([ASK] * 4)
    rows = [{"id": n, "text": f"{appeals}\n\n{text(50, seed=n)}"} for n in range(2)]
    ended = home.newsbot("dedupe", "-", stdin=lines(*rows))
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "2 rows, 0 of them in 0 clusters\n"


def test_addresses_titles_and_dates_are_used(home: Home) -> None:
    title = "Storm closes the harbour bridge until Friday"
    rows = [
        {"id": 1, "text": "Watch.", "title": title, "published": "2026-05-04T10:00:00+02:00"},
        {"id": 2, "text": "Look.", "title": title, "published": "2026-05-04T11:00:00Z"},
        {"id": 3, "text": "Look.", "title": title, "published": "2026-05-20"},
        {"id": 4, "text": STORY, "url": "https://www.example.com/story?utm_source=feed"},
        {"id": 5, "text": OTHER, "url": "http://example.com/story"},
    ]
    assert home.newsbot("dedupe", "-", stdin=lines(*rows)).out == "[1, 2]\n[4, 5]\n"


def test_versions_where_they_are_wanted(home: Home) -> None:
    entries = [text(60, seed=number) for number in range(9)]
    rows = [{"id": first, "text": "\n\n".join(reversed(entries[first : first + 5]))} for first in (0, 3)]
    assert home.newsbot("dedupe", "-", stdin=lines(*rows)).out == ""
    assert home.newsbot("dedupe", "--versions", "-", stdin=lines(*rows)).out == "[0, 3]\n"


def test_what_is_left_out_is_said(home: Home) -> None:
    rows = [
        {"id": 1, "text": STORY, "url": "not an address", "published": "last week"},
        {"id": 2, "text": STORY, "url": "ftp://example.com/a"},
    ]
    ended = home.newsbot("dedupe", "-", stdin=lines(*rows))
    assert (ended.code, ended.out) == (0, "[1, 2]\n")
    assert ended.err == (
        "2 rows, 2 of them in 1 cluster; url not understood, and left out: 2; "
        "published not understood, and left out: 1\n"
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"", "stdin: no rows."),
        (b"\n \n", "stdin: no rows."),
        (b'{"id": 1, "text": "a"}\n{"id": 2,', "stdin:2: is not JSON ("),
        (b'{"id": 1e999, "text": "a"}', "stdin:1: is not JSON (1e999 is larger than any number)"),
        (b'{"id": NaN, "text": "a"}', "stdin:1: is not JSON (NaN is no JSON value)"),
        (b"[" * 100_000, "stdin:1: is not JSON ("),
        (b'["a"]', "stdin:1: is no JSON object."),
        (b'{"text": "a"}', 'stdin:1: has no "id".'),
        (b'{"id": null, "text": "a"}', 'stdin:1: has no "id".'),
        (b'{"id": [1], "text": "a"}', 'stdin:1: has no "id".'),
        (b'{"id": 1}', 'stdin:1: has no "text".'),
        (b'{"id": 1, "text": 5}', 'stdin:1: has no "text".'),
        (b'{"id": 1, "text": "a", "title": 5}', 'stdin:1: "title" is no string.'),
        (b'{"id": 1, "text": "a"}\n\n{"id": 1, "text": "b"}', "stdin:3: the id 1 is that of stdin:1, too."),
        (b'{"id": 1, "text": "caf\xe9"}', "stdin:1: is not UTF-8 ("),
    ],
)
def test_bad_input(home: Home, written: bytes, said: str) -> None:
    ended = home.newsbot("dedupe", "-", stdin=written)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"newsbot: {said}")
    assert len(ended.err.splitlines()) == 1


def test_a_file_that_is_not_there(home: Home, tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        ended = home.newsbot("dedupe", str(path))
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"newsbot: {path}: cannot be read: ")


def test_text_that_no_file_takes(home: Home) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "\ud83d", "text": STORY + " \ud83d"},
        {"id": "1", "text": STORY},
        {"id": 1, "text": STORY},
    ]
    ended = home.newsbot("dedupe", "-", stdin=lines(*rows))
    assert (ended.code, ended.out) == (0, '["\\ud83d", "1", 1]\n')
