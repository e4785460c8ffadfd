"""Who wrote a story and when, as the page shows it to readers: the lines under its title, marked as bylines or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice

from lxml import etree

from newsbot.extract import markup
from newsbot.extract.blocks import Found, Walk
from newsbot.extract.dates import date_within, is_calendar_word
from newsbot.extract.names import names
from newsbot.extract.text import fold
from newsbot.items import BlockKind

# Lead-ins that stand before names only, at the start of a line or of a part of it.
_LED = re.compile(
    r"(?:^|[|·•–—]\s*|\n\s*)((?:an?\s\w+\s|eine?\s\w+\s|text:?\s|words\s|written\s|reported\s|posted\s|published\s)?"
    r"(?:by|von|par|por|di|door|przez|av|af|oleh|yazan|autor(?:/in)?:?|autorin(?:/autor)?:?|автор:?|penulis:?|tekst:?"
    r"|texte?\s?:|texto\s?:|testo\s?:|foto y texto:)\s+(?!\d)\S.*)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^(?:autor(?:in)?(?:/(?:autor|in))?|authors?|auteure?s?|autore|автор|penulis|yazar|作者|記者)\s*:?\s+(\S.*)$",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"^(?:datum|date|fecha|data|дата|tarih|tanggal|dato|published|publi(?:é|cado|cato)|erstellt|stand|veröffentlicht)\b",
    re.IGNORECASE,
)
# What stands in marked elements and is no byline of the story.
_OTHER = re.compile(
    r"^(?:quelle|source|fuente|fonte|źródło|источник|джерело|sumber|kaynak|foto|photo|bild|image|editor|redaktion|kontakt|contact|follow|about|über|mehr|more)\b",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r"^(?:by|von|par|por|di|door|av|af|oleh|автор)(?::|\s|$)", re.IGNORECASE)
# Small words that names begin with.
_PARTICLES = frozenset("de da di del della von van der den ten ter el al le la ibn bin af av zu".split())
_SIGNED = re.compile(r"[(（\[]?\s*(?:责任?编辑?|责编|作者|記者|记者)\s*[:：]\s*([^()（）\[\]]{2,40})[)）\]]?$")
_REPORTER = re.compile(r"^[\w\s·,]{2,30}\s*(?:기자|특파원|記者)(?:\s*\S+@\S+)?$")
# What comes behind the names in one line: a day, a time, a length of reading.
_NO_MORE = re.compile(
    r"\s*(?:\d|\b(?:updated|published|aktualisiert|stand|posted|on\s+\w+day)\b|@).*$", re.IGNORECASE | re.DOTALL
)
_LONGEST_LINE = 160  # characters
_LONG_PARAGRAPH = 200
_LINES_BELOW = 16
_LINES_ABOVE = 4
_LABELLED_MOST = 20  # lines looked at
_MARKED_MOST = 60  # elements looked at
_ANCESTORS = 12
_AWAY = markup.FAR_AWAY | markup.TEASER
_NO_BYLINES = frozenset(("link", "html", "body", "main", "article"))
_LONGEST_TEASER = 400  # characters
_AWAY_TAGS = frozenset(("aside", "nav", "footer", "figure", "figcaption"))
_NAME_WORDS = (2, 4)  # of a name that stands alone
_MOST_WORDS = 6  # of a name in a byline
_LONGEST_ABBREVIATION = 4  # letters
_SHORT = 80
_DATELINE = 50


def authors(root: etree._Element, walk: Walk | None, title: str) -> tuple[str, ...]:
    """The names in the page's byline: in the first element that is marked as one and those in a list with it, else in
    a line near the title, else in the signature below the story."""
    first: etree._Element | None = None
    people: dict[str, str] = {}
    for element in _marked(root):
        if (found := _named(element)) and (first is None or _are_alike(first, element)):
            first = element if first is None else first
            people.update((name.casefold(), name) for name in found if name.casefold() not in people)
    if people:
        return tuple(people.values())
    if walk is None:
        return ()
    for block in _near(walk, title):
        if block.kind is BlockKind.CAPTION:
            continue
        led = _LED.search(block.text)
        if led and (found := _people(led[1])):
            return found
        if _REPORTER.match(block.text) and (found := names([block.text])):
            return found
    if found := _beside_the_day(walk, title):
        return found
    labelled = (led for block in walk.blocks if len(block.text) <= _SHORT and (led := _LABELLED.match(block.text)))
    for led in islice(labelled, _LABELLED_MOST):
        if found := _people(led[1]):
            return found
    return _signature(walk)


def _beside_the_day(walk: Walk, title: str) -> tuple[str, ...]:
    """The name that stands alone in the line before or after the dateline, or in that line in front of the day."""
    lines = [block for block in _near(walk, title) if block.kind not in (BlockKind.CAPTION, BlockKind.HEADING)]
    for line in lines:
        if len(line.text) > _SHORT or date_within(line.text) is None:
            continue
        beside = [other.text for other in lines if abs(other.index - line.index) == 1]
        for text in (_undated(line.text), *beside):
            if _stands_alone(text):
                return names([text])
    return ()


def _stands_alone(text: str) -> bool:
    """Whether a line is hardly anything but a name: two words to four, with capitals, without other marks."""
    words = text.split()
    return (
        _NAME_WORDS[0] <= len(words) <= _NAME_WORDS[1]
        and all(word[0].isupper() or word in _PARTICLES for word in words)
        and not any(is_calendar_word(word) for word in words)
        and all(character.isalpha() or character in " .-'’" for character in text)
        and text[-1].isalpha()
    )


def published(walk: Walk, title: str) -> date | None:
    """The moment in the first line near the title that is a dateline: it gives a time of day, or hardly more than a day
    (prose and captions name days too); else in the first line anywhere that says by its first word that it is one."""
    for block in _near(walk, title):
        found = date_within(block.text) if block.kind is not BlockKind.CAPTION else None
        if found and (isinstance(found, datetime) or len(block.text) <= _DATELINE):
            return found
    for block in walk.blocks:
        if len(block.text) <= _SHORT and _DATED.match(block.text) and (found := date_within(block.text)):
            return found
    return None


def _near(walk: Walk, title: str) -> Iterator[Found]:
    """The short lines about the title, those below first; where no line is the title, those before the story's text."""
    folded = fold(title)
    blocks = walk.blocks
    at = None
    if folded:
        longest = 2 * len(title) + 40
        alike = [b for b in blocks if len(b.text) <= longest and folded in fold(b.text)]
        at = next((b.index for b in alike if b.kind is BlockKind.HEADING), alike[0].index if alike else None)
    if at is None:
        at = next((b.index for b in blocks if b.node.tag == "h1"), None)
    if at is None:
        text = next((b.index for b in blocks if b.size >= _LONG_PARAGRAPH and b.link_density < 0.3), 0)
        below, above = range(max(0, text - _LINES_BELOW), text), range(0)
    else:
        below = range(at + 1, min(len(blocks), at + 1 + _LINES_BELOW))
        above = range(max(0, at - _LINES_ABOVE), at)
    long = 0
    for index in below:
        block = blocks[index]
        if len(block.text) <= _LONGEST_LINE:
            yield block
        elif block.size >= _LONG_PARAGRAPH:
            long += 1
            if long == 3:
                break
    for index in reversed(above):
        if len(blocks[index].text) <= _LONGEST_LINE:
            yield blocks[index]


