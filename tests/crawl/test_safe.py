"""What a hostile site can do, and what it costs: each test fails without the guard that it is about."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from newsbot.discovery import Feed, read_feed
from newsbot.sites import Site
from pipelines.stage import HEAVY, SharedStage
from tests.crawl.web import Answer, Web, page, site_file
from tests.running import Home, run

ROOT = Path(__file__).resolve().parents[2]
CALM = "calm.example"

# -- reading is no matter of the event loop ----------------------------------------------------------------------------


def patient(body: bytes, url: str, content_type: str) -> Feed:
    """Reads feeds as newsbot does, but for those whose address asks for worse."""
    if "hangs" in url:
        threading.Event().wait()
    if "kills" in url:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_feed(body, url, content_type)


PATIENT = """
import newsbot.spiders.site
from newsbot.cli.main import main
from tests.crawl.test_safe import patient
newsbot.spiders.site.read_feed = patient
main()
"""


@pytest.mark.parametrize("fault", ["hangs", "kills"])
def test_a_feed_that_hangs_or_kills_its_reader_fails_alone(home: Home, fault: str) -> None:
    with Web() as web:
        urls = web.publish(CALM, 5)
        web.publish(f"{fault}.example")
        web.pages[f"http://{CALM}/{fault}.xml"] = web.pages[f"http://{CALM}/feed.xml"]
        both = f'feeds = ["http://{CALM}/{fault}.xml", "http://{CALM}/feed.xml"]\n'
        home.site(CALM, site_file(CALM).replace(f'feeds = ["http://{CALM}/feed.xml"]\n', both))
        home.site(f"{fault}.example", site_file(f"{fault}.example"))
        ended = run(
            [sys.executable, "-c", PATIENT, "crawl"],
            home.env(http_proxy=web.proxy, NEWSBOT_PAGE_SECONDS="4", NEWSBOT_WORKERS="3"),
            cwd=ROOT,
        )
    assert set(home.stories()) == set(urls)
    assert {site.site: site.outcome for site in home.last_run().sites} == {
        CALM: "partial",
        f"{fault}.example": "failed",
    }
    for counts in home.counts().values():
        assert (counts["source.failed"], counts["error.too_hard"]) == (1, 1)
    assert f"newsbot: {fault}.example failed" in ended.err


def test_long_texts_are_worked_on_in_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go(characters: int) -> int:
        stage.open_spider()
        try:
            return await stage.worked(characters, os.getpid, name="http://calm.example/long")
        finally:
            stage.close_spider()

    monkeypatch.setenv("NEWSBOT_HOME", str(tmp_path))
    stage = SharedStage(Site(key=CALM, name="Calm", home=f"http://{CALM}/"))
    assert asyncio.run(go(HEAVY - 1)) == os.getpid()
    assert asyncio.run(go(HEAVY)) != os.getpid()


def test_a_long_story_comes_back_from_there_whole(home: Home) -> None:
    with Web() as web:
        (url,) = web.publish(CALM, 1)
        text = " ".join(f"The {number}th lantern was sold." for number in range(2 * HEAVY // 30))
        web.pages[url] = Answer(page(url, text))
        home.site(CALM, site_file(CALM))
        assert home.newsbot("crawl", http_proxy=web.proxy).code == 0
    assert home.stories()[url].text == text
