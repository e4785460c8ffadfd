"""Stories that stand in a script's JSON, for pages whose own markup holds none.

    scripts -> JSON values -> one pass over each: how much prose lies in every list and string
                           -> the one that holds most, of the page's own story where titles tell -> paragraphs

What is read: `<script type="application/json">` (`__NEXT_DATA__`, `__NUXT_DATA__`), assignments of JSON to a variable
or member (`window.__INITIAL_STATE__ = {...}`, `Fusion.globalContent=...`), `JSON.parse("...")`, and last JSON-LD's
`articleBody`. Out of reach are values that only a JavaScript engine can make, such as Nuxt 2's function form
`__NUXT__=(function(a,b){...})`, and React's flight rows (`__next_f.push`). Of Nuxt 3's flat state only bodies of markup
are seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import unquote

from newsbot.extract import jsonld
from newsbot.extract.blocks import tidied, walk
from newsbot.extract.document import Script, parse
from newsbot.extract.text import fold, size
from newsbot.items import BlockKind

Paragraph = tuple[BlockKind, str]

LEAST = 250  # characters of prose below which a list or string is no story
_SENTENCE = 30  # characters from which a text leaf counts as prose
_MOST_NODES = 2_000_000  # of one page's values; what lies beyond is not read
_DEEPEST = 60  # levels of a story's own tree; pages use ten
_MOST_PARAGRAPHS = 5_000

_JAVASCRIPT = re.compile(r"^(?:text|application)/(?:x-)?(?:java|ecma)script$|^module$")
_ASSIGNED = re.compile(r"""[\w$\]"')]\s*=\s*(?=[{\[])|\bJSON\.parse\(\s*(?:decodeURIComponent\(\s*)?(?=["'`])""")
_QUOTED = {quote: re.compile(rf"{quote}((?:[^{quote}\\]++|\\.)*+){quote}", re.DOTALL) for quote in ('"', "'", "`")}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|(\r\n|.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*undefined(?=\s*[,}\]])")
_DECODER = json.JSONDecoder(strict=False)

# Under these keys stands the text of a block, or a block's parts.
_TEXTS = (
    "text", "content", "html", "value", "body", "data", "raw", "rawHtml", "htmlText", "htmlContent", "contentHtml",
    "bodyHtml", "bodyText", "richText", "copy", "markup", "paragraph", "children", "p",
)  # fmt: skip
_PARTS = (
    "content_elements", "content", "contents", "children", "blocks", "items", "model", "nodes", "elements",
    "components", "document", "root", "body", "paragraphs", "listItems", "data", "value", "text", "fields", "json",
    "cells", "stages", "stream", "sections", "slices", "segments", "richText",
)  # fmt: skip
_WHOLE = ("content_elements", "items", "listItems", "blocks")  # of these, each is a block of its own
_TITLES = (
    "headline",
    "title",
    "headlines",
    "name",
    "shortTitle",
    "seoTitle",
    "promoHeadline",
    "displayTitle",
    "heading",
)
_LINKS = frozenset(
    """url href link slug path uri canonical canonical_url canonicalUrl canonicalURL webUrl website_url websiteUrl
    permalink shareUrl fullUrl relativeUrl""".split()
)
_NO_BODY = re.compile(
    r"description|summary|excerpt|teaser|abstract|^(?:sub|short|seo|meta)|caption|\bbio|legal|cookie|consent|polic|terms|"
    r"disclaimer|privacy|gdpr|tcf|vendor|comment|relat|recommend|trend|popular|latest|most|promo|sidebar|footer|header|menu|nav|i18n|translat|"
    r"messages|locale|dictionar|config|setting|advert|^ads?$|newsletter|author|credit|byline|image|video|gallery",
    re.IGNORECASE,
)
_SKIPPED = re.compile(
    r"image|photo|picture|video|audio|embed|advert|^ads?$|newsletter|related|interstitial|gallery|promo|oembed|social|"
    r"poll|iframe|script|podcast|recirc|teaser|card|map|chart|graphic|infobox|divider|media|tweet|reference$|story_link|"
    r"button|form|subscri|paywall|raw_html|custom_embed|correction_link|signup",
    re.IGNORECASE,
)
_KINDS = (
    (re.compile(r"^h[1-6]$|head(?:ing|er|line)|sub-?head|subtitle|title", re.IGNORECASE), BlockKind.HEADING),
    (re.compile(r"^li$|list-?_?item|^(?:un)?ordered-list-item$|bullet", re.IGNORECASE), BlockKind.LIST_ITEM),
    (re.compile(r"quote", re.IGNORECASE), BlockKind.QUOTE),
    (re.compile(r"^(?:pre|code-?_?block|code)$", re.IGNORECASE), BlockKind.PRE),
    (
        re.compile(r"^p$|para|^(?:text|block|normal|unstyled|html|body|richtext|rich-text)$", re.IGNORECASE),
        BlockKind.PARAGRAPH,
    ),
)
_LISTS = re.compile(r"^(?:[uo]l|list|(?:un)?ordered-?_?list|(?:bulleted|numbered|bullet)-?_?list)$", re.IGNORECASE)
_INLINE = re.compile(
    r"^(?:text|span|fragment|(?:\w+-)?(?:hyper)?link|urlLink|a|strong|bold|b|em|emphasis|italic|i|mark|u|underline|sub|"
    r"sup|s|abbr|mention|entity|small|inline\w*|leaf)$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"^(?:br|hard_?break|line_?break|softbreak)$", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|br|div|h[1-6]|ul|ol|blockquote|section|article)\b", re.IGNORECASE)
