"""Whether a database is whole is found out, and what can be made anew is."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from newsbot.store import Filters, Store
from newsbot.store.migrations import BRIEF
from tests.store.build import HOUR, NOON, edited, prose, story


@pytest.fixture
def stocked(store: Store) -> Store:
    """1, 2 and 3 are one story, 4 stands alone."""
    store.keep(story(1, published=NOON))
    store.keep(story(1, edited(prose(1)), site="b.example", published=NOON + HOUR))
    store.keep(story(1, edited(prose(1)) + "\n\nAnd more.", site="c.example", published=NOON + 2 * HOUR))
    store.keep(story(4))
    return store


def break_it(store: Store, *statements: str) -> None:
    with store._writing.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def faulty(store: Store) -> list[str]:
    return [check.name for check in store.check() if check.faults]


def test_a_database_that_was_only_used_is_whole(stocked: Store) -> None:
    checks = {check.name: check.faults for check in stocked.check()}
    assert {"schema", "clusters", "addresses"} <= set(checks)
    assert set(checks.values()) == {()}


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        ("UPDATE cluster SET size = 7", "clusters"),
        ("UPDATE cluster SET head = 3", "clusters"),
        ("UPDATE cluster SET head = 4", "clusters"),
        ("UPDATE story SET cluster = NULL WHERE id <> 2", "clusters"),
        ("DELETE FROM address WHERE story = 4", "addresses"),
        ("UPDATE address SET story = 1 WHERE story = 4", "addresses"),
    ],
)
def test_what_is_wrong_is_found_and_mended(stocked: Store, harm: str, name: str) -> None:
    break_it(stocked, harm)
    assert faulty(stocked) == [name]
    told: list[str] = []
    stocked.repair(told.append)
    assert faulty(stocked) == []
    assert name in told
    full = stocked.read.story("https://a.example/4")
    assert full is not None
    assert full.id == 4


def test_a_search_index_that_has_gone_astray_is_found_and_mended(stocked: Store) -> None:
    if stocked.info().server.startswith("SQLite"):
        break_it(stocked, "DROP TRIGGER story_search_insert")
    else:
        break_it(stocked, "DROP INDEX ix_story_search")
    stocked.keep(story(9))
    assert "search" in faulty(stocked)
    stocked.repair(lambda _: None)
    assert faulty(stocked) == []
    assert 5 in {hit.id for hit in stocked.read.search("headline", Filters())}


def test_a_check_takes_its_turn_with_those_who_write(database: str, stocked: Store) -> None:
    """What was written between its questions does not make it fail."""
    checks = stocked.check()
    first = next(checks)
    with Store.open(database) as other:
        other.keep(story(9))
    assert [check.faults for check in (first, *checks)] == [()] * (6 if database.startswith("sqlite") else 4)


def test_a_cluster_is_mended_to_what_it_was(stocked: Store) -> None:
    before = stocked.read.stories(Filters())
    break_it(stocked, "UPDATE cluster SET size = 7, head = 4")
    stocked.repair(lambda _: None)
    assert stocked.read.stories(Filters()) == before


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DROP INDEX ix_story_dated_id", "missing: index ix_story_dated_id"),
        ("CREATE TABLE mine (id INTEGER)", "not newsbot's: table mine"),
        ("ALTER TABLE site ADD COLUMN mine TEXT", "not newsbot's: column site mine"),
    ],
)
def test_a_schema_that_was_changed_by_hand_is_told(stocked: Store, harm: str, said: str) -> None:
    break_it(stocked, harm)
    (wrong,) = [check for check in stocked.check() if check.faults]
    assert (wrong.name, wrong.faults) == ("schema", (said,))


def test_the_index_that_sqlite_alone_has_is_missed_there(file: Path) -> None:
    with Store.open(f"sqlite:///{file}") as store:
        break_it(store, f"DROP INDEX {BRIEF}")
        (wrong,) = [check for check in store.check() if check.faults]
    assert (wrong.name, wrong.faults) == ("schema", (f"missing: index {BRIEF}",))


def test_the_size_of_it_is_told(stocked: Store) -> None:
    stocked.keep(story(4, prose(5)))
    info = stocked.info()
    assert (info.stories, info.versions, info.clusters, info.sites) == (4, 1, 1, 3)
    assert (info.oldest, info.newest) == (NOON, NOON + 2 * HOUR)
    assert info.bytes > 50_000
    assert info.server.split()[0] in ("SQLite", "PostgreSQL")
    assert "story" in info.tables or info.server.startswith("SQLite")


def test_an_empty_one_has_no_oldest(store: Store) -> None:
    assert (store.info().oldest, store.info().stories) == (None, 0)
