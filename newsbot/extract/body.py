"""Which of a page's blocks are the story: the container that holds most of its prose, and what in it is none.

Every block of prose gives its mass (characters outside links) to all its ancestors. Going down from the root, the search
follows the child that holds nearly all of the mass; where the mass divides, the body begins. Elements whose names say
that they are no story (`markup.is_away`) are left out before, unless they hold much of the page's prose: class names lie.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from lxml.html import HtmlElement

from newsbot.extract import blocks as walking
from newsbot.extract import markup
from newsbot.extract.blocks import Found
from newsbot.items import BlockKind

_PROSE = 30  # characters from which a block counts as prose; half of that in scripts that write a word in a character
_FOLLOW = 0.72  # share of the mass that a child must hold to be followed
_SPARED = 0.4  # share of the page's paragraphs above which a name is not believed
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_SENTENCE = re.compile(r"[.!?…。！？:;\"”»“’)]\s*$")  # noqa: RUF001
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Body:
    """The story's blocks in order, the container that holds them, and the standfirst where it stands before them."""

    container: HtmlElement
    found: list[Found]
    standfirst: Found | None
    mass: float


def size(text: str) -> int:
    """How much a text says: its characters, those of scripts with a word in a character counted double."""
    return len(text) if text.isascii() else len(text) + len(_DENSE.findall(text))


def away(root: HtmlElement) -> set[HtmlElement]:
    """The elements that are no part of a story by what their markup says."""
    whole = sum(len("".join(p.itertext())) for p in root.iter("p")) or 1
    everything = 0
    out: set[HtmlElement] = set()
    for element in root.xpath("//body//*[@class or @id or @role or @hidden or @style or @aria-hidden or self::aside]"):
        if not (markup.is_away(element) or markup.is_hidden(element)):
            continue
        if element.tag in ("html", "body", "main") or markup.is_body(element):
            continue
        paragraphs = sum(len("".join(p.itertext())) for p in element.iter("p"))
        if paragraphs > _SPARED * whole and whole > 400:
            continue
        if whole <= 400:  # hardly a <p> on the page: look at all text instead
            everything = everything or len("".join(root.itertext()))
            if len("".join(element.itertext())) > _SPARED * everything:
                continue
        out.add(element)
    return out


def _masses(found: list[Found], evidence: str) -> dict[HtmlElement, float]:
    """Mass of each element that holds prose; where the publisher's own text of the body is known, only what is in it."""
    total: dict[HtmlElement, float] = defaultdict(float)
    for block in found:
        length = size(block.text)
        if length < _PROSE or block.kind in (BlockKind.CAPTION, BlockKind.HEADING):
            continue
        if evidence and fold(block.text)[:80] not in evidence:
            continue
        mass = length * (1 - block.link_density) ** 2
        if block.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
            mass *= 0.5
        elif not _SENTENCE.search(block.text):
            mass *= 0.6
        block.mass = mass
        element: HtmlElement | None = block.element
        while element is not None:
            total[element] += mass
            element = element.getparent()
    return total


def fold(text: str) -> str:
    """A text's word characters in lower case, for comparing."""
    return " ".join(_WORD.findall(text.casefold()))


def _container(root: HtmlElement, mass: dict[HtmlElement, float]) -> HtmlElement:
    """The element where the mass divides. A container that its names call the body, or an <article>, is the start."""
    whole = mass[root]
    start = root
    named = [e for e in mass if markup.is_body(e) and mass[e] >= 0.5 * whole]
    articles = [e for e in mass if e.tag in ("article", "main") and mass[e] >= 0.6 * whole]
    if named:
        start = max(named, key=lambda e: mass[e])
    elif articles:
        start = max(articles, key=lambda e: (mass[e], e.tag == "article"))
    while True:
        best = max((c for c in start if c in mass), key=lambda c: mass[c], default=None)
        if best is None or mass[best] < _FOLLOW * mass[start] or best.tag in ("p", "pre"):
            return start
        start = best


def _is_link(block: Found) -> bool:
    """Whether a block is a pointer to something else rather than text."""
    return block.link_density > 0.7 and (size(block.text) < 200 or block.link_density > 0.9)


def _trim(found: list[Found], title: str) -> list[Found]:
    """A body's blocks without pointers, the title, and the short lines before the first and after the last prose."""
    kept = [b for b in found if not _is_link(b) and fold(b.text) != title]
    prose = [i for i, b in enumerate(kept) if b.mass > 0 and size(b.text) >= _PROSE]
    if not prose:
        return kept
    first, last = prose[0], prose[-1]
    out = []
    for index, block in enumerate(kept):
        before = index < first and block.kind is not BlockKind.CAPTION
        after = index > last
        if before and size(block.text) < 60 and block.kind is not BlockKind.HEADING:
            continue
        if after and (block.kind is BlockKind.HEADING or size(block.text) < 20 and not _SENTENCE.search(block.text)):
            continue
        out.append(block)
    return out


def _standfirst(everything: list[Found], start: int, title: str, description: str) -> Found | None:
    """The standfirst that stands between the headline and the body: named so, or the page's own description."""
    for block in reversed(everything[max(0, start - 25) : start]):
        folded = fold(block.text)
        if folded == title:
            return None
        if not 25 <= size(block.text) <= 900 or block.link_density > 0.4 or block.kind is BlockKind.CAPTION:
            continue
        own = block.element.get("class") or ""
        parent = block.element.getparent()
        named = markup.says_standfirst(own) or (
            parent is not None and len(parent) <= 4 and markup.says_standfirst(parent.get("class") or "")
        )
        described = len(description) > 30 and (folded.startswith(description[:60]) or description.startswith(folded[:60]))
        after_title = any(fold(b.text) == title for b in everything[max(0, start - 25) : start])
        if described or (named and after_title):
            return block
    return None


def find(root: HtmlElement, title: str, description: str, evidence: str) -> Body | None:
    """The story of the page, None where the page holds no prose.

    `title` and `description` (folded, see `fold`) are what the page's metadata say; `evidence` is the folded text of
    the body as the publisher gives it elsewhere on the page, or empty.
    """
    body = root.find("body")
    page = body if body is not None else root
    out = away(root)
    everything = list(walking.walk(page, out))
    mass = _masses(everything, evidence) if evidence else {}
    if not mass:
        mass = _masses(everything, "")
    if not mass:
        return None
    container = _container(page, mass)
    inside = [i for i, b in enumerate(everything) if b.element is container or _within(b.element, container)]
    start, end = inside[0], inside[-1] + 1
    found = _trim(everything[start:end], title)
    standfirst = _standfirst(everything, start, title, description)
    return Body(container, found, standfirst, mass[container])


def _within(element: HtmlElement, container: HtmlElement) -> bool:
    parent = element.getparent()
    while parent is not None:
        if parent is container:
            return True
        parent = parent.getparent()
    return False
