"""`newsbot crawl`: the main job."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from newsbot.cli.keys import SitesArgument
from newsbot.cli.output import err, local, out, outcome, table
from newsbot.config import Settings, load
from newsbot.errors import CrawlLocked, SiteError
from newsbot.formats import json_line
from newsbot.reasons import told
from newsbot.schedule import Bounds, due_now
from newsbot.sites import Site, find, load_sites
from newsbot.store import Store
from newsbot.watching import idle

if TYPE_CHECKING:
    from newsbot.crawl import Report, SiteReport


def crawl(
    keys: SitesArgument = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing unless something fails: for cron.")
    ] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Only those whose time has come: for cron, every few minutes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as one JSON object.")] = False,
) -> None:
    """Crawl sites once and store what is new.

    With --due, sites that another crawl is at work on are left to it, and where no site is due nothing is done.

    Ends with 0 when all went well, 1 when a site failed, 75 when another crawl is at work on one of them, 130 or 143
    when interrupted.
    """
    settings = load()
    wanted, faults = _wanted(settings, keys or [])
    if due:
        wanted = _due(settings, wanted, quiet=quiet or as_json)
        if not wanted and not as_json:
            raise typer.Exit(_print_faults(faults, idle(settings)))
    from newsbot.crawl import Interrupted, run  # Scrapy takes half a second to import: only where it is needed

    show = sys.stderr.isatty() and not quiet and not as_json
    try:
        with _Progress() if show else nullcontext(lambda _: None) as watch:
            report = run(settings, wanted, watch, due=due)
    except Interrupted as error:
        sys.stderr.write(f"newsbot: interrupted ({error.signal.name}) before the first site\n")
        raise typer.Exit(128 + error.signal) from error
    except CrawlLocked as error:
        if quiet:  # the crawl that is at work does this one's job: no mail
            raise typer.Exit(error.exit_code) from error
        raise
    if as_json:
        print(json_line(_as_dict(report)))  # noqa: T201
    elif not quiet and not report.offline and report.sites:
        _print_table(report)
    if show and not settings.contact:
        sys.stderr.write(f"newsbot: site owners see {settings.user_agent!r}: give an address of yours\n")
    code = _print_failures(report, faults, settings, quiet=quiet)
    raise typer.Exit(code)


def _wanted(settings: Settings, keys: list[str]) -> tuple[list[Site], list[SiteError]]:
    """The sites to crawl, and the faults of files that could not be used."""
    found = load_sites(settings.sites_folder, settings.catalogue)
    if keys:
        for fault in found.faults:
            if fault.key in keys:
                raise fault
        return find(found.sites, keys), []
    wanted = [site for site in found.sites.values() if site.enabled]
    if not wanted and found.faults:
        raise found.faults[0]
    if not wanted:
        raise SiteError(
            f"there is no site to crawl: put site files into {settings.sites_folder}, or set catalogue = true"
        )
    return wanted, list(found.faults)


def _due(settings: Settings, sites: list[Site], *, quiet: bool) -> list[Site]:
    """Those of the sites whose time has come; where there is none, tells when the next one is due."""
    now = datetime.now(UTC)
    with Store.open(settings.database) as store:
        times = {row.site: row.next_due for row in store.read.schedule()}
    bounds = Bounds.of_seconds(settings.shortest_interval, settings.longest_interval)
    due = due_now((site.key for site in sites), times, now, bounds)
    later = {key: when for key, when in times.items() if when is not None and any(key == site.key for site in sites)}
    if not due and not quiet and later:
        key = min(later, key=later.__getitem__)
        err().print(f"no site is due; the next is {key}, at {local(later[key])} (`newsbot schedule` shows all)")
    return [site for site in sites if site.key in due]


class _Progress(AbstractContextManager["_Progress"]):
    """What the crawl is doing, on the terminal."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("crawling"), BarColumn(None), MofNCompleteColumn(), TextColumn("sites"), TimeElapsedColumn()
        )
        self._task = self._bar.add_task("sites", total=None)
        self._live = Live(console=err(), refresh_per_second=4, transient=True)

    def __enter__(self) -> _Progress:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, report: Report) -> None:
        done = [r for r in report.sites.values() if r.visit is not None]
        self._bar.update(self._task, total=len(report.sites), completed=len(done))
        whole = report.all
        pages, new, changed, copies = _counted(whole)
        line = Text(f"{pages} pages   {new} new   {changed} changed   {copies} copies   {whole.errors} errors")
        self._live.update(Group(self._bar, line))


def _print_table(report: Report) -> None:
    made = table(
        "site", "pages", "new", "changed", "copies", "dropped", "errors", "KB", "outcome",
        right=("pages", "new", "changed", "copies", "dropped", "errors", "KB"),
    )  # fmt: skip
    for key, site in report.sites.items():
        made.add_row(key, *_row(site), outcome(str(site.visit)))
    if len(report.sites) > 1:
        made.add_section()
        made.add_row("all", *_row(report.all), "")
    out().print(made)
    if report.finished:
        seconds = (report.finished - report.started).total_seconds()
        err().print(f"{len(report.sites)} sites in {seconds:.1f} s")


def _counted(site: SiteReport) -> list[int]:
    """Pages fetched; stories that were new, changed, copies."""
    return [site.counts.get(name, 0) for name in ("fetched", "new", "changed", "copy")]


def _row(site: SiteReport) -> list[str]:
    shown = [*_counted(site), site.dropped, site.errors]
    return [str(n or "·") for n in shown] + [f"{site.received / 1000:,.0f}"]


def _print_failures(report: Report, faults: list[SiteError], settings: Settings, *, quiet: bool) -> int:
    """Say on stderr what went wrong, and give the exit code."""
    say = sys.stderr.write
    code = _print_faults(faults, report.unwatched)
    if report.broken:
        say(f"newsbot: the crawl was ended: {report.broken}\n")
    if report.offline:
        say(
            f"newsbot: none of {len(report.sites)} sites could be reached: is this machine connected to the network? "
            "Try `newsbot demo`, which needs none.\n"
        )
    else:
        for key in report.failed:
            why = told(report.sites[key].counts) or "no source answered"
            say(f"newsbot: {key} failed: {why}; see {settings.log_file}\n")
    for key, site in report.sites.items():
        if site.counts.get("missed.possible") and not quiet:
            say(
                f"newsbot: {key}: stories may have been missed: a source lists nothing any more of what it listed "
                "on the last visit; the site is visited more often from now on\n"
            )
        if site.counts.get("source.empty") and not quiet:
            say(f"newsbot: {key}: no source lists a story that its site file lets through; see {settings.log_file}\n")
    if report.interrupted:
        say(f"newsbot: interrupted ({report.interrupted.name}); what was fetched is stored\n")
    return report.exit_code or code


def _print_faults(faults: list[SiteError], unwatched: list[str]) -> int:
    """Say on stderr which site files cannot be used and what could not be told, and give the exit code."""
    for each in (*faults, *unwatched):
        sys.stderr.write(f"newsbot: {each}\n")
    return 1 if faults else 0


def _as_dict(report: Report) -> dict[str, Any]:
    return {
        "started": report.started.isoformat(),
        "finished": report.finished.isoformat() if report.finished else None,
        "exit_code": report.exit_code,
        "interrupted": report.interrupted.name if report.interrupted else None,
        "totals": report.all.counts,
        "sites": {
            key: {"outcome": str(site.visit), "bytes": site.received, "counts": site.counts}
            for key, site in report.sites.items()
        },
    }
