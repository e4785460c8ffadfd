"""What a benchmark found, as a value: tables of figures with their spread, what was run, when, and on what."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """What was measured more than once: the median, the least and the most."""

    value: float
    low: float
    high: float


def figure(values: Iterable[float]) -> Figure:
    """The figure of some measurements of one thing. Raises statistics.StatisticsError where there are none."""
    given = sorted(values)
    return Figure(statistics.median(given), given[0], given[-1])


def tenths(values: Sequence[float]) -> Figure:
    """The same of many measurements, where the least and the most say little: the 10th and the 90th percentile."""
    cuts = statistics.quantiles(values, n=10, method="inclusive")
    return Figure(statistics.median(values), cuts[0], cuts[-1])


def ratio(of: Sequence[float], to: Sequence[float]) -> Figure:
    """How many times the second is the first, round by round. Raises ValueError if they are not as many."""
    return figure(one / other for one, other in zip(of, to, strict=True))


def percent(share: float) -> str:
    """A share in per cent, to two digits behind the point."""
    return f"{share * 100:.2f} %"


Cell = Figure | int | float | str | None  # None: does not apply, or was not measured


@dataclass(frozen=True)
class Table:
    """`name` is what a block in the documentation calls it; `columns` name what is counted and its unit."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Bars:
    """A picture of some figures beside each other; `title` has their unit."""

    title: str
    bars: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True)
class Lines:
    """A picture of something that grows: for each name its points; `across` and `up` name the axes with their units.
    `log`: both axes are logarithmic."""

    title: str
    across: str
    up: str
    lines: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    log: bool = False


@dataclass(frozen=True)
class Result:
    """All that a run gives. `remarks` are sentences about what the figures rest on. `stamped` fills in the rest."""

    benchmark: str
    tables: tuple[Table, ...]
    picture: Bars | Lines | None = None
    remarks: tuple[str, ...] = ()
    command: str = ""
    day: date = date.min
    machine: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    def stamped(self, command: str, day: date, machine: str, versions: Mapping[str, str]) -> Result:
        """The same, with what was run, when, on what, and with which versions beside those that the run told."""
        return replace(self, command=command, day=day, machine=machine, versions={**versions, **self.versions})

    def table(self, name: str) -> Table:
        """The table of that name. Raises KeyError."""
        return {table.name: table for table in self.tables}[name]


_ADAPTER = TypeAdapter(Result)


def keep(result: Result, folder: Path = FOLDER) -> Path:
    """Write a result to its file, in place of what the benchmark gave before; gives the file."""
    file = folder / f"{result.benchmark}.json"
    file.write_bytes(_ADAPTER.dump_json(result, indent=1) + b"\n")
    return file


def kept(folder: Path = FOLDER) -> dict[str, Result]:
    """The results that are kept, by benchmark. Raises pydantic.ValidationError for a file that is none."""
    read = [_ADAPTER.validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
    return {result.benchmark: result for result in read}


def aims(*rows: tuple[str, Figure | float, float, str]) -> Table:
    """What was aimed at, beside what came of it: a sentence, the figure, the bound, and `most` or `least`."""
    made = []
    for said, found, bound, kind in rows:
        value = found.value if isinstance(found, Figure) else found
        met = value <= bound if kind == "most" else value >= bound
        made.append((said, found, "met" if met else "missed"))
    return Table("aims", "Aims", ("aim", "measured", ""), tuple(made))
