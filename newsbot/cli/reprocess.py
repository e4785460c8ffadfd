"""`newsbot reprocess`: stories brought up to what this newsbot, and the sites' files, make of their pages."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from newsbot.cli.asked import SinceOption
from newsbot.cli.keys import SiteOption
from newsbot.cli.output import err, out, table
from newsbot.cli.show import shown
from newsbot.config import load
from newsbot.errors import QueryError
from newsbot.formats import json_line
from newsbot.moments import moment
from newsbot.reasons import explain
from newsbot.reprocess.running import Chosen, Report, run, sites_of, waiting
from newsbot.revision import word_diff
from newsbot.store import Store

_WORDS = {
    "changed": "made again, and different",
    "same": "made again, and the same",
    "elsewhere": "left for the machine that has their pages",
    "of_page": "read from the archive",
    "of_blocks": "put together from their blocks",
    "lost": "pages that should have been in the archive",
    "error.too_hard": "not made: took too long, or killed the reader",
    "error.not_understood": "not made: cannot be read",
}


def reprocess(
    site: SiteOption = None,
    since: SinceOption = None,
    story: Annotated[int | None, typer.Option("--story", metavar="ID", help="Only the story of this number.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; tell what would, with a sample of differences.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what came of it as one JSON object.")] = False,
) -> None:
    """Make stories again after an update, or a changed site file.

    Those that an earlier newsbot, or another site file, has made: from their pages where the archive has them, else
    from what was kept of them. No version is made; their texts before are not kept. It may be broken off and run again,
    and a crawl may be at work meanwhile.
    """
    settings = load()
    chosen = Chosen(moment(since, datetime.now(UTC)) if since else None, story)
    with Store.open(settings.database, create=False) as store:
        sites, faults = sites_of(settings, store, site or [])
        outdated = waiting(store, sites, chosen)
    for fault in faults:
        err().print(Text(f"{fault}\nthe stories of this site are left as they are"))
    if outdated and not dry_run and not yes:
        _ask(outdated)
    show = sys.stderr.isatty() and not as_json
    with _Bar() if show else nullcontext(lambda _: None) as watch:
        report = run(settings, sites, chosen, write=not dry_run, watch=watch)
    if as_json:
        print(json_line(_as_values(report)))  # noqa: T201
    else:
        _print(report, dry_run=dry_run)
    raise typer.Exit(report.exit_code or int(bool(faults)))


def _ask(outdated: int) -> None:
    """Ask a person; ends with 1 where the answer is no. Raises QueryError where nobody is there."""
    told = f"{outdated:,} {'story' if outdated == 1 else 'stories'}"
    if not sys.stdin.isatty():
        raise QueryError(f"{told} would be made again, and nobody is here to be asked. Look with --dry-run; add --yes.")
    err().print("--dry-run tells what would change. What their texts were before is not kept.")
    if not typer.confirm(f"Make {told} again?", err=True):
        err().print("nothing was changed")
        raise typer.Exit(1)


class _Bar:
    """How far it is, on the terminal."""

    def __enter__(self) -> _Bar:
        self._bar = Progress(
            TextColumn("stories"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=err(), transient=True,
        )  # fmt: skip
        self._bar.start()
        self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, report: Report) -> None:
        self._bar.update(self._task, completed=report.done, total=report.of)


def _as_values(report: Report) -> dict[str, Any]:
    return {
        "outdated": report.of,
        "counts": {name: number for name, number in report.counts.items() if number},
        "changes": dict(report.fields),
        "sample": [asdict(found) for found in report.sample],
        "interrupted": report.interrupted is not None,
    }


def _print(report: Report, *, dry_run: bool) -> None:
    console = out()
    if not report.of:
        err().print("all stories are what this newsbot makes of their pages")
        return
    for found in report.sample if dry_run else ():
        console.print(Text(f"{found.story}  {found.site}  {found.url}", style="bold"))
        console.print(Text(f"changes: {', '.join(found.changes)}", style="dim"))
        for before, after in ((found.title_before, found.title), (found.text_before, found.text)):
            if before != after:
                console.print(shown(word_diff(before, after)))
        console.print()
    made = table("what", "stories", right=("stories",))
    for name, number in report.counts.items():
        if number:
            made.add_row(_WORDS.get(name) or _kept(name), f"{number:,}")
    for name, number in report.fields.most_common():
        made.add_row(f"other {name.replace('_', ' ')}", f"{number:,}")
    console.print(made)
    if dry_run:
        err().print("nothing was changed: --dry-run")
    if report.interrupted:
        err().print(f"{report.interrupted.name}: {report.of - report.done:,} are left; run it again to go on")


def _kept(name: str) -> str:
    return f"left as they were; now: {explain(name.replace('no_story.', 'dropped.'))}"
