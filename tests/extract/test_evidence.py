"""The evidence and its weights: nothing is weighed that no page can show, and what decides alone does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract import explain
from newsbot.extract.body import decide, weights
from newsbot.extract.evidence import HEADS_NOTHING
from newsbot.items import BlockKind
from tests.extract.pages import STORY, TITLE, URL, page, paragraphs

names = st.lists(st.sampled_from([*sorted(weights()), "no such evidence"]), max_size=12, unique=True)
blocks = st.lists(st.tuples(st.sampled_from(BlockKind), names), max_size=12)


@given(blocks)
def test_every_block_gets_a_score(given_blocks: list[tuple[BlockKind, list[str]]]) -> None:
    scores = decide(given_blocks, weights())
    assert len(scores) == len(given_blocks)
    assert all(abs(score) < 100 for score in scores)


@given(names)
def test_a_paragraph_alone_is_the_sum_of_its_weights(evidence: list[str]) -> None:
    known = weights()
    [score] = decide([(BlockKind.PARAGRAPH, evidence)], known)
    assert abs(score - known["always"] - sum(known.get(name, 0.0) for name in evidence)) < 1e-9


def test_a_heading_goes_with_what_it_heads() -> None:
    known = {"good": 4.0, "bad": -4.0, "even": 0.5}
    heading = (BlockKind.HEADING, ["even"])
    assert decide([heading, (BlockKind.PARAGRAPH, ["good"])], known)[0] > 0
    assert decide([heading, (BlockKind.PARAGRAPH, ["bad"])], known)[0] < 0
    assert decide([heading, (BlockKind.CAPTION, ["bad"]), (BlockKind.PARAGRAPH, ["good"])], known)[0] > 0


def test_a_heading_behind_the_text_heads_nothing() -> None:
    known = {"good": 9.0, "bad": -0.1}
    blocks = [(BlockKind.HEADING, ["good", HEADS_NOTHING]), (BlockKind.PARAGRAPH, ["bad"])]
    assert decide(blocks, known)[0] <= 0


def test_the_items_of_a_list_lean_on_each_other() -> None:
    known = {"good": 3.0, "weak": -0.5}
    items = [(BlockKind.LIST_ITEM, [name]) for name in ("good", "weak", "good")]
    assert all(score > 0 for score in decide(items, known))


def test_what_a_page_shows_has_weights() -> None:
    html = page(
        f"<main><article><h1>{TITLE}</h1><p class='standfirst'>{STORY[3]}</p>{paragraphs(*STORY[:2])}<h2>Costs</h2>"
        f"<ul><li>{STORY[0]}</li></ul>{paragraphs(STORY[2])}</article></main>"
    )
    shown = {name for block in explain(html, URL)[1] for name, _ in block.evidence}
    assert {"text, main column", "main column", "is the title", "in <ul>"} <= shown
    assert len(shown & set(weights())) > len(shown) / 2
