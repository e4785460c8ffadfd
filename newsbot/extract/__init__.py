"""From a page's HTML to what it says: metadata and the blocks of its body.

Pure: a value in, a value out. This room knows nothing of networks, disks, Scrapy or the database.

    bytes -> charset.decode -> document.parse -> metadata.Facts
                                              \\-> body.find -> blocks
                                                           \\-> verdict.judge
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from lxml.cssselect import CSSSelector

from newsbot.charset import characters
from newsbot.extract import body as bodies
from newsbot.extract.access import weigh
from newsbot.extract.blocks import Walk, walk
from newsbot.extract.body import About
from newsbot.extract.dates import parse_date
from newsbot.extract.document import Document, is_binary, is_json, parse
from newsbot.extract.live import completed, entries, live_node, live_of
from newsbot.extract.metadata import Facts
from newsbot.extract.names import names
from newsbot.extract.state import story_in
from newsbot.extract.text import fold
from newsbot.extract.verdict import judge
from newsbot.fingerprint import registered_domain
from newsbot.items import Article, Block, BlockKind, Verdict

__all__ = ["Selectors", "about", "extract"]

_HOLLOW = 250  # characters below which a body is looked for elsewhere than in the markup
_SAID = 200  # characters from which on the publisher's own text is taken for the body
_NAME = 4  # characters from which on a name is told from other words


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors that a site's file gives; where one matches, it wins over everything.

    What `remove` matches is gone before anything else is read.
    """

    body: str | None = None
    title: str | None = None
    standfirst: str | None = None
    authors: str | None = None
    published: str | None = None
    remove: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector)


def _all(root: etree._Element, selector: str | None) -> list[etree._Element]:
    return list(_compiled(selector)(root)) if selector else []


def _texts(elements: list[etree._Element]) -> list[str]:
    return [text for e in elements if (text := " ".join("".join(e.itertext()).split()))]


def extract(html: bytes | str, url: str, *, content_type: str = "", select: Selectors | None = None) -> Article:
    """What the page at `url` says.

    `html` is the page as fetched (bytes in any encoding) or as text; `content_type` is the HTTP header of that name,
    where bytes came with it. Where the page is no story, the article's `verdict` says what it is. Never raises for
    what a page holds.
    """
    if isinstance(html, bytes):
        if is_binary(html):
            return Article(url, verdict=Verdict.NOT_HTML, why="begins as a file does that is no text")
        html = characters(html, content_type)
    if is_json(html):
        return Article(url, verdict=Verdict.NOT_HTML, why="begins as JSON does")
    document = parse(html)
    if document is None:
        return Article(url, verdict=Verdict.EMPTY, why="no element at all")
    root = document.root
    select = select or Selectors()
    for selector in select.remove:
        for element in _all(root, selector):
            _drop(element)
    facts = Facts(document, url)
    title = next(iter(_texts(_all(root, select.title))), None) or facts.title()
    description = facts.description()
    page = root.find("body")
    seen = walk(page if page is not None else root)
    found, standfirst = _body(root, seen, facts, select, title or "", description or "")
    if not select.body or not found:
        found = _rescued(found, document, title or "")
    ticker = live_node(facts.nodes, facts.node, url)
    told = entries(ticker)
    if told and not select.body:
        found = completed(found, told)
    caption = next((b.text for b in found if b.kind is BlockKind.CAPTION), None)
    blocks = tuple(found)
    text = "\n\n".join(b.text for b in blocks if b.kind is not BlockKind.CAPTION)
    verdict, why = judge(document, facts, seen, text)
    published = next((d for t in _moments(_all(root, select.published)) if (d := parse_date(t))), None)
    return Article(
        url,
        verdict=verdict,
        why=why,
        canonical_url=facts.canonical(),
        title=title,
        standfirst=standfirst or description,
        authors=names(_texts(_all(root, select.authors))) or facts.authors(seen),
        published=published or facts.published(seen),
        modified=facts.modified(),
        language=facts.language(),
        section=facts.section(),
        tags=facts.tags(),
        image=facts.image(caption),
        access=weigh(facts, blocks),
        live=live_of(ticker, told, root),
        blocks=blocks,
    )


def _rescued(found: list[Block], document: Document, title: str) -> list[Block]:
    """The body, or where the page's markup has none to speak of, what its `<noscript>` or its scripts' JSON hold."""
    shown = sum(len(block.text) for block in found if block.kind is not BlockKind.CAPTION)
    if shown >= _HOLLOW:
        return found
    hidden: list[tuple[BlockKind, str]] = []
    whole, done = walk(document.root, noscript=True), 0
    for node in whole.nodes:
        if node.tag == "noscript" and node.end > done:
            inside = whole.blocks[max(node.start, done) : node.end]
            hidden += [(b.kind, b.text) for b in inside if b.link_density < 0.5 and b.kind is not BlockKind.CAPTION]
            done = node.end
    for held in (hidden, story_in(document.scripts, title)):
        size = sum(len(text) for _, text in held)
        if size >= _HOLLOW and size > 2 * shown:
            return [Block(kind, text) for kind, text in held]
    return found


def _drop(element: etree._Element) -> None:
    """Takes the element out of its tree, and leaves the text that follows it."""
    parent, tail = element.getparent(), element.tail
    if parent is None:
        return
    if tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)


def _moments(elements: list[etree._Element]) -> list[str]:
    return [e.get("datetime") or e.get("content") or "".join(e.itertext()) for e in elements]


def _body(
    root: etree._Element, seen: Walk, facts: Facts, select: Selectors, title: str, description: str
) -> tuple[list[Block], str | None]:
    """The body's blocks and the standfirst: by the site's selectors where they match, else by what the page shows."""
    named = _texts(_all(root, select.standfirst))
    containers = _all(root, select.body)
    if containers:
        all_of_them = set(containers)
        outermost = [c for c in containers if all_of_them.isdisjoint(c.iterancestors())]
        walks = [walk(container) for container in outermost]
        found = [b.block(inner.nodes[0]) for inner in walks for b in bodies.within(inner)]
        inside = bool(named) and any(block.text == named[0] for block in found)
        lead = [Block(BlockKind.PARAGRAPH, named[0], ("standfirst",))] if named and not inside else []
        return lead + found, named[0] if named else None
    body = bodies.find(seen, about(facts, seen, title, description))
    if body is None:
        return [], named[0] if named else None
    blocks = [b.block(body.container) for b in body.found]
    if named or body.standfirst is None:
        return blocks, named[0] if named else None
    return blocks, body.standfirst.text


def about(facts: Facts, seen: Walk, title: str, description: str) -> About:
    """What the page says of its story elsewhere than in its body."""
    said = fold(facts.body_text())
    name = fold(facts.meta("og:site_name") or "") or registered_domain(facts.url).partition(".")[0]
    return About(
        title=fold(title),
        description=fold(description),
        said=said if len(said) > _SAID else "",
        authors=tuple(author for author in facts.authors(seen) if len(author) > _NAME),
        site=name if len(name) >= _NAME else "",
    )
