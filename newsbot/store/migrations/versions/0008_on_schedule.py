"""When each site is due next and why, how far back its sources reach, and what is wrong with it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Plain ADD COLUMNs, one new table, and an index that gives a site's visits in order."""
    op.add_column("site", sa.Column("next_due", INSTANT))
    op.add_column("site", sa.Column("due_why", sa.Text()))
    op.add_column("source_state", sa.Column("listed", NUMBER))
    op.add_column("source_state", sa.Column("reaches_back", INSTANT))
    op.create_table(
        "incident",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site", sa.Text()),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("seen", INSTANT, nullable=False),
        sa.Column("last_seen", INSTANT, nullable=False),
        sa.Column("clear_since", INSTANT),
        sa.Column("until", INSTANT),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("told", DOCUMENT),
        sa.Column("told_over", DOCUMENT),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    still = sa.text("until IS NULL")
    op.create_index("ix_incident_open", "incident", ["kind", "site"], sqlite_where=still, postgresql_where=still)
    op.create_index("ix_run_site_site_run", "run_site", ["site", "run"])
    op.drop_index("ix_run_site_site", "run_site")


def downgrade() -> None:
    """Every site is due; what was wrong is forgotten."""
    op.create_index("ix_run_site_site", "run_site", ["site"])
    op.drop_index("ix_run_site_site_run", "run_site")
    op.drop_table("incident")
    op.drop_column("source_state", "reaches_back")
    op.drop_column("source_state", "listed")
    op.drop_column("site", "due_why")
    op.drop_column("site", "next_due")
