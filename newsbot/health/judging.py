"""From facts to alarms: `judge`. One page, one visit or one hour is never enough for an alarm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Protocol

from newsbot.health.alarms import Alarm, Kind, Level
from newsbot.health.facts import Facts, RunSeen, SiteFacts, StoryShape, Visit
from newsbot.health.rhythm import silence
from newsbot.health.shifts import ENOUGH, shifted, stretch
from newsbot.reasons import told

LASTING = timedelta(hours=6)
"""How long a source has to fail: servers are down for an hour or three now and then."""
LONG = timedelta(days=2)
"""How long a host may ask to be left alone."""
ONE_SOURCE = timedelta(days=1)
"""How long one source may fail while others answer."""
OVERDUE = timedelta(days=1)
"""How long a site may wait for its visit."""
LATE_RUN = timedelta(hours=2)
"""The shortest time without a run that is too long."""
GONE_WORKER = timedelta(minutes=3)
"""How long a worker may not be heard of; one that is at work is heard every few seconds."""
LITTLE, HARDLY = 1_000_000_000, 250_000_000  # bytes that are free on the disk

_VISITS = 3  # in a row, or with the same trouble
_SPAN = timedelta(hours=12)  # of the visits that are compared with earlier ones, at least
_LOOKS = 9  # at most, at one page that holds no story, while visits are compared
_SEVERAL = 3  # pages
_HOUR = timedelta(hours=1)
_WINDOWS = (8, 16, 32)  # of the newest stories
_SHORT = 0.4  # of the usual number of words
_RUNS = 5


class _Bad(Protocol):
    """Whether something is wrong with a story, its site's usual number of words being this."""

    def __call__(self, story: StoryShape, usual: float) -> bool: ...


_WALLS = ("dropped.consent", "dropped.challenge")
_EMPTY = ("dropped.empty", "dropped.index", "dropped.soft_404", "dropped.not_html", "dropped.video", "dropped.unknown")


def judge(facts: Facts) -> list[Alarm]:
    """All that is wrong, the worst first, then by site."""
    found = list(_of_the_machine(facts))
    cut_off = _cut_off(facts)
    if cut_off is not None:
        found.append(cut_off)
    for site in facts.sites:
        alarms = list(_of_a_site(site, facts))
        # Why a site gives nothing says more than that it does.
        explained = {Kind.SOURCES, Kind.WALL, Kind.EXTRACTION, Kind.ERRORS} & {alarm.kind for alarm in alarms}
        found += [
            alarm
            for alarm in alarms
            if not (alarm.kind is Kind.SILENT and explained) and not (cut_off and alarm.kind is Kind.SOURCES)
        ]
    return sorted(found, key=lambda alarm: (alarm.level is Level.WARNING, alarm.site or "", alarm.kind))


def _of_a_site(site: SiteFacts, facts: Facts) -> Iterator[Alarm]:
    broken = _unread(site)
    if broken is not None:
        yield broken
    else:
        yield from _failing_sources(site, facts.now)
    wall = _wall(site)
    if wall is not None:
        yield wall
    extraction = _verdicts(site) or _shapes(site, shortened=wall is None)
    if extraction is not None:
        yield extraction
    for alarm in (_silent(site, facts.now), _errors(site), _roll_off(site, facts.now), _unvisited(site, facts)):
        if alarm is not None:
            yield alarm


# -- a site that says nothing ------------------------------------------------------------------------------------------


def _silent(site: SiteFacts, now: datetime) -> Alarm | None:
    heard = next((visit.started for visit in site.visits if visit.read), None)
    if heard is None:
        return None
    found = silence(site.hours, min(heard, now))
    if found is None or not found.unusual:
        return None
    evidence = (
        f"no new story since {_when(found.last)}, for {_span(heard - found.last)}; by its own rhythm there would have "
        f"been news in {found.expected:.0f} hours of these, and its longest pause before was {_span(found.usual)}"
    )
    return Alarm(Kind.SILENT, site.key, Level.CRITICAL, found.last, evidence)


# -- sources -----------------------------------------------------------------------------------------------------------