_TAG_NAME = re.compile(r"(?:p|div|h[1-6]|[uo]l|li|blockquote|a|em|strong|b|i|span|section|article|br|body)$")
_ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")


def story_in(scripts: list[Script], title: str) -> list[Paragraph]:
    """The paragraphs of the largest body of prose in the scripts' JSON, in order; empty where there is none.

    `title` is the page's; a body below an object that has this title is taken before all others, and one that stands in
    one of several stories with other titles is never taken. Text is as a reader sees it. Linear in the scripts' length.
    """
    state = [script for script in scripts if "ld+json" not in script.type]
    found = _best((value for script in state for value in _values(script)), title)
    linked = _articles(scripts, title)
    # The state has the paragraphs, the JSON-LD often not; but a piece of a story is none.
    return linked if _length(linked) > 1.5 * _length(found) else found


def _length(paragraphs: list[Paragraph]) -> int:
    return sum(len(text) for _, text in paragraphs)


def _values(script: Script) -> Iterator[Any]:
    """The JSON values that a script holds."""
    text = script.text.strip()
    if script.type.endswith(("json", "+json")):
        yield from _loaded(text)
        return
    if script.type and not _JAVASCRIPT.match(script.type):
        return
    if text[:1] in ("{", "["):
        yield from _loaded(text)
        return
    if "undefined" in text:
        text = _UNDEFINED.sub("null", text)
    at = 0
    effort = 4 * len(text) + 10_000  # characters that may be read in vain: nested false starts must not cost squares
    while effort > 0 and (start := _ASSIGNED.search(text, at)):
        at = start.end()
        try:
            if text[at] in "{[":
                value, end = _DECODER.raw_decode(text, at)
            else:
                quoted = _QUOTED[text[at]].match(text, at)
                if quoted is None:
                    effort -= len(text) - at
                    continue
                inner = _unescaped(quoted[1])
                value = _DECODER.decode(unquote(inner) if "decodeURIComponent" in start[0] else inner)
                end = quoted.end()
        except json.JSONDecodeError as error:
            effort -= max(error.pos - at, 0) + 100 + error.pos // 500  # the error counts the lines before it
            continue
        except (ValueError, RecursionError):  # a number of thousands of digits; too many brackets
            effort -= 100_000
            continue
        effort -= 10
        at = end
        if isinstance(value, (dict, list)) and value:
            yield value


def _loaded(text: str) -> Iterator[Any]:
    value = None
    try:
        value, _ = _DECODER.raw_decode(text.removeprefix("<!--").lstrip())
    except (ValueError, RecursionError):
        return
    yield value


