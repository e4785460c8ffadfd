"""The documentation as a site: built strictly, whole, and of nothing but what it holds."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.running import run

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("site")
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}  # Material's word on its own end, which is known here
    ended = run([sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)], environment, cwd=ROOT)
    assert ended.code == 0, ended.err
    return folder


def html(site: Path) -> dict[str, str]:
    return {str(path.relative_to(site)): path.read_text("utf-8") for path in site.rglob("*.html")}


def test_every_page_is_in_the_site_and_no_source_is(site: Path) -> None:
    there = html(site)
    for page in PAGES:
        folder = page.parent if page.name == "README.md" else page.with_suffix("")
        assert str(folder / "index.html") in there, page
    assert "What is left of a page" in there["index.html"]
    assert "Keep a Changelog" in there["changelog/index.html"]
    assert not list(site.rglob("*.py"))


def test_a_reader_fetches_nothing_from_elsewhere(site: Path) -> None:
    for name, text in html(site).items():
        assert not re.findall(r"<(?:script|img|iframe)[^>]*\ssrc=[\"']?(?:https?:)?//[^\"' >]+", text), name
        sheets = [tag for tag in re.findall(r"<link[^>]*>", text) if "stylesheet" in tag or "icon" in tag]
        assert not [tag for tag in sheets if re.search(r"href=[\"']?(?:https?:)?//", tag)], name
        assert 'class="mermaid"' not in text, f"{name}: a drawing for which the browser would fetch Mermaid"


def test_drawings_are_pictures(site: Path) -> None:
    drawn = {path.name: path.read_text("utf-8") for path in (site / "images" / "drawn").iterdir()}
    for page in ("architecture", "database"):
        assert drawn[f"{page}-1.svg"].startswith("<svg")
        assert f"images/drawn/{page}-1.svg" in (site / page / "index.html").read_text("utf-8")
