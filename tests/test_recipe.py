"""What makes a story has a name, which is another one when something else makes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from newsbot.recipe import recipe
from newsbot.sites import Site

SAID = {"key": "paper.example", "name": "The Paper", "home": "https://paper.example/"}
SITE = Site.model_validate(SAID)
ROOT = Path(__file__).parent.parent


def test_what_the_file_says_of_pages_is_part_of_it() -> None:
    changes: list[dict[str, Any]] = [
        {"name": "Another"}, {"timezone": "Europe/Berlin"}, {"language": "de"}, {"story_id": r"-(\d+)$"},
        {"select": SITE.select.model_copy(update={"remove": ("aside",)})},
    ]  # fmt: skip
    names = {recipe(SITE.model_copy(update=change)) for change in changes}
    assert len(names | {recipe(SITE)}) == len(changes) + 1


def test_how_a_site_is_visited_is_not() -> None:
    other = SITE.model_copy(
        update={"delay": 9.0, "enabled": False, "archive": True, "keep_days": 3, "skip": ("/live/",)}
    )
    assert recipe(other) == recipe(SITE)


ASK = f"from newsbot.recipe import recipe; from newsbot.sites import Site; print(recipe(Site(**{SAID})))"


def named(folder: Path) -> str:
    """The name in another process, whose newsbot is in that folder."""
    done = subprocess.run([sys.executable, "-c", ASK], cwd=folder, capture_output=True, check=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("extract/weights.toml", "[", "\n["),
        ("clean/__init__.py", "return ", "return not "),
        ("fingerprint/version.py", "VERSION = ", "VERSION = 1 + "),
    ],
)
def test_another_processes_name_is_the_same_and_another_codes_is_not(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    copied(ROOT / "newsbot", tmp_path / "newsbot")
    assert named(tmp_path) == recipe(SITE), "where it lies says nothing"
    changed = tmp_path / "newsbot" / file
    before = changed.read_text("utf-8")
    assert old in before
    changed.write_text(before.replace(old, new, 1), "utf-8")
    name = named(tmp_path)
    assert name != recipe(SITE)
    assert name.partition("-")[2] == recipe(SITE).partition("-")[2], "the site's file is as it was"


def test_what_is_said_to_people_and_how_it_is_laid_out_is_no_part_of_it(tmp_path: Path) -> None:
    copied(ROOT / "newsbot", tmp_path / "newsbot")
    for file in ("clean/__init__.py", "fingerprint/version.py", "items.py"):
        changed = tmp_path / "newsbot" / file
        text = (
            changed.read_text("utf-8").replace('"""', '"""Another thing: ', 1).replace("\n\n", "\n\n\n# A comment.\n")
        )
        changed.write_text(text, "utf-8")
    assert named(tmp_path) == recipe(SITE)


def copied(source: Path, target: Path) -> None:
    for file in source.rglob("*"):
        if file.is_file() and file.suffix in {".py", ".toml"}:
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
