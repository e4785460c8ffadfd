"""`newsbot backfill`: a site's older stories, a slice at a time."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.cli.keys import SiteArgument
from newsbot.cli.output import err
from newsbot.config import load
from newsbot.formats import json_line
from newsbot.moments import moment
from newsbot.reasons import told
from newsbot.sites import find, load_sites

if TYPE_CHECKING:
    from newsbot.crawl import Report

AGAIN = 75
"""What it ends with while there is more: EX_TEMPFAIL of sysexits.h, as where another run has the site."""


def backfill(
    key: SiteArgument,
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Back to then: 2020-01-01, 90d.")],
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing unless something fails: for cron.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as one JSON object.")] = False,
) -> None:
    """Fetch a site's older stories, a slice at a time.

    Run it again until all are there. At most stories_per_visit of them, in visit_seconds, newest first, with all of a
    crawl's manners; crawls that are due come in between.

    Ends with 0 when all are there, 75 when there are more, or another run is at work on the site, 1 when none of
    these could be read or the database failed, 130 or 143 when interrupted.
    """
    settings, begin = load(), moment(since, datetime.now(UTC))
    sites = find(load_sites(settings.sites_folder, settings.catalogue).sites, [key])
    from newsbot.crawl import Interrupted, run  # Scrapy takes half a second to import: only where it is needed

    show = sys.stderr.isatty() and not quiet and not as_json
    try:
        with err().status("") if show else nullcontext() as status:
            report = run(settings, sites, lambda now: status.update(_said(now, key)) if status else None, since=begin)
    except Interrupted as error:
        raise typer.Exit(128 + error.signal) from error
    counts, more = report.sites[key].counts, _more(report, key)
    if as_json:
        said = {"site": key, "since": begin, "more": more, "outcome": str(report.sites[key].visit), "counts": counts}
        print(json_line(said))  # noqa: T201
    elif not quiet:
        err().print(_said(report, key) + ("; there are more: run it again" if more else ""))
    if report.broken:
        sys.stderr.write(f"newsbot: the backfill was ended: {report.broken}\n")
    elif report.failed:
        why = told(counts) or "it has no sitemap, and its file names no archive pages (calendar)"
        sys.stderr.write(f"newsbot: {key} failed: {why}; see {settings.log_file}\n")
    raise typer.Exit(report.exit_code or (AGAIN if more else 0))


def _said(report: Report, key: str) -> str:
    """How far it is, in one line."""
    counts = report.sites[key].counts
    stories = sum(counts.get(name, 0) for name in ("new", "changed", "copy"))
    lists, pages = counts.get("source.ok", 0), counts.get("fetched", 0)
    return f"{key}: {lists} lists, {pages} pages, {stories} stories, {report.all.errors} errors"


def _more(report: Report, key: str) -> bool:
    """Whether there may be stories that this slice has left."""
    left = ("postponed", "error.out_of_time", "skipped.crawl_ended", "skipped.retry_after", "skipped.host_silent")
    return any(report.sites[key].counts.get(name) for name in left)
