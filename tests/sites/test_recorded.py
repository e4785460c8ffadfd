"""The recorded pages of invented papers, read with the files of these papers."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsbot.sites import load_site
from newsbot.trial import recorded, replay

FOLDER = Path(__file__).parent / "recorded"
SITES = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", SITES, ids=lambda path: path.stem)
def test_a_recorded_page_gives_its_story(path: Path) -> None:
    site = load_site(path)
    pages = list(recorded(FOLDER, site.key))
    assert pages
    assert {page.name: replay(site, page) for page in pages} == {page.name: [] for page in pages}
