"""From bytes to a tree: which charset, and one parse."""

from __future__ import annotations

import codecs
import re

from lxml import etree, html

_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# WHATWG Encoding Standard: these labels mean the Windows or larger sets in which pages are really written.
_REALLY = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _named(label: bytes | str | None) -> str | None:
    """The codec that a charset label means, None where there is no such codec."""
    if not label:
        return None
    text = label.decode("ascii", "ignore") if isinstance(label, bytes) else label
    try:
        name = codecs.lookup(text.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return _REALLY.get(name, name)


def decode(body: bytes, declared: str | None = None) -> str:
    """The text of an HTML page.

    Order of belief: a byte order mark; UTF-8 where the bytes are valid and hold more than ASCII, for legacy charsets
    almost never are; the HTTP header's charset (`declared`); the page's own declaration in its first 4 KB;
    Windows-1252. Bytes that the charset does not know become U+FFFD.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body.decode(codec, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        # A page cut off inside a character, or with one stray byte, is still UTF-8.
        if error.start >= len(body) - 3:
            return body[: error.start].decode("utf-8")
    head = body[:4096]
    found = _META.search(head) or _META.search(body[:65536])
    said = _XML.search(head) or found
    for label in (declared, said.group(1) if said else None):
        named = _named(label)
        if named and not named.startswith(("utf-16", "utf-32")):
            return body.decode(named, "replace")
    return body.decode("cp1252", "replace")


def parse(text: str) -> html.HtmlElement | None:
    """The root of the page's tree, None where there is no element at all. Never fetches anything."""
    text = _UNWANTED.sub("", text)
    if not text.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
