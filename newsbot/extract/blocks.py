"""From a tree to blocks of text in reading order, and the elements that hold them, in one walk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from newsbot.extract import markup
from newsbot.extract.text import size
from newsbot.items import Block, BlockKind

_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "summary"), BlockKind.HEADING),
    **dict.fromkeys(("li", "dd", "dt"), BlockKind.LIST_ITEM),
    **dict.fromkeys(("figcaption", "caption", "figure"), BlockKind.CAPTION),
    "blockquote": BlockKind.QUOTE,
    "pre": BlockKind.PRE,
}
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]+")
_TOKEN_DEPTH = 8  # ancestors whose names a block carries
_MOST_TOKENS = 400  # names of a block, from which on no more ancestors are asked
_MOST_LINKS = 20  # of which a block carries the targets
_ROW = 600  # characters above which a table's row is layout, not data
_CARD = 100  # elements that a card holds at most
_MOST_SHOWN = 100_000  # characters that are read of one element whose parts are not told apart
_CELL = 100  # the same for a row of one cell
_DEEPEST = 200  # levels; what lies below is read as one run of text


class Node:
    """An element that may hold blocks: those numbered from `start` up to and without `end`."""

    __slots__ = ("depth", "element", "end", "flags", "names", "parent", "start", "tag")

    def __init__(self, element: etree._Element, tag: str, parent: Node | None, names: str, flags: int, start: int):
        self.element = element
        self.tag = tag
        self.parent = parent
        self.names = names
        self.flags = flags
        self.start = self.end = start
        self.depth: int = 0 if parent is None else parent.depth + 1

    def lineage(self) -> Iterator[Node]:
        """The node and its ancestors, nearest first."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


