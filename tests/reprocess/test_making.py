"""A story made again: of its page, of its blocks, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.archive.files import this_host
from newsbot.archive.writing import Writer
from newsbot.clean import clean
from newsbot.items import Access, Archived, Block, BlockKind, Page, Profile, Removed, RemovedKind, Story, Verdict
from newsbot.process import process, read, recognise, tidy
from newsbot.recipe import recipe
from newsbot.reprocess.differences import difference
from newsbot.reprocess.making import Made, make, of_blocks
from newsbot.sites import Site
from newsbot.store import Kept, Standing, Store, Wanted
from tests.archive.exchanges import exchange
from tests.crawl.web import page as story_page
from tests.crawl.web import paragraphs
from tests.test_process import html

SITE = Site.model_validate({"key": "paper.example", "name": "The Paper", "home": "https://paper.example/"})
URL = "https://paper.example/news/ferry"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOST = 1_000_000
DONATE = "Support our journalism. We depend on readers like you: please donate today, from 3 euros a month."


def page(body: bytes, archived: Archived | None = None) -> Page:
    from newsbot.items import Lead

    return Page(SITE.key, URL, URL, 200, {"content-type": "text/html"}, body, NOON, Lead(URL), archived=archived)


def standing(store: Store) -> Standing:
    """The one story, as whatever recipe is to make it again."""
    (found,) = store.standing(store.outdated(Wanted(SITE.key, "whatever")))
    return found


def entered(store: Store, body: bytes, archived: Archived | None = None) -> Standing:
    assert isinstance(process(page(body, archived), SITE, store), Kept)
    return standing(store)


def made(standing: Standing, folder: Path, site: Site = SITE) -> Made:
    return make(standing, site, Profile(), folder, MOST)


def archived(folder: Path, body: bytes) -> Archived:
    writer = Writer(folder, {})
    place = writer.write(exchange(url=URL, body=body))
    writer.close()
    assert place is not None
    return place


def told(made: Made) -> Story:
    assert made.story is not None
    return made.story


def test_of_its_page_it_comes_out_as_from_a_crawl(store: Store, tmp_path: Path) -> None:
    body = story_page(URL)
    place = archived(tmp_path, body)
    old = entered(store, body, place)
    again = made(old, tmp_path)
    first = tidy(read(page(body, place)), SITE)
    assert isinstance(first, Story)
    assert again.of_page
    assert not again.lost
    assert difference(old, told(again)) is None
    assert told(again).fingerprint == recognise(first).fingerprint
    assert (told(again).archived, told(again).made_by) == (place, recipe(SITE))


def test_of_its_page_it_follows_the_sites_file(store: Store, tmp_path: Path) -> None:
    body = story_page(URL).replace(b"<p>", b'<p class="aside">', 1)
    old = entered(store, body, archived(tmp_path, body))
    site = SITE.model_copy(update={"select": SITE.select.model_copy(update={"remove": (".aside",)})})
    story = told(made(old, tmp_path, site))
    assert story.text == "\n\n".join(paragraphs(URL)[1:])
    found = difference(old, story)
    assert found is not None
    assert found.changes == ("text",)
    assert (found.text_before, found.text) == (old.text, story.text)


def test_what_only_the_feed_said_is_not_forgotten(store: Store, tmp_path: Path) -> None:
    body = story_page(URL)
    place = archived(tmp_path, body)
    announced = replace(page(body, place).lead, published=NOON - timedelta(minutes=7))
    assert isinstance(process(replace(page(body, place), lead=announced), SITE, store), Kept)
    assert told(made(standing(store), tmp_path)).published == NOON - timedelta(minutes=7)


def test_what_is_no_story_any_longer_is_told_by_its_verdict(store: Store, tmp_path: Path) -> None:
    nothing = b"<html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>"
    old = entered(store, story_page(URL), archived(tmp_path, nothing))
    again = made(old, tmp_path)
    assert again.story is None
    assert again.verdict in (Verdict.SOFT_404, Verdict.EMPTY)


@pytest.mark.parametrize("offset", [0, 5, 10**9])
def test_a_page_that_cannot_be_read_is_lost_and_the_blocks_are_there(store: Store, tmp_path: Path, offset: int) -> None:
    body = story_page(URL)
    old = entered(store, body, replace(archived(tmp_path, body), offset=offset))
    again = made(old, tmp_path)
    assert (again.of_page, again.lost) == (False, True)
    assert told(again).text == old.text


def test_a_file_that_is_not_there_is_lost_or_on_another_machine(store: Store, tmp_path: Path) -> None:
    name = "newsbot-20260302120000-00001-{}-1.warc.gz"
    old = entered(store, story_page(URL), Archived(name.format(this_host()), 0))
    assert made(old, tmp_path).lost
    other = replace(old, archived=Archived(name.format("elsewhere.example"), 0))
    assert made(other, tmp_path) == Made(None, elsewhere=True)
    unknown = replace(old, archived=Archived("other.warc.gz", 0))
    assert made(unknown, tmp_path).lost


PAGES = {
    "plain": story_page(URL),
    "with what is taken out": html(),
    "with a donation": story_page(URL).replace(b"</article>", f"<p>{DONATE}</p></article>".encode()),
    "with a box": story_page(URL).replace(
        b"</article>", b'<div class="related"><p>More of this: the bridge</p></div><p>It ends here.</p></article>'
    ),
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_of_its_blocks_it_comes_out_as_it_was_where_nothing_has_changed(store: Store, body: bytes | str) -> None:
    old = entered(store, body if isinstance(body, bytes) else body.encode())
    story = of_blocks(old, SITE, Profile())
    assert story is not None
    assert difference(old, story) is None
    assert [(each.position, each.why) for each in story.removed] == [(each.position, each.why) for each in old.removed]
    assert story.archived is None


def blocks(store: Store, kept: Iterable[str], removed: Iterable[Removed] = ()) -> Standing:
    """A story with these paragraphs in its text, and these blocks taken out."""
    first = tidy(read(page(story_page(URL))), SITE)
    assert isinstance(first, Story)
    story = replace(first, text="\n\n".join(kept), removed=tuple(removed), apart=(), made_by=None)
    store.keep(recognise(story))
    return standing(store)


def test_of_its_blocks_what_is_known_by_now_goes(store: Store) -> None:
    old = blocks(store, [*paragraphs(URL), DONATE])
    story = of_blocks(old, SITE, Profile())
    assert story is not None
    assert story.text == "\n\n".join(paragraphs(URL))
    assert [(each.position, each.kind) for each in story.removed] == [(5, RemovedKind.DONATION)]


def test_of_its_blocks_what_was_taken_out_for_its_words_may_come_back(store: Store) -> None:
    first, second, *rest = paragraphs(URL)

    def out(why: str) -> Standing:
        block = Block(BlockKind.PARAGRAPH, second)
        return blocks(store, [first, *rest], [Removed(1, block, RemovedKind.DONATION, why)])

    back = of_blocks(out("words: donation (support)"), SITE, Profile())
    assert back is not None
    assert back.text == "\n\n".join(paragraphs(URL))
    assert back.removed == ()


@pytest.mark.parametrize("why", ["markup: class related", "words: share (share); markup: class share", "run: share",
                                 "repeated: stands on many of the site's stories", "too many links"])  # fmt: skip
def test_of_its_blocks_what_was_taken_out_for_more_stays_out(store: Store, why: str) -> None:
    first, second, *rest = paragraphs(URL)
    block = Block(BlockKind.PARAGRAPH, second)
    old = blocks(store, [first, *rest], [Removed(1, block, RemovedKind.SHARE, why)])
    story = of_blocks(old, SITE, Profile())
    assert story is not None
    assert difference(old, story) is None


def test_of_its_blocks_nothing_is_made_where_nothing_would_be_left(store: Store) -> None:
    assert clean([DONATE]).kept == ()
    old = blocks(store, [DONATE])
    assert of_blocks(old, SITE, Profile()) is None
    assert made(old, Path("/nowhere")) == Made(None, Verdict.EMPTY)
    assert of_blocks(replace(old, access=Access.PAYWALLED), SITE, Profile()) is not None
