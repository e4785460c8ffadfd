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
from pathlib import Path

from rich.console import Console
from rich.text import Text

IMAGES = Path(__file__).parent / "images"
COLUMNS, LINES = 112, 400


def on_a_terminal(command: list[str], home: Path) -> str:
    """What a newsbot command prints on a terminal of 112 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = os.environ | {"NEWSBOT_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen([sys.executable, "-m", "newsbot", *command], stdout=theirs, env=environment)
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed: the command has ended
            break
        if not part:
            break
        parts.append(part)
    process.wait()
    os.close(ours)
    return b"".join(parts).decode("utf-8").replace("\r\n", "\n")


def draw(name: str, command: list[str], home: Path, lines: slice = slice(None)) -> None:
    """Save a command and (some lines of) what it prints as an SVG picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ newsbot {' '.join(command)}", style="bold cyan"))
    console.print(Text.from_ansi("\n".join(on_a_terminal(command, home).split("\n")[lines])))
    console.save_svg(str(IMAGES / f"{name}.svg"), title="newsbot")


def main() -> None:
    """Crawl the invented newspapers and draw."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        subprocess.run([sys.executable, "-m", "newsbot", "demo", "--keep", str(home)], check=True, capture_output=True)
        flood = on_a_terminal(["search", "Nettle flood", "--json"], home).split('"id": ')[1].split(",")[0]
        draw("removed", ["show", flood, "--removed"], home, slice(0, 46))
        draw("versions", ["show", flood, "--versions"], home)


if __name__ == "__main__":
    main()
