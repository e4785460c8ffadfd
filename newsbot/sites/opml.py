"""OPML 2.0 (opml.org): lists of feeds, as feed readers exchange them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from newsbot.charset import decode, without_controls
from newsbot.errors import SiteError
from newsbot.sites.model import Site

MOST_BYTES = 20_000_000  # some 50,000 feeds
MOST_OUTLINES = 20_000
MOST_ELEMENTS = 100_000  # folders too
_LONGEST_NAME = 200

# As in sitemaps: what is no reference of XML's own is text, so no entity that the file declares is ever used.
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_ROOT = re.compile(r"<opml[\s/>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outline:
    """One entry: what it is called, its feed, the site's own page, its language. What is not said is ""; one of the two
    addresses is."""

    name: str
    feed: str = ""
    home: str = ""
    language: str = ""


def read_opml(body: bytes, name: str) -> list[Outline]:
    """The entries of the OPML file `name` that have an address, in order, whatever folders they stand in.

    Entities are not expanded, nothing outside the body is opened. A file that is cut or broken gives what can be read.
    Raises SiteError where it is no OPML, or beyond 20 MB or 20,000 entries.
    """
    if len(body) > MOST_BYTES:
        raise SiteError(f"{name}: larger than {MOST_BYTES // 1_000_000} MB; no list of feeds is. Split the file.")
    text = decode(body)
    root = _ROOT.search(text)
    if root is None:
        raise SiteError(f"{name}: is no OPML: there is no <opml> in it. Give OPML, or an address a line.")
    # What stands before the root, a document type too, is not read at all.
    text = _REFERENCE.sub("&amp;", text[root.start() :])
    found: list[Outline] = []
    try:
        for number, (_, element) in enumerate(
            etree.iterparse(
                io.BytesIO(text.encode("utf-8", "replace")),
                events=("start",),
                recover=True,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
        ):
            if str(element.tag).lower() == "outline" and (outline := _outline(element)) is not None:
                found.append(outline)
            if number > MOST_ELEMENTS or len(found) > MOST_OUTLINES:
                raise SiteError(f"{name}: more than {MOST_OUTLINES:,} entries. Split the file.")
    except etree.XMLSyntaxError:
        pass  # what libxml2 cannot recover from, as too deep a nesting, ends the file; what stands before it was read
    return found


def to_opml(sites: Iterable[Site], title: str = "newsbot") -> str:
    """The sites as OPML: an entry for each feed; for a site without one, a link to its home."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for site in sites:
        name = _xml(site.name)
        for feed in site.feeds:
            entry = etree.SubElement(body, "outline", text=name, title=name, type="rss", xmlUrl=feed, htmlUrl=site.home)
            if site.language:
                entry.set("language", site.language)
        if not site.feeds:
            etree.SubElement(body, "outline", text=name, title=name, type="link", url=site.home)
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="utf-8").decode()


def _outline(element: etree._Element) -> Outline | None:
    said = {str(name).lower(): " ".join(str(value).split()) for name, value in element.attrib.items()}
    link = said.get("url", "")
    feed = said.get("xmlurl", "")
    home = said.get("htmlurl", "") or ("" if feed else link)
    if not feed and not home:
        return None
    called = said.get("title") or said.get("text") or ""
    return Outline(without_controls(called)[:_LONGEST_NAME], feed, home, said.get("language", ""))


def _xml(text: str) -> str:
    """What XML can hold of a text."""
    return "".join(char for char in without_controls(text) if char not in "\ufffe\uffff")
