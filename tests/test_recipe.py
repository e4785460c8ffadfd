"""What makes a story has a name, which is another one when something else makes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

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


def test_another_processes_name_is_the_same_and_another_codes_is_not(tmp_path: Path) -> None:
    ask = f"from newsbot.recipe import recipe; from newsbot.sites import Site; print(recipe(Site(**{SAID})))"

    def named() -> str:
        done = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, check=True, text=True)
        return done.stdout.strip()

    copied(ROOT / "newsbot", tmp_path / "newsbot")
    assert named() == recipe(SITE), "where it lies says nothing"
    weights = tmp_path / "newsbot" / "extract" / "weights.toml"
    weights.write_bytes(weights.read_bytes() + b"\n")
    changed = named()
    assert changed != recipe(SITE)
    assert changed.partition("-")[2] == recipe(SITE).partition("-")[2], "the site's file is as it was"


def copied(source: Path, target: Path) -> None:
    for file in source.rglob("*"):
        if file.is_file() and file.suffix in {".py", ".toml"}:
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
