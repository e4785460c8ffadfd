"""Keeping: a story is entered once, whatever way it comes; its texts and its copies are known."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import StatementError

from newsbot.errors import StoreUnavailable
from newsbot.fingerprint import id_key, sign, url_key
from newsbot.items import (
    Access,
    Apart,
    Block,
    BlockKind,
    Fingerprint,
    Handled,
    Image,
    Removed,
    RemovedKind,
    Role,
    Story,
    Verdict,
)
from newsbot.store import Filters, Kept, Outcome, Store, StoryFull, whole
from tests.store.build import HOUR, NOON, edited, prose, story


def full(store: Store, id_or_url: int | str) -> StoryFull:
    found = store.read.story(id_or_url)
    assert found is not None
    return found


def paragraph(text: str) -> Block:
    return Block(BlockKind.PARAGRAPH, text)


def test_a_new_story_comes_back_as_it_went_in(store: Store) -> None:
    moscow = timezone(timedelta(hours=3))
    given = story(
        1,
        "First.\n\nSecond,\nof two lines.",
        url="https://a.example/1?utm_source=rss",
        canonical_url="https://a.example/1",
        standfirst="Cafe\u0301",
        authors=("Zoe\u0308", "Bo"),
        section="World",
        tags=("x", "y"),
        language="en-gb",
        published=datetime(2026, 3, 2, 9, tzinfo=moscow),
        published_offset=180,
        modified=NOON,
        image=Image("https://a.example/1.jpg", "A view"),
        access=Access.METERED,
        removed=(Removed(1, paragraph("Give!"), RemovedKind.DONATION, "words"),),
        apart=(Apart(3, paragraph("A photo"), Role.CAPTION),),
    )
    assert store.keep(given) == Kept(Outcome.NEW, 1, 1, None)
    kept = full(store, 1)
    assert (kept.url, kept.fetched_url) == (given.canonical_url, given.url)
    assert (kept.standfirst, kept.authors) == ("Café", ("Zoë", "Bo"))
    assert kept.published == given.published
    assert kept.published is not None
    assert kept.published.utcoffset() == timedelta(0)
    assert (kept.published_offset, kept.modified, kept.modified_offset) == (180, NOON, None)
    assert (kept.section, kept.tags, kept.language, kept.access) == ("World", ("x", "y"), "en-gb", Access.METERED)
    assert kept.image == given.image
    assert (kept.first_seen, kept.last_seen, kept.version_seen) == (NOON, NOON, NOON)
    assert whole(kept) == [
        ("First.", None),
        ("Give!", "donation"),
        ("Second,\nof two lines.", None),
        ("A photo", "caption"),
    ]
    assert [address.url for address in kept.addresses] == [given.canonical_url]


def test_the_same_story_again_is_the_same(store: Store) -> None:
    store.keep(story(1, section="World", access=Access.FREE))
    later = story(1, fetched_at=NOON + HOUR, modified=NOON + HOUR, access=Access.PAYWALLED)
    assert store.keep(later) == Kept(Outcome.SAME, 1, 1, None)
    kept = full(store, 1)
    assert (kept.first_seen, kept.last_seen, kept.modified) == (NOON, NOON + HOUR, NOON + HOUR)
    assert (kept.access, kept.section) == (Access.PAYWALLED, "World")
    assert kept.versions == ()


def test_what_differs_only_in_case_and_punctuation_is_the_same(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(2, "A short note: all is well."))
    assert store.keep(story(1, prose(1).upper().replace(".", "!"))).outcome == Outcome.SAME
    assert store.keep(story(2, "a short note — all is well")).outcome == Outcome.SAME
    assert full(store, 1).text == prose(1)


def test_a_point_that_moves_in_a_number_is_a_change(store: Store) -> None:
    store.keep(story(1, prose(1) + " It cost 1.5 million."))
    assert store.keep(story(1, prose(1) + " It cost 15 million.")).outcome == Outcome.CHANGED


def test_a_story_seen_out_of_order_does_not_go_back_in_time(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(1, fetched_at=NOON - HOUR))
    assert full(store, 1).last_seen == NOON
    assert store.known(["a.example/1", "a.example/2"]) == {"a.example/1": Handled(NOON)}


@pytest.mark.parametrize("again", [story(1, prose(1) + " One word more."), story(1, title="Another headline")])
def test_a_change_is_a_version(store: Store, again: Story) -> None:
    first = replace(story(1), removed=(Removed(0, paragraph("Give!"), RemovedKind.DONATION, "words"),))
    store.keep(first)
    again = replace(again, fetched_at=NOON + HOUR, removed=(Removed(1, paragraph("Pay!"), RemovedKind.PAYWALL, "w"),))
    assert store.keep(again) == Kept(Outcome.CHANGED, 1, 2, None)
    kept = full(store, 1)
    assert (kept.title, kept.text, kept.version, kept.version_seen) == (again.title, again.text, 2, NOON + HOUR)
    assert kept.first_seen == NOON
    assert whole(kept)[1] == ("Pay!", "paywall")
    (old,) = kept.versions
    assert (old.number, old.seen, old.title, old.text) == (1, NOON, first.title, first.text)
    assert whole(old)[0] == ("Give!", "donation")
    assert store.keep(replace(again, fetched_at=NOON + 2 * HOUR)).outcome == Outcome.SAME


def test_search_and_likeness_follow_a_change(store: Store) -> None:
    store.keep(story(1, prose(1) + " Zebra."))
    store.keep(story(1, prose(2) + " Okapi."))
    assert [len(store.read.search(word, Filters())) for word in ("zebra", "okapi")] == [0, 1]
    assert store.keep(story(1, prose(1), site="b.example")).outcome == Outcome.NEW
    assert store.keep(story(2, prose(2), site="b.example")).outcome == Outcome.COPY


def test_a_story_is_known_by_each_of_its_addresses(store: Store) -> None:
    store.keep(story(1, url="http://a.example/go?id=7", canonical_url="https://a.example/1"))
    assert full(store, "https://a.example/go?id=7").id == full(store, "http://a.example/1/?utm_source=x#top").id == 1
    moved = story(1, url="http://a.example/go?id=7", canonical_url="https://a.example/news/1")
    assert store.keep(moved).story_id == 1
    kept = full(store, "https://a.example/news/1")
    assert (kept.id, kept.url, len(kept.addresses)) == (1, "https://a.example/news/1", 3)


def test_the_canonical_address_decides(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(2))
    both = story(2, url="https://a.example/1", canonical_url="https://a.example/2")
    assert store.keep(both) == Kept(Outcome.SAME, 2, 1, None)
    assert full(store, "https://a.example/1").id == 1


def test_a_template_that_names_one_address_on_every_page_is_not_believed(store: Store) -> None:
    claimed = "https://a.example/1"
    store.keep(story(1))
    for number in (2, 3):
        own = f"https://a.example/{number}"
        assert store.keep(story(number, url=own, canonical_url=claimed)).outcome is Outcome.NEW
        assert (full(store, own).url, full(store, own).text) == (own, prose(number))
        assert store.keep(story(number, url=own, canonical_url=claimed, fetched_at=NOON + HOUR)).outcome is Outcome.SAME
    assert (full(store, claimed).text, full(store, claimed).version) == (prose(1), 1)
    # A page of few words has no more than its title to say that it is another.
    short = story(4, "Watch above.", url="https://a.example/4", canonical_url=claimed)
    assert store.keep(short).outcome is Outcome.NEW
    # Nor does it without a title.
    store.keep(story(5, "Watch above.", title=""))
    short = story(6, "Listen.", title="", url="https://a.example/6", canonical_url="https://a.example/5")
    assert store.keep(short).outcome is Outcome.NEW


def test_a_number_that_the_site_gives_decides_before_every_address(store: Store) -> None:
    store.keep(numbered(story(1)))
    renamed = numbered(story(1, prose(5), url="https://a.example/renamed", title="Renamed", fetched_at=NOON + HOUR))
    assert store.keep(renamed) == Kept(Outcome.CHANGED, 1, 2, None)
    kept = full(store, "https://a.example/renamed")
    assert kept.url == "https://a.example/renamed"
    assert {address.url for address in kept.addresses} == {"https://a.example/1", "https://a.example/renamed"}


def numbered(given: Story) -> Story:
    """The story with the key of its site's number 7."""
    key = id_key("a.example", "7")
    return replace(given, identity=key, fingerprint=sign(given.addresses, given.text, key))


