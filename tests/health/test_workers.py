"""Workers that are gone: one alarm for all of them, worse where none is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsbot.health import Facts, Kind, Level, WorkerSeen, judge

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def worker(host: str, silent: float) -> WorkerSeen:
    span = timedelta(seconds=silent)
    return WorkerSeen(host, 17, 4, NOON - timedelta(days=1), NOON - span, span)


def told(*workers: WorkerSeen) -> list[tuple[Kind, Level, datetime, str]]:
    return [(each.kind, each.level, each.since, each.evidence) for each in judge(Facts(NOON, (), workers=workers))]


def test_workers_that_are_heard_are_no_alarm() -> None:
    assert told(worker("one", 2), worker("other", 150)) == []


def test_one_that_is_gone_is_a_warning_and_the_last_one_worse() -> None:
    since = NOON - timedelta(minutes=10)
    evidence = "gone without having been ended: one (pid 17, last heard 2026-03-02 11:50 UTC)"
    gone = worker("one", 600)
    assert told(gone, worker("other", 2)) == [(Kind.WORKER, Level.WARNING, since, f"1 of 2 workers are {evidence}")]
    assert told(gone) == [(Kind.WORKER, Level.CRITICAL, since, f"1 of 1 workers are {evidence}")]
