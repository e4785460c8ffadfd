"""`newsbot cron`: crawling by the clock, set up in the user's crontab or as systemd user timers."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from newsbot.cli.output import err, local, out, table
from newsbot.config import Settings, load
from newsbot.errors import ConfigError, NewsbotError, StoreError
from newsbot.schedule import Bounds, due_now
from newsbot.sites import load_sites
from newsbot.store import Reader, database_file
from newsbot.timers import crontab, machine, units
from newsbot.timers.jobs import JOBS, Setup, here

cron = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Have cron or systemd crawl by the clock.",
)

SystemdOption = Annotated[bool, typer.Option("--systemd", help="systemd user timers instead of the crontab.")]
_LATE = timedelta(minutes=30)  # so long after a site's time somebody must have come for it
_INTERVALS = ", ".join(f"`newsbot {' '.join(job.words)}` every {job.minutes} minutes" for job in JOBS)


@cron.command()
def show(systemd: SystemdOption = False) -> None:
    """Print what `install` would write, and write nothing.

    Passwords in NEWSBOT_ variables and proxies are shown as they are."""
    settings, setup = _setup()
    if not systemd:
        sys.stdout.write(crontab.render(setup).decode(errors="surrogateescape"))
        return
    folder = machine.units_folder()
    texts = [f"# {folder / name}\n{text}" for name, text in units.render(setup, _folders(settings)).items()]
    sys.stdout.write("\n".join(texts))


@cron.command()
def install(systemd: SystemdOption = False) -> None:
    """Set it up, or bring up to date what was set up before.

    The NEWSBOT_ variables and proxies that are set now go with it. All else in the crontab stays as it is.
    """
    settings, setup = _setup()
    _make_home(settings)
    if systemd:
        _install_units(settings, setup)
    else:
        before = machine.read_crontab()
        after = crontab.install(before, setup)
        if after != before:
            machine.write_crontab(after)
    _tell(f"{'systemd' if systemd else 'cron'} runs {_INTERVALS}, for {setup.home}")


@cron.command()
def remove(systemd: SystemdOption = False) -> None:
    """Take it out again. The database, the site files and the log stay."""
    settings = load()
    home = str(settings.home)
    if systemd:
        gone = _remove_units(home)
    else:
        before = machine.read_crontab()
        after = crontab.remove(before, home)
        if gone := after != before:
            machine.write_crontab(after)
    what = "timer" if systemd else "entry in the crontab"
    _tell(f"the {what} for {home} is removed" if gone else f"there is no {what} for {home}")


@cron.command()
def status() -> None:
    """Tell whether the clock runs newsbot, and how that goes.

    Ends with 1 if nothing does, if the program is not there, or if sites are due and no crawl comes.
    """
    settings = load()
    found = _Found()
    for look in (_crontab_status, _timer_status):
        look(str(settings.home), found)
    _database_status(settings, found)
    if not found.by:
        found.faults.append(f"nothing runs newsbot for {settings.home} by the clock: `newsbot cron install` sets it up")
    made = table("what", "state")
    made.add_row("home", Text(str(settings.home)))
    for name, state in found.rows:
        made.add_row(name, Text(state))
    out().print(made)
    for fault in found.faults:
        _tell(f"newsbot: {fault}")
    if found.faults:
        raise typer.Exit(1)


def _tell(line: str) -> None:
    err().print(Text(line))


def _setup() -> tuple[Settings, Setup]:
    """The settings and setup of this call. Raises ConfigError for what would be another thing under cron."""
    settings = load()
    if re.match(r"sqlite(\+\w+)?:///(?!/|file:)", settings.database_url):
        raise ConfigError(
            "database_url: names a file from the folder you are in, and cron starts newsbot in another. "
            "Write its whole path, after four slashes: sqlite:////path/to/file.db."
        )
    return settings, here()


def _folders(settings: Settings) -> list[str]:
    """Where newsbot writes besides its home."""
    files = [database_file(settings.database), settings.metrics_file]
    return [str(file.parent) for file in files if file is not None]


def _make_home(settings: Settings) -> None:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{settings.home}: cannot be made: {error.strerror}. Make it with yourself as its owner, or set "
            "NEWSBOT_HOME to another folder."
        ) from error


# systemd --------------------------------------------------------------------------------------------------------------


def _install_units(settings: Settings, setup: Setup) -> None:
    _check_home(machine.read_units(), setup.home)
    machine.write_units(units.render(setup, _folders(settings)))
    try:
        machine.systemctl("daemon-reload")
        machine.systemctl("enable", *units.TIMERS)
        machine.systemctl("restart", *units.TIMERS)  # one that ran already has its new times from now on
    except NewsbotError as error:
        raise NewsbotError(
            f"the units are written to {machine.units_folder()}, but they are not started: {error} Where no service "
            "manager of yours runs (in a container, after su or sudo), log in as yourself and install again, or take "
            "cron: `newsbot cron install`."
        ) from error
    if not machine.lingers():
        _tell("they end when you log out, and begin when you log in; to let them run always: loginctl enable-linger")


def _remove_units(home: str) -> bool:
    there = machine.read_units()
    if not there:
        return False
    _check_home(there, home)
    trouble: NewsbotError | None = None
    try:
        machine.systemctl("disable", "--now", *units.TIMERS)
    except NewsbotError as error:
        trouble = error
    machine.delete_units(list(there))
    if trouble is None:
        machine.systemctl("daemon-reload")
        return True
    raise NewsbotError(
        f"the units in {machine.units_folder()} are deleted, but one may run until you log out: {trouble} "
        "Log out, or end your service manager's timers by hand."
    )


def _check_home(there: dict[str, str], home: str) -> None:
    for name, text in there.items():
        other = units.home_of(text)
        if other != home:
            raise ConfigError(
                f"{machine.units_folder() / name}: serves another home, {other}, and a user has one timer. Call "
                f"`NEWSBOT_HOME={other} newsbot cron remove --systemd` first, or take cron: there each has its own."
            )


# Status ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """What runs newsbot for a home, what there is to say of it, and what is wrong with it."""

    by: list[str] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def _crontab_status(home: str, found: _Found) -> None:
    try:
        text = machine.read_crontab()
        blocks = crontab.blocks(text)
    except NewsbotError as error:
        found.rows.append(("crontab", str(error)))
        return
    others = [block.home for block in blocks if block.home != home]
    for block in blocks:
        if block.home == home:
            found.by.append("cron")
            found.rows.append(("crontab", _next_of_cron()))
            for program in dict.fromkeys(crontab.executables(text, block)):
                _check_program(program, "newsbot cron install", found)
    if "cron" not in found.by:
        found.rows.append(("crontab", "nothing for this home"))
    if others:
        found.rows.append(("other homes", ", ".join(others)))


def _next_of_cron() -> str:
    """When cron runs the first job next: intervals that are a part of an hour are so in every time zone."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    job = JOBS[0]
    coming = now + timedelta(minutes=job.minutes - now.minute % job.minutes)
    return f"`{' '.join(job.words)}` every {job.minutes} minutes, next at {local(coming)}"


