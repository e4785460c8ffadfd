"""Archive pages that a backfill has done with; and which stories something else made, without reading them all."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A new table, and an index of 53 bytes a story; to make it, all stories are read once."""
    op.create_table(
        "archive_page",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("done", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="fk_archive_page_site_site"),
        sa.PrimaryKeyConstraint("site", "url", name="pk_archive_page"),
    )
    op.create_index("ix_story_site_made_by", "story", ["site", "made_by"])


def downgrade() -> None:
    """Archive pages are read again."""
    op.drop_index("ix_story_site_made_by", "story")
    op.drop_table("archive_page")
