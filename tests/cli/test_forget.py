"""`newsbot forget`: what it asks, what it deletes, and that the next crawl does not bring it back."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from newsbot.items import Archived
from newsbot.store import Store
from tests.running import DEADLINE, Ended, Home
from tests.store.build import HOUR, NOON, story


@pytest.fixture
def stocked(home: Home) -> Home:
    """Seven stories, an hour between two of them; 7 is the oldest."""
    with Store.open(f"sqlite:///{home.database}") as store:
        for number in range(1, 8):
            store.keep(story(number, published=NOON - number * HOUR))
    return home


def asked(home: Home, answer: str, *arguments: str) -> Ended:
    """newsbot with a person at the terminal, who answers so."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "rb") as terminal:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "newsbot", "forget", *arguments],
            env=home.env(),
            stdin=terminal,
            capture_output=True,
            timeout=DEADLINE,
            check=False,
        )
    os.close(ours)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_script_says_yes(stocked: Home) -> None:
    ended = stocked.newsbot("forget", "--before", "2026-03-02T09:00Z", "--yes")
    assert (ended.code, ended.out, ended.err) == (0, "", "4 stories forgotten\n")
    assert set(stocked.stories()) == {f"https://a.example/{number}" for number in (1, 2, 3)}


def test_it_names_the_files_that_hold_pages_of_them_still(home: Home) -> None:
    pages = [Archived(f"newsbot-2026030{n}120000-00001-here-1.warc.gz", 0) for n in (1, 2, 3)]
    with Store.open(f"sqlite:///{home.database}") as store:
        store.keep(story(1, archived=pages[0]))
        store.keep(story(1, story(1).text + "\n\nThe mayor has resigned since then.", archived=pages[1]))
        store.keep(story(2, archived=pages[2]))
    ended = home.newsbot("forget", "--url", "https://a.example/1", "--yes")
    told = ["1 story forgotten", "pages of them, as fetched, are in the archive still; they go with their files:"]
    assert ended.err.splitlines() == [*told, *(f"  {home.path / 'archive' / page.file}" for page in pages[:2])]


def test_without_a_person_and_without_yes_nothing_is_deleted(stocked: Home) -> None:
    ended = stocked.newsbot("forget", "--site", "a.example")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "newsbot: 7 stories would be deleted, and nobody is here to be asked. Add --yes.\n"
    assert stocked.stored() == 7


def test_a_person_is_shown_what_would_go_and_asked(stocked: Home) -> None:
    refused = asked(stocked, "n", "--site", "a.example")
    assert refused.code == 1
    assert "a.example  Headline 7\n" in refused.err
    assert "and 2 more\n" in refused.err
    assert "Delete 7 stories? [y/N]" in refused.err
    assert stocked.stored() == 7
    agreed = asked(stocked, "y", "--url", "https://a.example/3")
    assert agreed.code == 0
    assert agreed.err.endswith("1 story forgotten\n")
    assert stocked.stored() == 6


def test_what_matches_nothing_is_said(stocked: Home) -> None:
    ended = stocked.newsbot("forget", "--url", "https://a.example/never", "--yes")
    assert (ended.code, ended.err) == (0, "no story is like that; nothing was forgotten\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Say which to forget"),
        (["--site", "a.exampel"], "Did you mean a.example?"),
        (["--before", "some day"], "yesterday"),
        (["--url", "x"], "http"),
    ],
)
def test_a_choice_that_makes_no_sense_is_told(stocked: Home, options: list[str], said: str) -> None:
    ended = stocked.newsbot("forget", *options, "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert stocked.stored() == 7


def test_without_a_database_none_is_made(home: Home) -> None:
    assert home.newsbot("forget", "--site", "a.example", "--yes").code == 1
    assert not home.database.exists()


def test_the_next_crawl_asks_for_no_forgotten_story(tmp_path: Path) -> None:
    from newsbot.demo.web import DemoWeb, site_files
    from tests.conftest import is_story

    with DemoWeb() as web:
        home = Home(tmp_path, {"http_proxy": web.proxy_url})
        for name, text in site_files().items():
            home.site(name.removesuffix(".toml"), text)
        assert home.newsbot("crawl").code == 0
        assert home.newsbot("forget", "--site", "lantern-post.example", "--yes").code == 0
        web.edition = 2
        before = len(web.requests)
        assert home.newsbot("crawl").code == 0
        asked_for = [each for each in web.requests[before:] if is_story(each.path)]
    assert asked_for
    assert {each.host for each in asked_for} == {"www.harbour-courier.example"}
    assert {stored.site for stored in home.stories().values()} == {"harbour-courier.example"}
