"""schema.org data in a page's JSON-LD: found, mended where broken, and the node of the story chosen."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

Node = dict[str, Any]

# schema.org: Article and its subtypes that news sites use, and what stands in for them on live blogs and videos.
STORY_TYPES = frozenset(
    """article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle
    reviewnewsarticle askpublicnewsarticle advertisercontentarticle blogposting liveblogposting report scholarlyarticle
    satiricalarticle techarticle socialmediaposting discussionforumposting""".split()
)
_CONTROL = re.compile(r"[\x00-\x1f]+")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)"
    r"|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)$"
)
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")  # escapes can write what no text holds
_DEEPEST = 8
_DEEPEST_VALUE = 16  # lists and objects around one text
_PARTS = 50  # values that follow each other in one script
_ONE_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"([^"]{1,99})"')
# What a story's node is asked for, where it has to be picked out of a script that cannot be read as a whole.
_WANTED = re.compile(
    r'"(headline|datePublished|dateModified|author|description|articleSection|keywords|inLanguage|image|url'
    r'|isAccessibleForFree|articleBody)"\s*:\s*(?=["\[{tf])'
)
_TRIES = 4  # values of one key that cannot be read either, before the key is given up
_DECODER = json.JSONDecoder(strict=False)


def load(text: str) -> Any:
    """The value of one script's text, mended where it is broken in a common way: comment marks around it, raw line ends
    inside strings, commas before a closing bracket, HTML entities for quotes, several values one after another (then a
    list). Of a story's script that is broken otherwise, such as one cut off, what a story is asked for and can still
    be read, as one object. None where there is nothing of the kind."""
    text = _WRAPPED.sub("", text.strip().rstrip("; \t\r\n")).strip().rstrip(";")
    if not text:
        return None
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        pass
    mended = _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text))
    for attempt in (mended, html.unescape(text)):
        try:
            return _DECODER.decode(attempt)
        except (ValueError, RecursionError):
            continue
    return _several(mended) or _salvaged(mended)


def _several(text: str) -> list[Any]:
    """The objects and lists that follow each other; empty where the text is anything else."""
    found: list[Any] = []
    at = 0
    while at < len(text):
        if len(found) == _PARTS or text[at] not in "[{":
            return []
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        found.append(value)
        while at < len(text) and text[at] in " ,;":
            at += 1
    return found


def _salvaged(text: str) -> Node | None:
    """What can be read of a story's node; None where no type of a story is named."""
    kind = next((m[1] for m in _ONE_TYPE.finditer(text) if types({"@type": m[1]}) & STORY_TYPES), None)
    if kind is None:
        return None
    story: Node = {"@type": kind}
    tries: dict[str, int] = {}
    for wanted in _WANTED.finditer(text):
        key = wanted[1]
        if key in story or tries.get(key, 0) == _TRIES:
            continue
        try:
            story[key] = _DECODER.raw_decode(text, wanted.end())[0]
        except (ValueError, RecursionError):
            tries[key] = tries.get(key, 0) + 1
    return story


def nodes(value: Any, depth: int = 0) -> Iterator[Node]:
    """All objects with a type in a JSON-LD value: lists, `@graph`s and nested main entities opened up."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for part in value:
            yield from nodes(part, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "hasPart", "item"):
            if isinstance(value.get(key), (list, dict)):
                yield from nodes(value[key], depth + 1)


def types(node: Node) -> set[str]:
    """A node's types, in lower case and without the schema's address."""
    said = node.get("@type")
    return {str(t).rsplit("/", 1)[-1].casefold() for t in (said if isinstance(said, list) else [said])}


def string(value: Any, depth: int = 0) -> str | None:
    """A value as plain text: the first of a list, the `@value` or name of an object; entities and markup undone."""
    if depth > _DEEPEST_VALUE:
        return None
    if isinstance(value, list):
        return next((text for part in value if (text := string(part, depth + 1))), None)
    if isinstance(value, dict):
        return string(value.get("@value") or value.get("name"), depth + 1)
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None  # NaN is no JSON, and yet written
    text = str(value)
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = re.sub(r"<[a-zA-Z/!][^>]{0,300}>", "", text)
    return " ".join(UNWANTED.sub("", text).split()) or None


def address(value: Any, depth: int = 0) -> str | None:
    """The address in a value that is one, or an object with `url` or `@id`, or a list of such."""
    if depth > _DEEPEST_VALUE:
        return None
    if isinstance(value, list):
        return next((found for part in value if (found := address(part, depth + 1))), None)
    if isinstance(value, dict):
        return address(value.get("url") or value.get("contentUrl") or value.get("@id"), depth + 1)
    return (UNWANTED.sub("", value).strip() or None) if isinstance(value, str) else None


def path(url: str) -> str:
    """An address without its scheme, query and fragment: what the ways to write a page's address have in common."""
    return url.partition("?")[0].partition("#")[0].rpartition("://")[2].rstrip("/")


def story_node(found: list[Node], addresses: Iterable[str], headings: set[str]) -> Node:
    """The node of the page's own story: the one whose address is one of the page's, whose headline stands on the page
    (`headings`, case folded), that says most; an empty node where there is none."""
    stories = [node for node in found if types(node) & STORY_TYPES]
    if len(stories) <= 1:
        return stories[0] if stories else {}
    pages = {path(url) for url in addresses} - {""}

    def weight(node: Node) -> tuple[int, int]:
        is_page = any(path(address(node.get(key)) or "") in pages for key in ("url", "@id", "mainEntityOfPage"))
        headline = (string(node.get("headline")) or "").casefold()
        says = sum(bool(node.get(key)) for key in ("headline", "datePublished", "author", "articleBody", "image"))
        return (4 * is_page + 3 * (headline in headings and headline != ""), says)

    return max(stories, key=weight)
