"""docs/python.md, line by line: what stands there is what comes."""

from __future__ import annotations

import doctest
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(*needs: str) -> str:
    """The page with those of its examples that need nothing, or one of these; the lines keep their numbers."""

    def kept(block: re.Match[str]) -> str:
        return block[2] if block[1] in ("", *needs) else "\n" * block[0].count("\n")

    page = PAGE.read_text("utf-8")
    parts = re.split(r"(^```pycon.*?^```$)", page, flags=re.MULTILINE | re.DOTALL)
    for number, part in enumerate(parts):
        block = re.fullmatch(r"```pycon ?(\w*)(\n.*)```", part, re.DOTALL)
        parts[number] = kept(block) if block else "\n" * part.count("\n")
    return "".join(parts)


@pytest.mark.parametrize("frames", ["", "pandas", "polars"])
def test_every_example_gives_what_the_page_says(
    newspapers: str, frames: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if frames and find_spec(frames) is None:
        pytest.skip(f"{frames} is not installed: pip install -e '.[{frames}]'")
    monkeypatch.setenv("NEWSBOT_DATABASE_URL", newspapers)
    test = doctest.DocTestParser().get_doctest(examples(frames), {}, "python.md", str(PAGE), 0)
    assert len(test.examples) > 20
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test)
    assert not result.failed, capsys.readouterr().out
