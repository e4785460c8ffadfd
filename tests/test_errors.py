"""Every error is drawn in the module's head with its place and its exit code, and tells what happened, where, and what
to do: each message in the sources, and each class as a user meets it."""

from __future__ import annotations

import ast
import inspect
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

from newsbot import errors
from newsbot.archive.writing import Exchange, Writer
from newsbot.config import load
from newsbot.discovery import read_feed
from newsbot.errors import NewsbotError
from newsbot.lock import crawl_lock
from newsbot.moments import moment
from newsbot.sites import find
from newsbot.store import Reader, Store
from newsbot.store.leases import check
from newsbot.store.patience import within

CLASSES: dict[str, Any] = {name: cls for name, cls in vars(errors).items() if inspect.isclass(cls)}
LINE = re.compile(r"(?m)^ {4}([│├└─ ]*)(\w+) +(\S.*?)(?: +exit (\d+))?$")


def drawn() -> dict[str, tuple[str | None, int | None]]:
    """Each class of the drawing with the one it hangs from and its exit code, inherited where none is drawn."""
    found: dict[str, tuple[str | None, int | None]] = {}
    above: list[tuple[int, str]] = []
    for indent, name, _, code in LINE.findall(errors.__doc__ or ""):
        while above and above[-1][0] >= len(indent):
            above.pop()
        parent = above[-1][1] if above else None
        found[name] = (parent, int(code) if code else (found[parent][1] if parent else None))
        above.append((len(indent), name))
    return found


def test_the_drawing_shows_every_class_and_no_other() -> None:
    assert set(drawn()) == set(CLASSES)
    assert len(CLASSES) >= 9


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_is_what_the_drawing_shows(name: str) -> None:
    parent, code = drawn()[name]
    cls = CLASSES[name]
    assert issubclass(cls, NewsbotError)
    assert cls.__base__ is (CLASSES[parent] if parent else Exception)
    assert cls.exit_code == (code or 1)
    assert vars(cls).get("__doc__"), f"{name} does not say what it is"


def test_an_error_says_what_it_was_given() -> None:
    assert str(CLASSES["SiteError"]("a.toml: no name; add one")) == "a.toml: no name; add one"


# What each says ------------------------------------------------------------------------------------------------------


def _setting(folder: Path) -> None:
    (folder / "newsbot.toml").write_text("delay = -1\n", "utf-8")
    load()


def _locked(folder: Path) -> None:
    with crawl_lock(folder, ["calm.example"]), crawl_lock(folder, ["calm.example"]):
        pass


def _no_folder(folder: Path) -> None:
    (folder / "archive").write_text("a file", "utf-8")
    page = Exchange("https://calm.example/", datetime.now(UTC), (), 200, (), b"a page")
    Writer(folder / "archive", {}).write(page)


def _slow(folder: Path) -> None:
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999999) SELECT max(i) FROM n"
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection, within(connection, 0):
        connection.exec_driver_sql(count)


def _database(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "some.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    with Reader.open(f"sqlite:///{folder / 'some.db'}"):
        pass


def _later(folder: Path) -> None:
    _database(folder, "CREATE TABLE newsbot_version (version_num TEXT)", "INSERT INTO newsbot_version VALUES ('9999')")


def _lost(folder: Path) -> None:
    url = f"sqlite:///{folder / 'newsbot.db'}"
    with Store.open(url), create_engine(url, poolclass=NullPool).connect() as connection:
        # Leases are PostgreSQL's, and go by its clock.
        driver: Any = connection.connection.driver_connection
        driver.create_function("clock_timestamp", 0, lambda: "2026-03-01 00:00:00")
        check(connection, "no such lease", 1)


# By each class: what raises it, and where its message has to say that it was.
MET: dict[str, tuple[Callable[[Path], object], str]] = {
    "ConfigError": (_setting, "{folder}/newsbot.toml: delay"),
    "SiteError": (lambda _: find({}, ["calm.example"]), "'calm.example'"),
    "QueryError": (lambda _: moment("soon", datetime.now(UTC)), "'soon'"),
    "CrawlLocked": (_locked, "calm.example"),
    "ArchiveError": (_no_folder, "{folder}/archive"),
    "NotUnderstood": (lambda _: read_feed(b"<html></html>", "https://calm.example/feed"), "https://calm.example/feed"),
    "LeaseLost": (_lost, "the database"),
    "QueryTooSlow": (_slow, "the database"),
    "StoreUnavailable": (lambda folder: Reader.open(f"sqlite:///{folder}/no.db").__enter__(), "{folder}/no.db"),
    "StoreForeign": (lambda folder: _database(folder, "CREATE TABLE invoice (id INTEGER)"), "{folder}/some.db"),
    "StoreNewer": (_later, "{folder}/some.db"),
}

# How a cure begins.
CURES = (
    "add|ask|begin|call|check|choose|close|convert|correct|copy|end|enter|exclude|export|give|install|leave|let|log|look|"
    "make|mend|move|name|put|record|remove|rename|report|run|save|set|shorten|sort|spell|split|take|tell|try|use|wait|write"
)
CURE = re.compile(
    rf"[.;:,`)}}] (?:or |then )?(?:(?:{CURES})\b|\{{\w*cure\w*\}}|\{{hint\}})|`newsbot |say which", re.IGNORECASE
)


@pytest.mark.parametrize("name", [name for name in CLASSES if not CLASSES[name].__subclasses__()])
def test_each_tells_what_happened_where_and_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_HOME", str(tmp_path))
    assert name in MET, f"show here how a user meets {name}, and where its message says that it happened"
    meet, place = MET[name]
    with pytest.raises(CLASSES[name]) as met:
        meet(tmp_path)
    said = str(met.value)
    assert type(met.value) is CLASSES[name]
    assert place.format(folder=tmp_path) in said
    assert CURE.search(said), f"what is one to do? {said}"


def _messages() -> Iterator[tuple[str, str]]:
    """Where each error is raised in the sources, and its message, with the names of what is filled in."""
    root = Path(errors.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES and node.args:
                yield f"{path.relative_to(root)}:{node.lineno}", _text(node.args[0])


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.FormattedValue):
        return f"{{{re.sub(r'[^a-z]', '', ast.unparse(node.value).lower())}}}"
    return str(node.value) if isinstance(node, ast.Constant) else f"{{{ast.unparse(node)}}}"


# Whose words are another's, which has its own cure.
PASSED_ON = {"{page.fault}", "{'\\n'.join(lines)}", "{doing}: {diagnosiserrorwhere}", "{selfwhere}: {why}."}


def test_every_message_in_the_sources_says_what_to_do() -> None:
    messages = dict(_messages())
    assert len(messages) > 100
    assert {where: said for where, said in messages.items() if not CURE.search(said) and said not in PASSED_ON} == {}
