"""An answer as a whole: how many stories, of which sites, in which languages, how free, and when.

To count half a million stories by these is to look each of them up. Where there are more than SAMPLE, some that chance
has chosen are counted for all: so what it costs does not grow with what there is, but for an entry of an index each
(0.1 us), and only up to _SCANNED. Chance is a hash of a story's number, so that the same question has the same answer.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    any_,
    func,
    literal,
    select,
    type_coerce,
)

from newsbot.store import index_postgresql, index_sqlite, models
from newsbot.store.filters import Filters
from newsbot.store.finding import SET
from newsbot.store.index import Matching
from newsbot.store.passing import earliest, passing

SAMPLE = 2_000
"""Stories that are looked up; up to so many are counted exactly."""
_SCANNED = 100_000  # entries of an index of dates
_ASKED = 5_000  # stories that PostgreSQL is asked of whether they match
# The golden ratio: multiples of it are spread evenly, also those of numbers that are all even or end with 7.
_GOLDEN, _BITS = 2_654_435_761, 1 << 32
_LOW = (1 << 28) - 1  # of a number: more, times the golden ratio, is no integer of 64 bits
_SEED = 10
_HIGHEST = (1 << 63) - 1

(_story,) = models.tables(models.Story)
_other = _story.alias("other")
_IDS: ARRAY[int] = ARRAY(BigInteger())


@dataclass(frozen=True, slots=True)
class Survey:
    """How many `stories`, and how many of them by site, by language without its region ("" where it is not known), by
    access, and by the hour (UTC) in which they are dated. The most frequent first, the hours in order. Where it is not
    `exact`, all numbers are estimates: some two percent of the whole off, most likely."""

    stories: int
    exact: bool
    sites: Mapping[str, int]
    languages: Mapping[str, int]
    access: Mapping[str, int]
    hours: Mapping[datetime, int]


def survey(connection: Connection, filters: Filters, matching: Matching | None) -> Survey:
    """Survey the stories that pass, and that the index finds where it is asked."""
    return _Surveying(connection, filters, matching).made()


def hour_of(connection: Connection, dated: ColumnElement[Any]) -> ColumnElement[Any]:
    """The hour of an instant in UTC, as text like 2026-11-24 18."""
    if connection.dialect.name == "sqlite":
        return func.substr(type_coerce(dated, Text), 1, 13)
    return func.to_char(func.timezone("UTC", dated), "YYYY-MM-DD HH24")


class _Surveying:
    def __init__(self, connection: Connection, filters: Filters, matching: Matching | None) -> None:
        self._connection = connection
        self._matching = matching
        self._conditions = passing(filters, _story)
        if not filters.copies:
            also = [] if matching is None else [matching.holds(_other)]
            self._conditions.append(earliest(filters, *also, other=_other))
        # What the indexes of dates know.
        self._spanned = passing(Filters(filters.sites, filters.since, filters.until), _story)

    def made(self) -> Survey:
        if isinstance(self._matching, index_sqlite.Matching):
            return self._on_sqlite(self._matching)
        if self._matching is not None:
            return self._on_postgresql(self._matching)
        number = self._number(self._in_span(), _SCANNED + 1)
        if number <= SAMPLE:
            return self._of([])
        if number <= _SCANNED:
            return self._of([_by_chance(_story.c.id, SAMPLE / number)], number / SAMPLE)
        return self._of(*self._any(SAMPLE))

    def _on_sqlite(self, matching: index_sqlite.Matching) -> Survey:
        """The search index gives numbers of stories, and those that are wanted are looked up."""
        number = self._number(self._in_span(), _SCANNED + 1) if self._spanned else _SCANNED + 1
        if number <= _SCANNED:
            return self._of_some(matching.ids(self._in_span(), 0, _HIGHEST))
        return self._of_some(matching.ids())

    def _of_some(self, found: Select[Any]) -> Survey:
        ids = self._connection.execute(found.limit(SAMPLE + 1)).scalars().all()
        share = 1.0
        if len(ids) > SAMPLE:
            all_found = found.subquery()
            share = SAMPLE / self._number(found, None)
            chosen = select(all_found.c.rowid).where(_by_chance(all_found.c.rowid, share))
            ids = self._connection.execute(chosen).scalars().all()
        # As JSON it is one value, and the statement the same for any number of them.
        known = select(func.json_each(json.dumps(ids)).table_valued("value").c.value)
        return self._of([_story.c.id.in_(known)], 1 / share)

    def _on_postgresql(self, matching: index_postgresql.Matching) -> Survey:
        """The search index gives all of its matches or none, and to ask a story whether it matches is cheap."""
        self._connection.execute(SET)
        # IS TRUE: for the condition alone the server might read the search index.
        asked = matching.holds(_story).is_(True)
        if self._spanned and self._number(self._in_span(), _ASKED + 1) <= _ASKED:
            return self._of([asked])
        may = select(_story.c.id).where(matching.may_hold(_story)).limit(_ASKED + 1)
        ids = self._connection.execute(may).scalars().all()
        if len(ids) <= _ASKED:
            return self._of([_story.c.id == any_(literal(ids, _IDS)), asked])
        chosen, weight = self._any(_ASKED)
        return self._of([*chosen, asked], weight)

    def _any(self, most: int) -> tuple[list[ColumnElement[bool]], float]:
        """So many stories, taken at random from all, and for how many each of them stands."""
        # Two questions: for both in one SQLite would read all.
        ends = (select(end(_story.c.id)).scalar_subquery() for end in (func.min, func.max))
        lowest, highest = self._connection.execute(select(*ends)).one()
        if lowest is None:
            return [], 1.0
        numbers = range(lowest, highest + 1)
        ids = random.Random(_SEED).sample(numbers, min(most, len(numbers)))  # noqa: S311 - no secret
        if self._connection.dialect.name == "sqlite":
            known = select(func.json_each(json.dumps(ids)).table_valued("value").c.value)
            return [_story.c.id.in_(known)], len(numbers) / len(ids)
        return [_story.c.id == any_(literal(ids, _IDS))], len(numbers) / len(ids)

    def _in_span(self) -> Select[Any]:
        return select(_story.c.id).where(*self._spanned)

    def _number(self, query: Select[Any], most: int | None) -> int:
        some = query.limit(most).subquery()
        return int(self._connection.execute(select(func.count()).select_from(some)).scalar_one())

    def _of(self, chosen: Sequence[ColumnElement[bool]], weight: float = 1.0) -> Survey:
        """Count what passes among those that were `chosen`, each for `weight` stories."""
        hour = hour_of(self._connection, _story.c.dated)
        query = select(_story.c.site, _story.c.language, _story.c.access, hour).where(*chosen, *self._conditions)
        rows = self._connection.execute(query).all()

        def counted(values: Counter[Any]) -> dict[Any, int]:
            return {value: round(number * weight) for value, number in values.most_common()}

        hours = Counter(hour for *_, hour in rows)
        return Survey(
            stories=round(len(rows) * weight),
            exact=weight == 1.0,
            sites=counted(Counter(site for site, *_ in rows)),
            languages=counted(Counter((language or "").split("-")[0] for _, language, *_ in rows)),
            access=counted(Counter(access for *_, access, _ in rows)),
            hours={
                datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC): round(hours[hour] * weight)
                for hour in sorted(hours)
            },
        )


def _by_chance(number: ColumnElement[Any], share: float) -> ColumnElement[bool]:
    """Whether it is one of those that chance takes to have such a share of all."""
    hashed = type_coerce(number, BigInteger).op("&")(literal(_LOW, BigInteger())) * literal(_GOLDEN, BigInteger())
    return hashed % literal(_BITS, BigInteger()) < literal(round(_BITS * share), BigInteger())
