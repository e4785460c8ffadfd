"""`newsbot reprocess`: what it tells, what it asks, and that it goes on where it was broken off."""

from __future__ import annotations

import json
import signal
from contextlib import closing
from sqlite3 import connect

import pytest
from sqlalchemy import NullPool, create_engine

from newsbot.archive.writing import Writer
from newsbot.items import Archived, Lead, Page
from newsbot.process import process
from newsbot.recipe import recipe
from newsbot.sites import Site, load_site
from newsbot.store import Kept, Store
from tests.archive.exchanges import NOON, exchange
from tests.crawl.web import page, paragraphs, site_file
from tests.running import Ended, Home, until

HOST = "calm.example"
STORIES = 3


def url(number: int) -> str:
    return f"http://{HOST}/news/story-{number}"


def aside(number: int) -> str:
    """What stands between the paragraphs of a story and is none of it: another text on each page, which nobody but the
    site's file can know."""
    return paragraphs(f"aside {number}")[0]


def body(number: int) -> bytes:
    return page(url(number)).replace(b"</p><p>", f'</p><p class="aside">{aside(number)}</p><p>'.encode(), 1)


def fill(home: Home, stories: int) -> None:
    """Stories with their pages in the archive; in their text stands what does not belong there."""
    site = load_site(home.site(HOST, site_file(HOST)))
    writer = Writer(home.path / "archive", {})
    with Store.open(home.url) as store:
        for number in range(1, stories + 1):
            place = writer.write(exchange(url=url(number), body=body(number)))
            fetched = Page(
                HOST, url(number), url(number), 200, {}, body(number), NOON, Lead(url(number)), archived=place
            )
            assert isinstance(process(fetched, site, store), Kept)
            story = store.read.story(url(number))
            assert story is not None
            assert aside(number) in story.text
    writer.close()


@pytest.fixture
def stocked(home: Home) -> Home:
    """Three stories whose site's file has learned since what to remove."""
    fill(home, STORIES)
    home.site(HOST, site_file(HOST, '[select]\nremove = [".aside"]\n'))
    return home


def texts(home: Home) -> dict[str, str]:
    return {url: story.text for url, story in home.stories().items()}


def all_of(stories: int) -> dict[str, str]:
    return {url(number): "\n\n".join(paragraphs(url(number))) for number in range(1, stories + 1)}


