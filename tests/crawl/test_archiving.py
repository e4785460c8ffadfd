"""Pages kept as they were fetched: whose, where, and what a story knows of it."""

from __future__ import annotations

import gzip
import json
import os
from functools import partial
from pathlib import Path

import pytest

from newsbot.archive.recall import page_at
from newsbot.store import Store, StoryFull
from tests.archive.exchanges import Record, records
from tests.crawl.test_looks import make_due
from tests.crawl.web import HTML, Answer, Web, page, site_file
from tests.running import Home, until

HOST, OTHER = "calm.example", "other.example"


def crawl(home: Home, web: Web, **environment: str) -> None:
    ended = home.newsbot("crawl", stdin=b"", http_proxy=web.proxy, NEWSBOT_RETRIES="0", **environment)
    assert ended.code == 0, ended.err


def kept(home: Home) -> dict[str, list[Record]]:
    """The records of the archive's files, by name."""
    return {file.name: records(file) for file in sorted((home.path / "archive").glob("*.warc.gz"))}


def pages(home: Home) -> list[tuple[str, str]]:
    """The kinds and addresses of what was answered."""
    told = [record for file in kept(home).values() for record in file if record.kind in ("response", "revisit")]
    return [(record.kind, record.headers["WARC-Target-URI"]) for record in told]


def page_of(home: Home, story: StoryFull) -> bytes:
    """The page that a story refers to, as warcio finds it."""
    assert story.archived is not None
    (record,) = (record for record in kept(home)[story.archived.file] if record.at == story.archived.offset)
    return record.unpacked


def test_each_story_knows_where_its_page_is_as_it_came(home: Home) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    home.site(OTHER, site_file(OTHER))
    with Web() as web:
        first, second = web.publish(HOST, 2)
        web.publish(OTHER, 1)
        packed = gzip.compress(page(second), mtime=0)
        web.pages[second] = Answer(packed, headers={"Content-Encoding": "gzip", "X-Number": "7"})
        crawl(home, web)
    stories = home.stories()
    assert {url for url, story in stories.items() if story.archived} == {first, second}
    assert [page_of(home, stories[url]) for url in (first, second)] == [page(first), page(second)]
    (name,) = kept(home)
    answer = next(r for r in kept(home)[name] if r.headers.get("WARC-Target-URI") == second and r.kind == "response")
    assert answer.body == packed
    assert {("Content-Encoding", "gzip"), ("X-Number", "7"), ("Content-Type", HTML)} <= set(answer.http)
    request = next(
        r for r in kept(home)[name] if r.headers.get("WARC-Concurrent-To") == answer.headers["WARC-Record-ID"]
    )
    assert request.http[0] == ("Host", HOST)
    assert any(name == "User-Agent" and value.startswith("newsbot/") for name, value in request.http)
    assert home.counts()[HOST]["archived"] == 2
    assert "archived" not in home.counts()[OTHER]
    assert list((home.path / "archive").glob("*.open")) == []


