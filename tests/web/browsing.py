"""A real browser, and what goes wrong in it: Debian's Chromium, or the one that Playwright has installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Locator, Page, Request, sync_playwright

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome")


class NoBrowser(Exception):
    """There is none; the message says what to do."""


@contextmanager
def started() -> Iterator[Browser]:
    """A browser, until the block ends. Raises NoBrowser."""
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path)
        if not Path(found).exists():
            raise NoBrowser("there is no Chromium: apt-get install chromium, or playwright install chromium")
        browser = playwright.chromium.launch(executable_path=found)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tab:
    """A tab that shows pages of one server, and remembers what it complained of and what it asked elsewhere."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)

    def on_console(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.wrong.append(said.text)

    def on_error(self, error: Error) -> None:
        self.wrong.append(str(error))

    def on_dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_request(self, asked: Request) -> None:
        if not asked.url.startswith(self.url):
            self.wrong.append(f"asks {asked.url}")

    def open(self, path: str) -> None:
        """Go to a page of the server."""
        self.page.goto(self.url + path)

    def find(self, selector: str) -> Locator:
        """Elements by CSS."""
        return self.page.locator(selector)

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page in build/screenshots."""
        self.page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return max(0, wider)

    def faults(self) -> list[str]:
        """What axe finds wrong for people who do not see, hear or point: rule, weight, and the first element."""
        found = Axe().run(self.page).response["violations"]
        return [f"{each['id']} ({each['impact']}): {each['nodes'][0]['html'][:200]}" for each in found]


@contextmanager
def tab(browser: Browser, url: str, **options: Any) -> Iterator[Tab]:
    """A tab in a profile of its own; `options` are those of Playwright's new_context(). What scripts and the console
    complain of, dialogs, and requests to other servers are in `wrong`."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
    try:
        opened = Tab(context.new_page(), url)
        opened.page.on("console", opened.on_console)
        opened.page.on("pageerror", opened.on_error)
        opened.page.on("dialog", opened.on_dialog)
        opened.page.on("request", opened.on_request)
        yield opened
    finally:
        context.close()
