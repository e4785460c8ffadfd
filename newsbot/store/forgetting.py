"""Stories that are deleted on purpose: one by one by address, a site's, or all that are older than a day.

With a story go its versions, its removed blocks, its entries in the search index and its likeness keys; the cluster
and the thread that it was in are put in order without it. What stays is its addresses, with the verdict `forgotten`, so
that they are not fetched again, what its site has taught by it, and its pages in the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, not_, select, text, update

from newsbot.errors import QueryError
from newsbot.fingerprint import url_key
from newsbot.items import Verdict
from newsbot.store import models
from newsbot.store.copies import drop_keys, leave_clusters
from newsbot.store.passing import check_sites

_BATCH = 500  # stories in memory
_SAMPLE = 5
_MANY = 50
"""Where more than one story in so many is forgotten, reading all likeness keys once costs less than making those of
each such story again to find them: that takes some 0.4 ms, and looking at the eighteen keys of any story 0.01 ms."""

_story, _version, _key, _address = models.story, models.story_version, models.likeness_key, models.address


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which stories to forget: the one that has this address, those of this site, those dated before this instant;
    where several are given, those to which all apply.

    Raises QueryError where none is given, for a naive instant, and for what is no address.
    """

    url: str | None = None
    site: str | None = None
    before: datetime | None = None

    def __post_init__(self) -> None:
        if self.url is None and self.site is None and self.before is None:
            raise QueryError(
                "no story is meant. Say which to forget: by address, by site, or all before a point in time."
            )
        if self.before is not None and self.before.utcoffset() is None:
            raise QueryError(f"before: {self.before.isoformat()} has no time zone. Add one, as in 2026-03-01T00:00Z.")
        if self.url is not None:
            try:
                url_key(self.url)
            except ValueError as error:
                raise QueryError(f"{self.url!r} is no address of a story. Give one that begins with http.") from error


@dataclass(frozen=True, slots=True)
class Doomed:
    """What would be forgotten: how many stories, and the site, date and title of the oldest few. `files` are those of
    the archive that hold pages of them, which stay there."""

    stories: int
    sample: tuple[tuple[str, datetime, str], ...]
    files: tuple[str, ...] = ()


def look(connection: Connection, chosen: Chosen) -> Doomed:
    """What would be forgotten. Raises QueryError for a site that is not known."""
    conditions = _conditions(connection, chosen)
    number = connection.execute(select(func.count()).select_from(_story).where(*conditions)).scalar_one()
    oldest = select(_story.c.site, _story.c.dated, _story.c.title).where(*conditions)
    rows = connection.execute(oldest.order_by(_story.c.dated, _story.c.id).limit(_SAMPLE))
    return Doomed(number, tuple((row.site, row.dated, row.title) for row in rows), _files(connection, conditions))


def _files(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> tuple[str, ...]:
    current = select(_story.c.archive_file).where(*conditions, _story.c.archive_file.is_not(None))
    earlier = (
        select(_version.c.archive_file)
        .join(_story, _story.c.id == _version.c.story)
        .where(*conditions, _version.c.archive_file.is_not(None))
    )
    return tuple(sorted(connection.execute(current.union(earlier)).scalars()))


def forget(
    connection: Connection, chosen: Chosen, at_most: int | None = None, progress: Callable[[int], None] | None = None
) -> int:
    """Forget the stories, the oldest first, `at_most` so many; gives how many there were. `progress` is told how many
    are done by now. Raises QueryError for a site that is not known."""
    conditions = _conditions(connection, chosen)
    chosen_ones = select(_story.c.id).where(*conditions).limit(at_most).subquery()
    wanted = connection.execute(select(func.count()).select_from(chosen_ones)).scalar_one()
    in_one_go = wanted > _BATCH and wanted * _MANY > _number_of_stories(connection)
    columns = [_story.c[name] for name in "id site cluster thread fingerprint".split()]
    if not in_one_go:
        columns.append(_story.c.text)
    next_ones = select(*columns).where(*conditions).order_by(_story.c.dated, _story.c.id)
    done, sites = 0, set[str]()
    while done < wanted:
        rows = connection.execute(next_ones.limit(min(_BATCH, wanted - done))).all()
        if not in_one_go:
            for row in rows:
                drop_keys(connection, row)
        _forget_rows(connection, rows)
        sites.update(row.site for row in rows)
        done += len(rows)
        if progress:
            progress(done)
    if in_one_go and done:
        connection.execute(delete(_key).where(not_(exists().where(_story.c.id == _key.c.story))))
    for site in sorted(sites):
        connection.execute(_RELEASE[connection.dialect.name], {"site": site})
    return done


def _number_of_stories(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(_story)).scalar_one())


