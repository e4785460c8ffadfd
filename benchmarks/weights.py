"""How well the extraction's learned weights do on pages of publishers that they were not learned from.

Figures on weights are easily too good: the shipped ones have seen all pages that we have. So the publishers are divided
into parts, and the pages of each part are judged by weights that were learned from the others (`learning`).
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.extraction import golds
from benchmarks.learning import Example, errors, examples, learn, write
from benchmarks.measuring import tell, versions
from benchmarks.results import Cell, Result, Table, percent
from benchmarks.scoring import Gold, Said, Score, score, total
from newsbot.clean import clean
from newsbot.extract import body as bodies
from newsbot.extract import extract

PARTS = 8


def run(web: Path, learns: bool) -> Result:
    """Both kinds of weights on all pages; with `learns`, weights.toml is written, learned from all of them. Raises
    measuring.Failed where the folder is none of pages and gold."""
    known = {each.url: each for each in golds(web)}
    pages = examples(web)
    publishers = sorted({page.publisher for page in pages})
    random.Random(1).shuffle(publishers)  # noqa: S311 - a fixed order, no secret
    part_of = {publisher: number % PARTS for number, publisher in enumerate(publishers)}
    wrong, strange = [(0, 0), (0, 0)], list[Score]()
    for number in range(PARTS):
        learned = learn([page for page in pages if part_of[page.publisher] != number])
        part = [page for page in pages if part_of[page.publisher] == number]
        wrong[0] = _sum(wrong[0], part, learned)
        with _judging_by(learned):
            strange += [_scored(page, known[page.url]) for page in part]
        tell(f"part {number + 1} of {PARTS}")
    wrong[1] = _sum(wrong[1], pages, bodies.weights())
    sums = total(strange), total([_scored(page, known[page.url]) for page in pages])
    if learns:
        write(learn(pages))
    whole = sum(size for page in pages for size, want in zip(page.sizes, page.wanted, strict=True) if want)
    rows: list[tuple[Cell, ...]] = [
        ("characters left in, of the known text's", *(percent(extra / whole) for extra, _ in wrong)),
        ("characters lost", *(percent(lost / whole) for _, lost in wrong)),
        ("F1 of the text", *(each.f1 for each in sums)),
        ("precision", *(each.precision for each in sums)),
        ("recall", *(each.recall for each in sums)),
        ("pages that are exact", *(each.exact for each in sums)),
    ]
    return Result(
        "weights",
        (
            Table(
                "errors",
                "",
                ("", "weights from other publishers", "shipped weights, on the pages that taught them"),
                tuple(rows),
            ),
        ),
        remarks=(
            f"{len(pages)} pages of {len(publishers)} publishers, in {PARTS} parts. Characters are those of judged "
            "blocks; the other rows compare what is extracted and cleaned with the known text.",
        ),
        versions={name: each for name, each in versions("scikit-learn").items() if name == "scikit-learn"},
    )


def _sum(before: tuple[int, int], pages: list[Example], weights: dict[str, float]) -> tuple[int, int]:
    """Characters left in and lost, with those before."""
    found = [before, *(errors(page, weights) for page in pages)]
    return sum(extra for extra, _ in found), sum(lost for _, lost in found)


@contextmanager
def _judging_by(learned: dict[str, float]) -> Iterator[None]:
    """The extraction judges by these weights. There is no other way to tell it: nobody else needs one."""
    shipped = bodies.weights
    bodies.weights = lambda: learned  # type: ignore[assignment]
    try:
        yield
    finally:
        bodies.weights = shipped


def _scored(page: Example, known: Gold) -> Score:
    article = extract(gzip.decompress(page.file.read_bytes()), page.url)
    return score(known, Said("\n".join(block.text for block in clean(article.blocks).kept)))
