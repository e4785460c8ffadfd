"""`newsbot forget`: stories deleted for good."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from newsbot.cli.keys import site_keys
from newsbot.cli.output import err, when
from newsbot.config import load
from newsbot.errors import QueryError
from newsbot.moments import moment
from newsbot.store import Chosen, Doomed, Store


def forget(
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="The story that has this address.")] = None,
    site: Annotated[
        str | None, typer.Option("--site", metavar="SITE", help="The stories of this site.", autocompletion=site_keys)
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="TIME", help="The stories dated before then: 365d, 2025-01-01.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete stories for good, and never fetch them again.

    Their versions go with them, and all that was taken out of them.

    Several options narrow each other. It asks first, and all of it happens or nothing. The addresses are remembered.
    """
    chosen = Chosen(url, site, moment(before, datetime.now(UTC)) if before else None)
    console = err()
    settings = load()
    with Store.open(settings.database, create=False) as store:
        doomed = store.doomed(chosen)
        if not doomed.stories:
            console.print("no story is like that; nothing was forgotten")
            return
        if not yes and not _is_wanted(doomed):
            console.print("nothing was forgotten")
            raise typer.Exit(1)
        with console.status("forgetting …") as status:
            done = store.forget(chosen, progress=lambda so_far: status.update(f"{so_far:,} of {doomed.stories:,}"))
    console.print(f"{done:,} {'story' if done == 1 else 'stories'} forgotten")
    if doomed.files:
        console.print("pages of them, as fetched, are in the archive still; they go with their files:")
        for file in doomed.files:
            console.print(Text(f"  {settings.archive_folder / file}"), soft_wrap=True)


def _is_wanted(doomed: Doomed) -> bool:
    """Ask a person. Raises QueryError where none is there."""
    if not sys.stdin.isatty():
        raise QueryError(f"{doomed.stories:,} stories would be deleted, and nobody is here to be asked. Add --yes.")
    console = err()
    for site, dated, title in doomed.sample:
        console.print(Text(f"  {when(dated)}  {site}  {title}"), overflow="ellipsis", no_wrap=True)
    if doomed.stories > len(doomed.sample):
        console.print(f"  and {doomed.stories - len(doomed.sample):,} more")
    return typer.confirm(f"Delete {doomed.stories:,} {'story' if doomed.stories == 1 else 'stories'}?", err=True)