def _conditions(connection: Connection, chosen: Chosen) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.url is not None:
        owner = select(_address.c.story).where(_address.c.url_key == url_key(chosen.url)).scalar_subquery()
        conditions.append(_story.c.id == owner)
    if chosen.site is not None:
        check_sites(connection, [chosen.site])
        conditions.append(_story.c.site == chosen.site)
    if chosen.before is not None:
        conditions.append(_story.c.dated < chosen.before)
    return conditions


def _forget_rows(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """Delete these stories, with all that hangs on them but their keys; versions and removed blocks go by themselves,
    and so do entries in the search index."""
    ids = [row.id for row in rows]
    leave_clusters(connection, ids, {row.cluster for row in rows} - {None})
    gone = {"story": None, "verdict": Verdict.FORGOTTEN.value}
    connection.execute(update(_address).where(_address.c.story.in_(ids)).values(gone))
    connection.execute(delete(_story).where(_story.c.id.in_(ids)))
    _rename_threads(connection, ids, {row.thread for row in rows} - {None})


def _rename_threads(connection: Connection, ids: Sequence[int], threads: set[int]) -> None:
    """A thread that was named after a story which is gone gets the name of its first: SQLite may give the number of the
    one that is gone to another story. One story alone is no thread."""
    if not threads:
        return
    counted = (
        select(_story.c.thread, func.count(), func.min(_story.c.id))
        .where(_story.c.thread.in_(threads))
        .group_by(_story.c.thread)
    )
    for thread, number, first in connection.execute(counted).all():
        if number == 1:
            connection.execute(update(_story).where(_story.c.thread == thread).values(thread=None))
        elif thread in ids:
            connection.execute(update(_story).where(_story.c.thread == thread).values(thread=first))


# Whom a block is known to be held by: a number that is free again must not lead to another site's story.
_RELEASE = {
    "sqlite": text(
        "UPDATE site_block SET holders = (SELECT json_group_array(value) FROM json_each(site_block.holders) "
        "WHERE value = 0 OR EXISTS (SELECT 1 FROM story WHERE id = value AND site = :site)) "
        "WHERE site = :site AND EXISTS (SELECT 1 FROM json_each(site_block.holders) "
        "WHERE value <> 0 AND NOT EXISTS (SELECT 1 FROM story WHERE id = value AND site = :site))"
    ),
    "postgresql": text(
        "UPDATE site_block SET holders = (SELECT coalesce(jsonb_agg(value ORDER BY place), CAST('[]' AS jsonb)) "
        "FROM jsonb_array_elements(site_block.holders) WITH ORDINALITY AS held(value, place) "
        "WHERE value = '0' OR EXISTS (SELECT 1 FROM story WHERE id = CAST(value AS bigint) AND site = :site)) "
        "WHERE site = :site AND EXISTS (SELECT 1 FROM jsonb_array_elements(site_block.holders) AS held(value) "
        "WHERE value <> '0' AND NOT EXISTS (SELECT 1 FROM story WHERE id = CAST(value AS bigint) AND site = :site))"
    ),
}
