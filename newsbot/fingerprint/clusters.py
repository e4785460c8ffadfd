"""The clusters of many texts at once, in memory: what `newsbot dedupe` prints.

    add        a row's keys, twelve bytes each, into buckets
    clusters   rows with the same identity; pairs of rows that share a likeness key, each pair judged as `matches`
               judges; what is linked, directly or through others, is one cluster

The result does not depend on the order of the rows, for each step looks at all of them: a pair is judged by itself, and
what a text is a round-up of is asked once all pairs are known.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby, pairwise
from operator import itemgetter

from newsbot.fingerprint.alignment import Shingled, shingled
from newsbot.fingerprint.likeness import Relation
from newsbot.fingerprint.matching import Told, is_round_up, judge, loose
from newsbot.fingerprint.text import tokens
from newsbot.items import Fingerprint

CROWD = 64
"""Rows that share a likeness key and are all compared with each other; of more, only those of about the same length."""
NEIGHBOURS = 8
"""With how many longer rows of a crowd each is compared."""
LEAST_TITLE = 5
"""Words of a title that says by itself which story it heads."""
SAME_EVENT = timedelta(days=2)
"""Between two short texts under one title: a title that comes again later heads another story."""
_REMEMBERED = 256  # texts that are kept ready for comparison, some 50 KB each
_BUCKETS = 64
_SEVERAL = 1 << 12  # pairs in a bucket before it is looked through for those that are there more than once


class Gathering:
    """Rows to be told apart, numbered from 0 as they are added; their texts stay with the caller.

    A row takes some 450 bytes until `clusters` is called, then up to 20 more for each other that shares keys with it.
    """

    def __init__(self) -> None:
        self._identities = _Groups()
        self._titles = _Groups()
        self._likeness = _Groups()
        self._lengths = array("I")
        self._digests = array("Q")

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, fingerprint: Fingerprint, told: Told) -> None:
        """Enter the next row."""
        number = len(self._lengths)
        self._lengths.append(len(told.text))
        self._digests.append(_hash(told.text))
        for url in fingerprint.url_keys:
            self._identities.add(_hash(f"url {url}"), number)
        if fingerprint.text_key:
            self._identities.add(_hash(f"text {fingerprint.text_key}"), number)
        elif len(words := tokens(told.title)) >= LEAST_TITLE:
            self._titles.add(_hash(" ".join(words)), number)
        for key in fingerprint.likeness_keys:
            self._likeness.add(key & 0xFFFFFFFF, number)

    def clusters(self, told: Callable[[int], Told], *, versions: bool = False) -> list[list[int]]:
        """The numbers of the rows that tell one story, two or more in a list, in order; `told` gives a row again.

        Rows with one address, or the same words, are one story; those with too few words to tell go by their title,
        too. Others are one if they are copies, with `versions` also if they are states of a rolling story.
        """
        links = _Links(len(self))
        for group in self._identities:
            for other in group[1:]:
                links.join(group[0], other)
        for group in self._titles:
            _join_dated(links, group, told)

        @lru_cache(maxsize=_REMEMBERED)
        def read(number: int) -> tuple[Told, Shingled]:
            row = told(number)
            return row, shingled(row.text)

        edges: list[tuple[int, int, Relation]] = []
        for a, b in self._pairs():
            if links.root(a) == links.root(b):
                continue
            what, likeness = judge(*read(a), *read(b))
            if what is Relation.COPY and not loose(likeness):
                links.join(a, b)
            elif what is not Relation.NONE:
                edges.append((a, b, what))
        edges = [(a, b, what) for a, b, what in edges if links.root(a) != links.root(b)]  # now as before, in any order
        wanted = (Relation.COPY, Relation.VERSION) if versions else (Relation.COPY,)
        for a, b, what in _without_round_ups(edges, links, read):
            if what in wanted:
                links.join(a, b)
        return links.groups()

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """The pairs of rows that share a likeness key, each once; copies share most of their 32 keys, and would take as
        many times the memory."""
        buckets = [array("Q") for _ in range(_BUCKETS)]
        most = [_SEVERAL] * _BUCKETS
        for group in self._likeness:
            together = len(group)
            if together > CROWD:
                group.sort(key=lambda number: (self._lengths[number], self._digests[number]))
                together = NEIGHBOURS
            for at, a in enumerate(group):
                for b in group[at + 1 : at + 1 + together]:
                    first, second = (a, b) if a < b else (b, a)
                    number = first % _BUCKETS
                    bucket = buckets[number]
                    bucket.append(first << 32 | second)
                    if len(bucket) >= most[number]:
                        buckets[number] = array("Q", set(bucket))
                        most[number] = max(_SEVERAL, 2 * len(buckets[number]))
        for bucket in buckets:
            for pair in sorted(set(bucket)):
                yield pair >> 32, pair & 0xFFFFFFFF


def _join_dated(links: _Links, group: Sequence[int], told: Callable[[int], Told]) -> None:
    """Join what stands under one title, but not what was published long after the one before; what has no date goes
    with what has none."""
    dated = sorted((published, number) for number in group if (published := told(number).published))
    undated = [number for number in group if told(number).published is None]
    for a, b in pairwise(undated):
        links.join(a, b)
    for (before, a), (after, b) in pairwise(dated):
        if after - before <= SAME_EVENT:
            links.join(a, b)


def _without_round_ups(
    edges: Sequence[tuple[int, int, Relation]], links: _Links, read: Callable[[int], tuple[Told, Shingled]]
) -> list[tuple[int, int, Relation]]:
    """The edges but for those from a round-up to what it holds."""
    parts: dict[int, dict[int, int]] = defaultdict(dict)  # of the longer: one of each cluster that it holds a text of
    wholes = []
    for a, b, _ in edges:
        part, whole = sorted((a, b), key=lambda number: (len(read(number)[1].words), read(number)[0].text))
        wholes.append(whole)
        of_cluster = parts[whole].setdefault(links.root(part), part)
        if read(part)[0].text < read(of_cluster)[0].text:
            parts[whole][links.root(part)] = part
    round_ups = {
        whole
        for whole, held in parts.items()
        if len(held) > 1 and is_round_up(read(whole)[1], [read(part)[1] for part in held.values()])
    }
    return [edge for edge, whole in zip(edges, wholes, strict=True) if whole not in round_ups]


class _Groups:
    """Numbers by a hash, twelve bytes each; read once, which empties it."""

    def __init__(self) -> None:
        self._buckets = [(array("Q"), array("I")) for _ in range(_BUCKETS)]

    def add(self, key: int, number: int) -> None:
        keys, numbers = self._buckets[key % _BUCKETS]
        keys.append(key)
        numbers.append(number)

    def __iter__(self) -> Iterator[list[int]]:
        """The groups of two or more numbers."""
        while self._buckets:
            for _, group in groupby(sorted(zip(*self._buckets.pop(), strict=True)), key=itemgetter(0)):
                numbers = [number for _, number in group]
                if len(numbers) > 1:
                    yield numbers


class _Links:
    """What belongs together (Galler, Fischer, "An improved equivalence algorithm", 1964); the least number is a
    group's root."""

    def __init__(self, count: int) -> None:
        self._parents = array("I", range(count))

    def root(self, number: int) -> int:
        parents = self._parents
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        self._parents[max(a, b)] = min(a, b)

    def groups(self) -> list[list[int]]:
        """Those of two or more, by their first numbers."""
        found: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self._parents)):
            if (root := self.root(number)) != number:
                found[root].append(number)
        return [[root, *found[root]] for root in sorted(found)]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
