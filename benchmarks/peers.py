"""The environment in which newsbot's peers live: their dependencies are not newsbot's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Failed, tell

FOLDER = Path(__file__).parent / ".peers"
REQUIREMENTS = Path(__file__).parent / "peers.txt"


def python() -> str:
    """The environment's Python; it is made, if it is not there. Raises Failed if it cannot be."""
    found = FOLDER / "bin" / "python"
    if not found.exists():
        make()
    return str(found)


def make() -> None:
    """Make the environment anew, with the versions of peers.txt; needs a package index, and takes minutes."""
    tell(f"making the peers' environment in {FOLDER}")
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(FOLDER)],
        [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps", "-r", str(REQUIREMENTS)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"the peers' environment cannot be made: {' '.join(command)}: {done.stderr[-2000:]}")