def test_stories_are_made_again_without_a_version_and_a_second_time_there_is_nothing_to_do(stocked: Home) -> None:
    before = stocked.stories()
    ended = stocked.newsbot("reprocess", "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert lines(ended) == {"made again, and different": "3", "read from the archive": "3", "other text": "3"}
    assert texts(stocked) == all_of(STORIES)
    for address, story in stocked.stories().items():
        assert (story.version, story.versions) == (1, ())
        assert story.archived == before[address].archived
        assert (story.first_seen, story.last_seen) == (before[address].first_seen, before[address].last_seen)
    again = stocked.newsbot("reprocess")
    assert (again.code, again.out) == (0, "")
    assert again.err == "all stories are what this newsbot makes of their pages\n"


def lines(ended: Ended) -> dict[str, str]:
    """The rows of the table."""
    return dict(line.split("\t") for line in ended.out.splitlines() if "\t" in line and line != "what\tstories")


def test_a_dry_run_shows_what_would_change_and_changes_nothing(stocked: Home) -> None:
    before = stocked.database.read_bytes()
    ended = stocked.newsbot("reprocess", "--dry-run")
    assert (ended.code, ended.err) == (0, "nothing was changed: --dry-run\n")
    assert f"[-{aside(1)}" in ended.out
    assert url(1) in ended.out
    assert lines(ended) == {"made again, and different": "3", "read from the archive": "3", "other text": "3"}
    assert stocked.database.read_bytes() == before
    assert lines(stocked.newsbot("reprocess", "--yes")) == lines(ended), "it told what comes of it"


def test_for_programs(stocked: Home) -> None:
    said = json.loads(stocked.newsbot("reprocess", "--dry-run", "--json").out)
    assert said["counts"] == {"changed": 3, "of_page": 3}
    assert (said["outdated"], said["changes"], said["interrupted"]) == (3, {"text": 3}, False)
    assert {found["url"] for found in said["sample"]} == set(all_of(STORIES))


def test_nobody_is_there_to_be_asked(stocked: Home) -> None:
    before = texts(stocked)
    ended = stocked.newsbot("reprocess")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("newsbot: 3 stories would be made again, and nobody is here to be asked.")
    assert texts(stocked) == before


def test_only_some(stocked: Home) -> None:
    number = stocked.stories()[url(2)].id
    assert lines(stocked.newsbot("reprocess", "--yes", "--story", str(number)))["made again, and different"] == "1"
    assert texts(stocked)[url(2)] == all_of(STORIES)[url(2)]
    assert aside(1) in texts(stocked)[url(1)]
    assert stocked.newsbot("reprocess", "--yes", "--since", "2026-03-03").out == "", "they are of the day before"
    assert stocked.newsbot("reprocess", "--site", "other.example").code == 2


def test_a_site_whose_file_is_broken_is_left_alone(stocked: Home) -> None:
    before = texts(stocked)
    stocked.site(HOST, "name = 7\n")
    ended = stocked.newsbot("reprocess", "--yes")
    assert ended.code == 1
    assert "calm.example.toml: key 'name'" in ended.err
    assert "the stories of this site are left as they are" in ended.err
    assert texts(stocked) == before


def test_a_site_without_a_file_any_longer_has_one_that_says_nothing(stocked: Home) -> None:
    (stocked.path / "sites" / f"{HOST}.toml").unlink()
    ended = stocked.newsbot("reprocess", "--yes")
    assert ended.err.startswith("all stories are"), "so they were made at first"


def test_without_pages_the_blocks_are_cleaned_anew(stocked: Home) -> None:
    for file in (stocked.path / "archive").iterdir():
        file.unlink()
    ended = stocked.newsbot("reprocess", "--yes")
    assert lines(ended) == {
        "made again, and the same": "3",
        "put together from their blocks": "3",
        "pages that should have been in the archive": "3",
    }
    assert stocked.newsbot("reprocess").err.startswith("all stories are")


def test_pages_of_another_machine_are_left_to_it(stocked: Home) -> None:
    before = texts(stocked)
    name = "newsbot-20260302120000-00001-elsewhere.example-1.warc.gz"
    with closing(connect(stocked.database)) as database:
        database.execute("UPDATE story SET archive_file = ?", (name,))
        database.commit()
    assert lines(stocked.newsbot("reprocess", "--yes")) == {"left for the machine that has their pages": "3"}
    assert texts(stocked) == before
    (ours,) = (stocked.path / "archive").iterdir()
    ours.rename(ours.with_name(name))
    assert lines(stocked.newsbot("reprocess", "--yes"))["made again, and different"] == "3"


@pytest.mark.parametrize(
    ("any_home", "after"), [("sqlite", 1), ("sqlite", 7), ("sqlite", 20), ("postgresql", 7)], indirect=["any_home"]
)
def test_a_killed_one_goes_on_where_it_was(any_home: Home, after: int) -> None:
    home, stories = any_home, 30
    fill(home, stories)
    home.site(HOST, site_file(HOST, '[select]\nremove = [".aside"]\n'))
    with home.started("reprocess", "--yes", NEWSBOT_WORKERS="1") as process:
        until(lambda: made_again(home) >= after, process)
        process.kill()
        process.wait()
    done = made_again(home)
    assert done >= after
    ended = home.newsbot("reprocess", "--yes")
    if done < stories:
        assert lines(ended)["made again, and different"] == str(stories - done), "none twice, and none left out"
    assert texts(home) == all_of(stories)
    assert {(story.version, story.versions) for story in home.stories().values()} == {(1, ())}
    checked = home.newsbot("db", "check")
    assert checked.code == 0, checked.out


def made_again(home: Home) -> int:
    """How many stories something else has made than the first."""
    engine = create_engine(home.url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT made_by, count(*) FROM story GROUP BY made_by").all()
    return int(sum(number for name, number in told if name != made_at_first()))


def made_at_first() -> str:
    return recipe(Site.model_validate({"key": HOST, "name": HOST, "home": f"http://{HOST}/"}))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_after_the_stories_at_work(home: Home, number: signal.Signals) -> None:
    fill(home, 30)
    home.site(HOST, site_file(HOST, '[select]\nremove = [".aside"]\n'))
    with home.started("reprocess", "--yes", NEWSBOT_WORKERS="1") as process:
        until(lambda: made_again(home) >= 3, process)
        process.send_signal(number)
        _, err = process.communicate()
    left = 30 - made_again(home)
    if left:
        assert process.returncode == 128 + number
        assert f"{number.name}: {left} are left; run it again to go on" in err.decode()
    assert home.newsbot("reprocess", "--yes").code == 0
    assert texts(home) == all_of(30)


def test_a_crawl_comes_first(stocked: Home) -> None:
    """What a crawl keeps is made by the present recipe; older pages do not come over it."""
    site = load_site(stocked.path / "sites" / f"{HOST}.toml")
    newer = page(url(1)).replace(b"</article>", b"<p>The mayor has resigned since then.</p></article>")
    with Store.open(f"sqlite:///{stocked.database}") as store:
        process(Page(HOST, url(1), url(1), 200, {}, newer, NOON, Lead(url(1))), site, store)
    assert lines(stocked.newsbot("reprocess", "--yes"))["made again, and different"] == "2"
    assert texts(stocked)[url(1)].endswith("The mayor has resigned since then.")


def test_a_page_that_holds_no_story_any_longer_leaves_the_story_as_it_is(stocked: Home) -> None:
    writer = Writer(stocked.path / "archive", {})
    place = writer.write(
        exchange(url=url(1), body=b"<html><title>Page not found</title><h1>Page not found</h1></html>")
    )
    writer.close()
    assert isinstance(place, Archived)
    with closing(connect(stocked.database)) as database:
        said = (place.file, place.offset, url(1))
        database.execute("UPDATE story SET archive_file = ?, archive_offset = ? WHERE url = ?", said)
        database.commit()
    ended = stocked.newsbot("reprocess", "--yes")
    assert 'left as they were; now: says "not found" with status 200\t1' in ended.out
    assert aside(1) in texts(stocked)[url(1)]
    assert stocked.newsbot("reprocess").err.startswith("all stories are")
