"""`newsbot stats`: counts as lines in a pipe, as JSON by day, with plots on a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.items import Block, BlockKind, Removed, RemovedKind
from newsbot.store import Store
from tests.running import Home
from tests.store.build import story

NOW = datetime.now(UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def stocked(home: Home) -> Home:
    """a.example has published one story on each of the last ten days, and one a year ago; b.example ten today."""
    box = Removed(0, Block(BlockKind.PARAGRAPH, "Give us a coin."), RemovedKind.DONATION, "asks")
    with Store.open(f"sqlite:///{home.database}") as store:
        for number in range(10):
            store.keep(story(number, published=TODAY - timedelta(days=number), removed=(box,)))
            store.keep(story(20 + number, site="b.example", published=TODAY))
        store.keep(story(99, published=TODAY - timedelta(days=365)))
    return home


def test_the_last_thirty_days_by_site_most_first(stocked: Home) -> None:
    ended = stocked.newsbot("stats")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "site\tstories\tcopies\tpaywalled",
        "a.example\t10\t0\t0",
        "b.example\t10\t0\t0",
        "all\t20\t0\t0",
    ]


def test_json_has_a_line_a_site_and_day(stocked: Home) -> None:
    rows = [json.loads(line) for line in stocked.newsbot("stats", "--json", "--site", "a.example").out.splitlines()]
    days = sorted(str((TODAY - timedelta(days=n)).date()) for n in range(10))
    assert [row["day"] for row in rows] == days
    assert {(row["site"], row["stories"], row["copies"], row["paywalled"]) for row in rows} == {("a.example", 1, 0, 0)}


def test_any_span_can_be_counted(stocked: Home) -> None:
    ago = str((TODAY - timedelta(days=400)).date())
    assert "a.example\t11\t0\t0\n" in stocked.newsbot("stats", "--since", ago).out
    lately = stocked.newsbot("stats", "--since", ago, "--until", str((TODAY - timedelta(days=20)).date()))
    assert lately.out.splitlines()[1:] == ["a.example\t1\t0\t0"]
    assert stocked.newsbot("stats", "--until", "2001-01-01").out.startswith("no stories from 2000-12-0")


def test_on_a_terminal_each_site_has_a_plot(stocked: Home) -> None:
    ours, theirs = pty.openpty()
    environment = stocked.env(TERM="xterm", COLUMNS="100", NO_COLOR="1")
    with subprocess.Popen([sys.executable, "-m", "newsbot", "stats"], env=environment, stdout=theirs) as shown:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end has been closed
            while part := os.read(ours, 65536):
                said += part
    os.close(ours)
    assert shown.returncode == 0
    lines = {line.split()[0]: line for line in said.decode().splitlines() if line.split()}
    assert "█" * 10 in lines["a.example"]
    assert lines["b.example"].rstrip().endswith(" █")
    assert lines["donation"].split()[:2] == ["donation", "10"]
    assert "█" * 20 in lines["donation"]
