"""What the sites teach: the blocks that their stories have in common, and where in their markup bodies stand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEARNED = sa.text("learned IS NOT NULL")


def upgrade() -> None:
    """Make the tables, empty: they fill with the stories that come from now on."""
    # A plain ADD COLUMN: it rebuilds no table, and so costs no trigger.
    op.add_column("site", sa.Column("taught", NUMBER, nullable=False, server_default="0"))
    op.create_table(
        "site_block",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("stories", NUMBER, nullable=False),
        sa.Column("loose", NUMBER, nullable=False),
        sa.Column("removed", NUMBER, nullable=False),
        sa.Column("vetoes", NUMBER, nullable=False),
        sa.Column("before", NUMBER, nullable=False),
        sa.Column("holders", JSON, nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text()),
        sa.Column("pinned", sa.Text()),
        sa.Column("learned", INSTANT),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("last_seen", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("site", "key", name="pk_site_block"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="fk_site_block_site_site", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_site_block_learned", "site_block", ["site"], sqlite_where=LEARNED, postgresql_where=LEARNED)
    op.create_table(
        "site_place",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("stories", NUMBER, nullable=False),
        sa.Column("last_seen", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("site", "place", name="pk_site_place"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="fk_site_place_site_site", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Forget what the sites have taught."""
    op.drop_table("site_place")
    op.drop_table("site_block")
    op.drop_column("site", "taught")
