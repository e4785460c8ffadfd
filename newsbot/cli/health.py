"""`newsbot health`: whether all is well, for people and for monitoring systems."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from newsbot.cli.keys import SitesArgument
from newsbot.cli.output import err, out, table, when
from newsbot.config import load
from newsbot.errors import NewsbotError
from newsbot.formats import json_line
from newsbot.health import Alarm, Level
from newsbot.watching import Watch, notice

WARNING, CRITICAL, UNKNOWN = 1, 2, 3


def health(
    keys: SitesArgument = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell webhook_url and mail_to what began and what is over.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing when all is well.")] = False,
) -> None:
    """Say whether all is well with sites, crawls and the disk.

    It finds sites that are silent or broken, runs that do not come, and a disk that fills up.

    The first line and the exit code are those of monitoring plugins: 0 all well, 1 warning, 2 critical, 3 unknown (no
    such site, a wrong setting, or the database cannot be read).
    """
    try:
        settings = load()
        faults: list[str] = []
        if notify:
            watch, faults = notice(settings, keys or ())
        else:
            watch = Watch.look(settings, keys or ())
    except NewsbotError as error:
        if as_json:
            print(json_line({"state": "unknown", "error": str(error)}))  # noqa: T201
        else:
            print(f"NEWSBOT UNKNOWN - {error}")  # noqa: T201
        raise typer.Exit(UNKNOWN) from error
    code = _code(watch.alarms)
    if as_json:
        print(json_line(_as_dict(watch, code)))  # noqa: T201
    elif code or not quiet:
        _print(watch, code)
    for fault in faults:
        sys.stderr.write(f"newsbot: {fault}\n")
    raise typer.Exit(code)


def _code(alarms: list[Alarm]) -> int:
    return max((CRITICAL if alarm.level is Level.CRITICAL else WARNING for alarm in alarms), default=0)


def _print(watch: Watch, code: int) -> None:
    state = ("OK", "WARNING", "CRITICAL")[code]
    sites = len(watch.facts.sites)
    numbers = [sum(alarm.level is level for alarm in watch.alarms) for level in (Level.CRITICAL, Level.WARNING)]
    said = f"{sites} sites"
    if watch.alarms:
        first = watch.alarms[0]
        said = f"{first.site or 'newsbot'}: {first.kind}" + (
            f" and {len(watch.alarms) - 1} more" if len(watch.alarms) > 1 else ""
        )
    # What stands behind the bar is what graphs are drawn of: https://www.monitoring-plugins.org/doc/guidelines.html
    print(f"NEWSBOT {state} - {said} | sites={sites} critical={numbers[0]} warning={numbers[1]}")  # noqa: T201
    if not watch.alarms:
        return
    made = table("site", "alarm", "level", "since", "evidence")
    for alarm in watch.alarms:
        style = "red" if alarm.level is Level.CRITICAL else "yellow"
        made.add_row(
            alarm.site or "", str(alarm.kind), Text(str(alarm.level), style), when(alarm.since), Text(alarm.evidence)
        )
    out().print(made)
    if err().is_terminal:
        for advice in dict.fromkeys(f"{alarm.kind}: {alarm.advice}" for alarm in watch.alarms):
            err().print(Text(advice, style="dim"))


def _as_dict(watch: Watch, code: int) -> dict[str, object]:
    return {
        "state": ("ok", "warning", "critical")[code],
        "at": watch.facts.now,
        "sites": len(watch.facts.sites),
        "alarms": [asdict(alarm) | {"advice": alarm.advice} for alarm in watch.alarms],
    }
