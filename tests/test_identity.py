"""Several addresses of one story: one row, and all of its addresses are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsbot.fingerprint import identity_keys, url_key
from newsbot.items import Lead, Page, Story
from newsbot.process import process, read, recognise, tidy
from newsbot.sites import Site
from newsbot.store import Kept, Outcome, Store, StoryFull

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOME = "https://www.quay-echo.example/"
FIRST = HOME + "2026/03/02/ice-closes-the-harbour-4711"
RENAMED = HOME + "2026/03/02/harbour-closed-by-ice-until-friday-4711"
TEXTS = (
    "The harbour has been closed since dawn, when the ice on its western side had grown thicker than a hand is wide.",
    "Two trawlers lie off the mole with their catch on board; the cooks of the town have begun to telephone them.",
    "An ice-breaker is on its way from the north and is expected tomorrow, if the wind does not turn before it comes.",
    "Last time, nine winters ago, the crews walked ashore and were given soup by the school whose yard they crossed.",
)
LATER = "By the evening the pilot had measured again and said that nobody was to sail before Friday at the earliest."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'newsbot.db'}") as opened:
        yield opened


def site(**values: Any) -> Site:
    return Site(**{"key": "quay-echo.example", "name": "Quay Echo", "home": HOME, **values})


NUMBERED = site(story_id=r"-(\d+)$")


def page(url: str, *more: str, canonical: str = "", final: str = "", via: tuple[str, ...] = (), hour: int = 0) -> Page:
    paragraphs = "".join(f"<p>{text}</p>" for text in (*TEXTS, *more))
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    body = (
        f'<html lang="en"><head><title>Ice closes the harbour</title>{link}</head><body><article>'
        f"<h1>Ice closes the harbour</h1><div class='article-body'>{paragraphs}</div></article></body></html>"
    )
    when = NOON + timedelta(hours=hour)
    headers = {"content-type": "text/html; charset=utf-8"}
    return Page("quay-echo.example", url, final or url, 200, headers, body.encode(), when, Lead(url), via)


def told(fetched: Page, of: Site) -> Story:
    story = tidy(read(fetched), of)
    assert isinstance(story, Story), story
    return recognise(story)


def stored(store: Store, kept: object) -> StoryFull:
    assert isinstance(kept, Kept), kept
    story = store.read.story(kept.story_id)
    assert story is not None
    return story


def addresses(store: Store, kept: object) -> set[str]:
    return {url_key(address.url) for address in stored(store, kept).addresses} - {url_key(HOME)}


# -- redirects ---------------------------------------------------------------------------------------------------------


def test_every_address_on_the_way_leads_to_the_story(store: Store) -> None:
    asked, short, login = "http://go.example/x71", HOME + "?p=4711", "https://sso.example/login?for=4711"
    kept = process(page(asked, final=FIRST, via=(asked, login, short)), site(), store)
    assert addresses(store, kept) == {url_key(asked), url_key(short), url_key(FIRST)}
    for address in (asked, short, FIRST):
        found = store.read.story(address)
        assert found is not None
        assert found.id == stored(store, kept).id
    assert store.read.story(login) is None
    again = process(page(short, LATER, hour=1), site(), store)
    assert isinstance(again, Kept)
    assert (again.outcome, again.story_id) == (Outcome.CHANGED, stored(store, kept).id)


def test_the_sites_own_consent_page_is_no_address_of_a_story(store: Store) -> None:
    wall = HOME + "consent"
    kept = process(page(FIRST, via=(FIRST, wall)), site(), store)
    assert addresses(store, kept) == {url_key(FIRST)}
    assert store.read.story(wall) is None


# -- the site's own numbers --------------------------------------------------------------------------------------------


def test_a_story_whose_slug_and_text_change_is_one_by_its_number(store: Store) -> None:
    first = process(page(FIRST), NUMBERED, store)
    again = process(page(RENAMED, LATER, hour=1), NUMBERED, store)
    assert isinstance(first, Kept)
    assert isinstance(again, Kept)
    assert (again.outcome, again.story_id) == (Outcome.CHANGED, first.story_id)
    story = stored(store, again)
    assert story.url == RENAMED
    assert story.text.endswith(LATER)
    assert {url_key(FIRST), url_key(RENAMED)} <= addresses(store, again)


def test_without_the_sites_rule_they_are_two(store: Store) -> None:
    first, again = (process(each, site(), store) for each in (page(FIRST), page(RENAMED, LATER, hour=1)))
    assert isinstance(first, Kept)
    assert isinstance(again, Kept)
    assert first.story_id != again.story_id


def test_a_site_file_that_gets_a_rule_still_finds_what_was_kept_before(store: Store) -> None:
    first = process(page(FIRST), site(), store)
    again = process(page(FIRST, hour=1), NUMBERED, store)
    renamed = process(page(RENAMED, LATER, hour=2), NUMBERED, store)
    assert all(isinstance(kept, Kept) for kept in (first, again, renamed))
    assert len({stored(store, kept).id for kept in (first, again, renamed)}) == 1


def test_a_page_that_claims_another_storys_number_is_not_believed(store: Store) -> None:
    other = HOME + "2026/03/02/baker-wins-the-regatta-4712"
    first = process(page(FIRST), NUMBERED, store)
    story = told(page(other, LATER, canonical=FIRST), NUMBERED)
    assert story.canonical_url == other
    assert story.identity == "quay-echo.example/#id=4712"
    kept = store.keep(replace(story, title="Baker wins the regatta"))
    assert kept.story_id != stored(store, first).id


def test_the_keys_of_a_story_are_its_address_its_number_and_the_other_addresses() -> None:
    story = told(page("http://go.example/x71", final=FIRST + "?edition=morning", canonical=FIRST), NUMBERED)
    number = identity_keys(FIRST, NUMBERED.key, NUMBERED.id_in(FIRST))[1]
    assert story.fingerprint.url_keys == (
        url_key(FIRST),
        number,
        url_key(FIRST + "?edition=morning"),
        "go.example/x71",
    )


def test_a_number_in_the_address_before_the_redirect_counts_where_the_later_ones_have_none() -> None:
    assert told(page(FIRST, final=HOME + "ice"), NUMBERED).identity == "quay-echo.example/#id=4711"
    assert told(page(HOME + "ice"), NUMBERED).identity == ""