def _unescaped(text: str) -> str:
    """What a JavaScript string literal means."""
    if "\\" not in text:
        return text

    def meant(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code:
            return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
        return _LETTERS.get(found[4], found[4])

    text = _ESCAPE.sub(meant, text)
    # Escapes write what lies beyond the first plane in two halves.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Tree:
    """The nodes of JSON values in one list, each behind its parent, with the prose below each."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.parents: list[int] = []
        self.keys: list[str] = []
        self.mass: list[float] = []
        self.references: dict[str, Any] = {}
        self.places: dict[int, int] = {}  # of the objects that may be referred to, by identity
        self.referring: list[tuple[int, str]] = []

    def add(self, root: Any) -> None:
        """One more value. Keys that name no body are not gone into."""
        first = len(self.values)
        stack: list[tuple[Any, int, str]] = [(root, -1, "")]
        values, parents, keys, mass = self.values, self.parents, self.keys, self.mass
        while stack and len(values) < _MOST_NODES:
            value, parent, key = stack.pop()
            if isinstance(value, str):
                own = _prose(value) if len(value) >= _SENTENCE else 0.0
                if not own:
                    continue
            elif isinstance(value, (dict, list)):
                own = 0.0
            else:
                continue
            here = len(values)
            values.append(value)
            parents.append(parent)
            keys.append(key)
            mass.append(own)
            if isinstance(value, dict):
                self.places[id(value)] = here
                if (target := _reference(value)) and parent >= 0:
                    self.referring.append((parent, target))
                for name, part in value.items():
                    if isinstance(part, dict) and ":" in name:
                        self.references[name] = part
                    if isinstance(part, (dict, list, str)) and not _NO_BODY.search(name):
                        stack.append((part, here, name))
            elif isinstance(value, list):
                stack.extend((part, here, key) for part in value)
        for here in range(len(values) - 1, first, -1):
            parent = parents[here]
            # What a teaser or another story says is none of what holds it, and a text under an odd key is no block's.
            if parent >= 0 and not _is_story(values[here]) and _feeds(keys[here], values[here], values[parent]):
                mass[parent] += mass[here]

    def resolve(self) -> None:
        """Adds to each list the prose of what it only refers to, as normalised caches do."""
        for parent, target in self.referring:
            place = self.places.get(id(self.references.get(target)))
            if place is not None and isinstance(self.values[parent], list) and not _is_story(self.values[place]):
                self.mass[parent] += self.mass[place]


def _reference(value: dict[str, Any]) -> str:
    """The key of the object that this one only stands for, in Apollo's forms; empty where it is one itself."""
    said = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
    return said if isinstance(said, str) else ""


def _feeds(key: str, value: Any, parent: Any) -> bool:
    return isinstance(parent, list) or key in (_TEXTS if isinstance(value, str) else _PARTS)


def _prose(text: str) -> float:
    """How much prose a string is: none where it is an address, code, or one word."""
    if " " not in text and size(text) == len(text):
        return 0.0
    if text.startswith(("http://", "https://", "data:", "/", "{", "[", "<svg", "<script", "<style", "function", "@")):
        return 0.0
    return float(size(_ANY_TAG.sub("", text) if "<" in text else text))


def _is_story(value: Any) -> bool:
    """Whether an object is a story, or a pointer to one: it has a title and an address."""
    return isinstance(value, dict) and not _LINKS.isdisjoint(value) and any(_title(value.get(key)) for key in _TITLES)


def _title(value: Any) -> str:
    if isinstance(value, dict):  # Arc: {"basic": ...}; WordPress: {"rendered": ...}
        value = value.get("basic") or value.get("rendered") or value.get("text")
    return value if isinstance(value, str) else ""


def _best(roots: Iterator[Any], title: str) -> list[Paragraph]:
    tree = _Tree()
    for root in roots:
        tree.add(root)
    tree.resolve()
    wanted = fold(title)
    candidates: list[tuple[bool, float, int]] = []
    owners: set[int] = set()
    named = _named(tree, wanted)
    strangers: dict[int, int] = {}
    for here, value in enumerate(tree.values):
        if tree.mass[here] < LEAST:
            continue
        if isinstance(value, str):
            if not _may_be_body(tree.keys[here], value):
                continue
        elif not isinstance(value, list) or tree.parents[here] < 0:  # a flat state is a list of everything
            continue
        own, owner = named[here]
        if owner >= 0 and not own:
            strangers[here] = owner
            owners.add(owner)
        candidates.append((own, tree.mass[here], -here))
    if wanted and len(owners) > 1:
        candidates = [c for c in candidates if -c[2] not in strangers]
    for _, _, place in sorted(candidates, reverse=True)[:3]:
        paragraphs = _paragraphs(tree.values[-place], tree.references)
        if sum(size(text) for _, text in paragraphs) >= LEAST:
            return paragraphs
    return []


def _named(tree: _Tree, wanted: str) -> list[tuple[bool, int]]:
    """For each node whether it stands below an object with the wanted title, and its nearest story (-1 for none)."""
    out: list[tuple[bool, int]] = []
    for here, (value, parent) in enumerate(zip(tree.values, tree.parents, strict=True)):
        own, owner = out[parent] if parent >= 0 else (False, -1)
        if isinstance(value, dict):
            titles = [fold(said) for key in _TITLES if (said := _title(value.get(key)))]
            if titles and _is_story(value):
                own, owner = False, here
            if wanted and any(_alike(said, wanted) for said in titles):
                own = True
        out.append((own, owner))
    return out


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= 20 and (one.startswith(other) or other.startswith(one)))


