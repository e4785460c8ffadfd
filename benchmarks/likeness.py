"""One way to find copies in a file of texts, in a process of its own: newsbot by its own Python, peers by theirs.

    python -m benchmarks.likeness NAME FILE [THRESHOLD]...

FILE holds JSON lines with `title` and `text`. Prints a JSON line a threshold (newsbot has its own: one line for copies,
one for versions): the rows that belong together, CPU seconds for signing and looking up, and the process's peak in MB
so far. Peers do what their manuals show, with 128 permutations and shingles of five words.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

PERMUTATIONS = 128
WIDTH = 5
Groups = list[list[int]]


def newsbot(rows: list[dict[str, str]], thresholds: list[float]) -> Iterator[Callable[[], Groups]]:
    """Copies, then versions as well."""
    from newsbot.fingerprint import Told, sign
    from newsbot.fingerprint.clusters import Gathering

    told = [Told(row["text"], row["title"]) for row in rows]

    def gathered(*, versions: bool) -> Groups:
        gathering = Gathering()
        for row in told:
            gathering.add(sign([], row.text), row)
        return gathering.clusters(told.__getitem__, versions=versions)

    yield lambda: gathered(versions=False)
    if thresholds:
        yield lambda: gathered(versions=True)


def shingles(text: str) -> list[str]:
    """Runs of five words."""
    words = text.lower().split()
    return [" ".join(words[i : i + WIDTH]) for i in range(max(1, len(words) - WIDTH + 1))]


def datasketch(rows: list[dict[str, str]], thresholds: list[float]) -> Iterator[Callable[[], Groups]]:
    """MinHashLSH."""
    from datasketch import MinHash, MinHashLSH

    def found(threshold: float) -> Groups:
        return _paired(MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS), map(signed, rows), threshold)

    def signed(row: dict[str, str]) -> MinHash:
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([shingle.encode() for shingle in shingles(row["text"])])
        return signature

    for each in thresholds or [0.5]:
        yield lambda each=each: found(each)  # type: ignore[misc]


def rensa(rows: list[dict[str, str]], thresholds: list[float]) -> Iterator[Callable[[], Groups]]:
    """RMinHashLSH."""
    from rensa import RMinHash, RMinHashLSH

    def found(threshold: float) -> Groups:
        # As many bands as make half of the pairs with a likeness of `threshold` candidates.
        bands = min((4, 8, 16, 32, 64), key=lambda b: abs((1 / b) ** (b / PERMUTATIONS) - threshold))
        index = RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=bands)
        return _paired(index, map(signed, rows), threshold)

    def signed(row: dict[str, str]) -> RMinHash:
        signature = RMinHash(num_perm=PERMUTATIONS, seed=42)
        signature.update(shingles(row["text"]))
        return signature

    for each in thresholds or [0.5]:
        yield lambda each=each: found(each)  # type: ignore[misc]


def _paired(index: Any, signatures: Iterable[Any], threshold: float) -> Groups:
    """The pairs that an index finds, each held to the threshold by its signatures; texts come one after the other."""
    signed: list[Any] = []
    pairs = []
    for number, signature in enumerate(signatures):
        near = index.query(signature)
        pairs += [[other, number] for other in near if signature.jaccard(signed[other]) >= threshold]
        index.insert(number, signature)
        signed.append(signature)
    return pairs


METHODS = {"newsbot": newsbot, "datasketch": datasketch, "rensa": rensa}


def peak() -> float:
    """The most memory that this process has had, in MB; not what it was forked from, which getrusage counts too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    rows = [json.loads(line) for line in Path(sys.argv[2]).read_text("utf-8").splitlines()]
    for method in METHODS[sys.argv[1]](rows, [float(each) for each in sys.argv[3:]]):
        begun = time.process_time()
        groups = method()
        spent = time.process_time() - begun
        print(json.dumps({"groups": groups, "cpu": spent, "peak": peak()}))


if __name__ == "__main__":
    main()
