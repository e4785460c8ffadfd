"""From a tree to blocks of text in reading order, in one walk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from newsbot.extract import markup
from newsbot.items import Block, BlockKind

_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "summary"), BlockKind.HEADING),
    **dict.fromkeys(("li", "dd", "dt"), BlockKind.LIST_ITEM),
    **dict.fromkeys(("figcaption", "caption", "figure"), BlockKind.CAPTION),
    "blockquote": BlockKind.QUOTE,
    "tr": BlockKind.TABLE_ROW,
    "pre": BlockKind.PRE,
}
_CELLS = ("td", "th")
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u2009\u202f\u200b\ufeff]+")
_TOKEN_DEPTH = 8  # ancestors whose names a block carries


@dataclass(slots=True)
class Found:
    """A block while the body is still being looked for: its text and where it stands."""

    kind: BlockKind
    text: str
    element: HtmlElement
    link_chars: int = 0
    links: tuple[str, ...] = ()
    mass: float = field(default=0.0)

    @property
    def link_density(self) -> float:
        """The share of the text that stands in links."""
        return min(1.0, self.link_chars / len(self.text)) if self.text else 0.0

    def block(self, container: HtmlElement) -> Block:
        """The block with its names and tags, up to and without `container`."""
        tokens: list[str] = []
        tags: list[str] = []
        element: HtmlElement | None = self.element
        while element is not None and element is not container and len(tags) < _TOKEN_DEPTH:
            tokens.extend(markup.names(element).lower().split())
            tags.append(str(element.tag))
            element = element.getparent()
        return Block(self.kind, self.text, tuple(tokens), tuple(tags), round(self.link_density, 3), self.links)


def walk(root: HtmlElement) -> Iterator[Found]:
    """The blocks below `root`, in order, without scripts, menus and hidden elements."""
    kinds: list[tuple[HtmlElement, BlockKind]] = [(root, BlockKind.PARAGRAPH)]
    buffer: list[str] = []
    links: list[str] = []
    link_depth = link_chars = 0
    breaks = 0

    def flush() -> Iterator[Found]:
        nonlocal link_chars, breaks
        raw = "".join(buffer)
        element, kind = kinds[-1]
        text = raw.strip("\n") if kind is BlockKind.PRE else _SPACE.sub(" ", raw).strip()
        if text and not text.isspace():
            yield Found(kind, text, element, link_chars, tuple(links))
        buffer.clear()
        links.clear()
        link_chars = breaks = 0

    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if element is not root and (tag in markup.NEVER or markup.is_hidden(element)):
            if event == "start":
                walker.skip_subtree()
                continue
            text = element.tail
        elif event == "start":
            if tag == "br":
                breaks += 1
                buffer.append("\n" if kinds[-1][1] is BlockKind.PRE else " ")
                if breaks == 2 and kinds[-1][1] is not BlockKind.PRE:
                    yield from flush()
                continue
            if tag in markup.BLOCKS:
                if tag in _CELLS and kinds[-1][1] is BlockKind.TABLE_ROW:
                    if any(not part.isspace() for part in buffer):
                        buffer.append(" | ")
                else:
                    yield from flush()
                    kind = _KINDS.get(tag, kinds[-1][1])
                    if markup.says_caption(element.get("class") or ""):
                        kind = BlockKind.CAPTION
                    kinds.append((element, kind))
            elif tag == "a":
                link_depth += 1
                if (target := element.get("href")) and len(links) < 20:
                    links.append(target)
            text = element.text
        else:
            if tag in markup.BLOCKS and kinds[-1][0] is element:
                yield from flush()
                kinds.pop()
            elif tag == "a":
                link_depth -= 1
            text = element.tail if element is not root else None
        if text:
            buffer.append(text)
            if not text.isspace():
                breaks = 0
                if link_depth > 0:
                    link_chars += len(text.strip())
    yield from flush()
