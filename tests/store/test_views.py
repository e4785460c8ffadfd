"""The views for those who ask in SQL: what they say, and that they outlive what is done to the tables."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, inspect, text

from newsbot.items import Access, Block, BlockKind, Removed, RemovedKind, Verdict
from newsbot.store import Store
from newsbot.store.engine import migrating
from tests.store.build import HOUR, NOON, edited, prose, story

# A promise: columns may be added at the end.
STORY = (
    "id url site site_name title standfirst text authors section tags language published modified day_only dated "
    "first_seen last_seen access word_count versions copies is_first cluster thread gone changed"
).split()
COPY = (
    "id site url title dated minutes_later first_id first_site first_url first_title first_dated cluster"
).split()  # fmt: skip


def ask(store: Store, question: str, **values: Any) -> list[dict[str, Any]]:
    with store._engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(text(question), values)]


def stories(store: Store) -> list[dict[str, Any]]:
    return ask(store, "SELECT * FROM v_story ORDER BY id")


@pytest.mark.parametrize(("view", "columns"), [("v_story", STORY), ("v_copy", COPY)])
def test_the_columns_are_those_that_are_promised(store: Store, view: str, columns: list[str]) -> None:
    found = [each["name"] for each in inspect(store._engine).get_columns(view)]
    assert found[: len(columns)] == columns


def test_a_story_without_joins(store: Store) -> None:
    store.touch_site("a.example", "The A", "https://a.example/", "en")
    store.keep(
        story(
            1,
            authors=("Lena Holt", "Åke Brandt"),
            tags=("ferry", "sea"),
            section="Harbour",
            language="en",
            access=Access.PAYWALLED,
            published=NOON - HOUR,
        )
    )
    store.dismiss("a.example", ["https://a.example/1"], Verdict.GONE, NOON + HOUR)
    (row,) = stories(store)
    assert (row["site"], row["site_name"], row["title"], row["text"]) == ("a.example", "The A", "Headline 1", prose(1))
    assert (row["authors"], row["tags"]) == ("Lena Holt; Åke Brandt", "ferry; sea")
    assert (row["section"], row["language"], row["access"], row["word_count"]) == ("Harbour", "en", "paywalled", 120)
    assert (row["versions"], row["copies"], bool(row["is_first"]), row["cluster"]) == (1, 0, True, None)
    # Text on SQLite, instants on PostgreSQL: in UTC on both.
    assert [str(row[name])[:19] for name in ("published", "dated", "gone")] == [
        "2026-03-02 11:00:00",
        "2026-03-02 11:00:00",
        "2026-03-02 13:00:00",
    ]


def test_a_story_of_which_little_is_known(store: Store) -> None:
    store.keep(story(1))
    (row,) = stories(store)
    assert [row[name] for name in ("authors", "tags", "standfirst", "published", "gone")] == [None] * 5
    assert (str(row["dated"])[:19], bool(row["day_only"])) == ("2026-03-02 12:00:00", False)


def test_copies_stand_beside_the_first_of_them(store: Store) -> None:
    store.keep(story(1, published=NOON + timedelta(minutes=95, seconds=59)))
    store.keep(story(2, edited(prose(1)), site="b.example", published=NOON + timedelta(seconds=1)))
    store.keep(story(3, site="c.example"))
    rows = stories(store)
    assert [(row["copies"], bool(row["is_first"]), row["versions"]) for row in rows] == [
        (1, False, 1),
        (1, True, 1),
        (0, True, 1),
    ]
    (copy,) = ask(store, "SELECT * FROM v_copy")
    assert (copy["id"], copy["site"], copy["title"]) == (1, "a.example", "Headline 1")
    assert (copy["first_id"], copy["first_site"], copy["first_title"]) == (2, "b.example", "Headline 2")
    assert copy["minutes_later"] == 95
    assert copy["cluster"] == rows[0]["cluster"] == rows[1]["cluster"]


def test_how_much_later_is_not_said_of_a_mere_day(store: Store) -> None:
    store.keep(story(1, published=NOON, day_only=True))
    store.keep(story(2, edited(prose(1)), site="b.example", published=NOON + HOUR))
    (copy,) = ask(store, "SELECT minutes_later FROM v_copy")
    assert copy["minutes_later"] is None


@pytest.mark.parametrize("condition", ["", "WHERE site = 'a.example'", "WHERE dated > '2026-03-01'"])
@pytest.mark.parametrize("view", ["v_story", "v_copy"])
def test_the_newest_are_found_without_sorting_all(store: Store, file: Path, view: str, condition: str) -> None:
    plan = ask(store, f"EXPLAIN QUERY PLAN SELECT * FROM {view} {condition} ORDER BY dated DESC LIMIT 20")
    steps = [step["detail"] for step in plan]
    assert any("INDEX ix_story_" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


def test_they_and_all_rows_outlive_a_table_that_is_made_anew(store: Store) -> None:
    furniture = Removed(0, Block(BlockKind.PARAGRAPH, "Menu"), RemovedKind.FURNITURE, "the site repeats it")
    store.keep(story(1, removed=(furniture,)))
    store.keep(story(2, edited(prose(1)), site="b.example", published=NOON + HOUR))
    store.keep(story(1, prose(3), fetched_at=NOON + HOUR))
    before = stories(store), ask(store, "SELECT * FROM v_copy")
    counted = " UNION ALL ".join(
        f"SELECT count(*) FROM {name}" for name in ("story_version", "removed_block", "address")
    )
    rows = ask(store, counted)
    with migrating(store._engine) as connection:
        operations = Operations(MigrationContext.configure(connection))
        recreate: Literal["always", "never"] = "always" if connection.dialect.name == "sqlite" else "never"
        with operations.batch_alter_table("story", recreate=recreate) as batch:
            batch.add_column(Column("mood", Integer()))
    assert (stories(store), ask(store, "SELECT * FROM v_copy")) == before
    assert ask(store, counted) == rows
    with store._engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
