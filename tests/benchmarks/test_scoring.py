"""How much of a known story is given, and how much else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.pairs import Data, fit, pairs_of
from benchmarks.scoring import Gold, Said, gold, moment, score, total

FIRST = "The river rose by two metres in the night, and the lower town was under water."
SECOND = "Nobody was hurt, the harbour office said, though eleven cellars were flooded."
APPEAL = "Subscribe to our newsletter, and never miss a story of ours again."
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KNOWN = Gold("https://paper.example/1", "invented", (FIRST, SECOND))


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\n"), min_size=1), min_size=1, max_size=5))
def test_what_is_known_scores_as_perfect(paragraphs: list[str]) -> None:
    found = score(Gold("u", "c", tuple(paragraphs)), Said("\n".join(paragraphs)))
    assert found.exact
    assert found.left_in == found.lost == ()
    if found.found:
        assert found.precision == found.recall == 1


def test_what_is_left_in_costs_precision_and_what_is_lost_recall() -> None:
    more, less = (score(KNOWN, Said(text)) for text in (f"{FIRST}\n{SECOND}\n{APPEAL}", FIRST))
    assert (more.left_in, more.lost) == ((APPEAL,), ())
    assert (less.left_in, less.lost) == ((), (SECOND,))
    assert more.recall == less.precision == 1
    assert more.precision is not None
    assert more.precision < 1 > less.recall
    both = total([more, less])
    assert (both.left_in, both.appeals, both.lost, both.exact) == (1, 1, 1, 0)


def test_what_is_optional_counts_neither_way() -> None:
    known = Gold("u", "c", (SECOND, FIRST), frozenset({SECOND}))
    for text in (FIRST, f"{SECOND}\n{FIRST}"):
        found = score(known, Said(text))
        assert found.exact
        assert found.precision == found.recall == 1
        assert found.left_in == found.lost == ()


def test_a_paragraph_that_is_parted_or_nearly_the_same_is_none_left_in_nor_lost() -> None:
    head, _, tail = FIRST.partition(", ")
    parted = score(KNOWN, Said(f"{head},\n{tail}\n{SECOND}"))
    assert parted.lost == ()
    long = " ".join(f"word{n}" for n in range(120))
    assert score(Gold("u", "c", (long,)), Said(f"{long} more")).left_in == ()


def test_an_extractor_that_fails_has_found_nothing() -> None:
    failed = score(KNOWN, None)
    assert not failed.found
    assert failed.recall == 0
    assert failed.precision is None  # of nothing, nothing is wrong
    assert total([failed]).f1 == 0


def test_words_without_spaces_are_counted_by_character() -> None:
    found = score(Gold("u", "c", ("河水在夜里上涨了两米",)), Said("河水在夜里上涨了"))
    assert found.precision == 1
    assert 0 < found.recall < 1


def test_fields_are_right_or_wrong_where_they_are_known() -> None:
    known = Gold("u", "c", (FIRST,), frozenset(), "The River – rises", ("A. Reporter",), NOON)
    right = score(known, Said(FIRST, "The river - RISES", ("A. Reporter",), NOON + timedelta(seconds=30)))
    assert (right.title, right.day, right.minute, right.authors) == (True, True, True, True)
    wrong = score(known, Said(FIRST, "Home", (), NOON.replace(hour=0)))
    assert (wrong.title, wrong.day, wrong.minute, wrong.authors) == (False, True, False, False)
    assert score(KNOWN, Said(FIRST, "Home")).title is None


def test_a_line_of_gold_is_read() -> None:
    read = gold(
        {"url": "u", "corpus": "c", "paragraphs": [[FIRST, "p"], [SECOND, "optional"], [" ", "p"]], "date": "x"}
    )
    assert (read.paragraphs, read.optional, read.date) == ((FIRST, SECOND), frozenset({SECOND}), None)
    assert gold({"url": "u", "corpus": "c", "text": f"{FIRST}\n{SECOND}"}).paragraphs == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02T13:00:00+01:00", datetime(2026, 3, 2, 13, tzinfo=timezone(timedelta(hours=1)))),
        ("yesterday", None),
        (None, None),
    ],
)
def test_moments(said: str | None, is_: datetime | None) -> None:
    assert moment(said) == is_


def test_clusters_are_held_against_known_pairs() -> None:
    clusters, versions = ["a", "a", "a", "b"], ["a1", "a1", "a2", "b"]
    data = Data("d", [""] * 4, [""] * 4, clusters, pairs_of(clusters), pairs_of(versions), frozenset())
    perfect = fit(data, [[0, 1]])
    assert (perfect.precision, perfect.recall, perfect.f1) == (1, 1, 1)
    assert perfect.versions < 1
    too_much = fit(data, [[0, 1, 3]])
    assert too_much.precision == pytest.approx(1 / 3)
    assert too_much.recall == 1
    assert too_much.ari < perfect.ari
