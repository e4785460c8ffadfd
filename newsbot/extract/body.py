"""Which of a page's blocks are the story: the container that holds most of its prose, and what in it is none.

Every block of prose has a mass (characters outside links); an element's mass is that of its blocks. Going down from
the root, the search follows the child that holds nearly all of the mass; where the mass divides, the body begins.
Elements whose names say that they are no story are left out before, unless they hold much of the page's prose: class
names lie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from newsbot.extract import markup
from newsbot.extract.blocks import Found, Node, Walk
from newsbot.items import BlockKind

_PROSE = 30  # characters from which a block counts as prose; half of that in scripts that write a word in a character
_FOLLOW = 0.72  # share of the mass that a child must hold to be followed
_SPARED = 0.3  # share of the page's mass above which a name is not believed
_SPARED_FAR = 0.85  # the same for names that hardly lie, such as "comments"
_EVIDENCE = 0.5  # share of the mass that the publisher's own text must explain to be believed whole
_BEFORE = 25  # blocks before the body among which the standfirst may be
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_SENTENCE = re.compile(r"[.!?…。！？:;\"”»“’)]\s*$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Body:
    """The story's blocks in order, the container that holds them, and the standfirst where it stands before them."""

    container: Node
    found: list[Found]
    standfirst: Found | None


def size(text: str) -> int:
    """How much a text says: its characters, those of scripts with a word in a character counted double."""
    return len(text) if text.isascii() else len(text) + len(_DENSE.findall(text))


def fold(text: str) -> str:
    """A text's word characters in lower case, for comparing."""
    return " ".join(_WORD.findall(text.casefold()))


def is_title(folded: str, title: str) -> bool:
    """Whether a folded text is the folded title, or goes on where a shortened one stops."""
    return bool(folded) and (folded == title or (len(title) > 20 and folded.startswith(title)))


def _mass(block: Found) -> float:
    """How much prose a block is."""
    length = size(block.text)
    if length < _PROSE or block.kind in (BlockKind.CAPTION, BlockKind.HEADING):
        return 0.0
    mass = length * (1 - block.link_density) ** 2
    if block.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
        return mass * 0.5
    return mass if _SENTENCE.search(block.text) else mass * 0.6


class _Page:
    """The blocks of a page with the mass before each, so that an element's mass is one subtraction."""

    def __init__(self, walk: Walk) -> None:
        self.blocks = walk.blocks
        self.nodes = walk.nodes
        for block in self.blocks:
            block.mass = _mass(block)
        self.sums = self._sums()
        self.out = self._away()
        self.sums = self._sums()

    def _sums(self) -> list[float]:
        return list(accumulate((block.mass for block in self.blocks), initial=0.0))

    def mass(self, node: Node) -> float:
        """How much prose an element holds."""
        return self.sums[node.end] - self.sums[node.start]

    def _away(self) -> bytearray:
        """For each block whether it stands in an element that is no part of a story by its names, but for elements
        that hold too much of the page's prose. Such blocks lose their mass."""
        whole = self.sums[-1] or 1.0
        out = bytearray(len(self.blocks))
        for node in self.nodes[1:]:
            if node.flags & markup.AWAY and node.end > node.start and not out[node.start]:
                spared = _SPARED_FAR if node.flags & markup.FAR_AWAY else _SPARED
                if self.mass(node) <= spared * whole:
                    out[node.start : node.end] = b"\1" * (node.end - node.start)
        for block in self.blocks:
            if out[block.index]:
                block.mass = 0.0
        return out


def _container(page: _Page, whole: float) -> Node:
    """The element where the mass divides. A container that its names call the body, or an <article>, is the start."""
    start = page.nodes[0]
    named = [n for n in page.nodes if n.flags & markup.BODY and page.mass(n) >= 0.5 * whole]
    articles = [n for n in page.nodes if n.tag in ("article", "main") and page.mass(n) >= 0.6 * whole]
    if named:
        start = max(named, key=page.mass)
    elif articles:
        start = max(articles, key=lambda n: (page.mass(n), n.tag == "article"))
    while True:
        best = max((c for c in start.children if page.mass(c)), key=page.mass, default=None)
        if best is None or page.mass(best) < _FOLLOW * page.mass(start) or best.tag in ("p", "pre"):
            return start
        start = best


