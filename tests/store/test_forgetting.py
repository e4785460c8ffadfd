"""What is deleted on purpose: nothing of it is left, nothing else is touched, and it does not come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text

from newsbot.errors import QueryError
from newsbot.fingerprint import likeness_keys, url_key
from newsbot.items import Block, BlockKind, Handled, Removed, RemovedKind, Verdict
from newsbot.store import Chosen, Filters, Outcome, Store, forgetting
from newsbot.store.addresses import NEVER_AGAIN
from newsbot.store.models import metadata
from tests.store.build import HOUR, NOON, edited, prose, story

ALL = Filters()


def rows(store: Store, table: str, where: str = "1 = 1") -> int:
    with store._engine.connect() as connection:
        chosen = metadata.tables[table]
        return int(connection.execute(select(func.count()).select_from(chosen).where(text(where))).scalar_one())


def listed(store: Store) -> list[int]:
    return sorted(row.id for row in store.read.stories(ALL))


def head_and_size(store: Store, story_id: int) -> tuple[int | None, int]:
    """The earliest of a story's cluster, and how many it has."""
    full = store.read.story(story_id)
    assert full is not None
    with store._engine.connect() as connection:
        heads = connection.execute(text("SELECT head, size FROM cluster WHERE id = :id"), {"id": full.cluster}).all()
    return tuple(heads[0]) if heads else (None, full.cluster_size)


def test_nothing_of_a_story_is_left_but_its_addresses(store: Store) -> None:
    advert = Block(BlockKind.PARAGRAPH, "Give us a coin.")
    first = story(1, removed=(Removed(0, advert, RemovedKind.DONATION, "asks"),))
    store.keep(first)
    store.keep(story(1, prose(50), removed=first.removed))
    store.keep(story(2))
    assert store.forget(Chosen(url=first.url)) == 1
    assert listed(store) == [2]
    assert store.read.story(1) is None
    for table in ("story_version", "removed_block"):
        assert rows(store, table) == 0
    assert rows(store, "likeness_key", "story = 1") == 0
    assert rows(store, "likeness_key", "story = 2") == len(set(likeness_keys(prose(2))))
    assert [hit.id for hit in store.read.search("headline", ALL)] == [2]
    assert store.read.search(f'"{" ".join(prose(50).split()[:5])}"', ALL) == []


def test_it_is_not_fetched_again_nor_kept_whatever_its_source_says(store: Store) -> None:
    store.keep(story(1, addresses=("https://a.example/1", "https://a.example/short")))
    store.forget(Chosen(site="a.example"))
    keys = {url_key("https://a.example/1")}
    assert store.known(keys) == dict.fromkeys(keys, Handled(NEVER_AGAIN))
    kept = store.keep(story(1, prose(9), fetched_at=NOON + HOUR))
    assert (kept.outcome, kept.story_id) == (Outcome.FORGOTTEN, 0)
    assert listed(store) == []
    store.dismiss("a.example", ["https://a.example/1"], Verdict.GONE, NOON)
    assert store.known(keys) == dict.fromkeys(keys, Handled(NEVER_AGAIN))


def test_an_address_that_leads_to_a_forgotten_story_is_forgotten_too(store: Store) -> None:
    store.keep(story(1))
    store.forget(Chosen(site="a.example"))
    alias = "https://a.example/elsewhere"
    assert store.keep(story(1, url=alias, canonical_url="https://a.example/1")).outcome is Outcome.FORGOTTEN
    assert store.known([url_key(alias)]) == {url_key(alias): Handled(NEVER_AGAIN)}


def test_another_story_at_an_address_that_once_led_to_a_forgotten_one_is_kept(store: Store) -> None:
    store.keep(story(1, url="https://a.example/live", canonical_url="https://a.example/1"))
    store.forget(Chosen(url="https://a.example/1"))
    kept = store.keep(story(2, url="https://a.example/live", canonical_url="https://a.example/2"))
    assert kept.outcome is Outcome.NEW


def test_the_site_s_own_number_of_a_forgotten_story_is_remembered(store: Store) -> None:
    def numbered(slug: str, text: str) -> Any:
        made = story(1, text, url=f"https://a.example/{slug}")
        keys = (*made.fingerprint.url_keys, "a.example/#id=4711")
        return replace(made, identity=keys[-1], fingerprint=replace(made.fingerprint, url_keys=keys))

    store.keep(numbered("ice-4711", prose(1)))
    store.forget(Chosen(url="https://a.example/ice-4711"))
    assert store.keep(numbered("thaw-4711", prose(2))).outcome is Outcome.FORGOTTEN


