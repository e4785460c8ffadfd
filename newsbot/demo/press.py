"""From an invented paper's stories to the documents that its server hands out: pages, feeds, sitemaps, robots.txt."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from itertools import groupby
from string import Template
from xml.etree import ElementTree as ET

from newsbot.demo.paper import Kind, Paper, Piece, Story, Times, data_text

ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
# https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap, which also sets the two days.
NEWS_SITEMAP = "http://www.google.com/schemas/sitemap-news/0.9"
NEWS_SITEMAP_AGE = timedelta(days=2)

HTML = "text/html; charset=utf-8"

_LINK = re.compile(r"\[([^]]+)\]\(([^)]+)\)")
_STRESS = re.compile(r"\*([^*]+)\*")
_PART = re.compile(r"^<!-- part: (\w+) -->\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at one address, and when it last changed (aware, whole seconds)."""

    content_type: str
    body: bytes
    modified: datetime

    @property
    def etag(self) -> str:
        """A weak validator, because the same one goes out with the gzip coding (RFC 9110, section 8.8.3.3)."""
        return f'W/"{hashlib.sha256(self.body).hexdigest()[:20]}"'


def documents(paper: Paper, times: Times) -> dict[str, Document]:
    """Path -> document, for everything that the paper has on the web in the edition that `times` implies."""
    first = dict(_documents(paper, 1, Times(times.started)))
    if times.changed is None:
        return first
    second = dict(_documents(paper, 2, times))
    for path, document in second.items():
        if path not in first or first[path].body != document.body:  # be it only for the sidebar
            second[path] = replace(document, modified=times.changed)
    return second


def plain(text: str) -> str:
    """A piece's text as a reader sees it."""
    return _STRESS.sub(r"\1", _LINK.sub(r"\1", text))


def furniture_page(paper: Paper, story: Story, edition: int) -> str:
    """The story's page with everything that is the story's own left out: what remains is the boxes, menus, footers."""
    boxes = tuple(piece for piece in story.body if piece.kind is Kind.BOX)
    blank = replace(story, title="", standfirst="", tags=(), caption="", body=boxes)
    return _page(paper, blank, edition, times=None)


def _documents(paper: Paper, edition: int, times: Times) -> Iterator[tuple[str, Document]]:
    stories = paper.stories(edition)
    newest = max(times.modified(story) for story in stories)

    yield "/robots.txt", Document("text/plain; charset=utf-8", _robots(paper), times.started)
    if paper.atom:
        yield paper.atom, Document("application/atom+xml", _atom(paper, stories, times), newest)
    if paper.rss:
        yield paper.rss, Document("application/rss+xml", _rss(paper, stories, times), newest)
    if paper.sitemap:
        yield paper.sitemap, Document("application/xml", _sitemap(paper, stories, times), newest)
    if paper.news_sitemap:
        yield paper.news_sitemap, Document("application/xml", _news_sitemap(paper, stories, times), newest)
    yield "/", Document(HTML, _list_page(paper, "The latest stories", stories), newest)
    for section in paper.sections:
        listed = [story for story in stories if story.section == section]
        modified = max(times.modified(story) for story in listed)
        yield f"/{section}/", Document(HTML, _list_page(paper, section.capitalize(), listed), modified)

    picture = data_text("papers", "picture.svg").encode()
    for story in stories:
        modified = times.modified(story)
        yield story.path, Document(HTML, _page(paper, story, edition, times).encode(), modified)
        if story.amp:
            yield f"/amp{story.path}", Document(HTML, _amp_page(paper, story, times).encode(), modified)
        yield _image_path(story), Document("image/svg+xml", picture, times.published(story))


def _robots(paper: Paper) -> bytes:
    sitemaps = "".join(f"\nSitemap: {paper.url(path)}" for path in (paper.sitemap, paper.news_sitemap) if path)
    return f"User-agent: *\nDisallow: /search\nDisallow: /private\n{sitemaps}\n".encode()


# Pages ---------------------------------------------------------------------------------------------------------------


