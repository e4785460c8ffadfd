"""Two workers on two machines, and what befalls them: kill -9, a database that stops, a way to it that is cut.

Whatever it is, within two minutes every site that is due is crawled again by one of them, and the database becomes what
an undisturbed crawl makes: no story lost, none twice, no site that nobody crawls any more.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from newsbot.store import Filters, Store
from tests.crawl import papers
from tests.crawl.papers import PAPERS, STORIES, Undisturbed
from tests.crawl.web import Web
from tests.databases import PostgreSQL
from tests.running import DEADLINE, Home, until
from tests.work.conftest import Machines, at_work

TWO_MINUTES = 120.0
WHOLE = len(PAPERS) * STORIES
Process = subprocess.Popen[bytes]


def stored(url: str) -> int:
    with Store.open(url) as store:
        return len(store.read.stories(Filters()))


def held(url: str) -> dict[str, int]:
    """The sites that are held, and the process that each is with."""
    with Store.open(url) as store:
        return {lease.site: int(lease.holder.split()[-1]) for lease in store.machines.held()}


def jobs(url: str) -> int:
    """How many jobs there are of visits."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        query = "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE queue_name = 'crawl'"
        return int(connection.exec_driver_sql(query).scalar_one())


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
def web(undisturbed: Undisturbed) -> Web:
    """The web that all read from; two of the three papers stop in the middle until their gate is opened."""
    undisturbed.web.requests.clear()
    undisturbed.web.at_once.clear()
    return undisturbed.web


def publish(machines: Machines, web: Web) -> Callable[[], None]:
    """Put the papers on the web, two of which stop in the middle, and tell the database of them; gives what lets them
    go on."""
    urls = papers.publish(web, machines.homes[0])
    gates = [papers.wait_at(web, [url for url in urls if host in url], 4) for host in PAPERS[:2]]
    pushed = machines.homes[0].newsbot("sites", "push")
    assert pushed.code == 0, pushed.err

    def go_on() -> None:
        for gate in gates:
            gate.open()

    return go_on


def in_the_middle(machines: Machines, process: Process) -> dict[str, int]:
    """Wait until the third paper is done, and the first two are held at their gates; gives who has them."""
    until(lambda: stored(machines.url) >= STORIES + 2 * 4 - 4, process, TWO_MINUTES)
    return until(lambda: found if set(found := held(machines.url)) == set(PAPERS[:2]) else None, process, TWO_MINUTES)


def whole(machines: Machines, web: Web, undisturbed: Undisturbed, why: str) -> None:
    """All is as it should be, and no host was ever asked for two things at once."""
    until(lambda: stored(machines.url) == WHOLE and not held(machines.url), seconds=TWO_MINUTES)
    until(lambda: not jobs(machines.url), seconds=TWO_MINUTES)
    assert max(web.at_once[host] for host in PAPERS) == 1, why
    undisturbed.complete(machines.homes[0], machines.url, why)


def test_a_worker_that_is_killed_takes_its_visits_along_and_another_makes_them_again(
    machines: Machines, web: Web, undisturbed: Undisturbed
) -> None:
    go_on = publish(machines, web)
    one, other = machines.homes
    with one.started("worker", http_proxy=web.proxy) as killed:
        visits = in_the_middle(machines, killed)
        assert {parent(pid) for pid in visits.values()} == {killed.pid}
        with other.started("worker", http_proxy=web.proxy) as worker:
            killed.kill()
            until(lambda: not any(at_work(pid) for pid in visits.values()), worker)
            go_on()
            until(lambda: stored(machines.url) == WHOLE, worker, TWO_MINUTES)
            status = json.loads(other.newsbot("worker", "--status", "--json").out)
            assert {each["pid"] for each in status["workers"]} == {killed.pid, worker.pid}
            worker.send_signal(signal.SIGTERM)
            worker.communicate(timeout=DEADLINE)
    whole(machines, web, undisturbed, "killed")


def test_a_database_that_is_stopped_and_started_loses_nothing(
    machines: Machines, web: Web, undisturbed: Undisturbed, postgresql: PostgreSQL
) -> None:
    go_on = publish(machines, web)
    one, other = machines.homes
    with (
        one.started("worker", http_proxy=web.proxy) as first,
        other.started("worker", http_proxy=web.proxy) as second,
    ):
        visits = in_the_middle(machines, first)
        with postgresql.stopped():
            until(lambda: not any(at_work(pid) for pid in visits.values()), first)
            go_on()
        until(lambda: stored(machines.url) == WHOLE, first, TWO_MINUTES)
        for each in (first, second):
            each.send_signal(signal.SIGTERM)
        told = [each.communicate(timeout=DEADLINE)[1].decode() for each in (first, second)]
    assert [first.returncode, second.returncode] == [143, 143], told
    for said in told:
        assert "the database is out of reach" in said
        assert said.count("at work, 4 visits at once") == 2
        assert "Traceback" not in said
    whole(machines, web, undisturbed, "stopped")


def test_a_worker_that_is_cut_off_ends_its_visits_before_another_makes_them(
    machines: Machines, web: Web, undisturbed: Undisturbed
) -> None:
    go_on = publish(machines, web)
    one, other = machines.homes
    with one.started("worker", http_proxy=web.proxy) as lonely:
        visits = in_the_middle(machines, lonely)
        asked = len(web.requests)
        machines.ways[0].cut()
        with other.started("worker", http_proxy=web.proxy) as worker:
            until(lambda: not any(at_work(pid) for pid in visits.values()), worker)
            assert len(web.requests) == asked, "the other has begun before these were ended"
            go_on()
            until(lambda: stored(machines.url) == WHOLE, worker, TWO_MINUTES)
            machines.ways[0].mend()
            until(lambda: len(alive(other)) == 2, worker, TWO_MINUTES)
            for each in (lonely, worker):
                each.send_signal(signal.SIGTERM)
            told = [each.communicate(timeout=DEADLINE)[1].decode() for each in (lonely, worker)]
    assert [lonely.returncode, worker.returncode] == [143, 143], told
    assert "the database is out of reach" in told[0]
    whole(machines, web, undisturbed, "cut off")


def alive(home: Home) -> list[int]:
    """The workers that are heard."""
    status = json.loads(home.newsbot("worker", "--status", "--json").out)
    return [each["pid"] for each in status["workers"] if each["silent"] < 10]


def test_sigterm_lets_visits_store_what_is_on_its_way(machines: Machines, web: Web, undisturbed: Undisturbed) -> None:
    go_on = publish(machines, web)
    home = machines.homes[0]
    with home.started("worker", http_proxy=web.proxy) as worker:
        visits = in_the_middle(machines, worker)
        shown = home.newsbot("worker", "--status").out
        assert all(site in shown and f"pid {pid}" in shown for site, pid in visits.items())
        schedule = home.newsbot("schedule").out
        assert all(f"at work: {os.uname().nodename} pid {pid}" in schedule for pid in visits.values())
        before = stored(machines.url)
        worker.send_signal(signal.SIGTERM)
        go_on()
        _, err = worker.communicate(timeout=DEADLINE)
    assert worker.returncode == 143, err.decode()
    assert before < stored(machines.url) < WHOLE
    with Store.open(machines.url) as store:
        assert (store.machines.workers(), store.machines.held()) == ([], [])
        outcomes = {visit.site: visit.outcome for run in store.read.runs(9) for visit in run.sites}
    assert outcomes == dict.fromkeys(PAPERS[:2], "interrupted") | {PAPERS[2]: "ok"}
    assert not jobs(machines.url)
