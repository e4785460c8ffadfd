"""Metrics, read as Prometheus and OpenMetrics scrapers read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from newsbot.health import Alarm, Facts, Kind, Level, RunSeen, SiteFacts, StoryShape, Visit
from newsbot.metrics import render

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FACTS = Facts(
    NOON,
    (
        SiteFacts(
            'odd"\\\nname.example',
            (Visit(NOON, "partial", {"source.ok": 1, "new": 3, "error.timeout": 1, "known": 9}, 1234),),
            (StoryShape(NOON - timedelta(hours=1), NOON, 300),),
        ),
        SiteFacts("never.example"),
    ),
    (RunSeen(NOON, NOON + timedelta(seconds=2.5), "ok"),),
    database=4096,
    free=10**11,
)
ALARMS = [
    Alarm(Kind.SOURCES, "never.example", Level.CRITICAL, NOON, "gone"),
    Alarm(Kind.SOURCES, "never.example", Level.WARNING, NOON, "gone too"),
    Alarm(Kind.DISK, None, Level.WARNING, NOON, "nearly full"),
]


def samples(text: str, read: object = read_openmetrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    assert callable(read)
    found = [each for family in read(text) for each in family.samples]
    values = {(each.name, tuple(each.labels.items())): each.value for each in found}
    assert len(values) == len(found), "no sample twice"
    return values


def test_both_formats_read_the_same() -> None:
    text = render(FACTS, ALARMS)
    assert samples(text) == samples(text, read_prometheus)


def test_what_is_said_of_sites_and_runs() -> None:
    said = samples(render(FACTS, ALARMS))
    site = (("site", 'odd"\\\nname.example'),)
    assert said["newsbot_site_up", site] == 1
    assert said["newsbot_site_last_ok_timestamp_seconds", site] == NOON.timestamp()
    assert said["newsbot_site_last_story_timestamp_seconds", site] == NOON.timestamp() - 3600
    assert said["newsbot_site_pages", (*site, ("result", "new"))] == 3
    assert said["newsbot_site_pages", (*site, ("result", "error.timeout"))] == 1
    assert said["newsbot_site_received_bytes", site] == 1234
    assert said["newsbot_run_duration_seconds", ()] == 2.5
    assert said["newsbot_run_outcome", (("outcome", "ok"),)] == 1
    assert said["newsbot_run_outcome", (("outcome", "failed"),)] == 0
    assert said["newsbot_disk_free_bytes", ()] == 1e11
    alarms = [dict(labels) for name, labels in said if name == "newsbot_alarm"]
    assert {"site": "", "kind": "disk", "level": "warning"} in alarms


def test_nothing_known_is_a_text_too() -> None:
    said = samples(render(Facts(NOON, ()), []))
    assert {name for name, _ in said} == {"newsbot_version_number", "newsbot_database_size_bytes"}


def test_names_have_their_units() -> None:
    families: list[Any] = list(read_openmetrics(render(FACTS, ALARMS)))  # type: ignore[no-untyped-call]
    for family in families:
        assert family.name.startswith("newsbot_")
        assert family.documentation.endswith(".")
        assert not family.unit or family.name.endswith(f"_{family.unit}")
