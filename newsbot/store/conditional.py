"""What sources and stories' pages said of their last change: with it the next crawl asks whether there is another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from newsbot.fingerprint import url_key
from newsbot.items import Archived
from newsbot.looks import next_look
from newsbot.sources import SourceState
from newsbot.store import models
from newsbot.store.addresses import INSERT, replacing

_KEYS = 500  # in one question

_source, _story, _address = models.source_state, models.story, models.address


@dataclass(frozen=True, slots=True)
class Validators:
    """What a story's page is asked with, to the letter what its last answer said; and where that answer is kept, where
    it is."""

    etag: str | None
    last_modified: str | None
    archived: Archived | None = None


# -- sources -----------------------------------------------------------------------------------------------------------

_STATE = [field.name for field in fields(SourceState)]
_SOURCES = select(*(_source.c[name] for name in _STATE)).where(_source.c.site == bindparam("of"))


_FORGET_SOURCE = delete(_source).where(_source.c.site == bindparam("of"), _source.c.url == bindparam("at"))
_ENTER_SOURCE = {dialect: replacing(into, _source, "site", "url") for dialect, into in INSERT.items()}


def sources(connection: Connection, site: str) -> dict[str, SourceState]:
    """The sources of a site that were ever asked, by address."""
    rows = connection.execute(_SOURCES, {"of": site})
    return {row.url: SourceState(**row._mapping) for row in rows}


def enter_sources(connection: Connection, site: str, states: Iterable[SourceState]) -> None:
    """Remember sources as they are now."""
    if rows := [asdict(state) | {"site": site} for state in states]:
        connection.execute(_ENTER_SOURCE[connection.dialect.name], rows)


def forget_sources(connection: Connection, site: str, urls: Iterable[str]) -> None:
    """Forget sources of a site."""
    for url in urls:
        connection.execute(_FORGET_SOURCE, {"of": site, "at": url})


# -- stories' pages ----------------------------------------------------------------------------------------------------

_VALIDATORS = (
    select(
        _address.c.url_key,
        *(_story.c[name] for name in "fetched_url etag last_modified archive_file archive_offset".split()),
    )
    .join_from(_address, _story, _address.c.story == _story.c.id)
    .where(_address.c.url_key.in_(bindparam("keys", expanding=True)))
)
_STORY_AT = (
    select(*(_story.c[name] for name in "id fetched_url published next_look last_seen".split()))
    .join_from(_address, _story, _address.c.story == _story.c.id)
    .where(_address.c.url_key == bindparam("key"))
)
_SEEN = update(_story).where(_story.c.id == bindparam("this"))
_FETCHED = update(_address).where(_address.c.url_key == bindparam("key")).values(last_fetched=bindparam("when"))


def validators(connection: Connection, keys: Iterable[str]) -> dict[str, Validators]:
    """With what to ask for the stories at these addresses, by key: only where the story was fetched at that very
    address, for what another one said of itself may mean something else here."""
    wanted = iter(dict.fromkeys(keys))
    found = {}
    while some := list(islice(wanted, _KEYS)):
        for row in connection.execute(_VALIDATORS, {"keys": some}):
            if any((row.etag, row.last_modified, row.archive_file)) and url_key(row.fetched_url) == row.url_key:
                archived = None if row.archive_file is None else Archived(row.archive_file, row.archive_offset)
                found[row.url_key] = Validators(row.etag, row.last_modified, archived)
    return found


def confirm(connection: Connection, key: str, when: datetime, looks: Iterable[timedelta]) -> bool:
    """The page at an address has not changed: its story was seen, and is looked at again at the next of these ages.
    Gives whether there is such a story."""
    row = connection.execute(_STORY_AT, {"key": key}).first()
    if row is None:
        return False
    values: dict[str, Any] = {"last_seen": max(row.last_seen, when), "gone": None}
    if row.published is not None:  # else it is looked at when `due` has put it off to
        values["next_look"] = next_look(row.published, when, looks)
    connection.execute(_SEEN, values | {"this": row.id})
    connection.execute(_FETCHED, {"key": key, "when": when})
    return True
