"""Near-duplicates: keys under which copies of a text are found, and the exact comparison that decides.

Both look at shingles (see `newsbot.fingerprint.alignment`). The keys are a one-permutation MinHash (Li, Owen, Zhang
2012) made dense for short texts by Shrivastava's optimal densification (2017), cut into bands, and a bottom-k sketch
(Cohen, Kaplan 2007), which still finds an excerpt of a long text. Two copies share keys, mostly two or more; that two
texts share keys proves nothing before `relation(likeness(a, b))` has said so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from itertools import pairwise

from newsbot.fingerprint.alignment import WIDTH, Passage, Shingled, fillings, passages, shingled
from newsbot.fingerprint.text import MIN_TOKENS
from newsbot.fingerprint.version import VERSION

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
_SIGN = 1 << 31  # SQLite needs four bytes for a number that is signed, and six for half of those that are not


def likeness_keys(text: str) -> tuple[int, ...]:
    """Signed 32-bit keys, the same on every machine, of which near-duplicates share some: at most one for each of
    the 24 bands and 8 more. Empty for fewer than `MIN_TOKENS` words."""
    return keys_of(shingled(text))


def keys_of(read: Shingled) -> tuple[int, ...]:
    """As `likeness_keys`, from the text's shingles."""
    if len(read.words) < MIN_TOKENS:
        return ()
    hashes = sorted(read.distinct)
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
    return tuple(dict.fromkeys(key - _SIGN for key in keys))


class Relation(StrEnum):
    """What two texts are to each other."""

    COPY = "copy"  # the same text, an excerpt of it, a lightly edited reprint
    VERSION = "version"  # an earlier or later state of one rolling story
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two texts have in common.

    `jaccard`: shared shingles by all; `containment`: by those of the text that has fewer; `shared`: their number;
    `longest_run`: words of the longest passage that both have, 0 if it is shorter than a shingle; `filled`: how often
    in a hundred words of common passages a blank between them is filled with other numbers, or, counted `OTHER_WORDS`
    times, with other words; `lead`: how much of the first half of one text the other has, of the two values the
    greater. Of the text that has more words: `cover`, the share of its words that the other has too; `before` and
    `after`, the share that stands before the first and after the last common passage.
    """

    jaccard: float = 0.0
    containment: float = 0.0
    shared: int = 0
    longest_run: int = 0
    filled: float = 0.0
    lead: float = 0.0
    cover: float = 0.0
    before: float = 0.0
    after: float = 0.0

    @property
    def shingles(self) -> int:
        """How many the text has that has fewer; 0 if nothing is shared."""
        return round(self.shared / self.containment) if self.shared else 0


OTHER_WORDS = 0.25
"""What a blank filled with other words counts, against one filled with other numbers: editors replace words too."""
PASSAGE = 12
"""Words of a passage that says where what is common begins and ends; shorter ones may be figures of speech."""


def likeness(a: str, b: str) -> Likeness:
    """Compare two texts, exactly; symmetric. Texts shorter than a shingle have nothing in common with any."""
    return compare(shingled(a), shingled(b))


def compare(a: Shingled, b: Shingled) -> Likeness:
    """As `likeness`, for texts that are compared with several others."""
    short, long = sorted((a, b), key=lambda text: (len(text.words), text.words))
    common = short.distinct & long.distinct
    if not common:
        return Likeness()
    if short.words == long.words:
        return Likeness(1.0, 1.0, len(common), len(short.words), 0.0, 1.0, 1.0)
    found = passages(short.hashes, long.hashes, common)
    words = sum(passage.length for passage in found)
    marks = [passage for passage in found if passage.length >= PASSAGE] or found
    return Likeness(
        jaccard=len(common) / len(short.distinct | long.distinct),
        containment=len(common) / min(len(short.distinct), len(long.distinct)),
        shared=len(common),
        longest_run=max(passage.length for passage in found),
        filled=100 * _filled(short, long, found) / words,
        lead=max(_lead(short.hashes, common), _lead(long.hashes, common)),
        cover=sum(h in common for h in long.hashes) / len(long.hashes),
        before=min(passage.b for passage in marks) / len(long.words),
        after=1 - max(passage.b + passage.length for passage in marks) / len(long.words),
    )


def overlap(a: Shingled, b: Shingled) -> bool:
    """Whether two texts have enough in common for `relation` to give anything but NONE; costs a tenth of `compare`."""
    shared = len(a.distinct & b.distinct)
    return shared > 0 and shared >= LEAST * min(len(a.distinct), len(b.distinct))


TEMPLATE = 1.2
"""`filled` of a text whose blanks are filled anew each time; two figures corrected in 200 words are less."""
LEAST = 0.3
"""`containment` without which two texts are nothing to each other."""
CONTAINED = 0.65
"""`containment` from which one text is an excerpt of the other."""
COPIES, VERSIONS = 0.25, 0.17
"""`jaccard` from which two texts are copies, or versions, of each other."""


def relation(likeness: Likeness, template: float = TEMPLATE) -> Relation:
    """What the two texts that were compared are to each other.

    The overlap finds copies and versions, the rest rejects what else overlaps. A template (rates, lottery, weather,
    results) shares most of its words, but not what is filled in: `template` is the `filled` from which two texts are
    two fillings. What a site prints below each story (house rules for comments, a legal notice) is shared by texts that
    do not share their beginning, which in news is what a reprint keeps longest; the less is shared, the more of the
    beginning it has to be. A text that holds the other one deep inside much else has not copied it: it is a round-up,
    or, where the other goes on to the end, a live blog that has been written on. Short texts cannot share 30 shingles
    or 25 words in a row: there their length is the measure, and under `MIN_TOKENS` words nothing is a copy.
    """
    shingles = likeness.shingles
    if (
        shingles <= MIN_TOKENS - WIDTH
        or likeness.containment < LEAST
        or likeness.filled >= template
        or likeness.shared < min(30.0, CONTAINED * shingles)
        or likeness.longest_run < min(25.0, 0.5 * (shingles + WIDTH - 1))
        or likeness.lead < (0.45 if likeness.shared >= 120 else 0.6)
    ):
        return Relation.NONE
    contained = likeness.containment >= CONTAINED
    if likeness.cover < 0.3 and likeness.before > 0.2:
        return Relation.VERSION if contained and likeness.after < 0.1 else Relation.NONE
    if likeness.jaccard >= COPIES or contained:
        return Relation.COPY
    return Relation.VERSION if likeness.jaccard >= VERSIONS else Relation.NONE


def _lead(shingles: Sequence[int], common: Set[int]) -> float:
    half = shingles[: (len(shingles) + 1) // 2]
    return sum(shingle in common for shingle in half) / len(half)


def _filled(a: Shingled, b: Shingled, common: Sequence[Passage]) -> float:
    weight = 0.0
    for here, there in fillings(a.words, b.words, common):
        numbers_here, numbers_there = set(filter(is_number, here)), set(filter(is_number, there))
        other_numbers = numbers_here and numbers_there and numbers_here != numbers_there
        weight += 1.0 if other_numbers else OTHER_WORDS
    return weight


def is_number(word: str) -> bool:
    """Whether a word as `text.tokens` gives it is a number, or has one at an end."""
    return word[0].isdigit() or word[-1].isdigit()
