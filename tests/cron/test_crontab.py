"""The text of a crontab with newsbot's block in it: what is the user's stays as it is, to the byte."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from newsbot.errors import ConfigError
from newsbot.timers import crontab
from newsbot.timers.jobs import JOBS, Setup, here

HOME = "/var/lib/newsbot"
OTHER = "/srv/other news"
SETUP = Setup(("/opt/newsbot/bin/newsbot",), HOME, {"NEWSBOT_CONTACT": "you@example.org"})


def setup(home: str = HOME, **variables: str) -> Setup:
    return Setup(("/opt/newsbot/bin/newsbot",), home, variables)


LINES = st.one_of(
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
    st.sampled_from(
        [
            b"",
            b"# m h  dom mon dow   command",
            b"MAILTO=someone@example.org",
            b"NEWSBOT_CONTACT=them@example.org",
            b"0 3 * * * /usr/bin/backup --to '/mnt/a b' 2>&1\r",
            b"@reboot echo 100\\%",
            b"# newsbot: begins here, says the user",
            b"# caf\xe9",
            crontab.render(setup(OTHER)).removesuffix(b"\n"),
        ]
    ),
)


@st.composite
def crontabs(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(LINES, max_size=12))
    text = draw(st.sampled_from([b"\n", b"\r\n"])).join(lines)
    return text + draw(st.sampled_from([b"", b"\n"])) if lines else text


@given(crontabs())
def test_install_then_remove_gives_back_the_very_same_bytes(text: bytes) -> None:
    try:
        crontab.blocks(text)
    except ConfigError:
        assume(False)
    with_block = crontab.install(text, SETUP)
    assert with_block.startswith(text)
    assert with_block.endswith(b"\n")
    assert crontab.remove(with_block, HOME) == text


@given(crontabs())
def test_installing_again_changes_nothing_and_another_setup_replaces_the_block(text: bytes) -> None:
    try:
        crontab.blocks(text)
    except ConfigError:
        assume(False)
    once = crontab.install(text, SETUP)
    assert crontab.install(once, SETUP) == once
    changed = crontab.install(once, setup(NEWSBOT_DELAY="3"))
    assert [block.home for block in crontab.blocks(changed)].count(HOME) == 1
    assert crontab.remove(changed, HOME) == text


@given(crontabs())
def test_two_homes_each_have_a_block_of_their_own(text: bytes) -> None:
    assume(OTHER.encode() not in text)
    try:
        crontab.blocks(text)
    except ConfigError:
        assume(False)
    both = crontab.install(crontab.install(text, SETUP), setup(OTHER))
    assert [block.home for block in crontab.blocks(both)] == [HOME, OTHER]
    assert crontab.remove(crontab.remove(both, OTHER), HOME) == text
    assert crontab.remove(both, HOME).endswith(crontab.render(setup(OTHER)).splitlines()[-1] + b"\n")


def test_lines_that_came_below_the_block_stay() -> None:
    text = crontab.install(b"no end here", SETUP) + b"5 5 * * * mine\n"
    assert crontab.remove(text, HOME) == b"no end here\n5 5 * * * mine\n"
    assert crontab.remove(crontab.install(text, SETUP), HOME) == b"no end here\n5 5 * * * mine\n"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda block: block[: block.rindex(b"# newsbot: end")], "line 2: .* has no end"),
        (lambda block: block[block.index(b"\n") + 1 :], "ends without having begun"),
        (lambda block: block * 2, "is there twice"),
        (lambda block: block[: block.rindex(b"# newsbot: end")] + block, "begins within another"),
        (lambda block: block.replace(b"end /var", b"end /usr"), "ends without having begun"),
    ],
)
def test_damaged_block_is_refused_with_the_line_and_the_cure(spoil: Callable[[bytes], bytes], said: str) -> None:
    text = b"1 1 * * * mine\n" + spoil(crontab.render(SETUP))
    changes: list[Callable[[], bytes]] = [lambda: crontab.install(text, SETUP), lambda: crontab.remove(text, HOME)]
    for change in changes:
        with pytest.raises(ConfigError, match=said) as caught:
            change()
        assert "Nothing was written" in str(caught.value)
        assert "crontab -e" in str(caught.value)


def variables(text: bytes) -> dict[str, str]:
    """What the lines of a block set, as cron(8) reads them."""
    found = {}
    for line in text.decode().splitlines():
        name, parted, value = line.partition("=")
        if parted and name.isidentifier():
            found[name] = value[1:-1] if value[0] in "\"'" else value
    return found


def test_what_the_lines_above_set_is_not_passed_on_to_another_home() -> None:
    text = crontab.install(b"NEWSBOT_DELAY = 9\nhttp_proxy=http://them.example/\nMAILTO=me\n", SETUP)
    assert variables(crontab.render(SETUP)) == {"NEWSBOT_CONTACT": "you@example.org"}
    both = crontab.install(text, setup(OTHER, NEWSBOT_DELAY="1"))
    last = crontab.blocks(both)[-1]
    assert variables(both[last.start : last.end]) == {"NEWSBOT_CONTACT": "", "NEWSBOT_DELAY": "1", "http_proxy": ""}


AWKWARD = ["/srv/a b", "/srv/100 % news", "/srv/%", "/srv/o'clock", '/srv/"quoted"', "/srv/$HOME `id`", "/srv/ä #1"]


def given_to_sh(line: bytes) -> str:
    """What cron gives to sh of a line: what stands behind the five fields, `\\%` a `%`."""
    command = line.decode().split(None, 5)[5]
    assert "%" not in command.replace("\\%", "")
    return command.replace("\\%", "%")


@pytest.mark.parametrize("home", AWKWARD)
@pytest.mark.parametrize("unescaped", [True, False])  # BusyBox's cron gives sh the line as it is
def test_command_reaches_newsbot_whole_whatever_the_paths_are_called(
    home: str, unescaped: bool, tmp_path: Path
) -> None:
    program = tmp_path / Path(home).name / "newsbot"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$NEWSBOT_HOME" "$PATH" "$@"\n')
    program.chmod(0o755)
    line = crontab.entry(Setup((str(program),), home, {}), JOBS[0]).encode()
    command = given_to_sh(line) if unescaped else line.decode().split(None, 5)[5]
    done = subprocess.run(["/bin/sh", "-c", command], env={}, capture_output=True, check=True)
    assert done.stdout.decode().splitlines() == [home, crontab.PATH, *JOBS[0].words]
    text = crontab.install(b"", Setup((str(program),), home, {}))
    assert crontab.executables(text, crontab.blocks(text)[0]) == [str(program)]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain", 'NEWSBOT_X="plain"'),
        (" 5 % ", 'NEWSBOT_X=" 5 % "'),
        ('say "so"', "NEWSBOT_X='say \"so\"'"),
        ("o'clock", 'NEWSBOT_X="o\'clock"'),
        ("""both ' and " here""", """NEWSBOT_X=both ' and " here"""),
    ],
)
def test_variables_are_quoted_as_cron_reads_them(value: str, line: str) -> None:
    assert line in crontab.render(setup(NEWSBOT_X=value)).decode().splitlines()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: setup("/srv/two\nlines"),
        lambda: setup(NEWSBOT_X="two\nlines"),
        lambda: crontab.render(setup(NEWSBOT_X="""'both' and "both\"""")),
        lambda: crontab.render(setup("/srv/back\\slash")),
        lambda: crontab.render(Setup(("/opt/a=b/newsbot",), HOME, {})),
    ],
)
def test_what_a_crontab_cannot_hold_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ConfigError):
        wrong()


