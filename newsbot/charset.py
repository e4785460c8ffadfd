"""From bytes to characters: which encoding a document of the web is in."""

from __future__ import annotations

import codecs
import re

_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD = 65536  # bytes in which a document has declared its encoding, late ones included
_FEWEST_NULS = 8  # in a head that is taken for UTF-16
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
# Characters that XML 1.0 forbids or advises against and HTML has no use for. To a terminal some are commands.
_C0 = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_C1 = re.compile(b"\xc2[\x80-\x84\x86-\x9f]")
_NO_CHARACTER = re.compile(b"\xef\xbf[\xbe\xbf]")


def without_controls(text: str) -> str:
    """The text without the control characters that no document may hold."""
    return encoded(text, "surrogatepass").decode("utf-8", "surrogatepass")


def encoded(text: str, errors: str = "replace") -> bytes:
    """The text in UTF-8, without the control characters that no document may hold."""
    # Over bytes: a regular expression over the characters of a page takes as long as parsing it.
    raw = text.encode("utf-8", errors).translate(None, _C0)
    return raw if text.isascii() else _NO_CHARACTER.sub(b"", _C1.sub(b"", raw))


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a page, a feed or a sitemap, without a byte order mark and without forbidden control characters.

    Order of belief: a byte order mark; UTF-16 where the bytes look like it (see `wide`); UTF-8 where all but a few of
    the bytes outside ASCII are that, for text in legacy encodings almost never is; the charset of the HTTP header
    `content_type`; the document's own declaration in its first 64 KB; Windows-1252. UTF-8 is not believed where it is
    declared and most of the bytes outside ASCII are not. Bytes that the encoding does not know become U+FFFD.
    """
    return without_controls(characters(body, content_type))


def characters(body: bytes, content_type: str = "") -> str:
    """The same as `decode`, with the control characters left in."""
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(marked, "replace")
    if codec := wide(body, content_type):
        return body.decode(codec, "replace")
    text, outside, spoiled = _as_utf8(body)
    # ISO-2022-JP says all that it says in ASCII bytes and escapes, which are valid UTF-8 and mean something else.
    escapes = b"\x1b" in body and b"\x1b$" in body
    if not escapes and (not spoiled or spoiled * 20 < outside):
        return text
    said = _XML.search(body[:_HEAD]) or _META.search(body[:_HEAD])
    for label in (_label(content_type), said.group(1) if said else None):
        named = _named(label)
        if named == "utf-8" and 2 * spoiled <= outside:
            return text
        if named and named != "utf-8":
            return body.decode(named, "replace")
    return body.decode("cp1252", "replace")


def wide(body: bytes, content_type: str = "") -> str | None:
    """The codec of a document in UTF-16 without a byte order mark, None where it is in anything else.

    Markup is ASCII for the most part, so every other byte is a NUL. Where the HTTP header says UTF-16, one such NUL is
    enough; it is not believed without, nor is what it says of the order.
    """
    head = body[:1024]
    big, little = head[::2].count(0), head[1::2].count(0)
    most, least = max(big, little), min(big, little)
    said = (_label(content_type) or "").lower().startswith("utf-16")
    xml = body[:4] in (b"<\0?\0", b"\0<\0?")  # XML 1.0, appendix F
    if xml or (said and most > least) or (most >= _FEWEST_NULS and most > 0.3 * len(head) / 2 and least * 10 <= most):
        return "utf-16-le" if little > big else "utf-16-be"
    return None


def _label(content_type: str) -> str | None:
    found = _CHARSET.search(content_type[:1000])
    return found.group(1) if found else None


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


def _as_utf8(body: bytes) -> tuple[str, int, int]:
    """The bytes read as UTF-8, how many characters are outside ASCII, and how many of these are no UTF-8. A page may be
    cut off inside a character."""
    try:
        return body.decode("utf-8"), 0, 0
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3:
            return body[: error.start].decode("utf-8"), 0, 0
    text = body.decode("utf-8", "replace")
    spoiled = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")  # some pages hold U+FFFD itself
    return text, len(text) - len(text.encode("ascii", "ignore")), spoiled
