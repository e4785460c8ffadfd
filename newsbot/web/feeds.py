"""Feeds of any search: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, with the whole and clean text of each story."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree

from newsbot.store import StoryRow
from newsbot.web.reading import link

_ATOM, _CONTENT, _DC = (
    "http://www.w3.org/2005/Atom",
    "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/dc/elements/1.1/",
)
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """A story: `id` never changes, `url` is where a reader goes, `content` is HTML of nothing but paragraphs."""

    id: str
    url: str
    title: str
    summary: str
    content: str
    site: str
    authors: Sequence[str]
    tags: Sequence[str]
    language: str | None
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `page` shows the same to people, `address` is its own."""

    title: str
    page: str
    address: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        """When anything in it was."""
        return max((entry.updated for entry in self.entries), default=_EPOCH)


def entry(row: StoryRow, text: str, page: str) -> Entry:
    """A story as it stands in a feed; one whose address is none of http leads to its `page` here."""
    return Entry(
        id=link(row.url) or f"urn:newsbot:story:{row.id}",
        url=link(row.url) or page,
        title=row.title or row.url,
        summary=row.standfirst or "",
        content="".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph),
        site=row.site,
        authors=row.authors,
        tags=row.tags,
        language=row.language,
        published=row.dated,
        updated=max(row.dated, row.first_seen),
    )


def atom(feed: Feed) -> bytes:
    """Atom."""
    root = etree.Element(_name(_ATOM, "feed"), nsmap={None: _ATOM})
    add = _adder(_ATOM)
    add(root, "title", feed.title)
    add(root, "id", feed.address)
    add(root, "updated", feed.updated.isoformat())
    add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    add(root, "link", rel="alternate", type="text/html", href=feed.page)
    add(root, "generator", "newsbot")
    for each in feed.entries:
        made = add(root, "entry")
        add(made, "title", each.title, type="text")
        add(made, "id", each.id)
        add(made, "link", rel="alternate", type="text/html", href=each.url)
        add(made, "published", each.published.isoformat())
        add(made, "updated", each.updated.isoformat())
        for name in each.authors or (each.site,):
            add(add(made, "author"), "name", name)
        for tag in each.tags:
            add(made, "category", term=tag)
        if each.summary:
            add(made, "summary", each.summary, type="text")
        content = add(made, "content", each.content, type="html")
        if each.language:
            content.set("{http://www.w3.org/XML/1998/namespace}lang", _fit(each.language))
    return _bytes(root)


def rss(feed: Feed) -> bytes:
    """RSS 2.0."""
    root = etree.Element("rss", version="2.0", nsmap={"atom": _ATOM, "content": _CONTENT, "dc": _DC})
    add = _adder("")
    channel = add(root, "channel")
    add(channel, "title", feed.title)
    add(channel, "link", feed.page)
    add(channel, "description", "Stories as newsbot keeps them")
    add(channel, "lastBuildDate", format_datetime(feed.updated))
    _adder(_ATOM)(channel, "link", rel="self", type="application/rss+xml", href=feed.address)
    for each in feed.entries:
        item = add(channel, "item")
        add(item, "title", each.title)
        add(item, "link", each.url)
        add(item, "guid", each.id, isPermaLink=str(each.id == each.url).lower())
        add(item, "pubDate", format_datetime(each.published))
        for name in each.authors:
            _adder(_DC)(item, "creator", name)
        for tag in each.tags:
            add(item, "category", tag)
        if each.summary:
            add(item, "description", html.escape(each.summary))
        _adder(_CONTENT)(item, "encoded", each.content)
    return _bytes(root)


def json_feed(feed: Feed) -> bytes:
    """JSON Feed 1.1."""
    items = []
    for each in feed.entries:
        item: dict[str, Any] = {
            "id": each.id,
            "url": each.url,
            "title": each.title,
            "summary": each.summary,
            "content_html": each.content,
            "date_published": each.published.isoformat(),
            "date_modified": each.updated.isoformat(),
            "authors": [{"name": name} for name in each.authors or (each.site,)],
            "tags": list(each.tags),
            "language": each.language,
        }
        items.append({name: value for name, value in item.items() if value})
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "items": items,
    }
    return json.dumps(whole, ensure_ascii=False).encode()


KINDS: Mapping[str, tuple[Callable[[Feed], bytes], str]] = {
    "atom": (atom, "application/atom+xml"),
    "rss": (rss, "application/rss+xml"),
    "json": (json_feed, "application/feed+json"),
}
"""How each kind is made, and what a server calls it."""


# -- XML ---------------------------------------------------------------------------------------------------------------


def _adder(space: str) -> Callable[..., etree._Element]:
    def add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
        made = etree.SubElement(parent, _name(space, tag), {name: _fit(value) for name, value in attributes.items()})
        made.text = None if text is None else _fit(text)
        return made

    return add


def _name(space: str, tag: str) -> str:
    return f"{{{space}}}{tag}" if space else tag


def _fit(text: str) -> str:
    return _UNFIT.sub("", text)


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
