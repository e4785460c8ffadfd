"""Runs the examples of a page in a terminal, and writes what they print into it: `python docs/console.py tutorial.md`.

An example is a block of the kind `console`: lines that begin with "$ " are commands, the lines below them what comes.
All commands of a page run in the order in which they stand, in one folder, as one shell session would. A line `...`
stands for any lines: what is not shown.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

COLUMNS, LINES = 80, 50
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What differs from one run to the next: instants, seconds, numbers of stories, cursors.
_VOLATILE = {
    r"\d{4}-\d\d-\d\d \d\d:\d\d": "0000-00-00 00:00",
    r"\d{4}-\d\d-\d\d": "0000-00-00",
    r"\d+\.\d s\b": "0.0 s",
    r"^ *\d+(?=  )": "0",
    r"(?<=--after )\S+": "CURSOR",
}


@dataclass(frozen=True)
class Example:
    """A command of a page, and what the page says that it prints."""

    command: str
    said: str


def examples(page: str) -> Iterator[Example]:
    """The commands of a page."""
    for block in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, said = part.partition("\n")
            yield Example(command, said)


class Shell:
    """A shell session in a folder: what a command sets stays set for the next."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._state = folder / ".shell"
        # A dumb terminal has no colours and no movements: what is printed is what stands there.
        self._environment = dict(environment) | {"TERM": "dumb", "STATE": str(self._state)}

    def run(self, command: str) -> str:
        """What the command prints on a terminal. Raises RuntimeError where it fails."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        script = f'[ -e "$STATE" ] && . "$STATE"\n{command}\ncode=$?\nexport -p > "$STATE"\nexit $code'
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        printed = printed_on(ours)
        if process.wait():
            raise RuntimeError(f"`{command}` ended with {process.returncode}:\n{printed}")
        return "".join(f"{line.rstrip()}\n" for line in printed.splitlines())


def printed_on(terminal: int) -> str:
    """What is printed on a terminal until its other end is closed. Closes `terminal`, the descriptor of our end."""
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other end is closed: the command has ended
            break
        if not part:
            break
        parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode("utf-8").replace("\r\n", "\n")


def alike(said: str, printed: str) -> bool:
    """Whether a command printed what the page says, but for what differs each time and what is not shown."""
    pattern = re.escape(_settled(said))
    return (
        re.fullmatch(re.sub(r"^\\\.\\\.\\\.\\\n", r"(?:.*\\n)*?", pattern, flags=re.MULTILINE), _settled(printed))
        is not None
    )


def _settled(text: str) -> str:
    for volatile, settled in _VOLATILE.items():
        text = re.sub(volatile, settled, text, flags=re.MULTILINE)
    return text


def main() -> None:
    """Run the pages that are named, and write what is printed where another thing stood."""
    for name in sys.argv[1:]:
        path = Path(__file__).parent / name
        page = path.read_text("utf-8")
        with tempfile.TemporaryDirectory() as folder:
            shell = Shell(Path(folder), os.environ)
            for example in examples(page):
                printed = shell.run(example.command)
                if not alike(example.said, printed):
                    page = page.replace(f"$ {example.command}\n{example.said}", f"$ {example.command}\n{printed}")
        path.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