def _people(line: str) -> tuple[str, ...]:
    """The names behind a lead-in; none where not all look like some."""
    found = names([_undated(line)])
    return found if all(_is_name(name) for name in found) else ()


def _is_name(text: str) -> bool:
    """Whether a text is written as names are in scripts that have capital letters: with one in front of every word but
    the particles, or an agency's short form; and no longer than names are."""
    words = text.split()
    if len(words) == 1 and len(text) <= _LONGEST_ABBREVIATION:
        return True
    return (
        len(words) <= _MOST_WORDS
        and not any(word[0].islower() and word not in _PARTICLES for word in words)
        and words[0] not in ("The", "This", "In", "On")
    )


def _undated(text: str) -> str:
    """The text in front of a day, a time or a length of reading."""
    bare = _NO_MORE.sub("", text)
    while bare and (bare != text or " " not in bare):
        rest, _, last = bare.rstrip(" ,").rpartition(" ")
        if not is_calendar_word(last):
            break
        bare = rest
    return bare


def _named(element: etree._Element) -> tuple[str, ...]:
    """The names in an element that is marked as a byline: its parts are read up to a day or a time, behind a lead-in
    where there is one."""
    said = element.get("content")
    parts: list[str] = []
    length = 0
    for text in (said,) if said else element.itertext():
        length += len(text.strip())
        if length > 2 * _LONGEST_LINE:
            return ()
        if part := " ".join(text.split()):
            parts.append(part)
    if not parts or _OTHER.match(parts[0]):
        return ()
    start = next((i for i, part in enumerate(parts) if _LEAD_IN.match(part)), 0)
    kept: list[str] = []
    for part in parts[start:]:
        bare = _undated(part)
        if bare and not _LEAD_IN.fullmatch(bare):
            kept.append(bare)
        if bare != part and kept:
            break  # the day: what follows is no name any more
    return tuple(name for name in names([" | ".join(kept)]) if _is_name(name))


