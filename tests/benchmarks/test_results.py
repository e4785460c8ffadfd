"""Figures, results in files, and the pages that are written from them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import document, results
from benchmarks.picture import drawn
from benchmarks.results import Bars, Figure, Lines, Result, Table, aims, figure, ratio, tenths

BARS = Bars("CPU a page, milliseconds", (("newsbot", Figure(2.0, 1.5, 2.5)), ("a <peer>", Figure(8.0, 8.0, 8.0))))
LINES = Lines("Memory", "pages", "MB", (("main", ((1.0, 10.0), (1000.0, 20.0))),), log=True)
RESULT = Result(
    "crawl",
    (
        Table("cost", "", ("", "CPU, ms a page"), (("newsbot", Figure(2.0, 1.5, 2.5)), ("peer", None))),
        aims(("at most 3 times", Figure(2.0, 1.5, 2.5), 3, "most"), ("at least 9", 2, 9, "least")),
    ),
    BARS,
    ("Two rounds.",),
    versions={"Scrapy": "2.19.0"},
).stamped("python -m benchmarks crawl --rounds 2", date(2026, 3, 2), "2 cores", {"Python": "3.11.7"})


def test_a_figure_is_the_median_with_the_least_and_the_most() -> None:
    assert figure([3, 1, 2]) == Figure(2, 1, 3)


def test_a_figure_of_many_has_the_tenths_and_never_more_than_was_measured() -> None:
    assert tenths(list(range(101))) == Figure(50, 10, 90)
    assert tenths([1.0, 2.0]).high <= 2.0


def test_a_ratio_is_that_of_each_round() -> None:
    assert ratio([2, 30], [1, 10]) == Figure(2.5, 2, 3)
    with pytest.raises(ValueError, match="shorter"):
        ratio([1, 2], [1])


def test_whether_an_aim_is_met_is_worked_out() -> None:
    assert [row[-1] for row in RESULT.table("aims").rows] == ["met", "missed"]


def test_a_result_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    with_lines = Result("memory", RESULT.tables, LINES)
    for each in (RESULT, with_lines):
        results.keep(each, tmp_path)
    assert results.kept(tmp_path) == {"crawl": RESULT, "memory": with_lines}


def test_a_page_has_what_was_run_when_and_on_what() -> None:
    said = document.whole(RESULT)
    for part in (RESULT.command, "2 March 2026", "2 cores", "Python 3.11.7", "Scrapy 2.19.0", "Two rounds."):
        assert part in said
    assert "| newsbot | 2.00 [1.50 to 2.50] |\n| peer | – |" in said
    assert "![CPU a page, milliseconds](images/benchmarks/crawl.svg)" in said


def test_blocks_alone_are_written(tmp_path: Path) -> None:
    page = root(tmp_path) / "docs" / "cost.md"
    page.write_text("Before.\n<!-- figures: crawl/cost -->\nstale\n<!-- until here -->\nAfter.\n", "utf-8")
    assert page in document.write(tmp_path)
    said = page.read_text("utf-8")
    assert said.startswith("Before.\n<!-- figures: crawl/cost -->\n\n|  | CPU, ms a page |")
    assert "(benchmarks.md#crawl)" in said
    assert "stale" not in said
    assert said.endswith("<!-- until here -->\nAfter.\n")
    assert (tmp_path / "docs" / "images" / "benchmarks" / "crawl.svg").exists()
    assert document.write(tmp_path) == []


def test_what_was_not_measured_says_so(tmp_path: Path) -> None:
    page = root(tmp_path) / "README.md"
    page.write_text("<!-- figures: memory -->\n<!-- until here -->\n", "utf-8")
    document.write(tmp_path)
    assert "Not measured for this release: `python -m benchmarks memory`." in page.read_text("utf-8")


def test_an_empty_table_was_not_measured(tmp_path: Path) -> None:
    page = root(tmp_path) / "README.md"
    empty = replace(RESULT, tables=(Table("quality", "Quality", ("", "F1"), ()), *RESULT.tables))
    results.keep(empty, tmp_path / "benchmarks" / "results")
    page.write_text("<!-- figures: crawl/quality -->\n<!-- until here -->\n", "utf-8")
    document.write(tmp_path)
    assert "Not measured for this release: `python -m benchmarks crawl`." in page.read_text("utf-8")
    assert "Quality" not in document.whole(empty)


def test_a_table_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (root(tmp_path) / "README.md").write_text("<!-- figures: crawl/nothing -->\n<!-- until here -->\n", "utf-8")
    with pytest.raises(KeyError, match="nothing"):
        document.write(tmp_path)


def root(folder: Path) -> Path:
    """A folder with a page, a README, and a result."""
    (folder / "docs").mkdir()
    (folder / "benchmarks" / "results").mkdir(parents=True)
    (folder / "README.md").write_text("# A thing\n", "utf-8")
    results.keep(RESULT, folder / "benchmarks" / "results")
    return folder


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1234567, "1,234,567"),
        (1234.5, "1,234"),
        (12.34, "12.3"),
        (1.234, "1.23"),
        (0.9876, "0.988"),
        (-2.5, "−2.50"),
        (0.0000423, "0.000042"),
        (0.0, "0.000"),
    ],
)
def test_figures_have_three_digits(value: float, said: str) -> None:
    assert document.number(value) == said


_SIZES = st.floats(0.001, 1e9, allow_nan=False)


@settings(deadline=None)
@given(st.lists(st.tuples(st.text("abc<&", min_size=1), _SIZES, _SIZES, _SIZES), min_size=1, max_size=6))
def test_bars_stay_within_the_picture(given_: list[tuple[str, float, float, float]]) -> None:
    bars = [(name, figure(values)) for name, *values in given_]
    svg = ET.fromstring(drawn(Bars("A & B", tuple(bars))))
    wide = float(svg.attrib["width"])
    for bar in svg.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(bar.attrib.get("x", 0)) + float(bar.attrib["width"]) <= wide
    assert {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")} >= {name for name, _ in bars}


@settings(deadline=None)
@given(st.lists(st.tuples(_SIZES, _SIZES), min_size=1, max_size=30), st.booleans())
def test_lines_stay_within_the_picture(points: list[tuple[float, float]], log: bool) -> None:
    svg = ET.fromstring(drawn(Lines("Growth", "pages", "MB", (("main", tuple(points)),), log)))
    (line,) = [each for each in svg.iter("{http://www.w3.org/2000/svg}path") if "line" in each.attrib["class"]]
    places = [tuple(map(float, place.split())) for place in re.split("[ML]", line.attrib["d"])[1:]]
    assert len(places) == len(points)
    assert all(0 <= x <= float(svg.attrib["width"]) and 0 <= y <= float(svg.attrib["height"]) for x, y in places)
