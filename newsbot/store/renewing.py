"""Fingerprints that an earlier version of the algorithms made, made anew: until then such a story is not found by what
it is like, only by its addresses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select, union_all, update

from newsbot.fingerprint import VERSION, likeness_keys, text_key, url_key
from newsbot.items import Fingerprint, Verdict
from newsbot.store import models
from newsbot.store.copies import Newcomer, join, leave, replace_keys

_story, _address = models.story, models.address

_OUTDATED = select(_story.c.id).where(_story.c.fingerprint < VERSION).order_by(_story.c.id)
_TAKEN = union_all(
    select(_story.c.id).where(_story.c.url_key == bindparam("key"), _story.c.id != bindparam("this")),
    select(_address.c.story).where(
        _address.c.url_key == bindparam("key"), _address.c.story.is_distinct_from(bindparam("this"))
    ),
)


def outdated(connection: Connection, at_most: int) -> list[int]:
    """The stories whose fingerprint is not of this version, at most so many."""
    return list(connection.execute(_OUTDATED.limit(at_most)).scalars())


def renew(connection: Connection, story_id: int) -> list[dict[str, Any]]:
    """Give a story the fingerprint that this version makes, and the copies that it finds, in place of those that are
    none to this version. Text and versions stay.

    Gives the rows of the keys that its addresses have had since, which are the caller's to enter. The old keys stay.
    """
    known = connection.execute(select(_story).where(_story.c.id == story_id)).first()
    if known is None or known.fingerprint >= VERSION:
        return []
    fingerprint = Fingerprint((known.url_key,), text_key(known.text), likeness_keys(known.text))
    values: dict[str, object] = {"text_key": fingerprint.text_key, "fingerprint": VERSION}
    held = connection.execute(select(_address).where(_address.c.story == story_id)).all()
    rows = [{**row._mapping, "url_key": key} for row in held if (key := _key(row.url)) not in (None, row.url_key)]
    own = _key(known.url)
    if own not in (None, known.url_key) and not connection.execute(_TAKEN, {"key": own, "this": story_id}).first():
        values["url_key"] = own
        rows.append(
            {
                "url_key": own,
                "url": known.url,
                "site": known.site,
                "story": story_id,
                "verdict": Verdict.STORY.value,
                "first_seen": known.first_seen,
                "last_fetched": known.last_seen,
            }
        )
    connection.execute(update(_story).where(_story.c.id == story_id).values(values))
    replace_keys(connection, known, fingerprint)
    join(connection, leave(connection, Newcomer.of(known, fingerprint, known.text)))
    return rows


def _key(url: str) -> str | None:
    """None for what an earlier version took for an address and this one does not: such a story keeps the key it had."""
    try:
        return url_key(url)
    except ValueError:
        return None
