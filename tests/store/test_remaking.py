"""Stories made again in their place: what is said anew is there everywhere, and no version comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from newsbot.fingerprint import VERSION, sign
from newsbot.items import Access, Archived, Block, BlockKind, Image, Removed, RemovedKind, Role, Story
from newsbot.items import Apart as SetApart
from newsbot.store import Filters, Standing, Store, StoryFull, Wanted
from tests.store.build import HOUR, NOON, edited, prose, story

SITE = "a.example"
WANTED = Wanted(SITE, "new")


def paragraph(text: str) -> Block:
    return Block(BlockKind.PARAGRAPH, text)


def kept(store: Store, made: Story) -> Standing:
    """A story of an earlier recipe, entered, as it is to be made again."""
    number = store.keep(replace(made, made_by="old")).story_id
    (standing,) = store.standing([number])
    return standing


def again(standing: Standing, text: str, **fields: Any) -> Story:
    """The story as it is made now: with this text, all else as it was."""
    said = {name: getattr(standing, name) for name in ("title", "site", "url", "canonical_url", "published", "access")}
    signed = sign([said["canonical_url"], said["url"]], text)
    made = Story(text=text, fetched_at=standing.seen, addresses=(said["canonical_url"],), fingerprint=signed, **said)
    return replace(made, **{"made_by": "new", "archived": standing.archived, "word_count": len(text.split()), **fields})


def full(store: Store, number: int) -> StoryFull:
    found = store.read.story(number)
    assert found is not None
    return found


def test_what_is_said_anew_is_there_and_no_version_comes_of_it(store: Store) -> None:
    advert = Removed(3, paragraph("Subscribe!"), RemovedKind.NEWSLETTER, "words: newsletter")
    old = kept(store, story(1, removed=(advert,), archived=Archived("pages.warc.gz", 7), published=NOON - HOUR))
    made = again(
        old,
        prose(77),
        title="Another headline",
        standfirst="In short.",
        authors=("The desk",),
        section="Harbour",
        tags=("ferries",),
        language="en",
        published=NOON - 2 * HOUR,
        image=Image("https://a.example/1.jpg", "A ferry"),
        access=Access.METERED,
        removed=(Removed(0, paragraph("Donate."), RemovedKind.DONATION, "words: donation"),),
        apart=(SetApart(1, paragraph("A ferry"), Role.CAPTION),),
    )
    assert store.remake(old, made)
    now = full(store, old.id)
    for name in "title text standfirst authors section tags language published image access archived made_by".split():
        assert getattr(now, name) == getattr(made, name), name
    assert (now.version, now.versions, now.word_count, now.dated) == (1, (), 120, NOON - 2 * HOUR)
    assert [(out.position, out.kind) for out in (*now.removed, *now.apart)] == [(0, "donation"), (1, "caption")]
    assert [hit.id for hit in store.read.search("another", Filters())] == [old.id]
    assert store.read.search('"headline 1"', Filters()) == []
    assert store.outdated(WANTED) == []


def test_what_comes_out_as_it_was_is_no_change(store: Store) -> None:
    old = kept(store, story(1))
    before = columns(store, old.id)
    assert store.remake(old, again(old, old.text))
    assert columns(store, old.id) == {**before, "made_by": "new"}


def columns(store: Store, number: int) -> Mapping[str, Any]:
    with store._engine.connect() as connection:
        return dict(connection.execute(text("SELECT * FROM story WHERE id = :id"), {"id": number}).one()._mapping)


def test_a_change_is_one_for_exports(store: Store) -> None:
    old, other = kept(store, story(1)), kept(store, story(2))
    assert store.remake(old, again(old, prose(9)))
    assert columns(store, old.id)["changed"] > columns(store, other.id)["changed"]


def test_it_finds_its_copies_and_is_no_copy_any_longer(store: Store) -> None:
    wire = prose(5, 200)
    first = store.keep(story(5, wire, site="b.example", published=NOON - 5 * HOUR)).story_id
    old = kept(store, story(1))
    assert store.remake(old, again(old, edited(wire)))
    assert [copy.id for copy in full(store, old.id).copies] == [first]
    (now,) = store.standing([old.id])
    assert store.remake(now, again(now, prose(6), made_by="newer"))
    assert full(store, old.id).copies == ()
    assert full(store, first).cluster is None
    third = store.keep(story(6, edited(prose(6)), site="c.example"))
    assert third.copy_of == old.id, "its likeness keys are those of its text now"
    assert [check.name for check in store.check() if check.faults] == []


@pytest.mark.parametrize("change", ["revised", "cleaned", "deleted", "made"])
def test_what_was_changed_meanwhile_is_left_as_it_is(store: Store, change: str) -> None:
    old = kept(store, story(1))
    if change == "revised":
        store.keep(story(1, old.text + "\n\nThe mayor has resigned since then.", made_by="new"))
    elif change == "cleaned":
        execute(store, "UPDATE story SET text = 'shorter'")
    elif change == "deleted":
        execute(store, "DELETE FROM story")
    else:
        assert store.remake(old, again(old, old.text, made_by="new"))
    before = store.read.story(old.id)
    assert not store.remake(old, again(old, prose(9)))
    assert not store.leave_as_it_is(old, "new")
    assert store.read.story(old.id) == before


def execute(store: Store, statement: str) -> None:
    with store._writing.begin() as connection:
        connection.execute(text(statement))


def test_what_can_be_made_of_nothing_else_is_not_looked_at_again(store: Store) -> None:
    old = kept(store, story(1))
    assert store.leave_as_it_is(old, "new")
    assert full(store, old.id).text == old.text
    assert store.outdated(WANTED) == []


def test_an_address_that_the_page_names_is_its_own_where_it_is_free(store: Store) -> None:
    old, other = kept(store, story(1)), kept(store, story(2))
    free = "https://a.example/news/one"
    assert store.remake(old, moved(old, free))
    assert (full(store, old.id).url, full(store, old.id).fetched_url) == (free, old.url)
    assert store.read.story(free) is not None
    assert store.remake(other, moved(other, free))
    assert full(store, other.id).url == other.canonical_url, "it is the other's"


def moved(standing: Standing, url: str) -> Story:
    signed = sign([url, standing.url], standing.text)
    return again(standing, standing.text, canonical_url=url, addresses=(url, standing.url), fingerprint=signed)


def test_a_fingerprint_of_an_earlier_version_is_made_anew_with_it(store: Store) -> None:
    old = kept(store, story(1))
    execute(store, f"UPDATE story SET fingerprint = {VERSION - 1}")
    execute(store, "DELETE FROM likeness_key")
    assert store.remake(old, again(old, old.text))
    assert columns(store, old.id)["fingerprint"] == VERSION
    assert store.keep(story(3, edited(old.text), site="b.example")).copy_of == old.id


@pytest.mark.parametrize("made", [True, False])
def test_a_fingerprint_is_made_anew_whatever_comes_of_the_page(store: Store, made: bool) -> None:
    old = kept(store, story(1))
    execute(store, f"UPDATE story SET fingerprint = {VERSION - 1}")
    assert store.remake(old, again(old, old.text)) if made else store.leave_as_it_is(old, "new")
    assert store.renew() == (0, False)


def test_the_number_that_the_site_gives_it_leads_to_it_from_then_on(store: Store) -> None:
    old = kept(store, story(1))
    signed = sign([old.canonical_url], old.text, "a.example/#id=4711")
    assert store.remake(old, again(old, old.text, fingerprint=signed))
    other = story(1, old.text, url="https://a.example/other-words-4711", identity="a.example/#id=4711")
    known = replace(other, fingerprint=sign([other.url], old.text, other.identity))
    assert store.keep(known).story_id == old.id


def test_which_are_to_be_made_again(store: Store) -> None:
    numbers = [store.keep(story(n, made_by="old", published=NOON - n * HOUR)).story_id for n in (1, 2, 3)]
    store.keep(story(4, made_by="new"))
    store.keep(story(5, made_by="old", site="b.example"))
    none = store.keep(story(6, published=NOON - 9 * HOUR)).story_id

    def wanted(**conditions: Any) -> list[int]:
        return store.outdated(replace(WANTED, **conditions))

    assert wanted() == [*numbers, none]
    assert wanted(since=NOON - 2 * HOUR) == numbers[:2]
    assert wanted(story=numbers[2]) == [numbers[2]]
    assert [each.id for each in store.standing([numbers[1], 99, numbers[0]])] == numbers[:2]
