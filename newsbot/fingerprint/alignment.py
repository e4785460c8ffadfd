"""Two texts laid beside each other: the passages that both have, and what stands between two of them in each.

Both are seen as shingles, the runs of `WIDTH` words in a row (Broder, "On the resemblance and containment of
documents", 1997), each known by its CRC-32. A passage is a row of common shingles. Where two passages follow each other
in both texts and are parted by a few other words in both, the blank between them has been filled twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from zlib import crc32

from newsbot.fingerprint.text import tokens

WIDTH = 5
"""Words in a shingle."""
BLANK = 30
"""The most words of a blank; what is longer is a passage of its own."""


@dataclass(frozen=True, slots=True)
class Shingled:
    """A text's words, the hash of the shingle that begins at each (there are `WIDTH` - 1 fewer), and their set."""

    words: list[str]
    hashes: list[int]
    distinct: frozenset[int]


def shingled(text: str) -> Shingled:
    """A text as it is aligned and signed: see `text.tokens` for what is a word."""
    return shingled_words(tokens(text, unmangle=True))


def shingled_words(words: list[str]) -> Shingled:
    """As `shingled`, from the text's words."""
    data = " ".join([*words, ""]).encode("utf-8", "surrogatepass")
    ends = list(accumulate([len(word) + 1 for word in data.split()]))
    hashes = [crc32(data[start:end]) for start, end in zip([0, *ends], ends[WIDTH - 1 :], strict=False)]
    return Shingled(words, hashes, frozenset(hashes))


@dataclass(frozen=True, slots=True)
class Passage:
    """That the `length` words from `a` in one text are those from `b` in the other."""

    a: int
    b: int
    length: int


def passages(a: Sequence[int], b: Sequence[int], common: Set[int]) -> list[Passage]:
    """What two texts have in common, in the order of the first, from the hashes of their shingles.

    A passage goes on as far as both texts agree. Where the second text has its beginning several times, the next one
    after the passage before is taken, else the first. Linear but for a search among the places of one shingle.
    """
    places: dict[int, list[int]] = {}
    for at, shingle in enumerate(b):
        if shingle in common:
            places.setdefault(shingle, []).append(at)
    found: list[Passage] = []
    here = last = 0
    while here < len(a):
        if a[here] not in common:
            here += 1
            continue
        there = places[a[here]]
        nearest = bisect_right(there, last - 1)
        start = there[nearest if nearest < len(there) else 0]
        length = _common(a, here, b, start)
        found.append(Passage(here, start, length + WIDTH - 1))
        here += length
        last = start + length
    return found


def _common(a: Sequence[int], here: int, b: Sequence[int], there: int) -> int:
    """For how many items `a` from `here` and `b` from `there` agree; by pieces, which is quicker than one by one."""
    length = 0
    while (piece := a[here + length : here + length + 32]) and piece == b[there + length : there + length + 32]:
        length += len(piece)
    for x, y in zip(piece, b[there + length : there + length + 32], strict=False):
        if x != y:
            break
        length += 1
    return length


def fillings(a: Sequence[str], b: Sequence[str], common: Sequence[Passage]) -> Iterator[tuple[list[str], list[str]]]:
    """The words that stand in the place of each other, where the texts go on alike before and after them."""
    for before, after in pairwise(common):
        start_a, start_b = before.a + before.length, before.b + before.length
        gap_a, gap_b = after.a - start_a, after.b - start_b
        overlap = -min(gap_a, gap_b, 0)  # a word that ends one passage may begin the next
        if overlap <= WIDTH and max(gap_a, gap_b) + overlap <= BLANK:
            words_a, words_b = a[start_a - overlap : after.a], b[start_b - overlap : after.b]
            for what, a1, a2, b1, b2 in SequenceMatcher(None, words_a, words_b, autojunk=False).get_opcodes():
                if what == "replace":
                    yield list(words_a[a1:a2]), list(words_b[b1:b2])
