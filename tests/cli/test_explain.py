"""`newsbot extract --explain`: which blocks of a page are its story, and why."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.running import DEADLINE, Ended, Home

TITLE = "Lighthouse keepers of Cape Dorrit leave after 140 years"
STORY = (
    "The last two keepers of the lighthouse at Cape Dorrit carried their bags down 211 steps on Sunday, and nobody "
    "will carry any up again: the lamp has been run from the mainland since the spring.",
    "“You listen for it all the same,” said the elder of the two, who has wound the clockwork of the lamp every four "
    "hours for thirty-one years and still wakes for it.",
    "The coast guard means to let the house to guests from next summer. Twelve people have asked so far, among them a "
    "family that wants to stay for good.",
    "The foghorn is not for sale, the coast guard said, although a museum inland had offered to take it away.",
)
APPEAL = "Our readers pay for our reporting: support us with a monthly donation from as little as two crowns."
POINTER = "Read more: the ten loneliest houses on the coast, and who lives in them"
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>{TITLE} | The Cape Mail</title></head><body>
<nav><ul><li><a href="/">Front page</a></li><li><a href="/coast/">Coast</a></li></ul></nav>
<article><h1>{TITLE}</h1><div class="article-body">
<figure><img src="/lamp.jpg"><figcaption>The lamp, seen from the harbour.</figcaption></figure>
<p>{STORY[0]}</p><p>{STORY[1]}</p>
<p><a href="/coast/loneliest">{POINTER}</a></p>
<p>{STORY[2]}</p>
<p>{APPEAL}</p>
<p>{STORY[3]}</p>
</div></article></body></html>"""
NO_STORY = """<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>Page not found</h1>
<p>The page that you are looking for does not exist any more, or it never did.</p></body></html>"""


@pytest.fixture
def told(home: Home) -> str:
    """What is told of the page in a pipe."""
    ended = explained(home, PAGE)
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def explained(home: Home, page: str, *options: str) -> Ended:
    return home.newsbot("extract", "-", "--explain", *options, stdin=page.encode())


def line_with(text: str, out: str) -> tuple[str, list[str]]:
    """The line that holds a text, and the lines below it that tell why."""
    lines = out.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.endswith(text) and line[0] in "kdc")
    below = []
    for line in lines[at + 1 :]:
        if not line.startswith(" "):
            break
        below.append(line.strip())
    return lines[at], below


def test_it_begins_with_the_verdict_the_title_and_the_container(told: str) -> None:
    verdict, title, container, *_ = told.splitlines()
    assert verdict.split() == ["verdict", "story"]
    assert title.endswith(TITLE)
    assert container.endswith("div.article-body")


def test_all_blocks_come_in_reading_order_with_mark_score_and_kind(told: str) -> None:
    order = [TITLE, *STORY[:2], POINTER, STORY[2], APPEAL, STORY[3]]
    places = [told.index(f"  {text}\n") for text in order[1:]]
    assert places == sorted(places)
    for text in STORY:
        line, why = line_with(text, told)
        assert re.match(r"kept +\+\d+\.\d\d  paragraph ", line)
        assert re.match(r"[+-]\d\.\d\d \S", why[0])
    assert line_with(TITLE, told)[0].startswith("dropped")
    assert "dropped" in told[: places[0]]
    assert "kept" in line_with("The lamp, seen from the harbour.", told)[0]


def test_the_heaviest_evidence_comes_first(told: str) -> None:
    _, why = line_with(STORY[1], told)
    weights = [abs(float(piece.split()[0])) for piece in why[0].split(" · ")]
    assert 3 <= len(weights) <= 4
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 1


def test_what_decides_alone_is_told_as_that(told: str) -> None:
    line, why = line_with(POINTER, told)
    assert line.startswith("dropped")
    assert why[0].startswith("decides: is a pointer")
    assert line_with(TITLE, told)[1][0].startswith("decides: is the title")


def test_what_the_cleaning_takes_out_of_a_kept_text_is_told_too(told: str) -> None:
    line, why = line_with(APPEAL, told)
    assert line.startswith("cleaned")
    assert "donation" in why[0]


def test_kept_is_what_extract_prints(home: Home, told: str) -> None:
    plain = home.newsbot("extract", "-", stdin=PAGE.encode()).out
    kept = re.findall(r"^kept +\+\S+  \w+ +(.*)$", told, re.MULTILINE)
    assert plain == "\n\n".join([TITLE, *kept]) + "\n"


