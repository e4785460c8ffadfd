"""A story that is written on under new addresses: its states are one thread, and no copies of each other."""

from __future__ import annotations

from newsbot.items import Story
from newsbot.store import Filters, Outcome, Store, StoryFull
from tests.store.build import HOUR, NOON, edited, prose, story

LENGTH = 200
KEPT = 80  # words that the next state takes over


def states(number: int) -> list[str]:
    """The texts of a story as it is written on: each begins as the one before went on, and goes on in other words."""
    told = [prose(1, LENGTH).split()]
    for seed in range(2, number + 1):
        told.append(told[-1][-KEPT:] + prose(seed, LENGTH).split()[: LENGTH - KEPT])
    return [" ".join(words) for words in told]


def kept(store: Store, number: int, text: str, site: str = "a.example") -> int:
    when = NOON + number * HOUR
    return store.keep(story(number, text, site=site, published=when, fetched_at=when)).story_id


def full(store: Store, number: int) -> StoryFull:
    found = store.read.story(number)
    assert found is not None
    return found


def others(store: Store, number: int) -> tuple[list[int], list[int]]:
    """Copies and states."""
    found = full(store, number)
    return [each.id for each in found.copies], [each.id for each in found.states]


def test_the_states_of_a_rolling_story_are_a_thread_and_no_copies(store: Store) -> None:
    for number, text in enumerate(states(2), 1):
        assert store.keep(story(number, text, published=NOON + number * HOUR)).outcome is Outcome.NEW
    assert others(store, 1) == ([], [2])
    assert others(store, 2) == ([], [1])
    assert {row.cluster_size for row in store.read.stories(Filters())} == {1}
    store.keep(story(3, published=NOON))
    assert others(store, 3) == ([], []), "another story is in no thread"
    assert full(store, 3).thread is None


def test_the_copies_of_a_state_belong_to_the_thread(store: Store) -> None:
    first, second = states(2)
    one = kept(store, 1, first)
    copy = kept(store, 1, edited(first), "b.example")
    two = kept(store, 2, second)
    late = kept(store, 2, edited(second), "b.example")
    assert others(store, one) == ([copy], [two, late])
    assert others(store, late) == ([two], [one, copy])
    assert len({row.thread for row in store.read.stories(Filters())}) == 1


def test_threads_that_turn_out_to_be_one(store: Store) -> None:
    told = states(5)
    for number in (1, 2, 4, 5):
        kept(store, number, told[number - 1])
    threads = {row.thread for row in store.read.stories(Filters())}
    assert len(threads) == 2, "nothing leads from the second to the fourth"
    assert None not in threads
    kept(store, 3, told[2])
    assert {row.thread for row in store.read.stories(Filters())} == {min(t for t in threads if t is not None)}


def test_a_story_that_is_revised_into_a_state_joins_the_thread(store: Store) -> None:
    first, second = states(2)
    one, other = kept(store, 1, first), kept(store, 2, prose(9))
    again: Story = story(2, second, published=NOON + 2 * HOUR, fetched_at=NOON + 3 * HOUR)
    assert store.keep(again).outcome is Outcome.CHANGED
    assert others(store, one) == ([], [other])
