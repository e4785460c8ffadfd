"""Revisions: what counts as one, and how it is shown."""

import random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.fingerprint import block_key
from newsbot.revision import Edit, Passage, is_revision, word_diff

TEXT = "The ferry ran aground at dawn.\n\nTwelve people were taken off, the coastguard said.\n\nIt paid 1.5 million."


def shown(before: str, after: str) -> str:
    """As wdiff prints it."""
    marks = {Edit.SAME: "{}", Edit.OUT: "[-{}-]", Edit.IN: "{{+{}+}}"}
    return "".join(marks[passage.edit].format(passage.text) for passage in word_diff(before, after))


def test_what_a_publisher_changes_is_a_revision() -> None:
    assert is_revision(TEXT, TEXT.replace("Twelve", "Fourteen"))
    assert is_revision(TEXT, TEXT.replace("1.5", "15"))
    assert is_revision(TEXT, TEXT + "\n\nA second ferry was sent.")
    assert is_revision(TEXT, "\n\n".join(reversed(TEXT.split("\n\n"))))


def test_typography_and_paragraphing_are_none() -> None:
    assert not is_revision(TEXT, TEXT.upper().replace(",", " –"))
    assert not is_revision(TEXT, TEXT.replace("\n\n", " "))


def test_what_one_cleaning_took_out_and_the_other_left_is_none() -> None:
    counter, appeal = "17 readers are here", "Please support our work today."
    ours = {block_key(counter), block_key(appeal)}
    assert not is_revision(f"{counter}\n\n{TEXT}", f"{TEXT}\n\n{appeal}", ours)
    assert is_revision(f"{counter}\n\n{TEXT}", f"{TEXT}\n\n{appeal}")
    assert is_revision(f"{counter}\n\n{TEXT}", TEXT.replace("Twelve", "Nine"), ours)


def test_a_diff_shows_the_words_that_changed() -> None:
    assert shown(TEXT, TEXT.replace("Twelve", "Fourteen")).split("\n\n")[1] == (
        "[-Twelve-]{+Fourteen+} people were taken off, the coastguard said."
    )
    assert shown("One.\n\nThree.", "One.\n\nTwo.\n\nThree.") == "One.\n\n{+Two.\n\n+}Three."


def test_a_rewritten_sentence_is_not_torn_apart_by_the_small_words_in_it() -> None:
    before = "Ministers had long refused every single demand of the striking harbour workers and their families."
    after = "Nobody expected how quickly talks would end of an evening spent eating soup together quietly."
    assert [passage.edit for passage in word_diff(before, after)] == [Edit.OUT, Edit.IN]


def test_a_script_without_spaces_is_compared_character_by_character() -> None:
    assert word_diff("渡轮上午搁浅", "渡轮下午搁浅") == [
        Passage(Edit.SAME, "渡轮"),
        Passage(Edit.OUT, "上"),
        Passage(Edit.IN, "下"),
        Passage(Edit.SAME, "午搁浅"),
    ]
    assert sum(passage.words for passage in word_diff("渡轮上午搁浅", "渡轮下午搁浅")) == 7


_PIECES = ["a", "b", "ferry", "ran", "\n\n", " ", "\n", "渡", "ran,", "1.5"]
words = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join)


@given(words, words)
def test_a_diff_holds_both_texts_whole(before: str, after: str) -> None:
    passages = word_diff(before, after)
    assert "".join(p.text for p in passages if p.edit is not Edit.IN) == before
    assert "".join(p.text for p in passages if p.edit is not Edit.OUT) == after
    assert all(p.text for p in passages)


def test_long_texts_that_have_nothing_in_common_are_told_at_once() -> None:
    before, after = (" ".join(f"{letter}{n % 997}" for n in range(60_000)) for letter in "xy")
    assert [passage.edit for passage in word_diff(before, after)] == [Edit.OUT, Edit.IN]


@pytest.mark.parametrize("gap", [" ", "\n\n"], ids=["words", "paragraphs"])
def test_a_diff_of_long_texts_of_few_words_takes_no_minutes(gap: str) -> None:
    chosen = random.Random(1).choices([f"w{n}" for n in range(150)], k=101_900)
    before, after = gap.join(chosen[:1_900]), gap.join(chosen[1_900:])
    begun = process_time()
    passages = word_diff(before, after)
    assert process_time() - begun < 5  # it took 17 s, and with paragraphs for ever
    assert "".join(p.text for p in passages if p.edit is not Edit.OUT) == after


def test_of_texts_too_long_to_compare_the_beginning_and_the_end_stay() -> None:
    same = "\n\n".join(f"The ferry ran at {n}." for n in range(9_000))
    passages = word_diff(f"{same}\n\nNobody was hurt.\n\n{same}", f"{same}\n\nTwo were hurt.\n\n{same}")
    assert [p.text for p in passages if p.edit is not Edit.SAME] == ["Nobody was", "Two were"]
