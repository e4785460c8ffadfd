"""Opening: a new file, an older schema, and everything that cannot be used."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from newsbot.errors import StoreForeign, StoreNewer, StoreUnavailable
from newsbot.store import Filters, Store, upgrade
from newsbot.store.engine import config, open_engine, writing
from newsbot.store.migrations import HEAD, VERSION_TABLE, is_modelled
from newsbot.store.models import metadata
from tests.store.build import story


def url(file: Path, options: str = "timeout=0.05") -> str:
    return f"sqlite:///{file}?{options}"


def run(file: Path, *statements: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        rows: list[tuple[object, ...]] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows


def test_folders_and_file_are_made_and_said_so_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "deep" / "er" / "newsbot.db"
    Store.open(url(file)).close()
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [("INFO", f"database {file} made, schema {HEAD}")]
    caplog.clear()
    with Store.open(url(file)) as again:
        assert again.read.stories(Filters()) == []
    assert not caplog.records
    assert run(file, "PRAGMA journal_mode") == [("wal",)]


def test_an_older_schema_is_brought_up_to_date(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = open_engine(url(file))
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), "base")
        assert inspect(connection).get_table_names() == [VERSION_TABLE]
    engine.dispose()
    caplog.set_level(logging.INFO, logger="newsbot")
    with Store.open(url(file)) as store:
        assert store.keep(story()).story_id == 1
        assert len(store.read.search("headline", Filters())) == 1
    assert len([record for record in caplog.records if record.name.startswith("newsbot")]) == 1


def test_of_many_stories_it_is_said_first_that_it_takes_long(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the message, which comes before the first story is done."""
    with Store.open(url(file)) as store:
        for number in (1, 2, 3):
            store.keep(story(number))
        with store._writing.begin() as connection:
            command.downgrade(config(connection), "0005")
    monkeypatch.setattr("newsbot.store.engine._MANY", 3)
    told: list[tuple[int, int, list[str]]] = []
    upgrade(url(file), lambda done, of: told.append((done, of, list(caplog.messages))))
    cost = "3 stories. This may take minutes; broken off, it changes nothing"
    said = [f"database {file} brought from schema 0005 to {HEAD}: {cost}"]
    assert told == [(0, 3, said), (3, 3, said)]


def test_the_migrations_make_what_the_models_say(file: Path) -> None:
    engine = open_engine(url(file))
    with engine.connect() as connection:
        options = {
            "version_table": VERSION_TABLE,
            "include_name": is_modelled,
            "compare_type": True,
            "compare_server_default": True,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        assert ScriptDirectory.from_config(config(connection)).get_heads() == [HEAD]
    engine.dispose()
    made = run(file, "SELECT sql FROM sqlite_master WHERE name = 'likeness_key'")[0][0]
    assert "WITHOUT ROWID" in str(made)


def test_another_programs_database_is_left_as_it_is(file: Path) -> None:
    run(file, "CREATE TABLE invoice (id INTEGER)", "CREATE TABLE alembic_version (version_num TEXT)")
    before = file.read_bytes()
    with pytest.raises(StoreForeign, match=r"newsbot\.db .*alembic_version, invoice.* NEWSBOT_DATABASE_URL"):
        Store.open(url(file))
    assert file.read_bytes() == before


def test_a_later_schema_is_refused(file: Path) -> None:
    Store.open(url(file)).close()
    run(file, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreNewer, match=rf"{file} was made by a later newsbot: its schema is 9999.*{HEAD}.*latest"):
        Store.open(url(file))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreUnavailable, match=r"taken/newsbot\.db: the folder .*taken cannot be made.*NEWSBOT_HOME"):
        Store.open(url(tmp_path / "taken" / "newsbot.db"))


def test_a_folder_in_the_files_place(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=rf"{tmp_path}: it cannot be opened\. Check that .* is a file"):
        Store.open(url(tmp_path))


def test_what_is_no_database(file: Path) -> None:
    file.write_bytes(b"Dear diary, " * 100)
    with pytest.raises(StoreUnavailable, match="the file is not a database"):
        Store.open(url(file))
    assert file.read_bytes() == b"Dear diary, " * 100


def test_locked_while_it_is_to_be_made(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match=r"locked: another process.* Let it end"):
            Store.open(url(file))


def test_read_only(file: Path) -> None:
    with Store.open(url(file)) as writable:
        writable.keep(story(1))
    with Store.open(f"sqlite:///file:{file}?mode=ro&uri=true") as store:
        assert len(store.read.stories(Filters())) == 1
        with pytest.raises(StoreUnavailable, match=r"cannot keep https://a\.example/2: read-only\. Give"):
            store.keep(story(2))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("nonsense", "no database URL"),
        ("mysql://me:hush@host/news", "does not speak mysql"),
        ("postgresql://me:hush@host:port/news", "no database URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://me:hush@127.0.0.1:1/news", r"me:\*\*\*@127\.0\.0\.1:1/news: the database refuses: .* is up"),
    ],
)
def test_urls_of_no_use(bad: str, said: str) -> None:
    with pytest.raises(StoreUnavailable, match=said) as caught:
        Store.open(bad)
    assert "hush" not in str(caught.value)
