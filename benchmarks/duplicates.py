"""Near-duplicates side by side: newsbot, datasketch's MinHashLSH and rensa, on the same cleaned texts in one run.

    pip install datasketch rensa
    python benchmarks/duplicates.py --data FOLDER

FOLDER holds files of JSON lines, each row with `id`, `title`, `text`, `cluster` (rows of one story) and, where there
are rolling stories, `version` (rows that are copies of each other); pairs of ids in NAME-undecided.json count for
nothing. A peer that is not installed is left out.

Printed for each file: precision, recall and F1 over the pairs of copies (other versions of the same story count for
nothing), recall over all versions, the adjusted Rand index of the clusters (Hubert, Arabie 1985), and CPU time a text,
signing and looking up. Peers have what their manuals show, 128 permutations and shingles of five words; their threshold
is the one of a sweep with the best F1 on that very file, which flatters them. newsbot's are its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

from newsbot.clean import clean
from newsbot.fingerprint import Told, sign
from newsbot.fingerprint.clusters import Gathering

Pair = tuple[int, int]
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
PERMUTATIONS = 128
WIDTH = 5


@dataclass(frozen=True)
class Data:
    """A file of texts, cleaned, and which pairs are one story, which copies, which count for nothing."""

    name: str
    titles: list[str]
    texts: list[str]
    truth: list[str]
    every: frozenset[Pair]
    copies: frozenset[Pair]
    undecided: frozenset[Pair]


def read(file: Path) -> Data:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    place = {row["id"]: number for number, row in enumerate(rows)}
    unsure = file.with_name(f"{file.stem}-undecided.json")
    undecided = frozenset(
        pair(place[a], place[b]) for a, b in (json.loads(unsure.read_text("utf-8")) if unsure.exists() else ())
    )
    return Data(
        file.stem,
        [row.get("title") or "" for row in rows],
        ["\n\n".join(block.text for block in clean([row["text"]]).kept) for row in rows],
        [row["cluster"] for row in rows],
        pairs_of([row["cluster"] for row in rows]) - undecided,
        pairs_of([row.get("version") or row["cluster"] for row in rows]) - undecided,
        undecided,
    )


def pair(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)


def pairs_of(names: Sequence[Any]) -> frozenset[Pair]:
    groups: dict[Any, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        groups[name].append(number)
    return frozenset(each for group in groups.values() for each in combinations(group, 2))


def components(count: int, linked: Iterable[Sequence[int]]) -> list[int]:
    parents = list(range(count))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    for first, *others in linked:
        for other in others:
            parents[root(other)] = root(first)
    return [root(number) for number in range(count)]


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float
    f1: float
    versions: float
    ari: float


def score(data: Data, linked: Iterable[Sequence[int]]) -> Score:
    """Of clusters, or of pairs, which are closed to clusters."""
    names = components(len(data.texts), linked)
    said = pairs_of(names) - data.undecided
    judged = said - (data.every - data.copies)
    right = len(judged & data.copies)
    names = components(len(data.texts), said)
    cells = sum(comb(n, 2) for n in Counter(zip(data.truth, names, strict=True)).values())
    a, b = (sum(comb(n, 2) for n in Counter(x).values()) for x in (data.truth, names))
    expected = a * b / comb(len(names), 2)
    return Score(
        right / len(judged) if judged else 0.0,
        right / len(data.copies),
        2 * right / (len(judged) + len(data.copies)),
        len(said & data.every) / len(data.every),
        (cells - expected) / ((a + b) / 2 - expected),
    )


# -- the methods -------------------------------------------------------------------------------------------------------


def newsbot(data: Data, *, versions: bool = False) -> list[list[int]]:
    told = [Told(text, title) for text, title in zip(data.texts, data.titles, strict=True)]
    gathering = Gathering()
    for row in told:
        gathering.add(sign([], row.text), row)
    return gathering.clusters(told.__getitem__, versions=versions)


def shingles(text: str) -> list[str]:
    words = text.lower().split()
    return [" ".join(words[i : i + WIDTH]) for i in range(max(1, len(words) - WIDTH + 1))]


def datasketch(data: Data, threshold: float) -> list[Pair]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    signed: list[Any] = []
    found = []
    for number, text in enumerate(data.texts):
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([shingle.encode() for shingle in shingles(text)])
        found += [(other, number) for other in index.query(signature) if signature.jaccard(signed[other]) >= threshold]
        index.insert(number, signature)
        signed.append(signature)
    return found


def rensa(data: Data, threshold: float) -> list[Pair]:
    from rensa import RMinHash, RMinHashLSH

    # As many bands as make half of the pairs with a likeness of `threshold` candidates.
    bands = min((b for b in (4, 8, 16, 32, 64)), key=lambda b: abs((1 / b) ** (b / PERMUTATIONS) - threshold))
    index = RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=bands)
    signed: list[Any] = []
    found = []
    for number, text in enumerate(data.texts):
        signature = RMinHash(num_perm=PERMUTATIONS, seed=42)
        signature.update(shingles(text))
        found += [(other, number) for other in index.query(signature) if signature.jaccard(signed[other]) >= threshold]
        index.insert(number, signature)
        signed.append(signature)
    return found


PEERS: dict[str, Callable[[Data, float], list[Pair]]] = {"datasketch": datasketch, "rensa": rensa}


def timed(method: Callable[[], Any], texts: int) -> tuple[Any, float]:
    begun = time.process_time()
    found = method()
    return found, 1000 * (time.process_time() - begun) / texts


def row(name: str, scored: Score, ms: float) -> None:
    figures = (scored.precision, scored.recall, scored.f1, scored.versions, scored.ari)
    print(f"{name:24}" + "".join(f"{figure:9.4f}" for figure in figures) + f"{ms:9.2f}")


def compare(data: Data) -> None:
    count = len(data.texts)
    print(f"\n{data.name}: {count} texts, {len(data.copies)} pairs of copies, {len(data.every)} of one story")
    print(f"{'':24}precision   recall       F1 versions      ARI  ms/text")
    for name, versions in (("newsbot", False), ("newsbot, versions", True)):
        found, ms = timed(partial(newsbot, data, versions=versions), count)
        row(name, score(data, found), ms)
    for name, peer in PEERS.items():
        if importlib.util.find_spec(name) is None:
            print(f"{name}: not installed, left out")
            continue
        tried = []
        for threshold in THRESHOLDS:
            found, ms = timed(partial(peer, data, threshold), count)
            tried.append((score(data, found), threshold, ms))
        best, threshold, ms = max(tried, key=lambda each: each[0].f1)
        row(f"{name} at {threshold}", best, ms)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    arguments = parser.parse_args()
    files = sorted(arguments.data.glob("*.jsonl")) if arguments.data.is_dir() else []
    if not files:
        parser.exit(1, f"{arguments.data}: holds no .jsonl files; nothing is measured.\n")
    for file in files:
        compare(read(file))


if __name__ == "__main__":
    main()