@pytest.fixture
def copies(store: Store) -> Store:
    """1, 2 and 3 are one story, in this order; 4 stands alone and is the oldest."""
    store.keep(story(1, published=NOON))
    store.keep(story(1, edited(prose(1)), site="b.example", published=NOON + HOUR))
    store.keep(story(1, edited(prose(1)) + "\n\nAnd more.", site="c.example", published=NOON + 2 * HOUR))
    store.keep(story(4, published=NOON - HOUR))
    return store


def test_the_next_is_first_when_the_first_is_forgotten(copies: Store) -> None:
    assert head_and_size(copies, 2) == (1, 3)
    copies.forget(Chosen(url="https://a.example/1"))
    assert head_and_size(copies, 2) == head_and_size(copies, 3) == (2, 2)


def test_a_cluster_of_one_is_none(copies: Store) -> None:
    copies.forget(Chosen(site="b.example"))
    copies.forget(Chosen(site="c.example"))
    row = copies.read.story(1)
    assert row is not None
    assert (row.cluster, row.cluster_size, rows(copies, "cluster")) == (None, 1, 0)


def test_what_is_chosen_has_to_apply_all_at_once(copies: Store) -> None:
    chosen = Chosen(site="a.example", before=NOON)
    assert copies.doomed(chosen).sample == (("a.example", NOON - HOUR, "Headline 4"),)
    assert copies.forget(chosen) == 1
    assert listed(copies) == [1, 2, 3]
    assert copies.forget(Chosen(url="https://a.example/1", site="b.example")) == 0


def test_a_copy_that_comes_later_finds_no_forgotten_story(copies: Store) -> None:
    copies.forget(Chosen(before=NOON + 9 * HOUR))
    assert (listed(copies), rows(copies, "likeness_key"), rows(copies, "cluster")) == ([], 0, 0)
    assert copies.keep(story(1, site="d.example")).outcome is Outcome.NEW


def test_the_oldest_go_first_and_no_more_than_wanted(store: Store) -> None:
    for number in range(1, 8):
        store.keep(story(number, published=NOON - number * HOUR))
    told: list[int] = []
    assert store.forget(Chosen(before=NOON), at_most=3, progress=told.append) == 3
    assert (listed(store), told) == ([1, 2, 3, 4], [3])
    assert store.doomed(Chosen(before=NOON)).stories == 4


def test_many_at_once_leave_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than are held in memory at a time, and so many of all that their keys are found in another way."""
    monkeypatch.setattr(forgetting, "_BATCH", 7)
    for number in range(1, 41):
        store.keep(story(number, published=NOON - number * HOUR))
    assert store.forget(Chosen(before=NOON - 10 * HOUR)) == 30
    assert listed(store) == list(range(1, 11))
    assert rows(store, "likeness_key", "story > 10") == 0
    assert rows(store, "likeness_key") == sum(len(set(likeness_keys(prose(n)))) for n in range(1, 11))
    assert rows(store, "address", "verdict = 'forgotten' AND story IS NULL") == 30


def test_a_thread_goes_on_under_another_name(store: Store) -> None:
    for number in (1, 2, 3):
        store.keep(story(number))
    with store._writing.begin() as connection:
        connection.execute(text("UPDATE story SET thread = 1"))
    store.forget(Chosen(url="https://a.example/1"))
    assert {row.id: row.thread for row in store.read.stories(ALL)} == {2: 2, 3: 2}
    store.forget(Chosen(url="https://a.example/2"))
    assert {row.id: row.thread for row in store.read.stories(ALL)} == {3: None}


def test_no_block_is_known_to_be_held_by_a_story_that_is_gone(store: Store) -> None:
    for number in (1, 2):
        store.keep(story(number))
    with store._writing.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO site_block (site, key, stories, loose, removed, vetoes, before, holders, sample, "
                "first_seen, last_seen) VALUES ('a.example', 'k', 2, 0, 0, 0, 0, '[1, 2, 0]', 's', :now, :now)"
            ),
            {"now": "2026-03-02 12:00:00.000000"},
        )
    store.forget(Chosen(url="https://a.example/1"))
    table = metadata.tables["site_block"]
    with store._engine.connect() as connection:
        assert connection.execute(select(table.c.holders)).scalars().all() == [[2, 0]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "which to forget"),
        ({"before": datetime(2026, 3, 1)}, "time zone"),  # noqa: DTZ001 - that is what is wrong
        ({"url": "no address"}, "http"),
    ],
)
def test_a_choice_that_makes_no_sense_is_told(given: dict[str, Any], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        Chosen(**given)


def test_a_site_that_is_not_there_is_told_with_those_that_are_like_it(copies: Store) -> None:
    with pytest.raises(QueryError, match=r"'a\.exampel'.*Did you mean a\.example"):
        copies.forget(Chosen(site="a.exampel"))
    with pytest.raises(QueryError, match="newsbot stats"):
        copies.doomed(Chosen(site="nowhere"))
