"""Databases to measure with: made for the occasion, on SQLite or on the tests' PostgreSQL, and what they use of CPU."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from newsbot.store import Store
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


@contextmanager
def empty(kind: str) -> Iterator[Store]:
    """A store of that kind without stories, which is gone afterwards."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/newsbot.db") as store:
            yield store
    else:
        with PostgreSQL() as server, server.database() as url, Store.open(url) as store:
            yield store