def _titled(page: _Page, container: Node, title: str) -> Node:
    """The container; but where the page holds several articles, such as the next stories or a list of teasers, and the
    title stands in one that holds much, that one."""
    articles = [n for n in page.nodes if n.tag == "article" and page.mass(n) > 2 * _PROSE]
    if len(articles) < 2 or not title:
        return container
    for block in page.blocks:
        if block.kind is BlockKind.HEADING and not page.out[block.index] and is_title(fold(block.text), title):
            around = [n for n in articles if n.start <= block.index < n.end]
            beside = [n for n in articles if not n.start <= block.index < n.end]
            inside = [n for n in beside if container.start <= n.start and n.end <= container.end]
            if around and beside:
                own = around[-1]
                holds_own = container.start <= own.start and own.end <= container.end
                if holds_own and container is not own and page.mass(own) > 0.35 * page.mass(container):
                    return own
                if len(inside) > 2 and sum(map(page.mass, inside)) > 0.7 * page.mass(container):
                    return own
    return container


def choose(page: _Page, title: str, evidence: str) -> Node:
    """The element that holds the story."""
    container = _container(page, page.sums[-1])
    if evidence:
        masses = [block.mass for block in page.blocks]
        for block in page.blocks:
            if block.mass and fold(block.text)[:80] not in evidence:
                block.mass = 0.0
        believed, page.sums = page.sums, page._sums()
        if page.sums[-1] > _EVIDENCE * (believed[container.end] - believed[container.start]):
            container = _container(page, page.sums[-1])
        page.sums = believed
        for block, mass in zip(page.blocks, masses, strict=True):
            block.mass = mass
    titled = _titled(page, container, title)
    return titled if titled is not container else _widened(page, container)


def _widened(page: _Page, container: Node) -> Node:
    """The container, or the ancestor that holds it together with others of its make: a body cut into pieces."""

    def make(node: Node) -> tuple[str, str]:
        return (node.tag, re.sub(r"[\d\W_]+", " ", node.names))

    child, parent = container, container.parent
    for _ in range(4):
        if parent is None or parent.parent is None:
            break
        alike = any(n is not child and page.mass(n) > 2 * _PROSE and make(n) == make(child) for n in parent.children)
        if alike and child.tag not in ("article", "li", "section"):
            container = parent
        child, parent = parent, parent.parent
    return container


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
        parent = block.node.parent
        named = block.node.flags & markup.STANDFIRST or (
            parent is not None and len(parent.element) <= 4 and parent.flags & markup.STANDFIRST
        )
        described = len(description) > 30 and (
            folded.startswith(description[:60]) or description.startswith(folded[:60])
        )
        if described or (named and after_title):
            return block
    return None


def find(walk: Walk, title: str, description: str, evidence: str) -> Body | None:
    """The story of the page, None where the page holds no prose.

    `title` and `description` (folded, see `fold`) are what the page's metadata say; `evidence` is the folded text of
    the body as the publisher gives it elsewhere on the page, or empty.
    """
    page = _Page(walk)
    whole = page.sums[-1]
    if not whole:
        return None
    container = choose(page, title, evidence)
    inside = [b for b in page.blocks[container.start : container.end] if not page.out[b.index]]
    before = [b for b in page.blocks[: container.start] if not page.out[b.index]]
    return Body(container, _trim(inside, title), _standfirst(before[-_BEFORE:], title, description))


def within(walk: Walk) -> list[Found]:
    """The blocks of a container that is known to hold the story, but for elements that are none by their names."""
    page = _Page(walk)
    return [block for block in page.blocks if not page.out[block.index]]
