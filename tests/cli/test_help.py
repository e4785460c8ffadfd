"""What `newsbot --help` and the Tab key offer."""

from __future__ import annotations

import re
import sys

import pytest

from newsbot.cli.main import COMMANDS, GROUPS
from tests.running import Home, run

LINES, COLUMNS = 30, 80


def helped(home: Home, *command: str) -> str:
    ended = home.newsbot(*command, "--help", COLUMNS=str(COLUMNS))
    assert ended.code == 0, ended.err
    return ended.out


def test_the_help_fits_a_screen_and_groups_what_people_do(home: Home) -> None:
    said = helped(home)
    lines = said.splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    begins = re.findall(r"^([A-Z]\w+)? +([a-z][a-z-]*)  +\w", said, re.MULTILINE)
    assert [name for _, name in begins] == list(COMMANDS)
    assert [group for group, _ in begins if group] == list(GROUPS)


@pytest.mark.parametrize("command", ["", "cron", "db", "sites"])
def test_no_summary_is_cut(home: Home, command: str) -> None:
    lines = helped(home, *command.split()).splitlines()[1:]
    assert not [line for line in lines if line.endswith("...")]


def completed(home: Home, words: str) -> list[str]:
    """What bash is told when Tab is pressed after these words."""
    asked = {"_NEWSBOT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    return run([sys.executable, "-m", "newsbot"], home.env(**asked)).out.split()


def test_tab_completes_commands_options_and_sites(home: Home) -> None:
    home.site("harbour-courier.example", 'name = "The Harbour Courier"\nhome = "https://harbour-courier.example/"\n')
    home.site("hamlet.example", "this one has a fault")
    assert completed(home, "newsbot sc") == ["schedule"]
    assert completed(home, "newsbot sites re") == ["remove", "record"]
    assert "--since" in completed(home, "newsbot stories --s")
    for line in ("crawl", "stories --site", "sites show", "sites disable hamlet.example", "runs --site", "health"):
        assert "harbour-courier.example" in completed(home, f"newsbot {line} h"), line
    assert completed(home, "newsbot crawl ha") == ["hamlet.example", "harbour-courier.example"]


def test_tab_says_nothing_where_the_settings_are_wrong(home: Home) -> None:
    home.path.mkdir()
    (home.path / "newsbot.toml").write_text("no such thing", "utf-8")
    assert completed(home, "newsbot crawl h") == []
