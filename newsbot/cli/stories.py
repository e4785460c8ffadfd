"""`newsbot stories | search | show | export`: what the database knows."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.text import Text

from newsbot.cli.output import json_line, out, table, when
from newsbot.config import load
from newsbot.errors import StoreUnavailable
from newsbot.moments import moment
from newsbot.store import EXPORT_FIELDS, Filters, Hit, Reader, Store, StoryRow

SiteOption = Annotated[list[str] | None, typer.Option("--site", help="Only of this site; may be given several times.")]
SinceOption = Annotated[str | None, typer.Option("--since", help="From then on: 12h, 3d, yesterday, 2026-11-24.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Before then.")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="Only in this language: en, de, pt-br.")]
CopiesOption = Annotated[bool, typer.Option("--copies/--no-copies", help="Show copies, or only the first of each.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


class Format(StrEnum):
    """Formats of an export."""

    JSONL = "jsonl"
    CSV = "csv"


@contextmanager
def reader() -> Iterator[Reader]:
    """The database's read side. Raises StoreUnavailable where nothing was ever crawled."""
    with Store.open(load().database, create=False) as store:
        yield store.read


def stories(
    site: SiteOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    copies: CopiesOption = True,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """List stories, newest first."""
    with reader() as read:
        _print_rows(read.stories(_filters(site, since, until, language, copies, limit)), as_json)


def search(
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help='Words; "a phrase"; one OR other; -without; begin*')
    ],
    site: SiteOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    copies: CopiesOption = True,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Search titles, standfirsts and texts, newest first."""
    with reader() as read:
        _print_rows(read.search(" ".join(query), _filters(site, since, until, language, copies, limit)), as_json)


def export(
    format: Annotated[Format, typer.Option("--format", help="JSON lines, or CSV.")] = Format.JSONL,  # noqa: A002
    output: Annotated[Path | None, typer.Option("--output", "-o", help="To this file instead of stdout.")] = None,
    site: SiteOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    copies: CopiesOption = True,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="At most so many.")] = None,
) -> None:
    """Write stories out, newest first, in constant memory."""
    filters = _filters(site, since, until, language, copies, limit)
    write = _write_csv if format is Format.CSV else _write_jsonl
    with reader() as read:
        if output is None:
            write(read.export(filters), sys.stdout)
            return
        # Beside the target first: a full disk must not cost the export of yesterday.
        output = output.resolve()  # a link stays a link
        if output.exists() and not output.is_file():  # a pipe or a device: nothing to put in its place
            with output.open("w", encoding="utf-8", newline="") as file:
                write(read.export(filters), file)
            return
        draft = output.with_name(f"{output.name}.{os.getpid()}.part")
        try:
            with draft.open("w", encoding="utf-8", newline="") as file:
                write(read.export(filters), file)
            draft.replace(output)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise StoreUnavailable(f"{output}: cannot be written: {error.strerror}. Give another file.") from error


def _write_jsonl(rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    for row in rows:
        file.write(json_line(row) + "\n")


def _write_csv(rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    """Lists within a cell are separated by semicolons."""
    writer = csv.DictWriter(file, EXPORT_FIELDS)
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "; ".join(v) if isinstance(v, (list, tuple)) else v for k, v in row.items()})


def _filters(
    site: Sequence[str] | None,
    since: str | None,
    until: str | None,
    language: str | None,
    copies: bool,
    limit: int | None,
) -> Filters:
    now = datetime.now(UTC)
    return Filters(
        sites=tuple(site or ()),
        since=moment(since, now) if since else None,
        until=moment(until, now) if until else None,
        language=language,
        copies=copies,
        limit=limit,
    )


def _print_rows(rows: Sequence[StoryRow], as_json: bool) -> None:
    if as_json:
        for row in rows:
            print(json_line(asdict(row)))  # noqa: T201
        return
    made = table("id", "published (UTC)", "site", "copies", "title", right=("id", "copies"))
    for row in rows:
        title = Text(row.title)
        if isinstance(row, Hit):
            title.append("\n").append(_marked(row.snippet))
        copies = str(row.cluster_size - 1) if row.cluster_size > 1 else ""
        made.add_row(str(row.id), _date(row), row.site, copies, title)
    out().print(made if rows else "nothing found")


def _date(row: StoryRow) -> str:
    """When a story was published; where its page does not say, when it was first seen, marked by a tilde."""
    if row.published is None:
        return f"~{when(row.first_seen)}"
    return f"{row.published:%Y-%m-%d}" if row.day_only else when(row.published)


def _marked(snippet: str) -> Text:
    """A snippet with its hits bold; the store marks them with the control characters STX and ETX."""
    text = Text(style="dim")
    for index, part in enumerate(snippet.replace("\n", " ").replace("\x03", "\x02").split("\x02")):
        text.append(part, "not dim bold" if index % 2 else "")
    return text
