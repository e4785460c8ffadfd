"""What a page says of itself: title, standfirst, people, dates, language, section, tags, picture, address.

Sources: JSON-LD, OpenGraph and other meta elements, microdata, `<time>` and bylines. For each field the sources are
asked in the order in which news pages are right about it; where two can check each other, they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from newsbot.extract import bylines, jsonld, titles
from newsbot.extract.blocks import Walk
from newsbot.extract.dates import date_in_url, parse_date
from newsbot.extract.document import Document
from newsbot.extract.markup import text_of
from newsbot.extract.names import names
from newsbot.extract.text import fold
from newsbot.items import Image

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished",
    "date.published", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dc.date", "dc.date.created", "dcterms.issued", "publish-date", "publication_date", "pubdate", "publishdate",
    "publish_date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "date", "article.published",
    "article:published:time", "shareaholic:article_published_time", "published_at", "publishedtime", "pub_date",
    "bt:pubdate", "rnews:datepublished", "article:publish_date", "og:pubdate", "og:regdate",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "article:modified",
    "dcterms.modified", "last-modified", "lastmod", "article.updated", "article:modified:time",
    "shareaholic:article_modified_time", "dc.date.modified", "revised",
)  # fmt: skip
_AUTHOR_METAS = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "byl", "cxenseparse:author", "article.author", "article:author_name", "rnews:author", "authors",
    "dcsext.author", "shareaholic:article_author_name", "vr:author", "mediator_author",
)  # fmt: skip
_SITE_METAS = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "publisher",
    "dc.publisher",
    "copyright",
)
_LANGUAGE = re.compile(r"^[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8})*$")
_HOME = frozenset(
    "home homepage start startseite accueil inicio início portada etusivu hjem hem forside strona główna".split()
)
_SECTION_METAS = ("article:section", "og:article:section", "parsely-section", "section", "articlesection")
_NO_SECTIONS = frozenset("article articles post posts story stories page pages uncategorized blog default".split())
_LISTED = re.compile(r"\S,\S")
_LONGEST_SECTION = 60  # characters
_CREDIT = re.compile(
    r"(?:\b(?:Foto|Fotos|Photo|Photos|Photograph|Bild|Bilder|Picture|Image|Credit|Crédit|Imagem|Imagen|Фото|Zdjęcie|Kuva"
    r"|Ảnh|Fotó|Fotoğraf)(?:\s+(?:by|von|par|di|de))?\s?:|©|\(c\)|写真[:：＝=])\s*([^()\n]{2,80}?)\s*\)?$"
)
_LONGEST_TITLE = 1000  # characters
_MOST_HEADINGS = 50
_MOST_AUTHORS = 50  # meta elements of one name
_MOST_DATED = 200  # JSON-LD nodes that are asked for a date
_DEEPEST = 16  # lists and objects around an author


class Facts:
    """A page's metadata, read lazily from one pass over its `<head>` and its JSON-LD."""

    def __init__(self, document: Document, url: str) -> None:
        self.root = root = document.root
        self.url = url
        self.metas: dict[str, list[str]] = {}
        self.headings: list[str] = []
        self.times: list[etree._Element] = []
        self.window: str | None = None
        self._base: str | None = None
        self._canonicals: list[str] = []
        for element in root.iter("meta", "link", "h1", "title", "time", "base"):
            tag = element.tag
            if tag == "meta":
                name = element.get("property") or element.get("name") or element.get("itemprop")
                name = name or element.get("http-equiv")
                if name and (content := element.get("content")) and (said := " ".join(content.split())):
                    self.metas.setdefault(name.strip().lower(), []).append(said)
            elif tag == "link":
                rel, href = element.get("rel"), element.get("href")
                if rel and href and "canonical" in rel.lower().split() and href.strip():
                    self._canonicals.append(href.strip())
            elif tag == "h1":
                if len(self.headings) < _MOST_HEADINGS and (said := text_of(element)):
                    self.headings.append(said)
            elif tag == "title":
                self.window = self.window or text_of(element)
            elif tag == "time":
                self.times.append(element)
            elif self._base is None:
                self._base = element.get("href")
        self.nodes: list[jsonld.Node] = []
        for script in document.scripts:
            if "ld+json" in script.type:
                self.nodes.extend(jsonld.nodes(jsonld.load(script.text)))
        addresses = [address for address in (url, self.canonical(), self.meta("og:url")) if address]
        self.node = jsonld.story_node(self.nodes, addresses, {h.casefold() for h in self.headings})
        self.by_id = {str(node["@id"]): node for node in self.nodes if "@id" in node and len(node) > 2}

    def meta(self, *keys: str) -> str | None:
        """The first of these meta elements that says something."""
        return next((self.metas[key][0] for key in keys if key in self.metas), None)

    def said(self, *keys: str) -> str | None:
        """The first of these properties of the story's JSON-LD node that says something, as text."""
        return next((text for key in keys if (text := jsonld.string(self.node.get(key)))), None)

    @cached_property
    def base(self) -> str:
        """What relative addresses on the page are relative to."""
        return (_joined(self.url, self._base) if self._base else None) or self.url

    @cached_property
    def site(self) -> titles.Site:
        """What the site calls itself."""
        names = [name for key in _SITE_METAS for name in self.metas.get(key, ())[:1]]
        names += [
            name
            for node in (self.node, *self._others("website", "newsmediaorganization"))
            for key in ("publisher", "name", "alternateName")
            if key == "publisher" or node is not self.node
            for name in self._strings(node.get(key))
        ]
        return titles.Site.of(
            [name for name in names if len(name) <= 100], _host(self.canonical() or self.url) or _host(self.url)
        )

    def canonical(self) -> str | None:
        """The address that the page gives as its own: rel=canonical, else og:url. Not checked for trust here."""
        return self._canonical

    @cached_property
    def _canonical(self) -> str | None:
        for href in self._canonicals:
            if found := _joined(self.base, href):
                return found
        said = self.meta("og:url")
        return _joined(self.base, said) if said else None

    @cached_property
    def _title(self) -> str | None:
        social = self.meta("og:title", "twitter:title", "title", "dc.title", "parsely-title", "sailthru.title")
        headline = self.said("headline") or self.meta("headline")
        social, headline, window = ((text or "")[:_LONGEST_TITLE] or None for text in (social, headline, self.window))
        return titles.choose(social, headline, self.headings, window, self.site)

    def title(self) -> str | None:
        """The headline, without the site's name."""
        return self._title

    def description(self) -> str | None:
        """What the page's metadata say in a sentence or two."""
        return self.said("description", "abstract") or self.meta("og:description", "description", "twitter:description")

    def authors(self, walk: Walk | None = None) -> tuple[str, ...]:
        """The people, or the agency, in the byline; the site itself where it names nobody else. Where JSON-LD and meta
        elements name nobody but the site, the page's own byline is looked for, with `walk` also in lines that no markup
        calls a byline."""
        only_the_site: tuple[str, ...] = ()
        for found in self._bylines(walk):
            if people := tuple(name for name in found if not self.site.is_named(name)):
                return people
            only_the_site = only_the_site or found
        return only_the_site

    def _bylines(self, walk: Walk | None) -> Iterator[tuple[str, ...]]:
        """The names in each source, the best first."""
        yield names(self._people(self.node.get("author")) or self._people(self.node.get("creator")))
        listed = (value for key in _AUTHOR_METAS for value in self.metas.get(key, ())[:_MOST_AUTHORS])
        yield names(value for value in listed if "://" not in value)
        yield bylines.authors(self.root, walk, self._title or "")

    def _people(self, value: Any) -> list[str]:
        """The names in a JSON-LD author: a string, an object, a reference to one elsewhere on the page, or lists."""
        return self._people_in(value, set(), 0)

    def _people_in(self, value: Any, followed: set[str], depth: int) -> list[str]:
        """The same; each reference is followed once, for they may run in circles."""
        if depth > _DEEPEST:
            return []
        if isinstance(value, list):
            return [name for part in value for name in self._people_in(part, followed, depth + 1)]
        if isinstance(value, dict):
            said = value.get("name")
            if not said and (value.get("familyName") or value.get("givenName")):
                parts = (jsonld.string(value.get("givenName")), jsonld.string(value.get("familyName")))
                return [" ".join(part for part in parts if part)]
            target = str(value.get("@id"))
            if not said and target not in followed:
                followed.add(target)
                said = self.by_id.get(target)
            return self._people_in(said, followed, depth + 1)
        return [name] if isinstance(value, str) and "://" not in value and (name := jsonld.string(value)) else []

    def _strings(self, value: Any) -> list[str]:
        """The texts of a JSON-LD value, references followed."""
        if isinstance(value, dict) and "name" not in value:
            value = self.by_id.get(str(value.get("@id")))
        return [text] if (text := jsonld.string(value)) else []

    def _others(self, *kinds: str) -> list[jsonld.Node]:
        """The nodes of these types."""
        return [node for node in self.nodes if not jsonld.types(node).isdisjoint(kinds)]

    def published(self, walk: Walk | None = None) -> date | None:
        """The first publication: as JSON-LD, meta elements, `<time>` or microdata give it, with `walk` also as a line
        near the title does; else the day in the address."""
        candidates: list[str | None] = [self.said("datePublished")]
        candidates += [self.metas[key][0] for key in _PUBLISHED_METAS if key in self.metas]
        others = [node for node in self.nodes[:_MOST_DATED] if node is not self.node]
        candidates += [jsonld.string(node.get("datePublished")) for node in others]
        candidates.append(self.said("dateCreated", "uploadDate"))
        if found := _best_date(candidates):
            return found
        marked = self.root.xpath("//*[@itemprop='datePublished']")[:3]
        shown = [e.get("datetime") or e.get("content") or text_of(e) for e in (*marked, *self.times[:3])]
        if found := _best_date(shown):
            return found
        in_url = date_in_url(self.url)
        said = bylines.published(walk, self._title or "") if walk else None
        return _exact([day for day in (in_url, said) if day])

    def modified(self) -> date | None:
        """The last change that the publisher declares."""
        candidates: list[str | None] = [self.said("dateModified")]
        candidates += [self.metas[key][0] for key in _MODIFIED_METAS if key in self.metas]
        return _best_date(candidates)

    def language(self) -> str | None:
        """A BCP 47 tag in lower case: what JSON-LD says of the story, else the root's `lang`, else what meta elements
        and JSON-LD say of the page."""
        other = next((node["inLanguage"] for node in self._others("webpage", "website") if "inLanguage" in node), None)
        for value in (
            _spoken(self.node.get("inLanguage")),
            self.root.get("lang") or self.root.get("xml:lang"),
            self.meta("content-language", "og:locale", "language", "dc.language", "dcterms.language", "inlanguage"),
            _spoken(other),
        ):
            if value and _LANGUAGE.match(value.strip()):
                return value.strip().replace("_", "-").lower()
        return None

    def section(self) -> str | None:
        """The part of the paper that the story stands in: the first where several are given, none that only says that
        the page is an article."""
        said = self.node.get("articleSection")
        texts = [jsonld.string(part) for part in (said if isinstance(said, list) else [said])]
        texts += [self.meta(key) for key in _SECTION_METAS]
        for text in texts:
            if text and text.casefold() not in _NO_SECTIONS:
                is_list = len(text) > _LONGEST_SECTION or _LISTED.search(text)
                return (text.split(",")[0].strip() or None) if is_list else text
        return self._trail()

    def _trail(self) -> str | None:
        """The first part of the breadcrumbs that is neither the site nor the story."""
        for node in self._others("breadcrumblist"):
            steps = node.get("itemListElement")
            for step in steps if isinstance(steps, list) else ():
                if isinstance(step, dict):
                    name = jsonld.string(step.get("name")) or jsonld.string(step.get("item"))
                    if name and "://" not in name and name.casefold() not in _HOME and not self.site.is_named(name):
                        return name if fold(name) != fold(self._title or "") else None
        return None

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
        """The story's main picture; `caption` is the first that the body shows."""
        said = self.node.get("image")
        first = said[0] if isinstance(said, list) and said else said
        if isinstance(first, dict) and len(first) <= 2 and "@id" in first:
            first = self.by_id.get(str(first["@id"]), first)
        url = self.meta("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
        url = url or jsonld.address(first) or jsonld.address(said)
        if not url or not (url := _joined(self.base, url)):
            return None
        credit: str | None = None
        if isinstance(first, dict):
            caption = caption or jsonld.string(first.get("caption"))
            keys = ("creditText", "copyrightHolder", "creator", "author", "copyrightNotice")
            credit = next((text for key in keys if (text := jsonld.string(first.get(key)))), None)
        if not credit and caption and len(caption) <= _LONGEST_TITLE and (named := _CREDIT.search(caption)):
            credit = named[1]
        return Image(url, caption, credit)

    def body_text(self) -> str:
        """The body as the publisher's JSON-LD gives it, empty where it does not."""
        return self.said("articleBody") or ""


def _spoken(said: Any) -> str | None:
    """The code in a JSON-LD language: a text, an object, or the first of a list."""
    if isinstance(said, list):
        said = said[0] if said else None
    if isinstance(said, dict):
        said = said.get("alternateName") or said.get("name")
    return said if isinstance(said, str) else None


def _joined(base: str, address: str) -> str | None:
    """The absolute address; None where it cannot be one, such as `http://[`."""
    try:
        return urljoin(base, address)
    except ValueError:
        return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _best_date(texts: Iterable[str | None]) -> date | None:
    """The first moment that the texts name, as exactly as another of them gives it."""
    return _exact([moment for text in texts if (moment := parse_date(text))])


def _exact(found: list[date]) -> date | None:
    """The first, or what says the same more exactly: an instant with its zone before a time, a time before a day."""

    def vagueness(moment: date) -> int:
        return 2 if not isinstance(moment, datetime) else 0 if moment.tzinfo else 1

    def day(moment: date) -> int:
        return (moment.date() if isinstance(moment, datetime) else moment).toordinal()

    # Between zones, one moment has two days.
    return min((moment for moment in found if abs(day(moment) - day(found[0])) <= 1), key=vagueness, default=None)
