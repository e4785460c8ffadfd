"""`newsbot ingest`: the stories of WARC files."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from newsbot.archive import check_installed
from newsbot.cli.keys import SiteOption
from newsbot.cli.output import err, out, table, when
from newsbot.config import load
from newsbot.formats import json_line
from newsbot.reasons import told
from newsbot.sites import Owners, find, load_sites
from newsbot.work import check_installed as needs_queue

if TYPE_CHECKING:
    from newsbot.ingest import FileReport, Report

_SHOWN = 20  # sites in the table, those with most pages; an archive may hold thousands
_GROUPS = ("dropped", "error")
_NUMBERS = ("pages", "new", "changed", "same", "copies", "dropped", "errors")


def ingest(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="WARC files: .warc, .warc.gz, .warc.zst; - for stdin.")
    ],
    site: SiteOption = None,
    known: Annotated[bool, typer.Option("--known", help="Only pages of sites that newsbot has a file for.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Read files once more that were read before.")] = False,
    queue: Annotated[
        bool, typer.Option("--queue", help="Leave the files to the workers, which reach them by the same paths.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing unless something fails: for cron.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as one JSON object.")] = False,
) -> None:
    """Take the stories of web archives (WARC), as of CC-NEWS.

    They are kept as if they had been crawled when they were archived. A run that is broken off, by whatever, goes on
    where it was. Pages of a site that newsbot has no file for are kept under its domain. With --queue, workers on this
    and other machines read the files.

    Ends with 0 when all went well, 1 when a file is damaged or cannot be read, 75 when another run is at work on one,
    130 or 143 when interrupted.
    """
    settings = load()
    if queue:
        needs_queue("newsbot ingest --queue")
        from newsbot.work.archives import put

        queued = put(settings, files, site or (), known=known, again=again)
        if as_json:
            print(json_line({"queued": queued}))  # noqa: T201
        elif not quiet:
            before = f", {len(files) - queued} were there before" if queued < len(files) else ""
            err().print(f"{queued} put into the queue{before}; newsbot worker --status shows what becomes of them")
        return
    sites = load_sites(settings.sites_folder, settings.catalogue).sites
    chosen = {each.key for each in find(sites, site)} if site else set(sites) if known else None
    check_installed("newsbot ingest")
    from newsbot.ingest import run  # what reads pages takes its time to import

    show = sys.stderr.isatty() and not quiet and not as_json
    with _Progress() if show else nullcontext(lambda _: None) as watch:
        report = run(settings, files, Owners(sites.values()), chosen, watch, again=again)
    if as_json:
        print(json_line(_as_dict(report)))  # noqa: T201
    elif not quiet:
        _print_table(report)
    for file in report.files:
        if file.error:
            sys.stderr.write(f"newsbot: {file.error}\n")
    if report.interrupted:
        said = "what was read is stored, and the same command goes on from there"
        sys.stderr.write(f"newsbot: interrupted ({report.interrupted.name}); {said}\n")
    raise typer.Exit(report.exit_code)


class _Progress(AbstractContextManager["_Progress"]):
    """How far the reading is, on the terminal."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(None), TimeElapsedColumn(), TimeRemainingColumn(),
            TextColumn("{task.fields[said]}"), console=err(), transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None, said="")

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, report: Report) -> None:
        now = next((file for file in reversed(report.files) if file.records), report.files[0])
        pages, new, *_ = _numbers(now.counts)
        self._bar.update(
            self._task, description=now.label, total=now.size, completed=now.place, said=f"{pages} pages, {new} new"
        )


def _numbers(counts: Counter[str]) -> list[int]:
    dropped, errors = (sum(n for name, n in counts.items() if name.startswith(f"{group}.")) for group in _GROUPS)
    return [*(counts[name] for name in ("fetched", "new", "changed", "same", "copy")), dropped, errors]


def _print_table(report: Report) -> None:
    sites: dict[str, Counter[str]] = {}
    for file in report.files:
        for key, counts in file.sites.items():
            sites.setdefault(key, Counter()).update(counts)
        err().print(_said(file))
    if not sites:
        return
    made = table("site", *_NUMBERS, right=_NUMBERS)
    ordered = sorted(sites, key=lambda key: (-sites[key]["fetched"], key))
    for key in ordered[:_SHOWN]:
        made.add_row(key, *_row(sites[key]))
    if rest := ordered[_SHOWN:]:
        made.add_row(f"{len(rest)} more", *_row(sum((sites[key] for key in rest), Counter())))
    if len(sites) > 1:
        made.add_section()
        made.add_row("all", *_row(sum(sites.values(), Counter())))
    out().print(made)
    if report.finished:
        seconds = (report.finished - report.started).total_seconds()
        pages = sum(counts["fetched"] for counts in sites.values())
        err().print(f"{pages} pages in {seconds:.1f} s")


def _row(counts: Counter[str]) -> list[str]:
    return [str(number or "·") for number in _numbers(counts)]


def _said(file: FileReport) -> str:
    """A file in one line."""
    if file.outcome == "done":
        return f"{file.label}: was read on {when(file.before)} UTC; --again reads it once more"
    passed = {name: number for name, number in file.counts.items() if name.startswith("skipped.")}
    return f"{file.label}: {file.records} records" + (f"; passed over: {told(passed)}" if passed else "")


def _as_dict(report: Report) -> dict[str, Any]:
    return {
        "started": report.started.isoformat(),
        "finished": report.finished.isoformat() if report.finished else None,
        "exit_code": report.exit_code,
        "interrupted": report.interrupted.name if report.interrupted else None,
        "files": [
            {
                "name": file.name,
                "outcome": file.outcome,
                "records": file.records,
                "error": file.error or None,
                "counts": file.counts,
                "sites": file.sites,
            }
            for file in report.files
        ],
    }