def _timer_status(home: str, found: _Found) -> None:
    try:
        there = machine.read_units()
    except NewsbotError as error:
        found.rows.append(("timer", str(error)))
        return
    homes = {units.home_of(text) for text in there.values()}
    if home not in homes:
        found.rows.append(("timer", f"of another home: {', '.join(map(str, homes))}" if homes else "none"))
        return
    for name, text in there.items():
        program = units.executable(text)
        if name.endswith(".service") and program:
            _check_program(program, "newsbot cron install --systemd", found)
    try:
        said = machine.systemctl("show", units.TIMERS[0], "--property=ActiveState,NextElapseUSecRealtime")
    except NewsbotError as error:
        found.rows.append(("timer", f"written, but {error}"))
        return
    values = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    if values.get("ActiveState") == "active":
        found.by.append("systemd")
        found.rows.append(("timer", f"active, next at {values.get('NextElapseUSecRealtime') or 'a time not known'}"))
    else:
        found.rows.append(("timer", f"written, but {values.get('ActiveState', 'unknown')}"))


def _check_program(program: str, cure: str, found: _Found) -> None:
    there = os.access(program, os.X_OK)
    found.rows.append(("program", program if there else f"{program} (is not there)"))
    if not there:
        found.faults.append(f"{program} is not there, or cannot be run: `{cure}`, with the newsbot of today, mends it")


def _database_status(settings: Settings, found: _Found) -> None:
    """What the last crawl did, which sites are due, and whether nobody comes for them."""
    try:
        with Reader.open(settings.database) as reader:
            runs, times = reader.runs(1), {row.site: row.next_due for row in reader.schedule()}
    except StoreError as error:
        found.rows.append(("last crawl", str(error)))
        return
    if not runs:
        found.rows.append(("last crawl", "none yet"))
        return
    last = runs[0]
    ended = f"ended {local(last.finished)}: {last.outcome}" if last.finished else f"has not ended (pid {last.pid})"
    found.rows.append(("last crawl", f"began {local(last.started)}, {ended}"))
    sites = [site.key for site in load_sites(settings.sites_folder, settings.catalogue).sites.values() if site.enabled]
    now = datetime.now(UTC)
    due = due_now(sites, times, now, Bounds.of_seconds(settings.shortest_interval, settings.longest_interval))
    coming = [when for key in sites if (when := times.get(key)) is not None]
    if due:
        found.rows.append(("sites due", f"{len(due)} of {len(sites)} now"))
    elif coming:
        found.rows.append(("sites due", f"none of {len(sites)} now, the next at {local(min(coming))}"))
    long_due = [key for key in due if (when := times.get(key)) is not None and when < now - _LATE]
    if found.by and long_due and last.finished and last.started < now - _LATE:
        minutes = (now - max(times[key] or now for key in long_due)) // timedelta(minutes=1)
        found.faults.append(
            f"{len(long_due)} of the sites have been due for {minutes} minutes or more, and no crawl has begun: does "
            f"{' or '.join(found.by)} run? Call `newsbot crawl --due` by hand to see whether newsbot itself does"
        )
