"""What has changed since an export: a number on each story, and how far each export has come; heads found by story."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Stories that are there already keep the number 0: they have changed before any export was counted."""
    # A plain ADD COLUMN with a constant default: it rebuilds no table, and so costs no trigger, and rewrites no row.
    op.add_column("story", sa.Column("changed", NUMBER, nullable=False, server_default="0"))
    op.create_index("ix_story_changed_id", "story", ["changed", "id"])
    # Without it, each story that is deleted costs a look at all clusters, whether one has it for its head.
    op.create_index("ix_cluster_head", "cluster", ["head"])
    op.create_table(
        "export_mark",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("upto", NUMBER, nullable=False),
        sa.Column("target", NUMBER, nullable=False),
        sa.Column("moved", INSTANT),
        sa.PrimaryKeyConstraint("name", name="pk_export_mark"),
    )


def downgrade() -> None:
    """Forget how far the exports have come."""
    op.drop_table("export_mark")
    op.drop_index("ix_cluster_head", "cluster")
    op.drop_index("ix_story_changed_id", "story")
    op.drop_column("story", "changed")
