"""The tables of the queue: made once, brought up to date, and no affair of newsbot's own schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from procrastinate.schema import migrations_path

from newsbot.errors import StoreNewer, StoreUnavailable
from newsbot.store import Store, libpq
from newsbot.store.engine import open_engine
from newsbot.store.migrations import VERSION_TABLE, is_modelled
from newsbot.store.models import metadata
from newsbot.work.schema import reached_by, up_to_date
from tests.databases import PostgreSQL
from tests.running import Home

STEPS = sorted(path.name for path in migrations_path.glob("*.sql"))


@pytest.fixture
def url(postgresql: PostgreSQL) -> Iterator[str]:
    with postgresql.database() as url:
        yield url


def given(url: str) -> dict[str, object]:
    found = libpq(url)
    assert found is not None
    return found


def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    with psycopg.connect(**reached_by(given(url))) as connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_they_are_made_once_and_only_where_they_are_wanted(url: str) -> None:
    assert not up_to_date(given(url), make=False)
    assert up_to_date(given(url))
    assert not up_to_date(given(url))
    assert run(url, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    assert [name for (name,) in run(url, "SELECT name FROM newsbot_seen ORDER BY name")] == STEPS


def test_what_a_step_adds_a_later_one_may_use(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    up_to_date(given(url))
    monkeypatch.setattr("newsbot.work.schema.migrations_path", tmp_path)
    for name in STEPS:
        (tmp_path / name).touch()
    (tmp_path / "98.00.00_01_add.sql").write_text("ALTER TYPE procrastinate_job_status ADD VALUE 'frozen';")
    (tmp_path / "98.00.00_02_use.sql").write_text(
        "ALTER TABLE procrastinate_jobs ALTER status SET DEFAULT 'frozen'; CREATE TABLE ice ();"
    )
    assert up_to_date(given(url), make=False)
    assert run(url, "SELECT to_regclass('ice')::text") == [("ice",)]
    assert not up_to_date(given(url))
    (tmp_path / "98.00.00_03_fail.sql").write_text("CREATE TABLE water (); SELECT 1 / 0;")
    with pytest.raises(StoreUnavailable, match="division by zero"):
        up_to_date(given(url))
    assert run(url, "SELECT to_regclass('water')::text, count(*) FROM newsbot_seen") == [(None, len(STEPS) + 2)]


def test_tables_of_a_later_version_are_refused(url: str) -> None:
    up_to_date(given(url))
    run(url, "INSERT INTO newsbot_seen VALUES ('99.00.00_01_later.sql')")
    with pytest.raises(StoreNewer, match=r"have seen 99\.00\.00_01_later\.sql.*Install the latest"):
        up_to_date(given(url))


def test_newsbots_own_schema_does_not_mind_them(url: str) -> None:
    up_to_date(given(url))
    engine = open_engine(url)
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "include_name": is_modelled, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()
    with Store.open(url) as store:
        assert [(check.name, check.faults) for check in store.check() if check.faults] == []


def test_db_upgrade_brings_them_up_to_date(url: str, home: Home) -> None:
    said = "the queue's tables are brought up to date"
    assert said not in home.newsbot("db", "upgrade", NEWSBOT_DATABASE_URL=url).err
    up_to_date(given(url))
    last = "DELETE FROM newsbot_seen WHERE name = '03.03.00_01_pre_priority_lock_fetch_job.sql'"
    run(url, last, "DROP FUNCTION procrastinate_fetch_job_v2")
    ended = home.newsbot("db", "upgrade", NEWSBOT_DATABASE_URL=url)
    assert (ended.code, said in ended.err) == (0, True)
    assert run(url, "SELECT count(*) FROM procrastinate_fetch_job_v2(NULL, 1) AS job WHERE job.id IS NOT NULL") == [
        (0,)
    ]
