"""What `newsbot extract --explain` prints: the page's verdict, and each block with what spoke for it and against it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from rich.padding import Padding
from rich.text import Text

from newsbot.charset import without_controls
from newsbot.cli.output import out
from newsbot.extract import Explained
from newsbot.extract.evidence import FAR_OUT, HEADS_NOTHING, IS_DATA, NEVER, NO_PROSE
from newsbot.items import Article, BlockKind, Cleaned

_MOST = 4  # pieces of evidence that are printed of a block
_INDENT = 9
_DECIDING = NEVER | {FAR_OUT, IS_DATA, NO_PROSE}
_COLOURS = {"kept": "green", "dropped": "red", "cleaned": "magenta"}


def print_explained(article: Article, explained: Sequence[Explained], cleaned: Cleaned) -> None:
    """Prints the verdict and the blocks: on a terminal in colour and cut to its width, in a pipe plain and whole."""
    verdict = article.verdict.replace("_", " ")
    _line(Text(f"verdict    {verdict}{f': {_tidy(article.why)}' if article.why else ''}", style="bold"))
    _line(Text(f"title      {_tidy(article.title or 'none')}"))
    _line(Text(f"container  {_tidy(article.container or 'none')}"))
    _line(Text(f"blocks     {_counted(article, explained)}"))
    cleaned_away = {(gone.block.kind, gone.text): gone for gone in cleaned.removed if not gone.block.dropped}
    for block in explained:
        gone = cleaned_away.get((block.kind, block.text)) if block.kept else None
        state = "cleaned" if gone else "kept" if block.kept else "dropped"
        weighed = block.kind is not BlockKind.CAPTION and any(weight for _, weight in block.evidence)
        score = f"{block.score:+.2f}" if weighed else ""
        out().print()
        head = Text.assemble((f"{state:<{_INDENT}}", f"bold {_COLOURS[state]}"), f"{score:>6}  {block.kind:<10}  ")
        _line(head.append(_tidy(block.text), style="" if state == "kept" else "dim"))
        if gone:
            _below(Text(f"kept here, then removed by the cleaning as {gone.kind}: {_tidy(gone.why)}", style="magenta"))
        _below(Text(" · ", style="dim").join(_reasons(block)))


def explained_json(explained: Sequence[Explained]) -> list[dict[str, Any]]:
    """The same blocks for programs: all of their evidence with its weights, the heaviest first."""
    return [
        {
            "kind": block.kind,
            "text": block.text,
            "kept": block.kept,
            "score": round(block.score, 3),
            "evidence": dict(block.evidence),
        }
        for block in explained
    ]


def _counted(article: Article, explained: Sequence[Explained]) -> str:
    """How many blocks were judged; where the text has others, or is none of them, where it comes from."""
    texts = {block.text for block in explained}
    others = sum(block.text not in texts for block in article.blocks)
    if not explained:
        return f"none judged: {'the text comes from a script or <noscript>' if others else 'the page holds no prose'}"
    kept = sum(block.kept for block in explained)
    said = f"{kept} kept, {len(explained) - kept} dropped"
    if others == len(article.blocks) and others:
        return f"{said}; but the text is none of these: a script or <noscript> holds more"
    return f"{said}; {others} more come from a script" if others else said


def _reasons(block: Explained) -> Iterator[Text]:
    """What decides alone, then what weighs most."""
    if block.kind is BlockKind.CAPTION:
        yield Text("a caption: decided by its place, not by a score")
        return
    names = [name for name, _ in block.evidence]
    if not names:
        yield Text("kept as prose, behind all blocks that are weighed")
        return
    deciding = [name for name in names if name in _DECIDING]
    if HEADS_NOTHING in names and not block.kept and block.score == 0:
        deciding.append(HEADS_NOTHING)
    for name in deciding:
        yield Text(f"decides: {name}", style="bold")
    if block.kept and block.score <= 0 and IS_DATA not in names:
        yield Text("decides: it is prose, and no block comes out above zero", style="bold")
    heaviest = [piece for piece in block.evidence if round(piece[1], 2) and piece[0] not in deciding]
    for name, weight in heaviest[:_MOST]:
        yield Text.assemble((f"{weight:+.2f}", "green" if weight > 0 else "red"), f" {name}")


def _tidy(text: str) -> str:
    """What a page says, in one line that commands no terminal."""
    return without_controls(" ".join(text.split()))


def _line(text: Text) -> None:
    """A line that a terminal cuts at its width and a pipe takes whole."""
    if sys.stdout.isatty():
        out().print(text, no_wrap=True, overflow="ellipsis")
    else:
        out().print(text, soft_wrap=True)


def _below(text: Text) -> None:
    out().print(Padding(text, (0, 0, 0, _INDENT), expand=False))
