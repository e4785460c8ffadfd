"""Which stories come first: how an answer is found without reading all that could be one.

Stories are in the order of their dates, and the search index is not. On SQLite the next entry of either costs a
hundredth of what it costs to look at a story: few matches are all looked up and sorted; of many, the first ones are
among the first stories, so these are taken from the index of dates in steps that grow, and what a step has in common
with the search index is looked up, until there is enough. On PostgreSQL the search index gives all of its matches or
none, and to ask a story whether it matches is cheap: the first stories are asked, and all matches are looked up where
too few of these are among them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, intersect, literal_column, select, tuple_

from newsbot.store import index_sqlite, models
from newsbot.store.filters import Filters, Sort
from newsbot.store.index import Matching
from newsbot.store.passing import earliest, passing

_FEW = 3_000  # matches: looking all of them up takes some 10 ms
_ASKED = 100  # stories: so few are asked one by one on SQLite, each for 30 us
_STEPS = (2_000, 10_000, 50_000, 250_000, 1_250_000)  # stories on SQLite
_STEP = 2_000  # stories on PostgreSQL, each for 3 us
_LAST_STEP = 10_000

(_story,) = models.tables(models.Story)
_other = _story.alias("other")
_SORTED_BY = (_story.c.dated.type, _story.c.id.type)
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
    return found.on_postgresql(number)


class _Finding:
    def __init__(
        self, connection: Connection, filters: Filters, matching: Matching | None, begin: Place | None
    ) -> None:
        self._connection = connection
        self._matching = matching
        self._begin = begin
        self._oldest = filters.sort == Sort.OLDEST
        self._conditions = passing(filters, _story)
        if not filters.copies:
            also = [] if matching is None else [matching.holds(_other)]
            self._conditions.append(earliest(filters, *also, other=_other))
        # What the indexes of dates know.
        self._spanned = passing(Filters(filters.sites, filters.since, filters.until), _story)

    def passing(self, number: int | None) -> list[Place]:
        """What passes, by the index of dates."""
        return self._places(self._ordered(self._query(self._begin), number))

    def looked_up(self, number: int | None) -> list[Place]:
        """All that the search index finds, sorted."""
        assert self._matching is not None
        query = self._query(self._begin)
        if isinstance(self._matching, index_sqlite.Matching):
            query = query.where(_story.c.id.in_(self._matching.ids()))
            # With a sign the columns are values, and no index of dates is there for them to be read from.
            order: list[ColumnElement[Any]] = [literal_column(f"+story.{name}") for name in ("dated", "id")]
            query = query.order_by(*(each if self._oldest else each.desc() for each in order))
            return self._places(query.limit(number))
        all_found = query.where(self._matching.holds(_story)).cte().prefix_with("MATERIALIZED", dialect="postgresql")
        order = [all_found.c.dated, all_found.c.id]
        return self._places(
            select(*order).order_by(*(each if self._oldest else each.desc() for each in order)).limit(number)
        )

    def on_sqlite(self, matching: index_sqlite.Matching, number: int) -> list[Place]:
        some = matching.ids().limit(_FEW).subquery()
        if self._connection.execute(select(func.count()).select_from(some)).scalar_one() < _FEW:
            return self.looked_up(number)
        found: list[Place] = []
        begin = self._begin
        steps = [step for step in (_ASKED, *_STEPS) if step >= number] or list(_STEPS[-1:])
        while True:
            step = steps.pop(0) if len(steps) > 1 else steps[0]
            end = self._after(begin, step)
            query = self._query(begin, end)
            if step == _ASKED:
                query = query.where(matching.holds(_story))
            else:
                query = query.where(_story.c.id.in_(self._common(matching, begin, end)))
            found += self._places(self._ordered(query, number - len(found)))
            if len(found) >= number or end is None:
                return found
            begin = end

    def _common(self, matching: index_sqlite.Matching, begin: Place | None, end: Place | None) -> Any:
        """What a step has in common with the search index: of that the part that is between the step's numbers."""
        step = self._between(select(_story.c.id), begin, end).where(*self._spanned)
        numbers = step.subquery()
        lowest, highest = self._connection.execute(select(func.min(numbers.c.id), func.max(numbers.c.id))).one()
        return intersect(step, matching.ids(lowest=lowest or 0, highest=highest or 0))

    def on_postgresql(self, number: int) -> list[Place]:
        assert self._matching is not None
        found: list[Place] = []
        begin, step = self._begin, max(_STEP, number)
        while True:
            end = self._after(begin, step)
            # IS TRUE: the search index would be read for the condition alone.
            asked = self._query(begin, end).where(self._matching.holds(_story).is_(True))
            found += self._places(self._ordered(asked, number - len(found)))
            if len(found) >= number or end is None:
                return found
            needed = step * number // max(1, len(found))
            if begin != self._begin or needed > _LAST_STEP:
                return self.looked_up(number)
            begin, step = end, _LAST_STEP

    # -- queries -------------------------------------------------------------------------------------------------------

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