def test_a_notice_that_stands_in_for_many_stories_is_none_of_them(store: Store) -> None:
    notice = prose(9, 60)
    for number in (1, 2):
        store.keep(story(number, notice, title="Back soon", url=f"https://a.example/slug-{number}"))
    # It goes, and each story is there, as if it had been from the beginning.
    for number in (1, 2):
        found = store.keep(story(number, url=f"https://a.example/slug-{number}", fetched_at=NOON + HOUR))
        assert (found.outcome, found.story_id, found.copy_of) == (Outcome.CHANGED, number, None)
    assert {row.cluster for row in store.read.stories(Filters())} == {None}
    # Where the address says that it is one story, it is.
    store.keep(story(3, url="https://a.example/world/a-ferry-sinks"))
    again = story(3, url="https://a.example/europe/a-ferry-sinks.html")
    assert store.keep(again).outcome is Outcome.SAME


def test_an_address_that_leads_to_another_story_every_day(store: Store) -> None:
    live = "https://a.example/live"
    store.keep(story(1, url=live, canonical_url="https://a.example/1"))
    assert store.keep(story(2, url=live, canonical_url="https://a.example/2")).outcome == Outcome.NEW
    assert full(store, "https://a.example/1").text == prose(1)
    assert store.keep(story(2)) == Kept(Outcome.SAME, 2, 1, None)


