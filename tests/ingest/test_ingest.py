"""`newsbot ingest` as people run it: what is kept of an archive, what is told of the rest; files that are broken."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.store import Filters, RunKind, Store
from tests.archive.warc import NOON, Packer, gzipped, plain, response, warc, zstandard
from tests.crawl import same
from tests.crawl.web import page
from tests.ingest import archives
from tests.ingest.archives import PAPERS, SETTINGS, STORIES, address
from tests.running import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", SETTINGS)


@pytest.mark.parametrize("pack", [gzipped, zstandard, plain])
def test_the_stories_of_an_archive_are_kept_as_if_they_had_been_crawled(home: Home, pack: Packer) -> None:
    file = archives.put(home, pack=pack)
    ended = home.newsbot("ingest", str(file))
    assert ended.code == 0, ended.err
    with home.read() as read:
        stories = read.stories(Filters())
        sites = {site.key: site for site in read.sites()}
    assert len(stories) == 2 * STORIES
    assert {story.first_seen for story in stories} == {NOON + timedelta(minutes=n) for n in range(STORIES)}
    assert sites["a.example"].name == "a.example"
    assert (sites["b.example"].home, sites["b.example"].stories) == ("https://b.example/", STORIES)
    counts = home.counts()
    assert counts["a.example"] == {
        "fetched": STORIES + 1,
        "new": STORIES,
        "dropped.empty": 1,
        "skipped.http_404": STORIES,
        "recleaned": counts["a.example"]["recleaned"],
    }
    assert (counts["b.example"]["copy"], counts["b.example"]["new"]) == (2, STORIES - 2)
    run = home.last_run()
    assert (run.kind, run.outcome) == (RunKind.INGEST, "ok")
    assert not any("letter box" in story.text for story in home.stories().values())  # what a paper repeats is learned
    assert "skipped.http_404 12 (HTTP 404: not found)" in ended.err


def test_a_file_that_was_read_is_known_whatever_its_name(home: Home) -> None:
    file = archives.put(home)
    assert home.newsbot("ingest", str(file)).code == 0
    before = same.contents(f"sqlite:///{home.database}")
    moved = file.rename(file.with_name("another.warc.gz"))
    ended = home.newsbot("ingest", str(moved))
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("another.warc.gz: was read on ")
    again = home.newsbot("ingest", "--again", "--json", str(moved))
    said = json.loads(again.out)
    assert (said["exit_code"], said["files"][0]["counts"]["same"]) == (0, 2 * STORIES)
    assert same.differences(before, same.contents(f"sqlite:///{home.database}")) == []


def test_an_archive_comes_through_a_pipe(home: Home) -> None:
    file = archives.put(home)
    ended = home.newsbot("ingest", "--quiet", "-", stdin=file.read_bytes())
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert home.stored() == 2 * STORIES
    assert "was read on" in home.newsbot("ingest", str(file)).err


@pytest.mark.parametrize("chosen", [["--known"], ["--site", "a.example"]])
def test_pages_of_other_sites_are_passed_over(home: Home, chosen: list[str]) -> None:
    file = archives.put(home)
    said = json.loads(home.newsbot("ingest", *chosen, "--json", str(file)).out)
    assert set(said["files"][0]["sites"]) == {"a.example"}
    assert said["files"][0]["counts"]["skipped.other_site"] == STORIES
    with home.read() as read:
        assert [site.key for site in read.sites()] == ["a.example"]


def test_a_site_that_is_not_known_is_no_choice(home: Home) -> None:
    file = archives.put(home)
    ended = home.newsbot("ingest", "--site", "b.example", str(file))
    assert ended.code == 2
    assert "b.example" in ended.err


def test_what_a_sites_file_does_not_let_through_is_no_story(home: Home) -> None:
    file = archives.put(home)
    home.site("a.example", 'name = "A"\nhome = "http://www.a.example/"\nskip = ["story-1"]\n')
    assert home.newsbot("ingest", str(file)).code == 0
    assert home.counts()["a.example"]["skipped.site_file"] == 3  # 1, 10 and 11


def test_an_older_capture_overwrites_nothing(home: Home) -> None:
    url = address("a.example", 1)
    file = archives.put(home)

    def captured(words: str, days: int) -> bytes:
        return response(url, page(url, words * 12), NOON + timedelta(days=days))

    def read(name: str, *captures: bytes) -> None:
        path = file.with_name(name)
        path.write_bytes(warc(captures, name=name))
        assert home.newsbot("ingest", str(path)).code == 0

    read("late.warc.gz", captured("The bridge is closed for three weeks. ", 5))
    read("early.warc.gz", captured("The bridge will be closed on Monday. ", 1), captured("Now it is closed. ", 3))
    (story,) = home.stories().values()
    assert story.text.startswith("The bridge is closed for three weeks.")
    assert (story.version, story.first_seen) == (3, NOON + timedelta(days=1))
    assert [version.text[:9] for version in story.versions] == ["The bridg", "Now it is"]


def test_a_story_of_an_archive_is_not_fetched_again_for_its_age(home: Home) -> None:
    assert home.newsbot("ingest", str(archives.put(home))).code == 0
    with Store.open(f"sqlite:///{home.database}") as store:
        assert [store.due(site, datetime.now(UTC), 100) for site in PAPERS] == [[], []]


def test_an_archive_tells_nothing_of_how_a_site_is_today(home: Home) -> None:
    assert home.newsbot("ingest", str(archives.put(home))).code == 0
    with home.read() as read:
        assert {(row.next_due, row.last_visit) for row in read.schedule()} == {(None, None)}
        assert {(site.state, site.last_visit) for site in read.sites()} == {("new", None)}


# -- what is broken ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [20, 21, 24], ids=["a request", "a page", "an answer that is passed over"])
def test_a_file_that_is_cut_off_is_read_on_when_the_rest_has_come(home: Home, last: int) -> None:
    file = archives.put(home)
    members = list(map(gzipped, archives.records()))
    file.write_bytes(b"".join(members[:last]) + members[last][: len(members[last]) // 2])
    ended = home.newsbot("ingest", str(file))
    assert ended.code == 1
    assert f"{file}: ends in the middle of a record" in ended.err
    assert home.stored() == 8 + (last > 23) * 2
    file.write_bytes(b"".join(members))
    assert home.newsbot("ingest", str(file)).code == 0
    assert home.stored() == STORIES * 2


def test_a_damage_is_told_and_costs_what_is_damaged_alone(home: Home) -> None:
    file = archives.put(home)
    members = [gzipped(each) for each in archives.records()]
    members[11] = bytes(60) + members[11][60:]
    file.write_bytes(b"".join(members))
    ended = home.newsbot("ingest", str(file))
    assert ended.code == 1
    assert f"{file}: is damaged; what could be read around the damage was." in ended.err
    assert sum(site.get("fetched", 0) for site in home.counts().values()) == STORIES * 2
    assert "was read on" in home.newsbot("ingest", str(file)).err


@pytest.mark.parametrize(
    ("content", "said"), [(b"<html>no archive", "there is no WARC record in it"), (None, "No such file")]
)
def test_what_is_no_archive_costs_the_others_nothing(home: Home, content: bytes | None, said: str) -> None:
    good, bad = archives.put(home), home.path.parent / "bad.warc.gz"
    if content is not None:
        bad.write_bytes(content)
    ended = home.newsbot("ingest", str(bad), str(good))
    assert ended.code == 1
    assert f"newsbot: {bad}: " in ended.err
    assert said in ended.err
    assert home.stored() == 2 * STORIES
