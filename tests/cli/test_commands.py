"""The other commands: sites, extract, demo, and the help of all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from newsbot.demo.web import DemoWeb, expected
from newsbot.sites import load_sites
from tests.conftest import Demo
from tests.crawl.web import page, paragraphs, title
from tests.running import Ended, Home

Newsbot = Callable[..., Ended]

URL = "http://calm.example/news/story-1"
COMMANDS = ["crawl", "stories", "search", "show", "export", "stats", "runs", "forget", "db", "sites", "extract", "demo"]


# sites ---------------------------------------------------------------------------------------------------------------


def test_sites_lists_the_catalogue_and_the_users_own(demo: Demo) -> None:
    ended = demo.home.newsbot("sites", NEWSBOT_CATALOGUE="true")
    assert (ended.code, ended.err) == (0, "")
    head, *lines = ended.out.splitlines()
    assert head.split() == ["key", "language", "country", "sources", "enabled", "verified", "name"]
    own = {"harbour-courier.example", "lantern-post.example"}
    assert {line.split()[0] for line in lines} == own | set(load_sites(None).sites)


def test_sites_in_json_are_whole(run_newsbot: Newsbot) -> None:
    sites = [json.loads(line) for line in run_newsbot("sites", "--json").out.splitlines()]
    assert [site["key"] for site in sites] == ["harbour-courier.example", "lantern-post.example"]
    assert sites[0]["feeds"][0] == "http://www.harbour-courier.example/feed.atom"


def test_where_the_one_site_has_a_faulty_file_that_is_what_is_told(home: Home) -> None:
    file = home.site("broken.example", "nam = 1")
    ended = home.newsbot("crawl", "--due", "--quiet")
    assert ended.code == 2
    assert ended.err.startswith(f"newsbot: {file}: key 'name' is missing")


def test_sites_tells_of_files_with_faults(home: Home) -> None:
    file = home.site("broken.example", 'name = "Broken')
    ended = home.newsbot("sites")
    assert ended.code == 2
    assert f"newsbot: {file}: is not TOML" in ended.err


# extract -------------------------------------------------------------------------------------------------------------


def test_extract_prints_the_story_of_a_file(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(page(URL))
    ended = home.newsbot("extract", str(file), "--url", URL)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{title(URL)}\n\n" + "\n\n".join(paragraphs(URL)) + "\n"


def test_extract_takes_stdin_and_gives_json(home: Home) -> None:
    ended = home.newsbot("extract", "-", "--json", stdin=page(URL))
    said = json.loads(ended.out)
    assert ended.code == 0
    assert (said["title"], said["text"].split("\n\n")) == (title(URL), paragraphs(URL))
    assert said["verdict"] == "story"
    assert said["removed"] == []


def test_extract_fetches_an_address_and_takes_out_what_is_no_story(home: Home) -> None:
    url, story = next((url, story) for url, story in expected(1).items() if not story.paywalled)
    with DemoWeb() as web:
        ended = home.newsbot("extract", url, http_proxy=web.proxy_url)
    assert ended.code == 0, ended.err
    assert ended.out.startswith(story.title)
    assert ended.out.endswith("\n\n".join(story.paragraphs) + "\n")
    assert [text for text in story.promotional if text in ended.out] == []


def test_page_without_a_story_ends_with_1(home: Home) -> None:
    ended = home.newsbot("extract", "-", stdin=b"<html><title>Nothing</title><body></body></html>")
    assert ended.code == 1
    assert "holds no story (empty)" in ended.err
    assert ended.out == ""


def test_file_that_is_not_there_is_told(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "no.html"
    ended = home.newsbot("extract", str(file))
    assert (ended.code, ended.out) == (1, "")
    assert str(file) in ended.err
    assert ended.err.count("\n") == 1


def test_address_that_cannot_be_fetched_is_told(home: Home) -> None:
    with DemoWeb() as web:
        ended = home.newsbot("extract", "http://www.lantern-post.example/never", http_proxy=web.proxy_url)
    assert ended.code == 1
    assert "404" in ended.err
    assert ended.err.count("\n") == 1


# demo ----------------------------------------------------------------------------------------------------------------


def test_demo_tells_what_it_does_and_keeps_the_database_where_asked(home: Home, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    ended = home.newsbot("demo", "--keep", str(kept))
    assert ended.code == 0, ended.err
    for command in ("crawl", "stories", "show --diff http", "show --removed http", "search "):
        assert f"$ newsbot {command}" in ended.err
    assert "Lifeboat brings in two rowers" in ended.out
    assert "\x1b" not in ended.out + ended.err
    assert not home.path.exists()  # the user's own home is left alone
    assert set(Home(kept, {}).stories()) == set(expected(2))
    assert f"NEWSBOT_HOME={kept} newsbot stories" in ended.out

    again = home.newsbot("demo", "--keep", str(kept))
    assert again.code == 1
    assert str(kept) in again.err


# Help ----------------------------------------------------------------------------------------------------------------


def test_help_lists_the_commands_and_version_is_a_line(home: Home) -> None:
    ended = home.newsbot("--help")
    assert ended.code == 0
    for command in COMMANDS:
        assert re.search(rf"^(\w+)? +{command}  +\w", ended.out, re.MULTILINE)
    assert home.newsbot("--version").out.startswith("newsbot 0.")
    assert not home.path.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_whose_options_are_explained(run_newsbot: Newsbot, command: str) -> None:
    ended = run_newsbot(command, "--help")
    assert ended.code == 0
    assert f"newsbot {command} [OPTIONS]" in ended.out
    # A long option stands on a line of its own, above its explanation.
    options = re.findall(r"^  (-.*?)(?=\n  -|\n\n|\Z)", ended.out.split("Options:")[1], re.MULTILINE | re.DOTALL)
    assert options
    assert all("  " in option for option in options), "an option without a word of explanation"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (["stories", "--limit", "0"], "'--limit'"),
        (["export", "--format", "xml"], "'xml'"),
        (["no-such-command"], "'no-such-command'"),
    ],
)
def test_wrong_use_ends_with_2_and_names_what_is_wrong(run_newsbot: Newsbot, wrong: list[str], named: str) -> None:
    ended = run_newsbot(*wrong)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err


def test_a_page_cannot_command_the_terminal(home: Home, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<h1>A headline &#27;[2J</h1><p>It is &#x9b;31m closed. {'The bridge is old. ' * 20}</p>", "utf-8")
    ended = home.newsbot("extract", str(page))
    assert ended.code == 0
    assert not set(ended.out) & {"\x1b", "\x9b"}
