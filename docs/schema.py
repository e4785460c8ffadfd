"""Draws the tables into docs/database.md, from the models: `python docs/schema.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from newsbot.store.models import metadata

PAGE = Path(__file__).parent / "database.md"
PICTURE = re.compile(r"(?<=<!-- drawn by docs/schema\.py -->\n).*?(?=<!-- until here -->)", re.DOTALL)

TYPES: dict[type, str] = {
    DateTime: "instant",
    Boolean: "boolean",
    Integer: "integer",  # and BigInteger, which is one
    Text: "text",
    JSON: "json",
}
# What no constraint says: a foreign key there would cost more than it is worth.
LOOSE = (("likeness_key", "story", "story"),)


def diagram() -> str:
    """The tables, their columns and who points at whom, in Mermaid's words."""
    return "\n".join(["```mermaid", "erDiagram", *_lines(), "```", ""])


def _lines() -> Iterator[str]:
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    for table in tables:
        yield f"    {table.name} {{"
        for column in table.columns:
            yield f"        {_type(column)} {column.name} {_marks(column)}".rstrip()
        yield "    }"
    for table in tables:
        for column in table.columns:
            for key in column.foreign_keys:
                yield f"    {key.column.table.name} {_one(column)}--{_many(table, column)} {table.name} : {column.name}"
    for name, column_name, other in LOOSE:
        yield f"    {other} ||..o{{ {name} : {column_name}"


def _type(column: Column[object]) -> str:
    kind: TypeEngine[object] = column.type
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    for known, name in TYPES.items():
        if isinstance(kind, known):
            return name
    return str(kind).lower()


def _marks(column: Column[object]) -> str:
    marks = [("PK", column.primary_key), ("FK", bool(column.foreign_keys)), ("UK", bool(column.unique))]
    return ", ".join(mark for mark, is_so in marks if is_so)


def _one(column: Column[object]) -> str:
    return "|o" if column.nullable else "||"


def _many(table: Table, column: Column[object]) -> str:
    alone = column.unique or [column] == list(table.primary_key.columns)
    return "o|" if alone else "o{"


def main() -> None:
    """Put the picture into the page."""
    page = PAGE.read_text("utf-8")
    if not PICTURE.search(page):
        raise SystemExit(f"{PAGE}: the two comments are missing between which the picture stands.")
    PAGE.write_text(PICTURE.sub(lambda _: diagram(), page), "utf-8")


if __name__ == "__main__":
    main()
