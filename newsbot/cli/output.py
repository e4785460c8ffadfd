"""How things are printed: tables that keep whole lines in a pipe, JSON lines, colours only on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

_WIDE = 10_000  # a pipe has no width: nothing is cut or folded there


def out() -> Console:
    """The console of stdout."""
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)


def err() -> Console:
    """The console of stderr."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else _WIDE, highlight=False)


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """A table with these headings; the columns in `right` hold numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
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


def when(moment: datetime | None) -> str:
    """An instant for people: UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def json_line(value: Any) -> str:
    """One line of JSON, text readable as it is, instants in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=lambda v: v.isoformat() if isinstance(v, date) else str(v))
