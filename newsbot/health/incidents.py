"""Alarms over time: an incident begins when an alarm is found that was not there, and is over when it has not been
found for a while. Who flaps has to be well for longer each time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newsbot.health.alarms import Alarm, Kind

HOLD = (timedelta(hours=3), timedelta(days=1))
"""How long an alarm has to be away before its incident is over: the first time, and at most. It doubles with each
incident of the same kind and site within MEMORY."""
MEMORY = timedelta(days=7)
"""For how long incidents that are over count."""
NEW_NORMAL = timedelta(days=28)
"""After it, a site is judged by how it is now: what has changed for so long stays so."""


@dataclass(frozen=True, slots=True)
class Incident:
    """The columns of the table `incident`; `id` is None before it is entered."""

    id: int | None
    kind: str
    site: str | None
    level: str
    since: datetime
    seen: datetime
    last_seen: datetime
    evidence: str
    advice: str
    clear_since: datetime | None = None
    until: datetime | None = None
    told: tuple[str, ...] = ()
    told_over: tuple[str, ...] = ()

    @property
    def name(self) -> tuple[str, str | None]:
        """What tells incidents that last apart."""
        return self.kind, self.site


def follow(known: Sequence[Incident], alarms: Iterable[Alarm], sites: Iterable[str], now: datetime) -> list[Incident]:
    """The incidents that begin, go on or end with these alarms, as they are to be kept.

    `known` are those that last, and those that ended within MEMORY; `sites` are the sites that were looked at: what
    lasted of another is over at once, since nobody watches it any more.
    """
    lasting = {incident.name: incident for incident in known if incident.until is None}
    found = {(str(alarm.kind), alarm.site): alarm for alarm in reversed(list(alarms))}  # of two, the worse
    watched = set(sites)
    changed: list[Incident] = []
    for name, alarm in found.items():
        before = lasting.pop(name, None)
        changed.append(
            Incident(
                id=before.id if before else None,
                kind=name[0],
                site=name[1],
                level=str(alarm.level),
                since=before.since if before else alarm.since,
                seen=before.seen if before else now,
                last_seen=now,
                evidence=alarm.evidence,
                advice=alarm.advice,
                told=before.told if before else (),
            )
        )
    for incident in lasting.values():
        clear = incident.clear_since or now
        gone = incident.site is not None and incident.site not in watched
        over = gone or now - clear >= _hold(incident, known, now)
        changed.append(replace(incident, clear_since=clear, until=now if over else None))
    return changed


def _hold(incident: Incident, known: Sequence[Incident], now: datetime) -> timedelta:
    earlier = sum(
        each.name == incident.name and each.until is not None and now - each.until <= MEMORY for each in known
    )
    return min(HOLD[0] * 2.0**earlier, HOLD[1])


def lasting(known: Iterable[Incident], now: datetime) -> dict[str, dict[str, datetime]]:
    """What is known to be wrong with a site's pages, and since when: site -> kind -> instant. Until it is NEW_NORMAL,
    the site is compared with how it was before."""
    found: dict[str, dict[str, datetime]] = {}
    for incident in known:
        of_pages = incident.kind in (Kind.EXTRACTION, Kind.WALL, Kind.ERRORS)
        if of_pages and incident.site and incident.until is None and now - incident.since <= NEW_NORMAL:
            found.setdefault(incident.site, {})[incident.kind] = incident.since
    return found


def to_tell(incidents: Iterable[Incident], channel: str) -> tuple[list[Incident], list[Incident]]:
    """Which of the incidents begin and which are over for a channel that has not been told yet. What was over before it
    could be told is not told."""
    begun, over = [], []
    for incident in incidents:
        if incident.until is None and incident.clear_since is None and channel not in incident.told:
            begun.append(incident)
        if incident.until is not None and channel in incident.told and channel not in incident.told_over:
            over.append(incident)
    return begun, over
