"""newsbot: crawl news sites on a schedule, keep their stories clean, and ask a database what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsbot.reading import Database

__version__ = "0.1.0"


def open(url: str | None = None) -> Database:  # noqa: A001 - as in gzip.open: it is called newsbot.open
    """Open newsbot's database for questions; use it in a `with`, or close it.

    `url` is a SQLAlchemy URL, `sqlite:////path/to/newsbot.db` or `postgresql://user:password@host/name`; by default
    that of the command line, which NEWSBOT_DATABASE_URL or NEWSBOT_HOME name. None is ever made; one with an older
    schema is brought up to date, with a warning in the log that it is. Raises ConfigError for settings that cannot be
    read, and StoreUnavailable, StoreForeign or StoreNewer for a database that is not there or of no use.
    """
    from newsbot.reading import open_database  # here, or each `import newsbot` would load SQLAlchemy

    return open_database(url)
