"""Two crawls at once: of the same sites only one of them, of different sites both; and what a killed one holds."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crawl.web import Web, site_file
from tests.running import DEADLINE, Home, until

A, B, C = "a.example", "b.example", "c.example"


@pytest.fixture
def web(home: Home) -> Iterator[Web]:
    """Three sites that the home knows, with four stories each."""
    with Web() as web:
        for host in (A, B, C):
            web.publish(host, 4)
            home.site(host, site_file(host))
        yield web


def test_a_second_crawl_is_told_of_the_first_unless_it_has_other_sites(home: Home, web: Web) -> None:
    gate = web.gate()
    feed = f"http://{B}/feed.xml"
    web.pages[feed] = replace(web.pages[feed], wait=gate)
    with home.started("crawl", A, B, http_proxy=web.proxy) as first:
        until(lambda: feed in web.requests, first)
        second = home.newsbot("crawl", http_proxy=web.proxy)
        other = home.newsbot("crawl", C, http_proxy=web.proxy)
        gate.open()
        _, err = first.communicate(timeout=DEADLINE)
    assert (second.code, second.out) == (75, "")
    assert f"at work on {A} and 1 more of these sites: pid {first.pid}, started 20" in second.err
    assert (other.code, first.returncode) == (0, 0), other.err + err.decode()
    assert len(home.stories()) == 12
    assert not list((home.path / "locks").glob("*.lock"))


def test_neither_closes_the_record_of_the_other(home: Home, web: Web) -> None:
    gate = web.gate()
    feed = f"http://{A}/feed.xml"
    web.pages[feed] = replace(web.pages[feed], wait=gate)
    with home.started("crawl", A, http_proxy=web.proxy) as first:
        until(lambda: feed in web.requests, first)
        assert home.newsbot("crawl", B, http_proxy=web.proxy).code == 0
        with home.read() as read:
            newest, oldest = read.runs(9)
        assert (newest.outcome, oldest.outcome, oldest.sites[0].outcome) == ("ok", None, None)
        gate.open()
        first.communicate(timeout=DEADLINE)
    with home.read() as read:
        assert [(run.outcome, run.sites[0].outcome) for run in read.runs(9)] == [("ok", "ok")] * 2


def test_both_write_at_the_same_time(home: Home, web: Web) -> None:
    """Each holds back until both have stored something, then all is let go at once. They meet the same story, too."""
    first, second = web.gate(1), web.gate(1)
    for host, gate in ((A, first), (B, second)):
        for url in web.publish(host, 40):
            web.pages[url] = replace(web.pages[url], wait=gate)
    for number in range(1, 41):  # B prints what A has written
        story = web.pages[f"http://{A}/news/story-{number}"]
        web.pages[f"http://{B}/news/story-{number}"] = replace(story, wait=second)
    with (
        home.started("crawl", A, http_proxy=web.proxy, NEWSBOT_WORKERS="1") as one,
        home.started("crawl", B, http_proxy=web.proxy, NEWSBOT_WORKERS="1") as two,
    ):
        until(lambda: home.stored() == 2, one)
        first.open()
        second.open()
        for process in (one, two):
            _, err = process.communicate(timeout=DEADLINE)
            assert process.returncode == 0, err.decode()
    stories = home.stories()
    assert len(stories) == 80
    assert {story.cluster_size for story in stories.values()} == {2}
    assert home.newsbot("db", "check").code == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found by /proc")
def test_killed_crawl_leaves_no_lock_even_while_its_readers_live(home: Home, web: Web) -> None:
    """They are stopped before, so that they cannot end by themselves."""
    gate = web.gate(2)
    for url in web.publish(A, 4):
        web.pages[url] = replace(web.pages[url], wait=gate)
    with home.started("crawl", A, http_proxy=web.proxy) as first:
        until(lambda: home.stored() == 2, first)
        readers = descendants(first.pid)
        assert readers
        for pid in readers:
            os.kill(pid, signal.SIGSTOP)
        try:
            first.kill()
            first.wait()
            gate.open()
            ended = home.newsbot("crawl", A, http_proxy=web.proxy)
        finally:
            for pid in readers:
                os.kill(pid, signal.SIGKILL)
    assert ended.code == 0, ended.err
    assert len(home.stories()) == 4
    assert not list((home.path / "locks").glob("*.lock"))


def descendants(pid: int) -> list[int]:
    """The processes that hang on one, its children first."""
    found = [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]
    return found + [further for child in found for further in descendants(child)]
