"""The texts of systemd's user units: a service and a timer for each job.

A user has one set of them, for one home; each unit names its home in a line of its own, by which it is known for
newsbot's. What a user wants to be otherwise goes into a drop-in (`systemctl --user edit newsbot.service`), which
installing again leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsbot.errors import ConfigError
from newsbot.timers.jobs import JOBS, Job, Setup

TIMERS = tuple(f"{job.name}.timer" for job in JOBS)
NAMES = tuple(f"{job.name}.{kind}" for job in JOBS for kind in ("service", "timer"))
_HOME = "# NEWSBOT_HOME="


def render(setup: Setup, folders: Sequence[str] = ()) -> dict[str, str]:
    """File name -> text of the units of a setup. Its jobs may write in its home and in `folders`, and nowhere else.

    Raises ConfigError for a program that systemd does not start."""
    units: dict[str, str] = {}
    for job in JOBS:
        head = (
            f"{_HOME}{setup.home}\n# Written by `newsbot cron install --systemd`, which writes it anew. "
            f"For changes of your own: `systemctl --user edit {{}}`.\n"
        )
        units[f"{job.name}.service"] = head.format(f"{job.name}.service") + _service(setup, job, folders)
        units[f"{job.name}.timer"] = head.format(f"{job.name}.timer") + _timer(job)
    return units


def home_of(text: str) -> str | None:
    """The home that a unit is for; None for one that newsbot did not write."""
    first = text.partition("\n")[0]
    return first.removeprefix(_HOME) if first.startswith(_HOME) else None


def executable(text: str) -> str | None:
    """The program that a service starts, as its text says."""
    match = re.search(r'^ExecStart=(?:"([^"]*)"|(\S+))', text, re.MULTILINE)
    return (match[1] or match[2]).replace("%%", "%") if match else None


def _service(setup: Setup, job: Job, folders: Sequence[str]) -> str:
    variables = {"NEWSBOT_HOME": setup.home, **setup.variables}
    environment = "\n".join(f"Environment={_quoted(f'{name}={value}')}" for name, value in variables.items())
    program, *words = *setup.command, *job.words
    if set(program) & set("\"'\\"):
        raise ConfigError(f"{program}: systemd starts no program with a quote or backslash in its path. Take cron.")
    command = " ".join([_quoted(program), *(_quoted(word).replace("$", "$$") for word in words)])
    writable = " ".join(map(_quoted, dict.fromkeys([setup.home, *folders])))
    return f"""\
[Unit]
Description=newsbot: {job.about}

[Service]
Type=oneshot
{environment}
ExecStart={command}
# 75: another one is at work already; that is no failure.
SuccessExitStatus=75
TimeoutStartSec=6h
# SIGTERM goes to newsbot alone, which ends its own processes when what they have read is stored.
KillMode=mixed
Nice=10
# A page that takes too much memory costs its reader, which is replaced, and never the machine.
MemoryMax=50%
OOMPolicy=continue
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths={writable}
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
"""


def _timer(job: Job) -> str:
    times = f"*:0/{job.minutes}" if job.minutes < 60 else "*:00"
    return f"""\
[Unit]
Description=newsbot: {job.about}, looked at every {job.minutes} minutes

[Timer]
OnCalendar=*-*-* {times}:00 UTC
# Not all the world at the full minute.
RandomizedDelaySec=60
# After the machine was off, once at once.
Persistent=true

[Install]
WantedBy=timers.target
"""


def _quoted(word: str) -> str:
    """A word in a unit: `%` begins a specifier there, and backslash and quote are escaped within quotes."""
    word = word.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
