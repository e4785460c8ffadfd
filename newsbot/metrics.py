"""What is known of sites and runs, as metrics: text that Prometheus and OpenMetrics scrapers read.

Names have the base unit as their suffix (seconds, bytes, and `_timestamp_seconds` for instants), as both conventions
want. All are gauges: what they say is how things stood after the last run, and a restart loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from newsbot import __version__
from newsbot.health import Alarm, Facts

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
"""What a server says that this text is."""

Sample = tuple[Mapping[str, str], float]

_PAGES = ("new", "changed", "same", "copy", "gone")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render(facts: Facts, alarms: Sequence[Alarm]) -> str:
    """The metrics as text that ends with `# EOF`."""
    lines: list[str] = []
    for name, unit, help_text, samples in _families(facts, alarms):
        found = list(samples)
        if not found:
            continue
        lines.append(f"# TYPE newsbot_{name} gauge")
        if unit:
            lines.append(f"# UNIT newsbot_{name} {unit}")
        lines.append(f"# HELP newsbot_{name} {help_text}")
        lines += [f"newsbot_{name}{_labels(labels)} {_number(value)}" for labels, value in found]
    return "\n".join([*lines, "# EOF", ""])


def _families(facts: Facts, alarms: Sequence[Alarm]) -> Iterator[tuple[str, str, str, Iterable[Sample]]]:
    """Name, unit, help and samples of each family."""
    yield "version_number", "", "The version of newsbot.", [({"version": __version__}, 1)]
    yield "database_size_bytes", "bytes", "What the database holds.", [({}, facts.database)]
    if facts.free is not None:
        yield "disk_free_bytes", "bytes", "What is free where newsbot writes.", [({}, facts.free)]
    yield from _of_runs(facts)
    sites = facts.sites
    last = [(site.key, site.visits[0]) for site in sites if site.visits]
    yield (
        "site_last_visit_timestamp_seconds", "seconds", "When the last visit began.",
        [({"site": key}, _instant(visit.started)) for key, visit in last],
    )  # fmt: skip
    yield (
        "site_last_ok_timestamp_seconds", "seconds", "When a source of the site was read last.",
        [
            ({"site": site.key}, _instant(read.started))
            for site in sites
            if (read := next((visit for visit in site.visits if visit.read), None))
        ],
    )  # fmt: skip
    yield (
        "site_last_story_timestamp_seconds", "seconds", "Of when the newest story is.",
        [({"site": site.key}, _instant(site.stories[0].dated)) for site in sites if site.stories],
    )  # fmt: skip
    yield (
        "site_up", "", "Whether a source of the site was read on its last visit.",
        [({"site": key}, visit.read) for key, visit in last],
    )  # fmt: skip
    yield (
        "site_pages", "", "Pages of the last visit by what became of them.",
        [
            ({"site": key, "result": name}, visit.counts[name])
            for key, visit in last
            for name in sorted(visit.counts)
            if name in _PAGES or name.startswith(("dropped.", "error.", "skipped."))
        ],
    )  # fmt: skip
    yield (
        "site_received_bytes", "bytes", "What was received on the last visit.",
        [({"site": key}, visit.received) for key, visit in last],
    )  # fmt: skip
    yield (
        "alarm", "", "1 for each alarm that lasts.",
        [({"site": each.site or "", "kind": str(each.kind), "level": str(each.level)}, 1) for each in _once(alarms)],
    )  # fmt: skip


def _of_runs(facts: Facts) -> Iterator[tuple[str, str, str, Iterable[Sample]]]:
    ended = next((run for run in facts.runs if run.finished), None)
    if facts.runs:
        started = _instant(facts.runs[0].started)
        yield "run_started_timestamp_seconds", "seconds", "When the last run began.", [({}, started)]
    if ended is not None and ended.finished is not None:
        took = (ended.finished - ended.started).total_seconds()
        finished = _instant(ended.finished)
        yield "run_finished_timestamp_seconds", "seconds", "When the last run that ended did.", [({}, finished)]
        yield "run_duration_seconds", "seconds", "How long it took.", [({}, took)]
        outcome = [({"outcome": name}, name == ended.outcome) for name in ("ok", "failed", "interrupted")]
        yield "run_outcome", "", "1 for how it went.", outcome


def _once(alarms: Iterable[Alarm]) -> Iterable[Alarm]:
    """One of each kind a site: no two samples may have the same labels."""
    return {(alarm.kind, alarm.site): alarm for alarm in alarms}.values()


def _labels(labels: Mapping[str, str]) -> str:
    shown = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
    return f"{{{shown}}}" if shown else ""


def _instant(moment: datetime) -> float:
    return round(moment.timestamp(), 3)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
