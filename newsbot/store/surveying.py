"""An answer as a whole: how many stories, of which sites, in which languages, how free, and when.

To count half a million stories by these is to look each of them up. Where there are more than SAMPLE, some that chance
has chosen are counted for all: so what it costs does not grow with what there is, but for an entry of an index each
(0.1 us), and only up to _SCANNED. Chance is the same each time, so that the same question has the same answer.

On SQLite whoever takes a row has to get Python's lock back, which threads that answer others hold: what is many rows is
asked for as one, of JSON.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from newsbot.store.passing import among, earliest, in_brief, numbers, passing

SAMPLE = 2_000
"""Stories that are looked up; up to so many are counted exactly."""
_SCANNED = 50_000  # entries of an index
_WINDOWS = 250  # of numbers, in which SQLite is asked for matches: 50 us each
_ASKED = 5_000  # stories that PostgreSQL is asked of whether they match
# The golden ratio: multiples of it are spread evenly, also those of numbers that are all even or end with 7.
_GOLDEN, _BITS = 2_654_435_761, 1 << 32
_LOW = (1 << 28) - 1  # of a number: more, times the golden ratio, is no integer of 64 bits
_SEED = 10
_HIGHEST = (1 << 63) - 1

_story = models.story
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
        self._filters = filters
        # What the indexes of dates know.
        self._spanned = passing(Filters(filters.sites, filters.since, filters.until), _story)

    def made(self) -> Survey:
        if isinstance(self._matching, index_sqlite.Matching):
            return self._on_sqlite(self._matching)
        if self._matching is not None:
            return self._on_postgresql(self._matching)
        number = self._number(self._in_span(), (_SCANNED if self._spanned else SAMPLE) + 1)
        if number <= SAMPLE:
            return self._of([_story.c.id.in_(self._in_span())])
        if self._spanned and number <= _SCANNED:
            chosen = self._in_span().where(_by_chance(_story.c.id, SAMPLE / number))
            return self._of([_story.c.id.in_(chosen)], number / SAMPLE)
        return self._of(*self._any(SAMPLE))

    def _on_sqlite(self, matching: index_sqlite.Matching) -> Survey:
        """The search index gives numbers of stories, in their order, and those that are wanted are looked up."""
        found = matching.ids()
        if self._spanned:
            span = self._in_span().limit(_SCANNED + 1).subquery()
            ends = select(func.count(), func.min(span.c.id), func.max(span.c.id))
            number, lowest, highest = self._connection.execute(ends).one()
            if number <= _SCANNED:
                found = matching.ids(self._in_span(), lowest or 0, highest or 0)
        # What is gathered before it gives anything is asked for once.
        few = found if matching.gathers else found.limit(_SCANNED + 1)
        listed = self._connection.execute(select(func.json_group_array(few.subquery().c.rowid))).scalar_one()
        ids = list(dict.fromkeys(json.loads(listed)))
        if matching.gathers or len(ids) <= _SCANNED:
            chosen = _some(ids)
            return self._of([_story.c.id.in_(numbers(chosen))], _weight(len(ids), chosen), ids)
        return self._in_windows(matching)

    def _in_windows(self, matching: index_sqlite.Matching) -> Survey:
        """Where matches are too many to be read: those in windows, one of them somewhere in each part of all numbers,
        which are wide enough for SAMPLE of them to be there."""
        lowest, number = self._numbers()
        part = number / _WINDOWS
        width = math.ceil(part * SAMPLE / _SCANNED)
        chance = random.Random(_SEED)  # noqa: S311 - no secret
        begins = [lowest + round(n * part + chance.random() * (part - width)) for n in range(_WINDOWS)]
        rows = self._connection.execute(matching.within(begins, width)).all()
        ids = {each for row in rows for listed in row for each in json.loads(listed)}
        chosen = _some(sorted(ids))
        return self._of([_story.c.id.in_(numbers(chosen))], _weight(len(ids) * part / width, chosen))

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
        lowest, number = self._numbers()
        ids = _some(range(lowest, lowest + number), most)
        known = _story.c.id.in_(numbers(ids)) if self._is_sqlite else _story.c.id == any_(literal(ids, _IDS))
        return [known], _weight(number, ids)

    def _numbers(self) -> tuple[int, int]:
        """The lowest number of a story, and how many there may be from it on."""
        # Two questions: for both in one SQLite would read all.
        ends = (select(end(_story.c.id)).scalar_subquery() for end in (func.min, func.max))
        lowest, highest = self._connection.execute(select(*ends)).one()
        return (0, 0) if lowest is None else (lowest, highest - lowest + 1)

    @property
    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"

    def _in_span(self) -> Select[Any]:
        return select(_story.c.id).where(*self._spanned)

    def _number(self, query: Select[Any], most: int | None) -> int:
        some = query.limit(most).subquery()
        return int(self._connection.execute(select(func.count()).select_from(some)).scalar_one())

    def _of(
        self, chosen: Sequence[ColumnElement[bool]], weight: float = 1.0, matches: Sequence[int] | None = None
    ) -> Survey:
        """Count what passes among those that were `chosen`, each for `weight` stories; `matches`: all that the index
        finds, where that is known already."""
        conditions = [*chosen, *passing(self._filters, _story)]
        if not self._filters.copies:
            also = [] if self._matching is None else [self._matching.holds(_other)]
            if matches is not None:
                also = [among(_other, matches)]
            conditions.append(earliest(self._filters, *also, other=_other))
        columns = (_story.c.site, _story.c.language, _story.c.access, hour_of(self._connection, _story.c.dated))
        if self._is_sqlite:
            listed = in_brief(select(func.json_group_array(func.json_array(*columns))).where(*conditions))
            rows = json.loads(self._connection.execute(listed).scalar_one())
        else:
            rows = self._connection.execute(select(*columns).where(*conditions)).all()

        def counted(values: Counter[Any]) -> dict[Any, int]:
            return {value: round(number * weight) for value, number in values.most_common()}

        hours = Counter(hour for *_, hour in rows)
        return Survey(
            stories=round(len(rows) * weight),
            exact=weight == 1.0,
            sites=counted(Counter(site for site, *_ in rows)),
            languages=counted(Counter((language or "").split("-")[0] for _, language, *_ in rows)),
            access=counted(Counter(access for *_, access, _ in rows)),
            hours={datetime.fromisoformat(f"{hour}:00+00:00"): round(hours[hour] * weight) for hour in sorted(hours)},
        )


def _some(ids: Sequence[int], most: int | None = None) -> Sequence[int]:
    """So many of them, SAMPLE as a rule, taken at random; all of fewer."""
    most = SAMPLE if most is None else most
    return ids if len(ids) <= most else random.Random(_SEED).sample(ids, most)  # noqa: S311 - no secret


def _weight(number: float, chosen: Sequence[int]) -> float:
    """For how many stories each of the chosen ones stands."""
    return number / len(chosen) if chosen else 1.0


def _by_chance(number: ColumnElement[Any], share: float) -> ColumnElement[bool]:
    """Whether it is one of those that chance takes to have such a share of all."""
    hashed = type_coerce(number, BigInteger).op("&")(literal(_LOW, BigInteger())) * literal(_GOLDEN, BigInteger())
    return hashed % literal(_BITS, BigInteger()) < literal(round(_BITS * share), BigInteger())
