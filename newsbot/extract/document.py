"""From bytes to a tree: which charset, and one parse."""

from __future__ import annotations

import codecs
import re

from lxml import etree, html

_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The encodings of the WHATWG Encoding Standard, as Python names them. Others that Python knows (hex, idna,
# unicode_escape) are no page's.
_ENCODINGS = frozenset(
    """utf-8 cp866 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13
    iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic cp874 cp1250 cp1251 cp1252 cp1253 cp1254
    cp1255 cp1256 cp1257 cp1258 gb18030 big5hkscs euc_jp iso2022_jp cp932 cp949""".split()
)
# The same standard: these labels mean the Windows or larger sets in which pages are really written.
_REALLY = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
# Labels that Python does not know: x-sjis, x-gbk, x-cp1251, windows-874, windows-949, and Java's name of Shift_JIS.
_LABELS = {"windows-31j": "cp932"}
_PREFIX = re.compile(r"^(?:x-)+|^windows-(?=\d)")
# How files begin that servers send in place of pages: PDF, PNG, JPEG, GIF, ZIP, gzip, RIFF (WebP, WAV), MP3, Ogg.
_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"ID3", b"OggS")
_JSON = re.compile(r"\s*(?:\{\s*\"|\[\s*[\[{\"])")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _named(label: bytes | str | None) -> str | None:
    """The codec that a charset label means, None where it means none that a page is written in."""
    if not label:
        return None
    text = label.decode("ascii", "ignore") if isinstance(label, bytes) else label
    text = text.strip().strip("\"'").lower()
    text = _LABELS.get(text, text)
    for name in (text, _PREFIX.sub("", text), _PREFIX.sub("cp", text)):
        try:
            found = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        found = _REALLY.get(found, found)
        return found if found in _ENCODINGS else None
    return None


def _as_utf8(body: bytes) -> str | None:
    """The text, if the bytes are UTF-8 but for a few: a page cut off inside a character, some strays from elsewhere."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3:
            return body[: error.start].decode("utf-8")
    text = body.decode("utf-8", "replace")
    spoiled = text.count("\ufffd")
    return text if spoiled * 20 < len(text) - len(text.encode("ascii", "ignore")) else None


def decode(body: bytes, declared: str | None = None) -> str:
    """The text of an HTML page.

    Order of belief: a byte order mark; UTF-8 where all but a few of the bytes outside ASCII are that, for text in
    legacy charsets almost never is; the HTTP header's charset (`declared`); the page's own declaration in its first
    64 KB; Windows-1252. Bytes that the charset does not know become U+FFFD.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    # ISO-2022-JP says all that it says in ASCII bytes and escapes, which are valid UTF-8 and mean something else.
    if b"\x1b$" not in body and (text := _as_utf8(body)) is not None:
        return text
    head = body[:65536]
    said = _XML.search(head) or _META.search(head)
    for label in (declared, said.group(1) if said else None):
        if named := _named(label):
            return body.decode(named, "replace")
    return body.decode("cp1252", "replace")


def is_binary(body: bytes) -> bool:
    """Whether the bytes begin as a file does that is no text."""
    return body.startswith(_BINARY)


def is_json(text: str) -> bool:
    """Whether the text begins as JSON does."""
    return _JSON.match(text) is not None


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
