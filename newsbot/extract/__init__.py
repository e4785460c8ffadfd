"""From a page's HTML to what it says: metadata and the blocks of its body.

Pure: a value in, a value out. This room knows nothing of networks, disks, Scrapy or the database.

    bytes -> charset -> document.parse -> metadata.Facts (titles, bylines, dates, jsonld)
                                       \\-> blocks.walk -> body.find (evidence, weights) -> Article
                                                       \\-> verdict, access, live, state
"""

from __future__ import annotations

from dataclasses import dataclass

from newsbot.extract.body import weights
from newsbot.extract.profile import learn
from newsbot.extract.reading import Selectors, read
from newsbot.items import Article, BlockKind, Profile

__all__ = ["Explained", "Selectors", "explain", "extract", "learn"]


def extract(
    html: bytes | str,
    url: str,
    profile: Profile | None = None,
    *,
    content_type: str = "",
    select: Selectors | None = None,
) -> Article:
    """What the page at `url` says.

    `html` is the page as fetched (bytes in any encoding) or as text; `content_type` is the HTTP header of that name,
    where bytes came with it; `profile` is what the site's earlier pages taught (see `learn`); `select` is what the
    site's file says. Where the page is no story, the article's `verdict` says what it is. Never raises for what a page
    holds.
    """
    return read(html, url, content_type=content_type, select=select, profile=profile).article


@dataclass(frozen=True, slots=True)
class Explained:
    """A block of a page, whether it was kept, and why: the evidence with its weights, the heaviest first."""

    kind: BlockKind
    text: str
    kept: bool
    score: float
    evidence: tuple[tuple[str, float], ...]


def explain(
    html: bytes | str,
    url: str,
    profile: Profile | None = None,
    *,
    content_type: str = "",
    select: Selectors | None = None,
) -> tuple[Article, tuple[Explained, ...]]:
    """What `extract` says, and every block in and around the body with what spoke for it and against it. No blocks
    where the text came from a site's selectors, a script, or not at all."""
    reading = read(html, url, content_type=content_type, select=select, profile=profile)
    known = weights()
    blocks = []
    for judged in reading.body.judged if reading.body else ():
        evidence = sorted(((name, known.get(name, 0.0)) for name in judged.evidence), key=lambda piece: -abs(piece[1]))
        found = judged.block
        blocks.append(Explained(found.kind, found.text, judged.kept, judged.score, tuple(evidence)))
    return reading.article, tuple(blocks)
