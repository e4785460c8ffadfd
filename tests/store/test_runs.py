"""Sites, and the record of what crawls did."""

from datetime import timedelta

import pytest

from newsbot.store import RunRow, RunSite, Store
from tests.store.build import HOUR, NOON, story

MINUTE = timedelta(minutes=1)


def test_a_run_from_start_to_end(store: Store) -> None:
    store.touch_site("a.example", "The A", "https://a.example", "en")
    store.touch_site("b.example", "The B", "https://b.example", None)
    run = store.start_run(4711, NOON)
    store.start_site(run, "b.example", NOON)
    store.start_site(run, "a.example", NOON)
    store.keep(story(1))
    store.finish_site(run, "a.example", NOON + MINUTE, "ok", {"fetched": 2, "new": 1}, 9000)
    store.finish_site(run, "b.example", NOON + MINUTE, "unreachable", {}, 0)
    store.finish_run(run, NOON + HOUR, "partial")
    assert store.read.runs(5) == [
        RunRow(
            run,
            NOON,
            NOON + HOUR,
            "partial",
            4711,
            (
                RunSite("a.example", NOON, NOON + MINUTE, "ok", {"fetched": 2, "new": 1}, 9000),
                RunSite("b.example", NOON, NOON + MINUTE, "unreachable", {}, 0),
            ),
        )
    ]
    a, b = store.read.sites()
    assert store.read.sites(["b.example", "nowhere.example"]) == [b]
    assert (a.name, a.language, a.state, a.last_ok, a.stories) == ("The A", "en", "ok", NOON + MINUTE, 1)
    assert (b.state, b.last_ok, b.stories, b.last_outcome, b.last_visit) == (
        "unreachable",
        None,
        0,
        "unreachable",
        NOON,
    )


def test_a_site_that_fails_keeps_when_it_last_went_well(store: Store) -> None:
    for hour, outcome in enumerate(("ok", "error")):
        run = store.start_run(1, NOON + hour * HOUR)
        store.start_site(run, "a.example", NOON + hour * HOUR)
        store.finish_site(run, "a.example", NOON + hour * HOUR, outcome, {}, 0)
    (site,) = store.read.sites()
    assert (site.state, site.last_ok, site.last_outcome, site.last_visit) == ("error", NOON, "error", NOON + HOUR)


def test_what_is_said_of_a_site_follows_its_file(store: Store) -> None:
    store.touch_site("a.example", "Old", "http://a.example", None)
    store.touch_site("a.example", "New", "https://a.example", "en")
    (site,) = store.read.sites()
    assert (site.name, site.home, site.language, site.state) == ("New", "https://a.example", "en", "new")


def test_killed_runs_are_closed(store: Store) -> None:
    done = store.start_run(1, NOON)
    store.finish_run(done, NOON, "ok")
    killed = store.start_run(2, NOON)
    store.start_site(killed, "a.example", NOON)
    assert store.abandon_runs(NOON + HOUR, ["a.example"]) == 1
    assert store.abandon_runs(NOON + 2 * HOUR, ["a.example"]) == 0
    newest, oldest = store.read.runs(2)
    assert (newest.outcome, newest.finished, newest.sites[0].outcome) == ("interrupted", NOON + HOUR, "interrupted")
    assert oldest.outcome == "ok"
    assert [run.id for run in store.read.runs(1)] == [killed]


def test_a_run_at_work_on_other_sites_is_left_alone(store: Store) -> None:
    alive = store.start_run(1, NOON)
    for site in ("a.example", "b.example"):
        store.start_site(alive, site, NOON)
    store.finish_site(alive, "b.example", NOON, "ok", {}, 0)
    killed = store.start_run(2, NOON)
    store.start_site(killed, "c.example", NOON)
    assert store.abandon_runs(NOON + HOUR, ["b.example", "c.example"]) == 1
    newest, oldest = store.read.runs(2)
    assert (newest.outcome, newest.sites[0].outcome) == ("interrupted", "interrupted")
    assert (oldest.outcome, oldest.finished) == (None, None)
    assert [(site.site, site.outcome) for site in oldest.sites] == [("a.example", None), ("b.example", "ok")]


def test_a_killed_run_is_closed_with_the_last_of_its_visits(store: Store) -> None:
    killed = store.start_run(1, NOON)
    for site in ("a.example", "b.example"):
        store.start_site(killed, site, NOON)
    assert store.abandon_runs(NOON + HOUR, ["a.example"]) == 0
    assert store.abandon_runs(NOON + 2 * HOUR, ["b.example"]) == 1
    (run,) = store.read.runs(1)
    assert [site.finished for site in run.sites] == [NOON + HOUR, NOON + 2 * HOUR]


def test_a_run_that_was_closed_between_two_visits_goes_on_and_ends_as_it_ends(store: Store) -> None:
    alive = store.start_run(1, NOON)
    assert store.abandon_runs(NOON + HOUR, ["c.example"]) == 1
    store.start_site(alive, "a.example", NOON)
    assert store.abandon_runs(NOON + HOUR, ["c.example"]) == 0
    store.finish_site(alive, "a.example", NOON + 2 * HOUR, "ok", {"new": 1}, 7)
    store.finish_run(alive, NOON + 2 * HOUR, "ok")
    (run,) = store.read.runs(1)
    assert (run.outcome, run.finished) == ("ok", NOON + 2 * HOUR)
    assert run.sites[0].outcome == "ok"


def test_what_was_never_started_cannot_end(store: Store) -> None:
    with pytest.raises(ValueError, match="there is no run 7"):
        store.finish_run(7, NOON, "ok")
    run = store.start_run(1, NOON)
    with pytest.raises(ValueError, match=r"not started a visit to a\.example"):
        store.finish_site(run, "a.example", NOON, "ok", {}, 0)


def test_runs_are_read_page_by_page(store: Store) -> None:
    numbers = [store.start_run(1, NOON + hour * HOUR) for hour in range(3)]
    first = store.read.runs(2)
    assert [run.id for run in first] == [numbers[2], numbers[1]]
    assert [run.id for run in store.read.runs(2, before=first[-1].id)] == [numbers[0]]
