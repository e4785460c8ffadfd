"""The texts that a story had before, in the order of time: one that comes to be known late is put into its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from newsbot.items import Story
from newsbot.store import models

_story, _version, _removed = models.story, models.story_version, models.removed_block
_OF: ColumnElement[Any] = bindparam("of")
_FROM: ColumnElement[Any] = bindparam("first")
_BEFORE = (
    select(_version.c.story.label("id"), *(_version.c[name] for name in ("version", "seen", "title", "text")))
    .where(_version.c.story == _OF)
    .order_by(_version.c.version)
)
_SEEN = update(_version).where(_version.c.story == _OF, _version.c.version == bindparam("this"))
# By way of negative numbers: the rows of one statement are changed in any order, and no two may share a number.
_MOVES = [
    (
        update(table).where(table.c.story == _OF, table.c.version >= _FROM).values(version=-(table.c.version + 1)),
        update(table).where(table.c.story == _OF, table.c.version < 0).values(version=-table.c.version),
    )
    for table in (_version, _removed)
]
_COUNT = update(_story).where(_story.c.id == _OF).values(version=_story.c.version + 1)


def texts_before(connection: Connection, story_id: int) -> Sequence[Row[Any]]:
    """The texts that a story had before its current one, the oldest first, with `id` for the story's number."""
    return connection.execute(_BEFORE, {"of": story_id}).all()


def seen_earlier(connection: Connection, story_id: int, version: int, seen: datetime) -> None:
    """An earlier text of a story was there at a time before it was first seen."""
    connection.execute(_SEEN, {"of": story_id, "this": version, "seen": seen})


def insert_text(connection: Connection, story_id: int, version: int, story: Story) -> None:
    """Enter the title and text of `story` as the version of that number; those from there on move up by one."""
    for away, back in _MOVES:
        connection.execute(away, {"of": story_id, "first": version})
        connection.execute(back, {"of": story_id})
    connection.execute(_COUNT, {"of": story_id})
    values = {"version": version, "seen": story.fetched_at, "title": story.title, "text": story.text}
    connection.execute(insert(_version), values | {"story": story_id})
