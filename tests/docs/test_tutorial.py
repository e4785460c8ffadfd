"""docs/tutorial.md, command by command in a terminal: what stands there is what comes, but for times and numbers."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.running import Home

DOCS = Path(__file__).parents[2] / "docs"


def test_every_command_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    console = import_module("console")
    examples = list(console.examples((DOCS / "tutorial.md").read_text("utf-8")))
    assert len(examples) > 8
    environment = Home(tmp_path / "unused", {}).env(HOME=str(tmp_path))
    environment = {name: value for name, value in environment.items() if not name.startswith("NEWSBOT_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    shell = console.Shell(tmp_path, environment)
    for example in examples:
        printed = shell.run(example.command)
        assert console.alike(example.said, printed), f"$ {example.command}\n{printed}"


@pytest.mark.parametrize(
    ("said", "printed", "alike"),
    [
        ("12  2026-11-30 20:52  a\n", " 3  2027-01-02 03:04  a\n", True),
        ("12  2026-11-30 20:52  a\n", "12  2026-11-30 20:52  b\n", False),
        ("first\n...\nlast\n", "first\n2\n3\nlast\n", True),
        ("first\n...\nlast\n", "first\nlast\nmore\n", False),
        ("2 sites in 1.1 s\n", "2 sites in 13.3 s\n", True),
        ("2 sites in 1.1 s\n", "3 sites in 1.1 s\n", False),
    ],
)
def test_only_what_differs_each_time_may_differ(
    said: str, printed: str, alike: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    assert import_module("console").alike(said, printed) is alike
