"""What SQLite reads: never a whole table for a story that is kept, for these have millions of rows."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import event

from newsbot.store import Filters, Outcome, Store, Wanted
from tests.store.build import edited, prose, story


def test_no_way_of_keeping_a_story_reads_a_whole_table(store: Store, file: Path) -> None:
    ran: dict[str, Any] = {}

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        ran[statement] = parameters

    event.listen(store._engine, "before_cursor_execute", note)
    first = story(1)
    outcomes = [
        store.keep(each).outcome
        for each in (
            first,
            first,
            story(1, edited(prose(1)), site="b.example"),
            story(1, prose(2)),
            story(1, url="https://a.example/moved", title="Headline 1", text=prose(2), as_announced=True),
        )
    ]
    assert outcomes == [Outcome.NEW, Outcome.SAME, Outcome.COPY, Outcome.CHANGED, Outcome.SAME]
    with closing(sqlite3.connect(file)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        read = [
            (detail, statement)
            for statement, parameters in ran.items()
            if not statement.startswith("BEGIN")
            for *_, detail in connection.execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters[0] if isinstance(parameters, list) else parameters
            )
            if detail.startswith("SCAN") and detail.split()[1] in tables | {"found"}
        ]
    assert any("likeness_key" in statement and "DELETE" in statement for statement in ran)
    assert read == []


def test_what_is_to_be_made_again_is_told_without_reading_stories(store: Store, file: Path) -> None:
    ran: dict[str, Any] = {}
    event.listen(
        store._engine, "before_cursor_execute", lambda _c, _cursor, text, given, *_: ran.setdefault(text, given)
    )
    assert store.outdated(Wanted("a.example", "by this")) == []
    ((statement, parameters),) = ((text, given) for text, given in ran.items() if "made_by" in text)
    with closing(sqlite3.connect(file)) as connection:
        plan = [detail for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any("USING COVERING INDEX ix_story_site_made_by" in detail for detail in plan), plan


def test_many_stories_are_looked_up_without_their_texts(file: Path) -> None:
    """Nothing is read of the rows in which the texts lie, but of the page that is shown."""
    with Store.open(f"sqlite:///{file}") as store:
        for number in range(30):
            store.keep(story(number, site=f"{'ab'[number % 2]}.example"))
        asked: list[tuple[str, Any]] = []
        event.listen(
            store._engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters)),
        )
        for filters in (Filters(), Filters(sites=["a.example"]), Filters(copies=False)):
            assert store.read.survey(filters).exact
            assert store.read.survey(filters, "headline").exact
            assert len(store.read.search("headline", replace(filters, limit=20))) in (15, 20)
    with closing(sqlite3.connect(file)) as connection:
        plans = {
            statement: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in asked
            if "story.dated" in statement and "json" in statement and "story.text" not in statement
        }
    assert len(plans) == 9
    assert {plan[0] for plan in plans.values()} == {"SEARCH story USING COVERING INDEX ix_story_brief (id=?)"}
