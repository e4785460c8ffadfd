"""Archive pages of sites all of whose stories were seen to: a backfill need not read them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from newsbot.store import models
from newsbot.store.addresses import INSERT, replacing

_page = models.archive_page
_THROUGH = select(_page.c.url).where(_page.c.site == bindparam("of"), _page.c.rules == bindparam("by"))
_ENTER = {dialect: replacing(into, _page, "site", "url") for dialect, into in INSERT.items()}


def through(connection: Connection, site: str, rules: str) -> set[str]:
    """The archive pages of a site that are done with, by the rules of its file that hold now."""
    return set(connection.execute(_THROUGH, {"of": site, "by": rules}).scalars())


def enter(connection: Connection, site: str, rules: str, urls: Iterable[str], when: datetime) -> None:
    """Remember archive pages as done with."""
    if rows := [{"site": site, "url": url, "rules": rules, "done": when} for url in urls]:
        connection.execute(_ENTER[connection.dialect.name], rows)
