"""The files in cron/, run as cron and systemd run them."""

from __future__ import annotations

import fcntl
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsbot.demo.web import DemoWeb, expected, site_files
from tests.running import Ended, Home, run

CRON = Path(__file__).parent.parent.parent / "cron"
NEWSBOT = Path(sys.executable).with_name("newsbot")

needs_newsbot = pytest.mark.skipif(not NEWSBOT.exists(), reason=f"newsbot is not installed: there is no {NEWSBOT}")
needs_flock = pytest.mark.skipif(not shutil.which("flock", path="/usr/bin:/bin"), reason="there is no flock(1) here")


def crontab() -> tuple[dict[str, str], list[str]]:
    """The variables that the crontab sets, and its entries."""
    lines = [line for line in (CRON / "newsbot.crontab").read_text("utf-8").splitlines() if line and line[0] != "#"]
    matches = [re.fullmatch(r"(\w+)=(.*)", line) for line in lines]
    variables = {match[1]: match[2] for match in matches if match}
    return variables, [line for line, match in zip(lines, matches, strict=True) if not match]


def command() -> str:
    """What cron hands to /bin/sh: the entry without its five fields of time."""
    (entry,) = crontab()[1]
    return entry.split(None, 5)[5]


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb() as web:
        yield web


@pytest.fixture
def home(tmp_path: Path, web: DemoWeb) -> Home:
    """A home that exists, as the README of cron/ has it made."""
    home = Home(tmp_path / "a home", {"http_proxy": web.proxy_url})
    for name, text in site_files().items():
        home.site(name.removesuffix(".toml"), text)
    return home


def cron(home: Home, **more: str) -> Ended:
    """Run the crontab's command in cron's own environment, its variables set for this test."""
    here = {"NEWSBOT": str(NEWSBOT), "NEWSBOT_HOME": str(home.path)}
    environment = crontab()[0] | here | {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "HOME": str(home.path.parent)}
    return run(
        ["/bin/sh", "-c", command()], environment | dict(home.environment) | {"NEWSBOT_CATALOGUE": "false"} | more
    )


def test_crontab_is_one_that_cron_understands() -> None:
    variables, (entry,) = crontab()
    assert set(variables) == {"NEWSBOT", "NEWSBOT_HOME", "NEWSBOT_CONTACT"}
    for value in variables.values():
        assert "$" not in value, "cron expands nothing in the values of variables"
    times = entry.split(None, 5)[:5]
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in times)
    assert "%" not in command(), "cron makes a line end of it"


@needs_newsbot
@needs_flock
def test_crontabs_command_crawls_in_silence(home: Home) -> None:
    ended = cron(home)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert set(home.stories()) == set(expected(1))


@needs_flock
def test_run_that_meets_another_ends_at_once_in_silence(home: Home) -> None:
    with (home.path / "cron.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = cron(home, NEWSBOT="/bin/false")  # 75 and not 1: newsbot was not even started
    assert (ended.code, ended.out, ended.err) == (75, "", "")


@needs_newsbot
@needs_flock
def test_failing_site_makes_cron_send_a_mail_of_a_line(home: Home) -> None:
    home.site("gone.example", 'name = "Gone"\nhome = "http://gone.example/"\nfeeds = ["http://gone.example/feed"]\n')
    ended = cron(home)
    assert (ended.code, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("newsbot: gone.example failed: error.http_404 1; see ")


def unit(name: str, folder: Path) -> Path:
    """A copy of a unit, with the paths of this machine put in."""
    here = shutil.which("true")
    assert here
    text = (CRON / name).read_text("utf-8").replace("/opt/newsbot/bin/newsbot", here)
    copy = folder / name
    copy.write_text(text.replace("User=newsbot", "User=root"), "utf-8")
    return copy


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")
def test_units_are_ones_that_systemd_understands(tmp_path: Path) -> None:
    units = [str(unit(name, tmp_path)) for name in ("newsbot.service", "newsbot.timer")]
    ended = run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units], {"PATH": "/usr/bin:/bin"})
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_service_and_crontab_run_the_same_command() -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", (CRON / "newsbot.service").read_text("utf-8"), re.MULTILINE)
    variables, _ = crontab()
    said = command().replace('"', "")
    for name, value in variables.items():
        said = re.sub(rf"\${name}\b", value, said)
    assert line == said.replace("flock", "/usr/bin/flock", 1)


def test_the_folders_that_both_expect_are_made_by_the_readme() -> None:
    """flock ends with 66 and a mail every quarter of an hour where the folder of its file is missing."""
    readme = (CRON / "README.md").read_text("utf-8")
    assert crontab()[0]["NEWSBOT_HOME"] in "\n".join(re.findall(r"^sudo install -d .*$", readme, re.MULTILINE))
    assert "StateDirectory=newsbot" in (CRON / "newsbot.service").read_text("utf-8")
