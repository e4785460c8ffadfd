"""`newsbot cron`, on a machine whose crontab(1) and systemctl(1) are ours."""

from __future__ import annotations

import sqlite3
import stat
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.store import Store
from newsbot.timers.jobs import JOBS
from tests.cron.machine import Machine
from tests.running import Ended

THEIRS = b"# mine\nMAILTO=me@example.org\n0 3 * * * /usr/bin/backup  # \xe9t\xe9\r\n"
NO_MANAGER = "Failed to connect to bus: No medium found"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine.made(tmp_path / "machine", tmp_path / "a home")


def test_install_adds_a_block_and_remove_takes_it_out(machine: Machine) -> None:
    machine.crontab.write_bytes(THEIRS)
    shown = machine.cron("show")
    ended = machine.cron("install")
    assert (ended.code, ended.out) == (0, "")
    for job in JOBS:
        assert f"`newsbot {' '.join(job.words)}` every {job.minutes} minutes" in ended.err
    assert machine.crontab.read_bytes() == THEIRS + shown.out.encode()
    assert machine.home.path.is_dir()
    assert str(Path(sys.executable).parent) in shown.out

    assert machine.cron("install").code == 0
    assert machine.crontab.read_bytes() == THEIRS + shown.out.encode()

    ended = machine.cron("remove")
    assert (ended.code, ended.out) == (0, "")
    assert machine.crontab.read_bytes() == THEIRS
    assert "there is no entry" in machine.cron("remove").err


def test_who_has_no_crontab_gets_one(machine: Machine) -> None:
    assert machine.cron("install").code == 0
    assert machine.crontab.read_text() == machine.cron("show").out
    assert machine.cron("remove").code == 0
    assert machine.crontab.read_bytes() == b""


