"""`newsbot schedule`: what is due when, and why."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from rich.text import Text

from newsbot.cli.asked import JsonOption
from newsbot.cli.keys import SitesArgument
from newsbot.cli.output import local, out, table
from newsbot.config import load
from newsbot.formats import json_line
from newsbot.register import in_force
from newsbot.schedule import Bounds, is_due
from newsbot.sites import find
from newsbot.store import Scheduled, Store


def schedule(
    keys: SitesArgument = None,
    as_json: JsonOption = False,
) -> None:
    """Show when sites are due, and why, the next one first.

    Times are those of this machine, with the name of their zone; with --json they are UTC.
    """
    settings = load()
    with Store.open(settings.database) as store:
        found = in_force(settings, store)
        sites = find(found.sites, keys) if keys else [site for site in found.sites.values() if site.enabled]
        known = {row.site: row for row in store.read.schedule()}
        held = {lease.site: lease.holder for lease in store.machines.held()}
    now = datetime.now(UTC)
    bounds = Bounds.of_seconds(settings.shortest_interval, settings.longest_interval)
    rows = [known.get(site.key) or Scheduled(site.key, None, None, None, None) for site in sites]
    rows.sort(key=lambda row: (row.next_due or datetime.min.replace(tzinfo=UTC), row.site))
    due = {row.site: is_due(row.next_due, now, bounds) for row in rows}
    why = {row.site: row.why or ("not scheduled yet" if row.last_visit else "never visited") for row in rows}
    disabled = {site.key for site in sites if not site.enabled}
    if as_json:
        for row in rows:
            said = {"site": row.site, "enabled": row.site not in disabled, "due": due[row.site]}
            said |= {"next_due": row.next_due, "why": why[row.site]}
            said |= {"last_visit": row.last_visit, "last_outcome": row.last_outcome}
            print(json_line(said | {"with": held.get(row.site)}))  # noqa: T201
        return
    made = table("site", "due", "in", "last visit", "went", "why", right=("in",))
    for row in rows:
        when, left = ("now", "") if row.next_due is None or due[row.site] else _time(row.next_due, now)
        if row.site in disabled:
            when, left = "disabled", ""
        if row.site in held:
            when, left = f"at work: {held[row.site]}", ""
        visit = local(row.last_visit) if row.last_visit else ""
        made.add_row(row.site, when, left, visit, row.last_outcome or "", Text(why[row.site]))
    out().print(made)
    if not rows:
        sys.stderr.write(
            "newsbot: no site is enabled; `newsbot sites enable SITE` or `newsbot sites add URL` does so\n"
        )


def _time(when: datetime, now: datetime) -> tuple[str, str]:
    minutes = max(1, round((when - now).total_seconds() / 60))
    return local(when), f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
