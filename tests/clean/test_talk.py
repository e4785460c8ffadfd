"""Promotions go, news about the same matters stays: a table of paragraphs in many languages, alone and in a story."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from newsbot.clean import clean

TABLE = tomllib.loads(Path(__file__).with_name("talk.toml").read_text("utf-8"))
STORY = [(language, text) for language, texts in TABLE.pop("story").items() for text in texts]
TALK = [
    (kind, language, text)
    for kind, languages in TABLE.items()
    for language, texts in languages.items()
    for text in texts
]
BEFORE = "The bridge over the Tarn was closed on Monday after an inspector found cracks in two of its pillars."
AFTER = "It will not open again before autumn, the county's engineer told the council in a letter on Wednesday."


def removed(*paragraphs: str) -> list[str]:
    return [r.text for r in clean(paragraphs).removed]


@pytest.mark.parametrize(("language", "text"), STORY)
def test_news_about_promotions_stays(language: str, text: str) -> None:
    assert removed(text) == []
    assert removed(BEFORE, text, AFTER) == []


def test_at_least_97_of_100_promotions_go() -> None:
    left = [(kind, text) for kind, _, text in TALK if text not in removed(BEFORE, text, AFTER)]
    assert len(left) <= 0.03 * len(TALK), left


def test_at_least_97_of_100_promotions_go_when_they_stand_alone() -> None:
    left = [(kind, text) for kind, _, text in TALK if text not in removed(text)]
    assert len(left) <= 0.03 * len(TALK), left


def test_a_removed_promotion_is_named_for_what_it_is() -> None:
    wrong = [(kind, str(r.kind), text) for kind, _, text in TALK for r in clean([text]).removed if str(r.kind) != kind]
    assert len(wrong) <= 0.05 * len(TALK), wrong


@pytest.mark.parametrize(("kind", "language", "text"), TALK)
def test_a_promotion_takes_no_neighbour_with_it(kind: str, language: str, text: str) -> None:
    assert [block.text for block in clean([BEFORE, text, AFTER]).kept if block.text in (BEFORE, AFTER)] == [
        BEFORE,
        AFTER,
    ]


def test_every_removal_says_why() -> None:
    assert all(r.why for _, _, text in TALK for r in clean([text]).removed)
