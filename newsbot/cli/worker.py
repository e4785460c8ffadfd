"""`newsbot worker`: one of several machines that crawl into one database."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.cli.asked import JsonOption
from newsbot.cli.output import err, local, out, table
from newsbot.config import Settings, load
from newsbot.formats import json_line
from newsbot.store import Store
from newsbot.work import check_installed

if TYPE_CHECKING:
    from newsbot.work.archives import Queued

_SHOWN = 20  # archives; there may be thousands
_QUIET = timedelta(minutes=1)  # a worker that is at work is heard every few seconds


class Queue(StrEnum):
    """The queues, as newsbot.work names them; that room takes its time to import."""

    CRAWL = "crawl"
    ARCHIVES = "archives"


def worker(
    concurrency: Annotated[
        int, typer.Option("--concurrency", "-c", metavar="N", min=1, max=64, help="Sites visited at once.")
    ] = 4,
    queue: Annotated[
        list[Queue] | None,
        typer.Option(
            "--queue", metavar="|".join(Queue), help="Take jobs of this queue alone; of both if nothing is said."
        ),
    ] = None,
    status: Annotated[
        bool, typer.Option("--status", help="Show the workers there are, who has which site, and the archives queued.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Crawl with other machines into one PostgreSQL database.

    Takes sites that are due from a queue, and archives that `newsbot ingest --queue` put into another, one at a time,
    until SIGTERM or Ctrl-C. Which sites, and with what settings: what `newsbot sites push` has brought into the
    database. SIGTERM and Ctrl-C let jobs store what is on its way; it ends with 143 or 130 then.
    """
    settings = load()
    if status:
        _status(settings, as_json)
        return
    check_installed("newsbot worker")
    from newsbot.work.worker import work

    queues = [each.value for each in queue or ()]
    raise typer.Exit(work(settings, concurrency, lambda said: sys.stderr.write(f"newsbot worker: {said}\n"), queues))


def _status(settings: Settings, as_json: bool) -> None:
    check_installed("newsbot worker --status")
    from newsbot.work.archives import queued

    with Store.open(settings.database, create=False) as store:
        workers, held = store.machines.workers(), store.machines.held()
    archives = queued(settings)
    if as_json:
        rows = [asdict(each) | {"silent": each.silent.total_seconds()} for each in workers]
        said = {
            "workers": rows,
            "sites": [asdict(each) for each in held],
            "archives": [asdict(each) for each in archives],
        }
        print(json_line(said))  # noqa: T201
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
    made = table("archive in the queue", "is")
    for archive in archives[:_SHOWN]:
        made.add_row(archive.file, _told(archive))
    if len(archives) > _SHOWN:
        made.add_row(f"{len(archives) - _SHOWN} more", "waiting")
    if archives:
        out().print(made)
    if not workers:
        err().print("no worker is at work on this database")


def _told(queued: Queued) -> str:
    """How a file in the queue is doing."""
    if queued.at_work:
        return "being read"
    if not queued.tries:
        return "waiting"
    return f"waiting: {queued.tries} times it could not be read" + (
        f"; again {local(queued.after)}" if queued.after else ""
    )
