"""From text to a tree, in one parse; what is no page at all; and the scripts, which no tree needs.

Scripts, styles, drawings and comments are most of a news page's bytes and none of its text. They are cut out before
the parse; a script's text is kept beside the tree, for its JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from newsbot.charset import encoded, wide

# How files begin that servers send in place of pages: PDF, PNG, JPEG, GIF, ZIP, gzip, RIFF (WebP, WAV), MP3, Ogg.
_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"ID3", b"OggS")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_JSON = re.compile(r"\s*(?:\{\s*\"|\[\s*[\[{\"])")
# Without the flag for either case, which would make the search several times slower.
_OPENING = re.compile(r"<(?:(!--)|([sS](?:[cC][rR][iI][pP][tT]|[tT][yY][lL][eE]|[vV][gG]))(?=[\s/>]))")
# The same for what ends them: a comment's end is also written --!>.
_CLOSING = {
    "--": re.compile("--(?:>|(?<!<!--)!>)"),
    "script": re.compile("</[sS][cC][rR][iI][pP][tT][^>]*>?"),
    "style": re.compile("</[sS][tT][yY][lL][eE][^>]*>?"),
    "svg": re.compile("</[sS][vV][gG][^>]*>?"),
}
# A start tag with more attributes than any page has; libxml2 compares each with all. Those that have some are passed
# over as a whole, for an attribute may look like one more tag.
_ATTRIBUTE = r"""[\s/]++[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>][^\s>]*+)?+)?+"""
_OVERLONG = re.compile(rf"(<[a-zA-Z][^\s/>]{{0,60}}+(?:{_ATTRIBUTE}){{16,256}}+)(?:{_ATTRIBUTE})*+")
_TYPE = re.compile(r"""\btype\s*=\s*["']?\s*([\w./+-]+)""", re.IGNORECASE)


# References to control characters. HTML reads 128 to 159 as Windows-1252, as old pages mean them; libxml2 does not.
_REFERENCE = re.compile(rb"&#(?:0*(1[0-5]\d|[1-9]?\d)(?!\d)|[xX]0*([0-9a-fA-F]{1,2})(?![0-9a-fA-F]));?")


def _character(reference: re.Match[bytes]) -> bytes:
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    if code in (9, 10, 13) or 32 <= code < 127 or code > 159:
        return reference[0]
    return b"" if code < 128 else bytes([code]).decode("cp1252", "ignore").encode()


@dataclass(frozen=True, slots=True)
class Script:
    """One `<script>` with a text of its own: its start tag (without the closing bracket) and what it holds."""

    tag: str
    text: str

    @property
    def type(self) -> str:
        """The media type that the start tag gives, in lower case; empty where it gives none."""
        said = _TYPE.search(self.tag)
        return said[1].lower() if said else ""


@dataclass(frozen=True, slots=True)
class Document:
    """A page: its tree without scripts, styles, drawings and comments, and its scripts in order."""

    root: etree._Element
    scripts: list[Script]


def is_binary(body: bytes, content_type: str = "") -> bool:
    """Whether the bytes begin as a file does that is no text, or hold what no text holds: many control characters."""
    head = body[:1024]
    if head.startswith(_BINARY):
        return True
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):  # marks of UTF-16 and UTF-32
        return False
    if codec := wide(head, content_type):
        head = head.decode(codec, "replace").encode("utf-8", "replace")
    return len(_CONTROLS.findall(head)) * 10 > len(head)


def is_json(text: str) -> bool:
    """Whether the text begins as JSON does."""
    return _JSON.match(text) is not None


def parse(text: str) -> Document | None:
    """The page that the text holds, None where there is no element at all. Never fetches anything."""
    markup, scripts = _parted(text)
    raw = encoded(_OVERLONG.sub(r"\1", markup))
    if b"&#" in raw:
        raw = _REFERENCE.sub(_character, raw)
    if not raw.strip():
        return None
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True, collect_ids=False
    )
    try:
        root: etree._Element | None = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    _gathered(root)
    return Document(root, scripts)


def _gathered(root: etree._Element) -> None:
    """Puts what stands behind `</body>` or `</html>` at the body's end, where browsers put it; libxml2 does not."""
    body = root.find("body")
    if body is None:
        return
    strays = list(body.itersiblings())
    for second in list(root.itersiblings()):
        strays += list(second) if second.tag == "html" else [second]
    if body.tail and not body.tail.isspace():
        etree.SubElement(body, "p").text = body.tail
        body.tail = None
    for stray in strays:
        body.append(stray)


def _parted(text: str) -> tuple[str, list[Script]]:
    """The markup without scripts, styles, drawings and comments; and the scripts that hold something."""
    parts: list[str] = []
    scripts: list[Script] = []
    done = at = 0
    lost: set[str] = set()  # what is never closed any more
    while opening := _OPENING.search(text, at):
        start = opening.start()
        name = (opening[2] or "--").lower()
        inner = opening.end() if name == "--" else text.find(">", start) + 1
        closing = None
        if name == "--":  # <!--> is a whole comment
            closing = _CLOSING[name].search(text, start + 2) if name not in lost else None
        elif inner and name == "svg" and text[inner - 2] == "/":
            parts.append(text[done:start])
            done = at = inner
            continue
        elif inner and name not in lost:
            closing = _CLOSING[name].search(text, inner)
        if closing is None:
            lost.add(name)
            at = opening.end()
            continue
        if name == "script" and inner < closing.start():
            scripts.append(Script(text[start : inner - 1], text[inner : closing.start()]))
        parts.append(text[done:start])
        done = at = closing.end()
    parts.append(text[done:])
    return "".join(parts), scripts
