"""Filters as conditions on rows of the story table, the same on both databases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, or_, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, Text

from newsbot.errors import QueryError
from newsbot.store import models
from newsbot.store.filters import Filters
from newsbot.store.migrations import BRIEF
from newsbot.store.models import fit

_site, _story = models.site, models.story


class lowered(FunctionElement[str]):  # noqa: N801 - named as SQL functions are
    """A text in lower case: SQLite's own function knows the letters of ASCII alone."""

    type = Text()
    inherit_cache = True


class holds(FunctionElement[bool]):  # noqa: N801
    """Whether a JSON list holds a text (the second argument, in lower case), case aside."""

    type = Boolean()
    inherit_cache = True


class unindexed(FunctionElement[Any]):  # noqa: N801
    """A column that is read from its row: no index of SQLite's is there for it."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unindexed)
def _unindexed(element: unindexed, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"+{column}" if compiler.dialect.name == "sqlite" else str(column)


@compiles(lowered)
def _lowered(element: lowered, compiler: Any, **options: Any) -> str:
    name = "newsbot_lower" if compiler.dialect.name == "sqlite" else "lower"
    return f"{name}({compiler.process(element.clauses, **options)})"


@compiles(holds)
def _holds(element: holds, compiler: Any, **options: Any) -> str:
    each, text = (compiler.process(clause, **options) for clause in element.clauses)
    if compiler.dialect.name == "sqlite":
        return f"EXISTS (SELECT 1 FROM json_each({each}) WHERE newsbot_lower(value) = {text})"  # noqa: S608
    return f"EXISTS (SELECT 1 FROM jsonb_array_elements_text({each}) AS value WHERE lower(value) = {text})"  # noqa: S608


def check_sites(connection: Connection, sites: Sequence[str]) -> None:
    """Raises QueryError, with the keys that are like it, for one that is no site's."""
    if not sites:
        return
    known = list(connection.execute(select(_site.c.key)).scalars())
    for key in sites:
        if key not in known:
            close = get_close_matches(key, known, n=3)
            hint = f"Did you mean {' or '.join(close)}?" if close else "`newsbot stats` lists those that have stories."
            raise QueryError(f"nothing was ever crawled from a site {key!r}. {hint}")


def passing(filters: Filters, story: FromClause, *, indexed: bool = True) -> list[ColumnElement[bool]]:
    """What `story` (the table, or an alias of it) has to meet: all of the filters but `copies`. Not `indexed`: where it
    is found by something else that is better than its site and date."""
    conditions: list[ColumnElement[bool]] = []
    site: ColumnElement[Any] = story.c.site
    dated: ColumnElement[Any] = story.c.dated
    if not indexed:
        site, dated = unindexed(site), unindexed(dated)
    if filters.sites:
        # One site is an equation: only then do databases read its stories in their order.
        first, *more = map(fit, dict.fromkeys(filters.sites))
        conditions.append(site.in_([first, *more]) if more else site == first)
    if filters.since:
        conditions.append(dated >= filters.since)
    if filters.until:
        conditions.append(dated < filters.until)
    if filters.language is not None:
        language = fit(filters.language).lower()
        conditions.append(
            or_(story.c.language == language, story.c.language.startswith(f"{language}-", autoescape=True))
        )
    if filters.author is not None:
        conditions.append(holds(story.c.authors, fit(filters.author).lower()))
    if filters.tag is not None:
        conditions.append(holds(story.c.tags, fit(filters.tag).lower()))
    if filters.section is not None:
        conditions.append(lowered(story.c.section) == fit(filters.section).lower())
    if filters.access is not None:
        conditions.append(story.c.access == str(filters.access))
    return conditions


def in_brief(query: Select[Any]) -> Select[Any]:
    """The same question of stories whose numbers it names; on SQLite of the index that has them without their texts,
    which it would not choose by itself."""
    return query.with_hint(_story, f"INDEXED BY {BRIEF}", "sqlite")


def numbers(ids: Sequence[int]) -> Select[Any]:
    """Numbers that are known, for SQLite: as JSON they are one value, and the statement is the same for any number."""
    return select(func.json_each(json.dumps(ids)).table_valued("value").c.value)


def among(story: FromClause, ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether a story that is found by something else has one of these numbers."""
    return unindexed(story.c.id).in_(numbers(ids))


def earliest(filters: Filters, *found: ColumnElement[bool], other: FromClause) -> ColumnElement[bool]:
    """Whether no copy of a story that passes too, and of which `found` is true, is earlier: both are said of `other`,
    an alias of the table."""
    # By its cluster, which has a few stories: SQLite would rather go through all earlier ones of the site.
    before = tuple_(unindexed(other.c.dated), other.c.id) < tuple_(_story.c.dated, _story.c.id)
    passes = passing(filters, other, indexed=False)
    copy = select(other.c.id).where(other.c.cluster == _story.c.cluster, before, *passes, *found)
    return or_(_story.c.cluster.is_(None), ~copy.exists())
