"""How the schema came to be: one file a step in versions/, applied when a database is opened.

A new step is made with `alembic.command.revision(config(connection), "what it does", autogenerate=True)`, and `HEAD`
names it. Alembic's batch mode for SQLite rebuilds a table and silently drops its triggers: a step that uses it on
`story` has to call `newsbot.store.index.rebuild_search` at its end, or search goes stale.
"""

from collections.abc import Mapping
from typing import Any

HEAD = "0013"
KEYS = 2  # the version of the fingerprints for which a step has emptied likeness_key last: each new one needs its own
BRIEF = "ix_story_brief"
"""SQLite's index of stories without their texts. There these lie in the rows, and those of a million stories fill
gigabytes: to look many up by their numbers is to read 67 MB instead. PostgreSQL keeps long texts elsewhere."""
VERSION_TABLE = "newsbot_version"  # not Alembic's own name: another program's Alembic table must not be taken for ours


def is_modelled(name: str | None, kind: str, parents: Mapping[Any, str | None]) -> bool:
    """Alembic's `include_name`: whether the models are meant to know the thing called so. The search index they do not:
    on SQLite its tables are made by hand, on PostgreSQL a column of `story` and its index (see `newsbot.store.index`).
    Nor BRIEF, for Alembic asks each database for all indexes of the models."""
    if kind == "table":
        return not (name or "").startswith("story_search")
    return (parents.get("table_name"), name) not in {
        ("story", "search"),
        ("story", "ix_story_search"),
        ("story", BRIEF),
    }