def _may_be_body(key: str, text: str) -> bool:
    """Whether a string alone may be a body: markup with paragraphs, or long text under a key that says so."""
    if len(_MARKUP.findall(text)) >= 2:
        return True
    named = re.search(r"body|content|text|html|story|article|copy|markup|main", key, re.IGNORECASE)
    return named is not None and (text.count("\n") >= 2 or len(text) >= 2 * LEAST)


def _paragraphs(value: Any, references: dict[str, Any]) -> list[Paragraph]:
    """The paragraphs of a body: markup, text, or a tree of blocks."""
    writer = _Writer(references)
    writer.write(value, 0, None)
    writer.flush()
    return writer.out


class _Writer:
    """Goes through a tree of blocks and writes down its paragraphs."""

    def __init__(self, references: dict[str, Any]) -> None:
        self.references = dict(references)
        self.out: list[Paragraph] = []
        self.parts: list[str] = []
        self.kind = BlockKind.PARAGRAPH

    def flush(self) -> None:
        """Ends a block."""
        text = jsonld.UNWANTED.sub("", "".join(self.parts))
        self.parts.clear()
        if not text.strip():
            return
        if _MARKUP.search(text):
            read = _markup(text)
            # The tree says more exactly what a block is than the markup within it.
            one = len(read) == 1 and self.kind is not BlockKind.PARAGRAPH
            self.out.extend([(self.kind, read[0][1])] if one else read)
            return
        for raw in [text] if self.kind is BlockKind.PRE else text.split("\n"):
            line = _plain(raw) if self.kind is BlockKind.PRE else tidied(_plain(raw))
            if line.strip():
                self.out.append((self.kind, line))

    def write(self, value: Any, depth: int, within: BlockKind | None, inherited: BlockKind | None = None) -> None:
        """Writes `value`; `within` is the kind of the block that it is a part of, None outside of any; `inherited` is
        what paragraphs are in a list or a quotation."""
        if depth > _DEEPEST or len(self.out) >= _MOST_PARAGRAPHS:
            return
        if isinstance(value, str):
            if within is None:
                self.flush()
                self.kind = inherited or BlockKind.PARAGRAPH
                self.parts.append(value)
                self.flush()
            else:
                self.parts.append(value)
        elif isinstance(value, list):
            if value and value[0] in ("script", "style", "svg", "iframe", "aside", "figure"):
                return
            if len(value) > 1 and isinstance(value[0], str) and _TAG_NAME.match(value[0]):  # JsonML
                parts = [part for part in value[1:] if not isinstance(part, dict)]
                self._write_object({"tagName": value[0], "children": parts}, depth, within, inherited)
                return
            for part in value:
                self.write(part, depth + 1, within, inherited)
        elif isinstance(value, dict):
            self._write_object(value, depth, within, inherited)

    def _write_object(
        self, value: dict[str, Any], depth: int, within: BlockKind | None, inherited: BlockKind | None
    ) -> None:
        if key := _reference(value):
            # Each once: they may run in circles.
            self.write(self.references.pop(key, None), depth + 1, within, inherited)
            return
        types = _types(value)
        if any(_BREAK.match(t) for t in types):
            self.parts.append("\n")
            return
        if _is_story(value) or any(_SKIPPED.search(t) for t in types):
            return
        if within is not None and (not types or any(_INLINE.match(t) for t in types)):
            self._write_parts(value, depth, within, inherited)
            return
        if any(_LISTS.match(t) for t in types):
            self.flush()
            self._write_parts(value, depth, None, BlockKind.LIST_ITEM)
            return
        kind = next((kind for pattern, kind in _KINDS for t in types if pattern.search(t)), None)
        if kind in (BlockKind.QUOTE, BlockKind.LIST_ITEM):
            inherited = kind
        elif kind in (None, BlockKind.PARAGRAPH):
            kind = inherited or kind
        if kind is None and not any(isinstance(value.get(key), str) for key in _TEXTS) and not _is_leafy(value):
            self._write_parts(value, depth, within, inherited)  # what only holds blocks
            return
        self.flush()
        self.kind = kind or BlockKind.PARAGRAPH
        self._write_parts(value, depth, self.kind, inherited)
        self.flush()

    def _write_parts(
        self, value: dict[str, Any], depth: int, within: BlockKind | None, inherited: BlockKind | None
    ) -> None:
        for key in _TEXTS:
            text = value.get(key)
            if isinstance(text, str) and text.strip() and not text.startswith(("http://", "https://")):
                self.write(text, depth + 1, within, inherited)
                return  # what lies beside the text is the same text in pieces
        for key in _PARTS:
            part = value.get(key)
            if isinstance(part, (list, dict)):
                self.write(part, depth + 1, None if key in _WHOLE else within, inherited)


