"""What sources and stories said of their last change, and what hosts have asked of crawlers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Plain ADD COLUMNs: they rebuild no table, and so cost no trigger."""
    op.add_column("story", sa.Column("etag", sa.Text()))
    op.add_column("story", sa.Column("last_modified", sa.Text()))
    op.create_table(
        "source_state",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("asked", INSTANT),
        sa.Column("changed", INSTANT),
        sa.Column("whole_due", INSTANT),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("distrusted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="fk_source_state_site_site", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site", "url", name="pk_source_state"),
    )
    op.create_table(
        "host",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("paused_until", INSTANT),
        sa.Column("robots", sa.Text()),
        sa.Column("robots_seen", INSTANT),
        sa.PrimaryKeyConstraint("origin", name="pk_host"),
    )


def downgrade() -> None:
    """All is asked in whole again."""
    op.drop_table("host")
    op.drop_table("source_state")
    op.drop_column("story", "last_modified")
    op.drop_column("story", "etag")
