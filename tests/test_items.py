"""What travels through the house: understood by itemadapter, frozen, and fit to go to another process."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest
from itemadapter import ItemAdapter, is_item

from newsbot.items import Article, Block, BlockKind, Draft, Lead, Page, Story

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEAD = Lead("https://paper.example/a", "A headline")
PAGE = Page("paper.example", LEAD.url, LEAD.url, 200, {"content-type": "text/html"}, b"<p>", NOW, LEAD)
ARTICLE = Article(
    LEAD.url,
    blocks=(
        Block(BlockKind.CAPTION, "The bridge"),
        Block(BlockKind.PARAGRAPH, "It is closed."),
        Block(BlockKind.PARAGRAPH, "It will open in May.", ("story",), ("p", "div"), 0.25, ("/may",)),
        Block(BlockKind.PARAGRAPH, "Read on: the tunnel", dropped="a teaser"),
    ),
)
STORY = Story("paper.example", LEAD.url, LEAD.url, "A headline", "It is closed.", NOW)
ITEMS = [LEAD, PAGE, ARTICLE, Draft(PAGE, ARTICLE), STORY]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_scrapy_takes_it_for_an_item(item: object) -> None:
    assert is_item(item)
    assert list(ItemAdapter(item).keys())


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_it_survives_the_way_to_another_process(item: object) -> None:
    assert pickle.loads(pickle.dumps(item)) == item


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_nobody_changes_it_on_its_way(item: object) -> None:
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        item.url = "https://elsewhere.example/"  # type: ignore[attr-defined]


def test_captions_stand_beside_the_text() -> None:
    assert ARTICLE.text == "It is closed.\n\nIt will open in May."
    assert ARTICLE.paragraphs == ("It is closed.", "It will open in May.")
