"""Whether two databases hold the same, row by row, whatever became of the crawls that filled them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, select

from newsbot.store import Store, models

HISTORY = {
    *("run", "run_site", "incident", "export_mark", "ingested"),
    *("site_lease", "host_turn", "worker", "pushed_site", "pushed_setting"),
}
"""Tables that tell what crawls and exports did and do, and what they are told, and not what there is."""
ORDER = {
    ("story", "changed"),
    *(("site_block", name) for name in "before loose removed vetoes kind sample".split()),
    ("removed_block", "why"),
}
"""Columns that hang on the order in which the stories came, which no two crawls have in common: of what a site repeats,
how it was found out. What the site repeats, and what was therefore taken out of which story, does not hang on it."""
AGAIN = {("site", "next_due"), ("site", "due_why"), ("source_state", "reaches_back")}
"""Columns that say when to come again: by what visits there were."""
SAID = {("story", "published"), ("story", "modified")}
"""Instants that stand on a page; all others are those of a crawl."""

_STORIES = {("story", "id"), ("story", "thread"), ("likeness_key", "story")}
"""Columns with a story's number, besides those that refer to the table."""
_HOLDERS = ("site_block", "holders")

Rows = dict[str, list[tuple[Any, ...]]]


def contents(url: str, *, without: frozenset[str] = frozenset()) -> Rows:
    """The rows of a database, by table, sorted: addresses in the place of numbers, and of an instant of a crawl only
    that there is one. What belongs to the sites `without` is left out."""
    with Store.open(url) as store, store._engine.connect() as connection:
        read = {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in models.metadata.sorted_tables
            if table.name not in HISTORY
        }
    stories = {row["id"]: row["url"] for row in read["story"]}
    assert len(set(stories.values())) == len(stories), "a story is there twice"
    sites = {row["id"]: row["site"] for row in read["story"]}
    heads = {row["id"]: stories[row["head"]] for row in read["cluster"]}
    threads = defaultdict(list)
    for row in read["story"]:
        if row["thread"] is not None:
            threads[row["thread"]].append(row["url"])
    found: Rows = {}
    for table in models.metadata.sorted_tables:
        if table.name in HISTORY:
            continue
        rows = [row for row in read[table.name] if _site_of(table, row, sites) not in without]
        told = [tuple(_told(table, row, name, stories, heads, threads) for name in _columns(table)) for row in rows]
        found[table.name] = sorted(told, key=repr)
    return found


def differences(one: Rows, other: Rows) -> list[str]:
    """What one of two databases holds and the other does not, a line a row."""
    found = []
    for name in one.keys() | other.keys():
        ours, theirs = one.get(name, []), other.get(name, [])
        found += [f"{name}: only the first has {str(row)[:300]}" for row in ours if row not in theirs]
        found += [f"{name}: only the second has {str(row)[:300]}" for row in theirs if row not in ours]
        if len(ours) != len(theirs):
            found.append(f"{name}: {len(ours)} rows and {len(theirs)}")
    return found


def open_visits(url: str) -> int:
    """How many visits and runs have no end."""
    with Store.open(url) as store, store._engine.connect() as connection:
        tables = models.run, models.run_site
        return sum(len(connection.execute(select(each).where(each.c.finished.is_(None))).all()) for each in tables)


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if (table.name, column.name) not in ORDER | AGAIN]


def _site_of(table: Table, row: Mapping[str, Any], sites: Mapping[int, str]) -> str | None:
    if table.name == "site":
        return str(row["key"])
    if "site" in row:
        return str(row["site"])
    number = row.get("story", row.get("head"))
    return None if number is None else sites.get(number)


def _told(
    table: Table,
    row: Mapping[str, Any],
    name: str,
    stories: Mapping[int, str],
    heads: Mapping[int, str],
    threads: Mapping[int, list[str]],
) -> Any:
    value, column, place = row[name], table.columns[name], (table.name, name)
    if value is None:
        return None
    if place == ("story", "thread"):
        return tuple(sorted(threads[value]))
    if place == ("host", "paused_until"):  # a pause that is over is none
        return value if value > datetime.now(UTC) else None
    if place == _HOLDERS:
        return tuple(sorted(stories.get(number, "") for number in value))
    refers = {key.column.table.name for key in column.foreign_keys}
    if place in _STORIES or "story" in refers:
        return stories.get(value, "no story")
    if place == ("cluster", "id") or "cluster" in refers:
        return heads[value]
    if isinstance(column.type, models.Instant) and place not in SAID:
        # Both are those of a crawl where the page does not say when it was published.
        of_the_page = name in ("dated", "next_look") and row["published"] is not None
        return value if of_the_page and value.microsecond == row["published"].microsecond else "then"
    return repr(value) if isinstance(value, dict) else value
