"""Copies share keys and pass the comparison; what only looks alike does not."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.fingerprint import Likeness, Relation, likeness, likeness_keys, relation
from tests.fingerprint.texts import HOUSE_RULES, MONDAY, TUESDAY, text, words

STORY = text(400)


def is_copy(a: str, b: str) -> bool:
    return relation(likeness(a, b)) is Relation.COPY


def shared(a: str, b: str) -> int:
    return len(set(likeness_keys(a)) & set(likeness_keys(b)))


@pytest.mark.parametrize(
    "copy",
    [
        STORY.upper(),
        "HARBOUR CITY (Agency) " + STORY,
        STORY + " " + text(60, seed=1),
        STORY[: len(STORY) // 2],
        STORY[len(STORY) // 3 :],
        text(400).replace(text(24), "").strip(),
        " ".join(word if i % 40 else "changed" for i, word in enumerate(STORY.split())),
    ],
    ids=[
        "capitals",
        "dateline",
        "appendix",
        "first half",
        "last two thirds",
        "cut",
        "every fortieth word",
    ],
)
def test_copies_are_found_and_confirmed(copy: str) -> None:
    assert shared(STORY, copy) >= 2
    assert is_copy(STORY, copy)


def test_copies_in_the_wrong_encoding_are_found() -> None:
    story = STORY.replace("a", "ä").replace(". ", ".” “")
    garbled = story.encode().decode("cp1252", "ignore")
    assert "ä" not in garbled
    assert shared(story, garbled) >= 2
    assert is_copy(story, garbled)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (STORY, text(400, seed=1)),
        (MONDAY, TUESDAY),
        (text(90, seed=1) + " " + HOUSE_RULES, text(90, seed=2) + " " + HOUSE_RULES),
        (text(30), text(30)),
        ("", ""),
        ("", STORY),
    ],
    ids=["another story", "template", "house rules below", "too short", "nothing", "nothing and a story"],
)
def test_what_is_no_copy(a: str, b: str) -> None:
    assert not is_copy(a, b)


LIKE = Likeness(
    jaccard=0.5, containment=0.8, shared=200, longest_run=90, filled=0.2, lead=0.9, cover=0.5, before=0.1, after=0.1
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Relation.COPY),
        ({"jaccard": 0.15}, Relation.COPY),
        ({"containment": 0.5}, Relation.COPY),
        ({"jaccard": 0.18, "containment": 0.5}, Relation.VERSION),
        ({"jaccard": 0.15, "containment": 0.5}, Relation.NONE),
        ({"jaccard": 0.2, "containment": 0.29}, Relation.NONE),
        ({"shared": 29, "containment": 0.4}, Relation.NONE),
        ({"longest_run": 24}, Relation.NONE),
        ({"filled": 1.2}, Relation.NONE),
        ({"lead": 0.4}, Relation.NONE),
        ({"lead": 0.5}, Relation.COPY),
        ({"lead": 0.5, "shared": 110}, Relation.NONE),
        ({"shared": 22, "containment": 0.7, "longest_run": 18}, Relation.COPY),
        ({"shared": 30, "containment": 1.0}, Relation.NONE),
        ({"cover": 0.2, "before": 0.1, "after": 0.7}, Relation.COPY),
        ({"cover": 0.2, "before": 0.4, "after": 0.4}, Relation.NONE),
        ({"cover": 0.2, "before": 0.75, "after": 0.05}, Relation.VERSION),
        ({"cover": 0.2, "before": 0.75, "after": 0.05, "containment": 0.6}, Relation.NONE),
    ],
)
def test_each_guard(change: dict[str, float], expected: Relation) -> None:
    assert relation(dataclasses.replace(LIKE, **change)) is expected  # type: ignore[arg-type]


def test_the_same_template_with_the_same_numbers_is_a_copy() -> None:
    assert is_copy(MONDAY, MONDAY.replace("Northhaven", "North Haven"))


def test_figures() -> None:
    a = words(100)
    b = [*a[:60], *words(60, seed=1)]
    found = likeness(" ".join(a), " ".join(b))
    assert found.shared == 56
    assert found.shingles == 96
    assert found.containment == pytest.approx(56 / 96)
    assert found.jaccard == pytest.approx(56 / 156)
    assert found.longest_run == 60
    assert found.lead == 1.0
    assert found.cover == pytest.approx(56 / 116)
    assert found.before == 0.0
    assert found.after == pytest.approx(60 / 120)
    assert found.filled == 0.0
    assert likeness("one two", "one two") == Likeness()


FRAME = "with two months to go the club has won {} of the games it played at home and lost {} before a crowd of {} men"


def test_what_blanks_are_filled_with_is_compared_place_by_place() -> None:
    a = FRAME.format(3, 4, 5000)
    whole = len(FRAME.split()) - 3  # the words that both have around the blanks
    assert likeness(a, FRAME.format(3, 4, 5000)).filled == 0.0
    assert likeness(a, FRAME.format(3, 9, 5000)).filled == pytest.approx(100 / (whole + 2), rel=0.1)
    assert likeness(a, FRAME.format(8, 9, 5000)).filled == pytest.approx(200 / (whole + 1), rel=0.1)
    assert likeness(a, FRAME.format("a few", 4, 5000)).filled == pytest.approx(25 / (whole + 2), rel=0.1)
    assert likeness(a, a + " as it did in 1987 and again in 1999").filled == 0.0


@pytest.mark.parametrize(
    ("a", "b", "run"),
    [
        ("a b c d e f g", "x a b c d e f y", 6),
        ("a b a b a b a b a b", "b a b a b a b", 7),
        ("p q r s t u v w x y z", "p q r s t 1 u v w x y z", 6),
        ("a b c d", "a b c d", 0),
    ],
)
def test_longest_run(a: str, b: str, run: int) -> None:
    assert likeness(a, b).longest_run == run


def test_a_word_repeated_without_end_takes_no_time() -> None:
    """Quadratic comparison would make some hundred million steps here."""
    found = likeness("again " * 20_000, "again " * 10_001)
    assert found.longest_run == 10_001


def test_keys_are_the_same_in_every_process() -> None:
    """They are stored and shared between machines: neither the hash seed nor a release may move them."""
    script = (
        "from newsbot.fingerprint import likeness_keys as k; print(sum(k(' '.join(f'word{i}' for i in range(200)))))"
    )
    sums = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        sums.add(int(run.stdout))
    assert sums == {56409784665 - 32 * 2**31}


def test_keys_are_few_and_fit_32_bits() -> None:
    for count in (35, 60, 200, 2000):
        keys = likeness_keys(text(count))
        assert len(set(keys)) == len(keys) <= 32
        assert all(-1 << 31 <= key < 1 << 31 for key in keys)
        assert len(keys) > 20


def test_different_stories_hardly_ever_share_keys() -> None:
    keys = [set(likeness_keys(text(200, seed))) for seed in range(60)]
    assert sum(len(a & b) for i, a in enumerate(keys) for b in keys[:i]) == 0


_texts = st.lists(st.sampled_from(["one", "two", "3", "four", "5", "und", "的", "ä"]), max_size=80).map(" ".join)


@settings(deadline=None)
@given(_texts, _texts)
def test_comparison_is_symmetric_and_bounded(a: str, b: str) -> None:
    found = likeness(a, b)
    assert found == likeness(b, a)
    for share in (found.jaccard, found.containment, found.lead, found.cover, found.before, found.after):
        assert 0.0 <= share <= 1.0
    assert found.jaccard <= found.containment
    # Against the definition, by brute force: a common passage is one of both texts.
    x, y = a.split(), b.split()
    runs = (n for n in range(min(len(x), len(y)), 4, -1) for i in range(len(x) - n + 1) if _holds(y, x[i : i + n]))
    longest = next(runs, 0)
    assert (5 if longest else 0) <= found.longest_run <= longest


def _holds(haystack: list[str], needle: list[str]) -> bool:
    return any(haystack[i : i + len(needle)] == needle for i in range(len(haystack) - len(needle) + 1))


@settings(deadline=None)
@given(st.integers(35, 500), st.integers(0, 1000))
def test_a_text_is_a_copy_of_itself(count: int, seed: int) -> None:
    story = text(count, seed)
    assert is_copy(story, story)


@settings(deadline=None)
@given(st.integers(100, 500), st.integers(0, 1000))
def test_a_tenth_of_the_words_changed_at_the_end(count: int, seed: int) -> None:
    parts = words(count, seed)
    kept = count - count // 10
    story, changed = " ".join(parts), " ".join(parts[:kept] + words(count - kept, seed + 5000))
    assert shared(story, changed) >= 2
    assert is_copy(story, changed)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=200), st.text(st.characters(), max_size=200))
def test_any_string_will_do(a: str, b: str) -> None:
    for x in (a, a * 20):
        assert all(-1 << 31 <= key < 1 << 31 for key in likeness_keys(x))
        is_copy(x, b)
