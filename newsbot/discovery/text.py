"""From what a server sent to characters: the encoding, the kind of document, plain text, absolute addresses."""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from urllib.parse import urldefrag, urljoin, urlsplit

HEAD = 65_536  # bytes or characters in which a document has said what it is

# Encodings that the web uses, WHATWG's list; others that Python knows (idna, punycode, unicode_escape) are no files'.
_ENCODING = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|utf-?32(-?[lb]e)?|us-ascii|ascii|latin-?1|iso-?8859-?\d{1,2}|(windows|cp)-?\d{3,4}|koi8-[ru]|"
    r"mac-?(roman|cyrillic)|gb-?2312|gbk|gb18030|big5(-?hkscs)?|shift[_-]jis|euc-(jp|kr)|iso-2022-jp|tis-620"
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})|<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""",
    re.I,
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.I)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Characters that XML 1.0 forbids and HTML has no use for.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->")
_NAME = re.compile(r"(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})")
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


def decode(body: bytes, content_type: str = "") -> str:
    """The body's characters, without a byte order mark and without the control characters that XML forbids.

    In this order: the byte order mark; UTF-8, if all but a few of the bytes outside ASCII are that, which no other
    text is by chance; the `charset` of the Content-Type header; the document's own declaration; windows-1252.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _FORBIDDEN.sub("", body[len(mark) :].decode(encoding, "replace"))
    if body[:4] in (b"<\0?\0", b"\0<\0?"):  # UTF-16 without a mark: XML 1.0, appendix F
        return _FORBIDDEN.sub("", body.decode("utf-16-le" if body[0] else "utf-16-be", "replace"))
    names = _CHARSET.findall(content_type[:1000])
    names += [(xml or meta).decode("ascii") for xml, meta in _DECLARED.findall(body[:4096])]
    if not body.isascii() and (text := _as_utf8(body)) is not None:
        return _FORBIDDEN.sub("", text)
    for name in names:
        encoding = name.lower()
        encoding = {"iso-8859-1": "windows-1252", "gb2312": "gb18030"}.get(encoding, encoding)  # as WHATWG reads them
        if _ENCODING.fullmatch(encoding):
            try:
                return _FORBIDDEN.sub("", body.decode(encoding))
            except (UnicodeDecodeError, LookupError):
                continue
    return _FORBIDDEN.sub("", body.decode("windows-1252", "replace"))


def _as_utf8(body: bytes) -> str | None:
    """The body as UTF-8, if that is what it is but for a few spoiled bytes: under one in twenty outside ASCII."""
    text = body.decode("utf-8", "replace")
    spoiled = text.count("\ufffd")
    return text if spoiled == 0 or spoiled * 20 < len(text) - len(text.encode("ascii", "ignore")) else None


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
    text = unicodedata.normalize("NFC", " ".join(_FORBIDDEN.sub("", text).split()))
    if len(text) > limit:
        text = text[: limit - 1].rsplit(" ", 1)[0] + "…"
    return text or None


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