def test_the_same_words_at_another_address_of_the_site(store: Store) -> None:
    store.keep(story(1))
    assert store.keep(story(2, prose(1), title="Headline 1", as_announced=True)) == Kept(Outcome.SAME, 1, 1, None)
    kept = full(store, "https://a.example/2")
    assert (kept.id, kept.url, len(kept.addresses)) == (1, "https://a.example/1", 2)


def test_short_texts_are_not_known_by_their_words(store: Store) -> None:
    for number in (1, 2):
        assert store.keep(story(number, "Watch the video above.")).outcome == Outcome.NEW


def test_copies_make_a_cluster_whose_head_is_the_earliest(store: Store) -> None:
    assert store.keep(story(1, published=NOON)).outcome == Outcome.NEW
    copy = story(1, edited(prose(1)), site="b.example", published=NOON + HOUR)
    assert store.keep(copy) == Kept(Outcome.COPY, 2, 1, copy_of=1)
    # The earliest comes last: it becomes the head, and says which story it is most like.
    first = story(1, prose(1), site="c.example", published=NOON - HOUR)
    assert store.keep(first) == Kept(Outcome.COPY, 3, 1, copy_of=1)
    assert [row.id for row in store.read.stories(Filters(copies=False))] == [3]
    assert {row.cluster_size for row in store.read.stories(Filters())} == {3}
    assert [copy.id for copy in full(store, 2).copies] == [3, 1]
    assert store.keep(replace(copy, fetched_at=NOON + HOUR)) == Kept(Outcome.SAME, 2, 1, copy_of=3)


def test_a_story_without_copies_has_none_whatever_else_there_is(store: Store) -> None:
    for number in (1, 2, 3):
        store.keep(story(number))
    assert [full(store, number).copies for number in (1, 2, 3)] == [(), (), ()]


def test_near_duplicates_on_one_site_are_copies_too(store: Store) -> None:
    store.keep(story(1))
    assert store.keep(story(2, edited(prose(1)))) == Kept(Outcome.COPY, 2, 1, copy_of=1)


def test_different_stories_are_no_copies(store: Store) -> None:
    for number in range(1, 30):
        assert store.keep(story(number)).outcome == Outcome.NEW


