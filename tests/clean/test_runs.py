"""A box is a run of blocks: what stands between its parts goes with them, what stands around it stays."""

from __future__ import annotations

import pytest

from newsbot.clean import clean
from newsbot.items import Block, BlockKind, RemovedKind

BEFORE = "The bridge over the Tarn was closed on Monday after an inspector found cracks in two of its pillars."
AFTER = "It will not open again before autumn, the county's engineer told the council in a letter on Wednesday."
NOTE = "A note from the editors of the Quay Gazette:"  # to the readers, but by itself asks for nothing
ASK = "Support us from just €3 a month."
AGAIN = "Make a donation today and support our work."
LETTER = "Sign up for our free daily newsletter"
PLAIN = "Paper is dear, and the mill upstream is the only one for many miles around."
TALK = "You know best what a small paper is worth in a valley as long as this one."
NEWS = "The mill has raised its prices, its director said on Monday in the hall."
BUTTON = "Once"  # of a form
SCRAP = "Three of many pictures"  # no sentence, by itself innocent


def gone(*paragraphs: str) -> list[str]:
    """What is taken out of these paragraphs in a story's middle; the story stays whole."""
    cleaned = clean([BEFORE, *paragraphs, AFTER])
    kept = [block.text for block in cleaned.kept]
    assert (kept[0], kept[-1]) == (BEFORE, AFTER)
    return [each.text for each in cleaned.removed]


def test_alone_each_is_what_it_is_taken_for_here() -> None:
    for innocent in (NOTE, PLAIN, TALK, NEWS, BUTTON, SCRAP):
        assert gone(innocent) == []
    for talk in (ASK, AGAIN, LETTER):
        assert gone(talk) == [talk]


def test_a_short_address_to_the_readers_goes_with_the_box_that_it_opens() -> None:
    assert gone(NOTE, ASK) == [NOTE, ASK]
    assert gone(NOTE, NOTE, LETTER) == [NOTE, NOTE, LETTER]
    assert gone(NOTE, PLAIN, ASK) == [ASK], "what it opens comes next"
    assert gone(NOTE, "Read also: The quay that sank") == ["Read also: The quay that sank"], "no box"
    long = "Dear readers of the Gazette in the whole wide valley and on both of its long green shores today,"
    assert gone(long, ASK) == [ASK]
    assert gone(ASK, NOTE) == [ASK], "nor one that stands behind it"


def test_of_a_letter_to_the_readers_the_innocent_parts_go_too() -> None:
    assert gone(NOTE, ASK, PLAIN, AGAIN) == [NOTE, ASK, PLAIN, AGAIN]
    assert gone(NOTE, ASK, TALK, TALK, AGAIN) == [NOTE, ASK, TALK, TALK, AGAIN]
    assert gone(NOTE, ASK, TALK, PLAIN, AGAIN) == [NOTE, ASK, TALK, PLAIN, AGAIN]
    assert gone(ASK, NOTE, AGAIN, PLAIN, ASK) == [ASK, NOTE, AGAIN, PLAIN, ASK], "it may open in the run's middle"
    assert gone(NOTE, ASK, AGAIN, PLAIN, ASK) == [NOTE, ASK, AGAIN, PLAIN, ASK]


def test_without_an_address_they_stay() -> None:
    assert gone(ASK, PLAIN, AGAIN) == [ASK, AGAIN]
    assert gone(ASK, TALK, AGAIN) == [ASK, AGAIN]


def test_what_reports_stays_in_a_letter_too() -> None:
    assert gone(NOTE, ASK, NEWS, AGAIN) == [NOTE, ASK, AGAIN]


def test_nothing_goes_behind_the_last_part() -> None:
    assert gone(NOTE, ASK, PLAIN) == [NOTE, ASK]
    assert gone(NOTE, ASK, TALK) == [NOTE, ASK]
    assert gone(NOTE, ASK, PLAIN, PLAIN, AGAIN) == [NOTE, ASK, AGAIN], "one is a bridge, two are a story"
    assert gone(ASK, SCRAP) == [ASK]


@pytest.mark.parametrize(("between", "all_go"), [(1, True), (3, True), (4, False)])
def test_scraps_between_two_parts_go_up_to_three(between: int, all_go: bool) -> None:
    scraps = [SCRAP] * between
    assert gone(ASK, *scraps, AGAIN) == ([ASK, *scraps, AGAIN] if all_go else [ASK, AGAIN])


def test_a_scrap_is_short_and_no_sentence() -> None:
    assert gone(ASK, "one two three four five six", AGAIN) == [ASK, "one two three four five six", AGAIN]
    assert gone(ASK, "one two three four five six seven", AGAIN) == [ASK, AGAIN]
    assert gone(ASK, "Three of many pictures.", AGAIN) == [ASK, AGAIN]


def test_a_forms_buttons_belong_to_the_box_and_end_it() -> None:
    assert gone(ASK, BUTTON, "Monthly") == [ASK, BUTTON, "Monthly"]
    assert gone(ASK, SCRAP, BUTTON, SCRAP) == [ASK, SCRAP, BUTTON]
    assert gone(BUTTON, ASK) == [ASK], "what stands before the box is not its"
    assert gone(ASK, PLAIN, BUTTON) == [ASK]


def test_a_run_is_of_one_kind() -> None:
    assert gone(ASK, SCRAP, LETTER) == [ASK, LETTER]
    assert gone(NOTE, ASK, PLAIN, LETTER) == [NOTE, ASK, LETTER]
    cleaned = clean([BEFORE, ASK, BUTTON, LETTER, "Monthly", AFTER])
    assert [(each.text, each.kind) for each in cleaned.removed] == [
        (ASK, RemovedKind.DONATION),
        (BUTTON, RemovedKind.DONATION),
        (LETTER, RemovedKind.NEWSLETTER),
        ("Monthly", RemovedKind.NEWSLETTER),
    ]


def test_what_is_no_box_makes_no_run() -> None:
    share = [Block(BlockKind.PARAGRAPH, text, tokens=("share-bar",), tags=("p",)) for text in ("Facebook", "Mastodon")]
    scrap = Block(BlockKind.PARAGRAPH, SCRAP, tags=("p",))
    story = [Block(BlockKind.PARAGRAPH, text, tags=("p",)) for text in (BEFORE, AFTER)]
    cleaned = clean([story[0], share[0], scrap, share[1], story[1]])
    assert [each.block for each in cleaned.removed] == share


def test_a_part_that_only_its_neighbours_give_away_says_so() -> None:
    whys = {each.text: each.why for each in clean([BEFORE, NOTE, ASK, PLAIN, AGAIN, AFTER]).removed}
    assert whys[NOTE] == whys[PLAIN] == "run: donation"
    assert whys[ASK].startswith("words: donation (")


def test_the_last_block_of_a_page_may_end_a_run() -> None:
    assert [each.text for each in clean([BEFORE, AFTER, NOTE, ASK, PLAIN, AGAIN]).removed] == [NOTE, ASK, PLAIN, AGAIN]
    assert [each.text for each in clean([BEFORE, AFTER, NOTE, ASK, PLAIN]).removed] == [NOTE, ASK]
    assert [each.text for each in clean([BEFORE, AFTER, ASK, BUTTON]).removed] == [ASK, BUTTON]