def _is_leafy(value: dict[str, Any]) -> bool:
    """Whether an object without a type is a paragraph: its children are runs of text."""
    children = value.get("children") or value.get("content")
    return isinstance(children, list) and any(
        isinstance(c, dict) and isinstance(c.get("text") or c.get("value"), str) and not _types(c)
        for c in children[:20]
    )


def _types(value: dict[str, Any]) -> list[str]:
    """What an object says that it is, the most telling first: its style, its tag, its type."""
    kind = value.get("type") or value.get("nodeType") or value.get("_type") or value.get("kind")
    said = [value.get("listItem") and "li", value.get("style"), value.get("tagName"), value.get("tag")]
    if kind in ("tag", "element"):
        said.append(value.get("name"))
        kind = None
    elif kind == "heading" or kind == "header":
        said.insert(0, "heading")
    said.append(kind if kind is not None else value.get("__typename"))
    return [t for t in said if isinstance(t, str)]


def _plain(text: str) -> str:
    """A run of text without inline markup."""
    return unescape(_ANY_TAG.sub("", text)) if "<" in text or "&" in text else text


def _markup(text: str) -> list[Paragraph]:
    """The blocks of a piece of HTML."""
    document = parse(f"<html><body>{text}</body></html>")
    if document is None:
        return []
    return [
        (b.kind, b.text) for b in walk(document.root).blocks if b.link_density < 0.9 and b.kind is not BlockKind.CAPTION
    ]


def _articles(scripts: list[Script], title: str) -> list[Paragraph]:
    """The `articleBody` in the JSON-LD of the page's story, the paragraphs parted where it has line ends."""
    wanted = fold(title)
    bodies: list[tuple[bool, int, str]] = []
    for script in scripts:
        if "ld+json" not in script.type:
            continue
        for node in jsonld.nodes(jsonld.load(script.text)):
            said = node.get("articleBody")
            if isinstance(said, str) and jsonld.types(node) & jsonld.STORY_TYPES:
                own = bool(wanted) and _alike(fold(jsonld.string(node.get("headline")) or ""), wanted)
                bodies.append((own, len(said), said))
    if not bodies or (len(bodies) > 1 and wanted and not any(own for own, _, _ in bodies)):
        return []
    return prose(max(bodies)[2])


def prose(said: str) -> list[Paragraph]:
    """The paragraphs of a text that is markup, or has line ends between them; the whole where it has neither."""
    said = jsonld.UNWANTED.sub("", said)
    if _MARKUP.search(said):
        return _markup(said)
    return [(BlockKind.PARAGRAPH, line) for raw in _plain(said).splitlines() if (line := tidied(raw))]
