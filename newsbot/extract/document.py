"""From text to a tree, in one parse; and what is no page at all."""

from __future__ import annotations

import re

from lxml import etree, html

from newsbot.charset import without_controls

# How files begin that servers send in place of pages: PDF, PNG, JPEG, GIF, ZIP, gzip, RIFF (WebP, WAV), MP3, Ogg.
_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"ID3", b"OggS")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_JSON = re.compile(r"\s*(?:\{\s*\"|\[\s*[\[{\"])")


def is_binary(body: bytes) -> bool:
    """Whether the bytes begin as a file does that is no text, or hold what no text holds: many control characters."""
    head = body[:1024]
    if head.startswith(_BINARY):
        return True
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0\xfe\xff"))  # UTF-16 and UTF-32
    return not wide and len(_CONTROLS.findall(head)) * 10 > len(head)


def is_json(text: str) -> bool:
    """Whether the text begins as JSON does."""
    return _JSON.match(text) is not None


def parse(text: str) -> html.HtmlElement | None:
    """The root of the page's tree, None where there is no element at all. Never fetches anything."""
    text = without_controls(text)
    if not text.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
