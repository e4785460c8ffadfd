"""SIGTERM and Ctrl-C, whenever they come: what is in flight is stored, nothing is left running, and the next crawl
brings the rest."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.crawl import papers
from tests.crawl.papers import SETTINGS, Undisturbed
from tests.crawl.test_at_once import descendants
from tests.crawl.test_disk import writer
from tests.crawl.web import Web, site_file
from tests.running import DEADLINE, Home, until

SIGNALS = [(signal.SIGTERM, 143), (signal.SIGINT, 130)]


def interrupt(process: subprocess.Popen[bytes], number: int) -> None:
    """As a terminal and systemd do it: all processes of the group are told."""
    os.killpg(process.pid, number)


def ended(process: subprocess.Popen[bytes], number: signal.Signals, code: int, readers: list[int]) -> None:
    """It says that it was interrupted, and nothing else; its readers have gone."""
    _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == code, err.decode()
    assert f"newsbot: interrupted ({number.name})" in err.decode()
    assert "Traceback" not in err.decode()
    until(lambda: not any(map(lives, readers)))


def lives(pid: int) -> bool:
    """Whether there is such a process that is more than an entry which nobody has taken note of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def recorded(home: Home) -> None:
    """The run's record says so, and no lock is left."""
    run = home.last_run()
    assert (run.outcome, run.finished is None) == ("interrupted", False)
    assert not list((home.path / "locks").glob("*.lock"))
    assert "Traceback" not in (home.path / "log" / "newsbot.log").read_text("utf-8")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("sign", ["locks/*.lock", "newsbot.db", "newsbot.db-wal"])
def test_before_the_first_site(
    undisturbed: Undisturbed, home: Home, sign: str, number: signal.Signals, code: int
) -> None:
    """While the database is being made, say."""
    home = Home(home.path, SETTINGS)
    papers.publish(undisturbed.web, home)
    with home.started("crawl", http_proxy=undisturbed.web.proxy) as process:
        until(lambda: list(home.path.glob(sign)), process)
        interrupt(process, number)
        ended(process, number, code, [])
    assert not list((home.path / "locks").glob("*.lock"))
    undisturbed.complete(home)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_before_the_first_answer(undisturbed: Undisturbed, home: Home, number: signal.Signals, code: int) -> None:
    home = Home(home.path, SETTINGS)
    with Web(etags=True) as web:
        urls = papers.publish(web, home)
        gate = papers.wait_at(web, [f"http://{host}/feed.xml" for host in papers.PAPERS], 0)
        with home.started("crawl", http_proxy=web.proxy) as process:
            until(lambda: any("feed.xml" in url for url in web.requests), process)
            interrupt(process, number)
            gate.open()
            ended(process, number, code, descendants(process.pid))
        assert not set(urls) & set(web.requests)
    recorded(home)
    assert home.stored() == 0
    undisturbed.complete(home)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_between_stories(undisturbed: Undisturbed, home: Home, number: signal.Signals, code: int) -> None:
    """Those that were asked for by then are stored."""
    home = Home(home.path, SETTINGS)
    with Web(etags=True) as web:
        urls = papers.publish(web, home)
        gate = papers.wait_at(web, urls, 4)
        with home.started("crawl", http_proxy=web.proxy) as process:
            until(lambda: home.stored() == 4 and len(set(web.requests) & set(urls)) == 7, process)
            readers = descendants(process.pid)
            assert readers
            interrupt(process, number)
            gate.open()
            ended(process, number, code, readers)
        asked = set(web.requests) & set(urls)
    assert set(home.stories()) == asked
    recorded(home)
    undisturbed.complete(home)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_while_the_last_stories_are_written(
    undisturbed: Undisturbed, home: Home, number: signal.Signals, code: int
) -> None:
    """All have been fetched, and wait for the database."""
    home = Home(home.path, SETTINGS)
    with Web(etags=True) as web:
        urls = papers.publish(web, home)
        gate = papers.wait_at(web, urls, 3)
        with home.started("crawl", http_proxy=web.proxy) as process:
            until(lambda: home.stored() == 3, process)
            with closing(writer(home.database)):
                gate.open()
                until(lambda: set(urls) <= set(web.requests), process)
                readers = descendants(process.pid)
                interrupt(process, number)
            ended(process, number, code, readers)
    assert set(home.stories()) == set(urls)
    recorded(home)
    undisturbed.complete(home)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_while_a_host_is_left_alone_for_a_minute(
    undisturbed: Undisturbed, home: Home, number: signal.Signals, code: int
) -> None:
    """Nobody waits for that: what was not asked for yet is not."""
    home = Home(home.path, SETTINGS)
    urls = papers.publish(undisturbed.web, home)
    for host in papers.PAPERS:
        home.site(host, site_file(host).replace("delay = 0.0", "delay = 60"))
    undisturbed.web.requests.clear()
    with home.started("crawl", http_proxy=undisturbed.web.proxy) as process:
        until(lambda: len(undisturbed.web.requests) == len(papers.PAPERS), process)  # all have given their rules
        interrupt(process, number)
        ended(process, number, code, [])
    assert not set(urls) & set(undisturbed.web.requests)
    recorded(home)
    papers.publish(undisturbed.web, home)
    undisturbed.complete(home)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_second_time_because_a_server_does_not_answer(
    undisturbed: Undisturbed, home: Home, number: signal.Signals, code: int
) -> None:
    """What waits for an answer is given up."""
    home = Home(home.path, SETTINGS)
    with Web(etags=True) as web:
        urls = papers.publish(web, home)
        papers.wait_at(web, urls, 4)
        log = home.path / "log" / "newsbot.log"
        with home.started("crawl", http_proxy=web.proxy) as process:
            until(lambda: home.stored() == 4 and len(set(web.requests) & set(urls)) == 7, process)
            readers = descendants(process.pid)
            interrupt(process, number)
            until(lambda: "in flight" in log.read_text("utf-8"), process)
            interrupt(process, number)
            ended(process, number, code, readers)
    assert home.stored() == 4
    recorded(home)
    undisturbed.complete(home)