def _unread(site: SiteFacts) -> Alarm | None:
    """No source could be read, or none lists anything, for some visits and hours."""
    failed = _without_news(site.visits)
    if len(failed) < _VISITS:
        return None
    span = failed[0].started - failed[-1].started
    if span < (LONG if all(visit.outcome == "postponed" for visit in failed) else LASTING):
        return None
    why = told(failed[0].counts)
    what = "its sources answer, and list nothing," if failed[0].read else "no source could be read"
    evidence = f"{what} on {len(failed)} visits in a row" + (f"; on the last one: {why}" if why else "")
    return Alarm(Kind.SOURCES, site.key, Level.CRITICAL, failed[-1].started, evidence)


def _without_news(visits: Sequence[Visit]) -> list[Visit]:
    """The last visits on which no source could be read, or each listed nothing; one that has not changed still does."""
    found: list[Visit] = []
    empty = False
    for visit in reversed(visits):
        read = visit.counts.get("source.ok", 0) - visit.counts.get("source.unchanged", 0)
        if visit.read and read:
            empty = visit.counts.get("source.empty", 0) >= read
        if visit.read and not empty:
            found = []
        else:
            found.append(visit)
    return found[::-1]


def _failing_sources(site: SiteFacts, now: datetime) -> Iterator[Alarm]:
    """Some source fails while others answer."""
    failing = [
        source
        for source in site.sources
        if source.failures >= _VISITS and now - (source.asked or source.first_seen) >= ONE_SOURCE
    ]
    if failing:
        since = min(source.asked or source.first_seen for source in failing)
        named = "; ".join(
            f"{source.url} failed on {source.failures} visits in a row, "
            + (f"last answered {_when(source.asked)}" if source.asked else "has never answered")
            for source in failing[:3]
        )
        more = f"; and {len(failing) - 3} more" if len(failing) > 3 else ""
        yield Alarm(Kind.SOURCES, site.key, Level.WARNING, since, named + more)


def _cut_off(facts: Facts) -> Alarm | None:
    """No site at all can be reached: that is this machine's trouble, and one alarm."""
    visited = [site for site in facts.sites if site.visits]
    dead = [alarm for site in visited if not site.visits[0].received and (alarm := _unread(site))]
    if len(dead) < 3 or len(dead) < 0.8 * len(visited):
        return None
    evidence = f"not a byte came from {len(dead)} of {len(visited)} sites on their last visits"
    return Alarm(Kind.NETWORK, None, Level.CRITICAL, max(alarm.since for alarm in dead), evidence)


# -- pages -------------------------------------------------------------------------------------------------------------


def _wall(site: SiteFacts) -> Alarm | None:
    met = _more_of(site, Kind.WALL, lambda visit: sum(visit.counts.get(name, 0) for name in _WALLS))
    if met is not None:
        return _alarm_of(Kind.WALL, site, met, "pages stood behind a consent wall or a bot check", _WALLS)
    stories = _shape(site, Kind.WALL, lambda story, usual: story.walled)
    if stories is None:
        return None
    since, evidence = stories
    return Alarm(Kind.WALL, site.key, Level.WARNING, since, evidence.format("are not served freely"))


def _verdicts(site: SiteFacts) -> Alarm | None:
    met = _more_of(site, Kind.EXTRACTION, lambda visit: sum(visit.counts.get(name, 0) for name in _EMPTY), looks=_LOOKS)
    return None if met is None else _alarm_of(Kind.EXTRACTION, site, met, "pages held no story", _EMPTY)


def _errors(site: SiteFacts) -> Alarm | None:
    met = _more_of(site, Kind.ERRORS, lambda visit: visit.errors, waiting=lambda visit: visit.counts.get("failing", 0))
    return None if met is None else _alarm_of(Kind.ERRORS, site, met, "pages failed", ("error.",))


