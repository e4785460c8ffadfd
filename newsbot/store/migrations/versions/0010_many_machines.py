"""What machines that share a database tell each other: who has which site, whose turn it is at a host, which workers
there are, and what they are to crawl."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New tables, empty."""
    op.create_table(
        "site_lease",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("taken", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("site", name="pk_site_lease"),
    )
    op.create_index("ix_site_lease_token", "site_lease", ["token"])
    op.create_table(
        "host_turn",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("next", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_host_turn"),
    )
    op.create_index("ix_host_turn_token", "host_turn", ["token"])
    op.create_table(
        "worker",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", NUMBER, nullable=False),
        sa.Column("slots", NUMBER, nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("seen", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_worker"),
    )
    op.create_table(
        "pushed_site",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("pushed", INSTANT, nullable=False),
        sa.Column("pushed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_pushed_site"),
    )
    op.create_table(
        "pushed_setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pushed_setting"),
    )


def downgrade() -> None:
    """Sites that were pushed are lost; their files are where they were pushed from."""
    for name in ("pushed_setting", "pushed_site", "worker", "host_turn", "site_lease"):
        op.drop_table(name)
