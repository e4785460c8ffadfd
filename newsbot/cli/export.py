"""`newsbot export`: stories written out, all of them or what has changed since the last time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from newsbot.cli.asked import (
    AccessOption,
    AuthorOption,
    LanguageOption,
    SectionOption,
    SinceOption,
    TagOption,
    UntilOption,
    filters,
)
from newsbot.cli.keys import SiteOption
from newsbot.config import load
from newsbot.errors import StoreUnavailable
from newsbot.formats import write_csv, write_jsonl, write_parquet
from newsbot.store import EXPORT_FIELDS, Store


class Format(StrEnum):
    """Formats of an export."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


Write = Callable[[Iterator[dict[str, Any]], IO[Any]], None]


def export(
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option("--format", metavar="|".join(Format), help="JSON lines, CSV, or Parquet (which needs -o).")
    ] = Format.JSONL,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="To this file instead of stdout.")
    ] = None,
    since_last: Annotated[
        str | None,
        typer.Option("--since-last", metavar="NAME", help="Only what has changed since the last export of this NAME."),
    ] = None,
    site: SiteOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    author: AuthorOption = None,
    section: SectionOption = None,
    tag: TagOption = None,
    access: AccessOption = None,
    copies: Annotated[
        bool, typer.Option("--copies/--no-copies", help="With copies, or of each story only the first.")
    ] = True,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="NUMBER", min=1, help="At most so many.")
    ] = None,
) -> None:
    """Write stories out, newest first, in constant memory.

    With --since-last only those that were entered or changed since an export of that name was last finished, in the
    order of their changes; the first one has all. A file is put in its place once it is whole.
    """
    if format is Format.PARQUET and output is None:
        raise typer.BadParameter("Parquet is no text: give a file with -o", param_hint="'--format'")
    if since_last is not None and limit is not None:
        raise typer.BadParameter("what is cut off by --limit would be missed for good", param_hint="'--since-last'")
    wanted = filters(
        site, since, until, language=language, author=author, section=section, tag=tag, access=access,
        copies=copies, limit=limit,
    )  # fmt: skip
    write: Write = {
        Format.JSONL: write_jsonl,
        Format.CSV: lambda rows, file: write_csv(rows, EXPORT_FIELDS, file),
        Format.PARQUET: write_parquet,
    }[format]
    with Store.open(load().database, create=False) as store:
        mark = None if since_last is None else store.begin_export(since_last)
        rows = store.read.export(wanted, mark)
        with _written(output, partial(write, rows), binary=format is Format.PARQUET) as place:
            if mark is None:
                place()
            else:
                store.finish_export(mark, place, datetime.now(UTC))


@contextmanager
def _written(output: Path | None, write: Callable[[IO[Any]], None], *, binary: bool) -> Iterator[Callable[[], None]]:
    """All of it written out; what is given puts it in its place. Raises StoreUnavailable where that fails."""
    options: dict[str, Any] = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": ""}
    if output is None:
        write(sys.stdout)
        sys.stdout.flush()
        yield lambda: None
        return
    output = output.resolve()  # a link stays a link
    try:
        if output.exists() and not output.is_file():  # a pipe or a device: nothing to put in its place
            with output.open(**options) as file:
                write(file)
            yield lambda: None
            return
        # Beside the target first: a full disk must not cost the export of yesterday.
        draft = output.with_name(f"{output.name}.{os.getpid()}.part")
        try:
            with draft.open(**options) as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            yield lambda: _put(draft, output)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"{output}: cannot be written: {error.strerror}. Give another file.") from error


def _put(draft: Path, output: Path) -> None:
    """Rename, to last beyond a power cut."""
    draft.replace(output)
    folder = os.open(output.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
