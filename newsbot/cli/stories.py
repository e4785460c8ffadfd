"""`newsbot stories | search`: what was published, a page at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from newsbot.cli.asked import (
    AccessOption,
    AuthorOption,
    JsonOption,
    LanguageOption,
    SectionOption,
    SinceOption,
    TagOption,
    UntilOption,
    filters,
    reader,
)
from newsbot.cli.keys import SiteOption
from newsbot.cli.output import err, out, table, when
from newsbot.formats import write_csv, write_jsonl
from newsbot.store import Hit, Rows, Sort, StoryRow


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


CopiesOption = Annotated[
    bool, typer.Option("--copies/--no-copies", help="Show copies too, or of each story only the first.")
]
SortOption = Annotated[
    Sort, typer.Option("--sort", metavar="|".join(Sort), help="In which order; relevance is for searches.")
]
LimitOption = Annotated[int, typer.Option("--limit", "-n", metavar="NUMBER", min=1, help="At most so many.")]
AfterOption = Annotated[
    str | None,
    typer.Option("--after", metavar="CURSOR", help="The next page: CURSOR is what the one before ended with."),
]
FormatOption = Annotated[
    Format, typer.Option("--format", metavar="|".join(Format), help="A table, JSON lines (as --json), or CSV.")
]


def stories(
    site: SiteOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    author: AuthorOption = None,
    section: SectionOption = None,
    tag: TagOption = None,
    access: AccessOption = None,
    copies: CopiesOption = False,
    sort: SortOption = Sort.NEWEST,
    limit: LimitOption = 20,
    after: AfterOption = None,
    format: FormatOption = Format.TABLE,  # noqa: A002 - the option's name
    as_json: JsonOption = False,
) -> None:
    """List stories, newest first, each once.

    The column "copies" counts who else has a story. Where there are more than --limit, JSON and CSV are followed by a
    line "next: CURSOR" on stderr.
    """
    wanted = filters(
        site, since, until, language=language, author=author, section=section, tag=tag, access=access,
        copies=copies, sort=sort, limit=limit, after=after,
    )  # fmt: skip
    with reader() as read:
        _print(read.stories(wanted), StoryRow, Format.JSONL if as_json else format)


def search(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY", help='Words; "a phrase"; one OR other; -without; begin*; title:word; (groups)'),
    ],
    site: SiteOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    author: AuthorOption = None,
    section: SectionOption = None,
    tag: TagOption = None,
    access: AccessOption = None,
    copies: CopiesOption = False,
    sort: SortOption = Sort.NEWEST,
    limit: LimitOption = 20,
    after: AfterOption = None,
    format: FormatOption = Format.TABLE,  # noqa: A002 - the option's name
    as_json: JsonOption = False,
) -> None:
    """Search the stories, newest first, each once.

    Case and diacritics do not count. In JSON, what was found stands between U+0002 and U+0003 in "snippet", elsewhere
    between **. Where there are more than --limit, JSON and CSV are followed by a line "next: CURSOR" on stderr.
    """
    wanted = filters(
        site, since, until, language=language, author=author, section=section, tag=tag, access=access,
        copies=copies, sort=sort, limit=limit, after=after,
    )  # fmt: skip
    with reader() as read:
        _print(read.search(" ".join(query), wanted), Hit, Format.JSONL if as_json else format)


def _print(rows: Rows[Any], kind: type[StoryRow], format: Format) -> None:  # noqa: A002
    if format is Format.JSONL:
        write_jsonl(map(asdict, rows), sys.stdout)
    elif format is Format.CSV:
        write_csv(_cells(rows), [field.name for field in fields(kind)], sys.stdout)
    else:
        _print_table(rows, found=kind is Hit)
    if rows.next is None:
        return
    if format is not Format.TABLE:
        sys.stderr.write(f"next: {rows.next}\n")
    elif out().is_terminal:
        err().print(Text(f"there are more; the next page: --after {rows.next}", style="dim"), soft_wrap=True)


def _cells(rows: Sequence[StoryRow]) -> Iterator[dict[str, Any]]:
    for row in rows:
        values = asdict(row)
        if isinstance(row, Hit):
            values["snippet"] = _starred(row.snippet)
        yield values


def _print_table(rows: Sequence[StoryRow], *, found: bool) -> None:
    """On a terminal a hit's passage stands below its title; in a pipe it is a column of its own."""
    if not rows:
        out().print("nothing found")
        return
    in_pipe = not out().is_terminal
    columns = ["id", "published (UTC)", "site", "copies", "title", *(["passage"] if found and in_pipe else [])]
    made = table(*columns, right=("id", "copies"))
    for row in rows:
        title = Text(row.title)
        copies = str(row.cluster_size - 1) if row.cluster_size > 1 else ""
        cells: list[str | Text] = [str(row.id), _date(row), row.site, copies, title]
        if isinstance(row, Hit):
            if in_pipe:
                cells.append(Text(_starred(row.snippet)))
            else:
                title.append("\n").append(_marked(row.snippet))
        made.add_row(*cells)
    out().print(made)


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


def _starred(snippet: str) -> str:
    return snippet.replace("\x02", "**").replace("\x03", "**")
