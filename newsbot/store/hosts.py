"""What hosts have asked of crawlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from newsbot.store import models
from newsbot.store.addresses import INSERT

RULES_HOLD = timedelta(days=1)
"""How long a robots.txt may hold at the most (RFC 9309, 2.4)."""

_host = models.host


@dataclass(frozen=True, slots=True)
class HostState:
    """What a host, as `https://paper.example`, has asked for: not to be asked before `paused_until`; `robots` is its
    robots.txt, empty where it has none, as it was at `robots_seen`; None where nobody has asked yet."""

    origin: str
    paused_until: datetime | None = None
    robots: str | None = None
    robots_seen: datetime | None = None


_HOST = select(_host).where(_host.c.origin == bindparam("of"))


def host(connection: Connection, origin: str) -> HostState:
    """What is known of a host."""
    row = connection.execute(_HOST, {"of": origin}).first()
    return HostState(origin) if row is None else HostState(**row._mapping)


def enter_host(connection: Connection, origin: str, said: Mapping[str, Any]) -> None:
    """Remember what a host has said, by the names of HostState; what else is known of it stays as another process may
    just have entered it."""
    entered = INSERT[connection.dialect.name](_host).values(origin=origin, **said)
    later = {name: entered.excluded[name] for name in said}
    connection.execute(entered.on_conflict_do_update(index_elements=["origin"], set_=later))


def expire(connection: Connection, now: datetime) -> None:
    """Forget the hosts of which nothing holds any more: links may lead to any number of them."""
    paused = _host.c.paused_until.is_not(None) & (_host.c.paused_until >= now)
    fresh = _host.c.robots_seen.is_not(None) & (_host.c.robots_seen >= now - RULES_HOLD)
    connection.execute(delete(_host).where(~(paused | fresh)))
