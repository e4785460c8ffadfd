"""`newsbot db`: the database as a whole."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress

import pytest
from alembic import command

from newsbot.demo.web import expected
from newsbot.store import Store
from newsbot.store.engine import config, open_engine, writing
from newsbot.store.migrations import HEAD
from tests.conftest import Demo
from tests.running import Ended, Home
from tests.store.build import NOON, story

Newsbot = Callable[..., Ended]


@pytest.fixture
def stocked(home: Home) -> Home:
    with Store.open(f"sqlite:///{home.database}") as store:
        for number in (1, 2, 3):
            store.keep(story(number, published=NOON))
    return home


def run(home: Home, statement: str) -> None:
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute(statement)
        connection.commit()


def test_info_tells_where_it_is_and_how_much_it_holds(run_newsbot: Newsbot, demo: Demo) -> None:
    ended = run_newsbot("db", "info")
    assert (ended.code, ended.err) == (0, "")
    said = dict(line.split("\t") for line in ended.out.splitlines())
    assert said["database"] == str(demo.home.database)
    assert (said["stories"], said["schema"]) == (str(len(expected(2))), HEAD)
    assert said["server"].startswith("SQLite 3.")
    values = json.loads(run_newsbot("db", "info", "--json").out)
    assert (values["stories"], values["sites"]) == (len(expected(2)), 2)
    assert values["oldest"] < values["newest"]


def test_info_tells_how_large_the_archive_is(stocked: Home) -> None:
    assert "pages as fetched" not in stocked.newsbot("db", "info").out
    folder = stocked.path / "archive"
    folder.mkdir()
    for day in (1, 2):
        (folder / f"newsbot-2026030{day}120000-00001-here-1.warc.gz").write_bytes(b"x" * 700)
    said = dict(line.split("\t") for line in stocked.newsbot("db", "info").out.splitlines())
    assert said["pages as fetched"] == "1.4 KB in 2 files"
    assert said["oldest of them (UTC)"] == "2026-03-01 12:00"
    assert json.loads(stocked.newsbot("db", "info", "--json").out)["archive"] == {
        "files": 2,
        "bytes": 1400,
        "since": "2026-03-01T12:00:00+00:00",
    }


def test_check_of_a_crawled_database_finds_nothing(run_newsbot: Newsbot) -> None:
    ended = run_newsbot("db", "check")
    assert (ended.code, ended.err) == (0, "")
    checked = dict(line.split("\t") for line in ended.out.splitlines()[1:])
    assert set(checked) >= {"file", "references", "schema", "clusters", "addresses"}
    assert set(checked.values()) == {"ok"}


def test_check_tells_what_is_wrong_and_what_to_do(stocked: Home) -> None:
    run(stocked, "DELETE FROM address")
    ended = stocked.newsbot("db", "check")
    assert ended.code == 1
    assert "addresses\t3 stories are not known under their own address\n" in ended.out
    assert "newsbot db check --repair" in ended.err
    assert json.loads(stocked.newsbot("db", "check", "--json").out)["addresses"]
    assert stocked.newsbot("db", "check", "--repair").code == 0
    assert stocked.newsbot("db", "check").code == 0


def test_a_damaged_file_is_found_out(stocked: Home) -> None:
    run(stocked, "PRAGMA wal_checkpoint(TRUNCATE)")
    run(stocked, "PRAGMA foreign_keys = OFF")
    run(stocked, "DELETE FROM site")
    ended = stocked.newsbot("db", "check")
    assert ended.code == 1
    assert "rows of story point at rows of site that are not there" in ended.out


def test_upgrade_tells_from_what_to_what(stocked: Home) -> None:
    assert stocked.newsbot("db", "upgrade").err == f"the schema is {HEAD} already\n"
    engine = open_engine(f"sqlite:///{stocked.database}")
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), "0002")
    engine.dispose()
    ended = stocked.newsbot("db", "upgrade")
    assert ended.code == 0
    assert f"brought from schema 0002 to {HEAD}" in ended.err
    assert ended.err.endswith(f"the schema was 0002, and is {HEAD} now\n")
    assert stocked.stored() == 3


def test_on_a_terminal_it_shows_how_far_it_is(stocked: Home) -> None:
    engine = open_engine(f"sqlite:///{stocked.database}")
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), "0002")
    engine.dispose()
    terminal, its_end = pty.openpty()
    with os.fdopen(its_end, "wb") as stderr:
        subprocess.run(
            [sys.executable, "-m", "newsbot", "db", "upgrade"],
            env=stocked.env(TERM="xterm", COLUMNS="300"), stderr=stderr, check=True,
        )  # fmt: skip
    said = b""
    with suppress(OSError):  # EIO: all was read, and nobody has the other end any more
        while piece := os.read(terminal, 4096):
            said += piece
    os.close(terminal)
    shown = said.decode()
    assert f"brought from schema 0002 to {HEAD}: 3 stories" in shown
    assert "3/3" in shown
    assert f"the schema was 0002, and is {HEAD} now" in shown


def test_every_command_says_when_it_brings_an_older_schema_up_to_date(stocked: Home) -> None:
    engine = open_engine(f"sqlite:///{stocked.database}")
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), "0002")
    engine.dispose()
    ended = stocked.newsbot("stories", "--json")
    assert len(ended.out.splitlines()) == 3
    assert ended.err == f"database {stocked.database} brought from schema 0002 to {HEAD}: 3 stories\n"


def test_what_is_no_newsbot_database_is_refused(home: Home) -> None:
    home.path.mkdir(parents=True)
    run(home, "CREATE TABLE invoice (id INTEGER)")
    for what in ("info", "check", "upgrade"):
        ended = home.newsbot("db", what)
        assert (ended.code, ended.out) == (1, "")
        assert "another program's database" in ended.err
