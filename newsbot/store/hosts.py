"""What hosts have asked of crawlers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from newsbot.store import models
from newsbot.store.addresses import INSERT, replacing

(_host,) = models.tables(models.Host)


@dataclass(frozen=True, slots=True)
class HostState:
    """What a host, as `https://paper.example`, has asked for: not to be asked before `paused_until`; `robots` is its
    robots.txt, empty where it has none, as it was at `robots_seen`; None where nobody has asked yet."""

    origin: str
    paused_until: datetime | None = None
    robots: str | None = None
    robots_seen: datetime | None = None


_HOST = select(_host).where(_host.c.origin == bindparam("of"))
_ENTER_HOST = {dialect: replacing(into, _host, "origin") for dialect, into in INSERT.items()}


def host(connection: Connection, origin: str) -> HostState:
    """What is known of a host."""
    row = connection.execute(_HOST, {"of": origin}).first()
    return HostState(origin) if row is None else HostState(**row._mapping)


def enter_host(connection: Connection, state: HostState) -> None:
    """Remember a host as it is now."""
    connection.execute(_ENTER_HOST[connection.dialect.name], asdict(state))
