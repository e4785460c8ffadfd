"""How much of a story its publisher serves: what is declared, held against what the page holds."""

from __future__ import annotations

from typing import Any

import pytest

from newsbot.extract.access import stops
from newsbot.items import Access, Block, BlockKind
from tests.extract.pages import STORY, TITLE, json_ld, node, page, paragraphs, read

LONG = STORY * 4
CUT = (*STORY[:2], "The town council will meet again on Thursday to decide how much of the bill for the engine...")
PART = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".paywall"}
WALL = "<div class='paywall-overlay'><p>Only for those who pay. One crown for the first month.</p></div>"


def access(texts: tuple[str, ...] = LONG, *, tier: str = "", after: str = "", name: str = "", **fields: Any) -> Access:
    head = json_ld(node(**fields))
    if tier:
        head += f"<meta property='article:content_tier' content='{tier}'>"
    body = "".join(f"<p class='{name}'>{text}</p>" for text in texts) if name else paragraphs(*texts)
    return read(page(f"<article><h1>{TITLE}</h1>{body}</article>{after}", head)).access


# -- what is declared --------------------------------------------------------------------------------------------------


def test_nothing_declared_is_nothing_known() -> None:
    assert access() is Access.UNKNOWN
    assert access(STORY[:2]) is Access.UNKNOWN


@pytest.mark.parametrize("flag", [True, "True", "true", "http://schema.org/True", "https://schema.org/True", "yes"])
def test_free_by_flag(flag: Any) -> None:
    assert access(isAccessibleForFree=flag) is Access.FREE


@pytest.mark.parametrize("flag", [False, "False", "false", "http://schema.org/False", "no", ["False"]])
def test_not_free_by_flag(flag: Any) -> None:
    assert access(STORY[:2], isAccessibleForFree=flag) is Access.PAYWALLED


def test_tiers() -> None:
    assert access(tier="free") is Access.FREE
    assert access(tier="metered") is Access.METERED
    assert access(tier="locked") is Access.PAYWALLED
    assert access(tier="free", isAccessibleForFree=False) is Access.FREE
    assert access(tier="metered", isAccessibleForFree=False) is Access.METERED
    assert access(tier="locked", isAccessibleForFree=True) is Access.PAYWALLED


# -- what the page bears out -------------------------------------------------------------------------------------------


def test_not_free_and_yet_served_whole_is_metered() -> None:
    assert access(isAccessibleForFree=False) is Access.METERED
    assert access(isAccessibleForFree=False, hasPart=PART) is Access.METERED
    assert access(hasPart=[PART]) is Access.METERED


def test_a_part_that_is_free_says_nothing() -> None:
    assert access(hasPart={"@type": "WebPageElement", "isAccessibleForFree": True}) is Access.UNKNOWN


def test_a_part_that_costs_beside_a_whole_that_does_not_leaves_it_free() -> None:
    assert access(isAccessibleForFree=True, hasPart=PART) is Access.FREE


def test_not_free_with_a_wall_on_it_is_paywalled() -> None:
    assert access(isAccessibleForFree=False, after=WALL) is Access.PAYWALLED


def test_not_free_and_breaking_off_is_paywalled() -> None:
    assert access((*LONG, CUT[-1]), isAccessibleForFree=False) is Access.PAYWALLED
    assert access(CUT, hasPart=PART) is Access.PAYWALLED


def test_a_short_story_is_whole_where_the_paid_part_is_there() -> None:
    assert access(STORY, name="paywall", isAccessibleForFree=False, hasPart=PART) is Access.METERED
    assert access(STORY, name="free", isAccessibleForFree=False, hasPart=PART) is Access.PAYWALLED
    several = PART | {"cssSelector": [".wall", ".paywall"]}
    assert access(STORY, name="paywall", isAccessibleForFree=False, hasPart=several) is Access.METERED


def test_a_text_that_stops_at_a_wall_is_paywalled_whatever_is_declared() -> None:
    assert access(CUT, after=WALL) is Access.PAYWALLED
    assert access(CUT, after=WALL, isAccessibleForFree=True) is Access.PAYWALLED
    assert access(CUT, after=WALL, tier="free") is Access.PAYWALLED


def test_neither_an_end_nor_a_wall_alone_proves_anything() -> None:
    assert access(CUT) is Access.UNKNOWN
    assert access(after=WALL) is Access.UNKNOWN
    assert access(after=WALL, isAccessibleForFree=True) is Access.FREE


@pytest.mark.parametrize("name", ["paywall", "has-paywall", "regwall", "subscriber-only"])
def test_such_names_on_the_story_itself_prove_nothing(name: str) -> None:
    assert access(name=name) is Access.UNKNOWN
    assert access(CUT, name=name) is Access.UNKNOWN


@pytest.mark.parametrize(
    "wall",
    [
        "<div id='paywall'></div>",
        WALL.replace("<div", "<div hidden"),
        WALL.replace("<div", "<div style='display: none'"),
        f"<template>{WALL}</template>",
        f"<div aria-hidden='true'>{WALL}</div>",
        WALL.replace("paywall-overlay", "overlay"),
    ],
)
def test_a_wall_that_nobody_sees_is_none(wall: str) -> None:
    assert access(CUT, after=wall) is Access.UNKNOWN


# -- how a text ends ---------------------------------------------------------------------------------------------------


def ends(text: str, *names: str, kind: BlockKind = BlockKind.PARAGRAPH) -> bool:
    return stops([Block(BlockKind.PARAGRAPH, STORY[0]), Block(kind, text, names)])


@pytest.mark.parametrize(
    "text",
    [
        CUT[-1],
        CUT[-1].replace("...", "…"),
        CUT[-1].replace("...", "[…]"),
        CUT[-1].replace("...", ""),
        "市議会は木曜日に再び会合を開き、新しいエンジンの費用のうちどれだけを島の住民が負担するべきかについて話し合うことになっている...",
    ],
)
def test_a_text_that_breaks_off(text: str) -> None:
    assert ends(text)


@pytest.mark.parametrize(
    "text",
    [
        STORY[0],
        STORY[1],
        "Text: Ida Quill",
        "“The engine is as good as new, and whoever says otherwise has not been aboard and has not seen it”",
        "市議会は木曜日に再び会合を開き、新しいエンジンの費用について話し合う。（1月14日就任。港の責任者は解任）",
        "เรือเฟอร์รี่ไปยังเกาะสีเทากลับมาแล่นอีกครั้งตั้งแต่วันจันทร์ สี่สัปดาห์หลังจากที่เครื่องยนต์ขัดข้องในพายุฤดูหนาว",
    ],
)
def test_a_text_that_ends(text: str) -> None:
    assert not ends(text)


def test_a_last_paragraph_that_fades_out_breaks_off() -> None:
    assert ends(STORY[2], "article-text", "fade-out")
    assert not ends(STORY[2], "fadein", "paywall")


def test_a_credit_at_the_end_of_a_long_text_breaks_nothing_off() -> None:
    credit = "Text and pictures: the editors of the Harbour Gazette, with help from the archive of the fish market"
    assert stops([Block(BlockKind.PARAGRAPH, credit)])
    assert not stops([*(Block(BlockKind.PARAGRAPH, text) for text in LONG), Block(BlockKind.PARAGRAPH, credit)])


def test_no_text_stops_nowhere() -> None:
    assert not stops([])
    assert not stops(
        [Block(BlockKind.HEADING, "The engine and the town council that would not pay for it, and the goats")]
    )
