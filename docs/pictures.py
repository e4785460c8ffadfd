"""Makes the pictures in docs/images from the demo's invented newspapers: `python docs/pictures.py`."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from console import printed_on
from rich.console import Console
from rich.text import Text

from newsbot.clean import clean
from newsbot.demo.paper import Times, load_papers
from newsbot.demo.press import documents
from newsbot.extract import Explained, explain
from newsbot.extract.evidence import FAR_OUT, IS_POINTER, IS_TITLE, NEVER
from newsbot.items import BlockKind

IMAGES = Path(__file__).parent / "images"
COLUMNS, LINES = 112, 400


def on_a_terminal(command: list[str], home: Path) -> str:
    """What a newsbot command prints on a terminal of 112 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = os.environ | {"NEWSBOT_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen([sys.executable, "-m", "newsbot", *command], stdout=theirs, env=environment)
    os.close(theirs)
    printed = printed_on(ours)
    process.wait()
    return printed


def draw(name: str, command: list[str], home: Path, lines: slice = slice(None)) -> None:
    """Save a command and (some lines of) what it prints as an SVG picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ newsbot {' '.join(command)}", style="bold cyan"))
    console.print(Text.from_ansi("\n".join(on_a_terminal(command, home).split("\n")[lines])))
    console.save_svg(str(IMAGES / f"{name}.svg"), title="newsbot")


@dataclass(frozen=True)
class Row:
    """A block of the judged page: its state (kept, dropped, cleaned), and where in the picture it is."""

    block: Explained
    state: str
    top: int
    height: int

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


COLOURS = {  # fill, line
    "kept": ("#dff3e4", "#2e8b4f"),
    "dropped": ("#fbe3e1", "#c0453b"),
    "cleaned": ("#eee3f8", "#8250b5"),
}
STATES = {"kept": "kept", "dropped": "dropped", "cleaned": "kept here, then removed by the cleaning"}
INK, FAINT = "#24292f", "#6b7480"
WIDTH = 1000
BLOCKS, TEXT, ZERO, NOTES = 34, 470, 592, 714  # x of the blocks, their width, x of the score 0, x of the notes
SCALE = 9.0  # pixels for a score of 1
PIECES = 5  # of evidence in a note
PITCH = 6.9  # pixels that a letter of 13 pixels takes at most, on average


def judged(page: bytes, url: str) -> tuple[str, list[Row], range]:
    """The container's names, the page's judged blocks, and which of them stand in the container."""
    article, explained = explain(page, url)
    removed = {gone.text for gone in clean(article.blocks).removed if not gone.block.dropped}
    rows: list[Row] = []
    top = 84
    for block in explained:
        state = "dropped" if not block.kept else "cleaned" if block.text in removed else "kept"
        height = 22 if len(block.text) < 120 else 36
        rows.append(Row(block, state, top, height))
        top += height + 4
    told = [number for number, row in enumerate(rows) if not _before(row)]
    return article.container, rows, range(told[0], told[-1] + 1)


def _before(row: Row) -> bool:
    """Whether the block stands before the container."""
    return any("before the body" in name or name.endswith(", before") for name, _ in row.block.evidence)


def _decides(row: Row) -> list[str]:
    """The pieces of evidence that leave the block out whatever else there is."""
    return [name for name, _ in row.block.evidence if name in NEVER or name == FAR_OUT]


def _text(x: float, y: float, said: str, size: float = 13, colour: str = INK, **more: str) -> str:
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.0f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{attributes}>{escape(said)}</text>'


def _cut(said: str, room: float) -> str:
    most = int(room / PITCH)
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def _lines(said: str, room: float, most: int) -> list[str]:
    """The text broken into lines, the last of them cut."""
    lines: list[str] = []
    rest = said
    while rest and len(lines) < most - 1 and len(rest) * PITCH > room:
        at = rest.rfind(" ", 0, int(room / PITCH))
        lines.append(rest[:at])
        rest = rest[at + 1 :]
    return [*lines, _cut(rest, room)]


def _drawn(row: Row) -> Iterator[str]:
    """The block with the beginning of its text, and its score as a bar."""
    fill, line = COLOURS[row.state]
    box = f'x="{BLOCKS}" y="{row.top}" width="{TEXT}" height="{row.height}" rx="3"'
    yield f'<rect {box} fill="{fill}" stroke="{line}" stroke-opacity="0.35"/>'
    bold = row.block.kind is BlockKind.HEADING
    lines = _lines(row.block.text, TEXT - (60 if bold else 20), 1 if row.height < 30 else 2)
    weight = "600" if bold else "400"
    for number, said in enumerate(lines):
        y = row.middle + 4.5 + 15 * (number - (len(lines) - 1) / 2)
        yield _text(BLOCKS + 10, y, said, colour=INK if row.state == "kept" else "#57606a", font_weight=weight)
    if not any(weight for _, weight in row.block.evidence):
        yield f'<rect x="{ZERO - 2}" y="{row.middle - 8}" width="4" height="16" fill="#fff"/>'
        yield _text(ZERO, row.middle + 4, "not weighed", 11.5, FAINT, text_anchor="middle")
        return
    end = ZERO + SCALE * row.block.score
    left, width = min(ZERO, end), max(1.0, abs(end - ZERO))
    yield f'<rect x="{left:.1f}" y="{row.middle - 5}" width="{width:.1f}" height="10" fill="{line}"/>'
    beside, anchor = (end + 5, "start") if row.block.score > 0 else (end - 5, "end")
    yield _text(beside, row.middle + 4, f"{row.block.score:+.1f}".replace("-", "−"), 11.5, line, text_anchor=anchor)


def _note(row: Row, head: str, top: float) -> Iterator[str]:
    """A box beside a block with the heaviest pieces of its evidence."""
    said = [("", name) for name in _decides(row)] or [
        (f"{weight:+.2f}".replace("-", "−"), name) for name, weight in row.block.evidence[:PIECES]
    ]
    height = 30 + 17 * len(said)
    line = COLOURS[row.state][1]
    start = ZERO + max(0.0, SCALE * row.block.score) + 38
    bend = f"M{start:.0f} {row.middle:.1f}H{NOTES - 14}L{NOTES} {top + 14:.1f}"
    yield f'<path d="{bend}" fill="none" stroke="{line}" stroke-opacity="0.6"/>'
    box = f'x="{NOTES}" y="{top:.1f}" width="{WIDTH - NOTES - 12}" height="{height}" rx="4"'
    yield f'<rect {box} fill="#fff" stroke="{line}" stroke-opacity="0.6"/>'
    yield _text(NOTES + 12, top + 19, head, 12.5, line, font_weight="600")
    for number, (weight, name) in enumerate(said):
        y = top + 37 + 17 * number
        if weight:
            colour = COLOURS["kept" if weight[0] == "+" else "dropped"][1]
            yield _text(NOTES + 48, y, weight, 12, colour, text_anchor="end", font_weight="600")
        yield _text(NOTES + (56 if weight else 12), y, name, 12, INK)


def draw_blocks(name: str, page: bytes, url: str) -> None:
    """Save a page's blocks as the extraction judges them as an SVG picture."""
    container, rows, inside = judged(page, url)
    bottom = rows[-1].top + rows[-1].height
    height = bottom + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        "font-family=\"-apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif\">",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#fff" stroke="#d0d7de"/>',
        _text(BLOCKS, 32, "What one page holds, block by block, and how each was judged", 16, font_weight="600"),
    ]
    x = float(BLOCKS)
    for state, said in STATES.items():
        fill, line = COLOURS[state]
        parts.append(f'<rect x="{x}" y="48" width="14" height="14" rx="2" fill="{fill}" stroke="{line}"/>')
        parts.append(_text(x + 20, 60, said, 12.5, FAINT))
        x += 48 + PITCH * len(said)
    parts.append(_text(ZERO, 70, "score", 12, FAINT, text_anchor="middle"))
    parts.append(_text(NOTES, 70, "the evidence that weighs most", 12, FAINT))
    parts.append(f'<path d="M{ZERO} 78V{bottom + 4}" stroke="#afb8c1" stroke-dasharray="3 3"/>')
    first, last = rows[inside[0]], rows[inside[-1]]
    top, end = first.top, last.top + last.height
    parts.append(f'<path d="M{BLOCKS - 4} {top}h-7V{end}h7" fill="none" stroke="{INK}" stroke-width="1.5"/>')
    middle = (top + end) / 2
    turned = f"rotate(-90 14 {middle:.0f})"
    said = f"container: {container.split(' > ')[-1]}"
    parts.append(_text(14, middle, said, 12.5, INK, text_anchor="middle", transform=turned))
    for row in rows:
        parts += _drawn(row)
    notes = [
        ("decides alone", next(row for row in rows if IS_TITLE in _decides(row))),
        ("main text", rows[next(number for number in inside if rows[number].state == "kept")]),
        ('decides alone: class "signup"', next(row for row in rows if FAR_OUT in _decides(row))),
        ("barely kept, then cleaned away", next(row for row in rows if row.state == "cleaned")),
        ("decides alone", next(row for row in rows if IS_POINTER in _decides(row))),
    ]
    free = 84.0
    for head, row in sorted(notes, key=lambda note: note[1].top):
        free = max(free, row.middle - 14)
        parts += _note(row, head, free)
        free += 30 + 17 * (len(_decides(row)) or PIECES) + 12
    parts.append("</svg>")
    (IMAGES / f"{name}.svg").write_text("\n".join(parts) + "\n", "utf-8")


def demo_page(path: str) -> tuple[bytes, str]:
    """A page of the invented newspapers, and its address; always as of the same day."""
    for paper in load_papers():
        page = documents(paper, Times(datetime(2026, 11, 20, 9, tzinfo=UTC))).get(path)
        if page is not None:
            return page.body, paper.url(path)
    raise SystemExit(f"{path}: no invented newspaper has such a page.")


def main() -> None:
    """Judge a page, crawl the invented newspapers, and draw."""
    draw_blocks("blocks", *demo_page("/town/nettle-flood-damages-lower-town-2042"))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        subprocess.run([sys.executable, "-m", "newsbot", "demo", "--keep", str(home)], check=True, capture_output=True)
        flood = on_a_terminal(["search", "Nettle flood", "--json"], home).split('"id": ')[1].split(",")[0]
        draw("removed", ["show", flood, "--removed"], home, slice(0, -2))
        draw("versions", ["show", flood, "--diff"], home)


if __name__ == "__main__":
    main()
