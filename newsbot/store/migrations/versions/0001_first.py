"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# External content: the index holds no second copy of the texts. unicode61 folds case and, with 2, all diacritics.
SEARCH = """
CREATE VIRTUAL TABLE story_search USING fts5(
    title, standfirst, text, content='story', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
)
"""
FORGET = """
INSERT INTO story_search(story_search, rowid, title, standfirst, text)
VALUES ('delete', old.id, old.title, old.standfirst, old.text);
"""
LEARN = """
INSERT INTO story_search(rowid, title, standfirst, text) VALUES (new.id, new.title, new.standfirst, new.text);
"""
TRIGGERS = (
    f"CREATE TRIGGER story_search_insert AFTER INSERT ON story BEGIN {LEARN} END",
    f"CREATE TRIGGER story_search_delete AFTER DELETE ON story BEGIN {FORGET} END",
    "CREATE TRIGGER story_search_update AFTER UPDATE OF id, title, standfirst, text ON story "
    f"BEGIN {FORGET} {LEARN} END",
)


def upgrade() -> None:
    """Make the tables, and on SQLite the search index."""
    sqlite = op.get_context().dialect.name == "sqlite"

    op.create_table(
        "site",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("last_ok", INSTANT),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_site"),
    )
    # SQLite cannot add a constraint to a table, but lets one name a table that is yet to come; others are the reverse.
    ahead = [sa.ForeignKeyConstraint(["head"], ["story.id"], name="fk_cluster_head_story")] if sqlite else []
    op.create_table(
        "cluster",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("head", NUMBER, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cluster"),
        *ahead,
    )
    op.create_table(
        "story",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("fetched_url", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("standfirst", sa.Text()),
        sa.Column("authors", JSON, nullable=False),
        sa.Column("section", sa.Text()),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("published", INSTANT),
        sa.Column("published_offset", NUMBER),
        sa.Column("modified", INSTANT),
        sa.Column("modified_offset", NUMBER),
        sa.Column("day_only", sa.Boolean(), nullable=False),
        sa.Column("dated", INSTANT, nullable=False),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("last_seen", INSTANT, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("version_seen", INSTANT, nullable=False),
        sa.Column("image", JSON),
        sa.Column("word_count", NUMBER, nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("cluster", NUMBER),
        sa.Column("text_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),  # last: the columns before it are read without its overflow pages
        sa.PrimaryKeyConstraint("id", name="pk_story"),
        sa.UniqueConstraint("url_key", name="uq_story_url_key"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="fk_story_site_site"),
        sa.ForeignKeyConstraint(["cluster"], ["cluster.id"], name="fk_story_cluster_cluster", ondelete="SET NULL"),
    )
    op.create_index("ix_story_cluster", "story", ["cluster"])
    op.create_index("ix_story_text_key", "story", ["text_key"])
    op.create_index("ix_story_site_dated", "story", ["site", "dated"])
    op.create_index("ix_story_dated_id", "story", ["dated", "id"])
    if not sqlite:
        op.create_foreign_key("fk_cluster_head_story", "cluster", "story", ["head"], ["id"])

    op.create_table(
        "story_version",
        sa.Column("story", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("seen", INSTANT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story", "version", name="pk_story_version"),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name="fk_story_version_story_story", ondelete="CASCADE"),
    )
    op.create_table(
        "removed_block",
        sa.Column("story", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story", "version", "position", name="pk_removed_block"),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name="fk_removed_block_story_story", ondelete="CASCADE"),
    )
    op.create_table(
        "address",
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("story", NUMBER),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("last_fetched", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("url_key", name="pk_address"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="fk_address_site_site"),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name="fk_address_story_story", ondelete="SET NULL"),
    )
    op.create_index("ix_address_site", "address", ["site"])
    op.create_index("ix_address_story", "address", ["story"])
    op.create_table(
        "likeness_key",
        sa.Column("key", NUMBER, nullable=False, autoincrement=False),
        sa.Column("story", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key", "story", name="pk_likeness_key"),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name="fk_likeness_key_story_story", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_likeness_key_story", "likeness_key", ["story"])
    op.create_table(
        "run",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("finished", INSTANT),
        sa.Column("outcome", sa.Text()),
        sa.Column("pid", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_table(
        "run_site",
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("finished", INSTANT),
        sa.Column("outcome", sa.Text()),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("bytes", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("run", "site", name="pk_run_site"),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name="fk_run_site_run_run", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="fk_run_site_site_site"),
    )
    op.create_index("ix_run_site_site", "run_site", ["site"])

    if sqlite:
        for statement in (SEARCH, *TRIGGERS):
            op.execute(statement)


def downgrade() -> None:
    """Drop everything."""
    sqlite = op.get_context().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TABLE story_search")
    else:
        op.drop_constraint("fk_cluster_head_story", "cluster", type_="foreignkey")
    tables = "run_site run likeness_key address removed_block story_version story cluster site"
    for table in tables.split():
        op.drop_table(table)
