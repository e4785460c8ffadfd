"""How the schema came to be: one file a step in versions/, applied when a database is opened.

A new step is made with `alembic.command.revision(config(connection), "what it does", autogenerate=True)`, and `HEAD`
names it. Alembic's batch mode for SQLite rebuilds a table and silently drops its triggers: a step that uses it on
`story` has to make the triggers of 0001 again, or search goes stale.
"""

HEAD = "0005"
KEYS = 2  # the version of the fingerprints for which a step has emptied likeness_key last: each new one needs its own
VERSION_TABLE = "newsbot_version"  # not Alembic's own name: another program's Alembic table must not be taken for ours
SEARCH = "story_search"  # SQLite's FTS5 table; it and its shadow tables are made by hand, no model knows them


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """Alembic's `include_name`: whether the models are meant to know the thing called so."""
    return kind != "table" or not (name or "").startswith(SEARCH)
