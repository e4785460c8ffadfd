"""The search index as `newsbot.store.index` makes it: scripts without spaces, fields and filters, both databases.

What the index holds follows from the stories, so this step makes the latest one that the code knows, not one of its
time. A later step that changes the index makes it again, and this one then does nothing.
"""

from alembic import context, op

from newsbot.store.index import drop_search, rebuild_search

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The first step's, on SQLite.
BEFORE = (
    "CREATE VIRTUAL TABLE story_search USING fts5(title, standfirst, text, content='story', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO story_search (story_search) VALUES ('rebuild')",
    "CREATE TRIGGER story_search_insert AFTER INSERT ON story BEGIN "
    "INSERT INTO story_search (rowid, title, standfirst, text) VALUES (new.id, new.title, new.standfirst, new.text); "
    "END",
    "CREATE TRIGGER story_search_delete AFTER DELETE ON story BEGIN "
    "INSERT INTO story_search (story_search, rowid, title, standfirst, text) "
    "VALUES ('delete', old.id, old.title, old.standfirst, old.text); END",
    "CREATE TRIGGER story_search_update AFTER UPDATE OF id, title, standfirst, text ON story BEGIN "
    "INSERT INTO story_search (story_search, rowid, title, standfirst, text) "
    "VALUES ('delete', old.id, old.title, old.standfirst, old.text); "
    "INSERT INTO story_search (rowid, title, standfirst, text) VALUES (new.id, new.title, new.standfirst, new.text); "
    "END",
)


def upgrade() -> None:
    """Make the index, and fill it."""
    rebuild_search(op.get_bind(), context.config.attributes.get("progress"))


def downgrade() -> None:
    """On SQLite the index of the first step; PostgreSQL had none."""
    drop_search(op.get_bind())
    if op.get_context().dialect.name == "sqlite":
        for statement in BEFORE:
            op.execute(statement)
