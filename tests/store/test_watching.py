"""What health is judged by, as the database tells it, on both databases; and incidents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from newsbot.health import Alarm, Kind, Level, SourceSeen, Visit, follow
from newsbot.items import Access
from newsbot.sources import SourceState
from newsbot.store import Store
from newsbot.store.watching import VISITS
from tests.store.build import HOUR, NOON, story

SITE = "a.example"
URL = "https://a.example/feed.xml"


def visit(store: Store, hour: int, outcome: str = "ok", **counts: int) -> None:
    run = store.start_run(1, NOON + hour * HOUR)
    store.start_site(run, SITE, NOON + hour * HOUR)
    store.finish_site(run, SITE, NOON + hour * HOUR, outcome, counts, 10 * hour)
    store.finish_run(run, NOON + hour * HOUR, outcome)


def test_visits_and_runs_come_newest_first_without_what_was_broken_off(store: Store) -> None:
    visit(store, 1, new=1)
    visit(store, 2, "interrupted")
    visit(store, 3, "failed", new=3)
    facts = store.read.facts({SITE: [URL], "new.example": []}, {"new.example": NOON}, {}, NOON + 4 * HOUR)
    here, new = facts.sites
    assert here.visits == (Visit(NOON + 3 * HOUR, "failed", {"new": 3}, 30), Visit(NOON + HOUR, "ok", {"new": 1}, 10))
    assert (new.visits, new.added) == ((), NOON)
    assert [run.outcome for run in facts.runs] == ["failed", "interrupted", "ok"]
    assert facts.database > 0


def test_how_stories_are_and_when_they_came(store: Store) -> None:
    store.keep(replace(story(1), published=NOON, authors=("Ida",), access=Access.PAYWALLED, word_count=70))
    store.keep(replace(story(2), published=NOON + 2.5 * HOUR, authors=(), access=Access.FREE, word_count=200))
    store.keep(replace(story(3), published=NOON + 90 * HOUR))  # dated ahead
    (site,) = store.read.facts({SITE: []}, {}, {}, NOON + 5 * HOUR).sites
    later, earlier = site.stories
    assert (earlier.authored, earlier.walled, earlier.words, earlier.published) == (True, True, 70, True)
    assert (later.authored, later.walled, later.words, later.titled) == (False, False, 200, True)
    assert set(site.hours) == {NOON, NOON + 2 * HOUR}


def test_only_sources_that_the_site_file_names_are_told(store: Store) -> None:
    store.touch_site(SITE, "A", "https://a.example/", None)
    states = [SourceState(url, "feed", first_seen=NOON, failures=4) for url in (URL, "https://a.example/old.xml")]
    store.enter_sources(SITE, states)
    (site,) = store.read.facts({SITE: [URL]}, {}, {}, NOON).sites
    assert site.sources == (SourceSeen(URL, 4, NOON, None),)


def test_what_was_before_the_trouble_is_read_besides(store: Store) -> None:
    store.touch_site(SITE, "A", "https://a.example/", None)
    for hour in range(VISITS + 5):
        visit(store, hour, new=1)
    now = NOON + (VISITS + 5) * HOUR
    (site,) = store.read.facts({SITE: []}, {}, {}, now).sites
    assert len(site.visits) == VISITS
    (site,) = store.read.facts({SITE: []}, {}, {SITE: {"wall": NOON + 3 * HOUR}}, now).sites
    assert [each.started for each in site.visits[VISITS:]] == [NOON + hour * HOUR for hour in (2, 1, 0)]
    assert site.anchor == NOON + 3 * HOUR


def test_incidents_are_kept_from_check_to_check(store: Store) -> None:
    alarm = Alarm(Kind.DISK, None, Level.WARNING, NOON, "little room")
    store.enter_incidents(follow([], [alarm], [], NOON))
    (kept,) = store.read.incidents(NOON)
    assert (kept.kind, kept.site, kept.until, kept.told) == ("disk", None, None, ())
    store.enter_incidents([replace(kept, told=("mail",), until=NOON + HOUR)])
    (kept,) = store.read.incidents(NOON)
    assert (kept.told, kept.until) == (("mail",), NOON + HOUR)
    assert store.read.incidents(NOON + 2 * HOUR) == []
    assert timedelta(0) == kept.last_seen - NOON