def test_everywhere_but_where_a_file_says_no(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    home.site(OTHER, site_file(OTHER, "archive = false\n"))
    with Web() as web:
        urls = web.publish(HOST, 1)
        web.publish(OTHER, 1)
        crawl(home, web, NEWSBOT_ARCHIVE="true")
    assert pages(home) == [("response", urls[0])]


def test_without_it_nothing_is_kept(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        web.publish(HOST, 1)
        crawl(home, web)
    assert not (home.path / "archive").exists()


def test_pages_that_ask_not_to_be_kept_are_not(home: Home) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    with Web() as web:
        by_header, by_page, plain = web.publish(HOST, 3)
        web.pages[by_header] = Answer(page(by_header), headers={"X-Robots-Tag": "nofollow, noarchive"})
        asks = page(by_page).replace(b"<head>", b'<head><meta name="robots" content="noarchive">')
        web.pages[by_page] = Answer(gzip.compress(asks), headers={"Content-Encoding": "gzip"})
        crawl(home, web)
    assert pages(home) == [("response", plain)]
    assert {url: story.archived is None for url, story in home.stories().items()} == {
        by_header: True,
        by_page: True,
        plain: False,
    }, "the stories themselves are kept"
    assert home.counts()[HOST]["noarchive"] == 2


def test_what_has_not_changed_is_noted_and_not_kept_twice(home: Home) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    with Web() as web:
        tagged, plain, revised = web.publish(HOST, 3)
        web.pages[tagged] = Answer(page(tagged), headers={"ETag": '"one"'})
        crawl(home, web)
        before = home.stories()
        make_due(home)
        web.pages[revised] = Answer(
            page(revised).replace(b"</article>", b"<p>The mayor has resigned since.</p></article>")
        )
        crawl(home, web)
        assert web.unchanged == [tagged]
    assert sorted(pages(home)) == sorted(
        [("response", url) for url in (tagged, plain, revised, revised)] + [("revisit", tagged), ("revisit", plain)]
    )
    after = home.stories()
    assert [after[url].archived == before[url].archived for url in (tagged, plain, revised)] == [True, True, False]
    assert [version.archived for version in after[revised].versions] == [before[revised].archived]
    assert b"resigned" in page_of(home, after[revised])
    assert (home.counts()[HOST]["archived"], home.counts()[HOST]["archived.unchanged"]) == (1, 2)


def test_what_holds_no_story_is_kept_too(home: Home) -> None:
    """It may be found to hold one by a later newsbot."""
    home.site(HOST, site_file(HOST, "archive = true\n"))
    with Web() as web:
        (url,) = web.publish(HOST, 1)
        web.pages[url] = Answer(b"<html><body><p>Page not found</p></body></html>", 404)
        crawl(home, web)
    assert pages(home) == [("response", url)]


def test_redirects_lead_to_the_page_that_is_kept(home: Home) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    with Web() as web:
        (url,) = web.publish(HOST, 1)
        moved = f"http://{HOST}/news/moved"
        web.pages[moved], web.pages[url] = web.pages[url], Answer(b"", 302, headers={"Location": moved})
        crawl(home, web)
    assert pages(home) == [("response", moved)]
    assert home.stories()[moved].archived is not None


def test_old_pages_go_and_the_stories_stay(home: Home) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    with Web() as web:
        (url,) = web.publish(HOST, 1)
        crawl(home, web)
        (file,) = (home.path / "archive").iterdir()
        old = file.with_name(f"newsbot-20260101000000-00001-{'-'.join(file.name.split('-')[3:])}")
        file.rename(old)
        os.utime(old, (0, 0))
        with Store.open(f"sqlite:///{home.database}") as store, store._writing.begin() as connection:
            connection.exec_driver_sql("UPDATE story SET archive_file = ?", (old.name,))
        crawl(home, web)
        assert old.exists()
        assert home.stories()[url].archived is not None
        crawl(home, web, NEWSBOT_ARCHIVE_DAYS="30")
    assert not old.exists()
    assert home.stories()[url].archived is None


def test_a_story_is_kept_although_its_page_cannot_be(home: Home) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    home.path.mkdir(exist_ok=True)
    (home.path / "archive").write_text("in the way")
    with Web() as web:
        (url,) = web.publish(HOST, 1)
        crawl(home, web)
    assert home.stories()[url].archived is None
    assert home.counts()[HOST]["error.archive"] == 1
    assert home.last_run().sites[0].outcome == "partial"
    log = (home.path / "log" / "newsbot.log").read_text()
    assert "archive: the archive cannot be written" in log


def test_without_fastwarc_it_is_said_before_anything_is_asked_for(home: Home, tmp_path: Path) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['fastwarc'] = None\n")
    with Web() as web:
        web.publish(HOST, 1)
        path = os.pathsep.join(filter(None, [str(hidden), os.environ.get("PYTHONPATH")]))
        ended = home.newsbot("crawl", http_proxy=web.proxy, PYTHONPATH=path)
        assert web.requests == []
    assert ended.code == 2
    missing = "needs FastWARC, which is not installed."
    assert (
        ended.err
        == f'newsbot: archive = true (for {HOST}): {missing} Install it with: pip install "newsbot[archive]"\n'
    )


def test_show_tells_of_the_page_and_prints_it(home: Home) -> None:
    home.site(HOST, site_file(HOST, "archive = true\n"))
    home.site(OTHER, site_file(OTHER))
    with Web() as web:
        (url,) = web.publish(HOST, 1)
        web.pages[url] = Answer(gzip.compress(page(url)), headers={"Content-Encoding": "gzip"})
        (without,) = web.publish(OTHER, 1)
        crawl(home, web)
    said = json.loads(home.newsbot("show", url, "--json").out)
    assert said["archived"]["file"] in kept(home)
    assert said["made_by"]
    ended = home.newsbot("show", url, "--archived")
    assert (ended.code, ended.out.encode(), ended.err) == (0, page(url), "")
    ended = home.newsbot("show", without, "--archived")
    assert (ended.code, ended.out) == (2, "")
    assert "was not kept. `archive = true` keeps" in ended.err
    (home.path / "archive" / said["archived"]["file"]).unlink()
    ended = home.newsbot("show", url, "--archived")
    assert (ended.code, ended.out) == (1, "")
    assert f"holds no page at byte {said['archived']['offset']}" in ended.err


def holds(home: Home, stories: int) -> bool:
    return home.stored() >= stories


@pytest.mark.parametrize(
    ("any_home", "after"), [("sqlite", 1), ("sqlite", 4), ("sqlite", 8), ("postgresql", 4)], indirect=["any_home"]
)
def test_killed_crawls_leave_no_story_without_its_page(any_home: Home, after: int) -> None:
    home = any_home
    home.site(HOST, site_file(HOST, "archive = true\n"))
    with Web() as web:
        urls = web.publish(HOST, 12)
        for stored in (after, after + 2):
            with home.started("crawl", http_proxy=web.proxy) as process:
                until(partial(holds, home, stored), process)
                process.kill()
                process.communicate()
            home.free()
        marks = [mark.with_suffix("") for mark in (home.path / "archive").glob("*.open")]
        left = {file: file.stat().st_size for file in marks if file.exists()}
        crawl(home, web)
    stories = home.stories()
    assert set(stories) == set(urls)
    for url, story in stories.items():
        assert story.archived is not None
        found = page_at(home.path / "archive", story.archived, HOST, 1_000_000)
        assert found is not None
        assert (found.final_url, found.body) == (url, page(url))
    assert left
    assert left == {file: file.stat().st_size for file in left}, "what a killed one has left is not gone on with"
