"""Archives that are read into the database: how far each has come, and the record of the run that reads it.

How far it has come moves in the transactions that keep its stories: a run that is killed has neither lost a record nor
read one twice when the next one goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from newsbot.store import models
from newsbot.store.addresses import INSERT, replacing
from newsbot.store.copies import new_id
from newsbot.store.rows import RunKind

_ingested, _run, _run_site = models.ingested, models.run, models.run_site
_ENTER = {dialect: replacing(into, _ingested, "digest") for dialect, into in INSERT.items()}
_REACH = update(_ingested).where(_ingested.c.digest == bindparam("this"))
_CLOSE = update(_run).where(_run.c.id == bindparam("this"), _run.c.finished.is_(None))


@dataclass(frozen=True, slots=True)
class Ingested:
    """An archive: `digest` is that of how it begins, `size` in bytes, None where it came through a pipe; `records`: so
    many of its records are done with. `finished`: when the last of them was, None before. `run` reads it, or did."""

    digest: str
    name: str
    size: int | None
    records: int
    run: int
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an archive, behind so many of its records."""

    digest: str
    records: int


def known(connection: Connection, digest: str) -> Ingested | None:
    """What is known of an archive, None for one that was never begun."""
    row = connection.execute(select(_ingested).where(_ingested.c.digest == digest)).first()
    return None if row is None else Ingested(**row._mapping)


def begin(
    connection: Connection, digest: str, name: str, size: int | None, records: int, pid: int, when: datetime
) -> int:
    """Open a run that reads an archive from behind so many of its records on, and close the one that was killed while
    it did; gives the number."""
    before = known(connection, digest)
    if before is not None:
        connection.execute(_CLOSE, {"this": before.run, "finished": when, "outcome": "interrupted"})
    run = new_id(
        connection.execute(
            insert(_run), {"pid": pid, "started": when, "kind": RunKind.INGEST.value}
        ).inserted_primary_key
    )
    values = {"digest": digest, "name": name, "size": size, "records": records, "run": run, "finished": None}
    connection.execute(_ENTER[connection.dialect.name], values)
    return run


def reach(connection: Connection, place: Place) -> None:
    """Say how far an archive has come."""
    connection.execute(_REACH, {"this": place.digest, "records": place.records})


def end(
    connection: Connection,
    place: Place,
    run: int,
    when: datetime,
    outcome: str,
    visits: Mapping[str, tuple[Mapping[str, int], int]],
    *,
    finished: bool,
) -> None:
    """Close a run: its outcome, the counts of each site and the bytes read of it, and how far the archive has come."""
    started = connection.execute(select(_run.c.started).where(_run.c.id == run)).scalar_one()
    rows = [
        {"run": run, "site": site, "started": started, "finished": when, "outcome": outcome, "counts": dict(counts)}
        | {"bytes": size}
        for site, (counts, size) in visits.items()
    ]
    if rows:
        connection.execute(insert(_run_site), rows)
    connection.execute(update(_run).where(_run.c.id == run), {"finished": when, "outcome": outcome})
    reach(connection, place)
    if finished:
        connection.execute(_REACH, {"this": place.digest, "finished": when})
