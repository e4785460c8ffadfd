"""Many texts at once: the same clusters whatever the order of the rows."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.fingerprint import Told, sign
from newsbot.fingerprint.clusters import CROWD, Gathering
from newsbot.items import Fingerprint
from tests.fingerprint.texts import HOUSE_RULES, MONDAY, TUESDAY, text

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def clusters(
    rows: Sequence[Told | str], urls: dict[int, str] | None = None, *, versions: bool = False
) -> list[list[int]]:
    told = [Told(row) if isinstance(row, str) else row for row in rows]
    gathering = Gathering()
    for number, row in enumerate(told):
        gathering.add(sign([urls[number]] if urls and number in urls else [], row.text), row)
    assert len(gathering) == len(rows)
    return gathering.clusters(told.__getitem__, versions=versions)


def test_nothing_and_one() -> None:
    assert clusters([]) == []
    assert clusters([text(100)]) == []


def test_copies_stand_together_in_the_order_of_the_rows() -> None:
    a, b = text(200), text(200, seed=1)
    rows = [a, b, text(90, seed=2), b + " " + text(20, seed=3), a.upper(), a[: len(a) // 2]]
    assert clusters(rows) == [[0, 4, 5], [1, 3]]


def test_what_is_alike_and_no_copy() -> None:
    shells = [f"{text(60, seed=n)} {HOUSE_RULES}" for n in range(5)]
    assert clusters([MONDAY, TUESDAY, *shells]) == []


def test_copies_of_copies_are_one_cluster() -> None:
    parts = text(600).split()
    windows = [" ".join(parts[start : start + 300]) for start in range(0, 301, 75)]
    assert clusters(windows) == [[0, 1, 2, 3, 4]]
    assert clusters([windows[0], windows[4]]) == []


def test_a_round_up_does_not_join_what_it_holds() -> None:
    one, two, three = (text(90, seed=n) for n in range(3))
    rows = [one, f"{one} {two} {three}", two, one + " More soon.", three]
    assert clusters(rows) == [[0, 3]]
    assert clusters(rows, versions=True) == [[0, 3]]


def test_versions_only_where_they_are_wanted() -> None:
    entries = [text(60, seed=number) for number in range(9)]
    early, late = (" ".join(reversed(entries[first : first + 5])) for first in (0, 3))
    rows = [early, late, late + " " + text(20, seed=20)]
    assert clusters(rows) == [[1, 2]]
    assert clusters(rows, versions=True) == [[0, 1, 2]]


def test_one_address_is_one_story() -> None:
    urls = {0: "https://www.example.com/a?utm_source=x", 1: "http://example.com/a", 2: "https://example.com/b"}
    assert clusters([text(80), text(80, seed=1), text(80, seed=2)], urls) == [[0, 1]]
    assert clusters(["", "Watch live.", "Watch live."], urls) == [[0, 1]]


TITLE = "Storm closes the harbour bridge until Friday"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([Told("A photograph.", TITLE)], [[0, 1]]),
        ([Told("A photograph.", TITLE.upper() + "!")], [[0, 1]]),
        ([Told("A photograph.", "Storm closes the harbour bridge")], []),
        ([Told("Watch live.", "Storm")], []),
        ([Told(text(60), TITLE)], []),
        ([Told("Watch live.", TITLE, published=NOON)], []),
    ],
    ids=["same", "as written", "another", "text only", "long text", "no date and a date"],
)
def test_short_texts_go_by_their_titles(others: list[Told], expected: list[list[int]]) -> None:
    assert clusters([Told("Watch live.", TITLE), *others]) == expected


def test_a_title_that_comes_again_heads_another_story() -> None:
    rows = [Told("Watch.", TITLE, published=NOON + timedelta(days=day)) for day in (0, 8, 1, 9, 30)]
    assert clusters(rows) == [[0, 2], [1, 3]]


def test_short_titles_say_nothing() -> None:
    assert clusters([Told("", "The news in brief"), Told("", "The news in brief")]) == []


def test_a_crowd_of_copies_is_one_cluster_all_the_same() -> None:
    """More share a key than are all compared with each other."""
    story = text(120)
    rows = [f"{story} {text(3 + number % 40, seed=number)}" for number in range(2 * CROWD)]
    assert clusters([text(50, seed=999), *rows]) == [list(range(1, 2 * CROWD + 1))]


def some_rows(source: random.Random) -> list[Told | str]:
    """Stories with copies, excerpts, updates, round-ups, fillings of templates and short texts, in any order."""
    rows: list[Told | str] = [MONDAY, TUESDAY, "", Told("Watch.", TITLE), Told("Look.", TITLE)]
    stories = [text(source.randint(40, 200), seed=source.randint(0, 99)) for _ in range(4)]
    for _ in range(12):
        parts = source.choice(stories).split()
        start, end = sorted(source.sample(range(len(parts) + 1), 2))
        kept = source.choice((parts, parts[:end], parts[start:], parts[start:end]))
        rows.append(" ".join([*text(source.randint(0, 40), seed=source.randint(0, 3)).split(), *kept]))
    rows.append(" ".join(source.sample(stories, 3)))
    return rows


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.booleans())
def test_the_order_of_the_rows_does_not_count(seed: int, versions: bool) -> None:
    source = random.Random(seed)
    rows = some_rows(source)
    order = list(range(len(rows)))
    source.shuffle(order)
    here = clusters(rows, versions=versions)
    there = clusters([rows[place] for place in order], versions=versions)
    assert {frozenset(each) for each in here} == {frozenset(order[number] for number in each) for each in there}
    for found in (here, there):
        assert all(len(each) > 1 and each == sorted(each) for each in found)
        assert found == sorted(found)


def test_pairs_that_share_all_their_keys_take_memory_once() -> None:
    gathering = Gathering()
    keys = sign([], text(60)).likeness_keys
    for number in range(6 * CROWD):
        of_group = tuple((key + number // CROWD * 7919) % 2**32 for key in keys)
        gathering.add(Fingerprint((), "", of_group), Told(""))
    tracemalloc.start()
    try:
        assert sum(1 for _ in gathering._pairs()) == 6 * CROWD * (CROWD - 1) / 2
        assert tracemalloc.get_traced_memory()[1] < 2_400_000  # 3.2 MB where each is kept for each key
    finally:
        tracemalloc.stop()
