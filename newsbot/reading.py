"""The database from Python: `newsbot.open()`, what can be asked of it, and answers as values or as a data frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypedDict, TypeVar, Unpack, get_args, get_origin, get_type_hints

from newsbot.config import load
from newsbot.errors import QueryError
from newsbot.items import Access
from newsbot.moments import moment
from newsbot.store import (
    EXPORT_FIELDS,
    Filters,
    Hit,
    Relative,
    Rows,
    RunRow,
    SiteRow,
    Sort,
    Store,
    StoryFull,
    StoryRow,
    Version,
)

if TYPE_CHECKING:
    import pandas
    import polars

_PAGE = 500  # stories in memory while an answer is iterated over

_Row = TypeVar("_Row")


class Wanted(TypedDict, total=False):
    """Which stories; what is left out does not filter.

    `site`: a key or several. `since`, `until`: from then on, and before then: an aware datetime, a date (its midnight
    UTC), or what the command line takes: `12h`, `3d`, `yesterday`, `2026-11-24`. `language`: `en` takes `en-gb` too.
    `author`, `section`, `tag`: the whole name, its case aside. `access`: free, metered, paywalled or unknown. `copies`:
    False for the first of each only; by default all stories are given. `sort`: newest (the default), oldest, or, for a
    search, relevance. `limit`: at most so many; by default all.
    """

    site: str | Sequence[str]
    since: datetime | date | str
    until: datetime | date | str
    language: str
    author: str
    section: str
    tag: str
    access: Access | str
    copies: bool
    sort: Sort | str
    limit: int | None


@dataclass(frozen=True)
class Answer(Generic[_Row]):
    """Stories that are read page by page while they are iterated over; each time anew, as the database then stands."""

    _types: dict[str, Any]
    _read: Callable[[], Iterator[_Row]]

    def __iter__(self) -> Iterator[_Row]:
        return self._read()

    def to_pandas(self) -> pandas.DataFrame:
        """One row a story, in memory at once; instants are UTC. Raises ImportError where pandas is not installed."""
        made_by = _installed("pandas")
        columns = self._columns()
        series = {name: made_by.Series(columns[name], dtype=_PANDAS[kind]) for name, kind in self._types.items()}
        frame: pandas.DataFrame = made_by.DataFrame(series)
        return frame

    def to_polars(self) -> polars.DataFrame:
        """One row a story, in memory at once; instants are UTC. Raises ImportError where Polars is not installed."""
        made_by = _installed("polars")
        types = {
            str: made_by.String,
            int: made_by.Int64,
            bool: made_by.Boolean,
            datetime: made_by.Datetime("us", "UTC"),
            list: made_by.List(made_by.String),
        }
        schema = {name: types[kind] for name, kind in self._types.items()}
        frame: polars.DataFrame = made_by.DataFrame(self._columns(), schema=schema)
        return frame

    def _columns(self) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = {name: [] for name in self._types}
        for row in self:
            for name, kind in self._types.items():
                value = row[name] if isinstance(row, dict) else getattr(row, name)
                columns[name].append(kind(value) if kind in (str, list) and value is not None else value)
        return columns


class Database:
    """A database that is open for reading; a context manager. It can be shared among threads.

    Every method raises StoreUnavailable where the database cannot answer, and QueryError, with a hint, for a question
    that is malformed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reader = store.read

    def close(self) -> None:
        """Let the database go."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stories(self, **wanted: Unpack[Wanted]) -> Answer[StoryRow]:
        """The stories that pass (see `Wanted`), newest first, without their texts."""
        filters = _filters(wanted)
        return Answer(_types_of(StoryRow), lambda: _all(self._reader.stories, filters))

    def search(self, query: str, **wanted: Unpack[Wanted]) -> Answer[Hit]:
        """The stories that pass (see `Wanted`) and hold what is searched for, newest first, with the passage; the
        query is in the language of `newsbot search`."""
        filters = _filters(wanted)
        return Answer(_types_of(Hit), lambda: _all(lambda page: self._reader.search(query, page), filters))

    def export(self, **wanted: Unpack[Wanted]) -> Answer[dict[str, Any]]:
        """The stories that pass (see `Wanted`), newest first, with their texts: the fields of `newsbot export`, as
        plain values ready for JSON."""
        filters = _filters(wanted)
        return Answer(_EXPORTED, lambda: self._reader.export(filters))

    def story(self, id_or_url: int | str) -> StoryFull:
        """One story with all that is kept of it, by its number or any of its addresses. Raises QueryError where there
        is none."""
        found = self._reader.story(id_or_url)
        if found is None:
            raise QueryError(f"there is no story {id_or_url}. Ask stories() or search() for those that there are.")
        return found

    def copies(self, id_or_url: int | str) -> tuple[Relative, ...]:
        """The other stories of its cluster, earliest first. Raises as `story`."""
        return self.story(id_or_url).copies

    def versions(self, id_or_url: int | str) -> tuple[Version, ...]:
        """The texts that a story has had, the first one first, the last as it stands now. Raises as `story`."""
        now = self.story(id_or_url)
        last = Version(
            now.version, now.version_seen, now.title, now.text, now.removed, now.apart, archived=now.archived
        )
        return *now.versions, last

    def sites(self) -> list[SiteRow]:
        """All sites that were ever visited, by key, with how many stories each has and how its last visit went."""
        return self._reader.sites()

    def runs(self, limit: int = 20) -> list[RunRow]:
        """The last crawls, newest first."""
        return self._reader.runs(limit)


def open_database(url: str | None = None) -> Database:
    """See `newsbot.open`."""
    return Database(Store.open(load().database if url is None else url, create=False))


# -- questions ---------------------------------------------------------------------------------------------------------


def _filters(wanted: Wanted) -> Filters:
    values: dict[str, Any] = dict(wanted)
    known = Wanted.__annotations__
    if unknown := sorted(set(values) - set(known)):
        raise TypeError(f"there is no filter {unknown[0]!r}. Filters: {', '.join(known)}.")
    site = values.pop("site", ())
    now = datetime.now(UTC)
    for name in ("since", "until"):
        if values.get(name) is not None:
            values[name] = _instant(values[name], now)
    return Filters(sites=(site,) if isinstance(site, str) else tuple(site or ()), **values)


def _instant(value: datetime | date | str, now: datetime) -> datetime:
    if isinstance(value, str):
        return moment(value, now)
    return value if isinstance(value, datetime) else datetime.combine(value, time(0), UTC)


def _all(ask: Callable[[Filters], Rows[_Row]], filters: Filters) -> Iterator[_Row]:
    """One page after the other, until there is none or the limit is reached."""
    left = filters.limit
    page = filters
    while left is None or left > 0:
        rows = ask(dataclasses.replace(page, limit=_PAGE if left is None else min(left, _PAGE)))
        yield from rows
        if rows.next is None:
            return
        left = None if left is None else left - len(rows)
        page = dataclasses.replace(filters, after=rows.next)


# -- frames ------------------------------------------------------------------------------------------------------------

_PANDAS = {str: "string", int: "Int64", bool: "bool", datetime: "datetime64[us, UTC]", list: "object"}
_EXPORTED: dict[str, Any] = dict.fromkeys(EXPORT_FIELDS, str) | {
    "authors": list,
    "tags": list,
    "copies": int,
    "cluster": int,
}


def _types_of(row: type) -> dict[str, Any]:
    """What each field of a row holds where it holds anything: str, int, bool, datetime, or list for a tuple."""
    hints = get_type_hints(row)
    return {field.name: _type_in(hints[field.name]) for field in dataclasses.fields(row)}


def _type_in(hint: Any) -> type:
    if get_origin(hint) is tuple:
        return list
    (kind, *_) = [each for each in get_args(hint) if each is not type(None)] or [hint]
    # An enumeration of ours is a text that has a name.
    return str if issubclass(kind, str) else kind


def _installed(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ImportError(f'a frame needs {name}. Install it with: pip install "newsbot[{name}]"') from error
