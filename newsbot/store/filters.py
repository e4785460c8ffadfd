"""Which stories, in which order, and which page of them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from newsbot.errors import QueryError
from newsbot.items import Access


class Sort(StrEnum):
    """The order of an answer. Stories are as old as their `dated`; `RELEVANCE` is for searches, best first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which stories, and how many.

    Of these `sites` (their keys; none means all), dated from `since` up to and without `until` (aware), in this
    `language` (`en` takes `en-gb` too), by this `author`, in this `section`, with this `tag` (each the whole name, its
    case aside), with this `access`. Without `copies`, of each cluster only the earliest story that passes, and in a
    search that is found. At most `limit`, in the order `sort`; `after` is a cursor: `Rows.next` of the page before.

    Raises QueryError for a naive datetime, a span that is empty, a limit below 1, an access or order of no such name.
    """

    sites: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    author: str | None = None
    section: str | None = None
    tag: str | None = None
    access: Access | str | None = None
    copies: bool = True
    sort: Sort | str = Sort.NEWEST
    limit: int | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and value.utcoffset() is None:
                raise QueryError(
                    f"{name}: {value.isoformat()} has no time zone. Add one, as in 2026-03-01T00:00+00:00."
                )
        if self.since and self.until and self.since >= self.until:
            raise QueryError(
                f"no story is dated from {self.since.isoformat()} up to {self.until.isoformat()}. "
                "Give a since that is before until."
            )
        if self.limit is not None and self.limit < 1:
            raise QueryError(f"limit: {self.limit} is less than 1. Give 1 or more.")
        if isinstance(self.sites, str):
            raise QueryError(f"sites: {self.sites!r} is one text. Give a list of keys: [{self.sites!r}].")
        for name, known in (("access", Access), ("sort", Sort)):
            value = getattr(self, name)
            if value is not None and value not in list(known):
                raise QueryError(f"{name}: {value!r} is none of {', '.join(known)}. Choose one of them.")
        for name in ("language", "author", "section", "tag"):
            value = getattr(self, name)
            if value is not None and not value.strip():
                raise QueryError(f"{name}: the name is empty. Leave it out, or give one.")


# -- cursors -----------------------------------------------------------------------------------------------------------


def cursor(filters: Filters, query: str | None, *place: Any) -> str:
    """What stands for a place in the answer to a question: opaque to those who pass it on."""
    data = json.dumps([_question(filters, query), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def place(filters: Filters, query: str | None) -> list[Any] | None:
    """Where `filters.after` says that the page begins; None for the first. Raises QueryError for a cursor that is none,
    or that another question gave."""
    if filters.after is None:
        return None
    try:
        data = base64.b64decode(filters.after + "=" * (-len(filters.after) % 4), altchars=b"-_", validate=True)
        found: list[Any] = json.loads(data)
        question, *found = found
        instants = [datetime.fromisoformat(value) for value in found if isinstance(value, str)]
    except (binascii.Error, ValueError, TypeError, UnicodeEncodeError, RecursionError) as error:
        raise QueryError(
            f"after: {filters.after[:40]!r} is no cursor. Give the one that the page before ended with."
        ) from error
    if question != _question(filters, query) or not _is_place(
        found, instants, 4 if filters.sort == Sort.RELEVANCE else 2
    ):
        raise QueryError(
            "after: this cursor was given for another question. Ask the same again, or leave the cursor out."
        )
    return found


def _is_place(found: list[Any], instants: list[datetime], length: int) -> bool:
    """Whether it is so long, and an instant and a number in turns: what this version's cursors hold."""
    kinds = [str if n % 2 == 0 else int for n in range(len(found))]
    aware = all(instant.utcoffset() is not None for instant in instants)
    numbers = all(abs(number) < 1 << 63 for number in found[1::2] if isinstance(number, int))
    return len(found) == length and all(map(isinstance, found, kinds)) and aware and numbers


def _question(filters: Filters, query: str | None) -> str:
    """A mark of what is asked. A span is no part of it: "the last two hours" is another one with each page."""
    asked: list[Any] = [query, sorted(filters.sites), filters.language, filters.author, filters.section, filters.tag]
    asked += [filters.access, filters.copies, filters.sort]
    return blake2b(json.dumps(asked).encode(), digest_size=6).hexdigest()
