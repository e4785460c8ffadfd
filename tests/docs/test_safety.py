"""docs/safety.md names files and tests; they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "safety.md").read_text("utf-8")
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
}


def test_each_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(test_\w+)(…?)`", TEXT)
    assert len(named) > 15
    for name, cut in named:
        assert name in TESTS or (cut and any(test.startswith(name) for test in TESTS)), name


def test_each_file_that_the_page_names_is_there() -> None:
    files = set(re.findall(r"`((?:tests/)?(?:\w+/)*\w+\.py)`", TEXT))
    assert len(files) > 10
    for name in files:
        folders = [ROOT, ROOT / "newsbot", ROOT / "newsbot" / "middlewares", ROOT / "newsbot" / "discovery"]
        assert any((folder / name).exists() for folder in (*folders, ROOT / "tests" / "crawl")), name
