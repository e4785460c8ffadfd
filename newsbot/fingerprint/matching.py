"""What a text is to those that its keys have found: the one judgement behind the database and `newsbot dedupe`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from newsbot.fingerprint.alignment import Shingled, shingled
from newsbot.fingerprint.likeness import TEMPLATE, Likeness, Relation, compare, is_number, overlap, relation
from newsbot.fingerprint.text import tokens

ANOTHER_EDITION = timedelta(hours=12)
"""Two texts of one site that were published further apart may be the same column, filled in anew."""
LONGEST_DAY = timedelta(days=3)
"""A rolling story is not written on for longer; what is like it then is another story with the same background."""
MOST = 3_000_000
"""Characters of candidates that one text is compared with, which takes up to a second: while it is, nobody else can
write to the database. Fifty stories of ten thousand words are as many."""
STRICT = TEMPLATE / 3
"""`Likeness.filled` from which two texts are fillings of one template where more than the text speaks for it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A story as it is compared: its words, and what helps to tell a copy from the next filling of a template.

    `text_key` as `fingerprint.text_key` makes it, empty where it is not known; `site` any name of the publisher, the
    same for all of its stories; `published` an aware instant. What is not known stays empty.
    """

    text: str
    title: str = ""
    text_key: str = ""
    site: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that was found: `id` is the caller's, `cluster` names the group of copies that it belongs to, None where
    it stands alone."""

    id: int
    told: Told
    cluster: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """That the story `id` is a copy or another version of the one compared."""

    id: int
    relation: Relation
    likeness: Likeness


def matches(told: Told, candidates: Iterable[Candidate]) -> list[Match]:
    """The candidates that `told` is a copy or a version of, copies first, the likeliest of each first.

    Of a cluster nothing is compared once a copy is found in it, and nothing after `MOST` characters; candidates are
    best given in the order of the keys that they share.
    """
    candidates = list(candidates)
    if not candidates:  # as of most stories: their words need not be found again
        return []
    new = shingled(told.text)
    found: list[Match] = []
    held: list[Shingled] = []
    clusters: set[int] = set()
    left = MOST
    for candidate in candidates:
        if candidate.cluster in clusters:
            continue
        if left <= 0:
            break
        left -= len(candidate.told.text)
        other = shingled(candidate.told.text)
        what, compared = judge(told, new, candidate.told, other)
        if what is Relation.NONE:
            continue
        if what is Relation.COPY and candidate.cluster is not None:
            clusters.add(candidate.cluster)
        found.append(Match(candidate.id, what, compared))
        held.append(other)
    inside = [
        loose(match.likeness) and len(text.words) < len(new.words) for match, text in zip(found, held, strict=True)
    ]
    if is_round_up(new, [text for text, loosely in zip(held, inside, strict=True) if loosely]):
        found = [match for match, loosely in zip(found, inside, strict=True) if not loosely]
    return sorted(found, key=lambda m: (m.relation is not Relation.COPY, -m.likeness.containment, -m.likeness.jaccard))


def judge(a: Told, words_a: Shingled, b: Told, words_b: Shingled) -> tuple[Relation, Likeness]:
    """What two texts are to each other, from their words and what else is known of them; symmetric.

    The same words are a copy, whatever the comparison makes of them.
    """
    same = bool(a.text_key) and a.text_key == b.text_key
    if not same and not overlap(words_a, words_b):
        return Relation.NONE, Likeness()
    compared = compare(words_a, words_b)
    if same:
        return Relation.COPY, compared
    apart = abs(a.published - b.published) if a.published and b.published else None
    edition = apart is not None and apart > ANOTHER_EDITION and bool(a.site) and a.site == b.site
    what = relation(compared, STRICT if edition or _same_title_but_numbers(a.title, b.title) else TEMPLATE)
    if what is Relation.VERSION and apart is not None and apart > LONGEST_DAY:
        what = Relation.NONE
    return what, compared


def loose(likeness: Likeness) -> bool:
    """Whether one text holds the other among as much else."""
    return likeness.jaccard < 0.5


def is_round_up(whole: Shingled, parts: Sequence[Shingled]) -> bool:
    """Whether a text that holds several others holds two that have nothing to do with each other."""
    return any(
        _unlike(a.distinct, b.distinct) and _unlike(a.distinct & whole.distinct, b.distinct & whole.distinct)
        for a, b in combinations(parts, 2)
    )


def _unlike(a: frozenset[int], b: frozenset[int]) -> bool:
    return len(a & b) < 0.1 * min(len(a), len(b))


def _same_title_but_numbers(a: str, b: str) -> bool:
    if a == b:
        return False
    words_a, words_b = tokens(a), tokens(b)
    differ = [(x, y) for x, y in zip(words_a, words_b, strict=False) if x != y]
    return len(words_a) == len(words_b) >= 3 and bool(differ) and all(is_number(x) and is_number(y) for x, y in differ)
