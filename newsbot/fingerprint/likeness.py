"""Near-duplicates: keys under which copies of a text are found, and the exact comparison that decides.

Both look at shingles, the runs of `WIDTH` words in a row (Broder, "On the resemblance and containment of documents",
1997). The keys are a one-permutation MinHash (Li, Owen, Zhang 2012) made dense for short texts by Shrivastava's optimal
densification (2017), cut into bands, and a bottom-k sketch (Cohen, Kaplan 2007), which still finds an excerpt of a long
text. Two copies share keys, mostly two or more; that two texts share keys proves nothing before `is_copy` has said so.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from itertools import accumulate, pairwise
from zlib import crc32

from newsbot.fingerprint.text import MIN_TOKENS, tokens
from newsbot.fingerprint.version import VERSION

WIDTH = 5  # words in a shingle
BINS = 48
ROWS = 2  # bins in a band
BOTTOM = 8

_EDGES = [-(-(b << 32) // BINS) for b in range(BINS)]
"""The least hash of each bin."""
_DONORS = [
    [b, *sorted(range(BINS), key=blake2b(b"newsbot bin %d" % b, digest_size=BINS).digest().__getitem__)]
    for b in range(BINS)
]
"""For each bin, itself first, the order in which bins are asked for its value: fixed, and unlike the other bins'."""


def _seed(band: int) -> int:
    return int.from_bytes(blake2b(b"newsbot band %d.%d" % (VERSION, band), digest_size=8).digest(), "big")


