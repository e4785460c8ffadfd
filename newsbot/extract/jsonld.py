"""schema.org data in a page's JSON-LD: found, mended where broken, and the node of the story chosen."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
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
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")  # escapes can write what no text holds
_DEEPEST = 8
_DEEPEST_VALUE = 64


def load(text: str) -> Any:
    """The value of one script's text, mended where it is broken in a common way: comment marks around it, raw line ends
    inside strings, commas before a closing bracket, HTML entities for quotes. None where it is broken otherwise, or
    nested deeper than any page needs."""
    text = _WRAPPED.sub("", text.strip().rstrip("; \t\r\n")).strip().rstrip(";")
    if not text:
        return None
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text)), html.unescape(text)):
        try:
            value = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        return None if _is_too_deep(value) else value
    return None


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST_VALUE):
        level = [
            part
            for whole in level
            if isinstance(whole, (list, dict))
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
    return bool(level)


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


def string(value: Any) -> str | None:
    """A value as plain text: the first of a list, the `@value` or name of an object; entities and markup undone."""
    if isinstance(value, list):
        return next((text for part in value if (text := string(part))), None)
    if isinstance(value, dict):
        return string(value.get("@value") or value.get("name"))
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    text = str(value)
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = re.sub(r"<[a-zA-Z/!][^>]{0,300}>", "", text)
    return " ".join(_UNWANTED.sub("", text).split()) or None


def address(value: Any) -> str | None:
    """The address in a value that is one, or an object with `url` or `@id`, or a list of such."""
    if isinstance(value, list):
        return next((found for part in value if (found := address(part))), None)
    if isinstance(value, dict):
        return address(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return (_UNWANTED.sub("", value).strip() or None) if isinstance(value, str) else None


def story_node(found: list[Node], url: str, headings: set[str]) -> Node:
    """The node of the page's own story: the one whose address is the page's, whose headline stands on the page, that
    says most; an empty node where there is none."""

    def weight(node: Node) -> tuple[int, int]:
        own = {address(node.get(key)) or "" for key in ("url", "@id", "mainEntityOfPage")}
        path = url.split("?")[0].split("#")[0].split("://")[-1].rstrip("/")
        is_page = any(path and path == other.split("?")[0].split("#")[0].split("://")[-1].rstrip("/") for other in own)
        headline = (string(node.get("headline")) or "").casefold()
        says = sum(bool(node.get(key)) for key in ("headline", "datePublished", "author", "articleBody", "image"))
        return (4 * is_page + 3 * (headline in headings and headline != ""), says)

    stories = [node for node in found if types(node) & STORY_TYPES]
    return max(stories, key=weight) if stories else {}
