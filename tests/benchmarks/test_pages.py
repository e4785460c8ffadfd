"""What the documentation says of benchmarks is what their results say, and what the program has."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date

import pytest
from typer.main import get_command

from benchmarks.__main__ import app
from benchmarks.document import BLOCK, PAGE, pages, written
from benchmarks.measuring import ROOT
from benchmarks.results import Result, kept

RESULTS = kept()
TOOLS = {"all", "fill", "write", "peers"}  # commands that measure nothing of their own


def commands() -> set[str]:
    return set(getattr(get_command(app), "commands", {}))


def blocks() -> list[tuple[str, str, str | None]]:
    """File, benchmark, table."""
    found = []
    for file in pages(ROOT):
        marks = BLOCK.findall(file.read_text("utf-8"))
        found += [(file.relative_to(ROOT).as_posix(), name, table or None) for _, name, table, *_ in marks]
    return found


def test_the_pages_say_what_the_results_say() -> None:
    for file, text in written(ROOT, RESULTS).items():
        assert file.read_text("utf-8") == text, f"{file.name} is stale; run: python -m benchmarks write"


def test_each_benchmark_has_its_section_with_all_that_it_found() -> None:
    page = (ROOT / PAGE).read_text("utf-8")
    told = {name for file, name, table in blocks() if file == PAGE.as_posix() and table is None}
    elsewhere = {name for file, name, _ in blocks() if file != PAGE.as_posix()}
    for name in commands() - TOOLS:
        assert f"\n## {name.capitalize()}\n" in page, name
        assert name in told | elsewhere, name
        assert f"`python -m benchmarks {name}" in page, name


def test_every_block_is_of_a_benchmark_that_there_is() -> None:
    assert {name for _, name, _ in blocks()} <= commands() - TOOLS


def test_no_mark_is_left_open() -> None:
    for file in pages(ROOT):
        text = file.read_text("utf-8")
        assert text.count("<!-- figures:") == len(BLOCK.findall(text)), file


@pytest.mark.parametrize("result", RESULTS.values(), ids=str)
def test_a_result_names_command_machine_versions_and_day(result: Result) -> None:
    assert result.command.startswith(f"python -m benchmarks {result.benchmark}")
    assert not re.search(r"(?<!\S)/", result.command), "a path of somebody's machine"
    assert re.search(r"\d+ cores \(.+\), \d+ GB, Linux [\d.]+, load [\d.]+", result.machine)
    assert {"Python", "newsbot"} <= set(result.versions)
    assert date(2026, 11, 1) < result.day <= date.today()  # noqa: DTZ011 - a day, and one more does no harm


def test_the_figures_of_the_readme_stand_in_blocks() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    outside = BLOCK.sub("", text)
    assert [name for file, name, _ in blocks() if file == "README.md"]
    assert not re.search(r"\d (ms|MB|times)\b|\bF1\b", outside)


def test_what_cannot_be_measured_says_why(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "extraction", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "has no index.jsonl; give a folder of recorded pages" in done.stderr
    assert not done.stdout
