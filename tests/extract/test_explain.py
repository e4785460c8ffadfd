"""Why each block was kept or dropped, and what becomes of those that were."""

from __future__ import annotations

from newsbot.clean import clean
from newsbot.extract import explain, extract
from newsbot.items import RemovedKind
from tests.extract.pages import STORY, TITLE, URL, page, paragraphs

BOX = "<div class='related-box'><p>Goats on board, and who pays when they eat a hat: a column from last week.</p></div>"
HTML = page(
    f"<main><article><h1>{TITLE}</h1><div class='article-body'>{paragraphs(*STORY[:2])}{BOX}{paragraphs(*STORY[2:])}"
    "<p><a href='/x'>Everything about the ferry on one page, and about the island, too</a></p></div></article></main>"
)


def test_every_block_of_the_body_is_told_of_in_order() -> None:
    article, blocks = explain(HTML, URL)
    assert article == extract(HTML, URL)
    assert tuple(block.text for block in blocks if block.kept) == STORY
    dropped = [block.text for block in blocks if not block.kept]
    assert dropped[0] == TITLE
    assert any("Goats on board" in text for text in dropped)
    positions = [HTML.index(block.text) for block in blocks]
    assert positions == sorted(positions)


def test_the_evidence_adds_up_and_the_heaviest_comes_first() -> None:
    _, blocks = explain(HTML, URL)
    by_text = {block.text: block for block in blocks}
    first = by_text[STORY[0]]
    assert first.score > 0
    assert first.evidence[0][1] == max((weight for _, weight in first.evidence), key=abs)
    assert "main column" in dict(first.evidence)
    assert "is the title" in dict(by_text[TITLE].evidence)


def test_a_page_without_a_body_has_nothing_to_explain() -> None:
    article, blocks = explain("<p></p>", URL)
    assert (article.paragraphs, blocks) == ((), ())


def test_what_was_dropped_inside_the_body_goes_to_the_cleaning_with_its_reason() -> None:
    article = extract(HTML, URL)
    assert article.paragraphs == STORY
    cleaned = clean(article.blocks)
    assert tuple(block.text for block in cleaned.kept) == STORY
    [goats] = [item for item in cleaned.removed if "Goats on board" in item.text]
    assert goats.why
    assert goats.kind in (RemovedKind.RELATED, RemovedKind.FURNITURE)
