"""docs/database.md tells what is there: every table, view and column; and each of its questions has an answer."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect

from newsbot.store.models import metadata

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "database.md").read_text("utf-8")
VIEWS = ("v_story", "v_copy")


@dataclass(frozen=True)
class Question:
    """A query of the page, the databases that it is for, and the answer that the page shows, where it shows one."""

    sql: str
    databases: tuple[str, ...]
    answer: str

    def __str__(self) -> str:
        return " ".join(self.sql.split())[:60]


def questions() -> Iterator[Question]:
    found = re.findall(r"^```sql ?(\w*)\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", PAGE, re.MULTILINE | re.DOTALL)
    for database, sql, answer in found:
        yield Question(sql, (database,) if database else ("sqlite", "postgresql"), answer)


QUESTIONS = tuple(questions())


def described(name: str) -> list[str]:
    """The columns in the page's table under the heading of that name."""
    section = re.search(rf"^### `{name}`\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, f"docs/database.md does not describe {name}"
    return re.findall(r"^\| `(\w+)` \| \S", section[1], re.MULTILINE)


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_column_of_a_table_is_described(table: str) -> None:
    assert described(table) == list(metadata.tables[table].columns.keys())


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_of_a_view_is_described(connection: Connection, view: str) -> None:
    assert described(view) == [each["name"] for each in inspect(connection).get_columns(view)]


def test_no_table_is_described_that_is_not_there() -> None:
    assert set(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == {*metadata.tables, *VIEWS}


def test_the_picture_shows_the_tables_as_they_are() -> None:
    schema = runpy.run_path(str(DOCS / "schema.py"))
    assert schema["PICTURE"].search(PAGE)[0] == schema["diagram"](), "run: python docs"


@pytest.mark.parametrize(
    ("newspapers", "question"),
    [(database, question) for question in QUESTIONS for database in question.databases],
    indirect=["newspapers"],
    ids=str,
)
def test_every_question_has_an_answer(connection: Connection, question: Question) -> None:
    found = connection.exec_driver_sql(question.sql.replace("%", "%%"))
    names, rows = list(found.keys()), found.all()
    assert rows, "it has to find something among the invented newspapers, or nobody knows whether it can"
    if question.answer:
        assert tabulated(names, rows) == question.answer


def test_there_is_a_question_for_each_need() -> None:
    assert len(QUESTIONS) >= 12
    assert {database for question in QUESTIONS for database in question.databases} == {"sqlite", "postgresql"}


def tabulated(names: Sequence[str], rows: Sequence[Any]) -> str:
    """Columns side by side, as the page shows them."""
    lines = [list(names), *([str(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(names))]
    return "".join(
        "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )
