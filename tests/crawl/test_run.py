"""A run as cron sees it: exit codes, what is printed, one at a time, and what remains of one that was interrupted."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newsbot.lock import crawl_lock
from tests.crawl.web import Gate, Web, site_file
from tests.running import DEADLINE, Home, closed_port, until

CALM = "calm.example"
OTHER = "other.example"


@pytest.fixture
def web(home: Home) -> Iterator[Web]:
    """A web of two sites, both of which the home knows."""
    with Web() as web:
        for host in (CALM, OTHER):
            web.publish(host)
            home.site(host, site_file(host))
        yield web


# What it says --------------------------------------------------------------------------------------------------------


def test_quiet_crawl_prints_nothing(home: Home, web: Web) -> None:
    ended = home.newsbot("crawl", "--quiet", http_proxy=web.proxy)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert len(home.stories()) == 4


def test_json_is_one_object_with_the_counts_of_the_record(home: Home, web: Web) -> None:
    ended = home.newsbot("crawl", "--json", http_proxy=web.proxy)
    said = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert said["exit_code"] == 0
    assert said["totals"]["new"] == 4
    assert {key: site["counts"] for key, site in said["sites"].items()} == home.counts()
    assert {site["outcome"] for site in said["sites"].values()} == {"ok"}
    assert all(site["bytes"] > 0 for site in said["sites"].values())


def test_only_the_named_site_is_crawled(home: Home, web: Web) -> None:
    assert home.newsbot("crawl", OTHER, http_proxy=web.proxy).code == 0
    assert [site.site for site in home.last_run().sites] == [OTHER]
    assert not any(CALM in url for url in web.requests)


# What it is told -----------------------------------------------------------------------------------------------------


def test_unknown_site_is_told_with_near_names(home: Home, web: Web) -> None:
    ended = home.newsbot("crawl", "clam.example", http_proxy=web.proxy)
    assert (ended.code, ended.out) == (2, "")
    assert "'clam.example'" in ended.err
    assert "did you mean 'calm.example'" in ended.err
    assert "Traceback" not in ended.err
    assert web.requests == []


def test_second_crawl_under_cron_gives_way_without_a_word(home: Home) -> None:
    home.site(CALM, site_file(CALM))
    with crawl_lock(home.path / "locks", [CALM]):
        ended = home.newsbot("crawl", "--quiet")
    assert (ended.code, ended.out, ended.err) == (75, "", "")


def test_site_file_with_a_typo_is_told_and_the_others_are_crawled(home: Home, web: Web) -> None:
    file = home.site("typo.example", site_file("typo.example").replace("feeds =", "feds ="))
    ended = home.newsbot("crawl", "--quiet", http_proxy=web.proxy)
    assert ended.code == 1
    assert ended.err == f"newsbot: {file}: key 'feds' is not known; did you mean 'feeds'?\n"
    assert {site.site: site.outcome for site in home.last_run().sites} == {CALM: "ok", OTHER: "ok"}


def test_site_file_with_a_typo_cannot_be_crawled_by_name(home: Home, web: Web) -> None:
    file = home.site("typo.example", site_file("typo.example").replace("feeds =", "feds ="))
    ended = home.newsbot("crawl", "typo.example", http_proxy=web.proxy)
    assert ended.code == 2
    assert str(file) in ended.err
    assert "did you mean 'feeds'?" in ended.err


def test_no_site_at_all_is_told_with_the_cure(home: Home) -> None:
    ended = home.newsbot("crawl")
    assert ended.code == 2
    assert str(home.path / "sites") in ended.err


def test_setting_that_is_malformed_is_told_by_its_name(home: Home) -> None:
    ended = home.newsbot("crawl", NEWSBOT_DELAY="soon")
    assert ended.code == 2
    assert "NEWSBOT_DELAY" in ended.err
    assert "Traceback" not in ended.err


# Where it cannot -----------------------------------------------------------------------------------------------------


def test_foreign_database_is_left_as_it_is(home: Home, web: Web) -> None:
    with sqlite3.connect(home.database) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    before = home.database.read_bytes()
    ended = home.newsbot("crawl", http_proxy=web.proxy)
    assert ended.code == 1
    assert str(home.database) in ended.err
    assert "recipe" in ended.err
    assert "Traceback" not in ended.err
    assert home.database.read_bytes() == before
    assert web.requests == []


def test_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    home = Home(tmp_path / "file" / "home", {"NEWSBOT_CATALOGUE": "true"})
    ended = home.newsbot("crawl", "bbc.co.uk")
    assert ended.code == 2
    assert str(home.path) in ended.err
    assert "is no folder" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_home_that_is_read_only_is_told(home: Home, web: Web) -> None:
    home.path.chmod(0o500)
    try:
        ended = home.newsbot("crawl", http_proxy=web.proxy)
    finally:
        home.path.chmod(0o700)
    assert ended.code == 1
    assert str(home.path) in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("proxy", [True, False], ids=["the proxy refuses", "the name is unknown"])
def test_offline_is_told_in_one_line_that_names_the_demo(home: Home, proxy: bool) -> None:
    home.site("nowhere", site_file("nowhere.invalid"))
    home.site("neither", site_file("neither.invalid"))
    there = f"http://127.0.0.1:{closed_port()}" if proxy else ""
    ended = home.newsbot("crawl", NEWSBOT_RETRIES="0", http_proxy=there)
    assert (ended.code, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert "newsbot demo" in line
    assert {site.outcome for site in home.last_run().sites} == {"failed"}
    name = "error.refused_connection" if proxy else "error.unknown_host"
    assert home.counts() == {key: {"source.failed": 1, name: 1} for key in ("neither", "nowhere")}


# One at a time -------------------------------------------------------------------------------------------------------


def test_second_crawl_gives_way_to_the_first(home: Home, web: Web) -> None:
    with crawl_lock(home.path / "locks", [CALM]):
        ended = home.newsbot("crawl", http_proxy=web.proxy)
    assert ended.code == 75
    assert f"pid {os.getpid()}" in ended.err
    assert web.requests == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_interrupted_crawl_keeps_what_it_has_and_says_so(home: Home, number: signal.Signals, code: int) -> None:
    with Web() as web:
        gate = web.gate(2)  # so many stories are answered at once; the others wait
        urls = publish(home, web, gate, 30)
        home.site(OTHER, site_file(OTHER))
        with home.started("crawl", "--json", http_proxy=web.proxy, NEWSBOT_SITES_AT_ONCE="1") as process:
            until(lambda: home.stored() == 2 and len(set(web.requests) & set(urls)) == 3, process)
            os.killpg(process.pid, number)  # as a terminal and systemd do it: the readers are told too
            gate.open()
            out, err = process.communicate(timeout=DEADLINE)
        asked = set(web.requests) & set(urls)
    assert process.returncode == code, out.decode() + err.decode()
    assert err.decode() == f"newsbot: interrupted ({number.name}); what was fetched is stored\n"
    said = json.loads(out)
    assert (said["exit_code"], said["interrupted"]) == (code, number.name)
    assert {key: site["outcome"] for key, site in said["sites"].items()} == {CALM: "interrupted", OTHER: "interrupted"}
    assert set(home.stories()) == asked
    assert len(asked) < len(urls)
    run = home.last_run()
    assert (run.outcome, [site.outcome for site in run.sites]) == ("interrupted", ["interrupted"])
    assert run.finished is not None


def test_killed_crawl_is_closed_by_the_next_which_brings_the_rest(home: Home) -> None:
    with Web() as web:
        gate = web.gate(2)
        urls = publish(home, web, gate, 4)
        with home.started("crawl", http_proxy=web.proxy) as process:
            until(lambda: home.stored() == 2, process)
            process.kill()
            # Its output ends with the last process that holds it: the readers have not outlived it.
            process.communicate(timeout=DEADLINE)
        gate.open()
        ended = home.newsbot("crawl", http_proxy=web.proxy)
    assert ended.code == 0, ended.err
    assert set(home.stories()) == set(urls)
    with home.read() as read:
        assert [run.outcome for run in read.runs(9)] == ["ok", "interrupted"]


def publish(home: Home, web: Web, gate: Gate, stories: int) -> list[str]:
    """A site whose stories wait at a gate; gives their addresses."""
    urls = web.publish(CALM, stories)
    for url in urls:
        web.pages[url] = replace(web.pages[url], wait=gate)
    home.site(CALM, site_file(CALM))
    return urls


def test_a_site_is_not_held_up_by_the_file_of_one_whose_key_ends_alike(home: Home) -> None:
    with Web() as web:
        web.publish("times.example")
        home.site("times.example", site_file("times.example"))
        home.site("new-times.example", "fedes = []")
        assert home.newsbot("crawl", "times.example", http_proxy=web.proxy).code == 0
    broken = home.newsbot("crawl", "new-times.example")
    assert broken.code == 2
    assert "new-times.example.toml" in broken.err