def test_variables_go_along_and_another_home_has_its_own(machine: Machine, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert machine.cron("install", NEWSBOT_CONTACT="me@example.org").code == 0
    assert machine.cron("install", NEWSBOT_HOME=str(other)).code == 0
    first, second = machine.crontab.read_text().split(f"# newsbot: begin {other}\n")
    assert first.startswith(f"# newsbot: begin {machine.home.path}\n")
    assert 'NEWSBOT_CONTACT="me@example.org"\n' in first
    assert 'NEWSBOT_CONTACT=""\n' in second
    assert machine.cron("remove").code == 0
    assert machine.crontab.read_text() == f"# newsbot: begin {other}\n{second}"


def test_crontab_that_cannot_be_read_is_not_written(machine: Machine) -> None:
    machine.crontab.write_bytes(THEIRS)
    machine.says("crontab", "You are not allowed to use this program (crontab)\n")
    for command in ("install", "remove"):
        ended = machine.cron(command)
        assert (ended.code, ended.out) == (1, "")
        assert "not allowed to use this program" in ended.err
        assert "nothing was written" in ended.err
    assert machine.crontab.read_bytes() == THEIRS


def test_crontab_that_cron_refuses_is_told(machine: Machine) -> None:
    machine.crontab.write_bytes(THEIRS)
    (machine.folder / "refuses").touch()
    ended = machine.cron("install")
    assert (ended.code, ended.out) == (1, "")
    assert "is as it was" in ended.err
    assert "bad minute" in ended.err


def test_damaged_block_is_left_alone(machine: Machine) -> None:
    damaged = THEIRS + f"# newsbot: begin {machine.home.path}\n".encode()
    machine.crontab.write_bytes(damaged)
    for command in ("install", "remove"):
        ended = machine.cron(command)
        assert (ended.code, ended.out) == (2, "")
        assert "crontab, line 4: " in ended.err
        assert "crontab -e" in ended.err
    assert machine.crontab.read_bytes() == damaged


def test_relative_database_is_refused_for_cron_starts_elsewhere(machine: Machine) -> None:
    ended = machine.cron("install", NEWSBOT_DATABASE_URL="sqlite:///news.db")
    assert (ended.code, ended.out) == (2, "")
    assert "sqlite:////path/to/file.db" in ended.err
    assert not machine.crontab.exists()


def test_install_for_systemd_writes_units_and_starts_the_timer(machine: Machine, tmp_path: Path) -> None:
    data = tmp_path / "data"
    metrics = tmp_path / "metrics"
    ended = machine.cron(
        "install",
        "--systemd",
        NEWSBOT_DATABASE_URL=f"sqlite:///{data}/news.db",
        NEWSBOT_METRICS_FILE=f"{metrics}/newsbot.prom",
    )
    assert (ended.code, ended.out) == (0, "")
    assert "loginctl enable-linger" in ended.err
    service = machine.units / "newsbot.service"
    assert f'\nReadWritePaths="{machine.home.path}" {data} {metrics}\n' in service.read_text()
    assert stat.S_IMODE(service.stat().st_mode) == 0o600, "there may be passwords in it"
    timers = " ".join(f"{job.name}.timer" for job in JOBS)
    assert machine.told == ["--user daemon-reload", f"--user enable {timers}", f"--user restart {timers}"]
    assert not machine.crontab.exists()

    (machine.folder / "linger").write_text("yes\n")
    assert "linger" not in machine.cron("install", "--systemd").err

    assert machine.cron("remove", "--systemd").code == 0
    assert list(machine.units.iterdir()) == []
    assert f"--user disable --now {timers}" in machine.told
    assert "there is no timer" in machine.cron("remove", "--systemd").err


def test_show_for_systemd_is_what_install_writes(machine: Machine) -> None:
    shown = machine.cron("show", "--systemd").out
    assert not machine.units.exists()
    assert machine.cron("install", "--systemd").code == 0
    written = [f"# {path}\n{path.read_text()}" for path in sorted(machine.units.iterdir())]
    assert written
    assert shown == "\n".join(written)


def test_without_a_user_manager_the_units_are_written_and_it_is_told(machine: Machine) -> None:
    machine.says("systemctl", NO_MANAGER)
    ended = machine.cron("install", "--systemd")
    assert (ended.code, ended.out) == (1, "")
    assert NO_MANAGER in ended.err
    assert f"written to {machine.units}" in ended.err
    assert (machine.units / "newsbot.timer").exists()
    ended = machine.cron("remove", "--systemd")
    assert ended.code == 1
    assert list(machine.units.iterdir()) == []


def test_units_of_another_home_or_hand_are_left_alone(machine: Machine, tmp_path: Path) -> None:
    assert machine.cron("install", "--systemd").code == 0
    before = (machine.units / "newsbot.service").read_text()
    for command in ("install", "remove"):
        ended = machine.cron(command, "--systemd", NEWSBOT_HOME=str(tmp_path / "other"))
        assert (ended.code, ended.out) == (2, "")
        assert f"serves another home, {machine.home.path}" in ended.err
    assert (machine.units / "newsbot.service").read_text() == before
    (machine.units / "newsbot.service").write_text("[Service]\nExecStart=/bin/true\n")
    assert "is not newsbot's own" in machine.cron("install", "--systemd").err
    assert (machine.units / "newsbot.service").read_text() == "[Service]\nExecStart=/bin/true\n"


def test_status_tells_what_is_set_up(machine: Machine) -> None:
    ended = machine.cron("status")
    assert ended.code == 1
    assert "`newsbot cron install`" in ended.err
    assert "last crawl\t" in ended.out

    assert machine.cron("install").code == 0
    ended = machine.cron("status")
    assert (ended.code, ended.err) == (0, "")
    rows = dict(line.split("\t") for line in ended.out.splitlines())
    assert rows["home"] == str(machine.home.path)
    assert rows["crontab"].startswith("`crawl --due --quiet` every 5 minutes, next at ")
    assert rows["timer"] == "none"
    assert not machine.home.database.exists()

    assert machine.cron("remove").code == 0
    assert machine.cron("install", "--systemd").code == 0
    ended = machine.cron("status")
    assert (ended.code, ended.err) == (0, "")
    assert "timer\tactive, next at Tue 2026-11-24 10:05:00 UTC\n" in ended.out

    machine.says("systemctl", NO_MANAGER)
    ended = machine.cron("status")
    assert ended.code == 1
    assert NO_MANAGER in ended.out


def test_status_finds_out_that_the_program_has_gone(machine: Machine) -> None:
    assert machine.cron("install").code == 0
    text = machine.crontab.read_text()
    machine.crontab.write_text(text.replace(str(Path(sys.executable).parent), "/opt/gone"))
    ended = machine.cron("status")
    assert ended.code == 1
    assert "/opt/gone/" in ended.err
    assert "`newsbot cron install`" in ended.err


def test_status_tells_of_sites_that_are_due_and_nobody_comes(machine: Machine) -> None:
    now = datetime.now(UTC)
    machine.home.site(
        "calm.example", 'name = "Calm"\nhome = "http://calm.example/"\nfeeds = ["http://calm.example/feed"]\n'
    )
    assert machine.cron("install").code == 0

    def status(*, due: timedelta, begun: timedelta) -> Ended:
        machine.home.database.unlink(missing_ok=True)
        with Store.open(f"sqlite:///{machine.home.database}") as store:
            run = store.start_run(1, now - begun)
            store.start_site(run, "calm.example", now - begun)
            store.finish_run(run, now - begun, "ok")
        with closing(sqlite3.connect(machine.home.database)) as database, database:
            moment = f"{now - due:%Y-%m-%d %H:%M:%S.%f}"
            assert database.execute("UPDATE site SET next_due = ?", [moment]).rowcount == 1
        return machine.cron("status")

    ended = status(due=timedelta(hours=2), begun=timedelta(hours=3))
    assert ended.code == 1
    assert "sites due\t1 of 1 now\n" in ended.out
    assert "1 of the sites have been due for 120 minutes or more" in ended.err
    assert "does cron run?" in ended.err
    for due, begun in [(timedelta(minutes=4), timedelta(hours=3)), (timedelta(hours=2), timedelta(minutes=5))]:
        ended = status(due=due, begun=begun)
        assert (ended.code, ended.err) == (0, "")
    ended = status(due=timedelta(minutes=-20), begun=timedelta(hours=3))
    assert (ended.code, ended.err) == (0, "")
    assert "sites due\tnone of 1 now, the next at " in ended.out


def test_status_names_the_other_homes_of_the_crontab(machine: Machine, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert machine.cron("install", NEWSBOT_HOME=other).code == 0
    ended = machine.cron("status")
    assert ended.code == 1
    assert f"other homes\t{other}\n" in ended.out
