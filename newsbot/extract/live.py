"""Live blogs: what a `LiveBlogPosting` says of its entries, or the page's own dated posts where it says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice

from lxml import etree

from newsbot.extract import jsonld
from newsbot.extract.dates import parse_date
from newsbot.extract.state import Paragraph, prose
from newsbot.extract.text import fold
from newsbot.items import Block, BlockKind, Live

_MOST = 5_000  # entries; a day's ticker has some hundreds
_FEWEST = 3  # dated posts of one make that are a live blog's entries
_START = 60  # characters by which a paragraph is recognised
_SAMPLE = 500  # paragraphs at most that are looked for in the markup
_PARENTS = 6  # elements above a date within which its post is
_POSTS = frozenset(("article", "li", "section", "div"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its headline, its text with a line for each paragraph, and when it was published."""

    headline: str
    text: str
    published: date | None


def live_node(found: Sequence[jsonld.Node], story: jsonld.Node, url: str) -> jsonld.Node:
    """The node of the live blog that the page is: its `story` itself, or one beside it with its address or headline; an
    empty node where there is none."""
    headline = fold(jsonld.string(story.get("headline")) or "")
    for node in (story, *found):
        if "liveblogposting" not in jsonld.types(node):
            continue
        own = {jsonld.path(jsonld.address(node.get(key)) or "") for key in ("url", "@id", "mainEntityOfPage")}
        is_page = node is story or jsonld.path(url) in own
        if is_page or (headline and fold(jsonld.string(node.get("headline")) or "") == headline):
            return node
    return {}


def entries(node: jsonld.Node) -> tuple[Entry, ...]:
    """The entries in a node's `liveBlogUpdate`, in its order, which is mostly the newest first; without empty ones."""
    said = node.get("liveBlogUpdate")
    out: list[Entry] = []
    for update in said[:_MOST] if isinstance(said, list) else [said]:
        if not isinstance(update, dict):
            continue
        body = update.get("articleBody") or update.get("description") or update.get("text")
        text = "\n".join(line for _, line in prose(body)) if isinstance(body, str) else ""
        headline = jsonld.string(update.get("headline") or update.get("name")) or ""
        if headline or text:
            moment = update.get("datePublished") or update.get("dateCreated") or update.get("dateModified")
            out.append(Entry(headline, text, parse_date(moment) if isinstance(moment, str) else None))
    return tuple(out)


def live_of(node: jsonld.Node, told: Sequence[Entry], root: etree._Element) -> Live | None:
    """How many entries the page has and when they were written; None where there is no live blog's `node`.

    Where the node `told` of no entries, the posts on the page are counted that have a `<time datetime>` each. Where
    they have no times, the coverage's start and end stand for them.
    """
    if not node:
        return None
    moments = [entry.published for entry in told if entry.published]
    count = len(told)
    if not told:
        moments = _posts(root)
        count = len(moments)
    if not moments:
        bounds = (jsonld.string(node.get(key)) for key in ("coverageStartTime", "coverageEndTime"))
        moments = [moment for said in bounds if said and (moment := parse_date(said))]
    moments.sort(key=_instant)
    return Live(count, moments[0] if moments else None, moments[-1] if moments else None)


def completed(blocks: Sequence[Block], told: Sequence[Entry]) -> list[Block]:
    """The body's blocks, followed by the entries where the page's markup lacks most of them."""
    texts = [line for entry in told for line in entry.text.split("\n") if len(line) >= _START // 2]
    shown = " ".join(fold(block.text) for block in blocks)
    sample = texts[:: len(texts) // _SAMPLE + 1]
    lacking = sum(fold(line)[:_START] not in shown for line in sample)
    if not texts or lacking * 2 <= len(sample):
        return list(blocks)
    added: list[Paragraph] = []
    for entry in told:
        if entry.headline and not fold(entry.text).startswith(fold(entry.headline)):
            added.append((BlockKind.HEADING, entry.headline))
        added.extend((BlockKind.PARAGRAPH, line) for line in entry.text.split("\n") if line)
    known = {fold(block.text) for block in blocks}
    return [*blocks, *(Block(kind, text) for kind, text in added if fold(text) not in known)]


def _posts(root: etree._Element) -> list[date]:
    """The times of the posts that are most on the page: elements of one make with a time each."""
    makes: Counter[tuple[str, str]] = Counter()
    seen: set[etree._Element] = set()
    dated: list[tuple[list[tuple[str, str]], date]] = []
    for mark in islice(root.iter("time"), _MOST):
        moment = parse_date(mark.get("datetime"))
        if moment is None:
            continue
        around: list[tuple[str, str]] = []
        for parent, _ in zip(mark.iterancestors(), range(_PARENTS), strict=False):
            if parent.tag in _POSTS and parent not in seen:
                seen.add(parent)
                around.append((str(parent.tag), parent.get("class") or ""))
        makes.update(around)
        dated.append((around, moment))
    if not makes:
        return []
    # Of elements around each other, which are as many, the outermost counts no more than the innermost.
    make, count = makes.most_common(1)[0]
    return [moment for around, moment in dated if make in around] if count >= _FEWEST else []


def _instant(moment: date) -> datetime:
    """For comparing: a day is its midnight, a time without a zone is taken for UTC."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(0), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
