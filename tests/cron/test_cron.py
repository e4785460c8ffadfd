"""The files in cron/, and what cron runs, in cron's own environment."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsbot.demo.web import DemoWeb, expected, site_files
from newsbot.timers import crontab, units
from newsbot.timers.jobs import JOBS, Setup, here
from tests.running import Ended, Home, run

CRON = Path(__file__).parent.parent.parent / "cron"
SAMPLE = Setup(("/opt/newsbot/bin/newsbot",), "/var/lib/newsbot", {"NEWSBOT_CONTACT": "you@example.org"})
FILES = {"newsbot.crontab": crontab.render(SAMPLE).decode(), **units.render(SAMPLE)}


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb() as web:
        yield web


@pytest.fixture
def home(tmp_path: Path, web: DemoWeb) -> Home:
    home = Home(tmp_path / "a home", {"http_proxy": web.proxy_url})
    for name, text in site_files().items():
        home.site(name.removesuffix(".toml"), text)
    return home


def under_cron(home: Home) -> tuple[list[str], dict[str, str]]:
    """What cron starts for the first job, and the environment that it gives it."""
    setup = here(home.env())
    command = crontab.entry(Setup(setup.command, str(home.path), {}), JOBS[0]).split(None, 5)[5]
    bare = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "HOME": "/", "LOGNAME": "someone"}
    return ["/bin/sh", "-c", command.replace("\\%", "%")], bare | dict(setup.variables)


def cron(home: Home) -> Ended:
    return run(*under_cron(home), cwd=Path("/"))


@pytest.mark.parametrize("name", FILES)
def test_files_are_those_that_the_command_writes(name: str) -> None:
    assert (CRON / name).read_text("utf-8") == FILES[name]


def test_there_are_no_other_files() -> None:
    assert {path.name for path in CRON.iterdir()} == {"README.md", *FILES}


def test_crontab_and_services_run_the_same_commands() -> None:
    entries = [line for line in FILES["newsbot.crontab"].splitlines() if line[0] in "*0123456789"]
    services = [text for name, text in FILES.items() if name.endswith(".service")]
    started = [re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)[0] for text in services]
    assert started
    assert [entry.partition("NEWSBOT_HOME=/var/lib/newsbot ")[2] for entry in entries] == started


def test_crawl_by_the_clock_is_silent(home: Home) -> None:
    ended = cron(home)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert set(home.stories()) == set(expected(1))
    ended = cron(home)
    assert (ended.code, ended.out, ended.err) == (0, "", ""), "so it is where there is nothing to do"


def test_two_at_once_crawl_once_in_silence(home: Home, web: DemoWeb) -> None:
    """No flock(1) stands around them: newsbot's own locks part them."""
    before = len(web.requests)
    command, environment = under_cron(home)
    both = [subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, cwd="/") for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert said == [(b"", b"")] * 2
    assert {process.returncode for process in both} <= {0, 75}
    assert home.stored() == len(expected(1))
    asked = [request for request in web.requests[before:] if request.status == 200]
    assert len(asked) == len(set(asked))


def test_failing_site_makes_cron_send_a_mail_of_a_line(home: Home) -> None:
    home.site("gone.example", 'name = "Gone"\nhome = "http://gone.example/"\nfeeds = ["http://gone.example/feed"]\n')
    ended = cron(home)
    assert (ended.code, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("newsbot: gone.example failed: error.http_404 1")


def test_where_pip_has_made_no_script_python_itself_is_started(tmp_path: Path) -> None:
    program = Path(here({}).command[0])
    assert program in {Path(sys.executable), Path(sys.executable).with_name("newsbot")}
    assert run([*here({}).command, "--version"], {"PATH": "/usr/bin:/bin"}, cwd=tmp_path).out.startswith("newsbot ")
