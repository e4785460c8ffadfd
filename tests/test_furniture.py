"""What a site repeats and what its stories say again and again: which of the two a block is."""

from __future__ import annotations

import random

import pytest

from newsbot.fingerprint import LONGEST_BLOCK
from newsbot.furniture import Seen, is_furniture, reports, traces
from newsbot.items import Apart, Block, BlockKind, Cleaned, Removed, RemovedKind, Role, Trace
from tests.store.build import prose

BOX = "The rooms above the print shop are open to all who want to look on while the paper is made."


def body(seed: int) -> list[Block]:
    """Six paragraphs that no other story has."""
    return [Block(BlockKind.PARAGRAPH, text) for text in prose(seed, 240).split("\n\n")]


def block(text: str, kind: BlockKind = BlockKind.PARAGRAPH) -> Block:
    return Block(kind, text)


def trace_of(wanted: str, blocks: list[Block]) -> Trace | None:
    return next((trace for trace in traces(Cleaned(tuple(blocks))) if trace.text == wanted), None)


def repeats(wanted: Block, at: int, stories: int = 4, *, on: float = 1.0, following: str = "") -> bool:
    """Whether a block is the site's once so many stories had it, each at the same place; `on` is the share of the
    site's stories that they are; `following` comes after it in all of them."""
    loose = vetoes = 0
    for seed in range(stories):
        paragraphs = body(seed)
        inserted = [wanted, *([block(following)] if following else [])]
        blocks = [*paragraphs[:at], *inserted, *paragraphs[at:]]
        trace = trace_of(wanted.text, blocks)
        if trace is None:
            return False
        known = bool(following) and seed > 0
        loose += trace.loose or known
        vetoes += seed > 0 and (trace.veto or (bool(trace.heads) and not known))
    return is_furniture(Seen(stories, loose, 0, vetoes, round(stories / on)), wanted.text)


@pytest.mark.parametrize(
    "text",
    [
        BOX,
        "Wer uns etwas mitteilen will, das in die Zeitung gehört, findet die Redaktion am Markt, zweiter Stock.",
        "Cet article a été relu par la petite équipe qui tient la rédaction ouverte le soir et le dimanche.",
        "Наша редакция находится в старом здании вокзала, и каждый вторник мы открываем двери для читателей.",
        "この記事は港の編集室で作られました。毎週火曜日の午後には、どなたでも見学することができます。",
        "이 기사는 항구 편집실에서 만들어졌으며 매주 화요일 오후에는 누구나 편집실을 둘러볼 수 있습니다.",
    ],
)
@pytest.mark.parametrize("at", [0, 4, 6])
def test_what_stands_at_the_ends_of_a_tenth_of_the_stories_is_the_sites(text: str, at: int) -> None:
    assert repeats(block(text), at, stories=3)
    assert repeats(block(text), at, on=0.1)
    assert not repeats(block(text), at, on=0.05)
    assert not repeats(block(text), at, stories=2)


def test_what_stands_in_the_midst_has_to_stand_on_more_stories() -> None:
    assert repeats(block(BOX), 3, on=0.4)
    assert not repeats(block(BOX), 3, on=0.2)


@pytest.mark.parametrize(
    "heading",
    ["In brief", "Was wir wissen", "Le contexte", "Коротко", "背景", "En resumen", "What happened:", "要点："],
)
@pytest.mark.parametrize("kind", [BlockKind.HEADING, BlockKind.PARAGRAPH])
@pytest.mark.parametrize("at", [0, 3, 5])
def test_a_standing_headline_over_a_text_of_its_own_survives(heading: str, kind: BlockKind, at: int) -> None:
    assert not repeats(block(heading, kind), at, stories=40)


def test_a_headline_goes_with_what_stands_below_it() -> None:
    assert repeats(block("Look in on us", BlockKind.HEADING), 5, following=BOX)
    assert repeats(block("Look in on us", BlockKind.HEADING), 6), "over nothing"


