"""Databases to measure with: made for the occasion, on SQLite or on the tests' PostgreSQL, and what they use of CPU."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks.measuring import Failed
from newsbot.store import Store
from newsbot.store.engine import open_engine
from newsbot.store.migrations import HEAD, VERSION_TABLE
from tests.databases import PostgreSQL

KINDS = ("SQLite", "PostgreSQL")


class Meter:
    """Milliseconds of CPU so far, of this process and, if another serves the database, of that."""

    def __init__(self, engine: Engine) -> None:
        self._server: Path | None = None
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                self._server = Path(f"/proc/{pid}/schedstat")

    def __call__(self) -> float:
        used = time.process_time() * 1000
        if self._server is not None:
            used += int(self._server.read_text().split()[0]) / 1e6
        return used


def unchanged(url: str) -> Engine:
    """A database that is there, of this newsbot's schema, which opening it leaves as it is. Raises measuring.Failed for
    another schema, StoreError where it cannot be opened."""
    engine = open_engine(url, create=False, migrate=False)
    with engine.connect() as connection:
        schema = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()  # noqa: S608
    if schema != HEAD:
        engine.dispose()
        raise Failed(f"{url} has the schema {schema}, not {HEAD}: it is only read here; `newsbot db upgrade` it")
    return engine


@contextmanager
def empty(kind: str) -> Iterator[Store]:
    """A store of that kind without stories, which is gone afterwards."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/newsbot.db") as store:
            yield store
    else:
        with PostgreSQL() as server, server.database() as url, Store.open(url) as store:
            yield store
