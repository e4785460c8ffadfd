"""How well clusters fit what is known of the pairs in a file of texts: pure but for reading it.

A file holds JSON lines, each with `id`, `title`, `text`, `cluster` (rows of one story) and, where there are rolling
stories, `version` (rows that are copies of each other); pairs of ids in NAME-undecided.json count for nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

Pair = tuple[int, int]


@dataclass(frozen=True)
class Data:
    """A file of texts, and which pairs are one story, which copies, which count for nothing."""

    name: str
    titles: list[str]
    texts: list[str]
    truth: list[str]
    every: frozenset[Pair]
    copies: frozenset[Pair]
    undecided: frozenset[Pair]


@dataclass(frozen=True)
class Fit:
    """Over the pairs of copies, other versions of the same story counting for nothing; `versions` is the recall over
    all of a story's versions, `ari` the adjusted Rand index of the clusters (Hubert, Arabie 1985)."""

    precision: float
    recall: float
    f1: float
    versions: float
    ari: float


def read(file: Path) -> Data:
    """A file, and what stands beside it."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    place = {row["id"]: number for number, row in enumerate(rows)}
    unsure = file.with_name(f"{file.stem}-undecided.json")
    undecided = frozenset(
        _pair(place[a], place[b]) for a, b in (json.loads(unsure.read_text("utf-8")) if unsure.exists() else ())
    )
    return Data(
        file.stem,
        [row.get("title") or "" for row in rows],
        [row["text"] for row in rows],
        [row["cluster"] for row in rows],
        pairs_of([row["cluster"] for row in rows]) - undecided,
        pairs_of([row.get("version") or row["cluster"] for row in rows]) - undecided,
        undecided,
    )


def _pair(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)


def pairs_of(names: Sequence[Any]) -> frozenset[Pair]:
    """The pairs of places that have the same name."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        groups[name].append(number)
    return frozenset(each for group in groups.values() for each in combinations(group, 2))


def components(count: int, linked: Iterable[Sequence[int]]) -> list[int]:
    """The name of each of so many places, where those that are linked, by others too, have the same."""
    parents = list(range(count))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    for first, *others in linked:
        for other in others:
            parents[root(other)] = root(first)
    return [root(number) for number in range(count)]


def fit(data: Data, linked: Iterable[Sequence[int]]) -> Fit:
    """Of clusters, or of pairs, which are closed to clusters."""
    names = components(len(data.texts), linked)
    said = pairs_of(names) - data.undecided
    judged = said - (data.every - data.copies)
    right = len(judged & data.copies)
    names = components(len(data.texts), said)
    cells = sum(comb(n, 2) for n in Counter(zip(data.truth, names, strict=True)).values())
    a, b = (sum(comb(n, 2) for n in Counter(x).values()) for x in (data.truth, names))
    expected = a * b / comb(len(names), 2)
    return Fit(
        right / len(judged) if judged else 0.0,
        right / len(data.copies),
        2 * right / (len(judged) + len(data.copies)),
        len(said & data.every) / len(data.every),
        (cells - expected) / ((a + b) / 2 - expected),
    )