def test_setup_takes_newsbots_variables_and_proxies_along_and_nothing_else() -> None:
    environment = {
        "NEWSBOT_HOME": "/srv/x", "NEWSBOT_DELAY": "2", "NEWSBOT_CONTACT": "", "https_proxy": "http://p.example:3128",
        "PATH": "/bin", "SECRET": "s", "NEWSBOT_DEALY": "a slip",
    }  # fmt: skip
    assert here(environment).variables == {"NEWSBOT_DELAY": "2", "https_proxy": "http://p.example:3128"}


def test_intervals_are_the_same_in_every_zone_and_on_the_days_when_clocks_change() -> None:
    """Zones differ by quarters of an hour, and clocks change by half an hour or more."""
    assert [job.minutes for job in JOBS if 15 % job.minutes and job.minutes not in (30, 60)] == []
    for line in crontab.render(SETUP).decode().splitlines():
        if line[0] in "*0123456789":
            assert line.split()[1:5] == ["*", "*", "*", "*"]


def test_passwords_stand_in_no_command_line() -> None:
    text = crontab.render(setup(NEWSBOT_DATABASE_URL="postgresql://u:secret@h/d")).decode()
    assert [line for line in text.splitlines() if "secret" in line and shlex.split(line)[0][0] == "*"] == []
