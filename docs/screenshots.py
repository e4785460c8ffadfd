"""Takes the pictures of the web page in docs/images from the demo's invented newspapers: `python docs/screenshots.py`.

It needs the extra `test`, and a Chromium that is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
SIZE = {"width": 1120, "height": 720}  # pixels


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Serve a NEWSBOT_HOME until the block ends; gives the address."""
    command = [sys.executable, "-m", "newsbot", "serve", "--port", "0"]
    own = {"NEWSBOT_HOME": str(home), "NEWSBOT_DATABASE_URL": "", "NEWSBOT_CATALOGUE": "false"}
    with subprocess.Popen(command, env=environ | own, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            yield server.stderr.readline().split()[3].rstrip("/")
        finally:
            server.terminate()


@contextmanager
def page(browser: Browser, scheme: str) -> Iterator[Page]:
    """A page in light or dark."""
    context = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def search(page: Page, url: str) -> None:
    """What was found, where a range of bars is being dragged."""
    page.goto(f"{url}/?q=harbour+OR+ferry+OR+cable+OR+Nettle")
    bars = page.locator(".bars a")
    box = bars.nth(bars.count() // 2).bounding_box()
    assert box
    page.mouse.move(box["x"], box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (bars.count() // 2 - 1.5), box["y"] + 30)
    page.screenshot(path=IMAGES / "page-search.png")


def removed(page: Page, url: str) -> None:
    """A story with what was removed from its page."""
    page.goto(f"{url}/?q=Nettle+flood")
    page.locator(".hit h2 a").click()
    page.get_by_role("switch").check()
    page.evaluate("document.querySelectorAll('.text > p')[1].scrollIntoView()")
    page.screenshot(path=IMAGES / "page-removed.png")


def versions(page: Page, url: str) -> None:
    """What a correction changed."""
    page.goto(f"{url}/?q=Nettle+flood")
    page.locator(".hit h2 a").click()
    page.get_by_role("link", name="Version 2").click()
    page.screenshot(path=IMAGES / "page-versions.png")


def copies(page: Page, url: str) -> None:
    """Two newspapers that had the same story."""
    page.goto(f"{url}/?q=cable+ship")
    page.locator(".hit summary").click()
    page.get_by_role("link", name="Compare them").click()
    page.get_by_role("link", name="compare with the first").click()
    page.screenshot(path=IMAGES / "page-copies.png")


def main() -> None:
    """Crawl the invented newspapers, serve what they gave, and look."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        subprocess.run([sys.executable, "-m", "newsbot", "demo", "--keep", str(home)], check=True, capture_output=True)
        with serving(home) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            for scheme, looks in (("light", (search, removed)), ("dark", (versions, copies))):
                for look in looks:
                    with page(browser, scheme) as opened:
                        look(opened, url)
            browser.close()


if __name__ == "__main__":
    main()
