"""How long a question may take: it is asked of the database itself to give up, so that nothing goes on in the back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, exc, text

from newsbot.errors import QueryTooSlow

_STEPS = 200_000  # instructions of SQLite's machine between two looks at the clock: some milliseconds
_CANCELLED = "57014"  # PostgreSQL's query_canceled
_LIMIT = text("SELECT set_config('statement_timeout', :limit, true)")


@contextmanager
def within(connection: Connection, seconds: float) -> Iterator[None]:
    """What is asked inside may take so many seconds: on SQLite all of it, on PostgreSQL each statement. Raises
    QueryTooSlow."""
    driver: Any = connection.connection.driver_connection
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        deadline = time.monotonic() + seconds
        driver.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    else:
        connection.execute(_LIMIT, {"limit": f"{max(1, round(seconds * 1000))}ms"})
    try:
        yield
    except exc.DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", "") or getattr(error.orig, "sqlstate", "")
        if name not in ("SQLITE_INTERRUPT", _CANCELLED):
            raise
        raise QueryTooSlow(
            f"the database did not answer within {seconds:g} seconds. Ask for less: more words, a site, a shorter span."
        ) from error
    finally:
        if sqlite:
            driver.set_progress_handler(None, 0)
