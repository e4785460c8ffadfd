"""How much of a story its publisher serves: what the metadata declare, held against what the page holds.

The flags are known to lie: pages that say "not free" are served whole to the first reader of a month, and pages that
say nothing stop in the middle. So a declaration is believed only as far as the page bears it out.

| declared | the page | access |
| --- | --- | --- |
| tier `locked` | any | paywalled |
| tier `metered` | any | metered |
| not free, or a part is not | stops, or the paid part is not there, or a wall stands on it | paywalled |
| not free, or a part is not | holds a whole text and no wall | metered |
| free, by tier or flag | stops at a wall | paywalled |
| free, by tier or flag | anything else | free |
| nothing | stops at a wall | paywalled |
| nothing | anything else | unknown |

What walls say in words is not looked at here: `newsbot.clean` knows that, and `newsbot.process` puts both together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from lxml import etree

from newsbot.extract import markup
from newsbot.extract.metadata import Facts
from newsbot.extract.text import ends_sentence, size
from newsbot.items import Access, Block, BlockKind

_WHOLE = 1500  # characters from which a text that does not stop counts as whole
_LEAST = 30  # characters that an element must show to be a wall; empty ones wait for a script
_MOST = 1200  # characters of a wall; what holds more is rather the story itself
_DEEPEST = 6
_MOST_READ = 2_000_000  # characters in which the story is looked for; elements may stand in each other
_MOST_WALLS = 200  # elements that are looked at for a wall
_MOST_NAMES = 30  # of the last blocks whose names are looked at
_WALL = re.compile(
    r"(?:^|[\s_-])(?:pay-?wall|reg-?wall|subscription-?wall|subscriber-?wall|email-?wall|piano-?(?:inline|container|offer|"
    r"wall)|tp-(?:container|modal|backdrop)|locked-?(?:content|article|message)?|article-?locked|content-?gate|"
    r"gate-?content|premium-?(?:wall|gate|overlay|teaser|box)|subscribe-?(?:wall|gate|overlay|to-?read)|"
    r"subscribers?-?only|members?-?only|abo-?(?:wall|box|teaser|schranke)|plus-?(?:wall|teaser|box)|bezahlschranke|"
    r"leaky-?(?:paywall|wall)|barrier(?:-page)?|meter-?wall)(?=$|[\s_-])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FADED = re.compile(r"(?:^|[\s_-])(?:fade(?:d|-?out)?|truncated?|cut-?off|gradient)(?=$|[\s_-])", re.IGNORECASE)
_CLOSED = ("）", "」", "』", "】", "］", ")", "]", "♦", "■", "▲")
_CUT = ("...", "…", "[…]", "(…)", "[...]", "(...)")
_UNPUNCTUATED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # scripts without a mark at a sentence's end
_SIMPLE = re.compile(r"^\s*(?:[\w-]*)([.#])([\w-]+)\s*$")


def weigh(facts: Facts, blocks: Sequence[Block]) -> Access:
    """The access of a story: what its metadata say in `facts`, checked with its body's `blocks` and the page's markup.

    The table above says how. Asks the page's tree only where something is declared as not free, or the text stops.
    """
    tier = (facts.meta("article:content_tier", "og:article:content_tier") or "").strip().lower()
    if tier == "locked":
        return Access.PAYWALLED
    if tier == "metered":
        return Access.METERED
    flag = _truth(facts.node.get("isAccessibleForFree"))
    parts = [part for part in _parts(facts.node.get("hasPart")) if _truth(part.get("isAccessibleForFree")) is False]
    text = [block for block in blocks if block.kind is not BlockKind.CAPTION]
    cut = stops(text)
    if tier != "free" and (flag is False or (parts and flag is None)):
        if cut or _wall(facts.root, text):
            return Access.PAYWALLED
        said = [part.get("cssSelector") for part in parts]
        selectors = ",".join(str(s) for one in said for s in (one if isinstance(one, list) else [one]) if s)
        whole = sum(size(block.text) for block in text) >= _WHOLE or _holds(facts.root, selectors, text)
        return Access.METERED if whole else Access.PAYWALLED
    if cut and _wall(facts.root, text):
        return Access.PAYWALLED
    return Access.FREE if tier == "free" or flag is True else Access.UNKNOWN


def stops(blocks: Sequence[Block]) -> bool:
    """Whether a text breaks off: its last paragraph ends with dots of omission or is named as cut, or a text that is
    short ends in the middle of a sentence; long ones often end with a credit."""
    prose = [b for b in blocks if b.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTE) and len(b.text) > 20]
    if not prose:
        return False
    last = prose[-1]
    if last.text.endswith(_CUT) or _FADED.search(_CAMEL.sub("-", " ".join(last.tokens[:_MOST_NAMES]))):
        return True
    whole = ends_sentence(last.text) or last.text.endswith(_CLOSED) or _UNPUNCTUATED.search(last.text[-20:])
    short = sum(size(block.text) for block in blocks) < _WHOLE
    return short and not whole and size(last.text) >= 80 and not last.links


def _truth(value: Any) -> bool | None:
    """A flag as sites write it: a boolean, "False", "http://schema.org/False", or a list of one of these."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        return value
    said = str(value).strip().lower().rsplit("/", 1)[-1]
    return {"true": True, "false": False, "yes": True, "no": False}.get(said)


def _parts(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(value, list) and depth < _DEEPEST:
        for part in value:
            yield from _parts(part, depth + 1)
    elif isinstance(value, dict):
        yield value


def _holds(root: etree._Element, selectors: str, blocks: Sequence[Block]) -> bool:
    """Whether what the selectors name (one class or one id each, with commas between them) holds the story's text."""
    found = [match for selector in selectors.split(",") if (match := _SIMPLE.match(selector))]
    classes = {match[2] for match in found if match[1] == "."}
    ids = {match[2] for match in found if match[1] == "#"}
    if not found or not blocks:
        return False
    start = blocks[-1].text[:60]
    named = (
        element
        for element in root.iter(etree.Element)
        if element.get("id") in ids or not classes.isdisjoint((element.get("class") or "").split())
    )
    read = 0
    for element in named:
        text = markup.text_of(element)
        if start in text:
            return True
        read += len(text)
        if read > _MOST_READ:
            break
    return False


def _is_wall(names: str) -> bool:
    return bool(names) and _WALL.search(_CAMEL.sub("-", names)) is not None


def _wall(root: etree._Element, blocks: Sequence[Block]) -> bool:
    """Whether something that its names call a wall stands on the page: it shows a text that is not the story's. A story
    whose own paragraphs have such names is no proof."""
    own = {block.text[:60] for block in blocks if len(block.text) >= _LEAST}
    for element in islice(_named(root), _MOST_WALLS):
        if _is_hidden(element):
            continue
        text = markup.text_of(element)
        if _LEAST <= len(text) <= _MOST and not any(start in text for start in own):
            return True
    return False


def _named(root: etree._Element) -> Iterable[etree._Element]:
    for element in root.iter(etree.Element):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(names) > 1 and element.tag not in ("html", "body", "script", "style") and _is_wall(names):
            yield element


def _is_hidden(element: etree._Element) -> bool:
    return any(
        one.tag in ("template", "noscript", "dialog") or markup.hides(one)
        for one in (element, *element.iterancestors())
    )
