"""One page read: its metadata, its body, the verdict; and what was found on the way, for those who ask why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from lxml.cssselect import CSSSelector

from newsbot.charset import characters, without_controls
from newsbot.extract import body as bodies
from newsbot.extract.access import weigh
from newsbot.extract.blocks import walk
from newsbot.extract.body import About, Body
from newsbot.extract.dates import parse_date
from newsbot.extract.document import Document, is_binary, is_json, parse
from newsbot.extract.live import completed, entries, live_node, live_of
from newsbot.extract.markup import text_of
from newsbot.extract.metadata import Facts
from newsbot.extract.names import names
from newsbot.extract.state import story_in
from newsbot.extract.text import fold
from newsbot.extract.verdict import judge
from newsbot.fingerprint import registered_domain
from newsbot.items import Article, Block, BlockKind, Profile, Verdict

_HOLLOW = 250  # characters below which a body is looked for elsewhere than in the markup
_SAID = 200  # characters from which on the publisher's own text is taken for the body
_MOST_SAID = 200_000  # characters of it that are compared with
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
    return [text for e in elements if (text := text_of(e))]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page says, and the body as it was judged; None where selectors or a script gave the text."""

    article: Article
    body: Body | None = None


def read(
    html: bytes | str, url: str, *, content_type: str, select: Selectors | None, profile: Profile | None
) -> Reading:
    """The page at `url`, read; see `newsbot.extract.extract`."""
    if isinstance(html, bytes):
        if is_binary(html, content_type):
            return _none(url, Verdict.NOT_HTML, "begins as a file does that is no text")
        html = characters(html, content_type)
    if is_json(html):
        return _none(url, Verdict.NOT_HTML, "begins as JSON does")
    document = parse(html)
    if document is None:
        return _none(url, Verdict.EMPTY, "no element at all")
    root = document.root
    select = select or Selectors()
    for selector in select.remove:
        for element in _all(root, selector):
            _drop(element)
    page = root.find("body")
    seen = walk(page if page is not None else root)
    facts = Facts(document, url)
    title = next(iter(_texts(_all(root, select.title))), None) or facts.title()
    description = facts.description()
    authors = names(_texts(_all(root, select.authors))) or facts.authors(seen)
    body, standfirst = None, next(iter(_texts(_all(root, select.standfirst))), None)
    found = _selected(root, select, standfirst)
    if not found:
        body = bodies.find(seen, about(facts, title, description, authors), profile or Profile())
        if body is not None:
            found = body.blocks()
            standfirst = standfirst or (body.standfirst.text if body.standfirst else None)
        found = _rescued(found, document, title or "")
    ticker = live_node(facts.nodes, facts.node, url)
    told = entries(ticker)
    if told and not select.body:
        found = completed(found, told)
    story = [block for block in found if not block.dropped]
    caption = next((block.text for block in story if block.kind is BlockKind.CAPTION), None)
    text = "\n\n".join(block.text for block in story if block.kind is not BlockKind.CAPTION)
    verdict, why = judge(document, facts, seen, text)
    published = next((d for t in _moments(_all(root, select.published)) if (d := parse_date(t))), None)
    article = Article(
        url,
        verdict=verdict,
        why=why,
        canonical_url=facts.canonical(),
        title=_plain(title),
        standfirst=_plain(standfirst or description),
        authors=tuple(map(without_controls, authors)),
        published=published or facts.published(seen),
        modified=facts.modified(),
        language=facts.language(),
        section=_plain(facts.section()),
        tags=tuple(map(without_controls, facts.tags())),
        image=facts.image(caption),
        access=weigh(facts, story),
        live=live_of(ticker, told, root),
        blocks=tuple(found),
        container=body.path if body is not None else "",
    )
    return Reading(article, body)


def about(facts: Facts, title: str | None, description: str | None, authors: tuple[str, ...]) -> About:
    """What the page says of its story elsewhere than in its body."""
    said = fold(facts.body_text())
    name = fold(facts.meta("og:site_name") or "") or registered_domain(facts.url).partition(".")[0]
    return About(
        title=fold(title or ""),
        description=fold(description or ""),
        said=said[:_MOST_SAID] if len(said) > _SAID else "",
        authors=tuple(author for author in authors if len(author) > _NAME),
        site=name if len(name) >= _NAME else "",
    )


def _plain(text: str | None) -> str | None:
    """The text without the control characters that a character reference (`&#27;`) can write into a page."""
    return without_controls(text) or None if text else None


def _none(url: str, verdict: Verdict, why: str) -> Reading:
    return Reading(Article(url, verdict=verdict, why=why))


def _selected(root: etree._Element, select: Selectors, standfirst: str | None) -> list[Block]:
    """The body's blocks by the site's selectors; none where these match nothing."""
    containers = _all(root, select.body)
    if not containers:
        return []
    all_of_them = set(containers)
    outermost = [c for c in containers if all_of_them.isdisjoint(c.iterancestors())]
    walks = [walk(container) for container in outermost]
    found = [b.block(inner.nodes[0]) for inner in walks for b in bodies.within(inner)]
    if standfirst and all(block.text != standfirst for block in found):
        found.insert(0, Block(BlockKind.PARAGRAPH, standfirst, ("standfirst",)))
    return found


def _rescued(found: list[Block], document: Document, title: str) -> list[Block]:
    """The body, or where the page's markup has none to speak of, what its `<noscript>` or its scripts' JSON hold."""
    shown = sum(len(block.text) for block in found if block.kind is not BlockKind.CAPTION and not block.dropped)
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