_SEEDS = [_seed(band) for band in range(BINS // ROWS)]
_BOTTOM_SEED = _seed(BINS // ROWS)
_MASK = (1 << 64) - 1


def likeness_keys(text: str) -> tuple[int, ...]:
    """Unsigned 32-bit keys, the same on every machine, of which near-duplicates share some: at most one for each of
    the 24 bands and 8 more. Empty for fewer than `MIN_TOKENS` words."""
    words = tokens(text, unmangle=True)
    if len(words) < MIN_TOKENS:
        return ()
    data = " ".join([*words, ""]).encode("utf-8", "surrogatepass")
    ends = list(accumulate([len(word) + 1 for word in data.split()]))
    hashes = sorted({crc32(data[start:end]) for start, end in zip([0, *ends], ends[WIDTH - 1 :], strict=False)})
    places = [bisect_left(hashes, edge) for edge in _EDGES]
    filled = [place < after for place, after in pairwise([*places, len(hashes)])]
    if not all(filled):
        places = [places[next(d for d in _DONORS[b] if filled[d])] for b in range(BINS)]
    bins = [hashes[place] for place in places]
    keys = [
        ((a * 0x9E3779B97F4A7C15 + b * 0xC2B2AE3D27D4EB4F + seed) & _MASK) >> 32
        for a, b, seed in zip(bins[::2], bins[1::2], _SEEDS, strict=True)
    ]
    keys += [((h * 0x9E3779B97F4A7C15 + _BOTTOM_SEED) & _MASK) >> 32 for h in hashes[:BOTTOM]]
    return tuple(dict.fromkeys(keys))


class Relation(StrEnum):
    """What two texts are to each other."""

    COPY = "copy"  # the same text, an excerpt of it, a lightly edited reprint
    VERSION = "version"  # an earlier or later state of one rolling story
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two texts have in common.

    `jaccard`: shared shingles by all; `containment`: by those of the text that has fewer; `shared`: their number;
    `longest_run`: words of the longest passage that both have, 0 if it is shorter than a shingle; `numbers`: where both
    put a number after the same two words, how often it is the same one, 1 where there is no such place; `lead`: how
    much of the first half of one text the other has, of the two values the greater.
    """

    jaccard: float
    containment: float
    shared: int
    longest_run: int
    numbers: float
    lead: float


def likeness(a: str, b: str) -> Likeness:
    """Compare two texts, exactly; symmetric. Texts shorter than a shingle have nothing in common with any."""
    words_a, words_b = (tokens(text, unmangle=True) for text in (a, b))
    names: dict[tuple[str, ...], int] = {}
    all_a, all_b = ([names.setdefault(s, len(names)) for s in _shingles(words)] for words in (words_a, words_b))
    set_a, set_b = set(all_a), set(all_b)
    common = set_a & set_b
    numbers = _agreement(words_a, words_b)
    if not common:
        return Likeness(0.0, 0.0, 0, 0, numbers, 0.0)
    return Likeness(
        jaccard=len(common) / len(set_a | set_b),
        containment=len(common) / min(len(set_a), len(set_b)),
        shared=len(common),
        longest_run=_longest_run(all_a, all_b) + WIDTH - 1,
        numbers=numbers,
        lead=max(_lead(all_a, common), _lead(all_b, common)),
    )


def is_copy(likeness: Likeness) -> bool:
    """Whether one of two texts is a copy, an excerpt or a lightly edited version of the other.

    The overlap finds copies, the rest rejects what else overlaps. Templates that are filled in day after day (rates,
    lottery, weather, results) share most words, but not the numbers, and no passage runs for 150 words without a blank;
    pages that share what a site prints below each story (house rules for comments, a legal notice) do not share the
    beginning, which in news is what a reprint keeps longest. Short texts cannot share 30 shingles or 35 words in a row:
    there their length is the measure, and under `MIN_TOKENS` words nothing is a copy. The thresholds were found on
    labelled wire copy, where small changes to them change little.
    """
    if not likeness.shared:
        return False
    shingles = round(likeness.shared / likeness.containment)  # of the shorter text
    return (
        shingles > MIN_TOKENS - WIDTH
        and (likeness.jaccard >= 0.25 or likeness.containment >= 0.65)
        and likeness.shared >= min(30.0, 0.65 * shingles)
        and likeness.longest_run >= min(35.0, 0.35 * (shingles + WIDTH - 1))
        and (likeness.numbers >= 0.5 or likeness.longest_run >= 150)
        and likeness.lead >= 0.4
    )


def relation(likeness: Likeness) -> Relation:
    """What the two texts that were compared are to each other."""
    return Relation.COPY if is_copy(likeness) else Relation.NONE


def _shingles(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(WIDTH)), strict=False))


def _lead(shingles: list[int], common: set[int]) -> float:
    half = shingles[: (len(shingles) + 1) // 2]
    return sum(shingle in common for shingle in half) / len(half)


def _agreement(a: list[str], b: list[str]) -> float:
    # The places count, not the numbers as such: what one text has in a passage that the other lacks says nothing.
    numbers_a, numbers_b = _numbers(a), _numbers(b)
    same = places = 0
    for place, here in numbers_a.items():
        if there := numbers_b.get(place):
            same += len(here & there)
            places += min(len(here), len(there))
    return same / places if places else 1.0


def _numbers(words: list[str]) -> dict[tuple[str, str], set[str]]:
    """The numbers by the two words before them, where a number stands for any."""
    numbers: dict[tuple[str, str], set[str]] = {}
    before, last = "", ""
    for word in words:
        if word[0].isdigit() or word[-1].isdigit():
            numbers.setdefault((before, last), set()).add(word)
            word = "0"
        before, last = last, word
    return numbers


def _longest_run(a: list[int], b: list[int]) -> int:
    """The length of the longest passage common to two lists that have something in common.

    By doubling, as suffix arrays are built (Manber, Myers 1990): names for passages of 1, 2, 4 ... items from pairs of
    names, until none is common; then down again by halves. n log n whatever the texts repeat.
    """

    def join(length: int, heads: _Names, tails: _Names) -> _Names:
        names: dict[tuple[int, int], int] = {}
        first, second = (
            [names.setdefault(pair, len(names)) for pair in zip(head, tail[length:], strict=False)]
            for head, tail in zip(heads, tails, strict=True)
        )
        return first, second

    levels: list[_Names] = [(a, b)]
    while not set((longer := join(1 << len(levels) - 1, levels[-1], levels[-1]))[0]).isdisjoint(longer[1]):
        levels.append(longer)
    length, best = 1 << len(levels) - 1, levels.pop()
    for level in range(len(levels) - 1, -1, -1):
        longer = join(length, best, levels[level])
        if not set(longer[0]).isdisjoint(longer[1]):
            length, best = length + (1 << level), longer
    return length


_Names = tuple[list[int], list[int]]
