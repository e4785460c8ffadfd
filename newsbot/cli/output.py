"""How things are printed: tables on a terminal, their rows with tabs between in a pipe, colours only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

_WIDE = 10_000  # a pipe has no width: nothing is cut or folded there


def out() -> Console:
    """The console of stdout."""
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)


def err() -> Console:
    """The console of stderr."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else _WIDE, highlight=False)


class _Lines(Table):
    """A table that is one on a terminal only. In a pipe it is what cut, awk and spreadsheets read: a line a row, the
    headings first, a tab between two cells and nothing to fill them up."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if console.is_terminal:
            yield from super().__rich_console__(console, options)
            return
        yield Segment("\t".join(_cell(column.header) for column in self.columns) + "\n")
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            yield Segment("\t".join(map(_cell, cells)) + "\n")


def _cell(content: object) -> str:
    """What a cell holds, in one piece: white space within it parts words, not cells or rows."""
    plain = content.plain if isinstance(content, Text) else str(content)
    return " ".join(plain.split())


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """A table with these headings; the columns in `right` hold numbers."""
    made = _Lines(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        number = column in right
        made.add_column(
            column,
            justify="right" if number else "left",
            no_wrap=number or column != columns[-1],
            overflow="ellipsis" if sys.stdout.isatty() else "fold",
        )
    return made


# Money asks loudest, then what else wants something of the reader; what only points elsewhere is cool.
_KINDS = {
    "donation": "red",
    "paywall": "red",
    "newsletter": "yellow",
    "registration": "yellow",
    "app": "yellow",
    "advertising": "magenta",
    "cookie": "magenta",
    "related": "cyan",
    "share": "cyan",
    "comments": "cyan",
    "copyright": "blue",
    "byline": "blue",
    "title": "green",
    "caption": "green",
    "credit": "green",
}


def kind_style(kind: str | None) -> str:
    """The colour of what was taken out for this reason, or set apart as this; plain for furniture and what is new."""
    return _KINDS.get(kind or "", "")


def outcome(name: str) -> Text:
    """How a run or a visit went, in its colour."""
    return Text(name, style={"ok": "green", "partial": "yellow", "failed": "red"}.get(name, ""))


def when(moment: datetime | None) -> str:
    """An instant for people: UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def local(moment: datetime) -> str:
    """An instant for people who wait for it: in this machine's time, with the name of its zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}"
