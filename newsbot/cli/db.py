"""`newsbot db`: the database as a whole, and its schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from newsbot.archive.retention import Size, size
from newsbot.cli.output import err, out, table, when
from newsbot.config import load
from newsbot.formats import json_line
from newsbot.store import Check, Info, Store, libpq
from newsbot.store import upgrade as upgrade_schema

db = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Look at the database as a whole.",
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")]


@contextmanager
def _store() -> Iterator[Store]:
    with Store.open(load().database, create=False) as store:
        yield store


@db.command()
def info(as_json: JsonOption = False) -> None:
    """Tell where the database is, what it holds and how large it is."""
    with _store() as store:
        found = store.info()
    pages = size(load().archive_folder)
    if as_json:
        print(json_line({**asdict(found), "archive": asdict(pages)}))  # noqa: T201
        return
    made = table("what", "value")
    for name, value in (*_facts(found), *_archive(pages)):
        made.add_row(name, Text(value))
    out().print(made)


def _facts(found: Info) -> Iterator[tuple[str, str]]:
    yield "database", found.where
    yield "server", found.server
    yield "schema", found.schema
    yield "size", _size(found.bytes)
    yield "stories", f"{found.stories:,}"
    yield "earlier versions", f"{found.versions:,}"
    yield "stories with copies", f"{found.clusters:,}"
    yield "sites", f"{found.sites:,}"
    yield "oldest story (UTC)", when(found.oldest)
    yield "newest story (UTC)", when(found.newest)
    if found.stories:
        yield "bytes a story", f"{found.bytes / found.stories:,.0f}"
    for name, taken in found.tables.items():
        yield f"table {name}", _size(taken)


def _archive(pages: Size) -> Iterator[tuple[str, str]]:
    if pages.files:
        yield "pages as fetched", f"{_size(pages.bytes)} in {pages.files:,} {'file' if pages.files == 1 else 'files'}"
        yield "oldest of them (UTC)", when(pages.since)


def _size(number: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000:
            return f"{number:,.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} TB"


@db.command()
def check(
    repair: Annotated[
        bool, typer.Option("--repair", help="Make anew what can be made from the stories: index, clusters, addresses.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look whether the database is whole; ends with 1 if not.

    It reads everything, which takes minutes where there are millions of stories. A crawl may be at work meanwhile, but
    has to wait while the search index is looked at, and while anything is repaired.
    """
    console = err()
    checks: list[Check] = []
    with _store() as store:
        if repair:
            with console.status("repairing …") as status:
                store.repair(lambda what: status.update(f"repairing: {what}"))
        try:
            with console.status("checking …") as status:
                for each in store.check():
                    checks.append(each)
                    status.update(f"{each.name}: {'wrong' if each.faults else 'ok'}; checking on …")
        finally:  # what cannot be looked at takes nothing from what was
            _print_checks(checks, as_json)
    broken = [each for each in checks if each.faults]
    for each in broken:
        console.print(Text(f"{each.name}: {each.cure}"))
    if broken:
        raise typer.Exit(1)


def _print_checks(checks: Sequence[Check], as_json: bool) -> None:
    if as_json:
        print(json_line({each.name: each.faults for each in checks}))  # noqa: T201
        return
    made = table("checked", "found")
    for each in checks:
        made.add_row(each.name, Text("; ".join(each.faults) if each.faults else "ok"))
    out().print(made)


@db.command()
def upgrade() -> None:
    """Bring the schema up to date.

    Every other command does so by itself when it opens the database. One transaction: it happens whole or not at all.
    All the same, copy the database before a new version of newsbot touches it: `sqlite3 newsbot.db ".backup copy.db"`,
    or pg_dump.
    """
    bar = Progress(
        TextColumn("upgrading"), BarColumn(), MofNCompleteColumn(), TextColumn("stories"), TimeElapsedColumn(),
        console=err(), transient=True, disable=not err().is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=None)
        before, now = upgrade_schema(
            load().database, lambda done, of: bar.update(task, completed=done, total=of or None)
        )
    told = f"is {now} already" if before == now else f"was {before or 'none'}, and is {now} now"
    err().print(f"the schema {told}")
    if _upgrade_queue(load().database):
        err().print("the queue's tables are brought up to date")


def _upgrade_queue(url: str) -> bool:
    """Bring the tables of the workers' queue up to date, where there are any, and what they need is installed."""
    given = libpq(url)
    try:
        from newsbot.work.schema import up_to_date
    except ModuleNotFoundError:
        return False
    return given is not None and up_to_date(given, make=False)
