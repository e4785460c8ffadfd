"""Crawls on two machines with one database: a site is crawled by one of them; one that has lost it writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import NullPool, create_engine

from newsbot.lease import Lease
from newsbot.store import Filters, Store
from tests.crawl.web import FEED, Answer, Web, feed, site_file
from tests.running import DEADLINE, until
from tests.work.conftest import Machines

A, B, C = "a.example", "b.example", "c.example"


@pytest.fixture
def web(machines: Machines) -> Iterator[Web]:
    """Three sites that both machines know, with four stories each."""
    with Web() as web:
        for host in (A, B, C):
            web.publish(host, 4)
            for home in machines.homes:
                home.site(host, site_file(host))
        yield web


def run(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def stored(url: str) -> list[str]:
    with Store.open(url) as store:
        return sorted(row.url for row in store.read.stories(Filters()))


def held(url: str) -> list[str]:
    with Store.open(url) as store:
        return [lease.site for lease in store.machines.held()]


def test_a_site_that_another_machine_crawls_is_left_to_it(machines: Machines, web: Web) -> None:
    one, other = machines.homes
    gate, feed = web.gate(), f"http://{B}/feed.xml"
    web.pages[feed] = replace(web.pages[feed], wait=gate)
    with one.started("crawl", A, B, http_proxy=web.proxy) as first:
        until(lambda: feed in web.requests, first)
        assert held(machines.url) == [A, B]
        named = other.newsbot("crawl", http_proxy=web.proxy)
        due = other.newsbot("crawl", "--due", http_proxy=web.proxy)
        gate.open()
        _, err = first.communicate(timeout=DEADLINE)
    assert (named.code, named.out) == (75, "")
    assert f"at work on {A} and 1 more of these sites: " in named.err
    assert f" pid {first.pid}, since 20" in named.err
    assert (due.code, first.returncode) == (0, 0), due.err + err.decode()
    assert C in due.out
    assert A not in due.out
    assert (len(stored(machines.url)), held(machines.url)) == (12, [])
    assert len(web.requests) == len(set(web.requests))


def test_a_site_is_checked_by_nobody_while_another_machine_has_it(machines: Machines, web: Web) -> None:
    home = machines.homes[0]
    with Store.open(machines.url) as store:
        lease = Lease(store.machines, [A], leave=False)
        checked = home.newsbot("sites", "check", A, http_proxy=web.proxy)
        assert (checked.code, checked.out, web.requests) == (75, "", [])
        lease.give_back()
    checked = home.newsbot("sites", "check", A, http_proxy=web.proxy)
    assert checked.err == "date missing in 3 of 3 stories\n", "it has looked"
    assert held(machines.url) == []


def test_the_sites_of_a_killed_crawl_are_free_when_its_lease_has_run_out(machines: Machines, web: Web) -> None:
    one, other = machines.homes
    gate, feed = web.gate(), f"http://{A}/feed.xml"
    web.pages[feed] = replace(web.pages[feed], wait=gate)
    with one.started("crawl", A, http_proxy=web.proxy) as first:
        until(lambda: feed in web.requests, first)
        first.kill()
    gate.open()
    assert other.newsbot("crawl", A, http_proxy=web.proxy).code == 75
    run(machines.url, "UPDATE site_lease SET until = until - interval '1 hour'")  # which is what an hour would do
    ended = other.newsbot("crawl", A, http_proxy=web.proxy)
    assert ended.code == 0, ended.err
    assert len(stored(machines.url)) == 4


def test_a_crawl_whose_sites_were_taken_by_another_stores_nothing_more(machines: Machines, web: Web) -> None:
    one = machines.homes[0]
    gate, page = web.gate(), f"http://{A}/news/story-2"
    web.pages[page] = replace(web.pages[page], wait=gate)
    with one.started("crawl", A, http_proxy=web.proxy) as crawl:
        until(lambda: page in web.requests and stored(machines.url), crawl)
        before = stored(machines.url)
        run(machines.url, "UPDATE site_lease SET token = 'another'")
        gate.open()
        _, err = crawl.communicate(timeout=DEADLINE)
    assert crawl.returncode == 1
    assert b"this run has ended itself" in err or b"no longer holds for this run" in err
    assert stored(machines.url) == before
    run(machines.url, "UPDATE site_lease SET until = until - interval '1 hour'")
    assert one.newsbot("crawl", A, http_proxy=web.proxy).code == 0
    assert len(stored(machines.url)) == 4


def test_a_crawl_that_is_cut_off_from_the_database_ends_itself(machines: Machines, web: Web) -> None:
    one, other = machines.homes
    gate, page = web.gate(), f"http://{A}/news/story-2"
    web.pages[page] = replace(web.pages[page], wait=gate)
    with one.started("crawl", A, http_proxy=web.proxy) as crawl:
        until(lambda: page in web.requests, crawl)
        machines.ways[0].cut()
        gate.open()
        _, err = crawl.communicate(timeout=DEADLINE)
    assert crawl.returncode == 1
    assert b"the database has been out of reach for too long; this run has ended itself, for" in err
    asked = len(web.requests)
    until(lambda: not held(machines.url))
    ended = other.newsbot("crawl", A, http_proxy=web.proxy)
    assert ended.code == 0, ended.err
    assert (len(stored(machines.url)), asked) == (4, 4)  # robots.txt, the feed, a story, and the one at the gate


def test_a_host_is_asked_by_one_machine_at_a_time_though_two_sites_share_it(machines: Machines, web: Web) -> None:
    """The stories of both sites stand at one host, which takes its time."""
    shared = web.publish("press.example", 6)
    for host, urls in ((A, shared[:3]), (B, shared[3:])):
        web.pages[f"http://{host}/feed.xml"] = Answer(feed(urls), content_type=FEED)
    delay = 0.3
    processes = []
    for home, site in zip(machines.homes, (A, B), strict=True):
        home.site(site, site_file(site).replace("delay = 0.0", f"delay = {delay}"))
        processes.append(home.started("crawl", site, http_proxy=web.proxy))
    with processes[0] as one, processes[1] as other:
        assert [each.communicate(timeout=DEADLINE)[1].count(b"Traceback") for each in (one, other)] == [0, 0]
        assert (one.returncode, other.returncode) == (0, 0)
    times = web.times["press.example"]
    assert len([url for url in web.requests if url in shared]) == 6
    assert web.at_once["press.example"] == 1
    assert min(later - earlier for earlier, later in pairwise(times)) > delay * 0.8
    assert len(stored(machines.url)) == 6
