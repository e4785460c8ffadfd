"""Who has which site, among crawls on any number of machines: leases, which run out by the database's clock.

    take -> renew, renew, ... -> release          a crawl that ends as it should
    take -> renew, renew, ... -> (runs out)       one that was killed, or cut off from the database

Leases are taken in a transaction that writes, and no two of these are at work at once; so is `check`, in each that a
crawl writes with. A crawl that has lost a site therefore writes nothing more: either its transaction comes before the
one in which another took the site, or it finds its lease gone. Renewing needs no such turn: a long transaction of
somebody else's shall not cost a crawl its sites.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Connection, DateTime, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql

from newsbot.errors import LeaseLost
from newsbot.store import models

_lease, _turn = models.site_lease, models.host_turn

CLOCK = func.clock_timestamp(type_=DateTime(timezone=True))
"""The database's clock at this moment, not at the beginning of the transaction, which may have waited for its turn."""
_LATER = CLOCK + bindparam("span", type_=postgresql.INTERVAL)
_TOKEN: BindParameter[str] = bindparam("of")

_ENTER = postgresql.insert(_lease).values(
    site=bindparam("site"), token=_TOKEN, holder=bindparam("holder"), taken=CLOCK, until=_LATER
)
_TAKE = _ENTER.on_conflict_do_update(
    index_elements=["site"],
    set_={name: _ENTER.excluded[name] for name in ("token", "holder", "taken", "until")},
    where=_lease.c.until < CLOCK,
).returning(_lease.c.site)
_HELD = select(_lease.c.holder, _lease.c.taken).where(_lease.c.site == bindparam("site"))
_ALIVE = (_lease.c.token == _TOKEN, _lease.c.until >= CLOCK)
_RENEW = update(_lease).where(*_ALIVE).values(until=_LATER)
_COUNT = select(func.count()).select_from(_lease).where(*_ALIVE)
_RELEASE = delete(_lease).where(_lease.c.token == _TOKEN)


@dataclass(frozen=True, slots=True)
class Held:
    """That a crawl has a site, and since when."""

    site: str
    holder: str
    since: datetime


def take(
    connection: Connection, sites: Iterable[str], token: str, holder: str, span: timedelta
) -> tuple[list[str], list[Held]]:
    """Take those of the sites that nobody has, for so long; gives them, and who has the others."""
    ours: list[str] = []
    theirs: list[Held] = []
    for site in sites:
        values = {"site": site, "of": token, "holder": holder, "span": span}
        if connection.execute(_TAKE, values).first() is not None:
            ours.append(site)
        else:
            row = connection.execute(_HELD, {"site": site}).one()
            theirs.append(Held(site, row.holder, row.taken))
    return ours, theirs


def renew(connection: Connection, token: str, span: timedelta) -> int:
    """Keep the sites for so long from now on; gives how many of them are still held."""
    return connection.execute(_RENEW, {"of": token, "span": span}).rowcount


def check(connection: Connection, token: str, sites: int) -> None:
    """Raises LeaseLost where a crawl no longer has all of so many sites."""
    if connection.execute(_COUNT, {"of": token}).scalar_one() != sites:
        raise LeaseLost(
            "the database no longer holds for this run what it is at work on: it was out of touch for too long, and "
            "another may have taken over. Nothing more is written; what is left is done by the next. Check the network."
        )


def release(connection: Connection, token: str) -> None:
    """Give the sites back, and the turns at hosts."""
    connection.execute(_RELEASE, {"of": token})
    connection.execute(update(_turn).where(_turn.c.token == _TOKEN).values(token=None), {"of": token})


def held(connection: Connection) -> list[Held]:
    """Which sites are held, by whom, the longest first."""
    query = select(_lease.c.site, _lease.c.holder, _lease.c.taken).where(_lease.c.until >= CLOCK)
    return [Held(*row) for row in connection.execute(query.order_by(_lease.c.taken, _lease.c.site))]


# -- turns at hosts ----------------------------------------------------------------------------------------------------

_BEGIN = postgresql.insert(_turn).values(
    origin=bindparam("origin"), token=_TOKEN, next=CLOCK + bindparam("delay", type_=postgresql.INTERVAL)
)
# IN, and no EXISTS: there SQLAlchemy would not know that the turn is the one outside.
_AT_WORK = _turn.c.token.in_(select(_lease.c.token).where(_lease.c.until >= CLOCK))
_TAKE_TURN = _BEGIN.on_conflict_do_update(
    index_elements=["origin"],
    set_={name: _BEGIN.excluded[name] for name in ("token", "next")},
    where=(_turn.c.next <= CLOCK) & (_turn.c.token.is_(None) | ~_AT_WORK),
).returning(literal(1))
_WAIT = select(func.extract("epoch", _turn.c.next - CLOCK)).where(_turn.c.origin == bindparam("origin"))
_GIVE_BACK = update(_turn).where(_turn.c.origin == bindparam("at"), _turn.c.token == _TOKEN).values(token=None)


def take_turn(connection: Connection, origin: str, token: str, delay: timedelta) -> float | None:
    """Begin a turn at a host, which ends when it is given back, or with the lease; the next one may begin `delay` after
    this one. Gives None, or, where it is not our turn, in how many seconds one may begin; 0 where that is not known."""
    values = {"origin": origin, "of": token, "delay": delay}
    if connection.execute(_TAKE_TURN, values).first() is not None:
        return None
    return max(0.0, float(connection.execute(_WAIT, {"origin": origin}).scalar_one()))


def give_back(connection: Connection, origin: str, token: str) -> None:
    """End a turn."""
    connection.execute(_GIVE_BACK, {"at": origin, "of": token})
