"""Fingerprints that an earlier version of the algorithms made, made anew: until then such a story is not found by what
it is like, only by its addresses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from newsbot.fingerprint import VERSION, likeness_keys, text_key, url_key
from newsbot.items import Fingerprint
from newsbot.store import models
from newsbot.store.copies import Newcomer, join, replace_keys

_story, _address = models.tables(models.Story, models.Address)

_OUTDATED = select(_story.c.id).where(_story.c.fingerprint < VERSION).order_by(_story.c.id)
_TAKEN = select(_story.c.id).where(_story.c.url_key == bindparam("key"))


def outdated(connection: Connection, at_most: int) -> list[int]:
    """The stories whose fingerprint is not of this version, at most so many."""
    return list(connection.execute(_OUTDATED.limit(at_most)).scalars())


def renew(connection: Connection, story_id: int) -> list[dict[str, Any]]:
    """Give a story the fingerprint that this version makes, and the copies that it finds. Text and versions stay.

    Gives the rows of the keys that its addresses have had since, which are the caller's to enter. The old keys stay.
    """
    known = connection.execute(select(_story).where(_story.c.id == story_id)).first()
    if known is None or known.fingerprint >= VERSION:
        return []
    key = url_key(known.url)
    fingerprint = Fingerprint((key,), text_key(known.text), likeness_keys(known.text))
    values: dict[str, object] = {"text_key": fingerprint.text_key, "fingerprint": VERSION}
    if key != known.url_key and connection.execute(_TAKEN, {"key": key}).first() is None:
        values["url_key"] = key
    connection.execute(update(_story).where(_story.c.id == story_id).values(values))
    replace_keys(connection, known, fingerprint)
    join(connection, Newcomer.of(known, fingerprint, known.text))
    rows = connection.execute(select(_address).where(_address.c.story == story_id)).all()
    return [{**row._mapping, "url_key": now} for row in rows if (now := url_key(row.url)) != row.url_key]