@pytest.mark.parametrize(
    "dateline",
    [
        "LISBON, March 3 (Wire) -",
        "Berlin –",
        "МОСКВА, 3 марта —",
        "【北京】",
        "(서울=통신)",
        "NAIROBI (Coast Wire) —",
        "Roma, 3 marzo:",
    ],
)
def test_a_dateline_that_stands_alone_survives(dateline: str) -> None:
    assert trace_of(dateline, [block(dateline), *body(1)]) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "No one was hurt.",
        "Verletzt wurde niemand.",
        "Никто не пострадал.",
        "けが人はいなかった。",
        "Nadie resultó herido.",
    ],
)
def test_a_short_sentence_that_often_ends_a_story_survives(sentence: str) -> None:
    assert not repeats(block(sentence), 6, stories=20, on=0.2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The index closed at 4,210 points.", "The index closed at 4,317 points."),
        (
            "An jenem Tag gab es 12 Unfälle auf der Straße zum Hafen.",
            "An jenem Tag gab es 9 Unfälle auf der Straße zum Hafen.",
        ),
        ("港では3隻の船が待っている。", "港では11隻の船が待っている。"),
    ],
)
def test_a_sentence_with_other_numbers_is_a_report(one: str, other: str) -> None:
    assert reports(one, other)
    assert not reports(one, one)


def test_a_counter_is_no_report() -> None:
    assert not reports("Comments (12)", "Comments (3)")
    assert not reports("5 min read", "11 min read")


@pytest.mark.parametrize("kind", [BlockKind.LIST_ITEM, BlockKind.TABLE_ROW])
def test_an_ingredient_survives(kind: BlockKind) -> None:
    assert not repeats(block("A pinch of salt and a little of the oil that the fish was fried in", kind), 3, stories=30)


def test_a_notice_that_is_the_story_survives() -> None:
    notice = block(
        "There is no paper tomorrow: the presses are being cleaned, as they are on the first of each quarter."
    )
    found = trace_of(notice.text, [notice])
    assert found is not None
    assert found.veto


def test_long_prose_leaves_no_trace() -> None:
    long = "The harbour was quiet. " * 20
    assert len(long) > LONGEST_BLOCK
    assert {trace.text for trace in traces(Cleaned((block(long), *body(1))))} == {each.text for each in body(1)}


def test_what_other_evidence_removed_on_a_third_of_its_stories_is_the_sites() -> None:
    assert is_furniture(Seen(3, 3, 1, 0, 1000), BOX)
    assert not is_furniture(Seen(4, 4, 1, 0, 1000), BOX)
    assert not is_furniture(Seen(2, 2, 2, 0, 2), BOX)


def test_what_is_removed_and_set_apart_keeps_its_place_in_the_count() -> None:
    """Positions count all blocks: the box between two removed ones is loose, a caption leaves no trace."""
    first, second, *rest = body(1)
    cleaned = Cleaned(
        (first, second, block(BOX), *rest),
        (
            Removed(2, block("Give now"), RemovedKind.DONATION, "words"),
            Removed(4, block("Give more"), RemovedKind.DONATION, "words"),
        ),
        (Apart(6, block("The harbour at dusk"), Role.CAPTION),),
    )
    found = {trace.text: trace for trace in traces(cleaned)}
    assert found[BOX].loose
    assert (found["Give now"].kept, found["Give now"].kind) == (False, RemovedKind.DONATION)
    assert "The harbour at dusk" not in found


def test_what_was_removed_since_it_is_known_proves_nothing_more() -> None:
    cleaned = Cleaned(tuple(body(1)), (Removed(6, block(BOX), RemovedKind.FURNITURE, "repeated"),))
    (key,) = [trace.key for trace in traces(cleaned) if trace.text == BOX]
    (again,) = [trace for trace in traces(cleaned, [key]) if trace.text == BOX]
    assert (again.kept, again.kind) == (False, None)


def test_a_page_of_a_thousand_blocks_leaves_few_traces() -> None:
    words = random.Random(1)
    blocks = tuple(block(f"{words.random():.9f} {'abcdefghij'[n % 10] * (n // 10 + 1)}") for n in range(1000))
    assert len(traces(Cleaned(blocks))) <= 80
