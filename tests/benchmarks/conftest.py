"""A folder of invented pages whose stories are known, as recorded ones are kept."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

STORIES = {
    "river": [
        "The river rose by two metres in the night, and the lower town was under water before anybody was up.",
        "Nobody was hurt, the harbour office said, though eleven cellars and the old ferry house were flooded.",
        "By noon the water had begun to fall, and the fire brigade pumped out the cellars of Ferry Street.",
    ],
    "bridge": [
        "The bridge at the mill will be closed for a year from Monday on, for its piers have to be made anew.",
        "Whoever wants to cross takes the ferry, which is free for the time being and runs every ten minutes.",
        "The town pays four million for the work, of which the county bears a half, as the council decided.",
    ],
    "market": [
        "The market moves to the square behind the town hall, because the old one is too small for its stalls.",
        "Traders had asked for it for years; the council agreed on Tuesday with fourteen voices against five.",
        "The first market on the new square is held on Saturday, with music from nine in the morning on.",
    ],
}


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder."""
    folder = tmp_path_factory.mktemp("pages")
    index, gold = [], []
    for name, paragraphs in STORIES.items():
        url, title = f"https://paper.example/2026/03/02/{name}.html", f"News of the {name}"
        file = f"{name}.html.gz"
        (folder / file).write_bytes(gzip.compress(page(title, paragraphs).encode()))
        index.append({"url": url, "file": file, "title": title})
        gold.append(
            {
                "url": url,
                "corpus": "invented",
                "publisher": "paper.example",
                "paragraphs": [[text, "p"] for text in paragraphs],
                "title": title,
                "date": "2026-03-02T08:30:00+00:00",
            }
        )
    for listed, rows in (("index.jsonl", index), ("gold.jsonl", gold)):
        (folder / listed).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def page(title: str, paragraphs: list[str]) -> str:
    """A page of a newspaper: a bar of links, the story, and an offer below it."""
    said = json.dumps({"@type": "NewsArticle", "headline": title, "datePublished": "2026-03-02T08:30:00Z"})
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title><script type="application/ld+json">{said}</script>'
        f'</head><body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>{title}</h1>{body}'
        f"</article><footer><p>Subscribe to our newsletter, and never miss a story again.</p></footer></body></html>"
    )
