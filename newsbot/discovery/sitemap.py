"""Sitemaps (sitemaps.org 0.9): lists of addresses, lists of sitemaps, Google's news extension, plain text, gzip."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from newsbot.charset import decode
from newsbot.discovery.dates import instant
from newsbot.discovery.feed import FEED_ROOTS, read_feed
from newsbot.discovery.text import HEAD, absolute, language_tag, looks_like, plain, root
from newsbot.errors import NotUnderstood
from newsbot.items import Lead

MOST_BYTES = 64 << 20  # sitemaps.org allows 50 MiB unpacked
_CURE = "Tell the site, or take it out of the site's file."
_PIECE = 1 << 16
MOST_TAG = 32_768  # bytes without the end of a tag
MOST_ENTRIES = 50_000  # sitemaps.org
# Elements in one file: 50,000 entries with forty each (pictures, translations). More is an attack or a mistake.
MOST_ELEMENTS = 2_000_000

# Outside CDATA sections, "&" is often bare in addresses, where libxml2's recovery would drop it with what follows. What
# is no reference of XML's own is text; so no entity that the file declares is ever used.
_BARE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index names, and when it is said to have changed last."""

    url: str
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap lists: stories, other sitemaps; each address once, in order. A news sitemap says its publication's
    `name`, and its `language` as a BCP 47 tag in lower case; None where it does not."""

    leads: tuple[Lead, ...] = ()
    children: tuple[Child, ...] = ()
    name: str | None = None
    language: str | None = None


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """The sitemap in `body`, packed with gzip or not, served at `url`; a feed, which the protocol allows, is read too.

    A file that is cut or broken gives the entries that can be read, at most 50,000. Memory is bounded, entities are
    not expanded, nothing outside the body is opened. Raises NotUnderstood if the body is no sitemap, or unpacks to
    more than 64 MiB.
    """
    body = unpack(body, url).lstrip(b"\xef\xbb\xbf \t\r\n")
    head = decode(body[:HEAD])
    name = root(head)[0]
    if name in FEED_ROOTS:
        return Sitemap(read_feed(body, url).leads)
    if name in {"urlset", "sitemapindex"}:
        return _read_xml(_BARE.sub(lambda match: b"&amp;" if match[0] == b"&" else match[0], body), url)
    if not name and not head.lstrip().startswith("{") and (leads := _read_lines(body, url)):
        return Sitemap(leads)
    raise NotUnderstood(
        f"{url}: no sitemap but {looks_like(body)}. Correct the address under sitemaps in the site's file."
    )


def unpack(body: bytes, url: str) -> bytes:
    """The body, unpacked if it is gzip; a packed body that was cut gives what there is. Raises NotUnderstood."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        if sum(map(len, _unpacked(body))) > MOST_BYTES:  # counted first, so that a bomb takes no room
            raise NotUnderstood(
                f"{url}: unpacks to more than {MOST_BYTES >> 20} MiB; no sitemap may be that large. {_CURE}"
            )
        return b"".join(_unpacked(body))
    except zlib.error as error:
        raise NotUnderstood(f"{url}: gzip that cannot be unpacked ({error}). {_CURE}") from error


def _unpacked(body: bytes) -> Iterator[bytes]:
    """The pieces that a gzip body unpacks to, until they are too many."""
    unpacker = zlib.decompressobj(wbits=31)
    read, rest = 0, body
    while read <= MOST_BYTES and (piece := unpacker.decompress(rest, _PIECE)):
        yield piece
        read += len(piece)
        rest = unpacker.unconsumed_tail


def _read_xml(body: bytes, url: str) -> Sitemap:
    # libxml2 compares each attribute of an element with all others: one tag of a megabyte takes minutes.
    if any(body.find(b">", at, at + MOST_TAG) < 0 for at in range(0, len(body) - MOST_TAG, MOST_TAG)):
        raise NotUnderstood(f"{url}: a tag or a text of more than {MOST_TAG >> 10} KiB; no sitemap holds one. {_CURE}")
    leads: dict[str, Lead] = {}
    children: dict[str, Child] = {}
    name = language = None
    for entry in _entries(body):
        address = absolute(url, _child_text(entry, "loc"))
        if address is None:
            continue
        modified = instant(_child_text(entry, "lastmod"))
        if _local(entry) == "sitemap":
            children.setdefault(address, Child(address, modified))
            continue
        news = next((child for child in entry if _local(child) == "news"), None)
        title = published = None
        if news is not None:
            title = plain(_child_text(news, "title"))
            published = instant(_child_text(news, "publication_date"))
            publication = next((child for child in news if _local(child) == "publication"), None)
            if publication is not None and name is None:
                name = plain(_child_text(publication, "name"))
                language = language_tag(_child_text(publication, "language"))
        leads.setdefault(address, Lead(address, title, published, modified))
    return Sitemap(tuple(leads.values()), tuple(children.values()), name, language)


def _entries(body: bytes) -> Iterator[etree._Element]:
    """The url and sitemap elements, one after the other; each is taken out of the tree when the next is asked for."""
    depth = elements = entries = 0
    events = etree.iterparse(
        io.BytesIO(body),
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, element in events:
            if event == "start":
                depth += 1
                elements += 1
                if elements > MOST_ELEMENTS:
                    return
                continue
            depth -= 1
            if depth != 1:
                continue
            if _local(element) in {"url", "sitemap"}:
                yield element
                entries += 1
                if entries >= MOST_ENTRIES:
                    return
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError:
        # What libxml2 cannot recover from ends the file; the entries before it have been read.
        return


def _local(element: etree._Element) -> str:
    tag = element.tag
    # A prefix that was never declared stays part of the name.
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _child_text(element: etree._Element, name: str) -> str:
    for child in element:
        if _local(child) == name:
            return (child.text or "").strip()
    return ""


def _read_lines(body: bytes, url: str) -> tuple[Lead, ...]:
    """The addresses of a plain text sitemap, one a line; none if the lines are mostly something else."""
    lines = [line.strip() for line in decode(body).splitlines()[: MOST_ENTRIES * 2]]
    lines = [line for line in lines if line][:MOST_ENTRIES]
    found = [absolute(url, line) for line in lines if line.lower().startswith(("http://", "https://"))]
    addresses = dict.fromkeys(address for address in found if address)
    return tuple(map(Lead, addresses)) if 2 * len(found) > len(lines) else ()