def test_two_clusters_that_turn_out_to_be_one(store: Store) -> None:
    whole = prose(1, 200).split()
    one, two = " ".join(whole[:120]), " ".join(whole[80:])
    for site, text in (("a.example", one), ("b.example", one), ("c.example", two), ("d.example", two)):
        store.keep(story(1, text, site=site))
    assert len({row.cluster for row in store.read.stories(Filters())}) == 2
    joined = store.keep(story(1, " ".join(whole), site="e.example"))
    assert joined == Kept(Outcome.COPY, 5, 1, copy_of=1)
    assert {(row.cluster_size, row.cluster) for row in store.read.stories(Filters())} == {(5, 1)}
    assert len(store.read.stories(Filters(copies=False))) == 1


def test_keys_that_a_sites_own_text_gives_to_many_stories_do_not_hide_a_copy(store: Store) -> None:
    given = story(1, prose(1, 620))
    store.keep(given)
    with store._engine.begin() as connection:
        for place, key in enumerate(given.fingerprint.likeness_keys[:25], 1):
            rows = [{"key": key, "story": place * 1000 + number} for number in range(200)]
            connection.execute(sql("INSERT INTO likeness_key (key, story) VALUES (:key, :story)"), rows)
    assert store.keep(story(1, prose(1, 620) + " More.", site="b.example")).copy_of == 1


def test_a_round_up_joins_nothing(store: Store) -> None:
    one, two = prose(1, 160), prose(2, 160)
    store.keep(story(1, one))
    store.keep(story(2, two))
    assert store.keep(story(3, f"{one}\n\n{two}")).outcome is Outcome.NEW
    assert {row.cluster for row in store.read.stories(Filters())} == {None}


def test_a_story_may_become_a_copy_and_be_one_no_longer(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(1, prose(9), site="b.example"))
    changed = store.keep(story(1, edited(prose(1)), site="b.example"))
    assert changed == Kept(Outcome.CHANGED, 2, 2, copy_of=1)
    changed = store.keep(story(1, prose(8), site="b.example"))
    assert changed == Kept(Outcome.CHANGED, 2, 3, copy_of=None)
    assert {row.cluster for row in store.read.stories(Filters())} == {None}


def test_a_date_that_moves_may_move_the_head(store: Store) -> None:
    store.keep(story(1, published=NOON))
    store.keep(story(1, site="b.example", published=NOON + HOUR))
    store.keep(story(1, site="b.example", published=NOON - HOUR))
    assert [row.id for row in store.read.stories(Filters(copies=False))] == [2]


def test_a_day_does_not_replace_a_time(store: Store) -> None:
    midnight = NOON.replace(hour=0)
    store.keep(story(1, published=NOON))
    store.keep(story(1, published=midnight, day_only=True))
    assert full(store, 1).published == NOON


def test_text_that_no_database_takes_is_made_fit(store: Store) -> None:
    store.keep(story(1, "Nul\0 and\x02 lone \ud83d end."))
    assert full(store, 1).text == "Nul and lone \ufffd end."


def test_addresses_without_a_story(store: Store) -> None:
    gone = ["https://a.example/gone", "http://a.example/gone", "https://a.example/tags"]
    store.dismiss("a.example", gone, Verdict.SOFT_404, NOON)
    store.keep(story(1))
    keys = ["a.example/gone", "a.example/tags", "a.example/1"]
    assert {key: each.fetched for key, each in store.known(keys).items()} == dict.fromkeys(keys, NOON)
    assert store.read.story("https://a.example/gone") is None
    # A story's address stays its own, whatever stood there this time; a dismissed one may become a story's.
    store.dismiss("a.example", ["https://a.example/1"], Verdict.SOFT_404, NOON + HOUR)
    assert full(store, "https://a.example/1").id == 1
    assert store.known(keys)["a.example/1"] == Handled(NOON + HOUR)
    assert store.keep(story(2, url="https://a.example/gone")).outcome == Outcome.NEW
    assert full(store, "https://a.example/gone").id == 2
    store.dismiss("a.example", [], Verdict.EMPTY, NOON)
    before = store.known(keys)
    for wall in (Verdict.CONSENT, Verdict.CHALLENGE):
        store.dismiss("a.example", ["https://a.example/1", "https://a.example/walled"], wall, NOON + 2 * HOUR)
    assert store.known([*keys, "a.example/walled"]) == before
    with pytest.raises(ValueError, match=r"keep\(\)"):
        store.dismiss("a.example", gone, Verdict.STORY, NOON)


