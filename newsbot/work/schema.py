"""The tables of the queue, in a PostgreSQL schema of their own beside newsbot's: made, and brought up to date.

Procrastinate ships its whole schema, and a file for each step from one version to the next, but does not note which
steps a database has seen. That is noted here, with each step in its transaction: all in one would not do, for a value
that one step adds to a type, a later one may use.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager, migrations_path

from newsbot.errors import StoreNewer, StoreUnavailable

SCHEMA = "procrastinate"
_LOCK = 0x71756575  # "queu": one process at a time looks and makes


def reached_by(given: dict[str, Any]) -> dict[str, Any]:
    """What libpq is given, with the queue's tables in the place of newsbot's."""
    return given | {"options": f"{given.get('options', '')} -c search_path={SCHEMA}".strip()}


def is_there(given: dict[str, Any]) -> bool:
    """Whether the database that libpq reaches so has the tables of the queue. Raises StoreUnavailable."""
    try:
        with psycopg.connect(**given, autocommit=True) as connection:
            return connection.execute("SELECT to_regnamespace(%s)", (SCHEMA,)).fetchone() != (None,)
    except psycopg.Error as error:
        raise StoreUnavailable(
            f"the queue cannot be asked: {str(error).splitlines()[0]}. Check that the database is up, then try again."
        ) from error


def up_to_date(given: dict[str, Any], *, make: bool = True) -> bool:
    """Make the tables of the queue at the database that libpq reaches so, or bring them up to date; without `make` only
    the latter. Gives whether there was anything to do. Raises StoreUnavailable, and StoreNewer for tables that a later
    procrastinate made."""
    steps = {path.name: path for path in sorted(Path(migrations_path).glob("*.sql"))}
    try:
        with psycopg.connect(**reached_by(given), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # until the connection ends
            there = connection.execute("SELECT to_regnamespace(%s)", (SCHEMA,)).fetchone() != (None,)
            if not there:
                if make:
                    with connection.transaction():
                        _make(connection, steps)
                return make
            seen = {name for (name,) in connection.execute("SELECT name FROM newsbot_seen")}
            if later := sorted(seen - steps.keys()):
                raise StoreNewer(
                    f"the queue's tables were made by a later procrastinate: they have seen {later[-1]}, and the one "
                    "that is installed does not know it. Install the latest: pip install --upgrade procrastinate"
                )
            todo = [path for name, path in steps.items() if name not in seen]
            for path in todo:
                with connection.transaction():
                    connection.execute(path.read_bytes())  # as bytes: what stands in a file is no literal
                    connection.execute("INSERT INTO newsbot_seen VALUES (%s)", (path.name,))
            return bool(todo)
    except psycopg.Error as error:
        raise StoreUnavailable(
            f"the queue's tables cannot be made: the database refuses: {str(error).splitlines()[0]}. Check that its "
            f"user may create a schema there, or create {SCHEMA!r} for that user."
        ) from error


def _make(connection: psycopg.Connection[Any], steps: dict[str, Path]) -> None:
    connection.execute(f"CREATE SCHEMA {SCHEMA}")
    connection.execute("CREATE TABLE newsbot_seen (name text PRIMARY KEY)")
    connection.execute(SchemaManager.get_schema())
    for name in steps:
        connection.execute("INSERT INTO newsbot_seen VALUES (%s)", (name,))
