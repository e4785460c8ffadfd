"""The search index: that it holds what the stories hold, whatever happens to them, is found out and made good."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text

from newsbot.store import Filters, Store
from newsbot.store.engine import config, migrating, open_engine, writing
from newsbot.store.index import check_search, rebuild_search
from newsbot.store.migrations import HEAD
from tests.store.build import NOON, prose, story

ALL = Filters()
QUERIES = {"headline": [1, 2, 3], "東京": [2], "tokyo": [2], "title:headline น้ำ": [3]}


@pytest.fixture
def stocked(store: Store) -> Store:
    fill(store)
    return store


def fill(store: Store) -> None:
    store.keep(story(1, prose(1), authors=("Ada Reed",), language="en", published=NOON))
    store.keep(story(2, "東京で橋が開通した。Tokyo opened.", language="ja", published=NOON))
    store.keep(story(3, "ตลาดน้ำเปิดแล้ว", tags=("market",), language="th", published=NOON))


def answers(store: Store) -> dict[str, list[int]]:
    return {query: sorted(hit.id for hit in store.read.search(query, ALL)) for query in QUERIES}


def faults(store: Store) -> str:
    with store._writing.begin() as connection:
        return "; ".join(check_search(connection))


def test_what_was_kept_is_indexed(stocked: Store) -> None:
    assert (faults(stocked), answers(stocked)) == ("", QUERIES)


def test_it_follows_whatever_the_store_does(stocked: Store) -> None:
    stocked.keep(story(2, "大阪で橋が開通した。Osaka opened.", title="Bridge", standfirst="新しい橋", language="ja"))
    stocked.keep(story(3, prose(3), title="Headline 3"))
    stocked.keep(story(1, prose(1) + "\n\n東京から。", authors=("Bo Li",)))
    assert faults(stocked) == ""
    with stocked._writing.begin() as connection:
        for statement in ("DELETE FROM address", "DELETE FROM story WHERE id <> 1"):
            connection.execute(text(statement))
    assert faults(stocked) == ""
    assert [hit.id for hit in stocked.read.search("東京 OR 大阪 OR ตลาด OR headline", ALL)] == [1]


HARM = {
    "sqlite": {
        "DROP TRIGGER story_search_update": "the trigger story_search_update is missing",
        "DROP TABLE story_search_unspaced": "the table story_search_unspaced is missing",
        "DROP TABLE story_search": "the table story_search is missing",
        "DELETE FROM story_search_unspaced WHERE rowid = 2": "story_search_unspaced does not hold .*: 1 differ",
        "UPDATE story_search_unspaced SET text = 'x'": "story_search_unspaced does not hold .*: 2 differ",
        "INSERT INTO story_search_unspaced (rowid, text) VALUES (77, 'x')": "story_search_unspaced .*: 1 differ",
        "INSERT INTO story_search (story_search) VALUES ('delete-all')": "story_search does not hold",
    },
    "postgresql": {
        "DROP INDEX ix_story_search": "the index ix_story_search is missing",
        "ALTER TABLE story DROP COLUMN search": "the column story.search is missing",
        "ALTER TABLE story ALTER COLUMN search DROP EXPRESSION": "the column story.search is missing",
        "CREATE OR REPLACE FUNCTION newsbot_words(said text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT said'": (
            "the function newsbot_words is not as newsbot makes it; story.search does not hold .*: 2 differ"
        ),
    },
}


def test_harm_is_found_and_made_good(stocked: Store) -> None:
    for statement, said in HARM[stocked._engine.dialect.name].items():
        with stocked._writing.begin() as connection:
            connection.execute(text(statement))
        assert re.search(said, faults(stocked))
        with stocked._writing.begin() as connection:
            rebuild_search(connection)
        assert (faults(stocked), answers(stocked)) == ("", QUERIES)
    stocked.keep(story(2, "大阪で橋が開通した。", language="ja"))
    assert faults(stocked) == ""


def test_a_table_that_was_made_anew_has_lost_its_triggers(file: Path) -> None:
    """What Alembic's batch mode does to `story`, and what a step that uses it has to do."""
    url = f"sqlite:///{file}"
    with Store.open(url) as store:
        fill(store)
    engine = open_engine(url)
    with migrating(engine) as connection:
        views = drop_views(connection)
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("story", recreate="always") as batch:
            batch.alter_column("section", new_column_name="section")
        for view in views:
            connection.exec_driver_sql(view)
        missing = [fault for fault in check_search(connection) if "trigger" in fault]
        assert len(missing) == 4
        rebuild_search(connection)
        assert check_search(connection) == ()
    engine.dispose()
    with Store.open(url) as store:
        assert answers(store) == QUERIES
        store.keep(story(4, "東京"))
        assert [hit.id for hit in store.read.search("東京", ALL)] == [4, 2]


def drop_views(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'view'").all()
    for name, _ in rows:
        connection.exec_driver_sql(f"DROP VIEW {name}")
    return [sql for _, sql in rows]


@pytest.mark.parametrize("revision", ["0001", "0003", "0005"])
def test_stories_of_an_older_schema_are_found_in_the_new_one(database: str, revision: str) -> None:
    with Store.open(database) as store:
        fill(store)
    engine = open_engine(database)
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), revision)
        if engine.dialect.name == "sqlite":
            found = "SELECT rowid FROM story_search WHERE story_search MATCH 'tokyo'"
            assert connection.exec_driver_sql(found).scalars().all() == [2]
    engine.dispose()
    with Store.open(database) as store:
        assert store.info().schema == HEAD
        assert (faults(store), answers(store)) == ("", QUERIES)


def test_the_index_goes_with_a_backup(file: Path, tmp_path: Path) -> None:
    """What `VACUUM INTO` copies answers by itself, to programs that know nothing of newsbot as well."""
    with Store.open(f"sqlite:///{file}") as store:
        fill(store)
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM story WHERE id = 2")
        connection.commit()
        assert connection.execute("SELECT rowid FROM story_search WHERE story_search MATCH 'tokyo'").fetchall() == []
    with Store.open(f"sqlite:///{copy}") as store:
        assert answers(store) == QUERIES | {"headline": [1, 3], "東京": [], "tokyo": []}