def _more_of(
    site: SiteFacts,
    kind: Kind,
    bad: Callable[[Visit], int],
    looks: int = 0,
    waiting: Callable[[Visit], int] = lambda visit: 0,
) -> list[Visit] | None:
    """The last visits, where the share of pages that are bad has grown on them; None where not, and where it may be one
    bad page or two that are asked for again and again: each is up to so many `looks`, or any number where it is 0."""
    with_pages = [visit for visit in site.visits if visit.pages]
    late: list[Visit] = []
    for visit in with_pages:
        if len(late) >= _VISITS and late[0].started - visit.started > _SPAN:
            break
        late.append(visit)
    known = kind in site.lasting
    if not late or not (known or bad(late[0])):
        return None
    begin = min(late[-1].started, site.anchor or late[-1].started)
    before = [visit for visit in with_pages if visit.started < begin]
    of_them = [visit for visit in late if bad(visit)]
    together = sum(map(bad, late))
    different = max(ceil(together / looks) if looks else 0, *(bad(visit) + waiting(visit) for visit in late))
    several = known or (len(of_them) >= _VISITS and different >= _SEVERAL)
    pages, pages_before = (sum(visit.pages for visit in visits) for visits in (late, before))
    return late if several and shifted(together, pages, sum(map(bad, before)), pages_before, known=known) else None


def _alarm_of(kind: Kind, site: SiteFacts, late: list[Visit], what: str, names: Sequence[str]) -> Alarm:
    """The alarm for pages that went wrong on these visits, under these names or groups."""

    def wrong(visit: Visit) -> dict[str, int]:
        return {name: number for name, number in visit.counts.items() if name.startswith(tuple(names))}

    counts: Counter[str] = Counter()
    for visit in late:
        counts.update(wrong(visit))
    with_pages = [visit for visit in site.visits if visit.pages]
    since = stretch(with_pages, lambda visit: sum(wrong(visit).values()) * 2 >= visit.pages).started
    bad, pages, kept = sum(counts.values()), sum(v.pages for v in late), sum(v.kept for v in late)
    evidence = f"{bad} of {pages} {what} on the last {len(late)} visits that had any: {told(counts)}"
    return Alarm(kind, site.key, Level.WARNING if kept else Level.CRITICAL, since, evidence)


# -- stories -----------------------------------------------------------------------------------------------------------


def _shapes(site: SiteFacts, *, shortened: bool) -> Alarm | None:
    """Stories that lack what they used to have; shorter ones unless a wall explains that."""
    faults: list[tuple[str, _Bad]] = [
        ("have no title", lambda story, usual: not story.titled),
        ("have no date of their own", lambda story, usual: not story.published),
        ("have no author", lambda story, usual: not story.authored),
    ]
    if shortened:
        faults.insert(1, ("are much shorter than its stories were", lambda story, usual: story.words < _SHORT * usual))
    found = [(words, met) for words, bad in faults if (met := _shape(site, Kind.EXTRACTION, bad)) is not None]
    if not found:
        return None
    since = min(since for _, (since, _) in found)
    evidence = "; ".join(told.format(words) for words, (_, told) in found)
    level = Level.WARNING if all(words == "have no author" for words, _ in found) else Level.CRITICAL
    return Alarm(Kind.EXTRACTION, site.key, level, since, evidence)


def _shape(site: SiteFacts, kind: Kind, bad: _Bad) -> tuple[datetime, str] | None:
    """Since when stories are bad that were not before, and how many are, with a place for what is wrong with them."""
    for size in _WINDOWS:
        late = site.stories[:size]
        if len(late) < size or len({story.first_seen.replace(minute=0, second=0) for story in late}) < _VISITS:
            continue
        begin = min(late[-1].first_seen, site.anchor or late[-1].first_seen)
        before = [story for story in site.stories[size:] if story.first_seen < begin]
        if len(before) < ENOUGH:
            continue
        usual = median(story.words for story in before)
        wrong = [story for story in late if bad(story, usual)]
        wrong_before = sum(bad(story, usual) for story in before)
        if shifted(len(wrong), size, wrong_before, len(before), least=0.8, known=kind in site.lasting):
            since = stretch(site.stories, partial(bad, usual=usual)).first_seen
            return since, (
                f"{len(wrong)} of the last {size} stories {{}}, where {wrong_before} of {len(before)} did before"
            )
    return None


