"""What there is to say of a database as a whole: where it is, what runs it, how large it is, what it spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from newsbot.store import models

_site, _story, _version, _cluster = models.site, models.story, models.story_version, models.cluster


@dataclass(frozen=True, slots=True)
class Info:
    """A database. `server` is what runs it, with its version; `bytes` all that it holds, with indexes and free pages,
    and `tables` what each table takes with its indexes, where that is known without reading it all. `versions` are the
    superseded ones, `clusters` the stories that have copies; `oldest` and `newest` are what stories are sorted by.
    """

    where: str
    server: str
    schema: str
    bytes: int
    tables: Mapping[str, int]
    stories: int
    versions: int
    clusters: int
    sites: int
    oldest: datetime | None
    newest: datetime | None


def describe(connection: Connection, where: str, schema: str) -> Info:
    """Look at the database."""
    count = {table.name: _count(connection, table) for table in (_story, _version, _cluster, _site)}
    # Each in a question of its own: from both at once SQLite reads the whole index.
    oldest, newest = (connection.execute(select(end(_story.c.dated))).scalar_one() for end in (func.min, func.max))
    sizes = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    server, total, tables = sizes(connection)
    return Info(
        where=where,
        server=server,
        schema=schema,
        bytes=total,
        tables=tables,
        stories=count["story"],
        versions=count["story_version"],
        clusters=count["cluster"],
        sites=count["site"],
        oldest=oldest,
        newest=newest,
    )


def _count(connection: Connection, counted: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(counted)).scalar_one())


def _sqlite(connection: Connection) -> tuple[str, int, dict[str, int]]:
    pages, size = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size"))
    version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    return f"SQLite {version}", pages * size, {}


def _postgresql(connection: Connection) -> tuple[str, int, dict[str, int]]:
    version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    total = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
    sizes = connection.exec_driver_sql(
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 2 DESC, 1"
    )
    return f"PostgreSQL {version}", int(total), {name: int(size) for name, size in sizes}
