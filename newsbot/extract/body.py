"""Which of a page's blocks are the story: the container that holds most of its prose, and what in it is none.

Every block of prose gives its mass (characters outside links) to all its ancestors. Going down from the root, the
search follows the child that holds nearly all of the mass; where the mass divides, the body begins. Elements whose
names say that they are no story (`markup.away`) are left out before, unless they hold much of the page's prose: class
names lie.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from lxml.html import HtmlElement

from newsbot.extract import blocks as walking
from newsbot.extract import markup
from newsbot.extract.blocks import Found
from newsbot.extract.markup import Strength
from newsbot.items import BlockKind

_PROSE = 30  # characters from which a block counts as prose; half of that in scripts that write a word in a character
_FOLLOW = 0.72  # share of the mass that a child must hold to be followed
_SPARED = 0.3  # share of the page's mass above which a name is not believed
_SPARED_STRONG = 0.85  # the same for names that hardly lie, such as "comments"
_EVIDENCE = 0.5  # share of the mass that the publisher's own text must explain to be believed whole
_BEFORE = 25  # blocks before the body among which the standfirst may be
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_SENTENCE = re.compile(r"[.!?…。！？:;\"”»“’)]\s*$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Body:
    """The story's blocks in order, the container that holds them, and the standfirst where it stands before them."""

    container: HtmlElement
    found: list[Found]
    standfirst: Found | None


def size(text: str) -> int:
    """How much a text says: its characters, those of scripts with a word in a character counted double."""
    return len(text) if text.isascii() else len(text) + len(_DENSE.findall(text))


def _away(root: HtmlElement, mass: dict[HtmlElement, float]) -> set[HtmlElement]:
    """The elements that are no part of a story by their names, but for those that hold too much of the page's prose."""
    whole = mass[root] or 1.0
    out: set[HtmlElement] = set()
    for element in root.xpath(".//*[@class or @id or @role or self::aside or self::form]"):
        strength = markup.away(element)
        if strength is Strength.NONE or element.tag in ("main", "html") or markup.is_body(element):
            continue
        if mass.get(element, 0.0) <= (_SPARED_STRONG if strength is Strength.STRONG else _SPARED) * whole:
            out.add(element)
    return out


def _prose(found: list[Found]) -> list[Found]:
    """The blocks of prose, each given its mass."""
    prose = []
    for block in found:
        length = size(block.text)
        if length < _PROSE or block.kind in (BlockKind.CAPTION, BlockKind.HEADING):
            continue
        block.mass = length * (1 - block.link_density) ** 2
        if block.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
            block.mass *= 0.5
        elif not _SENTENCE.search(block.text):
            block.mass *= 0.6
        prose.append(block)
    return prose


def _masses(prose: list[Found]) -> dict[HtmlElement, float]:
    """The mass of each element that holds some of these blocks."""
    total: dict[HtmlElement, float] = defaultdict(float)
    for block in prose:
        element: HtmlElement | None = block.element
        while element is not None:
            total[element] += block.mass
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
        if after and (block.kind is BlockKind.HEADING or (size(block.text) < 20 and not _SENTENCE.search(block.text))):
            continue
        out.append(block)
    return out


def _standfirst(before: list[Found], title: str, description: str) -> Found | None:
    """The standfirst among the blocks before the body: named so behind the headline, or the page's own description."""
    folds = [fold(block.text) for block in before]
    after_title = title in folds
    for block, folded in zip(reversed(before), reversed(folds), strict=True):
        if folded == title:
            return None
        if not 25 <= size(block.text) <= 900 or block.link_density > 0.4 or block.kind is BlockKind.CAPTION:
            continue
        parent = block.element.getparent()
        named = markup.says_standfirst(block.element.get("class") or "") or (
            parent is not None and len(parent) <= 4 and markup.says_standfirst(parent.get("class") or "")
        )
        described = len(description) > 30 and (
            folded.startswith(description[:60]) or description.startswith(folded[:60])
        )
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
    everything = list(walking.walk(page))
    prose = _prose(everything)
    out = _away(page, _masses(prose))
    everything = [block for block in everything if not _inside(block.element, out, page)]
    prose = [block for block in prose if not _inside(block.element, out, page)]
    mass = _masses(prose)
    if not mass:
        return None
    container = _container(page, mass)
    if evidence:
        proven = _masses([block for block in prose if fold(block.text)[:80] in evidence])
        if proven and proven[page] > _EVIDENCE * mass[container]:
            container = _container(page, proven)
    container = _widened(container, mass, page)
    inside = [i for i, b in enumerate(everything) if _inside(b.element, {container}, page)]
    start, end = inside[0], inside[-1] + 1
    found = _trim(everything[start:end], title)
    return Body(container, found, _standfirst(everything[max(0, start - _BEFORE) : start], title, description))


def within(container: HtmlElement) -> list[Found]:
    """The blocks of a container that is known to hold the story, but for elements that are none by their names."""
    found = list(walking.walk(container))
    out = _away(container, _masses(_prose(found)))
    return [block for block in found if not _inside(block.element, out, container)]


def _widened(container: HtmlElement, mass: dict[HtmlElement, float], page: HtmlElement) -> HtmlElement:
    """The container, or the ancestor that holds it together with others of its make: a body cut into pieces."""

    def make(element: HtmlElement) -> tuple[str, str]:
        return (str(element.tag), re.sub(r"[\d\W_]+", " ", element.get("class") or ""))

    child, parent = container, container.getparent()
    for _ in range(4):
        if parent is None or parent is page:
            break
        alike = [e for e in parent if e is not child and e in mass and make(e) == make(child) and mass[e] > 2 * _PROSE]
        if alike and child.tag not in ("article", "li", "section"):
            container = parent
        child, parent = parent, parent.getparent()
    return container


def _inside(element: HtmlElement, holders: set[HtmlElement], top: HtmlElement) -> bool:
    """Whether the element is one of the holders or stands below one, up to and with `top`."""
    current: HtmlElement | None = element
    while current is not None:
        if current in holders:
            return True
        if current is top:
            return False
        current = current.getparent()
    return False
