"""`newsbot export`: its formats, files that are put in their place whole, and exports since the last one."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.formats import plain, write_csv
from newsbot.store import EXPORT_FIELDS, Filters, Store
from tests.running import DEADLINE, Ended, Home
from tests.store.build import HOUR, NOON, prose, story

Newsbot = Callable[..., Ended]


@pytest.fixture
def stocked(home: Home) -> Home:
    keep(home, *range(1, 8))
    return home


def keep(home: Home, *numbers: int, revised: bool = False) -> None:
    with Store.open(f"sqlite:///{home.database}") as store:
        for number in numbers:
            text = prose(number + 100 if revised else number)
            store.keep(story(number, text, published=NOON - number * HOUR, authors=("Ada Reed", "Bo Lind")))


def numbers(lines: str) -> list[int]:
    return [int(json.loads(line)["canonical_url"].rsplit("/")[-1]) for line in lines.splitlines()]


# formats -------------------------------------------------------------------------------------------------------------


def test_parquet_has_the_same_stories_with_lists_and_instants(stocked: Home, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    file = tmp_path / "stories.parquet"
    ended = stocked.newsbot("export", "--format", "parquet", "-o", str(file))
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    table = parquet.read_table(file)
    assert tuple(table.column_names) == EXPORT_FIELDS
    rows = table.to_pylist()
    lines = [json.loads(line) for line in stocked.newsbot("export").out.splitlines()]
    same = [field for field in EXPORT_FIELDS if field not in ("published", "modified", "first_seen")]
    assert [{field: row[field] for field in same} for row in rows] == [{f: line[f] for f in same} for line in lines]
    assert rows[0]["published"] == NOON - HOUR
    assert rows[0]["authors"] == ["Ada Reed", "Bo Lind"]
    assert str(table.schema.field("published").type) == "timestamp[us, tz=UTC]"


def test_parquet_of_nothing_is_a_file_with_all_columns(stocked: Home, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    file = tmp_path / "stories.parquet"
    assert stocked.newsbot("export", "--format", "parquet", "--until", "2001-01-01", "-o", str(file)).code == 0
    assert (parquet.read_table(file).num_rows, tuple(parquet.read_schema(file).names)) == (0, EXPORT_FIELDS)


def test_parquet_needs_a_file(stocked: Home) -> None:
    ended = stocked.newsbot("export", "--format", "parquet")
    assert (ended.code, ended.out) == (2, "")
    assert "-o" in ended.err


def test_without_pyarrow_the_cure_is_told_and_no_file_is_left(stocked: Home, tmp_path: Path) -> None:
    file = tmp_path / "stories.parquet"
    code = (
        "import sys; sys.modules['pyarrow'] = None; sys.argv[0] = 'newsbot'; from newsbot.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "export", "--format", "parquet", "-o", str(file)],
        env=stocked.env(),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert 'pip install "newsbot[parquet]"' in done.stderr
    assert list(tmp_path.glob("stories*")) == []


FORMULAS = ["=1+1", "+49 30", "-2 degrees", "@home", "\tx", "\rx", "'=1", "''-", "＝1"]


@given(st.lists(st.text() | st.sampled_from(FORMULAS), min_size=1, max_size=5))
def test_no_cell_of_csv_is_a_formula_and_each_can_be_had_back(cells: list[str]) -> None:
    # Line ends within cells are the reader's own: Python's takes them as they are.
    file = io.StringIO(newline="")
    fields = [f"f{number}" for number in range(len(cells))]
    write_csv([dict(zip(fields, cells, strict=True))], fields, file)
    file.seek(0)
    _, row = csv.reader(file)
    assert not any(cell[:1] in tuple("=+-@\t\r＝＋－＠") for cell in row if cell)
    assert [plain(cell) for cell in row] == cells


# since the last ------------------------------------------------------------------------------------------------------


def test_since_last_gives_each_change_once(stocked: Home) -> None:
    assert numbers(stocked.newsbot("export", "--since-last", "daily").out) == [1, 2, 3, 4, 5, 6, 7]
    assert stocked.newsbot("export", "--since-last", "daily").out == ""
    keep(stocked, 8)
    keep(stocked, 3, revised=True)
    assert sorted(numbers(stocked.newsbot("export", "--since-last", "daily").out)) == [3, 8]
    assert len(numbers(stocked.newsbot("export", "--since-last", "other").out)) == 8


def test_an_export_that_cannot_be_written_is_made_up_for(stocked: Home, tmp_path: Path) -> None:
    gone = stocked.newsbot("export", "--since-last", "daily", "-o", str(tmp_path / "no folder" / "x.jsonl"))
    assert gone.code == 1
    if Path("/dev/full").exists():
        full = stocked.newsbot("export", "--since-last", "daily", "-o", "/dev/full")
        assert full.code == 1
        assert "No space left" in full.err
    file = tmp_path / "x.jsonl"
    assert stocked.newsbot("export", "--since-last", "daily", "-o", str(file)).code == 0
    assert len(numbers(file.read_text("utf-8"))) == 7
    assert list(tmp_path.glob("*.part")) == []


def test_a_reader_that_goes_away_has_not_had_it(stocked: Home) -> None:
    with Store.open(f"sqlite:///{stocked.database}") as store:
        for number in range(10, 60):
            store.keep(story(number, prose(number, 2000)))
    command = f"{sys.executable} -m newsbot export --since-last daily | head -c 10"
    subprocess.run(["bash", "-c", command], env=stocked.env(), capture_output=True, timeout=DEADLINE, check=True)
    assert len(numbers(stocked.newsbot("export", "--since-last", "daily").out)) == 57


def test_since_last_with_a_limit_is_refused(stocked: Home) -> None:
    ended = stocked.newsbot("export", "--since-last", "daily", "-n", "3")
    assert (ended.code, ended.out) == (2, "")
    assert "--since-last" in ended.err


def test_an_export_that_ends_early_leaves_the_file_of_yesterday(stocked: Home, tmp_path: Path) -> None:
    file = tmp_path / "stories.jsonl"
    file.write_text("yesterday's\n")
    with Store.open(f"sqlite:///{stocked.database}") as store:
        mark = store.begin_export("daily")
        store.finish_export(mark, lambda: None, datetime.now(UTC))
        assert list(store.read.export(Filters(), store.begin_export("daily"))) == []
    assert stocked.newsbot("export", "--site", "nowhere.example", "-o", str(file)).code == 2
    assert file.read_text() == "yesterday's\n"
    assert list(tmp_path.glob("*.part")) == []
