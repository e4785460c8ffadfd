"""Results as Markdown, and written into the documentation between marks, for which nobody types a figure.

<!-- figures: crawl -->           all that the benchmark found, with what was run, when, and on what
<!-- figures: crawl/aims -->      one of its tables, with a line that says where it is from
<!-- until here -->               ends either
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.measuring import ROOT
from benchmarks.picture import drawn
from benchmarks.results import Cell, Figure, Result, Table, kept

PAGE = Path("docs", "benchmarks.md")
PICTURES = Path("docs", "images", "benchmarks")
BLOCK = re.compile(r"(<!-- figures: ([a-z-]+)(?:/([a-z-]+))? -->\n)(.*?)(<!-- until here -->)", re.DOTALL)


def write(root: Path = ROOT) -> list[Path]:
    """Write all blocks and pictures anew; gives the files that have changed."""
    results = kept(root / "benchmarks" / "results")
    changed = []
    for file, text in written(root, results).items():
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            changed.append(file)
    return changed


def written(root: Path, results: Mapping[str, Result]) -> dict[Path, str]:
    """Each file with blocks as it should be, and each picture."""
    made = {}
    for file in pages(root):
        text = file.read_text("utf-8")
        if BLOCK.search(text):
            place = file.relative_to(root)
            made[file] = BLOCK.sub(lambda found: found[1] + block(found[2], found[3], results, place) + found[5], text)  # noqa: B023
    for name, result in results.items():
        if result.picture:
            made[root / PICTURES / f"{name}.svg"] = drawn(result.picture)
    return made


def pages(root: Path) -> Iterator[Path]:
    """All that may have blocks."""
    yield root / "README.md"
    yield from sorted((root / "docs").rglob("*.md"))


def block(benchmark: str, table: str | None, results: Mapping[str, Result], place: Path) -> str:
    """What stands between the marks on the page at `place`. Raises KeyError for a table that the benchmark lacks."""
    result = results.get(benchmark)
    if result is None or (table is not None and not result.table(table).rows):
        return f"\nNot measured for this release: `python -m benchmarks {benchmark}`.\n\n"
    if table is None:
        return f"\n{whole(result)}\n"
    up = "../" * (len(place.parts) - 2)
    page = "docs/benchmarks.md" if len(place.parts) == 1 else f"{up}benchmarks.md"
    return f"\n{markdown(result.table(table))}\n\n{day(result)}: [how]({page}#{benchmark}).\n\n"


def whole(result: Result) -> str:
    """All of a result, as it stands in docs/benchmarks.md."""
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    parts = [f"{day(result)}, by `{result.command}`, on {result.machine}. {versions}.", *result.remarks]
    lines = [" ".join(parts), ""]
    for table in (each for each in result.tables if each.rows):
        lines += [f"**{table.title}**", ""] if table.title else []
        lines += [markdown(table), ""]
    if result.picture:
        lines += [f"![{result.picture.title}](images/benchmarks/{result.benchmark}.svg)", ""]
    return "\n".join(lines)


def day(result: Result) -> str:
    """When it was measured."""
    return f"Measured on {result.day.day} {result.day:%B %Y}"


def markdown(table: Table) -> str:
    """A table."""
    rows = [table.columns, ["---"] * len(table.columns), *([said(cell) for cell in row] for row in table.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def said(cell: Cell) -> str:
    """A figure to three digits, with its spread in brackets where there is one."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Figure):
        spread = f" [{number(cell.low)} to {number(cell.high)}]" if cell.low != cell.high else ""
        return number(cell.value) + spread
    return number(cell)


def number(value: float) -> str:
    """Three digits or more, thousands apart; two of what is less than a hundredth."""
    if isinstance(value, int):
        return f"{value:,}"
    size = abs(value)
    if 0 < size < 0.01:
        return f"{value:.{1 - math.floor(math.log10(size))}f}".replace("-", "−")
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3}f}".replace("-", "−")
