"""What a document is, plain text, absolute addresses."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import urldefrag, urljoin, urlsplit

from newsbot.charset import decode, without_controls

HEAD = 65_536  # bytes or characters in which a document has said what it is

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->")
_NAME = re.compile(r"(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
_MAGIC = (
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or a sound"),
    (b"ID3", "a sound"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
)


def root(text: str) -> tuple[str, int]:
    """The local name, in lower case, of the document's first element and where it begins; ("", -1) without one."""
    position = 0
    text = text[:HEAD]
    while (position := text.find("<", position)) >= 0:
        if text.startswith("<!--", position):
            end = text.find("-->", position)
        elif text.startswith(("<?", "<!"), position):
            end = text.find(">", position)
        elif match := _NAME.match(text, position + 1):
            return match[1].lower(), position
        else:
            end = position
        if end < 0:
            break
        position = end + 1
    return "", -1


def looks_like(body: bytes) -> str:
    """What the bytes seem to be, in words for a message."""
    start = body[:HEAD].lstrip()
    if not start:
        return "an empty body"
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return name
    text = decode(start)
    if text.lstrip().startswith(("{", "[")):
        return "JSON of another kind"
    name = root(text)[0]
    if name == "html" or "<!doctype html" in text[:1000].lower():
        return "an HTML page"
    if name in {"urlset", "sitemapindex"}:
        return "a sitemap"
    if name in {"rss", "feed", "rdf"}:
        return "a feed"
    return f"markup that begins with <{name}>" if name else "plain text"


def plain(text: str, limit: int = 500) -> str | None:
    """One line of plain text from a title that may hold markup: no tags, no entities, NFC; None if nothing is left.

    Longer than `limit` characters, it ends at a word with an ellipsis.
    """
    text = html.unescape(_TAG.sub("", text[: limit * 20]))
    text = unicodedata.normalize("NFC", " ".join(without_controls(text).split()))
    if len(text) > limit:
        text = text[: limit - 1].rsplit(" ", 1)[0] + "…"
    return text or None


def language_tag(text: str) -> str | None:
    """A BCP 47 tag in lower case, as `de_AT` is often written for it; None for what has not its shape."""
    language = text.strip().replace("_", "-").lower()
    return language if _LANGUAGE.fullmatch(language) else None


def absolute(base: str, address: str) -> str | None:
    """The http(s) address that `address` means on a page at `base`, without a fragment; None if it means none."""
    # Browsers drop tabs and line ends inside an address (WHATWG URL, 4.4) and white space around it.
    address = re.sub(r"[\t\r\n]", "", address.strip()).replace(" ", "%20")
    if not address:
        return None
    try:
        joined = urldefrag(urljoin(base, address)).url
        parts = urlsplit(joined)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return joined if sound and len(joined) <= 2048 and not re.search(r"[\x00-\x20\x7f]", joined) else None
