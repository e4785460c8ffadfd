"""Where a story's page lies as fetched, and what made the story of it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("story", "story_version")


def upgrade() -> None:
    """Plain ADD COLUMNs: they rebuild no table, and so cost no trigger."""
    kept = sa.text("archive_file IS NOT NULL")
    for table in TABLES:
        op.add_column(table, sa.Column("archive_file", sa.Text()))
        op.add_column(table, sa.Column("archive_offset", NUMBER))
        name = f"ix_{table}_archive_file"
        op.create_index(name, table, ["archive_file"], sqlite_where=kept, postgresql_where=kept)
    op.add_column("story", sa.Column("made_by", sa.Text()))


def downgrade() -> None:
    """The files of the archive stay where they are."""
    op.drop_column("story", "made_by")
    for table in TABLES:
        op.drop_index(f"ix_{table}_archive_file", table)
        op.drop_column(table, "archive_offset")
        op.drop_column(table, "archive_file")
