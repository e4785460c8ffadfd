"""Which stories come first: how an answer is found without reading all that could be one.

Stories are in the order of their dates, and the search index is not. On SQLite the next entry of either costs a
hundredth of what it costs to look at a story: few matches are all looked up and sorted; of many, the first ones are
among the first stories, so these are taken from the index of dates in steps that grow, and what a step has in common
with the search index is looked up, until there is enough. On PostgreSQL the search index gives all of its matches or
none, and to ask a story whether it matches is cheap: the first stories are asked, and all matches are looked up where
too few of these are among them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import chain, repeat
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    any_,
    false,
    func,
    literal,
    literal_column,
    select,
    text,
    tuple_,
)

from newsbot.store import index_postgresql, index_sqlite, models
from newsbot.store.filters import Filters, Sort
from newsbot.store.index import Matching
from newsbot.store.passing import among, earliest, in_brief, numbers, passing

# SQLite: an entry of an index costs 0.1 us, a story that is looked up 4 us, one that is looked for in the index 30 us.
_FEW = 3_000  # matches: all are looked up
_STEPS = (100, 2_000, 10_000, 50_000, 250_000)  # stories
_WIDE = 50_000  # stories, over which those of the first step are spread: they are looked for one by one
# PostgreSQL: an entry costs 0.05 us, but all are read; a story that is looked up 1 us, one that is asked 7 us.
_FEWER = 15_000
_ASKED = (200, 2_000, 10_000)
# The server does not know what reading `search` costs, and would rather read all stories than its index. With less
# memory it would remember the pages alone that matches are on, and read each story there to see which it was.
SET = text("SELECT set_config('enable_seqscan', 'off', true), set_config('work_mem', '64MB', true)")

_story = models.story
_other = _story.alias("other")
_SORTED_BY = (_story.c.dated.type, _story.c.id.type)
_HIGHEST = (1 << 63) - 1
_IDS: ARRAY[int] = ARRAY(_story.c.id.type)
_AT: ColumnElement[Any] = tuple_(_story.c.dated, _story.c.id)


class Place(NamedTuple):
    """Where a story stands in the order of all."""

    dated: datetime
    id: int


def find(
    connection: Connection, filters: Filters, matching: Matching | None, begin: Place | None, number: int | None
) -> list[Place]:
    """The stories that pass, and that the index finds where it is asked, in order: the first `number` after `begin`."""
    found = _Finding(connection, filters, matching, begin)
    if matching is None:
        return found.passing(number)
    if number is None:
        return found.looked_up(None)
    if isinstance(matching, index_sqlite.Matching):
        return found.on_sqlite(matching, number)
    return found.on_postgresql(matching, number)


def count(connection: Connection, filters: Filters, matching: Matching | None, most: int) -> int:
    """How many stories pass, and are found by the index where it is asked; up to `most`."""
    return _Finding(connection, filters, matching, None).counted(most)


class _Finding:
    def __init__(
        self, connection: Connection, filters: Filters, matching: Matching | None, begin: Place | None
    ) -> None:
        if isinstance(matching, index_postgresql.Matching):
            connection.execute(SET)
        self._connection = connection
        self._matching = matching
        self._begin = begin
        self._oldest = filters.sort == Sort.OLDEST
        self._filters = filters
        self._conditions = self._when(*([] if matching is None else [matching.holds(_other)]))
        # What the indexes of dates know.
        self._spanned = passing(Filters(filters.sites, filters.since, filters.until), _story)

    def passing(self, number: int | None) -> list[Place]:
        """What passes, by the index of dates."""
        return self._places(self._ordered(self._query(self._begin), number))

    def looked_up(self, number: int | None, ids: Sequence[int] | None = None) -> list[Place]:
        """All that the search index finds, sorted; `ids` is what it has found already."""
        assert self._matching is not None
        query = self._query(self._begin)
        if isinstance(self._matching, index_sqlite.Matching):
            if ids is None:
                query = query.where(_story.c.id.in_(self._matching.ids()))
            else:
                query = self._between(select(_story.c.dated, _story.c.id), self._begin, None)
                query = query.where(_story.c.id.in_(numbers(ids)), *self._when(among(_other, ids)))
            query = in_brief(query)
            # With a sign the columns are values, and no index of dates is there for them to be read from.
            order: list[ColumnElement[Any]] = [literal_column(f"+story.{name}") for name in ("dated", "id")]
            query = query.order_by(*(each if self._oldest else each.desc() for each in order))
            return self._places(query.limit(number))
        holds = self._matching.holds(_story) if ids is None else _story.c.id == any_(literal(ids, _IDS))
        all_found = query.where(holds).cte().prefix_with("MATERIALIZED", dialect="postgresql")
        order = [all_found.c.dated, all_found.c.id]
        return self._places(
            select(*order).order_by(*(each if self._oldest else each.desc() for each in order)).limit(number)
        )

    def read_again(self, matching: index_postgresql.Matching, number: int) -> list[Place]:
        """What the search index may find, sorted, and then read one by one, until there are enough."""
        may = self._ordered(self._query(self._begin).where(matching.may_hold(_story)), None).cte()
        may = may.prefix_with("MATERIALIZED", dialect="postgresql")
        holds = select(matching.holds(_other)).where(_other.c.id == may.c.id).correlate(may).scalar_subquery()
        return self._places(select(may.c.dated, may.c.id).where(holds).limit(number))

    def counted(self, most: int) -> int:
        """How many there are, up to so many."""
        query = self._query(None)
        if isinstance(self._matching, index_sqlite.Matching):
            among = select(_story.c.id).where(*self._spanned) if self._spanned else None
            ids = self._matching.ids(among, 0, _HIGHEST)
            query = query.where(_story.c.id.in_(ids)) if len(self._conditions) > len(self._spanned) else ids.distinct()
        elif self._matching is not None:
            query = query.where(self._matching.holds(_story))
        return self._counted(query, most)

    def on_sqlite(self, matching: index_sqlite.Matching, number: int) -> list[Place]:
        """The first ones, in steps."""
        first = matching.ids().limit(_FEW).subquery()
        # In one row: for each that is taken, threads have to wait for Python's lock.
        ids = json.loads(self._connection.execute(select(func.json_group_array(first.c.rowid))).scalar_one())
        if len(ids) < _FEW:
            return self.looked_up(number, ids)
        found: list[Place] = []
        begin = self._begin
        # As many as should hold enough, if matches are as dense among them as among the first that were entered: those
        # of a site are denser among its own stories.
        wanted = number if self._filters.sites else number * (max(ids) - min(ids) + 1) / len(ids)
        steps = _STEPS[1:] if matching.gathers else _STEPS
        for step in chain((step for step in steps if step >= wanted), repeat(_STEPS[-1])):
            end = self._after(begin, step)
            query = self._query(begin, end).where(self._in_step(matching, begin, end))
            found += self._places(self._ordered(query, number - len(found)))
            if len(found) >= number or end is None:
                break
            begin = end
        return found

    def _in_step(self, matching: index_sqlite.Matching, begin: Place | None, end: Place | None) -> ColumnElement[bool]:
        """Whether a story is what a step has in common with the search index."""
        step = self._between(select(_story.c.id), begin, end).where(*self._spanned)
        numbers = step.subquery()
        lowest, highest, length = self._connection.execute(
            select(func.min(numbers.c.id), func.max(numbers.c.id), func.count())
        ).one()
        if not length:
            return false()
        # Stories that were entered one after the other have numbers near to each other, unless an archive was read.
        if length <= _STEPS[0] and highest - lowest > _WIDE:
            return matching.holds(_story)
        return _story.c.id.in_(matching.ids(step, lowest, highest))

    def on_postgresql(self, matching: index_postgresql.Matching, number: int) -> list[Place]:
        """The first ones, in steps."""
        found: list[Place] = []
        begin, asked, counted = self._begin, 0, False
        for step in (step for step in _ASKED if step >= number):
            # To ask on is cheaper than to count, if as many of the next ones match as did of those before.
            if asked and not counted and len(found) * (asked + step) < number * asked:
                ids = select(_story.c.id).where(matching.may_hold(_story)).limit(_FEWER)
                if matching.is_read_again:
                    if self._counted(ids, _FEWER) < _FEWER:
                        return self.read_again(matching, number)
                elif len(few := self._connection.execute(ids).scalars().all()) < _FEWER:
                    return self.looked_up(number, few)
                counted = True
            end = self._after(begin, step)
            # IS TRUE: for the condition alone the server might read the search index, which has no order.
            query = self._query(begin, end).where(matching.holds(_story).is_(True))
            found += self._places(self._ordered(query, number - len(found)))
            if len(found) >= number or end is None:
                return found
            begin, asked = end, asked + step
        return self.looked_up(number)

    def _counted(self, query: Select[Any], most: int) -> int:
        some = query.limit(most).subquery()
        return int(self._connection.execute(select(func.count()).select_from(some)).scalar_one())

    # -- queries -------------------------------------------------------------------------------------------------------

    def _when(self, *found: ColumnElement[bool]) -> list[ColumnElement[bool]]:
        """What a story has to meet; `found`: what is true of copies that the index finds."""
        conditions = passing(self._filters, _story)
        if not self._filters.copies:
            conditions.append(earliest(self._filters, *found, other=_other))
        return conditions

    def _query(self, begin: Place | None, end: Place | None = None) -> Select[Any]:
        return self._between(select(_story.c.dated, _story.c.id), begin, end).where(*self._conditions)

    def _between(self, query: Select[Any], begin: Place | None, end: Place | None) -> Select[Any]:
        """Behind the one place, up to and with the other."""
        if begin is not None:
            at = tuple_(*begin, types=_SORTED_BY)
            query = query.where(at < _AT if self._oldest else at > _AT)
        if end is not None:
            at = tuple_(*end, types=_SORTED_BY)
            query = query.where(at >= _AT if self._oldest else at <= _AT)
        return query

    def _ordered(self, query: Select[Any], number: int | None) -> Select[Any]:
        order = (_story.c.dated, _story.c.id)
        return query.order_by(*(each if self._oldest else each.desc() for each in order)).limit(number)

    def _after(self, begin: Place | None, step: int) -> Place | None:
        """The place so many stories on, of those that the indexes of dates can tell; None where there are fewer."""
        query = self._between(select(_story.c.dated, _story.c.id), begin, None).where(*self._spanned)
        row = self._connection.execute(self._ordered(query, 1).offset(step - 1)).first()
        return None if row is None else Place(row.dated, row.id)

    def _places(self, query: Select[Any]) -> list[Place]:
        return [Place(row.dated, row.id) for row in self._connection.execute(query)]
