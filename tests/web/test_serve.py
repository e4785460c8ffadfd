"""newsbot serve as people run it: it says where it is, ends when it is told to, and says what is wrong."""

from __future__ import annotations

import re
import signal
import socket
from importlib.resources import files

import pytest

from tests.conftest import Demo
from tests.running import DEADLINE, Home
from tests.web.visiting import Visitor


def test_it_says_where_it_is_and_ends_when_it_is_told_to(demo: Demo) -> None:
    with demo.home.started("serve", "--port", "0") as process:
        assert process.stderr
        said = process.stderr.readline().decode()
        found = re.fullmatch(r"newsbot is at http://127\.0\.0\.1:(\d+)/ \(Ctrl-C ends it\)\n", said)
        assert found, said
        visitor = Visitor(int(found[1]))
        assert "Ferry terminal" in visitor.get("/").text
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=DEADLINE)
        assert (out, err) == (b"", b"")


def test_other_machines_want_a_token(demo: Demo) -> None:
    ended = demo.home.newsbot("serve", "--host", "0.0.0.0", "--port", "0")
    assert (ended.code, ended.out) == (2, "")
    assert "0.0.0.0 is reached from other machines, so visitors need a token" in ended.err
    with demo.home.started(
        "serve", "--host", "0.0.0.0", "--port", "0", NEWSBOT_SERVE_TOKEN="a-token-of-the-settings"
    ) as process:
        assert process.stderr
        port = int(process.stderr.readline().decode().rpartition(":")[2].partition("/")[0])
        assert Visitor(port).get("/").status == 401
        assert Visitor(port).get("/", Authorization="Bearer a-token-of-the-settings").status == 200


def test_what_is_in_the_way_is_told(home: Home, demo: Demo) -> None:
    ended = home.newsbot("serve")
    assert ended.code == 1
    assert "there is no database yet. `newsbot crawl` makes it." in ended.err
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = demo.home.newsbot("serve", "--port", str(port))
    assert ended.code == 2
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use" in ended.err


@pytest.mark.parametrize("name", ["templates/base.html", "static/newsbot.css", "static/newsbot.js", "static/icon.svg"])
def test_what_pages_are_made_of_comes_with_the_package(name: str) -> None:
    assert (files("newsbot.web") / name).is_file()


def test_there_is_one_small_script_and_one_small_sheet() -> None:
    static = files("newsbot.web") / "static"
    assert sorted(each.name for each in static.iterdir()) == ["icon.svg", "newsbot.css", "newsbot.js"]
    assert all(len(each.read_bytes()) < 30_000 for each in static.iterdir())
    assert "http" not in (static / "newsbot.css").read_text("utf-8") + (static / "newsbot.js").read_text("utf-8")
