"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed."""

from __future__ import annotations

import calendar
import html
import io
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser

from newsbot.charset import decode
from newsbot.discovery.dates import instant
from newsbot.discovery.text import HEAD, absolute, language_tag, looks_like, plain, root
from newsbot.errors import NotUnderstood
from newsbot.items import Lead

FEED_ROOTS = frozenset({"rss", "feed", "rdf"})
# A feed of 50 full stories has some 500 KB and 10,000 tags; feedparser needs up to 25 us a tag. A feed beyond this is
# read as if it were cut there: its newest items stand first.
MOST_CHARACTERS = 8_000_000
MOST_TAGS = 200_000

_CURE = "Tell the site, or take it out of the site's file."

_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:rss|feed|RDF)(?=[\s>])")
# feedparser (6.0) drops entities that refer to others, yet expands long ones as often as they are named; a feed
# needs none of its own.
_ENTITY = re.compile(r"<!ENTITY[^>]*>?", re.IGNORECASE)
# Outside CDATA sections, "&" is often bare, or begins an entity of HTML that XML does not know.
_REFERENCE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|\w{1,32};)?", re.DOTALL)
_OF_XML = frozenset({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"})


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says: its title, its language (BCP 47, lower case), and its items, each address once, in order."""

    title: str | None
    language: str | None
    leads: tuple[Lead, ...]


def read_feed(body: bytes, url: str, content_type: str = "") -> Feed:
    """The feed in `body`, served at `url` (against which relative links are resolved) with that Content-Type.

    XML that is broken or cut gives the items that can be read. Nothing outside the body is ever opened, and entities
    that it declares are not expanded. Raises NotUnderstood if the body is no feed, or too broken to give any item.
    """
    text = decode(body, content_type).lstrip()
    if text.startswith("{"):
        return _read_json(text, url)
    name, start = root(text)
    if name not in FEED_ROOTS and name != "html":
        # A server's warnings or a stray tag may stand before the feed.
        match = _ROOT.search(text, 0, HEAD)
        name, start = (match[0].rpartition(":")[2].strip("<").lower(), match.start()) if match else ("", -1)
    if name not in FEED_ROOTS:
        raise NotUnderstood(
            f"{url}: no feed but {looks_like(body)}. Correct the address under feeds in the site's file."
        )
    text = _REFERENCE.sub(_mend, _ENTITY.sub(" ", text[start : start + MOST_CHARACTERS]))
    xml = "<".join(text.split("<", MOST_TAGS + 1)[: MOST_TAGS + 1]).encode("utf-8", "replace")
    # Without the feed's own address, feedparser leaves relative links, and guids that are no addresses, as they are.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            io.BytesIO(xml), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser's fallback for broken XML documents no errors and raises many kinds
        raise NotUnderstood(
            f"{url}: a feed too broken to be read ({type(error).__name__}: {error}). {_CURE}"
        ) from error
    leads = [_lead(entry, url, atom=name == "feed") for entry in parsed.entries]
    if parsed.bozo and not any(leads):
        raise NotUnderstood(f"{url}: a feed too broken to be read ({dict.get(parsed, 'bozo_exception')}). {_CURE}")
    channel = parsed.feed
    return Feed(plain(_text(channel, "title")), language_tag(_text(channel, "language")), _once(leads))


def _mend(match: re.Match[str]) -> str:
    found = match[0]
    if found in _OF_XML or not found.startswith("&"):
        return found
    return html.escape(plain(html.unescape(found)) or " ", quote=False)


def _lead(entry: Any, url: str, atom: bool) -> Lead | None:
    link = _link(entry, url)
    if link is None:
        return None
    published = _when(entry, "published") or _when(entry, "created")
    modified = _when(entry, "updated")
    if published is None and not atom:  # the dc:date of RSS, which feedparser calls updated
        published, modified = modified, None
    return Lead(link, plain(_text(entry, "title")), published, modified)


def _link(entry: Any, url: str) -> str | None:
    """The story's address: where FeedBurner says that it was, the link, or a guid that is said to be one."""
    for name in ("feedburner_origlink", "link"):
        address = _text(entry, name)
        if not address or (name == "link" and _text(entry, "guidislink") == "True" and not _is_web(address)):
            continue
        if found := absolute(url, address):
            return found
    return None


def _is_web(address: str) -> bool:
    return address.lstrip().lower().startswith(("http://", "https://"))


def _text(mapping: Any, name: str) -> str:
    """A value of feedparser's, whose own lookup warns about and substitutes missing ones."""
    value = dict.get(mapping, name)
    return "" if value is None else str(value)


def _when(entry: Any, name: str) -> datetime | None:
    if found := instant(_text(entry, name)):
        return found
    parsed = dict.get(entry, f"{name}_parsed")  # feedparser knows some dates of other languages
    if not isinstance(parsed, time.struct_time):
        return None
    try:
        return instant(datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat())
    except (ValueError, OverflowError, OSError):
        return None


def _once(leads: list[Lead | None]) -> tuple[Lead, ...]:
    first: dict[str, Lead] = {}
    for lead in leads:
        if lead is not None:
            first.setdefault(lead.url, lead)
    return tuple(first.values())


def _read_json(text: str, url: str) -> Feed:
    """JSON Feed 1 and 1.1 (jsonfeed.org)."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"{url}: JSON that cannot be read ({error}). {_CURE}") from error
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or not (
        "jsonfeed.org" in str(data.get("version", ""))
        or any(isinstance(item, dict) and "url" in item for item in items)
    ):
        raise NotUnderstood(f"{url}: JSON, but no JSON Feed. Correct the address under feeds in the site's file.")
    leads = [_json_lead(item, url) for item in items if isinstance(item, dict)]
    return Feed(plain(_string(data, "title")), language_tag(_string(data, "language")), _once(leads))


def _json_lead(item: dict[str, Any], url: str) -> Lead | None:
    address = _string(item, "url")
    if not address and _is_web(_string(item, "id")):
        address = _string(item, "id")
    link = absolute(url, address)
    if link is None:
        return None
    return Lead(
        link,
        plain(_string(item, "title")),
        instant(_string(item, "date_published")),
        instant(_string(item, "date_modified")),
    )


def _string(mapping: dict[str, Any], name: str) -> str:
    value = mapping.get(name)
    return value if isinstance(value, str) else ""
