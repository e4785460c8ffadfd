"""When a source is asked in whole, when only whether it has changed: decided without a crawl."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsbot.items import Handled, Lead
from newsbot.sources import AUDITS, LONGEST_VALIDATOR, Sources, SourceState, reach, settled

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED, INDEX, PART = "https://a.example/feed", "https://a.example/sitemap.xml", "https://a.example/sitemap-1.xml"
KEY, LEAD = "a.example/1", Lead("https://a.example/1")
ETAG, LATER = '"one"', "Mon, 01 Jun 2026 11:00:00 GMT"


def visit(
    known: SourceState | None,
    now: datetime,
    *,
    rules: str = "r",
    body: bytes = b"feed",
    etag: str | None = ETAG,
    last_modified: str | None = None,
    listed: Mapping[str, Handled | None] | None = None,
    postponed: bool = False,
    refused: tuple[str, ...] = (),
    honest: bool = True,
) -> tuple[bool, SourceState]:
    """A visit to one feed: whether it was read, and what is remembered of it. `listed` says of each address that the
    feed announces what became of it; a server that is not `honest` says 304 to every ETag of its own."""
    sources = Sources({FEED: known} if known else {}, rules, now)
    headers = sources.conditions(FEED, "feed")
    same = headers.get("If-None-Match") == etag and (not honest or (known is not None and body == b"feed"))
    if headers and same:
        unchanged = sources.unchanged(FEED, 304, b"", None, None)
    else:
        unchanged = sources.unchanged(FEED, 200, body, etag, last_modified)
    if not unchanged:
        for key in listed or {}:
            sources.listed(FEED, key, Lead(f"https://{key}"), news=True)
        if postponed:
            sources.postponed(FEED)
    states = sources.states({key: done for key, done in (listed or {}).items() if done}, refused)
    assert len(states) == 1
    return not unchanged, states[0]


DONE = {KEY: Handled(NOON)}


def test_a_source_is_first_asked_in_whole_then_whether_it_has_changed() -> None:
    read, state = visit(None, NOON, listed=DONE)
    assert read
    sources = Sources({FEED: state}, "r", NOON + 10 * MINUTE)
    assert sources.conditions(FEED, "feed") == {"If-None-Match": ETAG}
    read, state = visit(state, NOON + 10 * MINUTE)
    assert not read
    assert (state.asked, state.changed, state.failures) == (NOON + 10 * MINUTE, NOON, 0)


def test_validators_are_sent_back_to_the_letter() -> None:
    _, state = visit(None, NOON, etag=' W/"a b"', last_modified="yesterday, or so")
    headers = Sources({FEED: state}, "r", NOON + MINUTE).conditions(FEED, "feed")
    assert headers == {"If-None-Match": ' W/"a b"', "If-Modified-Since": "yesterday, or so"}


def test_a_validator_that_is_too_long_is_not_sent_back() -> None:
    _, state = visit(None, NOON, etag="x" * (LONGEST_VALIDATOR + 1))
    assert Sources({FEED: state}, "r", NOON + MINUTE).conditions(FEED, "feed") == {}


def test_what_failed_on_the_last_visit_is_listed_again_although_the_source_has_not_changed() -> None:
    _, state = visit(None, NOON, listed={KEY: None})
    assert Sources({FEED: state}, "r", NOON + MINUTE).conditions(FEED, "feed") == {}
    read, state = visit(state, NOON + MINUTE, listed={KEY: Handled(NOON + MINUTE)})
    assert read, "the same bytes, but something was left to do"
    assert Sources({FEED: state}, "r", NOON + 2 * MINUTE).conditions(FEED, "feed")


def test_what_was_changed_and_could_not_be_fetched_again_is_left_to_do() -> None:
    sources = Sources({}, "r", NOON)
    sources.conditions(FEED, "feed")
    sources.unchanged(FEED, 200, b"feed", ETAG, None)
    sources.listed(FEED, KEY, replace(LEAD, modified=NOON - MINUTE), news=True)
    (state,) = sources.states({KEY: Handled(NOON - DAY)})
    assert state.whole_due is None


def test_what_waits_for_the_next_visit_is_left_to_do() -> None:
    assert visit(None, NOON, listed=DONE, postponed=True)[1].whole_due is None


def test_what_is_forbidden_is_not_left_to_do() -> None:
    assert visit(None, NOON, listed={KEY: None}, refused=(KEY,))[1].whole_due == NOON + AUDITS[0]


def test_a_source_is_asked_in_whole_when_an_address_without_a_story_is_due_again() -> None:
    again = NOON + 15 * MINUTE
    _, state = visit(None, NOON, listed={KEY: Handled(NOON, again)})
    assert state.whole_due == again
    sources = Sources({}, "r", NOON)
    sources.conditions(FEED, "feed")
    sources.unchanged(FEED, 200, b"feed", ETAG, None)
    sources.looked_at(FEED, Handled(NOON - DAY, NOON + 5 * MINUTE))
    assert sources.states({})[0].whole_due == NOON + 5 * MINUTE


def test_when_the_rules_of_the_site_change_its_sources_are_read_again() -> None:
    _, state = visit(None, NOON, listed=DONE)
    read, _ = visit(state, NOON + MINUTE, rules="other", listed=DONE)
    assert read


def test_a_source_without_validators_is_known_by_its_bytes() -> None:
    _, state = visit(None, NOON, etag=None, listed=DONE)
    assert not visit(state, NOON + MINUTE, etag=None)[0]
    assert visit(state, NOON + MINUTE, etag=None, body=b"other", listed=DONE)[0]


def test_a_sitemap_that_is_packed_anew_for_each_visit_is_known_by_its_content() -> None:
    def packed(when: int, text: bytes = b"<urlset/>") -> bytes:
        return gzip.compress(text, mtime=when)

    _, state = visit(None, NOON, body=packed(1), etag='"1"', listed=DONE)
    assert not visit(state, NOON + MINUTE, body=packed(2), etag='"2"')[0]
    assert visit(state, NOON + MINUTE, body=packed(2, b"<urlset></urlset>"), etag='"2"', listed=DONE)[0]


def test_a_source_that_repeats_its_etag_although_it_has_changed_is_found_out() -> None:
    _, state = visit(None, NOON, listed=DONE)
    news = {"a.example/2": Handled(NOON + 2 * HOUR)}
    read, state = visit(state, NOON + 30 * MINUTE, body=b"changed", honest=False)
    assert not read, "nobody can know that yet"
    read, state = visit(state, NOON + 2 * HOUR, body=b"changed", listed=news, honest=False)
    assert (read, state.distrusted) == (True, True)
    assert Sources({FEED: state}, "r", NOON + 3 * HOUR).conditions(FEED, "feed") == {}
    assert not visit(state, NOON + 2 * HOUR + MINUTE, body=b"changed", honest=False)[0], "but its bytes are looked at"


def test_one_whose_last_modified_stays_is_found_out_too() -> None:
    _, state = visit(None, NOON, etag=None, last_modified=LATER, listed=DONE)
    news = {"a.example/2": Handled(NOON + 2 * HOUR)}
    _, state = visit(state, NOON + 2 * HOUR, body=b"changed", etag=None, last_modified=LATER, listed=news)
    assert state.distrusted


def test_a_source_that_only_says_when_it_was_built_is_trusted() -> None:
    _, state = visit(None, NOON, listed=DONE)
    _, state = visit(state, NOON + 2 * HOUR, body=b"built at noon")
    assert not state.distrusted, "the same ETag, other bytes, and no news"
    _, state = visit(state, NOON + 4 * HOUR, body=b"news", etag='"two"', listed={"a.example/2": Handled(NOON)})
    assert not state.distrusted


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=60))
def test_no_source_goes_unread_for_more_than_a_day_between_visits(minutes: list[int]) -> None:
    now, state, last, gaps = NOON, None, NOON, []
    for pause in [0, *minutes]:
        now += pause * MINUTE
        read, state = visit(state, now, listed=DONE)
        if read:
            last = now
        gaps.append(now - last)
    assert max(gaps) < AUDITS[1]


def test_a_source_that_does_not_change_is_asked_in_whole_ever_more_rarely() -> None:
    state, wholes = None, []
    for quarter in range(4 * 96):
        read, state = visit(state, NOON + quarter * 15 * MINUTE, listed=DONE)
        if read:
            wholes.append(quarter / 4)
    assert wholes == [0, 1, 2, 4, 8, 16, 32, 56, 80]


def test_failures_are_counted_and_end_with_an_answer() -> None:
    state = None
    for count in (1, 2):
        sources = Sources({FEED: state} if state else {}, "r", NOON)
        sources.conditions(FEED, "feed")
        sources.failed(FEED)
        (state,) = sources.states({})
        assert state.failures == count
        assert state.whole_due is None
    assert visit(state, NOON + HOUR)[1].failures == 0


def test_what_an_unchanged_index_named_is_still_asked_for() -> None:
    sources = Sources({}, "r", NOON)
    sources.conditions(INDEX, "sitemap")
    sources.conditions(PART, "sitemap", INDEX)
    for url in (INDEX, PART):
        sources.unchanged(url, 200, url.encode(), ETAG, None)
    known = {state.url: state for state in sources.states({})}
    again = Sources(known, "r", NOON + MINUTE)
    again.conditions(INDEX, "sitemap")
    assert again.unchanged(INDEX, 304, b"", None, None)
    assert [(child.url, child.kind) for child in again.children(INDEX)] == [(PART, "sitemap")]


def test_what_an_index_names_no_more_is_gone_with_all_that_it_named() -> None:
    """An index may name other sitemaps on every visit: what is remembered of them would have no end."""
    inner, leaf = "https://a.example/inner.xml", "https://a.example/leaf.xml"
    parents = {INDEX: None, PART: INDEX, inner: INDEX, leaf: inner, FEED: None}
    known = {url: SourceState(url, "sitemap", parent=parent, first_seen=NOON) for url, parent in parents.items()}
    sources = Sources(known, "r", NOON)
    sources.conditions(INDEX, "sitemap")
    assert sources.gone() == set(), "it has not answered"
    sources.conditions(PART, "sitemap", INDEX)
    assert not sources.unchanged(INDEX, 200, b"other", ETAG, None)
    assert sources.gone() == {inner, leaf}
    sources.failed(INDEX)
    assert sources.gone() == set(), "it was none"


def through(*told: Handled | None, failed: bool = False) -> set[str]:
    """Which of one page are done with that has listed addresses of which this became."""
    sources = Sources({}, "r", NOON)
    sources.conditions(FEED, "section")
    if failed:
        sources.failed(FEED)
    else:
        sources.unchanged(FEED, 200, b"page", None, None)
    for number, _ in enumerate(told):
        sources.listed(FEED, f"a.example/{number}", LEAD, news=True)
    return sources.through({f"a.example/{number}": each for number, each in enumerate(told) if each is not None})


def test_a_page_is_done_with_when_all_that_it_lists_was_seen_to() -> None:
    kept, no_story = Handled(NOON), Handled(NOON, NOON + HOUR)
    assert through() == through(kept, kept) == through(kept, no_story) == {FEED}
    assert through(kept, None) == through(failed=True) == set()


def test_a_page_that_lists_what_fails_is_done_with_after_a_day() -> None:
    fails, given_up = (Handled(NOON, NOON + span, failed=True) for span in (HOUR, DAY))
    assert through(Handled(NOON), fails) == set()
    assert through(Handled(NOON), given_up) == {FEED}


def test_a_lead_is_settled_once_its_address_was_handled_since_it_changed() -> None:
    assert not settled(LEAD, None, NOON)
    assert settled(LEAD, Handled(NOON), NOON)
    assert not settled(LEAD, Handled(NOON, again=NOON), NOON)
    assert settled(LEAD, Handled(NOON, again=NOON + MINUTE), NOON)
    changed = replace(LEAD, modified=NOON)
    assert not settled(changed, Handled(NOON - MINUTE), NOON)
    assert settled(changed, Handled(NOON + SECOND), NOON + MINUTE)
    late_in_it = Handled(NOON + SECOND / 2)
    assert not settled(changed, late_in_it, NOON + MINUTE), "it may have been changed after that, in the same second"
    assert settled(changed, Handled(NOON - DAY), NOON - MINUTE), "a change in the future is none"


# -- what a source lists -----------------------------------------------------------------------------------------------


def listing(known: SourceState | None, now: datetime, keys: str, unheard: str, *, rules: str = "r") -> Sources:
    """A visit to the feed that lists these addresses, a letter each; nothing was known of those `unheard` of. It has no
    dates."""
    sources = Sources({FEED: known} if known else {}, rules, now)
    sources.conditions(FEED, "feed")
    assert not sources.unchanged(FEED, 200, keys.encode(), None, None)
    for key in keys:
        sources.lists(FEED, Lead(f"https://a.example/{key}"), unheard=key in unheard)
        if key in unheard:
            sources.listed(FEED, key, Lead(f"https://a.example/{key}"), news=True)
    return sources


def after(sources: Sources, now: datetime, keys: str) -> SourceState:
    (state,) = sources.states({key: Handled(now) for key in keys})
    return state


def test_a_source_has_turned_over_where_nothing_is_left_of_what_it_listed() -> None:
    first = listing(None, NOON, "abc", "abc")
    assert first.turned_over() == [], "of the first visit nobody knows"
    state = after(first, NOON, "abc")
    assert state.listed == 3
    assert listing(state, NOON + HOUR, "cde", "de").turned_over() == []
    assert listing(state, NOON + HOUR, "def", "def").turned_over() == [FEED]
    assert listing(state, NOON + HOUR, "def", "def").turned_over({"e"}) == [], "what is forbidden is never known"
    assert listing(state, NOON + HOUR, "def", "def", rules="others").turned_over() == []


def test_what_was_left_to_do_does_not_look_as_if_the_source_had_turned_over() -> None:
    state = after(listing(None, NOON, "abc", "abc"), NOON, "ab")
    assert state.listed is None
    assert listing(state, NOON + HOUR, "abc", "abc").turned_over() == []


def test_sources_are_empty_where_none_lists_a_story() -> None:
    sources = listing(None, NOON, "", "")
    assert sources.empty() == [FEED]
    state = after(sources, NOON, "")
    assert state.listed == 0
    again = Sources({FEED: state}, "r", NOON + MINUTE)
    again.conditions(FEED, "feed")
    assert again.unchanged(FEED, 304, b"", None, None)
    assert again.empty() == [FEED], "and that it has not changed makes it no better"
    assert listing(None, NOON, "a", "").empty() == []
    failed = Sources({}, "r", NOON)
    failed.conditions(FEED, "feed")
    failed.failed(FEED)
    assert failed.empty() == []


def test_how_far_back_a_source_reaches_by_the_dates_of_what_it_lists() -> None:
    hourly = [NOON - n * HOUR for n in range(1, 21)]
    assert reach(hourly, 20, NOON) == NOON - 20 * HOUR
    pinned = [*hourly[:18], NOON - 900 * DAY, NOON - 2000 * DAY]
    assert reach(pinned, 20, NOON) == NOON - 20 * HOUR, "what stands at its end for years is not counted"
    assert reach(hourly[:4], 20, NOON) is None, "too few have a date"
    assert reach([NOON - HOUR] * 20, 20, NOON) is None, "all dated as the feed was made"
    assert reach([NOON + DAY] * 20, 20, NOON) is None
    assert reach([], 0, NOON) is None


def test_how_far_back_a_source_without_dates_reaches_by_how_fast_it_changes() -> None:
    first = after(listing(None, NOON, "abcdefgh", "abcdefgh"), NOON, "abcdefgh")
    assert first.reaches_back is None, "nobody knows when these came"
    second = after(listing(first, NOON + HOUR, "cdefghij", "ij"), NOON + HOUR, "ij")
    assert second.reaches_back == NOON + HOUR - 4 * HOUR, "two of eight in an hour"


def test_what_a_wrong_clock_has_set_is_not_waited_for() -> None:
    state = SourceState(FEED, "feed", etag=ETAG, rules="r", whole_due=NOON + 400 * DAY)
    assert Sources({FEED: state}, "r", NOON).conditions(FEED, "feed") == {}
