"""Which stories have changed since the last export of a name: none twice without need, and none missed.

`story.changed` numbers the changes of stories, whatever transaction they are made in: a story that is entered, or whose
exported fields change, gets the next number. Writing transactions come one after the other, as `newsbot.store.engine`
says, so that numbers become visible in their order: once N can be read, no transaction at work will bring one up to N.

An export begins in such a transaction too: it takes the highest number there is for its target, writes out what has
changed after its mark up to its target, and moves its mark to the target once the file is in its place. What changes
meanwhile has a higher number, and is the next export's. No number is given twice, even where the stories that had the
highest were deleted meanwhile: the next one is above all targets. An export that is broken off leaves its mark where it
was. Copies that a story gets elsewhere are no change of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, literal_column, select, update

from newsbot.errors import QueryError
from newsbot.store import models

NEXT = literal_column(
    "(SELECT coalesce(max(n), 0) + 1 FROM (SELECT max(changed) AS n FROM story UNION ALL "
    "SELECT max(target) FROM export_mark) AS numbers)",
    models.story.c.changed.type,
)
"""The number of a change that is being made; both maxima are read from the end of an index."""
EXPORTED = frozenset(
    "url fetched_url title standfirst authors section tags language published published_offset modified "
    "modified_offset day_only access text".split()
)
"""The columns a change of which is a change of the story to those who export it."""

_story, _mark = models.story, models.export_mark


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the exports of a name have come: with all changes up to `upto`; the one at work goes up to `target`."""

    name: str
    upto: int
    target: int


def begin(connection: Connection, name: str) -> Mark:
    """Begin an export: the mark of the last one (-1: there was none), and how far this one goes."""
    highest = int(connection.execute(select(func.coalesce(func.max(_story.c.changed), 0))).scalar_one())
    row = connection.execute(select(_mark).where(_mark.c.name == name)).first()
    if row is None:
        connection.execute(insert(_mark), {"name": name, "upto": -1, "target": highest})
        return Mark(name, -1, highest)
    target = max(highest, row.target)
    connection.execute(update(_mark).where(_mark.c.name == name).values(target=target))
    return Mark(name, row.upto, target)


def finish(connection: Connection, mark: Mark, place: Callable[[], None], now: datetime) -> None:
    """Put the export in its place by calling `place`, and move the mark; where `place` raises, the mark stays.

    Raises QueryError, without a call, where another export of the name has moved it in the meantime.
    """
    moved = connection.execute(
        update(_mark).where(_mark.c.name == mark.name, _mark.c.upto == mark.upto).values(upto=mark.target, moved=now)
    )
    if not moved.rowcount:
        raise QueryError(
            f"another export of {mark.name!r} was finished while this one was at work. Nothing is lost: the other one "
            "has what this one was to have; leave this one's output aside."
        )
    place()
