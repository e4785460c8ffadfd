"""Recorded pages: a page of a site as it was fetched, and the story that it must give; read again without the network.

    KEY/NAME.html    the body, byte for byte
    KEY/NAME.json    how it was fetched, and what is expected of it: {"page": {...}, "story": {...}}

What a site has taught plays no part, so that the same page gives the same story on every machine.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from newsbot.errors import NotUnderstood, SiteError
from newsbot.items import Lead, Page, Story, Verdict
from newsbot.process import read, selectors, tidy
from newsbot.sites import Site

_HEADERS = ("content-type", "etag", "last-modified")
_FIELDS = ("url", "canonical_url", "title", "standfirst", "authors", "section", "tags", "language")
_INSTANTS = ("published", "modified")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded page, its name, and the story that is expected of it."""

    name: str
    page: Page
    expected: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a story that is not as expected."""

    field: str
    expected: Any
    found: Any


def record(folder: Path, site: Site, page: Page) -> Path:
    """Keep a page with the story that it gives now; gives the path of the story, to be read and mended by hand.

    Raises SiteError where the page holds no story, is recorded already, or cannot be written.
    """
    story = _read(site, page)
    if isinstance(story, Verdict):
        raise SiteError(f"{page.url}: no story but {story.replace('_', ' ')}. Give the address of a story.")
    name = _name(page.url)
    told = {
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "headers": {name: page.headers[name] for name in _HEADERS if name in page.headers},
        "fetched_at": page.fetched_at.isoformat(),
        "redirects": list(page.redirects),
        "lead": {
            "url": page.lead.url,
            "title": page.lead.title,
            "published": page.lead.published.isoformat() if page.lead.published else None,
        },
    }
    own = folder / site.key
    path = own / f"{name}.json"
    text = json.dumps({"page": told, "story": _fields(story)}, ensure_ascii=False, indent=2) + "\n"
    try:
        own.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            (own / f"{name}.html").write_bytes(page.body)
            file.write(text)
    except FileExistsError as error:
        raise SiteError(f"{path}: is recorded already; remove it first") from error
    except OSError as error:
        raise SiteError(f"{path}: cannot be written: {error.strerror or error}; check the folder") from error
    return path


def recorded(folder: Path, key: str) -> Iterator[Recorded]:
    """The recorded pages of a site, by name. Raises SiteError for one that cannot be used."""
    for path in sorted((folder / key).glob("*.json")):
        try:
            said = json.loads(path.read_text("utf-8"))
            page, lead = said["page"], said["page"]["lead"]
            yield Recorded(
                path.stem,
                Page(
                    key,
                    page["url"],
                    page["final_url"],
                    page["status"],
                    dict(page["headers"]),
                    path.with_suffix(".html").read_bytes(),
                    datetime.fromisoformat(page["fetched_at"]),
                    Lead(lead["url"], lead["title"], datetime.fromisoformat(at) if (at := lead["published"]) else None),
                    tuple(page["redirects"]),
                ),
                dict(said["story"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SiteError(f"{path}: is no recorded page ({type(error).__name__}: {error}); record it anew") from error


def replay(site: Site, recorded: Recorded) -> list[Difference]:
    """What is not as expected when the page is read now: none where all is; fields that the file leaves out are not
    compared."""
    try:
        story = _read(site, recorded.page)
    except NotUnderstood as error:
        return [Difference("story", "a story", str(error))]
    if isinstance(story, Verdict):
        return [Difference("story", "a story", str(story))]
    found = _fields(story)
    return [Difference(n, e, found.get(n)) for n, e in recorded.expected.items() if e != found.get(n)]


def _read(site: Site, page: Page) -> Story | Verdict:
    return tidy(read(page, selectors(site)), site)


def _fields(story: Story) -> dict[str, Any]:
    """What is expected of a story, as JSON has it."""
    told: dict[str, Any] = {name: getattr(story, name) for name in _FIELDS}
    told |= {name: value.isoformat() if (value := getattr(story, name)) else None for name in _INSTANTS}
    told["authors"], told["tags"] = list(story.authors), list(story.tags)
    told["access"] = str(story.access)
    told["text"] = story.text.split("\n")
    told["removed"] = [{"kind": str(block.kind), "text": block.text} for block in story.removed]
    return told


def _name(url: str) -> str:
    """A file name that is an address's alone, and can be read."""
    words = re.sub(r"[^a-z0-9]+", "-", urlsplit(url).path.lower()).strip("-")[-60:].strip("-")
    return f"{words or 'page'}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
