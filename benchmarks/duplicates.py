"""Near-duplicates beside datasketch and rensa: quality on texts whose copies are known, and cost as they grow."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.likeness import METHODS
from benchmarks.measuring import Failed, spent, tell, versions_in
from benchmarks.pairs import Data, fit, read
from benchmarks.results import Cell, Lines, Result, Table
from benchmarks.stories import Press
from newsbot.clean import clean

THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
LEAST = 1_000  # stories of the smallest set


def run(texts: Path | None, most: int) -> Result:
    """Quality on each file of a folder (without one, an empty table); cost at 1,000 made-up stories, 10,000 and so on
    up to `most`. Raises measuring.Failed where the folder holds no texts."""
    files = sorted(texts.glob("*.jsonl")) if texts else []
    if texts and not files:
        raise Failed(f"{texts} holds no .jsonl files: give a folder of texts whose copies are known")
    quality = [row for file in files for row in _quality(read(file))]
    cost = list(_cost(most))
    lines = tuple(
        (name, tuple((float(stories), ms) for stories, each, ms, _ in cost if each == name)) for name in METHODS
    )
    heads = ("set", "by", "precision", "recall", "F1", "versions", "ARI", "CPU, ms a text")
    growth = ("stories", "by", "CPU, ms a text", "peak of the process, MB")
    return Result(
        "duplicates",
        (
            Table("quality", "Quality", heads, tuple(quality)),
            Table("cost", "Cost, made-up stories of 3 KB, 15 % of them copies", growth, tuple(cost)),
        ),
        Lines("Finding the copies of a text", "texts", "CPU, ms a text", lines, log=True),
        (
            "Texts as newsbot cleans them. Peers have 128 permutations and shingles of five words, as their "
            "manuals show; their threshold is the one of nine with the best F1 on that very set, for cost 0.5. "
            "CPU is for signing and looking up, reading the file left out; the peak holds the texts. Versions: "
            "recall over all states of rolling stories; ARI: adjusted Rand index of the clusters.",
        ),
        versions=versions_in(peers.python(), "datasketch", "rensa"),
    )


def _quality(data: Data) -> Iterator[tuple[Cell, ...]]:
    cleaned = ["\n\n".join(block.text for block in clean([text]).kept) for text in data.texts]
    with tempfile.TemporaryDirectory() as folder:
        file = _written(Path(folder, "texts.jsonl"), zip(data.titles, cleaned, strict=True))
        for name in METHODS:
            tried = [(fit(data, each["groups"]), each["cpu"]) for each in _found(name, file, THRESHOLDS)]
            tell(f"{data.name}: {name}")
            if name == "newsbot":
                named = list(zip((name, f"{name}, with versions"), tried, strict=True))
            else:
                best = max(range(len(tried)), key=lambda n: tried[n][0].f1)
                named = [(f"{name} at {THRESHOLDS[best]}", tried[best])]
            for by, (found, cpu) in named:
                figures = (found.precision, found.recall, found.f1, found.versions, found.ari)
                yield (data.name, by, *figures, cpu * 1000 / len(data.texts))


def _cost(most: int) -> Iterator[tuple[int, str, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        stories = LEAST
        while stories <= most:
            press = Press(stories)
            made = ((one.title, one.text) for one in (press.story(n) for n in range(stories)))
            file = _written(Path(folder, "texts.jsonl"), made)
            for name in METHODS:
                (found,) = _found(name, file, ())
                yield stories, name, found["cpu"] * 1000 / stories, found["peak"]
                tell(f"{stories:,} stories: {name}")
            stories *= 10


def _written(file: Path, rows: Any) -> Path:
    with file.open("w", encoding="utf-8") as out:
        for title, text in rows:
            out.write(json.dumps({"title": title, "text": text}) + "\n")
    return file


def _found(name: str, file: Path, thresholds: Sequence[float]) -> list[dict[str, Any]]:
    python = sys.executable if name == "newsbot" else peers.python()
    said = spent([python, "-m", "benchmarks.likeness", name, str(file), *map(str, thresholds)]).said
    return [json.loads(line) for line in said.splitlines()]
