"""The pages of those who keep newsbot running: sites, runs, health; and metrics for machines."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as midnight

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsbot import metrics
from newsbot.config import Settings
from newsbot.health import MEMORY, Alarm, Incident, Level
from newsbot.reasons import GROUPS, reasons
from newsbot.schedule import Bounds, is_due
from newsbot.store import Filters, Reader, RunRow, RunSite, Scheduled
from newsbot.watching import Watch
from newsbot.web.plots import Part, bars, line, parts, week
from newsbot.web.rendering import Rendering

RUNS = 30
"""Runs of a page."""
DAYS = 30
LOOKED = 60.0
"""Seconds for which a look at all sites is good: it takes some milliseconds a site."""

_STORIES, _BLOCKS, _PLACES = 12, 60, 8
_RHYTHM, _HISTORY = timedelta(days=28), timedelta(days=90)


class Watching:
    """Sites, runs, health."""

    def __init__(self, read: Reader, settings: Settings, rendering: Rendering) -> None:
        self._read = read
        self._settings = settings
        self._render = rendering
        self._looking = threading.Lock()
        self._seen: tuple[float, Watch] | None = None
        self.routes = [
            Route("/sites", self.sites),
            Route("/sites/{key}", self.site),
            Route("/runs", self.runs),
            Route("/runs/{number:int}", self.run),
            Route("/health", self.health),
            Route("/metrics", self.metrics),
        ]

    def look(self) -> Watch:
        """What `newsbot health` says, at most LOOKED seconds old; whoever asks meanwhile waits for the one look.
        Raises StoreError."""
        with self._looking:
            if self._seen is None or time.monotonic() - self._seen[0] > LOOKED:
                self._seen = time.monotonic(), Watch.look(self._settings)
            return self._seen[1]

    # -- sites ---------------------------------------------------------------------------------------------------------

    def sites(self, request: Request) -> Response:
        """All sites."""
        today = datetime.now(UTC).date()
        first = today - timedelta(days=DAYS - 1)
        days: defaultdict[str, Counter[date]] = defaultdict(Counter)
        for count in self._read.daily((), datetime.combine(first, midnight(0), UTC)):
            days[count.site][count.day] += count.stories
        troubled = Counter(incident.site for incident in self._incidents() if incident.until is None)
        due = {row.site: row for row in self._read.schedule()}
        lines = {
            key: line([counts[first + timedelta(n)] for n in range(DAYS)]) for key, counts in days.items()
        }  # fmt: skip
        return self._render.page(
            request,
            "sites.html",
            sites=self._read.sites(),
            days=DAYS,
            recent={key: counts.total() for key, counts in days.items()},
            lines=lines,
            due={key: self.due(row) for key, row in due.items()},
            troubled=troubled,
        )

    def site(self, request: Request) -> Response:
        """One site."""
        key = request.path_params["key"]
        profile = self._read.site_profile(key)
        row = next(iter(self._read.sites((key,))), None)
        if profile is None or row is None:
            raise HTTPException(404, f"Nothing was ever crawled from a site {key!r}.")
        now = datetime.now(UTC)
        lately = self._read.survey(Filters(sites=(key,), since=now - _RHYTHM))
        longer = self._read.survey(Filters(sites=(key,), since=now - _HISTORY))
        scheduled = next((each for each in self._read.schedule() if each.site == key), None)
        return self._render.page(
            request,
            "site.html",
            site=row,
            profile=profile,
            blocks=profile.blocks[:_BLOCKS],
            places=profile.places[:_PLACES],
            week=week(lately.hours),
            lately=lately,
            bars=bars(longer.hours, now - _HISTORY, now),
            stories=self._read.stories(Filters(sites=(key,), limit=_STORIES)),
            visits=[visit(run, each) for run in self._read.runs(_STORIES, (key,)) for each in run.sites],
            due=self.due(scheduled) if scheduled else ("", ""),
            incidents=[each for each in self._incidents() if each.site == key],
        )

    def due(self, row: Scheduled) -> tuple[str, str]:
        """When a site is visited next, and why."""
        now = datetime.now(UTC)
        bounds = Bounds.of_seconds(self._settings.shortest_interval, self._settings.longest_interval)
        why = row.why or ("not scheduled yet" if row.last_visit else "never visited")
        if row.next_due is None or is_due(row.next_due, now, bounds):
            return "now", why
        minutes = max(1, round((row.next_due - now).total_seconds() / 60))
        return f"in {minutes} min" if minutes < 120 else f"in {minutes / 60:.0f} h", why

    def _incidents(self) -> list[Incident]:
        return self._read.incidents(datetime.now(UTC) - MEMORY)

    # -- runs ----------------------------------------------------------------------------------------------------------

    def runs(self, request: Request) -> Response:
        """The last runs."""
        said = request.query_params.get("before", "")
        before = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None
        found = self._read.runs(RUNS + 1, before=before)
        shown = [ran(run) for run in found[:RUNS]]
        return self._render.page(
            request,
            "runs.html",
            runs=shown,
            next=f"/runs?before={shown[-1].id}" if len(found) > RUNS else None,
            before=before,
        )

    def run(self, request: Request) -> Response:
        """One run, site by site."""
        number = request.path_params["number"]
        found = self._read.runs(1, (), number) if number < 1 << 63 else []
        if not found:
            raise HTTPException(404, f"There is no run {number}.")
        visits = [visit(found[0], each) for each in found[0].sites]
        names = sorted({name for each in visits for name in each.reasons})
        return self._render.page(request, "run.html", run=ran(found[0]), visits=visits, names=names)

    # -- health --------------------------------------------------------------------------------------------------------

    def health(self, request: Request) -> Response:
        """What is wrong."""
        watch = self.look()
        return self._render.page(
            request,
            "health.html",
            state=state(watch.alarms),
            alarms=watch.alarms,
            sites=len(watch.facts.sites),
            at=watch.facts.now,
            facts=watch.facts,
            over=[incident for incident in reversed(self._incidents()) if incident.until is not None],
        )

    def metrics(self, _request: Request) -> Response:
        """The same for Prometheus and its like."""
        watch = self.look()
        return Response(metrics.render(watch.facts, watch.alarms), headers={"Content-Type": metrics.CONTENT_TYPE})


def state(alarms: Iterable[Alarm]) -> str:
    """ok, warning or critical."""
    levels = {alarm.level for alarm in alarms}
    return "critical" if Level.CRITICAL in levels else "warning" if levels else "ok"


@dataclass(frozen=True, slots=True)
class Ran:
    """A run, or a site's part in one, added up: `parts` is what became of its pages."""

    id: int
    site: str
    sites: int
    started: datetime
    finished: datetime | None
    outcome: str
    fetched: int
    new: int
    changed: int
    copies: int
    dropped: int
    errors: int
    bytes: int
    parts: list[Part]
    reasons: dict[str, int]

    @property
    def seconds(self) -> float | None:
        """How long it took, None while it is at work."""
        return (self.finished - self.started).total_seconds() if self.finished else None


def ran(run: RunRow) -> Ran:
    """A whole run."""
    return _added(run.id, "", run.sites, run)


def visit(run: RunRow, part: RunSite) -> Ran:
    """A site's part in it."""
    return _added(run.id, part.site, (part,), part)


def _added(number: int, site: str, visits: Iterable[RunSite], whole: RunRow | RunSite) -> Ran:
    visits = list(visits)
    counts: Counter[str] = Counter()
    for each in visits:
        counts.update(each.counts)
    totals = {group: sum(n for name, n in counts.items() if name.startswith(f"{group}.")) for group in GROUPS}
    pages = [("new", counts["new"]), ("changed", counts["changed"]), ("copy", counts["copy"]), ("same", counts["same"])]
    return Ran(
        id=number,
        site=site,
        sites=len(visits),
        started=whole.started,
        finished=whole.finished,
        outcome=whole.outcome or "at work",
        fetched=counts["fetched"],
        new=counts["new"],
        changed=counts["changed"],
        copies=counts["copy"],
        dropped=totals["dropped"],
        errors=totals["error"],
        bytes=sum(each.bytes for each in visits),
        parts=parts([*pages, ("dropped", totals["dropped"]), ("error", totals["error"])]),
        reasons=reasons(counts),
    )
