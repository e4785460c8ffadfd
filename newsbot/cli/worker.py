"""`newsbot worker`: one of several machines that crawl into one database."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from newsbot.cli.asked import JsonOption
from newsbot.cli.output import err, local, out, table
from newsbot.config import Settings, load
from newsbot.errors import ConfigError
from newsbot.formats import json_line
from newsbot.store import Store

_QUIET = timedelta(minutes=1)  # a worker that is at work is heard every few seconds


def worker(
    concurrency: Annotated[
        int, typer.Option("--concurrency", "-c", metavar="N", min=1, max=64, help="Sites visited at once.")
    ] = 4,
    status: Annotated[
        bool, typer.Option("--status", help="Show the workers there are, and who has which site.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Crawl with other machines into one PostgreSQL database.

    Takes sites that are due from a queue, until SIGTERM or Ctrl-C. Which sites, and with what settings: what `newsbot
    sites push` has brought into the database. SIGTERM and Ctrl-C let visits store what is on its way; it ends with 143
    or 130 then.
    """
    settings = load()
    if status:
        _status(settings, as_json)
        return
    try:
        from newsbot.work.worker import work
    except ModuleNotFoundError as error:
        raise ConfigError(
            f'the package {error.name} is not installed. Install what workers need: pip install "newsbot[work]"'
        ) from error
    raise typer.Exit(work(settings, concurrency, lambda said: sys.stderr.write(f"newsbot worker: {said}\n")))


def _status(settings: Settings, as_json: bool) -> None:
    with Store.open(settings.database, create=False) as store:
        workers, held = store.machines.workers(), store.machines.held()
    if as_json:
        rows = [asdict(each) | {"silent": each.silent.total_seconds()} for each in workers]
        print(json_line({"workers": rows, "sites": [asdict(each) for each in held]}))  # noqa: T201
        return
    made = table("machine", "pid", "visits at once", "since", "heard", right=("pid", "visits at once"))
    for each in workers:
        heard = "now" if each.silent < _QUIET else local(each.seen)
        made.add_row(each.host, str(each.pid), str(each.slots), local(each.started), heard)
    out().print(made)
    made = table("site", "is with", "since")
    for lease in held:
        made.add_row(lease.site, lease.holder, local(lease.since))
    if held:
        out().print(made)
    if not workers:
        err().print("no worker is at work on this database")