def _marked(root: etree._Element) -> Iterator[etree._Element]:
    """The elements that are marked as a byline of the page's own story, not of a comment or a pointer to another."""
    looked = 0
    away: dict[etree._Element, bool] = {}  # asked once: the search below an element for a heading is long
    for element in root.iter():
        get = element.get
        tag = str(element.tag)
        by_rel = get("rel") == "author" or "author" in (get("itemprop") or "")
        classes = get("class")
        if not (by_rel or classes or get("id")):
            continue
        flags = markup.read(element, tag)[1]
        if flags & _AWAY or not (by_rel or flags & markup.BYLINE or classes == "by") or tag in _NO_BYLINES:
            continue
        for above in islice(element.iterancestors(), _ANCESTORS):
            if above not in away:
                away[above] = _leads_away(above)
            if away[above]:
                break
        else:
            yield element
        looked += 1
        if looked == _MARKED_MOST:
            return


def _are_alike(first: etree._Element, other: etree._Element) -> bool:
    """Whether two marked elements stand in one list: of the same kind, below one element or in siblings below one."""
    if first.tag != other.tag or first.get("class") != other.get("class"):
        return False
    parent, another = first.getparent(), other.getparent()
    if parent is None or another is None or parent is another:
        return parent is another
    return parent.tag == another.tag and parent.getparent() is another.getparent()


def _leads_away(element: etree._Element) -> bool:
    tag = str(element.tag)
    if tag == "article" and element.find(".//h1") is None and _is_short(element):
        return True  # a pointer to another story, in an element of its own
    return tag in _AWAY_TAGS or markup.read(element, tag)[1] & _AWAY != 0


def _is_short(element: etree._Element) -> bool:
    length = 0
    for text in element.itertext():
        length += len(text.strip())
        if length > _LONGEST_TEASER:
            return False
    return True


def _signature(walk: Walk) -> tuple[str, ...]:
    """The names that sign a story below its last paragraph: set apart in bold, or behind an editor's mark."""
    last: Found | None = None
    for block in walk.blocks:
        if block.size >= _LONG_PARAGRAPH and block.link_density < 0.3:
            last = block
    if last is None:
        return ()
    for block in walk.blocks[last.index + 1 : last.index + 9]:
        if signed := _SIGNED.search(block.text):
            return names([signed[1]])
        apart = block.strong_density > 0.9 or "right" in (block.node.element.get("style") or "")
        if apart and not block.links and block.node.parent is last.node.parent and _stands_alone(block.text):
            return names([block.text])
    return ()
