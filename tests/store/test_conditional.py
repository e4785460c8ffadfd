"""What is remembered of sources, of stories' pages and of hosts, so that less is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from newsbot.fingerprint import url_key
from newsbot.items import Lead, Verdict
from newsbot.sources import SourceState, settled
from newsbot.store import HostState, Store, Validators
from newsbot.store.addresses import LONGEST_SPAN
from newsbot.store.hosts import RULES_HOLD
from tests.store.build import HOUR, NOON, story

FEED = SourceState(
    "https://a.example/feed",
    "feed",
    etag='W/"ä  b"',
    last_modified="Mon, 02 Mar 2026 12:00:00 GMT",
    digest="d",
    rules="r",
    first_seen=NOON,
    asked=NOON,
    changed=NOON,
    whole_due=NOON + HOUR,
)
LOOKS = (HOUR, timedelta(days=1))


def test_sources_are_remembered_by_site(store: Store) -> None:
    store.touch_site("a.example", "A", "https://a.example", None)
    store.touch_site("b.example", "B", "https://b.example", None)
    part = SourceState("https://a.example/1.xml", "sitemap", parent=FEED.url, first_seen=NOON, failures=2)
    store.enter_sources("a.example", [FEED, part])
    store.enter_sources("b.example", [])
    assert store.sources("a.example") == {FEED.url: FEED, part.url: part}
    assert store.sources("b.example") == {}
    later = replace(FEED, etag=None, asked=NOON + HOUR, whole_due=None, distrusted=True)
    store.enter_sources("a.example", [later])
    assert store.sources("a.example") == {FEED.url: later, part.url: part}


def test_a_storys_page_is_asked_for_with_the_validators_of_its_own_address(store: Store) -> None:
    alias = "https://a.example/amp/1"
    told = story(1, etag='"one"', last_modified="today")
    keys = (*told.fingerprint.url_keys, url_key(alias))
    store.keep(replace(told, addresses=(*told.addresses, alias), fingerprint=replace(told.fingerprint, url_keys=keys)))
    store.keep(story(2))
    assert store.validators(map(url_key, (told.url, alias, "https://a.example/2", "https://a.example/none"))) == {
        url_key(told.url): Validators('"one"', "today")
    }
    store.keep(story(1, fetched_at=NOON + HOUR, etag='"two"'))
    assert store.validators([url_key(told.url)]) == {url_key(told.url): Validators('"two"', None)}


def test_a_page_that_has_not_changed_was_seen_and_is_looked_at_again(store: Store) -> None:
    store.keep(story(1, published=NOON, next_look=NOON + HOUR))
    store.dismiss("a.example", ["https://a.example/1"], Verdict.GONE, NOON + HOUR)
    when = NOON + 2 * HOUR
    assert store.confirm("https://a.example/1", when, LOOKS)
    found = store.read.story(1)
    assert found is not None
    assert (found.last_seen, found.gone, found.version) == (when, None, 1)
    assert store.known(["a.example/1"])["a.example/1"].fetched == when
    assert [lead.url for lead in store.due("a.example", NOON + timedelta(days=1), 9)] == ["https://a.example/1"]
    assert not store.confirm("https://a.example/2", when, LOOKS)


def test_a_page_without_a_date_is_looked_at_when_it_was_put_off_to(store: Store) -> None:
    store.keep(story(1, next_look=NOON + HOUR))
    later = NOON + 10 * HOUR
    assert store.due("a.example", later, 9)
    assert store.confirm("https://a.example/1", later, LOOKS)
    assert store.due("a.example", later + 9 * HOUR, 9) == []
    assert store.due("a.example", later + 10 * HOUR, 9)


def test_hosts_are_remembered(store: Store) -> None:
    host = "https://a.example"
    assert store.host(host) == HostState(host)
    said = HostState(host, NOON + HOUR, "User-agent: *\nDisallow: /x", NOON)
    store.enter_host(host, robots=said.robots, robots_seen=said.robots_seen)
    store.enter_host(host, paused_until=said.paused_until)
    store.enter_host("http://a.example", paused_until=None)
    assert store.host(host) == said, "what another process entered meanwhile stays"
    store.enter_host(host, paused_until=None)
    assert store.host(host) == replace(said, paused_until=None)


def test_hosts_of_which_nothing_holds_any_more_are_forgotten(store: Store) -> None:
    """A hostile site's links may lead to any number of them, each with half a megabyte of rules."""
    store.enter_host("https://old.example", robots="User-agent: *", robots_seen=NOON - RULES_HOLD - HOUR)
    store.enter_host("https://fresh.example", robots="User-agent: *", robots_seen=NOON - HOUR)
    store.enter_host("https://paused.example", paused_until=NOON + HOUR)
    store.enter_host("https://free.example", paused_until=NOON - HOUR)
    store.start_run(1, NOON)
    known = {name: store.host(f"https://{name}.example") for name in ("old", "fresh", "paused", "free")}
    assert {name for name, state in known.items() if state.robots or state.paused_until} == {"fresh", "paused"}


def test_sources_that_are_named_no_more_are_forgotten(store: Store) -> None:
    for site in ("a.example", "b.example"):
        store.touch_site(site, site, f"https://{site}", None)
        store.enter_sources(site, [SourceState(f"https://a.example/{n}", "sitemap", first_seen=NOON) for n in range(3)])
    store.enter_sources("a.example", [], {"https://a.example/1", "https://a.example/2"})
    assert list(store.sources("a.example")) == ["https://a.example/0"]
    assert len(store.sources("b.example")) == 3


def test_a_clock_that_was_wrong_does_not_put_an_address_off_for_years(store: Store) -> None:
    """Both ways: a first failure long ago, and one in a future that the clock was put back from."""
    (key,) = store_keys = [url_key("https://a.example/1")]
    store.fail("a.example", ["https://a.example/1"], NOON - 9999 * HOUR)
    store.fail("a.example", ["https://a.example/1"], NOON)
    assert store.known(store_keys)[key].again == NOON + LONGEST_SPAN
    store.fail("a.example", ["https://a.example/1"], NOON + 99_999 * HOUR)
    lead = Lead("https://a.example/1")
    assert not settled(lead, store.known(store_keys)[key], NOON), "it is tried again"
    store.fail("a.example", ["https://a.example/1"], NOON + HOUR)
    handled = store.known(store_keys)[key]
    assert (handled.fetched, settled(lead, handled, NOON + 2 * HOUR)) == (NOON + HOUR, True), "and put right"


def test_an_address_that_failed_is_the_storys_own_once_it_has_come(store: Store) -> None:
    """Another site has announced it, and with what its statistics want to know."""
    told = story(1)
    store.fail("b.example", [f"{told.url}?utm_source=rss"], NOON - HOUR)
    kept = store.keep(told)
    found = store.read.story(kept.story_id)
    assert found is not None
    assert [address.url for address in found.addresses] == [told.url]
    store.fail("b.example", [f"{told.url}?utm_source=rss"], NOON + HOUR)
    assert store.read.story(kept.story_id) == found
    assert store.known([url_key(told.url)])[url_key(told.url)].failed is False
