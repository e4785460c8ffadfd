"""What machines tell each other, one statement after the other, and a lease that is kept until it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from newsbot.errors import CrawlLocked, LeaseLost
from newsbot.lease import Lease
from newsbot.schedule import Bounds
from newsbot.store import Filters, Machines, Store
from tests.databases import PostgreSQL
from tests.running import DEADLINE
from tests.store.build import story

A, B, C = "a.example", "b.example", "c.example"
MINUTE, GONE = timedelta(minutes=1), timedelta(minutes=-1)  # a lease that has run out before it is given
NONE = timedelta(0)


@pytest.fixture
def store(postgresql: PostgreSQL) -> Iterator[Store]:
    with postgresql.database() as url, Store.open(url) as store:
        yield store


@pytest.fixture
def machines(store: Store) -> Machines:
    return store.machines


def test_who_asks_first_has_a_site_until_it_is_given_back(machines: Machines) -> None:
    assert machines.take([B, A], "one", "first", MINUTE) == ([A, B], [])
    ours, theirs = machines.take([B, C], "two", "second", MINUTE)
    assert (ours, [(each.site, each.holder) for each in theirs]) == ([C], [(B, "first")])
    machines.release("one")
    assert [(each.site, each.holder) for each in machines.held()] == [(C, "second")]
    assert machines.take([A, B], "two", "second", MINUTE)[0] == [A, B]


def test_a_lease_that_has_run_out_is_nobodys_and_cannot_be_renewed(machines: Machines) -> None:
    machines.take([A], "one", "first", GONE)
    assert (machines.held(), machines.renew("one", MINUTE)) == ([], 0)
    assert machines.take([A], "two", "second", MINUTE)[0] == [A]
    assert (machines.renew("one", MINUTE), machines.renew("two", MINUTE)) == (0, 1)


def test_who_has_lost_a_site_writes_nothing(store: Store) -> None:
    store.machines.take([A, B], "one", "first", MINUTE)
    store.fence("one", 2)
    store.keep(story(1))
    store.machines.release("one")
    store.machines.take([B], "one", "first", MINUTE)
    for write in (lambda: store.keep(story(2)), lambda: store.touch_site(A, "A", "", None)):
        with pytest.raises(LeaseLost, match="no longer holds for this run"):
            write()
    assert len(store.read.stories(Filters())) == 1


def test_turns_at_a_host_come_one_after_the_other_and_apart(machines: Machines) -> None:
    machines.take([A], "one", "first", MINUTE)
    machines.take([B], "two", "second", MINUTE)
    host = "https://cdn.example"
    assert machines.take_turn(host, "one", NONE)[0] is None
    assert machines.take_turn(host, "two", NONE)[0] == 0  # nobody knows how long it will take
    assert machines.take_turn("https://other.example", "two", NONE)[0] is None
    machines.give_back(host, "one")
    assert machines.take_turn(host, "two", MINUTE)[0] is None
    machines.give_back(host, "two")
    wait, _ = machines.take_turn(host, "one", NONE)
    assert wait is not None
    assert 30 < wait <= 60


def test_the_turn_of_a_crawl_that_is_gone_is_over(machines: Machines) -> None:
    machines.take([A], "one", "first", GONE)
    assert machines.take_turn("https://cdn.example", "one", NONE)[0] is None
    assert machines.take_turn("https://cdn.example", "two", NONE)[0] is None


def test_with_a_turn_comes_what_the_host_has_asked_for(store: Store) -> None:
    until = datetime(2026, 3, 2, 12, tzinfo=UTC)
    store.enter_host("https://cdn.example", paused_until=until)
    assert store.machines.take_turn("https://cdn.example", "one", NONE)[1].paused_until == until


def test_due_are_sites_that_were_pushed_are_enabled_and_with_nobody(store: Store) -> None:
    sites = [(key, "text", key != C) for key in (A, B, C)]
    store.machines.push(sites, {}, "here")
    assert store.machines.due(Bounds()) == [A, B]
    store.machines.take([A], "one", "first", MINUTE)
    assert store.machines.due(Bounds()) == [B]
    store.machines.put_off(B, timedelta(minutes=5), "its crawl died")
    assert store.machines.due(Bounds()) == []
    assert [(row.site, row.why) for row in store.read.schedule()] == [(B, "its crawl died")]
    store.machines.put_off(B, timedelta(hours=5), "again")  # it is not due: nothing is to be put off
    assert [row.why for row in store.read.schedule()] == ["its crawl died"]


def test_a_worker_is_there_from_its_first_beat_to_its_end(machines: Machines) -> None:
    machines.beat("1", "here", 17, 4)
    machines.beat("2", "there", 18, 4)
    machines.beat("1", "here", 17, 4)
    assert [(each.host, each.pid, each.slots) for each in machines.workers()] == [("here", 17, 4), ("there", 18, 4)]
    machines.succeed("here", MINUTE)
    assert len(machines.workers()) == 2
    machines.succeed("here", NONE)
    machines.leave("2")
    assert machines.workers() == []


def test_a_lease_is_kept_for_longer_than_its_span(machines: Machines) -> None:
    lost = Event()
    lease = Lease(machines, [A], leave=False, span=timedelta(seconds=2), lost=lost.set)
    before = machines.held()
    assert not lost.wait(4)
    assert [each.since for each in machines.held()] == [each.since for each in before]
    with pytest.raises(CrawlLocked, match=f"at work on {A}: .* pid .*, since"):
        Lease(machines, [B, A], leave=False)
    assert [each.site for each in machines.held()] == [A]  # nothing is left of what it took before it was refused
    left = Lease(machines, [B, A], leave=True)
    assert left.sites == [B]
    left.give_back()
    lease.give_back()
    assert machines.held() == []


def test_a_lease_that_another_has_taken_is_lost(machines: Machines) -> None:
    lost = Event()
    lease = Lease(machines, [A], leave=False, span=timedelta(seconds=2), lost=lost.set)
    lease.check()
    machines.release(lease.token)
    assert lost.wait(DEADLINE)
    lease.give_back()


def test_a_lease_is_lost_when_the_database_is_silent(store: Store, postgresql: PostgreSQL) -> None:
    lost = Event()
    lease = Lease(store.machines, [A], leave=False, span=timedelta(seconds=2), lost=lost.set)
    with postgresql.stopped():
        assert lost.wait(DEADLINE)
    lease.give_back()
