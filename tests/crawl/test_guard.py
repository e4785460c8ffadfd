"""Names that stand for this machine's own network are not connected to, unless they are allowed."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newsbot.middlewares.guard import Allowed
from tests.crawl.web import Answer, Web, feed, page
from tests.running import Home

NAME = socket.gethostname().lower()


def stands_for_this_machine(name: str) -> bool:
    try:
        return socket.gethostbyname(name).startswith("127.")
    except OSError:
        return False


@pytest.mark.skipif(not stands_for_this_machine(NAME), reason="this machine's own name does not resolve to loopback")
@pytest.mark.parametrize("allowed", ["", NAME, "127.0.0.0/8"])
def test_a_name_that_resolves_to_loopback_is_asked_only_where_that_is_allowed(tmp_path: Path, allowed: str) -> None:
    home = Home(tmp_path, {})
    with Web() as web:
        root = f"http://{NAME}:{urlsplit(web.proxy).port}"
        web.pages["/feed.xml"] = Answer(feed([f"{root}/news/story-1"]), content_type="application/rss+xml")
        web.pages["/news/story-1"] = Answer(page(f"{root}/news/story-1"))
        home.site("own", f'name = "Own"\nhome = "{root}/"\nfeeds = ["{root}/feed.xml"]\ndelay = 0.0\n')
        ended = home.newsbot("crawl", NEWSBOT_ALLOW_PRIVATE=allowed)
        asked = list(web.requests)
    if allowed:
        assert ended.code == 0, ended.err
        assert home.counts()["own"]["new"] == 1
    else:
        assert (ended.code, asked) == (1, [])
        assert home.counts()["own"]["skipped.private_address"] == 1


def test_what_is_allowed() -> None:
    allowed = Allowed(["Intranet.example", "10.1.0.0/16", "fd00::1"])
    assert all(host in allowed for host in ("intranet.example", "INTRANET.example.", "10.1.2.3", "[fd00::1]"))
    assert not any(host in allowed for host in ("www.intranet.example", "10.2.0.1", "fd00::2", "example"))
