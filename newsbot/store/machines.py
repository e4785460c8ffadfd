"""What machines that share a PostgreSQL database tell each other: leases on sites, turns at hosts, the workers there
are, and the sites and settings that all of them go by.

All instants are those of the database's clock, for no two machines' clocks agree. On SQLite, which one machine has for
itself, there is none of this: there the locks of `newsbot.lock` do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql

from newsbot.health import WorkerSeen
from newsbot.schedule import Bounds, is_due
from newsbot.store import hosts, leases, models
from newsbot.store.engine import name_of, reported, writing
from newsbot.store.hosts import HostState
from newsbot.store.leases import CLOCK, Held

_site, _lease, _worker, _pushed, _setting = (
    models.site,
    models.site_lease,
    models.worker,
    models.pushed_site,
    models.pushed_setting,
)

_DUE = (
    select(_pushed.c.key, _site.c.next_due)
    .outerjoin(_site, _site.c.key == _pushed.c.key)
    .outerjoin(_lease, and_(_lease.c.site == _pushed.c.key, _lease.c.until >= CLOCK))
    .where(_pushed.c.enabled, _lease.c.site.is_(None))
    .order_by(_site.c.next_due.nulls_first(), _pushed.c.key)
)
_HEARD = postgresql.insert(_worker).values(
    id=bindparam("id"),
    host=bindparam("host"),
    pid=bindparam("pid"),
    slots=bindparam("slots"),
    started=CLOCK,
    seen=CLOCK,
)
_BEAT = _HEARD.on_conflict_do_update(index_elements=["id"], set_={"seen": CLOCK}).returning(_worker.c.seen)


@dataclass(frozen=True, slots=True)
class Pushed:
    """A site as it was pushed: the text of its file."""

    key: str
    text: str
    enabled: bool
    pushed: datetime
    pushed_by: str


class Machines:
    """What a crawl, a worker or a person says and asks here; each method is one transaction. Raises StoreUnavailable
    where the database refuses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = writing(engine)
        self._where = name_of(engine)

    @property
    def many(self) -> bool:
        """Whether other machines may be at work on this database."""
        return self._engine.dialect.name == "postgresql"

    # -- leases ------------------------------------------------------------------------------------------------------

    def take(self, sites: Sequence[str], token: str, holder: str, span: timedelta) -> tuple[list[str], list[Held]]:
        """Take those of the sites that nobody has, for so long; gives them, and who has the others."""
        with reported("cannot take the sites", self._where), self._writing.begin() as connection:
            return leases.take(connection, sorted(sites), token, holder, span)

    def renew(self, token: str, span: timedelta) -> int:
        """Keep them for so long from now on; gives how many of them are still held."""
        with self._briefly("cannot keep the sites") as connection:
            return leases.renew(connection, token, span)

    def release(self, token: str) -> None:
        """Give the sites back, and the turns at hosts."""
        with self._briefly("cannot give the sites back") as connection:
            leases.release(connection, token)

    def held(self) -> list[Held]:
        """Which sites are held, by whom."""
        if not self.many:
            return []
        with self._asking() as connection:
            return leases.held(connection)

    def take_turn(self, origin: str, token: str, delay: timedelta) -> tuple[float | None, HostState]:
        """Begin a turn at a host, unless it is another's: see `leases.take_turn`; and what the host has asked for."""
        with self._briefly(f"cannot take a turn at {origin}") as connection:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            return leases.take_turn(connection, origin, token, delay), hosts.host(connection, origin)

    def give_back(self, origin: str, token: str) -> None:
        """End a turn."""
        with self._briefly(f"cannot end a turn at {origin}") as connection:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            leases.give_back(connection, origin, token)

    # -- workers -----------------------------------------------------------------------------------------------------

    def succeed(self, host: str, silent: timedelta) -> None:
        """Forget the workers of a machine that have not been heard for so long: another takes their place."""
        gone = delete(_worker).where(_worker.c.host == host, _worker.c.seen < CLOCK - silent)
        with self._briefly("cannot enter the worker") as connection:
            connection.execute(gone)

    def beat(self, worker: str, host: str, pid: int, slots: int) -> datetime:
        """A worker is at work; gives the database's time."""
        with self._briefly("cannot enter the worker") as connection:
            values = {"id": worker, "host": host, "pid": pid, "slots": slots}
            seen: datetime = connection.execute(_BEAT, values).scalar_one()
            return seen

    def leave(self, worker: str) -> None:
        """A worker has ended."""
        with self._briefly("cannot enter the worker's end") as connection:
            connection.execute(delete(_worker).where(_worker.c.id == worker))

    def workers(self) -> list[WorkerSeen]:
        """The workers that there are, and for how long each has been silent."""
        with self._asking() as connection:
            return workers(connection)

    def due(self, bounds: Bounds) -> list[str]:
        """The sites that were pushed, are enabled and due, and that nobody has; the longest due first."""
        with self._asking() as connection:
            now: datetime = connection.execute(select(CLOCK)).scalar_one()
            return [row.key for row in connection.execute(_DUE) if is_due(row.next_due, now, bounds)]

    def put_off(self, site: str, span: timedelta, why: str) -> None:
        """Make a site due so much later, where it is due or was never visited."""
        when = CLOCK + span
        entered = postgresql.insert(_site).values(key=site, name=site, home="", state="new", next_due=when, due_why=why)
        later = entered.on_conflict_do_update(
            index_elements=["key"],
            set_={"next_due": when, "due_why": why},
            where=_site.c.next_due.is_(None) | (_site.c.next_due < CLOCK),
        )
        with reported(f"cannot put {site} off", self._where), self._writing.begin() as connection:
            connection.execute(later)

    # -- what all go by ----------------------------------------------------------------------------------------------

    def push(self, sites: Iterable[tuple[str, str, bool]], settings: Mapping[str, str], by: str) -> None:
        """Let these sites (key, text of its file, enabled) and settings be what workers go by, and no others. A site
        that is as it was keeps the instant of its push."""
        wanted = {key: (text, enabled) for key, text, enabled in sites}
        with reported("cannot push the sites", self._where), self._writing.begin() as connection:
            there = {row.key: (row.text, row.enabled) for row in connection.execute(select(_pushed))}
            connection.execute(delete(_pushed).where(_pushed.c.key.not_in(wanted)))
            for key, (text, enabled) in wanted.items():
                if there.get(key) == (text, enabled):
                    continue
                connection.execute(delete(_pushed).where(_pushed.c.key == key))
                row = {"key": key, "text": text, "enabled": enabled, "pushed_by": by}
                connection.execute(insert(_pushed).values(pushed=CLOCK), row)
            connection.execute(delete(_setting))
            if settings:
                connection.execute(insert(_setting), [{"name": name, "value": v} for name, v in settings.items()])

    def pushed(self) -> dict[str, Pushed]:
        """The sites that were pushed, by key."""
        with self._asking() as connection:
            rows = connection.execute(select(_pushed).order_by(_pushed.c.key))
            return {row.key: Pushed(**row._mapping) for row in rows}

    def settings(self) -> dict[str, str]:
        """The settings that were pushed."""
        with self._asking() as connection:
            return {row.name: row.value for row in connection.execute(select(_setting).order_by(_setting.c.name))}

    # -- how ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        with reported("cannot read the database", self._where), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _briefly(self, doing: str) -> Iterator[Connection]:
        """A transaction on a row or two that nobody else writes: it waits for no other's."""
        with reported(doing, self._where), self._engine.begin() as connection:
            yield connection


def workers(connection: Connection) -> list[WorkerSeen]:
    """The workers that there are, by machine; none on SQLite."""
    if connection.dialect.name != "postgresql":
        return []
    silent = func.extract("epoch", CLOCK - _worker.c.seen)
    query = select(_worker.c.host, _worker.c.pid, _worker.c.slots, _worker.c.started, _worker.c.seen, silent)
    return [
        WorkerSeen(host, pid, slots, started, seen, timedelta(seconds=float(quiet)))
        for host, pid, slots, started, seen, quiet in connection.execute(query.order_by(_worker.c.host, _worker.c.pid))
    ]
