"""What a page says of itself: title, standfirst, people, dates, language, section, tags, picture, access, address.

Sources: JSON-LD, OpenGraph and other meta elements, microdata, `<time>` and bylines. For each field the sources are
asked in the order in which news pages are right about it; where two can check each other, they do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from newsbot.extract import jsonld
from newsbot.extract.body import fold
from newsbot.extract.dates import date_in_url, parse_date
from newsbot.extract.document import Document
from newsbot.extract.names import names
from newsbot.items import Access, Image

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished",
    "date.published", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dc.date", "dc.date.created", "dcterms.issued", "publish-date", "publication_date", "pubdate", "publishdate",
    "publish_date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "date", "article.published",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "article:modified",
    "dcterms.modified", "last-modified", "lastmod", "article.updated",
)  # fmt: skip
_AUTHOR_METAS = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "byl", "cxenseparse:author", "article.author", "article:author_name",
)  # fmt: skip
_SUFFIX = re.compile(r"\s+(?:[|–—·•»«]|-|::|//)\s+")
_LANGUAGE = re.compile(r"^[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8})*$")


class Facts:
    """A page's metadata, read lazily from one pass over its `<head>` and its JSON-LD."""

    def __init__(self, document: Document, url: str) -> None:
        self.root = root = document.root
        self.url = url
        self.metas: dict[str, list[str]] = defaultdict(list)
        for meta in root.iter("meta"):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop")
            content = meta.get("content")
            if name and content and content.strip():
                self.metas[name.strip().lower()].append(" ".join(content.split()))
        self.headings = [text for h in root.iter("h1") if (text := _text(h))]
        self.nodes: list[jsonld.Node] = []
        for script in document.scripts:
            if "ld+json" in script.type:
                self.nodes.extend(jsonld.nodes(jsonld.load(script.text)))
        self.node = jsonld.story_node(self.nodes, url, {h.casefold() for h in self.headings})
        self.named = {
            str(node["@id"]): name for node in self.nodes if "@id" in node and (name := jsonld.string(node.get("name")))
        }

    def meta(self, *keys: str) -> str | None:
        """The first of these meta elements that says something."""
        return next((self.metas[key][0] for key in keys if key in self.metas), None)

    def said(self, *keys: str) -> str | None:
        """The first of these properties of the story's JSON-LD node that says something, as text."""
        return next((text for key in keys if (text := jsonld.string(self.node.get(key)))), None)

    @cached_property
    def base(self) -> str:
        """What relative addresses on the page are relative to."""
        base = self.root.find(".//base[@href]")
        return (_joined(self.url, base.get("href") or "") if base is not None else None) or self.url

    def canonical(self) -> str | None:
        """The address that the page gives as its own: rel=canonical, else og:url. Not checked for trust here."""
        for link in self.root.iter("link"):
            href = (link.get("href") or "").strip()
            if href and "canonical" in (link.get("rel") or "").lower().split() and (found := _joined(self.base, href)):
                return found
        said = self.meta("og:url")
        return _joined(self.base, said) if said else None

    def title(self) -> str | None:
        """The headline. JSON-LD, the heading and og:title vote; the window title only where all are silent."""
        headline, social = (
            self.said("headline"),
            self.meta("og:title", "twitter:title", "title", "dc.title", "parsely-title"),
        )
        window = _text(named) if (named := self.root.find(".//title")) is not None else None
        site = fold(self.meta("og:site_name") or "")
        social = _without_site(social, site) if social else None
        plain = _without_site(window, site) if window else None
        heading = self._heading([c for c in (headline, social, window) if c])
        if heading and headline and fold(heading) == fold(headline):
            return heading
        if headline and not headline.endswith(("...", "…")):
            # Some publishers put a shortened headline into their JSON-LD; the heading then goes on where it stops.
            if heading and fold(heading).startswith(fold(headline)):
                return heading
            return headline
        return heading or social or plain or headline

    def _heading(self, others: list[str]) -> str | None:
        """The h1 that is the headline: the one that shares most words with what the metadata call the page."""
        best, most = None, 0.0
        for heading in self.headings:
            own = set(fold(heading).split())
            for other in others:
                theirs = set(fold(other).split())
                share = len(own & theirs) / max(1, len(own | theirs))
                if share > most:
                    best, most = heading, share
        if best and most >= 0.3:
            return best
        return self.headings[0] if len(self.headings) == 1 and not others else None

    def description(self) -> str | None:
        """What the page's metadata say in a sentence or two."""
        return self.said("description", "abstract") or self.meta("og:description", "description", "twitter:description")

    def authors(self) -> tuple[str, ...]:
        """The people, or the agency, in the byline."""
        found = names(self._people(self.node.get("author")) or self._people(self.node.get("creator")))
        found = found or names(v for key in _AUTHOR_METAS for v in self.metas.get(key, ()) if "://" not in v)
        if not found:
            linked = self.root.xpath(
                "//*[@rel='author' or @itemprop='author'"
                " or contains(concat(' ',normalize-space(@class),' '),' author-name ')"
                " or contains(@class,'byline__name') or contains(@class,'byline-name')"
                " or contains(concat(' ',normalize-space(@class),' '),' byline ')"
                " or contains(concat(' ',normalize-space(@class),' '),' by ')]"
            )
            found = names(_text(e) for e in linked[:6] if len(_text(e)) < 120)
        site = fold(self.meta("og:site_name") or "")
        people = tuple(name for name in found if fold(name) != site)
        return people or found

    def _people(self, value: Any) -> list[str]:
        """The names in a JSON-LD author: a string, an object, a reference to one elsewhere on the page, or lists."""
        if isinstance(value, list):
            return [name for part in value for name in self._people(part)]
        if isinstance(value, dict):
            return self._people(value.get("name") or self.named.get(str(value.get("@id"))))
        return [name] if isinstance(value, str) and "://" not in value and (name := jsonld.string(value)) else []

    def published(self) -> date | None:
        """The first publication."""
        candidates: list[str | None] = [self.said("datePublished")]
        candidates += [self.metas[key][0] for key in _PUBLISHED_METAS if key in self.metas]
        candidates += [jsonld.string(node.get("datePublished")) for node in self.nodes if node is not self.node]
        candidates.append(self.said("dateCreated", "uploadDate"))
        shown: list[str | None] = []
        for time in self.root.xpath("//*[@itemprop='datePublished'] | //time[@datetime]")[:10]:
            shown.append(time.get("datetime") or time.get("content") or _text(time))
        return _best_date(candidates) or _best_date(shown[:3]) or date_in_url(self.url)

    def modified(self) -> date | None:
        """The last change that the publisher declares."""
        candidates: list[str | None] = [self.said("dateModified")]
        candidates += [self.metas[key][0] for key in _MODIFIED_METAS if key in self.metas]
        return _best_date(candidates)

    def language(self) -> str | None:
        """A BCP 47 tag in lower case."""
        said = self.node.get("inLanguage")
        if isinstance(said, dict):
            said = said.get("alternateName") or said.get("name")
        for value in (
            said if isinstance(said, str) else None,
            self.root.get("lang") or self.root.get("{http://www.w3.org/XML/1998/namespace}lang"),
            self.meta("og:locale", "content-language", "language", "dc.language"),
        ):
            if value and _LANGUAGE.match(value.strip()):
                return value.strip().replace("_", "-").lower()
        return None

    def section(self) -> str | None:
        """The part of the paper that the story stands in."""
        return self.said("articleSection") or self.meta(
            "article:section", "og:article:section", "parsely-section", "section"
        )

    def tags(self) -> tuple[str, ...]:
        """Keywords, each once, as the publisher gives them."""
        said = self.node.get("keywords")
        values = said if isinstance(said, list) else [said]
        texts = [t for v in values if (t := jsonld.string(v))]
        texts = texts or self.metas.get("article:tag", []) or self.metas.get("news_keywords", [])
        texts = texts or self.metas.get("keywords", [])
        parts = [p.strip() for t in texts for p in (re.split(r"[,;]", t) if len(texts) < 3 else [t])]
        return tuple(dict.fromkeys(p for p in parts if p and len(p) <= 100))[:50]

    def image(self, caption: str | None) -> Image | None:
        """The story's main picture."""
        url = self.meta("og:image", "og:image:url", "twitter:image") or jsonld.address(self.node.get("image"))
        if not url or not (url := _joined(self.base, url)):
            return None
        credit: str | None = None
        said = self.node.get("image")
        first = said[0] if isinstance(said, list) and said else said
        if isinstance(first, dict):
            caption = caption or jsonld.string(first.get("caption"))
            credit = jsonld.string(first.get("creditText")) or jsonld.string(first.get("copyrightHolder"))
        return Image(url, caption, credit)

    def access(self) -> Access:
        """What the metadata say of payment; a tier that is named says more than `isAccessibleForFree`."""
        tier = (self.meta("article:content_tier", "og:article:content_tier") or "").lower()
        free = self.node.get("isAccessibleForFree")
        text = str(free).lower().rsplit("/", 1)[-1] if free is not None else ""
        if tier == "locked" or (text == "false" and tier != "free"):
            return Access.METERED if tier == "metered" else Access.PAYWALLED
        if tier == "metered":
            return Access.METERED
        if tier == "free" or text == "true":
            return Access.FREE
        return Access.UNKNOWN

    def body_text(self) -> str:
        """The body as the publisher's JSON-LD gives it, empty where it does not."""
        return self.said("articleBody") or ""


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _joined(base: str, address: str) -> str | None:
    """The absolute address; None where it cannot be one, such as `http://[`."""
    try:
        return urljoin(base, address)
    except ValueError:
        return None


def _without_site(title: str, site: str) -> str:
    """A window title without the site's name behind or before it."""
    parts = _SUFFIX.split(title)
    if len(parts) == 1:
        return title
    if site and fold(parts[-1]) in (site, site.removeprefix("the ")):
        return title[: title.rindex(parts[-1])].rstrip(" |–—·•»«-:/")
    if site and fold(parts[0]) == site:
        return title[len(parts[0]) :].lstrip(" |–—·•»«-:/")
    return max(parts, key=len) if len(max(parts, key=len)) > 0.6 * len(title) else title


def _best_date(texts: Iterable[str | None]) -> date | None:
    """The first, or what says the same more exactly: an instant with its zone before a time, a time before a day."""
    found = [moment for text in texts if (moment := parse_date(text))]

    def vagueness(moment: date) -> int:
        return 2 if not isinstance(moment, datetime) else 0 if moment.tzinfo else 1

    def day(moment: date) -> int:
        return (moment.date() if isinstance(moment, datetime) else moment).toordinal()

    # Between zones, one moment has two days.
    return min((moment for moment in found if abs(day(moment) - day(found[0])) <= 1), key=vagueness, default=None)
