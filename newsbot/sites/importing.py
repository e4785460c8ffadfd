"""Sites made from lists: OPML, or one address a line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import ValidationError

from newsbot.charset import decode
from newsbot.errors import SiteError
from newsbot.fingerprint import registered_domain
from newsbot.sites.model import KEY_PATTERN, Site
from newsbot.sites.opml import MOST_BYTES, MOST_OUTLINES, Outline, read_opml

_LIKE_A_FEED = re.compile(r"\.(?:rss|rdf|atom|xml)$|(?:^|[/.?=_-])(?:rss|feeds?|atom|rdf)(?:[/.?&=_-]|\d|$)")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list gives: sites by key, and a line for each entry that was passed over."""

    sites: dict[str, Site]
    passed_over: tuple[str, ...] = ()


def key_for(url: str) -> str:
    """The key that a site at an address has: its registered domain; "" where the address gives none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    key = (registered_domain(url) or host).lower()
    try:
        key = key.encode("idna").decode("ascii") if not key.isascii() else key
    except UnicodeError:
        return ""
    return key if KEY_PATTERN.fullmatch(key) else ""


def read_list(body: bytes, name: str, known: Collection[str] = ()) -> Listed:
    """The sites that the file `name` lists: OPML, or plain text with an address a line, # before remarks.

    Feeds of one host are one site; of two hosts of one domain, the second's key is its host. Nothing is fetched: an
    address that does not look like a feed's is taken for a home page, whose feeds the crawl finds. Sites with one of
    the `known` keys are passed over. Raises SiteError for a file that is neither.
    """
    if len(body) > MOST_BYTES:
        raise SiteError(f"{name}: larger than {MOST_BYTES // 1_000_000} MB; no list of sites is. Split the file.")
    text = decode(body).lstrip("\ufeff \t\r\n")
    outlines = read_opml(body, name) if text.startswith("<") else list(_lines(text, name))
    gathered, told = _gathered(outlines)
    sites: dict[str, Site] = {}
    for key, values in gathered.items():
        if key in known:
            told.append(f"{key}: is known already")
            continue
        try:
            sites[key] = Site.model_validate({"key": key, **values})
        except ValidationError as error:
            first = error.errors()[0]
            told.append(f"{key}: {first['input']!r:.100}: {first['msg'].removeprefix('Value error, ')}")
    return Listed(sites, tuple(told))


def _lines(text: str, name: str) -> Iterator[Outline]:
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if len(lines) > MOST_OUTLINES:
        raise SiteError(f"{name}: more than {MOST_OUTLINES:,} lines. Split the file.")
    for line in lines:
        address = line.split()[0]
        if "//" not in address:
            address = f"https://{address}"
        if address.count("/") == 2:
            address += "/"
        feed = bool(_LIKE_A_FEED.search(address.split("//", 1)[1].partition("/")[2].lower()))
        yield Outline("", address, "") if feed else Outline("", "", address)


def _gathered(outlines: Iterable[Outline]) -> tuple[dict[str, dict[str, object]], list[str]]:
    """What the entries say of each site, by key, and what was passed over."""
    sites: dict[str, dict[str, object]] = {}
    hosts: dict[str, str] = {}
    told: list[str] = []
    for outline in outlines:
        address = outline.home or outline.feed
        key, host = key_for(address), _host(address)
        if not key or not host:
            told.append(f"{address[:100]}: is no address of a site")
            continue
        if hosts.setdefault(key, host) != host:
            key = host
        hosts.setdefault(key, host)
        origin = "/".join(address.split("/", 3)[:3]) + "/"
        values = sites.setdefault(key, {"name": outline.name or key, "home": outline.home or origin})
        language = outline.language.replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language):
            values.setdefault("language", language)
        if outline.feed:
            feeds = values.setdefault("feeds", [])
            assert isinstance(feeds, list)
            if outline.feed not in feeds:
                feeds.append(outline.feed)
    return sites, told


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("http", "https") else ""