def test_callers_mistakes(store: Store) -> None:
    with pytest.raises(ValueError, match="needs the key"):
        store.keep(replace(story(1), fingerprint=Fingerprint(())))
    with pytest.raises(StatementError, match="naive datetime"):
        store.keep(story(1, fetched_at=NOON.replace(tzinfo=None)))
    assert store.read.stories(Filters()) == []


@contextmanager
def untouched(file: Path) -> Iterator[None]:
    """What is done inside leaves every row of the database as it was."""

    def dump() -> list[str]:
        with closing(sqlite3.connect(file)) as connection:
            return [line for line in connection.iterdump() if "INSERT INTO" in line]

    before = dump()
    yield
    assert dump() == before


def test_a_full_disk_leaves_nothing_half_written(store: Store, file: Path) -> None:
    store.keep(story(1))
    with store._engine.connect() as connection:  # the pool holds this one connection
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3}")
    big = story(2, prose(2, 20_000))
    with (
        untouched(file),
        pytest.raises(StoreUnavailable, match=r"cannot keep https://a\.example/2: the disk is full"),
    ):
        store.keep(big)
    with untouched(file), pytest.raises(StoreUnavailable, match="Make room"):
        store.keep(
            replace(big, canonical_url="https://a.example/1", fingerprint=sign(["http://a.example/1"], big.text))
        )
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert store.keep(big).outcome == Outcome.NEW


def test_a_lock_held_elsewhere(store: Store, file: Path) -> None:
    store.keep(story(1))
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        Store.open(f"sqlite:///{file}?timeout=0.05") as impatient,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"cannot keep https://a\.example/2: locked"):
            impatient.keep(story(2))
        assert len(impatient.read.stories(Filters())) == 1  # who reads does not wait
        other.execute("ROLLBACK")
        assert impatient.keep(story(2)).outcome == Outcome.NEW


def test_two_blocks_in_one_place_are_refused(store: Store, file: Path) -> None:
    store.touch_site("a.example", "A", "https://a.example", None)
    twice = tuple(Removed(0, paragraph(text), RemovedKind.SHARE, "w") for text in ("one", "two"))
    with untouched(file), pytest.raises(StoreUnavailable, match=r"contradicts .* UNIQUE .* Nothing was written"):
        store.keep(story(1, removed=twice))


def test_what_held_no_story_is_looked_at_again_ever_more_rarely(store: Store) -> None:
    address = "https://a.example/1"

    def dismissed(hours: float) -> None:
        store.dismiss("a.example", [address], Verdict.EMPTY, NOON + hours * HOUR)

    def again() -> float:
        due = store.known([url_key(address)])[url_key(address)].again
        assert due is not None
        return (due - NOON) / HOUR

    dismissed(0)
    assert again() == 0.25
    dismissed(1)
    assert again() == 2
    dismissed(8)
    assert again() == 16
    store.keep(story(2))
    assert store.known(["a.example/2"]) == {"a.example/2": Handled(NOON)}, "a story is known for good"


def test_what_failed_is_tried_at_once_then_ever_more_rarely(store: Store) -> None:
    store.keep(story(1))
    urls = ["https://a.example/1", "https://a.example/2"]
    store.fail("a.example", urls, NOON + HOUR)
    known = store.known(map(url_key, urls))
    assert known["a.example/1"] == Handled(NOON), "a story's address was fetched when it was fetched"
    assert known["a.example/2"] == Handled(NOON + HOUR, NOON + HOUR, failed=True)
    store.fail("a.example", urls, NOON + 3 * HOUR)
    assert store.known(["a.example/2"]) == {"a.example/2": Handled(NOON + 3 * HOUR, NOON + 5 * HOUR, failed=True)}
    store.keep(story(2))
    assert store.known(["a.example/2"])["a.example/2"].again is None
    assert full(store, 2).url == urls[1]
    store.fail("a.example", [], NOON)
