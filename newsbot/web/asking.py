"""A question as a request's parameters have it: the filters of the command line, under the same names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from newsbot.errors import QueryError
from newsbot.moments import moment
from newsbot.store import Filters, Hit, Reader, Rows, Sort, StoryRow, Survey

MOST_SITES = 50
LONGEST = 200
"""Characters of a filter; a search may have a thousand."""

_YES = frozenset({"1", "true", "on", "yes"})


@dataclass(frozen=True, slots=True)
class Question:
    """Which stories: `q` is a search, empty for none; the others are as people typed them, empty where they do not
    filter. Raises QueryError for what is too long."""

    q: str = ""
    site: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    language: str = ""
    author: str = ""
    section: str = ""
    tag: str = ""
    access: str = ""
    copies: bool = False
    sort: str = Sort.NEWEST.value

    def __post_init__(self) -> None:
        if len(self.site) > MOST_SITES:
            raise QueryError(f"site: {len(self.site)} sites are asked for, more than {MOST_SITES}. Ask for fewer.")
        for name, value in self._said():
            if name != "q" and len(value) > LONGEST:
                raise QueryError(f"{name}: {len(value)} characters are more than {LONGEST}. Shorten it.")

    @classmethod
    def of(cls, parameters: Iterable[tuple[str, str]]) -> Question:
        """The question of an address; parameters that are none of its own are left to others, empty ones left out."""
        said: dict[str, Any] = {}
        known = {field.name for field in fields(cls)}
        for name, value in parameters:
            value = value.strip()
            if name == "site" and value:
                said["site"] = (*said.get("site", ()), value)
            elif name == "copies":
                said["copies"] = value.lower() in _YES
            elif name in known and value:
                said[name] = value
        return cls(**said)

    def filters(self, now: datetime | None = None, *, limit: int | None = None, after: str | None = None) -> Filters:
        """What the database is asked with. Raises QueryError for what is no point in time, no order, no access."""
        now = now or datetime.now(UTC)
        return Filters(
            sites=self.site,
            since=moment(self.since, now) if self.since else None,
            until=moment(self.until, now) if self.until else None,
            language=self.language or None,
            author=self.author or None,
            section=self.section or None,
            tag=self.tag or None,
            access=self.access or None,
            copies=self.copies,
            sort=self.sort,
            limit=limit,
            after=after,
        )

    # -- answers -------------------------------------------------------------------------------------------------------

    def rows(self, read: Reader, filters: Filters) -> Rows[StoryRow] | Rows[Hit]:
        """A page of the answer. Raises QueryError and StoreError."""
        return read.search(self.q, filters) if self.q else read.stories(filters)

    def survey(self, read: Reader, filters: Filters) -> Survey:
        """The answer as a whole."""
        return read.survey(filters, self.q or None)

    # -- addresses -----------------------------------------------------------------------------------------------------

    def address(self, **changes: Any) -> str:
        """The query string of this question with some changes, as short as it can be; empty for all stories."""
        return urlencode(list((replace(self, **changes) if changes else self)._said()))

    def link(self, path: str, **more: str) -> str:
        """The path with this question, and with parameters besides."""
        query = "&".join(filter(None, [self.address(), urlencode({k: v for k, v in more.items() if v})]))
        return f"{path}?{query}" if query else path

    def without(self, name: str, value: str = "") -> Question:
        """The same without one of its filters, or without one of its sites."""
        if name == "site":
            return replace(self, site=tuple(each for each in self.site if each != value))
        return replace(self, **{name: getattr(Question(), name)})

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The filters that are on, as name and value."""
        return [(name, value) for name, value in self._said() if name not in ("q", "sort", "copies")]

    def _said(self) -> Iterable[tuple[str, str]]:
        for name, usual in _USUAL.items():
            value = getattr(self, name)
            if name == "site":
                yield from (("site", each) for each in value)
            elif value != usual:
                yield name, "1" if value is True else str(value)


_USUAL: Mapping[str, Any] = {field.name: field.default for field in fields(Question)}