def test_json_has_all_evidence(home: Home) -> None:
    ended = explained(home, PAGE, "--json")
    said = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    blocks = {block["text"]: block for block in said["explained"]}
    assert [text for text, block in blocks.items() if block["kept"] and block["kind"] == "paragraph"] == [
        *STORY[:3],
        APPEAL,
        STORY[3],
    ]
    for block in blocks.values():
        weights = [abs(weight) for weight in block["evidence"].values()]
        assert weights == sorted(weights, reverse=True)
        assert len(weights) > 4
    assert blocks[STORY[0]]["score"] > 0 > blocks[POINTER]["score"]
    assert said["text"] == "\n\n".join(STORY)
    assert "explained" not in json.loads(home.newsbot("extract", "-", "--json", stdin=PAGE.encode()).out)


def test_page_without_a_story_is_explained_and_ends_with_1(home: Home) -> None:
    ended = explained(home, NO_STORY)
    assert ended.code == 1
    assert ended.out.startswith("verdict    soft 404: ")
    assert "does not exist any more" in ended.out
    assert "holds no story (soft 404)" in ended.err
    assert ended.err.count("\n") == 1


def test_where_no_block_was_judged_it_is_said_in_a_line(home: Home) -> None:
    empty = explained(home, "<html><title>Nothing</title><body></body></html>")
    assert empty.out.splitlines()[-1] == "blocks     none judged: the page holds no prose"
    state = json.dumps({"article": {"title": TITLE, "body": [{"type": "paragraph", "text": text} for text in STORY]}})
    shell = f'<title>{TITLE}</title><div id="app"></div><script type="application/json">{state}</script>'
    scripted = explained(home, f"<html>{shell}</html>")
    assert scripted.code == 0
    assert scripted.out.splitlines()[-1] == "blocks     none judged: the text comes from a script or <noscript>"


def test_text_that_is_none_of_the_judged_blocks_is_told(home: Home) -> None:
    state = json.dumps({"article": {"title": TITLE, "body": [{"type": "paragraph", "text": text} for text in STORY]}})
    shell = (
        f"<p>Please turn JavaScript on, so that we can show you this page.</p><script type='application/json'>{state}"
    )
    ended = explained(home, f"<html><title>{TITLE}</title><body>{shell}</script></body></html>")
    assert ended.code == 0
    assert "the text is none of these: a script or <noscript> holds more" in ended.out


def test_blocks_behind_those_that_are_weighed_are_told_as_that(home: Home) -> None:
    long = "".join(
        f"<p>On day {n} of the voyage the log of the ship has nothing but the wind.</p>" for n in range(1600)
    )
    told = explained(home, PAGE.replace("</div></article>", f"{long}<p>Nothing</p></div></article>")).out
    line, why = line_with("On day 1599 of the voyage the log of the ship has nothing but the wind.", told)
    assert line.startswith("kept ")
    assert why == ["kept as prose, behind all blocks that are weighed"]
    line, why = line_with("Nothing", told)
    assert line.startswith("dropped ")
    assert why[0].startswith("decides: no prose")


def test_on_a_terminal_it_is_coloured_and_cut_to_the_width(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE, "utf-8")
    columns = 90
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 300, columns, 0, 0))
    command = [sys.executable, "-m", "newsbot", "extract", str(file), "--explain"]
    done = subprocess.Popen(command, stdout=theirs, env=home.env() | {"TERM": "xterm-256color"})
    os.close(theirs)
    raw = b""
    try:
        while part := os.read(ours, 65536):
            raw += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert done.wait(DEADLINE) == 0
    out = raw.decode().replace("\r\n", "\n")
    assert "\x1b[1;32mkept" in out
    assert "\x1b[1;31mdropped" in out
    lines = re.sub(r"\x1b\[[\d;]*m", "", out).splitlines()
    assert all(len(line) <= columns for line in lines)
    assert [line for line in lines if line.endswith("…") and STORY[0][:40] in line]


def test_a_page_cannot_command_the_terminal_by_its_names(home: Home) -> None:
    ended = explained(home, PAGE.replace("article-body", "article-body &#27;[2J &#x9b;31m"))
    assert ended.code == 0
    assert not set(ended.out) & {"\x1b", "\x9b"}
