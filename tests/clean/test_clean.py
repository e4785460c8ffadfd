"""The clean room as a whole: what comes in comes out, sorted; boxes go as a run; markup is believed with measure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.clean import access_hint, clean, together
from newsbot.fingerprint import block_key
from newsbot.items import Access, Block, BlockKind, Profile, RemovedKind, Role

SEED = Path(__file__).parents[3] / "shared" / "seed"
P = BlockKind.PARAGRAPH

PROSE = [
    "The harbour board closed the northern mole on Thursday after a crane toppled in the wind and cut two cables.",
    "Nobody was hurt, the harbour master said, because the night shift had been sent home an hour before.",
    "Ships will use the old quay until the inquiry is finished, which is expected to take until the end of the month.",
]


@pytest.mark.skipif(not SEED.exists(), reason="the story that the project began with is not in this checkout")
@pytest.mark.parametrize("split", [str.splitlines, lambda text: text.split("\n\n")])
def test_the_story_that_it_all_began_with(split: object) -> None:
    assert callable(split)
    wanted = json.loads((SEED / "expected.json").read_text("utf-8"))
    lines = [line.strip() for line in split((SEED / "story-as-scraped.txt").read_text("utf-8")) if line.strip()]
    cleaned = clean(lines)
    assert [block.text for block in cleaned.kept] == wanted["paragraphs"]
    assert [{"text": r.text, "kind": str(r.kind)} for r in cleaned.removed] == wanted["removed"]
    assert {a.role: a.text for a in cleaned.apart} == {Role.TITLE: wanted["title"], Role.CREDIT: wanted["image_credit"]}


def test_a_story_with_an_appeal_and_a_form_in_its_middle() -> None:
    title = "Crane Topples Into Harbour as Storm Crosses the Coast"
    appeal = [
        "A note from the editors of the Quay Gazette:",
        "Dear readers,",
        "These are hard times for a small paper. The county cancelled its notices, and paper costs twice as much.",
        "We will not stop asking questions. But to go on, we need your help.",
        "Your contribution, however small, makes a difference. Support us from just €3 a month.",
        "Once",
        "Monthly",
        "Continue",
        "Maybe later",
    ]
    newsletter = [
        "Sign up for our free daily newsletter",
        "Your email address",
        "Subscribers agree to the Terms of Use",
    ]
    cleaned = clean(
        [title, "Photo: Quay Gazette", *PROSE[:2], *appeal, *newsletter, PROSE[2], "Read also: The quay that sank"]
    )
    assert [block.text for block in cleaned.kept] == PROSE
    assert [r.text for r in cleaned.removed if r.kind is RemovedKind.DONATION] == appeal
    assert [r.text for r in cleaned.removed if r.kind is RemovedKind.NEWSLETTER] == newsletter
    assert [r.text for r in cleaned.removed if r.kind is RemovedKind.RELATED] == ["Read also: The quay that sank"]
    assert {a.role: a.text for a in cleaned.apart} == {Role.TITLE: title, Role.CREDIT: "Photo: Quay Gazette"}


BLOCKS = st.builds(
    Block,
    kind=st.sampled_from(BlockKind),
    text=st.one_of(st.text(), st.sampled_from(["Dear readers,", "Subscribe", "© 2024", "Read more", *PROSE])),
    tokens=st.lists(st.sampled_from(["newsletter", "paywall", "share-bar", "story", "related-links"]), max_size=2).map(
        tuple
    ),
    tags=st.lists(st.sampled_from(["p", "div", "h1", "aside"]), max_size=2).map(tuple),
    link_density=st.floats(0, 1),
)


@given(st.lists(st.one_of(st.text(), BLOCKS), max_size=30))
def test_put_together_again_it_is_what_came_in(given_blocks: list[str | Block]) -> None:
    lines: list[str] = []
    for item in given_blocks:
        if isinstance(item, str):
            lines += [line.strip() for line in item.splitlines() if line.strip()]
        elif item.text.strip():
            lines.append(item.text)
    cleaned = clean(given_blocks)
    assert [block.text for block in together(cleaned)] == lines
    assert len(cleaned.kept) + len(cleaned.removed) + len(cleaned.apart) == len(lines)


def test_a_class_that_says_paywall_takes_no_story_away() -> None:
    blocks = [Block(P, text, tokens=("paywall", "subscriber-content"), tags=("p", "div")) for text in PROSE]
    assert clean(blocks).kept == tuple(blocks)


def test_a_page_that_is_all_newsletter_is_kept() -> None:
    blocks = [Block(P, text, tokens=("newsletter-body",), tags=("p",)) for text in PROSE]
    assert clean(blocks).kept == tuple(blocks)


def test_a_short_line_in_a_box_goes_by_the_name_of_the_box() -> None:
    box = Block(P, "The week in the valley, told in four minutes", tokens=("newsletter-box",), tags=("p", "div"))
    cleaned = clean([*(Block(P, text, tags=("p",)) for text in PROSE), box])
    assert [(r.block, r.kind) for r in cleaned.removed] == [(box, RemovedKind.NEWSLETTER)]
    assert "newsletter-box" in cleaned.removed[0].why


def test_a_headline_that_is_one_link_is_a_pointer_to_another_story() -> None:
    link = Block(P, "How the quay was saved in the winter of 1962", tags=("p",), link_density=1.0, links=("/quay",))
    cleaned = clean([*(Block(P, text, tags=("p",)) for text in PROSE[:2]), link, Block(P, PROSE[2], tags=("p",))])
    assert [r.block for r in cleaned.removed] == [link]


def test_captions_stand_apart() -> None:
    caption = Block(BlockKind.CAPTION, "The crane before the storm", tags=("figcaption",))
    cleaned = clean([caption, *PROSE])
    assert [(a.text, a.role) for a in cleaned.apart] == [("The crane before the storm", Role.CAPTION)]


def test_what_a_site_is_known_to_repeat_goes_but_long_prose_stays() -> None:
    motto = "The Quay Gazette, first on the water since 1902"
    known = Profile(repeated=frozenset({block_key(motto), block_key(" ".join(PROSE * 2))}))
    blocks = [*(Block(P, text, tags=("p",)) for text in PROSE), Block(P, motto, tags=("p",))]
    assert [r.text for r in clean(blocks, known).removed] == [motto]
    assert clean([" ".join(PROSE * 2)], known).removed == ()


def test_a_paywall_notice_that_ends_the_text_marks_the_story() -> None:
    assert access_hint(clean([*PROSE, "Subscribe to continue reading this article."])) is Access.PAYWALLED
    assert access_hint(clean(["Subscribe to continue reading this article.", *PROSE * 3])) is None
    assert access_hint(clean(PROSE)) is None
    whole = [f"{text} It was the {n}th time that somebody said so in the hall." for n in range(12) for text in PROSE]
    assert access_hint(clean([*whole, "Subscribe to continue reading this article."])) is None


@pytest.mark.parametrize("mark", ["»", "«", "“", "„", "「", "『", '"'])
def test_quotation_marks_without_an_end_cost_no_more_than_others(mark: str) -> None:
    text = f"a{mark} " * 200_000  # as the square of its length, this would take hours
    assert len(together(clean([text]))) == 1
