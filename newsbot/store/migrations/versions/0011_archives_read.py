"""Archives that are read into the database, and which runs did so."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A plain ADD COLUMN, and a new table."""
    op.add_column("run", sa.Column("kind", sa.Text(), server_default="crawl", nullable=False))
    op.create_table(
        "ingested",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", NUMBER),
        sa.Column("records", NUMBER, nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("finished", INSTANT),
        sa.PrimaryKeyConstraint("digest", name="pk_ingested"),
    )


def downgrade() -> None:
    """What an archive has left is read again; what kind a run was is forgotten."""
    op.drop_table("ingested")
    op.drop_column("run", "kind")
