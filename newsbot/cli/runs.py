"""`newsbot runs`: what crawls and other runs did, and one of them site by site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.text import Text

from newsbot.cli.asked import reader
from newsbot.cli.keys import SiteOption
from newsbot.cli.output import out, outcome, table, when
from newsbot.errors import QueryError
from newsbot.formats import json_line
from newsbot.reasons import GROUPS, explain, reasons
from newsbot.store import RunRow, RunSite

_NUMBERS = ("pages", "new", "changed", "copies", "dropped", "errors", "KB", "s")


def runs(
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="One run, site by site.", min=1)] = None,
    site: SiteOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help="At most so many runs.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line: a run.")] = False,
) -> None:
    """Show the last crawls, newest first, or one in detail.

    Of one, each site, and why its pages gave no story.
    """
    with reader() as read:
        found = read.runs(limit, tuple(site or ()), number)
    if number is not None and not found:
        of_them = " that visited " + " or ".join(site) if site else ""
        raise QueryError(f"there is no run {number}{of_them}. `newsbot runs` lists those that there are.")
    if as_json:
        for run in found:
            print(json_line(_as_dict(run)))  # noqa: T201
    elif number is not None:
        _print_one(found[0])
    else:
        _print_all(found)


def _as_dict(run: RunRow) -> dict[str, Any]:
    values = asdict(run)
    for visit in values["sites"]:
        visit["reasons"] = {name: explain(name) for name in reasons(visit["counts"])}
    return values


def _print_all(found: Sequence[RunRow]) -> None:
    if not found:
        out().print("no crawl yet")
        return
    made = table("run", "kind", "started", "sites", *_NUMBERS, "outcome", right=("run", "sites", *_NUMBERS))
    for run in found:
        made.add_row(
            str(run.id),
            str(run.kind),
            when(run.started),
            str(len(run.sites)),
            *_row(run.sites, run),
            outcome(run.outcome or "at work"),
        )
    out().print(made)


def _print_one(run: RunRow) -> None:
    console = out()
    if console.is_terminal:
        ended = f"ended {when(run.finished)} UTC" if run.finished else "at work"
        console.print(
            Text(
                f"run {run.id} ({run.kind}): began {when(run.started)} UTC, {ended}, {run.outcome or 'no outcome yet'}"
            ),
            end="\n\n",
        )
    made = table("site", *_NUMBERS, "outcome", "why pages gave no story", right=_NUMBERS)
    for visit in run.sites:
        why = ", ".join(f"{number} {name}" for name, number in reasons(visit.counts).items())
        made.add_row(visit.site, *_row([visit], visit), outcome(visit.outcome or "at work"), why)
    console.print(made)
    if not console.is_terminal:
        return
    names = sorted({name for visit in run.sites for name in reasons(visit.counts)})
    if names:
        console.print()
    for name in names:
        console.print(Text.assemble((f"{name:<28}", "bold"), explain(name)))


def _row(visits: Sequence[RunSite], span: RunRow | RunSite) -> list[str]:
    """What all these visits counted, and how long it took."""
    counts: Counter[str] = Counter()
    for visit in visits:
        counts.update(visit.counts)
    totals = {group: sum(n for name, n in counts.items() if name.startswith(f"{group}.")) for group in GROUPS}
    shown = [counts["fetched"], counts["new"], counts["changed"], counts["copy"], totals["dropped"], totals["error"]]
    seconds = f"{(span.finished - span.started).total_seconds():,.1f}" if span.finished else ""
    return [str(n or "·") for n in shown] + [f"{sum(visit.bytes for visit in visits) / 1000:,.0f}", seconds]
