"""What all commands that ask for stories are asked with: the options that narrow an answer, and the database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from newsbot.config import load
from newsbot.items import Access
from newsbot.moments import moment
from newsbot.store import Filters, Reader

SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="From then on: 2h, 3d, yesterday, 2026-11-24, 2026-11-24T08:30+01:00."
    ),
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Before then.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", metavar="LANGUAGE", help="Only in this language: en, de, pt-br.")
]
AuthorOption = Annotated[
    str | None, typer.Option("--author", metavar="NAME", help="Only by this author: the whole name.")
]
SectionOption = Annotated[
    str | None, typer.Option("--section", metavar="NAME", help="Only of this section of its site.")
]
TagOption = Annotated[str | None, typer.Option("--tag", metavar="TAG", help="Only with this tag.")]
AccessOption = Annotated[
    Access | None, typer.Option("--access", metavar="|".join(Access), help="Only what is served so.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


def reader() -> AbstractContextManager[Reader]:
    """The database's read side. Raises StoreUnavailable where nothing was ever crawled."""
    return Reader.open(load().database)


def span(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """The two ends, as they were typed, as instants. Raises QueryError for what is none."""
    now = datetime.now(UTC)
    return (moment(since, now) if since else None), (moment(until, now) if until else None)


def filters(site: Sequence[str] | None, since: str | None, until: str | None, **others: Any) -> Filters:
    """The filters that the options stand for. Raises QueryError."""
    begin, end = span(since, until)
    return Filters(sites=tuple(site or ()), since=begin, until=end, **others)
