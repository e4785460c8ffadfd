"""systemd's units, looked at by systemd itself where it is installed."""

from __future__ import annotations

import os
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from newsbot.errors import ConfigError
from newsbot.timers import units
from newsbot.timers.jobs import JOBS, Setup
from tests.running import Ended, run

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")

AWKWARD = "50 % #1 $HOME"


def verify(folder: Path, texts: dict[str, str]) -> Ended:
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    paths = [str(folder / name) for name in texts]
    return run(
        ["systemd-analyze", "--user", "verify", "--man=no", "--generators=no", "--recursive-errors=one", *paths],
        environment,
    )


def setup_in(folder: Path) -> Setup:
    program = folder / "newsbot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return Setup(
        (str(program),),
        str(folder / 'a "home" o\'clock $X %'),
        {"NEWSBOT_CONTACT": 'a "b" 5 % \\ c', "NEWSBOT_DELAY": "2"},
    )


@needs_systemd
@pytest.mark.parametrize("name", ["plain", AWKWARD])
def test_systemd_understands_the_units(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    unit_folder = tmp_path / "units"
    unit_folder.mkdir()
    ended = verify(unit_folder, units.render(setup_in(folder), [str(folder / "data")]))
    assert (ended.code, ended.out, ended.err) == (0, "", "")


@needs_systemd
def test_systemd_would_tell_of_a_fault_in_them(tmp_path: Path) -> None:
    texts = {name: text.replace("NoNewPrivileges=", "NoNewPriviliges=") for name, text in _plain(tmp_path).items()}
    assert "NoNewPriviliges" in verify(tmp_path, texts).err


def _plain(folder: Path) -> dict[str, str]:
    return units.render(setup_in(folder))


@needs_systemd
def test_timers_elapse_at_the_jobs_interval_in_utc(tmp_path: Path) -> None:
    texts = _plain(tmp_path)
    for job in JOBS:
        (calendar,) = re.findall(r"^OnCalendar=(.*)$", texts[f"{job.name}.timer"], re.MULTILINE)
        ended = run(
            ["systemd-analyze", "calendar", "--iterations=12", "--base-time=2026-03-29 00:30:00 UTC", calendar],
            {"PATH": os.environ["PATH"], "TZ": "Europe/Berlin", "LC_ALL": "C"},
        )
        assert ended.code == 0, ended.err
        # Both sides of the hour that Berlin skips that night, at 01:00 UTC.
        times = [int(h) * 60 + int(m) for h, m in re.findall(r"\(in UTC\): \S+ \S+ (\d\d):(\d\d):00 UTC", ended.out)]
        assert len(times) == 12
        assert {later - earlier for earlier, later in pairwise(times)} == {job.minutes}


def test_unit_says_for_which_home_it_is_and_what_it_starts(tmp_path: Path) -> None:
    program = str(tmp_path / AWKWARD / "newsbot")
    for name, text in units.render(Setup((program,), "/srv/a b", {})).items():
        assert units.home_of(text) == "/srv/a b"
        if name.endswith(".service"):
            assert units.executable(text) == program
            assert '\nReadWritePaths="/srv/a b"\n' in text
            assert "\nSuccessExitStatus=75\n" in text
        else:
            assert "\nPersistent=true\n" in text
    assert units.home_of("[Unit]\n") is None


def test_program_that_systemd_would_not_start_is_refused() -> None:
    with pytest.raises(ConfigError, match="Take cron"):
        units.render(Setup(("/opt/o'clock/newsbot",), "/srv/news", {}))
