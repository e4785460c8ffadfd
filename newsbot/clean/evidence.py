"""What speaks for and against a single block being the site's own talk, before its neighbours are asked.

Who speaks to whom decides: a publisher that addresses its readers (we, you, imperatives, a price a month, its own name)
is no story, somebody who reports about donations, newsletters or paywalls is. What stands in quotation marks is said by
neither, and does not count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from newsbot.clean.lexicon import is_stop, length, lexicon, tokens
from newsbot.clean.markup import Markup, Names, read
from newsbot.items import Block, RemovedKind

_QUOTED = re.compile(
    r"“[^”]*(?:”|$)|„[^“”]*(?:[“”]|$)|«[^»]*(?:»|$)|»[^«]*(?:«|$)|「[^」]*(?:」|$)|『[^』]*(?:』|$)|\"[^\"]*(?:\"|$)"
)
_WEIGHT = {"line": 2.0, "says": 1.0, "asks": 0.5, "about": 0.2}
_MOST = {"line": 1, "says": 3, "asks": 3, "about": 2}
# A label may carry a headline or a name, but is no paragraph; a byline's is shorter still.
_LINE_TOKENS = 30
_BYLINE_TOKENS = 16
_KINDS = {str(kind): kind for kind in RemovedKind}
THRESHOLD = 1.0
_NOT_ENOUGH = 0.9


@dataclass(slots=True)
class Evidence:
    """A block, and what its words and markup say. `scores` above `THRESHOLD` remove it."""

    block: Block
    size: int
    voices: frozenset[str]
    form: bool
    opening: bool
    credit: bool
    scores: dict[RemovedKind, float]
    clues: dict[RemovedKind, list[str]]
    markup: Markup
    named: bool = False
    ends: bool = False

    @property
    def best(self) -> RemovedKind | None:
        """The kind with the highest score, None where nothing speaks for any."""
        return max(self.scores, key=self.scores.__getitem__, default=None)

    @property
    def verdict(self) -> RemovedKind | None:
        """The kind that the block alone is removed for."""
        best = self.best
        return best if best is not None and self.scores[best] >= THRESHOLD else None

    @property
    def speaks(self) -> bool:
        """Whether somebody speaks to the reader here."""
        return bool(self.voices & {"you", "we", "imperative", "price"}) or self.named

    def why(self, kind: RemovedKind) -> str:
        """The rule and the evidence, in a few words."""
        parts = []
        if self.clues.get(kind):
            parts.append(f"words: {kind} ({', '.join(self.clues[kind][:3])})")
        if kind in self.markup.kinds:
            parts.append(f"markup: {self.markup.kinds[kind]}")
        return "; ".join(parts) or "run"


def weigh(block: Block, site_name: str, names: Names) -> Evidence:
    """Reads one block of a page whose class names are known."""
    text = block.text
    said = _QUOTED.sub(" ", text) if any(mark in text for mark in '“„«»「『"') else text
    words = tokens(said)
    size = length(words if said is text else tokens(text))
    counts: dict[RemovedKind, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    clues: dict[RemovedKind, list[str]] = defaultdict(list)
    voices: set[str] = set()
    form = opening = credit = False
    hits = lexicon().find(words)
    # "Support us" asks; that it also holds the word "support" says nothing more.
    asked = {
        (hit.pattern.meaning, place)
        for hit in hits
        if hit.pattern.force != "about"
        for place in range(hit.start, hit.end)
    }
    for hit in hits:
        meaning, force = hit.pattern.meaning, hit.pattern.force
        if meaning == "voice":
            voices.add(force)
        elif meaning == "form":
            form = True
        elif meaning == "opening":
            opening = True
        elif meaning == "credit":
            credit = True
        elif force == "about" and (meaning, hit.start) in asked:
            continue
        elif force != "line" or size <= (_BYLINE_TOKENS if meaning == "byline" else _LINE_TOKENS):
            counts[_KINDS[meaning]][force] += 1
            clues[_KINDS[meaning]].append(hit.pattern.text)
    if "!" in text and text.rstrip().endswith("!"):
        voices.add("exclaims")
    named = bool(site_name) and site_name.casefold() in said.casefold()
    scores = {kind: _score(found, size, voices, named) for kind, found in counts.items()}
    markup = read(block, size, names)
    for kind, (_, strength) in markup.strengths.items():
        scores[kind] = scores.get(kind, 0.0) + strength
    ends = bool(words) and is_stop(text.rstrip()[-1:])
    return Evidence(block, size, frozenset(voices), form, opening, credit, scores, dict(clues), markup, named, ends)


def _score(found: dict[str, int], size: int, voices: set[str], named: bool) -> float:
    base = sum(_WEIGHT[force] * min(count, _MOST[force]) for force, count in found.items())
    if "line" in found:
        return base
    voice = (
        0.2 * ("you" in voices)
        + 0.3 * ("we" in voices or named)
        + 0.25 * ("imperative" in voices)
        + 0.25 * ("price" in voices)
        + 0.1 * ("exclaims" in voices)
    )
    base += voice
    if size <= 12:
        base += 0.25
    if "reports" in voices and size > 8:
        base -= 0.6
    if size > 50:
        base -= 0.2
    if size > 90:
        base -= 0.3
    if size > 18 and not voice:
        base = min(base, _NOT_ENOUGH)
    if found.keys() <= {"asks", "about"} and sum(found.values()) < 2:
        base = min(base, _NOT_ENOUGH)  # one common turn of phrase
    if size > 25 and sum(found.get(force, 0) for force in ("says", "asks")) < 2 and not voices & {"you", "imperative"}:
        base = min(base, _NOT_ENOUGH)  # "we" may be anybody who is interviewed
    return base
