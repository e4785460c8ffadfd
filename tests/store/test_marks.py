"""Exports since the last one: each change once, none missed, whatever else happens meanwhile."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from newsbot.errors import QueryError
from newsbot.fingerprint import block_key
from newsbot.items import Access
from newsbot.store import Chosen, Filters, Store
from newsbot.store.engine import writing
from newsbot.store.keeping import keep
from tests.store.build import HOUR, NOON, prose, story

ALL = Filters()


def exported(store: Store, name: str = "daily") -> list[str]:
    """The titles and first words of what has changed since the last export of a name."""
    mark = store.begin_export(name)
    found = [f"{row['canonical_url'][-1]} {row['text'].split()[0]}" for row in store.read.export(ALL, mark)]
    store.finish_export(mark, lambda: None, NOON)
    return found


def test_each_change_comes_once_in_the_order_of_changes(store: Store) -> None:
    for number in (1, 2, 3):
        store.keep(story(number, f"first {prose(number)}", published=NOON - number * HOUR))
    assert exported(store) == ["1 first", "2 first", "3 first"]
    assert exported(store) == []
    store.keep(story(2, f"second {prose(9)}", published=NOON - 2 * HOUR))
    store.keep(story(4, f"first {prose(4)}"))
    store.keep(story(3, f"first {prose(3)}", published=NOON - 3 * HOUR))
    assert exported(store) == ["2 second", "4 first"]
    assert exported(store, "another") == ["1 first", "3 first", "2 second", "4 first"]


def test_what_is_said_about_a_story_is_a_change_but_being_seen_is_none(store: Store) -> None:
    store.keep(story(1))
    exported(store)
    store.keep(story(1, fetched_at=NOON + HOUR))
    assert exported(store) == []
    store.keep(story(1, access=Access.PAYWALLED, fetched_at=NOON + HOUR))
    assert len(exported(store)) == 1
    store.keep(story(1, authors=("Ada Reed",), fetched_at=NOON + HOUR))
    assert len(exported(store)) == 1


def test_a_text_that_is_cleaned_later_is_a_change(store: Store) -> None:
    box = "Sign up for the letter that we send on Fridays, says nobody but this box."
    store.keep(story(1, f"{prose(1)}\n\n{box}"))
    store.keep(story(2))
    exported(store)
    with writing(store._engine).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO site_block (site, key, stories, loose, removed, vetoes, before, holders, sample, learned, "
                "first_seen, last_seen) VALUES ('a.example', :key, 2, 0, 0, 0, 0, '[1]', 's', :now, :now, :now)"
            ),
            {"key": block_key(box), "now": "2026-03-02 12:00:00.000000"},
        )
    assert store.reclean("a.example") == (1, False)
    assert len(exported(store)) == 1


def test_an_export_that_is_broken_off_is_made_up_for(store: Store) -> None:
    store.keep(story(1))
    mark = store.begin_export("daily")
    list(store.read.export(ALL, mark))
    with pytest.raises(OSError, match="full"):
        store.finish_export(mark, _disk_full, NOON)
    assert len(exported(store)) == 1


def _disk_full() -> None:
    raise OSError("the disk is full")


def test_of_two_at_once_the_second_is_refused_and_puts_nothing_in_its_place(store: Store) -> None:
    store.keep(story(1))
    one, other = store.begin_export("daily"), store.begin_export("daily")
    store.finish_export(one, lambda: None, NOON)
    placed: list[int] = []
    with pytest.raises(QueryError, match="another export of 'daily' was finished"):
        store.finish_export(other, lambda: placed.append(1), NOON)
    assert placed == []
    store.keep(story(2))
    assert len(exported(store)) == 1


def test_what_changes_while_an_export_is_at_work_is_the_next_one_s(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(2))
    mark = store.begin_export("daily")
    store.keep(story(3))
    store.keep(story(2, f"second {prose(9)}"))
    seen = [row["canonical_url"] for row in store.read.export(ALL, mark)]
    store.finish_export(mark, lambda: None, NOON)
    assert seen == ["https://a.example/1"]
    assert exported(store)[-1] == "2 second"


def test_a_story_that_another_process_is_just_entering_is_not_missed(database: str, store: Store) -> None:
    """It has its number before it can be seen: an export waits until no number is out that it cannot see."""
    entered, go_on = Event(), Event()

    def enter_slowly() -> None:
        with Store.open(database) as other, writing(other._engine).begin() as connection:
            other._ensure_site(connection, "a.example")
            keep(connection, story(1))
            entered.set()
            go_on.wait(20)

    writer = Thread(target=enter_slowly)
    writer.start()
    assert entered.wait(20)
    results: list[list[str]] = []
    exporter = Thread(target=lambda: results.append(exported(store)))
    exporter.start()
    go_on.set()
    writer.join()
    exporter.join()
    assert [len(found) for found in results] == [1]


def test_numbers_of_forgotten_stories_are_not_given_again(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(2))
    mark = store.begin_export("daily")
    store.forget(Chosen(url="https://a.example/2"))
    store.keep(story(3))
    store.finish_export(mark, lambda: None, NOON)
    assert [each[0] for each in exported(store)] == ["3"]


def test_stories_that_were_there_before_changes_were_counted_come_first(store: Store) -> None:
    for number in (1, 2, 3):
        store.keep(story(number))
    with writing(store._engine).begin() as connection:
        connection.execute(text("UPDATE story SET changed = 0"))
    store.keep(story(4))
    assert [each[0] for each in exported(store)] == ["1", "2", "3", "4"]
    assert exported(store) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["new", "revise", "forget", "export", "broken"]), st.integers(0, 4)), max_size=14
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whoever_applies_all_exports_has_what_the_database_has(store: Store, steps: list[tuple[str, int]]) -> None:
    site = f"s{len(store.read.sites())}.example"  # each run of it has a site and a name of its own
    store.touch_site(site, site, f"https://{site}/", None)
    copy: dict[str, str] = {}
    forgotten: set[str] = set()
    for at, (step, number) in enumerate([*steps, ("export", 0)]):
        url = f"https://{site}/{number}"
        if step in ("new", "revise"):
            seed = 1000 + at if step == "revise" else number
            store.keep(story(number, prose(seed), site=site, url=url))
        elif step == "forget":
            if store.forget(Chosen(url=url)):
                forgotten.add(url)
        else:
            mark = store.begin_export(site)
            rows = list(store.read.export(Filters(sites=[site]), mark))
            if step == "export":
                copy |= {row["canonical_url"]: row["text"] for row in rows}
                store.finish_export(mark, lambda: None, NOON)
    there = {row["canonical_url"]: row["text"] for row in store.read.export(Filters(sites=[site]))}
    assert {url: told for url, told in copy.items() if url not in forgotten} == there
