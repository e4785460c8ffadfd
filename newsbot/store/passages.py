"""What is shown of a story that was found, and how well it fits: both from its texts, the same for every database."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from newsbot.store.rows import MARK_OFF, MARK_ON
from newsbot.store.search import Search
from newsbot.store.words import folded, pattern

_LENGTH = 160  # characters of a snippet, without marks
_BEFORE = 40  # characters before the first word found
_MOST_MARKS = 200  # places of a text that are looked at for the best passage
_FIELDS = {"title": 8.0, "standfirst": 2.0, "text": 1.0}
"""What a word counts in each of them."""
_K1, _B = 1.2, 0.75  # as usual for BM25


class Finder:
    """Finds in a story's texts what was searched for. `stems` are, for a term's text, beginnings of words that an index
    holds for the same word."""

    def __init__(self, search: Search, stems: dict[str, Sequence[str]] | None = None) -> None:
        self._patterns: list[tuple[str | None, str]] = []
        for term in search.wanted:
            forms = [pattern(term.text, prefix=term.prefix)]
            forms += [pattern(stem, prefix=True) for stem in (stems or {}).get(term.text, ())]
            if forms := list(filter(None, forms)):
                self._patterns.append((term.field, "|".join(forms)))
        self._any = [re.compile("|".join(found for _, found in self._patterns))] if self._patterns else []

    @cached_property
    def terms(self) -> list[tuple[str | None, re.Pattern[str]]]:
        """What finds each term, and in which field: for ranks alone. Each takes some milliseconds to be compiled."""
        return [(field, re.compile(found)) for field, found in self._patterns]

    def snippet(self, *texts: str) -> str:
        """The passage, of the first of the texts that has any, with the most different words that were searched for,
        each of them between MARK_ON and MARK_OFF; else the beginning of the first text."""
        for text in texts:
            plain = folded(text)
            places = [found.span() for each in self._any for found in islice(each.finditer(plain), _MOST_MARKS)]
            if places:
                return _passage(text, _best(plain, places))
        return _passage(texts[0], [])


def _best(plain: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places that fit into a passage together: those with the most different words, the first such."""
    best: list[tuple[int, int]] = []
    most, last = 0, 0
    for n, (start, _) in enumerate(places):
        last = max(last, n + 1)
        while last < len(places) and places[last][1] - start <= _LENGTH - _BEFORE:
            last += 1
        different = len({plain[a:b] for a, b in places[n:last]})
        if different > most:
            most, best = different, places[n:last]
    return best


def _passage(text: str, places: list[tuple[int, int]]) -> str:
    first, last = (places[0][0], places[-1][1]) if places else (0, 0)
    start = max(0, first - _BEFORE)
    end = max(last, start + _LENGTH)
    if start and (space := re.compile(r"\s").search(text, start, first)):
        start = space.end()  # at a word's beginning, where one is near
    if end < len(text) and (space_at := text.rfind(" ", max(last, end - _BEFORE), end)) > 0:
        end = space_at
    made, at = "", start
    for a, b in places:
        made += text[at:a] + MARK_ON + text[a:b] + MARK_OFF
        at = b
    made += text[at:end]
    return ("…" if start else "") + " ".join(made.split()) + ("…" if end < len(text) else "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story to be ranked: its number, its texts by the names of their columns, and its length in words."""

    id: int
    texts: dict[str, str]
    words: int


def ranked(finder: Finder, candidates: Iterable[Candidate]) -> list[int]:
    """The numbers of the stories, best first; equals stay in their order.

    The measure is BM25F (Robertson and Zaragoza, 2009), a word counting most in the title. How rare a term is, is taken
    from the candidates alone.
    """
    found = [(each, _frequencies(finder, each)) for each in candidates]
    if not found:
        return []
    average = sum(each.words for each, _ in found) / len(found) or 1.0
    rarity = []
    for n in range(len(finder.terms)):
        holding = sum(1 for _, frequencies in found if frequencies[n])
        rarity.append(math.log(1 + (len(found) - holding + 0.5) / (holding + 0.5)))

    def score(candidate: Candidate, frequencies: list[float]) -> float:
        length = _K1 * (1 - _B + _B * candidate.words / average)
        return sum(rare * f * (_K1 + 1) / (f + length) for rare, f in zip(rarity, frequencies, strict=True))

    scored = [(score(each, frequencies), each.id) for each, frequencies in found]
    return [number for _, number in sorted(scored, key=lambda pair: -pair[0])]


def _frequencies(finder: Finder, candidate: Candidate) -> list[float]:
    """How often each term is in the story, weighted by field."""
    plain = {name: folded(text) for name, text in candidate.texts.items()}
    return [
        sum(
            weight * sum(1 for _ in each.finditer(plain[name]))
            for name, weight in _FIELDS.items()
            if field in (None, name)
        )
        for field, each in finder.terms
    ]
