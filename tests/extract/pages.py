"""Short pages of invented newspapers."""

from __future__ import annotations

import json
from typing import Any

from newsbot.extract import Selectors, extract
from newsbot.items import Article

URL = "https://www.harbour-gazette.example/town/ferry-is-back"
TITLE = "The ferry to Grey Island is back"
STANDFIRST = "After four weeks of repairs the only boat to the island sails again, with a new engine."
STORY = (
    "The ferry to Grey Island sails again since Monday, four weeks after its engine failed in a winter storm.",
    "“We carried forty people on the first morning,” the captain said. Two of them had brought their goats along.",
    "Repairs cost the town 310,000 crowns, a third more than the council had been told before Christmas.",
    "Whoever wants to cross with a car has to book a day ahead, because one of the two ramps is still closed.",
)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts or STORY)


def page(body: str, head: str = "", *, title: str = TITLE, lang: str = "en") -> str:
    return f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'


def article(body: str = "", head: str = "") -> str:
    """A page whose story is known by its headline and its paragraphs; `body` comes after them."""
    return page(f"<article><h1>{TITLE}</h1>{paragraphs()}</article>{body}", head)


def json_ld(value: Any) -> str:
    return f'<script type="application/ld+json">{value if isinstance(value, str) else json.dumps(value)}</script>'


def node(**fields: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, **fields}


def read(html: bytes | str, url: str = URL, select: Selectors | None = None) -> Article:
    return extract(html, url, select=select)
