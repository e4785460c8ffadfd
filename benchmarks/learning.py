"""Learns the weights of the evidence for and against a block from recorded pages whose text is known.

Needs scikit-learn, which nothing else does. Every block that the extractor judges becomes one example: its pieces of
evidence, and whether the known text has it. A logistic regression with L2 regularisation gives each piece a weight;
longer blocks count more, pages with very many blocks less.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Failed, tell
from newsbot.charset import characters
from newsbot.extract import body as bodies
from newsbot.extract.blocks import walk
from newsbot.extract.document import parse
from newsbot.extract.evidence import weigh
from newsbot.extract.metadata import Facts
from newsbot.extract.reading import about
from newsbot.extract.text import fold
from newsbot.items import BlockKind, Profile

WEIGHTS = ROOT / "newsbot" / "extract" / "weights.toml"
STRENGTH = 5.0  # of the regularisation; see docs/decisions/learned-weights.md
PUBLISHERS = 3  # a piece of evidence seen at fewer has no weight
SMALLEST = 0.05  # weights below it are left out
HEAD = """# How much each piece of evidence counts for (above 0) or against (below 0) a block's being part of the story.
# Learned by `python -m benchmarks weights PAGES --learn` from recorded pages; see docs/extraction.md.
# Not to be edited by hand.

[weights]
"""


@dataclass
class Example:
    """A page: its address, file and publisher, and for each judged block its kind, size, evidence, and whether the
    known text has it."""

    url: str
    file: Path
    publisher: str
    kinds: list[BlockKind]
    sizes: list[int]
    evidence: list[list[str]]
    wanted: list[bool]


def shingles(words: list[str]) -> Counter[tuple[str, ...]]:
    """The runs of four words."""
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)) if words)


def has(gold: dict[str, Any], text: str) -> bool:
    """Whether the known text has this block: as a paragraph, inside one, or most of its runs of four words."""
    folded = fold(text)
    if not folded:
        return False
    if folded in gold["paragraphs"] or (len(folded) > 40 and folded in gold["whole"]):
        return True
    words = folded.split()
    if len(words) < 4:
        return False
    own = shingles(words)
    return bool(sum((own & gold["shingles"]).values()) >= 0.6 * sum(own.values()))


def known(row: dict[str, Any]) -> dict[str, Any]:
    """A gold line's text, ready for comparing."""
    texts = [p[0] if isinstance(p, list) else p for p in row.get("paragraphs") or row["text"].split("\n")]
    folded = [fold(text) for text in texts]
    lines = [fold(line) for text in texts for line in text.split("\n")]
    whole = " ".join(folded)
    return {"paragraphs": {*folded, *lines}, "whole": whole, "shingles": shingles(whole.split())}


def examples(web: Path) -> list[Example]:
    """All recorded pages whose text is known."""
    index = [json.loads(line) for line in (web / "index.jsonl").open(encoding="utf-8")]
    pages = {row["url"]: web / row["file"] for row in index}
    found = []
    for line in (web / "gold.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        if row["url"] not in pages:
            raise Failed(f"{web}: index.jsonl lacks {row['url']}, which gold.jsonl has.")
        document = parse(characters(gzip.decompress(pages[row["url"]].read_bytes())))
        if document is None:
            continue
        facts = Facts(document, row["url"])
        top = document.root.find("body")
        seen = walk(top if top is not None else document.root)
        page = bodies.Page(seen)
        if not page.sums[-1]:
            continue
        said = about(facts, facts.title(), facts.description(), facts.authors(seen))
        scene = bodies.scene(page, bodies.choose(page, said, Profile()), said)
        gold = known(row)
        found.append(
            Example(
                row["url"],
                pages[row["url"]],
                row["publisher"] or row["url"].split("/")[2],
                [block.kind for block in scene.blocks],
                [block.size for block in scene.blocks],
                weigh(scene),
                [has(gold, block.text) for block in scene.blocks],
            )
        )
    return found


def learn(pages: list[Example]) -> dict[str, float]:
    """The weight of each piece of evidence; `always` is the sum's start."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    rows, wanted, counts = [], [], []
    publishers: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        for kind, length, evidence, want in zip(page.kinds, page.sizes, page.evidence, page.wanted, strict=True):
            if kind is BlockKind.CAPTION:
                continue
            rows.append(evidence)
            wanted.append(want)
            counts.append(min(3.0, max(0.3, length / 80)) * min(1.0, 60 / len(page.kinds)))
            for name in evidence:
                publishers[name].add(page.publisher)
    seen = {name for name, at in publishers.items() if len(at) >= PUBLISHERS}
    vectors = DictVectorizer()
    table = vectors.fit_transform([{name: 1.0 for name in row if name in seen} for row in rows])
    model = LogisticRegression(C=1 / STRENGTH, max_iter=2000).fit(table, wanted, sample_weight=counts)
    learned = dict(zip(vectors.get_feature_names_out(), map(float, model.coef_[0]), strict=True))
    return {"always": float(model.intercept_[0])} | learned


def errors(page: Example, weights: dict[str, float]) -> tuple[int, int]:
    """Characters left in that the known text has not, and lost that it has, with these weights."""
    extra = lost = 0
    scores = bodies.decide(list(zip(page.kinds, page.evidence, strict=True)), weights)
    for kind, length, names, score, want in zip(
        page.kinds, page.sizes, page.evidence, scores, page.wanted, strict=True
    ):
        if kind is not BlockKind.CAPTION and bodies.keeps(names, score) != want:
            extra, lost = (extra, lost + length) if want else (extra + length, lost)
    return extra, lost


def write(learned: dict[str, float]) -> None:
    """Make weights.toml anew."""
    weights = {name: weight for name, weight in learned.items() if abs(weight) >= SMALLEST}
    ordered = sorted(weights.items(), key=lambda item: item[1])
    lines = [f"{json.dumps(name, ensure_ascii=False)} = {weight:.2f}" for name, weight in ordered]
    WEIGHTS.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    tell(f"{WEIGHTS.relative_to(ROOT)}: {len(lines)} weights")
