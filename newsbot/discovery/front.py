"""Front pages: what a site says of itself there: its name, language, time zone, feeds, and sections."""

from __future__ import annotations

import json
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from newsbot.charset import decode
from newsbot.discovery.links import LAST_UTILITY, MOST_LINKS, UTILITY, read_links, surroundings
from newsbot.discovery.text import absolute, language_tag, plain
from newsbot.items import Lead

_ZONE = re.compile(
    r"""["']?(?:time_?zone(?:_?string|_?name|_?id)?|tz)["']?\s*[:=]\s*["']([A-Z][A-Za-z]+(?:\\?/[A-Za-z_+-]+){1,2})["']""",
    re.I,
)
_PARTS = re.compile(r"\s+[|–—·»:-]\s+|\s*[|»]\s*")  # between a site's name and its slogan
_SITE_TYPES = ("WebSite", "NewsMediaOrganization", "Organization")
_LONGEST_NAME = 80
_LONGEST_LABEL = 30  # characters of a section's name in a menu; a headline is longer
_MOST_SCRIPT = 2_000_000  # characters of scripts in which a time zone is looked for


@dataclass(frozen=True, slots=True)
class Front:
    """What a front page says: None and empty where it says nothing. `language` is a BCP 47 tag in lower case,
    `timezone` an IANA name; `sections` are the addresses in its menus that may be pages of links, in its order."""

    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    feeds: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    leads: tuple[Lead, ...] = ()


def read_front(body: bytes, url: str, content_type: str = "") -> Front:
    """The front page in `body`, served at `url`. Raises NotUnderstood if the body is no HTML."""
    links = read_links(body, url, content_type)
    parser = etree.HTMLParser(encoding="utf-8", recover=True, no_network=True, huge_tree=False, remove_comments=True)
    text = decode(body, content_type)
    document: object = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if not isinstance(document, etree._Element):  # lxml: None where recovery leaves no element at all
        return Front(feeds=links.feeds, leads=links.leads)
    base = next((absolute(url, tag.get("href") or "") for tag in document.iter("base")), None) or url
    metas = dict(_metas(document))
    scripts = [script.text or "" for script in document.iter("script")]
    return Front(
        _name(document, metas),
        _language(document, metas),
        _timezone(metas, scripts),
        links.feeds,
        tuple(dict.fromkeys(_sections(document, base, url))),
        links.leads,
    )


def _metas(document: etree._Element) -> Iterator[tuple[str, str]]:
    for meta in document.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("http-equiv") or ""
        if content := (meta.get("content") or "").strip():
            yield name.lower(), content


def _name(document: etree._Element, metas: dict[str, str]) -> str | None:
    title = next((" ".join(str(part) for part in tag.itertext()) for tag in document.iter("title")), "")
    parts = [part for part in _PARTS.split(" ".join(title.split())) if part]
    # Of "Home | The Example" and "The Example - news from everywhere", the name is the shorter that is no mere "Home".
    parts = [part for part in parts if part.lower() not in _HOME_WORDS]
    for said in (
        metas.get("og:site_name"),
        metas.get("application-name"),
        next(_schema_names(document), None),
        metas.get("apple-mobile-web-app-title"),
        min(parts, key=len, default=None),
    ):
        name = plain(said or "", _LONGEST_NAME)
        if name:
            return name
    return None


_HOME_WORDS = frozenset(
    "home,homepage,startseite,accueil,inicio,início,portada,index,front page,news,nachrichten,noticias,notícias,"
    "actualités,forside,etusivu,strona główna,главная,головна,ana sayfa,beranda".split(",")
)


def _schema_names(document: etree._Element) -> Iterator[str]:
    for script in document.iter("script"):
        if (script.get("type") or "").lower().strip() != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            if (
                kinds in _SITE_TYPES if isinstance(kinds, str) else kinds and set(_SITE_TYPES) & set(map(str, kinds))
            ) and (isinstance(name := node.get("name"), str)):
                yield name


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    for each in data if isinstance(data, list) else [data]:
        if isinstance(each, dict):
            yield each
            graph = each.get("@graph")
            if isinstance(graph, list):
                yield from (node for node in graph if isinstance(node, dict))


def _language(document: etree._Element, metas: dict[str, str]) -> str | None:
    xml = "{http://www.w3.org/XML/1998/namespace}lang"
    root = next(document.iter("html"), document)
    for said in (
        root.get("lang"),
        root.get(xml),
        root.get("xml:lang"),
        metas.get("og:locale"),
        metas.get("content-language"),
        metas.get("language"),
    ):
        if language := language_tag((said or "").split(",")[0].split(".")[0]):
            return language
    return None


def _timezone(metas: dict[str, str], scripts: list[str]) -> str | None:
    said = [metas.get("timezone", "")]
    room = _MOST_SCRIPT
    for script in scripts:
        said += [match[1].replace("\\", "") for match in _ZONE.finditer(script[:room])]
        room -= len(script)
        if room <= 0:
            break
    named = {zone for zone in said if _is_zone(zone)}
    return named.pop() if len(named) == 1 else None  # who names several means readers', or a list to choose from


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return "/" in name and not name.startswith("Etc/")


def _sections(document: etree._Element, base: str, url: str) -> Iterator[str]:
    """Menu entries that lead to a page of the same host with a short path and a short name."""
    host = urlsplit(url).hostname
    for number, anchor in enumerate(document.iter("a")):
        if number >= MOST_LINKS:
            return
        address = absolute(base, anchor.get("href") or "")
        if address is None or not surroundings(anchor)[1]:
            continue
        parts = urlsplit(address)
        segments = [segment.lower() for segment in unquote(parts.path).split("/") if segment]
        label = " ".join(" ".join(str(part) for part in anchor.itertext(with_tail=False)).split())
        if parts.hostname != host or parts.query or not 1 <= len(segments) <= 3 or not 0 < len(label) <= _LONGEST_LABEL:
            continue
        if not (UTILITY | LAST_UTILITY).isdisjoint(segments) or re.search(
            r"\.(?!html?$|php$|s?html$)\w+$", segments[-1]
        ):
            continue
        yield address
