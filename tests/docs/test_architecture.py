"""docs/architecture.md draws the imports as they are."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from tests.test_house import ROOMS, all_imports, room_of, rooms_imported

DOCS = Path(__file__).parents[2] / "docs"
ROOMS_PY = runpy.run_path(str(DOCS / "rooms.py"))


def edges() -> set[tuple[str, str]]:
    return set(re.findall(r"^    (\w+) --> (\w+)$", ROOMS_PY["diagram"](), re.MULTILINE))


def test_the_picture_is_that_of_this_code() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    assert ROOMS_PY["PICTURE"].search(page)[0].strip() == ROOMS_PY["diagram"]().strip(), "run: python docs"


def test_every_arrow_is_an_import() -> None:
    assert edges() <= {(room_of(each.file), rooms_imported(each)) for each in all_imports()}


def test_every_import_is_an_arrow_or_a_way_along_arrows() -> None:
    arrows = edges()

    def leads(here: str, there: str) -> bool:
        return (here, there) in arrows or any(leads(middle, there) for start, middle in arrows if start == here)

    told = set(ROOMS) - {"items", "errors", "__main__"}
    pairs = {(room_of(each.file), rooms_imported(each)) for each in all_imports()}
    missing = {(a, b) for a, b in pairs if a in told and b in told and a != b and a and b and not leads(a, b)}
    assert missing == set()
