"""Discovery: from a feed, a sitemap or a page of links to leads. Pure: bytes and an address in, values out.

No network, no disk, no Scrapy, no database.
"""

from __future__ import annotations

from typing import Literal

from newsbot.charset import decode
from newsbot.discovery.feed import FEED_ROOTS, Feed, read_feed
from newsbot.discovery.front import Front, read_front
from newsbot.discovery.links import Judgement, Links, judge, read_links
from newsbot.discovery.sitemap import Child, Sitemap, read_sitemap
from newsbot.discovery.text import HEAD, root

__all__ = [
    "Child",
    "Feed",
    "Front",
    "Judgement",
    "Links",
    "Sitemap",
    "judge",
    "kind_of",
    "read_feed",
    "read_front",
    "read_links",
    "read_sitemap",
]


def kind_of(body: bytes, content_type: str = "") -> Literal["feed", "sitemap", "page"]:
    """Which of the readers a body is for, by what stands in it; the Content-Type only helps to decode it."""
    text = decode(body[:HEAD], content_type).lstrip()
    name = root(text)[0]
    if name in FEED_ROOTS or (text.startswith("{") and '"items"' in text):
        return "feed"
    if name in {"urlset", "sitemapindex"} or body.startswith(b"\x1f\x8b"):
        return "sitemap"
    if not name and text.lower().startswith(("http://", "https://")):
        return "sitemap"
    return "page"
