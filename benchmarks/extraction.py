"""What is extracted of pages whose story is known, what is left in and lost, and what a page costs, beside peers."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.measuring import Failed, spent, tell, versions_in
from benchmarks.readers import READERS
from benchmarks.results import Bars, Cell, Figure, Result, Table, figure, ratio
from benchmarks.scoring import Gold, Said, Score, Sum, gold, moment, score, total

TIMES = "newsbot's CPU, times its"
SPARSE = ("Fundus",)  # takes the pages of its own publishers alone: compared with newsbot on these


@dataclass(frozen=True)
class Read:
    """What an extractor gave in one round: by address, and milliseconds of CPU by address."""

    said: dict[str, Said | None]
    cost: dict[str, float]


def run(pages: Path, rounds: int) -> Result:
    """All extractors, each in a process of its own, in another order each round. Raises measuring.Failed where the
    folder is none of pages and gold."""
    known = golds(pages)
    read: dict[str, list[Read]] = {name: [] for name in READERS}
    for number in range(rounds):
        for name in sorted(READERS, reverse=bool(number % 2)):
            read[name].append(read_by(name, pages))
            tell(f"round {number + 1}, {name}: {len(read[name][-1].said)} pages")
    distributions = ("trafilatura", "newspaper4k", "news-please", "readability-lxml", "fundus", "lxml")
    return replace(compared(known, read), versions=versions_in(peers.python(), *distributions))


def compared(known: list[Gold], read: Mapping[str, list[Read]]) -> Result:
    """What came out, by extractor; newsbot is one of them. Pages on which one of them fails count for none."""
    failed = {name: [url for url, said in each[0].said.items() if said is None] for name, each in read.items()}
    known = [each for each in known if not any(each.url in urls for urls in failed.values())]
    scores = {
        name: {each.url: score(each, rounds_[0].said.get(each.url)) for each in known if each.url in rounds_[0].said}
        for name, rounds_ in read.items()
    }
    whole = [name for name in read if name not in SPARSE]
    corpora = sorted({each.corpus for each in known})
    sums = {name: total(list(scores[name].values())) for name in whole}
    cost = {name: _cost(rounds_) for name, rounds_ in read.items()}
    return Result(
        "extraction",
        (
            Table(
                "summary",
                f"{len(known)} pages",
                ("", "F1 of the text", "paragraphs left in", "lost", "CPU of the median page, ms", TIMES),
                tuple((name, s.f1, s.left_in, s.lost, cost[name], _times(read, name)) for name, s in sums.items()),
            ),
            Table("text", "F1 by collection", _heads(corpora, known), _text(scores, whole, known, corpora)),
            Table(
                "cleaning",
                "Paragraphs left in and lost",
                ("", "left in", "of them appeals", "lost", "pages that are exact"),
                tuple((name, s.left_in, s.appeals, s.lost, s.exact) for name, s in sums.items()),
            ),
            Table(
                "fields",
                "Fields: share of pages that have them right",
                ("", "title", "day", "minute", "authors"),
                tuple((name, s.title, s.day, s.minute, s.authors) for name, s in sums.items()),
            ),
            *(_sparse(other, scores, read) for other in SPARSE if scores.get(other)),
        ),
        Bars(
            f"F1 of the text, {len(known)} pages",
            tuple((name, Figure(s.f1, s.f1, s.f1)) for name, s in sums.items()),
        ),
        (
            f"{len(read['newsbot'])} rounds. Precision and recall are those of runs of four words. Left in: "
            "paragraphs of 25 characters or more that are none of the story's; appeals: those that ask for a "
            "subscription, a gift, an address or the like, by a list of words that is not newsbot's; lost: "
            "paragraphs of the story that are not given.",
            *(
                f"{name} failed on {len(urls)} of the pages, which are left out wherever texts and fields are compared."
                for name, urls in failed.items()
                if urls
            ),
        ),
    )


def golds(pages: Path) -> list[Gold]:
    """What is known of the pages. Raises measuring.Failed where a file is missing."""
    for name in ("index.jsonl", "gold.jsonl"):
        if not (pages / name).is_file():
            raise Failed(f"{pages} has no {name}; give a folder of recorded pages whose stories are known")
    return [gold(json.loads(line)) for line in (pages / "gold.jsonl").read_text("utf-8").splitlines()]


def read_by(name: str, pages: Path) -> Read:
    """What one extractor gives. Raises measuring.Failed if its process fails."""
    python = sys.executable if name == "newsbot" else peers.python()
    said, cost = {}, {}
    for line in spent([python, "-m", "benchmarks.readers", name, str(pages)]).said.splitlines():
        row: dict[str, Any] = json.loads(line)
        if error := row.get("error"):
            tell(f"{name}: {row['url']}: {error}")
        said[row["url"]] = None if error else _value(row)
        cost[row["url"]] = row["cpu"] * 1000
    return Read(said, cost)


def _value(row: dict[str, Any]) -> Said:
    return Said(row["text"], row["title"], tuple(row["authors"]), moment(row["date"]))


def _cost(rounds: list[Read]) -> Figure:
    return figure(statistics.median(each.cost.values()) for each in rounds)


def _times(read: Mapping[str, list[Read]], name: str) -> Figure | None:
    """newsbot's CPU for the pages that the other takes, in its CPU for them."""
    if name == "newsbot":
        return None
    pairs = list(zip(read["newsbot"], read[name], strict=True))
    return ratio(
        [sum(ours.cost[url] for url in theirs.cost) for ours, theirs in pairs],
        [sum(theirs.cost.values()) for _, theirs in pairs],
    )


def _heads(corpora: list[str], known: list[Gold]) -> tuple[str, ...]:
    counts = [f"{corpus}, {sum(each.corpus == corpus for each in known)}" for corpus in corpora]
    return ("", "all", *counts, "precision", "recall")


def _text(
    scores: dict[str, dict[str, Score]], names: list[str], known: list[Gold], corpora: list[str]
) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        every = total(list(scores[name].values()))
        parts = [
            total([scores[name][each.url] for each in known if each.corpus == corpus and each.url in scores[name]])
            for corpus in corpora
        ]
        rows.append((name, every.f1, *(part.f1 for part in parts), every.precision, every.recall))
    return tuple(rows)


def _sparse(other: str, scores: dict[str, dict[str, Score]], read: Mapping[str, list[Read]]) -> Table:
    """newsbot beside an extractor that takes some of the pages alone, on these."""
    rows: list[tuple[Cell, ...]] = []
    for name in ("newsbot", other):
        s: Sum = total([scores[name][url] for url in scores[other]])
        rows.append((name, s.pages, s.f1, s.left_in, s.lost, s.title, s.day, s.authors, _times(read, name)))
    heads = ("", "pages", "F1", "left in", "lost", "title", "day", "authors", TIMES)
    return Table(other.lower(), f"Beside {other}, on the pages of its publishers", heads, tuple(rows))
