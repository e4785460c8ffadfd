"""`newsbot stories | search | show | export`: what the database knows."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import ndiff
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.text import Text

from newsbot.cli.output import json_line, kind_style, out, table, when
from newsbot.config import load
from newsbot.errors import QueryError, StoreUnavailable
from newsbot.items import Role
from newsbot.moments import moment
from newsbot.store import EXPORT_FIELDS, Filters, Hit, Reader, Store, StoryFull, StoryRow, whole

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


def show(
    story: Annotated[str, typer.Argument(metavar="ID-or-URL", help="A story's number, or one of its addresses.")],
    removed: Annotated[bool, typer.Option("--removed", help="With what was taken out, in its place, struck.")] = False,
    versions: Annotated[bool, typer.Option("--versions", help="What changed from version to version.")] = False,
    copies: Annotated[bool, typer.Option("--copies", help="The other stories with this text.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Read one story."""
    with reader() as read:
        is_number = story.isascii() and story.isdigit() and len(story) < 19  # more digits no database can number
        found = read.story(int(story) if is_number else story)
    if found is None:
        raise QueryError(f"there is no story {story}. `newsbot stories` lists what there is.")
    if as_json:
        print(json_line(asdict(found)))  # noqa: T201
        return
    console = out()
    _print_head(found)
    if copies:
        made = table("id", "published", "site", "title")
        for copy in found.copies:
            made.add_row(str(copy.id), when(copy.published), copy.site, Text(copy.title))
        console.print(made if found.copies else "no copies")
    elif versions:
        _print_versions(found)
    elif removed:
        for text, kind in whole(found):
            console.print(Text(text) if kind is None else _taken_out(text, kind, console.is_terminal), end="\n\n")
    else:
        console.print(Text(found.text))


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


def _taken_out(text: str, kind: str, on_terminal: bool) -> Text:
    """A block that the story does not hold: on a terminal in its kind's colour and struck, unless it was set apart and
    is no rubbish; elsewhere marked with its kind."""
    if not on_terminal:
        return Text(f"[{kind}] {text}")
    colour = kind_style(kind)
    struck = "" if kind in {str(role) for role in Role} else "strike "
    return Text.assemble((f"{kind} ", f"bold {colour}"), (text, f"{struck}dim {colour}"))


def _print_versions(story: StoryFull) -> None:
    """The versions, oldest first: of each the paragraphs that came and those that went."""
    console = out()
    current = (story.version, story.version_seen, story.title, story.text)
    before: list[str] = []
    for number, seen, title, text in [*((v.number, v.seen, v.title, v.text) for v in story.versions), current]:
        console.print(Text(f"version {number}, seen {when(seen)} UTC: {title}", style="bold"))
        paragraphs = text.split("\n\n")
        if before:
            for line in ndiff(before, paragraphs):
                if line[0] in "+-":
                    console.print(Text(line, style="green" if line[0] == "+" else "red"))
        else:
            console.print(f"{len(paragraphs)} paragraphs")
        console.print()
        before = paragraphs


def _print_head(story: StoryFull) -> None:
    published = f"{when(story.published)} UTC" if story.published else ""
    if story.day_only:
        published = f"{story.dated:%Y-%m-%d}"
    facts = [story.site, published, ", ".join(story.authors), story.section or "", story.language or ""]
    if story.access in ("metered", "paywalled"):
        facts.append(str(story.access))
    if story.version > 1:
        facts.append(f"version {story.version}")
    if story.cluster_size > 1:
        facts.append(f"copies elsewhere: {story.cluster_size - 1}")
    console = out()
    console.print(Text(story.title, style="bold"))
    console.print(Text(" · ".join(fact for fact in facts if fact), style="dim"))
    console.print(Text(story.url, style="dim"), end="\n\n")
