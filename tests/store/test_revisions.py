"""What makes a version and what does not, when to look again, what is gone, fingerprints of an earlier version."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import text

from newsbot.fingerprint import VERSION, block_key
from newsbot.items import Access, Archived, Block, BlockKind, Lead, Removed, RemovedKind, Role, Story, Verdict
from newsbot.items import Apart as SetApart
from newsbot.store import Filters, Kept, Outcome, Store, StoryFull
from newsbot.store.migrations import KEYS
from tests.store.build import HOUR, NOON, edited, prose, story

OFFER = "Subscribers read this paper without a single advertisement, wherever they are"
LOOK = NOON + HOUR


def full(store: Store, id_or_url: int | str) -> StoryFull:
    found = store.read.story(id_or_url)
    assert found is not None
    return found


def taken_out(told: str) -> tuple[Removed, ...]:
    return (Removed(0, Block(BlockKind.PARAGRAPH, told), RemovedKind.ADVERTISING, "words"),)


def run_sql(store: Store, statement: str) -> None:
    with store._engine.begin() as connection:
        connection.execute(text(statement))


# -- versions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (story(1, removed=taken_out(OFFER)), story(1, f"{OFFER}\n\n{prose(1)}")),
        (story(1, f"{prose(1)}\n\n{OFFER}"), story(1, removed=taken_out(OFFER))),
        (
            story(1, f"{prose(1)}\n\n{OFFER}"),
            story(1, apart=(SetApart(0, Block(BlockKind.CAPTION, OFFER), Role.CAPTION),)),
        ),
        (story(1), story(1, prose(1).replace("\n\n", " "))),
        (story(1), story(1, modified=LOOK)),
        (story(1), story(1, prose(1)[:300] + " ... read on", access=Access.PAYWALLED)),
    ],
    ids=["let through now", "taken out now", "set apart now", "parted differently", "touched", "behind a wall now"],
)
def test_what_the_publisher_has_not_changed_is_no_version(store: Store, first: Story, then: Story) -> None:
    store.keep(first)
    assert store.keep(replace(then, fetched_at=LOOK)) == Kept(Outcome.SAME, 1, 1)
    assert full(store, 1).text == first.text


def test_a_block_that_the_site_is_known_to_repeat_makes_no_version(store: Store) -> None:
    store.keep(story(1, f"{prose(1)}\n\n{OFFER}"))
    run_sql(
        store,
        "INSERT INTO site_block (site, key, stories, loose, removed, vetoes, before, holders, sample, learned, "
        "first_seen, last_seen) SELECT site, 'k', 9, 9, 0, 0, 0, '[]', '', first_seen, first_seen, first_seen "
        "FROM story",
    )
    run_sql(store, f"UPDATE site_block SET key = '{block_key(OFFER)}'")
    assert store.keep(story(1, fetched_at=LOOK)).outcome is Outcome.SAME


@pytest.mark.parametrize(
    "then",
    [
        story(1, prose(1).replace("harbour", "airport")),
        story(1, f"{prose(1)}\n\nA correction was added."),
        story(1, prose(1)[:300]),
        story(1, title="Another headline"),
        story(1, f"A wholly other beginning.\n\n{prose(1)[:200]}", access=Access.PAYWALLED),
    ],
    ids=["a word", "a paragraph more", "a part less", "the headline", "another beginning behind a wall"],
)
def test_what_the_publisher_changed_is_a_version(store: Store, then: Story) -> None:
    store.keep(story(1))
    assert store.keep(replace(then, fetched_at=LOOK)) == Kept(Outcome.CHANGED, 1, 2)
    assert [version.text for version in full(store, 1).versions] == [prose(1)]


def test_a_revision_may_find_copies_and_may_lose_them(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(1, edited(prose(1)), site="b.example"))
    store.keep(story(3, prose(7), site="c.example"))
    assert store.keep(story(3, prose(1) + " More.", site="c.example", fetched_at=LOOK)).copy_of == 1
    assert len(full(store, 1).copies) == 2
    store.keep(story(3, prose(1) + " And more.", site="c.example", fetched_at=LOOK + HOUR))
    assert len(full(store, 1).copies) == 2
    store.keep(story(3, prose(8), site="c.example", fetched_at=LOOK + 2 * HOUR))
    assert [copy.site for copy in full(store, 1).copies] == ["b.example"]
    assert full(store, 1).cluster_size == 2


# -- looking again -----------------------------------------------------------------------------------------------------


def due(store: Store, now: datetime, at_most: int = 10) -> list[Lead]:
    return store.due("a.example", now, at_most)


def test_a_story_is_due_when_its_time_has_come_and_then_put_off(store: Store) -> None:
    store.keep(story(1, published=NOON, next_look=LOOK))
    store.keep(story(2, site="b.example", next_look=LOOK))
    store.keep(story(3))
    assert due(store, NOON) == []
    assert due(store, LOOK) == [Lead("https://a.example/1", "Headline 1", NOON)]
    assert due(store, LOOK) == [], "whatever comes of the look, it was one"
    assert due(store, LOOK + HOUR) != [], "but it is made up for"
    assert due(store, LOOK + 2 * HOUR) == [], "later and later"
    assert due(store, LOOK + 3 * HOUR) != []


def test_a_look_says_when_the_next_one_is(store: Store) -> None:
    store.keep(story(1, next_look=LOOK))
    due(store, LOOK)
    store.keep(story(1, fetched_at=LOOK, next_look=NOON + 9 * HOUR))
    assert due(store, NOON + 8 * HOUR) == []
    assert due(store, NOON + 9 * HOUR) != []
    store.keep(story(1, fetched_at=NOON + 9 * HOUR, next_look=None))
    assert due(store, NOON + 9999 * HOUR) == []


def test_looks_that_come_to_nothing_have_an_end(store: Store) -> None:
    store.keep(story(1, next_look=LOOK))
    looks = sum(bool(due(store, NOON + hours * HOUR)) for hours in range(1, 24 * 365))
    assert 5 < looks < 15


def test_a_story_that_has_moved_is_looked_at_where_it_is_now(store: Store) -> None:
    store.keep(story(1, url="https://a.example/world/ferry-sinks", next_look=LOOK))
    moved = story(1, url="https://a.example/europe/ferry-sinks", fetched_at=LOOK, next_look=LOOK)
    assert store.keep(moved).outcome is Outcome.SAME
    assert [lead.url for lead in due(store, LOOK)] == ["https://a.example/europe/ferry-sinks"]


def test_looks_at_a_page_without_a_date_have_an_end(store: Store) -> None:
    store.keep(story(1, next_look=LOOK))
    looks = 0
    for hours in range(1, 24 * 60):
        now = NOON + hours * HOUR
        if due(store, now):
            looks += 1
            store.keep(
                story(1, fetched_at=now, next_look=now + HOUR)
            )  # half an hour after its publication, for all it says
    assert 5 < looks < 15


def test_the_newest_are_looked_at_first(store: Store) -> None:
    for number in (1, 2, 3):
        store.keep(story(number, published=NOON + number * HOUR, next_look=NOON))
    assert [lead.title for lead in due(store, LOOK, 2)] == ["Headline 3", "Headline 2"]
    assert [lead.title for lead in due(store, LOOK, 2)] == ["Headline 1"]


def test_a_story_that_is_gone_is_marked_and_all_of_it_stays(store: Store) -> None:
    store.keep(story(1))
    for verdict, when in ((Verdict.INDEX, NOON), (Verdict.GONE, LOOK), (Verdict.SOFT_404, LOOK + HOUR)):
        lost = store.dismiss("a.example", ["http://a.example/1"], verdict, when)
        assert lost is (when == LOOK), "it is lost once"
    assert (full(store, 1).gone, full(store, 1).text) == (LOOK, prose(1))
    assert [row.gone for row in store.read.stories(Filters())] == [LOOK]
    assert store.keep(story(1, fetched_at=LOOK + HOUR)).outcome is Outcome.SAME
    assert full(store, 1).gone is None, "it is there again"


def test_an_old_address_that_leads_nowhere_takes_nothing_from_its_story(store: Store) -> None:
    store.keep(story(1, url="https://a.example/go?id=7", canonical_url="https://a.example/1"))
    store.keep(story(1, fetched_at=LOOK))
    assert not store.dismiss("a.example", ["https://a.example/go?id=7"], Verdict.GONE, LOOK)
    assert full(store, 1).gone is None
    assert store.dismiss("a.example", ["https://a.example/1"], Verdict.GONE, LOOK)


# -- fingerprints of an earlier version --------------------------------------------------------------------------------


def age(store: Store) -> None:
    """Make all fingerprints those of an earlier version, which nothing is found by."""
    run_sql(store, "UPDATE story SET fingerprint = 0, text_key = ''")
    run_sql(store, "DELETE FROM likeness_key")


def test_old_fingerprints_are_made_anew_and_find_what_came_meanwhile(store: Store) -> None:
    for number in (1, 2, 3):
        store.keep(story(number))
    age(store)
    assert store.keep(story(1, edited(prose(1)), site="b.example")).copy_of is None
    assert store.renew(2) == (2, True)
    assert store.renew(2) == (1, False)
    assert store.renew(2) == (0, False)
    assert [copy.site for copy in full(store, 1).copies] == ["b.example"]
    assert store.keep(story(3, edited(prose(3)), site="b.example")).copy_of == 3
    assert {row.version for row in store.read.stories(Filters())} == {1}


def test_an_address_is_found_by_the_key_that_it_has_by_now(store: Store) -> None:
    store.keep(story(1))
    for statement in ("UPDATE story SET url_key = 'old', fingerprint = 0", "UPDATE address SET url_key = 'old'"):
        run_sql(store, statement)
    assert store.read.story("https://a.example/1") is None
    store.renew()
    assert full(store, "https://a.example/1").id == 1
    assert store.keep(story(1, fetched_at=LOOK)).outcome is Outcome.SAME


def test_a_story_whose_key_is_anothers_by_now_keeps_its_own(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(2))
    run_sql(store, "UPDATE story SET url = 'https://a.example/1', fingerprint = 0 WHERE id = 2")
    assert store.renew()[0] == 1
    assert full(store, "https://a.example/1").id == 1
    assert full(store, 2).url == "https://a.example/1"


def test_a_story_is_found_at_its_own_address_however_its_addresses_are_written(store: Store) -> None:
    store.keep(story(1))
    run_sql(store, "UPDATE story SET url = 'https://a.example/9', url_key = 'old', fingerprint = 0")
    run_sql(store, "UPDATE address SET url_key = 'old'")  # of the address as it was written when it was seen first
    store.renew()
    revised = story(1, prose(7), url="https://a.example/9", fetched_at=LOOK)
    assert store.keep(revised) == Kept(Outcome.CHANGED, 1, 2)


def test_an_address_that_is_none_by_now_does_not_hold_up_the_others(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(2))
    run_sql(store, "UPDATE story SET fingerprint = 0")
    run_sql(store, "UPDATE story SET url = 'https://a.example:port/1' WHERE id = 1")
    run_sql(store, "UPDATE address SET url = 'https://a.example:port/1' WHERE story = 1")
    assert store.renew() == (2, False)
    assert store.renew() == (0, False)
    assert full(store, "https://a.example/1").id == 1, "by the key that it had"


def test_what_is_no_copy_by_now_leaves_its_cluster(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(1, edited(prose(1)), site="b.example"))
    run_sql(store, f"UPDATE story SET fingerprint = 0, text = '{prose(2)}' WHERE id = 2")  # as if judged otherwise then
    store.renew()
    assert full(store, 1).copies == ()


def test_a_changed_story_is_found_by_its_new_words_only(store: Store) -> None:
    store.keep(story(1))
    store.keep(story(1, prose(9), fetched_at=LOOK))
    assert store.keep(story(2, edited(prose(1)), site="b.example")).outcome is Outcome.NEW
    assert store.keep(story(3, edited(prose(9)), site="b.example")).copy_of == 1
    with store._engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM likeness_key WHERE story = 1")).scalar_one()
    assert 0 < rows <= 32, "no keys of the earlier text are left"


def test_keys_of_an_earlier_version_are_taken_away_by_a_migration() -> None:
    """They are found by their text alone, which that version would have to be run on."""
    assert KEYS == VERSION, "a step in migrations/ empties likeness_key, and KEYS says for which version"


PAGES = [Archived(f"pages-{number}.warc.gz", 100 * number) for number in range(4)]


def test_each_text_knows_where_its_page_lies_and_what_made_it(store: Store) -> None:
    first = story(1, archived=PAGES[0], made_by="a recipe")
    number = store.keep(first).story_id
    store.keep(
        replace(first, text=first.text + "\n\nThe mayor has resigned since then.", archived=PAGES[1], made_by="b")
    )
    found = store.read.story(number)
    assert found is not None
    assert (found.version, found.archived, found.made_by) == (2, PAGES[1], "b")
    assert [version.archived for version in found.versions] == [PAGES[0]]


def test_a_page_that_says_the_same_to_the_letter_is_the_storys_from_then_on(store: Store) -> None:
    first = story(1, archived=PAGES[0], made_by="a recipe")
    number = store.keep(first).story_id
    for said, page in ((first.text, PAGES[1]), (first.text.upper(), PAGES[2]), (first.text, None)):
        assert store.keep(replace(first, text=said, archived=page, made_by="b")).outcome is Outcome.SAME
        found = store.read.story(number)
        assert found is not None
        assert (found.archived, found.made_by) == (PAGES[1], "a recipe"), "its text is still that of the first page"