# -- visits ------------------------------------------------------------------------------------------------------------


def _roll_off(site: SiteFacts, now: datetime) -> Alarm | None:
    full = [visit for visit in site.visits if visit.counts.get("missed.possible") and now - visit.started <= LONG]
    if len(full) < 2:
        return None
    evidence = f"a feed had turned over on {len(full)} visits of the last two days: stories may have been missed"
    return Alarm(Kind.ROLL_OFF, site.key, Level.WARNING, full[-1].started, evidence)


def _unvisited(site: SiteFacts, facts: Facts) -> Alarm | None:
    """A site that is not crawled although most others are. Where most are not, somebody crawls by name."""
    since = _waiting(site, facts.now)
    if since is None or sum(_waiting(each, facts.now) is not None for each in facts.sites) * 2 > len(facts.sites):
        return None
    if not any(facts.now - run.started <= OVERDUE for run in facts.runs):
        return None
    evidence = "was due then, and has not been visited" if site.visits else "has never been visited"
    return Alarm(Kind.UNVISITED, site.key, Level.WARNING, since, evidence)


def _waiting(site: SiteFacts, now: datetime) -> datetime | None:
    """Since when a site has waited for its visit too long."""
    since = site.due if site.visits else site.added
    return since if since is not None and now - since > OVERDUE else None


# -- the machine -------------------------------------------------------------------------------------------------------


def _of_the_machine(facts: Facts) -> Iterator[Alarm]:
    if facts.free is not None and facts.free < LITTLE:
        level = Level.CRITICAL if facts.free < HARDLY else Level.WARNING
        evidence = (
            f"{facts.free / 1e6:,.0f} MB are free where the database is, which has {facts.database / 1e6:,.0f} MB"
        )
        yield Alarm(Kind.DISK, None, level, facts.now, evidence)
    for key, fault in facts.faults:
        yield Alarm(Kind.SITE_FILE, key, Level.WARNING, facts.now, "; ".join(fault.splitlines()))
    late = _late(facts.runs, facts.now)
    if late is not None:
        yield late
    ended = [run for run in facts.runs if run.outcome is not None][:_RUNS]
    broken = [run for run in ended if run.outcome == "interrupted"]
    if len(broken) >= 3:
        level = Level.CRITICAL if len(broken) == _RUNS else Level.WARNING
        evidence = f"{len(broken)} of the last {len(ended)} runs were interrupted"
        yield Alarm(Kind.INTERRUPTED, None, level, broken[-1].started, evidence)
    gone = [worker for worker in facts.workers if worker.silent > GONE_WORKER]
    if gone:
        level = Level.CRITICAL if len(gone) == len(facts.workers) else Level.WARNING
        told = ", ".join(f"{worker.host} (pid {worker.pid}, last heard {_when(worker.seen)})" for worker in gone)
        evidence = f"{len(gone)} of {len(facts.workers)} workers are gone without having been ended: {told}"
        yield Alarm(Kind.WORKER, None, level, min(worker.seen for worker in gone), evidence)


def _late(runs: Sequence[RunSeen], now: datetime) -> Alarm | None:
    """The time since the last run's start is longer than those between the runs before explain."""
    if not runs:
        return None
    last, waits = runs[0], sorted(later.started - run.started for later, run in pairwise(runs))
    usual = waits[len(waits) // 2] if waits else LONG
    allowed = max(LATE_RUN, 4 * usual, 1.5 * waits[-1]) if len(waits) >= _VISITS else LONG
    if now - last.started <= allowed:
        return None
    ended = "" if last.finished else ", and has not ended"
    evidence = f"the last run began {_when(last.started)}, {_span(now - last.started)} ago{ended}; "
    evidence += f"runs were to be expected every {_span(usual)}" if waits else "it is the only one"
    return Alarm(Kind.LAST_RUN, None, Level.CRITICAL, last.started, evidence)


# -- words -------------------------------------------------------------------------------------------------------------


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    hours = span / _HOUR
    if hours < 2:
        return f"{span.total_seconds() / 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
