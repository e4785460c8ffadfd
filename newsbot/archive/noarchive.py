"""Whether a page asks not to be kept as it was fetched: `noarchive`, or `none`, in X-Robots-Tag or a robots meta tag.

The words are those that search engines have agreed on; there is no standard. What is said to another robot by its name
does not count; what is said to all, or to newsbot, does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from newsbot.charset import characters

_NAMES = {"robots", "newsbot", "*"}
_FORBIDDEN = {"noarchive", "none"}
_VALUED = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}  # rules that have a colon
_META = re.compile(rb"<meta\s[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(name|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_BEGINNING = 1024  # bytes in which NUL tells that each character takes two


def forbids(tags: Iterable[str], html: bytes, content_type: str = "") -> bool:
    """Whether the values of X-Robots-Tag, or the page itself, ask not to keep it. The page is `html`, not packed."""
    return any(map(_tag_forbids, tags)) or _page_forbids(html, content_type)


def _tag_forbids(tag: str) -> bool:
    """`noarchive, nofollow`, or `otherbot: noarchive`, whose name holds for what follows."""
    to_us = True
    for piece in tag.lower().split(","):
        name, colon, rule = (part.strip() for part in piece.partition(":"))
        if name in _VALUED:
            continue
        if colon:
            to_us = name in _NAMES
        else:
            rule = name
        if to_us and rule in _FORBIDDEN:
            return True
    return False


def _page_forbids(html: bytes, content_type: str) -> bool:
    if b"\0" in html[:_BEGINNING]:
        html = characters(html, content_type).encode("utf-8", "replace")
    for tag in _META.finditer(html):
        said = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag[0].decode("latin-1"))}
        if said.get("name", "").strip().lower() in _NAMES:
            rules = set(re.split(r"[\s,;]+", said.get("content", "").lower()))
            if rules & _FORBIDDEN:
                return True
    return False