@cache
def _parts(key: str) -> dict[str, Template]:
    """The parts of the paper's HTML file, by name."""
    pieces = _PART.split(data_text("papers", f"{key}.html"))
    return {name: Template(text.strip() + "\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def _fill(paper: Paper, part: str, **values: str) -> str:
    return _parts(paper.key)[part].substitute(values)


def _page(paper: Paper, story: Story, edition: int, times: Times | None) -> str:
    """The story's page; without `times`, one that does not say who wrote it and when."""
    parts = _parts(paper.key)
    values = _head_values(paper, story) | {
        "byline": _byline(paper, story, times) if times else "",
        "json_ld": _json_ld(paper, story, times) if times else "{}",
        "body": _body(paper, story, edition),
        "figure": "",
        "amp_link": f'<link rel="amphtml" href="{escape(paper.url("/amp" + story.path))}">' if story.amp else "",
        "live": "".join(_fill(paper, "live", line=escape(line)) for line in _live(paper, edition)),
    }
    if story.caption:
        values["figure"] = _fill(
            paper, "figure", image=values["image"], caption=escape(story.caption), credit=escape(story.credit)
        )
    if "tag" in parts:
        values["tags"] = "".join(_fill(paper, "tag", tag=escape(tag)) for tag in story.tags)
    else:
        links = "".join(f'<li><a href="/search?q={escape(tag)}">{escape(tag)}</a></li>' for tag in story.tags)
        values["tags"] = _fill(paper, "tags", links=links)
    for part in ("access", "stub"):
        values[part] = _fill(paper, part, **values) if story.paywalled else ""
    return parts["page"].substitute(values)


def _amp_page(paper: Paper, story: Story, times: Times) -> str:
    prose = replace(story, body=tuple(piece for piece in story.body if piece != Piece(Kind.BOX, "newsletter")))
    return _fill(
        paper,
        "amp",
        **_head_values(paper, story),
        byline=_byline(paper, story, times),
        json_ld=_json_ld(paper, story, times),
        body=_body(paper, prose, edition=2 if story.revised else 1),
    )


def _list_page(paper: Paper, heading: str, stories: Iterable[Story]) -> bytes:
    teasers = "".join(_fill(paper, "teaser", **_head_values(paper, story)) for story in stories)
    page = _fill(paper, "list", language=paper.language, heading=heading, teasers=teasers)
    return page.encode()


def _head_values(paper: Paper, story: Story) -> dict[str, str]:
    values = {
        "language": paper.language,
        "title": story.title,
        "standfirst": story.standfirst,
        "url": paper.url(story.path),
        "path": story.path,
        "image": paper.url(_image_path(story)),
        "section": story.section,
        "section_name": story.section.capitalize(),
    }
    return {name: escape(value) for name, value in values.items()}


def _image_path(story: Story) -> str:
    return f"/media/{story.path.rsplit('/', 1)[1]}.svg"


def _live(paper: Paper, edition: int) -> tuple[str, ...]:
    return paper.live[edition - 1] if paper.live else ()


def _byline(paper: Paper, story: Story, times: Times) -> str:
    published = times.published(story).astimezone(paper.zone)
    return _fill(
        paper,
        "byline",
        authors=escape(" and ".join(story.authors)),
        published_iso=published.isoformat(),
        published_words=f"{published:%d %B %Y, %H:%M}",
    )


def _body(paper: Paper, story: Story, edition: int) -> str:
    lines: list[str] = []
    for kind, pieces in groupby(story.body, key=lambda piece: piece.kind):
        if kind is Kind.BOX:
            lines += [_box(paper, story, edition, piece.text) for piece in pieces]
        elif kind is Kind.ITEM:
            lines += ["<ul>", *(f"<li>{_inline(piece.text)}</li>" for piece in pieces), "</ul>"]
        elif kind is Kind.QUOTE:
            lines += [f"<blockquote><p>{_inline(piece.text)}</p></blockquote>" for piece in pieces]
        else:
            lines += [f"<{kind}>{_inline(piece.text)}</{kind}>" for piece in pieces]
    return "\n".join(lines)


def _box(paper: Paper, story: Story, edition: int, name: str) -> str:
    if name != "related":
        return _fill(paper, name)
    titles = {other.path: other.title for other in paper.stories(edition)}
    links = "".join(f'<li><a href="{escape(path)}">{escape(titles[path])}</a></li>' for path in story.related)
    return _fill(paper, name, links=links)


def _inline(text: str) -> str:
    return _STRESS.sub(r"<em>\1</em>", _LINK.sub(r'<a href="\2">\1</a>', escape(text, quote=False)))


def _json_ld(paper: Paper, story: Story, times: Times) -> str:
    """schema.org's NewsArticle: all of it on a free page, no more than the paywall's marking on a paywalled one."""
    data: dict[str, object] = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title}
    if story.paywalled:  # https://developers.google.com/search/docs/appearance/structured-data/paywalled-content
        data["isAccessibleForFree"] = False
        data["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall-stub"}
    else:
        kind = "Organization" if story.agency else "Person"
        data |= {
            "description": story.standfirst,
            "mainEntityOfPage": paper.url(story.path),
            "image": [paper.url(_image_path(story))],
            "datePublished": times.published(story).astimezone(paper.zone).isoformat(),
            "dateModified": times.modified(story).astimezone(paper.zone).isoformat(),
            "author": [{"@type": kind, "name": name} for name in story.authors],
            "publisher": {"@type": "NewsMediaOrganization", "name": paper.name},
            "articleSection": story.section.capitalize(),
            "keywords": list(story.tags),
            "inLanguage": paper.language,
            "isAccessibleForFree": True,
        }
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


# Feeds and sitemaps --------------------------------------------------------------------------------------------------


def _atom(paper: Paper, stories: Iterable[Story], times: Times) -> bytes:
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": paper.language})
    _add(feed, "id", paper.url("/"))
    _add(feed, "title", paper.name)
    _add(feed, "link", rel="self", href=paper.url(paper.atom))
    _add(feed, "link", rel="alternate", type="text/html", href=paper.url("/"))
    _add(feed, "updated", max(times.modified(story) for story in stories).astimezone(paper.zone).isoformat())
    for story in stories:
        entry = _add(feed, "entry")
        _add(entry, "id", paper.url(story.path))
        _add(entry, "title", story.title)
        _add(entry, "link", rel="alternate", type="text/html", href=paper.url(story.path))
        _add(entry, "published", times.published(story).astimezone(paper.zone).isoformat())
        _add(entry, "updated", times.modified(story).astimezone(paper.zone).isoformat())
        for name in story.authors:
            _add(_add(entry, "author"), "name", name)
        _add(entry, "category", term=story.section)
        _add(entry, "summary", story.standfirst)
    return _xml(feed)


def _rss(paper: Paper, stories: Iterable[Story], times: Times) -> bytes:
    root = ET.Element("rss", {"version": "2.0", "xmlns:dc": DUBLIN_CORE, "xmlns:atom": ATOM})
    channel = _add(root, "channel")
    _add(channel, "title", paper.name)
    _add(channel, "link", paper.url("/"))
    _add(channel, "description", f"All stories of {paper.name}")
    _add(channel, "language", paper.language)
    _add(channel, "atom:link", rel="self", type="application/rss+xml", href=paper.url(paper.rss))
    for story in stories:
        item = _add(channel, "item")
        link = {"plain": story.path, "utm": f"{story.path}?{paper.tracking}", "amp": f"/amp{story.path}"}[story.rss]
        _add(item, "title", story.title)
        _add(item, "link", paper.url(link))
        _add(item, "guid", paper.url(story.path), isPermaLink="true")
        _add(item, "pubDate", format_datetime(times.published(story).astimezone(paper.zone)))
        _add(item, "dc:creator", ", ".join(story.authors))
        _add(item, "category", story.section)
        _add(item, "description", story.standfirst)
    return _xml(root)


def _sitemap(paper: Paper, stories: Iterable[Story], times: Times) -> bytes:
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for story in stories:
        entry = _add(root, "url")
        _add(entry, "loc", paper.url(story.path))
        _add(entry, "lastmod", times.modified(story).astimezone(paper.zone).isoformat())
    return _xml(root)


def _news_sitemap(paper: Paper, stories: Iterable[Story], times: Times) -> bytes:
    root = ET.Element("urlset", {"xmlns": SITEMAP, "xmlns:news": NEWS_SITEMAP})
    for story in stories:
        published = times.published(story)
        if times.started - published > NEWS_SITEMAP_AGE:
            continue
        entry = _add(root, "url")
        _add(entry, "loc", paper.url(story.path))
        _add(entry, "lastmod", times.modified(story).astimezone(paper.zone).isoformat())
        news = _add(entry, "news:news")
        publication = _add(news, "news:publication")
        _add(publication, "news:name", paper.name)
        _add(publication, "news:language", paper.language)
        _add(news, "news:publication_date", published.astimezone(paper.zone).isoformat())
        _add(news, "news:title", story.title)
    return _xml(root)


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
