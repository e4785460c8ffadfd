"""What people ask on the command line: stories, search, show, export; in a pipe, as a script or a test reads them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsbot.demo.web import expected
from tests.conftest import Demo
from tests.running import DEADLINE, Ended, Home

Newsbot = Callable[..., Ended]

FIELDS = (
    "url canonical_url site title standfirst authors published modified first_seen language section tags access text "
    "copies cluster"
).split()
STORIES = expected(2)
(COPY,) = (url for url, story in STORIES.items() if story.copy_of)
ORIGINAL = str(STORIES[COPY].copy_of)
(REVISED,) = (
    url for url, story in expected(1).items() if STORIES[url].paragraphs != story.paragraphs and not story.copy_of
)


def ok(ended: Ended) -> str:
    """What a command printed that went well; a pipe gets whole lines without control characters."""
    assert (ended.code, ended.err) == (0, "")
    assert "\x1b" not in ended.out
    return ended.out


def refused(ended: Ended, code: int) -> str:
    """What a command said that could not be done."""
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("newsbot: ")
    assert ended.err.count("\n") == 1
    return ended.err


# stories -------------------------------------------------------------------------------------------------------------


def test_stories_come_newest_first_a_line_each_with_whole_titles(run_newsbot: Newsbot) -> None:
    head, *lines = ok(run_newsbot("stories", "--copies")).splitlines()
    assert head.split("\t") == ["id", "published (UTC)", "site", "copies", "title"]
    dates = [line.split("\t")[1] for line in lines]
    assert dates == sorted(dates, reverse=True)
    assert {line.split("\t")[4] for line in lines} == {story.title for story in STORIES.values()}


def test_stories_in_json_hold_all_fields(run_newsbot: Newsbot) -> None:
    rows = [json.loads(line) for line in ok(run_newsbot("stories", "--json", "--copies")).splitlines()]
    assert {row["url"] for row in rows} == set(STORIES)
    for row in rows:
        wanted = STORIES[row["url"]]
        assert (row["title"], row["site"], tuple(row["tags"])) == (wanted.title, wanted.site, wanted.tags)


def test_filters_narrow_what_is_listed(run_newsbot: Newsbot) -> None:
    def listed(*options: str) -> set[str]:
        return {json.loads(line)["url"] for line in run_newsbot("stories", "--json", *options).out.splitlines()}

    assert listed("--site", "lantern-post.example") == {u for u, s in STORIES.items() if s.site.startswith("lantern")}
    assert listed() == listed("--no-copies") == set(STORIES) - {COPY}
    assert listed("--copies") == set(STORIES)
    assert len(listed("-n", "3")) == 3
    assert listed("--language", "de") == set()
    assert listed("--until", "2001-01-01") == set()


def test_a_moment_that_is_none_is_told_with_examples(run_newsbot: Newsbot) -> None:
    assert "yesterday" in refused(run_newsbot("stories", "--since", "recently"), 2)


def test_nothing_found_is_said(run_newsbot: Newsbot) -> None:
    assert ok(run_newsbot("stories", "--until", "2001-01-01")) == "nothing found\n"


def test_a_site_that_is_not_there_is_told_with_those_that_are_like_it(run_newsbot: Newsbot) -> None:
    for command in (["stories"], ["search", "ferry"], ["export"], ["stats"]):
        told = refused(run_newsbot(*command, "--site", "lantern-pots.example"), 2)
        assert "Did you mean lantern-post.example?" in told


def test_each_filter_and_order_of_both_commands(run_newsbot: Newsbot) -> None:
    story = STORIES[REVISED]

    def listed(*options: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in ok(run_newsbot("stories", "--json", "--copies", *options)).splitlines()]

    author, tag = story.authors[0].upper(), story.tags[0]
    assert REVISED in {row["url"] for row in listed("--author", author)}
    assert all(story.authors[0] in row["authors"] for row in listed("--author", author))
    assert {row["url"] for row in listed("--tag", tag)} == {u for u, s in STORIES.items() if tag in s.tags}
    walled = {u for u, s in STORIES.items() if s.paywalled}
    assert {row["url"] for row in listed("--access", "paywalled")} == walled
    sections = {row["section"] for row in listed()} - {None}
    for section in sections:
        assert {row["section"] for row in listed("--section", section)} == {section}
    dates = [row["dated"] for row in listed("--sort", "oldest")]
    assert dates == sorted(dates)
    found = ok(run_newsbot("search", story.title.split()[0], "--json", "--author", author, "--sort", "relevance"))
    assert REVISED in {json.loads(line)["url"] for line in found.splitlines()}


@pytest.mark.parametrize("command", [["stories"], ["search", "the"]])
def test_the_next_page_begins_where_the_cursor_says(run_newsbot: Newsbot, command: list[str]) -> None:
    whole = [json.loads(line)["id"] for line in ok(run_newsbot(*command, "--json", "-n", "99")).splitlines()]
    assert len(whole) > 4
    paged: list[int] = []
    after: list[str] = []
    while True:
        ended = run_newsbot(*command, "--json", "-n", "2", *after)
        assert ended.code == 0
        paged += [json.loads(line)["id"] for line in ended.out.splitlines()]
        if not ended.err:
            break
        after = ["--after", re.fullmatch(r"next: (\S+)\n", ended.err)[1]]  # type: ignore[index]
    assert paged == whole


def test_a_table_in_a_pipe_says_nothing_of_further_pages(run_newsbot: Newsbot) -> None:
    assert len(ok(run_newsbot("stories", "-n", "2")).splitlines()) == 3


def test_a_cursor_that_is_none_is_told(run_newsbot: Newsbot) -> None:
    assert "after" in refused(run_newsbot("stories", "--after", "x"), 2)


def test_a_terminal_is_shown_how_to_go_on_with_hits_in_bold(demo: Demo) -> None:
    said = on_a_terminal(demo, 100, "search", "the", "-n", "1")
    assert re.search(r"there are more; the next page: --after \S+", said)
    assert "\x1b[1mthe\x1b[0m" in said or "\x1b[1mThe\x1b[0m" in said


def test_lines_of_a_pipe_are_not_filled_up(run_newsbot: Newsbot) -> None:
    for command in (["stories"], ["search", "the"], ["stats"], ["stats", "--removed"], ["db", "info"]):
        lines = ok(run_newsbot(*command)).splitlines()
        assert len({line.count("\t") for line in lines if line}) == 1, command
        assert all("  " not in line and line == line.strip(" ") for line in lines), command


def test_csv_of_stories_and_hits_is_read_back_by_any_csv_reader(run_newsbot: Newsbot) -> None:
    rows = list(csv.DictReader(io.StringIO(ok(run_newsbot("search", "the", "--format", "csv", "-n", "99")))))
    assert rows
    for row in rows:
        assert (row["title"], row["tags"]) == (STORIES[row["url"]].title, "; ".join(STORIES[row["url"]].tags))
        assert re.search(r"\*\*the\*\*", row["snippet"], re.IGNORECASE)


# search --------------------------------------------------------------------------------------------------------------


def test_search_finds_what_holds_the_word_with_its_passage(run_newsbot: Newsbot) -> None:
    out = ok(run_newsbot("search", "lifeboat"))
    assert "Lifeboat brings in two rowers after a night adrift off Gannet Head" in out
    rows = [json.loads(line) for line in ok(run_newsbot("search", "lifeboat", "--json")).splitlines()]
    assert rows
    for row in rows:
        story = STORIES[row["url"]]
        assert "lifeboat" in " ".join([story.title, story.standfirst, *story.paragraphs]).casefold()


def test_search_for_what_was_taken_out_finds_nothing(run_newsbot: Newsbot) -> None:
    """The begging letter stands on half of the pages."""
    assert ok(run_newsbot("search", '"stop whenever you like"')) == "nothing found\n"


@pytest.mark.parametrize(
    ("query", "hint"), [('"press freedom', "press freedom"), ("OR ferry", "OR"), ("-ferry", "word"), ("", "word")]
)
def test_search_that_is_malformed_is_told_with_a_hint(run_newsbot: Newsbot, query: str, hint: str) -> None:
    assert hint in refused(run_newsbot("search", "--", query), 2)


# show ----------------------------------------------------------------------------------------------------------------


def test_show_prints_the_story_by_number_and_by_any_address(run_newsbot: Newsbot, demo: Demo) -> None:
    story = STORIES[REVISED]
    out = ok(run_newsbot("show", REVISED))
    assert out.startswith(f"{story.title}\n")
    assert out.endswith("\n\n".join(story.paragraphs) + "\n")
    assert all(name in out for name in story.authors)
    number = str(demo.second.stories[REVISED].id)
    assert ok(run_newsbot("show", number)) == ok(run_newsbot("show", REVISED + "?utm_source=letter")) == out


def test_show_removed_puts_what_was_taken_out_in_its_place(run_newsbot: Newsbot) -> None:
    story = STORIES[REVISED]
    out = ok(run_newsbot("show", "--removed", REVISED))
    assert all(paragraph in out for paragraph in story.paragraphs)
    assert "[donation] " in out
    assert [text for text in story.promotional if "stop whenever you like" in text and text in out]
    assert out.index(story.paragraphs[0]) < out.index("stop whenever you like") < out.index(story.paragraphs[-1])


def on_a_terminal(demo: Demo, columns: int, *command: str) -> str:
    """What `newsbot` prints on a terminal that is so wide."""
    ours, theirs = pty.openpty()
    environment = demo.home.env(TERM="xterm-256color", COLUMNS=str(columns))
    environment.pop("NO_COLOR", None)
    arguments = [sys.executable, "-m", "newsbot", *command]
    with subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as shown:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end has been closed
            while part := os.read(ours, 65536):
                said += part
    os.close(ours)
    assert shown.returncode == 0
    return said.decode()


def test_on_a_terminal_what_was_taken_out_is_struck_in_its_kinds_colour(demo: Demo) -> None:
    said = on_a_terminal(demo, 10_000, "show", "--removed", REVISED)
    (line,) = [line for line in said.splitlines() if "stop whenever you like" in line]
    assert re.match(r"\x1b\[1;31mdonation \x1b\[0m\x1b\[2;9;31m", line), "red; dim and struck"
    assert STORIES[REVISED].paragraphs[0] in said, "in one piece, without colours"


@pytest.mark.parametrize("columns", [80, 90, 110])
def test_on_a_narrow_terminal_the_titles_of_copies_can_be_read(demo: Demo, columns: int) -> None:
    said = on_a_terminal(demo, columns, "show", "--copies", COPY)
    beginning = STORIES[ORIGINAL].title[:18]
    assert [line for line in said.splitlines() if beginning in line and "first" in line]


def test_show_versions_tells_when_how_much_changed(run_newsbot: Newsbot, demo: Demo) -> None:
    lines = [line.split() for line in ok(run_newsbot("show", "--versions", REVISED)).splitlines() if line]
    assert [line[0] for line in lines[-2:]] == ["1", "2"]
    assert [int(words) > 0 for words in lines[-1][3:5]] == [True, True]


def test_show_diff_tells_the_words_that_changed(run_newsbot: Newsbot) -> None:
    old, new = (" ".join(expected(day)[REVISED].paragraphs).split() for day in (1, 2))
    out = ok(run_newsbot("show", "--diff", REVISED)).split("version 2, seen")[1]
    went, came = (re.findall(p, out, re.DOTALL) for p in (r"\[-(.+?)-\]", r"\{\+(.+?)\+\}"))
    assert went
    assert all(word in old for word in " ".join(went).split())
    assert all(word in new for word in " ".join(came).split())
    changed = set(new) - set(old)
    assert changed
    assert changed <= set(" ".join(came).split())


def test_show_copies_tells_who_was_first_and_what_differs(run_newsbot: Newsbot, demo: Demo) -> None:
    out = ok(run_newsbot("show", "--copies", COPY))
    first, later = (str(demo.second.stories[url].id) for url in (ORIGINAL, COPY))
    lines = {line.split("\t")[0]: line for line in out.splitlines() if re.match(r"\d+\t", line)}
    assert list(lines) == [first, later]
    assert "\tfirst\t" in lines[first]
    assert "\tthis story\t" in lines[later]
    assert re.search(r"\t\d\d%\t", lines[first])
    assert f"from {first} (" in out
    assert "no copies" in ok(run_newsbot("show", "--copies", REVISED))
    said = json.loads(ok(run_newsbot("show", "--json", COPY)))["copies"]
    assert [copy["shared"] > 0.6 for copy in said] == [True]


def test_show_json_holds_everything(run_newsbot: Newsbot) -> None:
    said = json.loads(ok(run_newsbot("show", "--json", REVISED)))
    assert (said["title"], said["version"]) == (STORIES[REVISED].title, 2)
    assert [version["number"] for version in said["versions"]] == [1]
    assert any(block["kind"] == "donation" and block["why"] for block in said["removed"])


def test_show_of_what_is_not_there_is_told(run_newsbot: Newsbot) -> None:
    assert "newsbot stories" in refused(run_newsbot("show", "999999"), 2)
    assert "newsbot stories" in refused(run_newsbot("show", "http://www.harbour-courier.example/never"), 2)
    assert "http" in refused(run_newsbot("show", "no address"), 2)


# stats ---------------------------------------------------------------------------------------------------------------


def test_stats_count_what_was_taken_out_by_site_and_kind(run_newsbot: Newsbot, demo: Demo) -> None:
    rows = [json.loads(line) for line in ok(run_newsbot("stats", "--removed", "--json")).splitlines()]
    there = Counter((story.site, block.kind) for story in demo.second.stories.values() for block in story.removed)
    assert there
    assert {(row["site"], row["kind"]): row["blocks"] for row in rows} == there
    assert all(1 <= row["stories"] <= row["blocks"] for row in rows)
    lines = [line.split() for line in ok(run_newsbot("stats", "--removed")).splitlines()]
    assert lines[0] == ["site", "kind", "blocks", "stories"]
    donations = sum(number for (_, kind), number in there.items() if kind == "donation")
    assert [line[2] for line in lines if line[:2] == ["all", "donation"]] == [str(donations)]


def test_stats_of_one_site(run_newsbot: Newsbot) -> None:
    lines = ok(run_newsbot("stats", "--removed", "--site", "lantern-post.example")).splitlines()[1:]
    assert {line.split()[0] for line in lines} == {"lantern-post.example"}
    assert ok(run_newsbot("stats", "--removed", "--until", "2001-01-01")) == "nothing was taken out\n"


# export --------------------------------------------------------------------------------------------------------------


def test_export_gives_the_documented_fields_in_order(run_newsbot: Newsbot) -> None:
    rows = [json.loads(line) for line in ok(run_newsbot("export")).splitlines()]
    assert {row["canonical_url"] for row in rows} == set(STORIES)
    for row in rows:
        wanted = STORIES[row["canonical_url"]]
        assert list(row) == FIELDS
        assert (row["title"], row["authors"]) == (wanted.title, list(wanted.authors))
        assert row["text"].endswith("\n\n".join(wanted.paragraphs))
        assert row["published"][-6:] in ("+05:30", "-03:00", "+00:00") or row["published"][-6] in "+-"
    copies = {row["canonical_url"]: (row["copies"], row["cluster"]) for row in rows}
    assert copies[COPY] == copies[ORIGINAL]
    assert copies[COPY][0] == 1
    assert copies[REVISED] == (0, None)


def test_csv_export_is_read_back_by_any_csv_reader(run_newsbot: Newsbot) -> None:
    rows = list(csv.DictReader(io.StringIO(ok(run_newsbot("export", "--format", "csv")), newline="")))
    assert list(rows[0]) == FIELDS
    assert {row["canonical_url"]: row["tags"] for row in rows} == {u: "; ".join(s.tags) for u, s in STORIES.items()}
    assert all(row["text"].endswith(STORIES[row["canonical_url"]].paragraphs[-1]) for row in rows)


def test_export_to_a_file_replaces_it_whole(run_newsbot: Newsbot, tmp_path: Path) -> None:
    file = tmp_path / "stories.jsonl"
    file.write_text("the export of yesterday\n", "utf-8")
    assert ok(run_newsbot("export", "-o", str(file))) == ""
    assert len(file.read_text("utf-8").splitlines()) == len(STORIES)
    assert list(tmp_path.iterdir()) == [file]


def test_export_to_where_nothing_can_be_written_is_told(run_newsbot: Newsbot, tmp_path: Path) -> None:
    file = tmp_path / "no folder" / "stories.jsonl"
    assert str(file) in refused(run_newsbot("export", "-o", str(file)), 1)


def test_reader_that_goes_away_is_no_fault(demo: Demo) -> None:
    """`newsbot export | head -c 1`"""
    command = f"{sys.executable} -m newsbot export | head -c 1; echo; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], env=demo.home.env(), capture_output=True, text=True, timeout=DEADLINE, check=True
    )
    assert (done.stdout, done.stderr) == ("{\n0\n", "")


# Without a database --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ["stories"],
        ["search", "ferry"],
        ["show", "1"],
        ["export"],
        ["stats", "--removed"],
        ["sites", "profile", "lantern-post.example"],
    ],
)
def test_without_a_database_the_cure_is_told(home: Home, command: list[str]) -> None:
    told = refused(home.newsbot(*command), 1)
    assert "newsbot crawl" in told
    assert str(home.database) in told
    assert not home.database.exists()


def test_a_search_of_several_words_needs_no_quotes(run_newsbot: Newsbot) -> None:
    assert ok(run_newsbot("search", "nettle", "flood")) == ok(run_newsbot("search", "nettle flood"))


def test_a_number_too_large_for_any_story_is_no_story(run_newsbot: Newsbot) -> None:
    ended = run_newsbot("show", "9" * 23)
    assert ended.code == 2
    assert "9" * 23 in ended.err


def test_an_export_into_a_device_leaves_the_device(run_newsbot: Newsbot, tmp_path: Path) -> None:
    null = tmp_path / "null"
    null.symlink_to("/dev/null")
    assert run_newsbot("export", "-o", str(null)).code == 0
    assert null.is_symlink()
    assert Path("/dev/null").is_char_device()


def test_a_database_url_with_options_is_the_same_database(demo: Demo) -> None:
    url = f"sqlite:///{demo.home.database}?timeout=5"
    assert demo.home.newsbot("stories", "-n", "1", NEWSBOT_DATABASE_URL=url).code == 0
    missing = demo.home.newsbot("stories", NEWSBOT_DATABASE_URL=f"sqlite+pysqlite:///{demo.home.path}/none.db")
    assert missing.code == 1
    assert "there is no database yet" in missing.err
    assert not (demo.home.path / "none.db").exists()