@dataclass(slots=True)
class Found:
    """A block while the body is still being looked for: its text and where it stands."""

    kind: BlockKind
    text: str
    node: Node
    index: int
    size: int  # how much it says, see `text.size`
    link_chars: int = 0
    strong_chars: int = 0
    links: tuple[str, ...] = ()
    mass: float = 0.0

    @property
    def link_density(self) -> float:
        """The share of the text that stands in links."""
        return min(1.0, self.link_chars / len(self.text)) if self.text else 0.0

    @property
    def strong_density(self) -> float:
        """The share of the text that is set bold or slanted."""
        return min(1.0, self.strong_chars / len(self.text)) if self.text else 0.0

    def block(self, container: Node, dropped: str = "") -> Block:
        """The block with its names and tags, up to and without `container`."""
        tokens: list[str] = []
        tags: list[str] = []
        for node in self.node.lineage():
            if node is container or len(tags) >= _TOKEN_DEPTH or len(tokens) >= _MOST_TOKENS:
                break
            tokens.extend(node.names.lower().split())
            tags.append(node.tag)
        return Block(self.kind, self.text, tuple(tokens), tuple(tags), round(self.link_density, 3), self.links, dropped)


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk saw, in document order: the blocks, and the elements that may hold some. The first is the root."""

    blocks: list[Found]
    nodes: list[Node]


def tidied(raw: str) -> str:
    """A run of text as a reader sees it: white space folded, line breaks kept, invisible characters gone."""
    if not raw.isascii() and ("\u200b" in raw or "\ufeff" in raw or "\u2060" in raw):
        raw = _INVISIBLE.sub("", raw)
    if "\v" not in raw:
        return " ".join(raw.split())
    return "\n".join(line for part in raw.split("\v") if (line := " ".join(part.split())))


def walk(root: etree._Element, *, noscript: bool = False) -> Walk:
    """The blocks below `root`, without menus and what is no text; with what stands in `<noscript>` only where asked."""
    blocks: list[Found] = []
    nodes: list[Node] = []
    buffer: list[str] = []
    links: list[str] = []
    link_chars = strong_chars = breaks = 0
    never = markup.NEVER - {"noscript"} if noscript else markup.NEVER
    blocky, read, kinds, bold = markup.BLOCKS, markup.read, _KINDS.get, markup.STRONG
    unseen = markup.HIDDEN | markup.UNSEEN

    around: list[str] = []  # the targets of the links that hold what is being read

    def flush(node: Node, kind: BlockKind) -> None:
        nonlocal link_chars, strong_chars, breaks
        raw = "".join(buffer)
        text = raw.replace("\v", "\n").strip("\n") if kind is BlockKind.PRE else tidied(raw)
        if text and not text.isspace():
            targets = tuple(links) or tuple(around[-1:])
            blocks.append(Found(kind, text, node, len(blocks), size(text), link_chars, strong_chars, targets))
        buffer.clear()
        links.clear()
        link_chars = strong_chars = breaks = 0

    def visit(element: etree._Element, node: Node, kind: BlockKind, linked: bool, strong: bool) -> None:
        nonlocal link_chars, strong_chars, breaks
        text = element.text
        if text and (buffer or not text.isspace()):
            buffer.append(text)
            breaks = 0
            if linked:
                link_chars += len(text.strip())
            if strong:
                strong_chars += len(text.strip())
        for child in element:
            tag: str = child.tag  # type: ignore[assignment]  # comments and the like are gone
            if tag in never:
                pass
            elif tag == "br":
                breaks += 1
                buffer.append("\v")
                if breaks == 2 and kind is not BlockKind.PRE:
                    flush(node, kind)
            elif tag in blocky:
                names, flags = read(child, tag)
                if buffer:
                    flush(node, kind)
                elif links and not linked:
                    links.clear()
                inner = Node(child, tag, node, names, flags, len(blocks))
                nodes.append(inner)
                own = BlockKind.CAPTION if flags & markup.CAPTION else kinds(tag, kind)
                if inner.depth > _DEEPEST:
                    buffer.append(_shown(child, " ", _MOST_SHOWN))
                    flush(inner, own)
                elif tag == "tr" and (cells := _cells(child)):
                    buffer.append(" | ".join(cells))
                    flush(inner, BlockKind.TABLE_ROW)
                else:
                    visit(child, inner, own, linked, strong)
                    if buffer:
                        flush(inner, own)
                inner.end = len(blocks)
            elif len(child):  # a container by an inline name, or a phrase with parts
                names, flags = read(child, tag)
                if not flags & unseen and not (buffer and tag == "span" and _is_card(child)):
                    target = child.get("href") if tag == "a" else None
                    if target:
                        around.append(target)
                        if len(links) < _MOST_LINKS:
                            links.append(target)
                    inner = Node(child, tag, node, names, flags, len(blocks))
                    if inner.depth > _DEEPEST:
                        buffer.append(_shown(child, "", _MOST_SHOWN))
                    else:
                        nodes.append(inner)
                        visit(child, inner, kind, linked or tag == "a", strong or tag in bold)
                        inner.end = len(blocks)
                    if target:
                        around.pop()
            elif text := child.text:
                if markup.hides(child):
                    pass
                elif tag == "a":
                    if (target := child.get("href")) and len(links) < _MOST_LINKS:
                        links.append(target)
                    buffer.append(text)
                    link_chars += len(text.strip())
                    if strong:
                        strong_chars += len(text.strip())
                else:
                    buffer.append(text)
                    if linked:
                        link_chars += len(text.strip())
                    if strong or tag in bold:
                        strong_chars += len(text.strip())
                if breaks and not text.isspace():
                    breaks = 0
            text = child.tail
            if text and (buffer or not text.isspace()):
                buffer.append(text)
                if breaks and not text.isspace():
                    breaks = 0
                if linked:
                    link_chars += len(text.strip())
                if strong:
                    strong_chars += len(text.strip())

    tag = str(root.tag)
    names, flags = markup.read(root, tag)
    top = Node(root, tag, None, names, flags, 0)
    nodes.append(top)
    visit(root, top, BlockKind.PARAGRAPH, linked=False, strong=False)
    flush(top, BlockKind.PARAGRAPH)
    top.end = len(blocks)
    visit = None  # type: ignore[assignment]  # it held itself, and so the tree, until garbage is collected
    return Walk(blocks, nodes)


def _shown(element: etree._Element, between: str, room: int) -> str:
    """The text of an element whose parts need not be told apart, without what is no text; cut where it has said more
    than `room` characters."""
    told: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, part in walker:
        if event == "start":
            if part.tag in markup.NEVER or markup.hides(part):
                walker.skip_subtree()
                continue
            text = part.text
        else:
            text = part.tail if part is not element else None
        if text:
            told.append(text)
            room -= len(text)
            if room < 0:
                break
    return between.join(told)


def _is_card(phrase: etree._Element) -> bool:
    """Whether what stands in the middle of a text is a card that comes up under the mouse: a picture and links, and not
    the word that it explains, which may stand beside the card in one more element."""

    def holds(element: etree._Element) -> bool:
        inside = [part.tag for part in islice(element.iterdescendants(), _CARD + 1)]
        return len(inside) <= _CARD and "img" in inside and inside.count("a") > 1

    return holds(phrase) and not any(holds(part) for part in phrase if part.tag == "span")


def _cells(row: etree._Element) -> list[str]:
    """The texts of a row's cells; empty where the row is layout: it holds much, or something between its cells."""
    cells: list[str] = []
    beside = row.text or ""
    for cell in row:
        if cell.tag not in ("td", "th"):
            return []
        cells.append(tidied(_shown(cell, "", _ROW)))
        beside += cell.tail or ""
    cells = [cell for cell in cells if cell]
    room = _ROW if len(cells) > 1 else _CELL
    return cells if sum(map(len, cells)) <= room and not tidied(beside) else []
