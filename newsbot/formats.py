"""Rows written as JSON lines, CSV or Parquet, one after the other as they come.

A cell of CSV that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection"): a
headline that begins with =, +, - or @, or with a tab or a line end, is no command. Who reads such a file with a program
takes one apostrophe away from each cell that begins with apostrophes and one of these; `plain` does so.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, BinaryIO, TextIO

from newsbot.errors import ConfigError
from newsbot.store import EXPORT_FIELDS

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ROW_GROUP = 5_000  # stories of a Parquet file that are in memory at a time, some twenty megabytes

Row = Mapping[str, Any]

_ENCODER = json.JSONEncoder(ensure_ascii=False, default=lambda v: v.isoformat() if isinstance(v, date) else str(v))


def json_line(value: Any) -> str:
    """One line of JSON, text readable as it is, instants in ISO 8601."""
    return _ENCODER.encode(value)


def write_jsonl(rows: Iterable[Row], file: TextIO) -> None:
    """One JSON object a line."""
    for row in rows:
        file.write(json_line(row) + "\n")


def write_csv(rows: Iterable[Row], fields: Sequence[str], file: TextIO, *, head: bool = True) -> None:
    """The fields, a line with their names (the `head`) first. Lists within a cell are separated by semicolons; nothing
    is an empty cell; formulas are disarmed as the module says."""
    writer = csv.writer(file)
    if head:
        writer.writerow(fields)
    for row in rows:
        writer.writerow([_disarmed(row[field]) for field in fields])


def _disarmed(value: object) -> object:
    if isinstance(value, (list, tuple)):
        value = "; ".join(map(str, value))
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def plain(cell: str) -> str:
    """A cell of such a file as it was before."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_parquet(rows: Iterable[Row], file: BinaryIO) -> None:
    """Exported stories as Parquet: lists for authors and tags, instants in UTC to the microsecond, where only a day is
    known its midnight. Raises ConfigError where pyarrow is not installed."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise ConfigError('Parquet needs pyarrow. Install it with: pip install "newsbot[parquet]"') from error
    text, texts, instant = arrow.string(), arrow.list_(arrow.string()), arrow.timestamp("us", tz="UTC")
    kinds = {"authors": texts, "tags": texts, "published": instant, "modified": instant, "first_seen": instant}
    kinds |= {"copies": arrow.int64(), "cluster": arrow.int64()}
    schema = arrow.schema([(field, kinds.get(field, text)) for field in EXPORT_FIELDS])
    instants = [field for field, kind in kinds.items() if kind is instant]
    # Sites, sections, languages are few: a dictionary for each; a text is its own.
    few = ["site", "section", "language", "access", "authors.list.element", "tags.list.element"]
    with parquet.ParquetWriter(file, schema, compression="zstd", use_dictionary=few) as writer:
        for group in _groups(rows):
            columns = {field: [row[field] for row in group] for field in EXPORT_FIELDS}
            for field in instants:
                columns[field] = [_instant(value) for value in columns[field]]
            writer.write_table(arrow.table(columns, schema=schema))


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while group := list(islice(remaining, _ROW_GROUP)):
        yield group


def _instant(said: str | None) -> datetime | None:
    """What an export says, in UTC; a day is its midnight."""
    if said is None:
        return None
    instant = datetime.fromisoformat(said)
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
