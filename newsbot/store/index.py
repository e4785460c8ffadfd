"""The search index, on whichever database: made, kept, checked, asked."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from newsbot.store import index_postgresql, index_sqlite
from newsbot.store.filters import Filters
from newsbot.store.search import Search

Matching = index_sqlite.Matching | index_postgresql.Matching


def index_story(connection: Connection, story_id: int, title: str, standfirst: str | None, told: str) -> None:
    """To be called in the transaction that enters a story or changes one of these: what the database does not index by
    itself. A story that is deleted, or that has changed and is not entered again, is not found by its old texts."""
    if connection.dialect.name == "sqlite":
        index_sqlite.index_story(connection, story_id, title, standfirst, told)


def rebuild_search(connection: Connection, progress: Callable[[int, int], None] | None = None) -> None:
    """Make the index anew from the stories; some 0.5 ms a story on SQLite, 1 ms on PostgreSQL. `progress` is told how
    many are done, and of how many: PostgreSQL does not say."""
    (index_sqlite if connection.dialect.name == "sqlite" else index_postgresql).rebuild(
        connection, progress or (lambda done, of: None)
    )


def drop_search(connection: Connection) -> None:
    """Leave nothing of the index."""
    (index_sqlite if connection.dialect.name == "sqlite" else index_postgresql).drop(connection)


def check_search(connection: Connection) -> tuple[str, ...]:
    """What is wrong with the index, in words; empty where it holds what the stories hold. Reads all of them. On SQLite
    the transaction has to be one that writes, though nothing is changed."""
    return tuple((index_sqlite if connection.dialect.name == "sqlite" else index_postgresql).check(connection))


def matching(connection: Connection, search: Search | None, filters: Filters) -> Matching | None:
    """What the index knows of a question; None where it is about sites and dates alone."""
    if connection.dialect.name == "sqlite":
        return index_sqlite.matching(connection, search, filters)
    return index_postgresql.matching(connection, search, filters)
