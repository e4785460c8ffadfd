"""Threads of rolling stories, when to look again, what is gone; likeness keys without an index by story.

The keys are dropped, not converted: an earlier version of the algorithms made them, and `Store.renew` makes them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "story", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Plain ADD COLUMNs: they rebuild no table, and so cost no trigger."""
    op.add_column("story", sa.Column("thread", NUMBER))
    op.add_column("story", sa.Column("next_look", INSTANT))
    op.add_column("story", sa.Column("gone", INSTANT))
    _partial("ix_story_next_look", ["site", "next_look"], "next_look IS NOT NULL")
    _partial("ix_story_thread", ["thread"], "thread IS NOT NULL")
    op.create_index("ix_story_fingerprint", "story", ["fingerprint"])
    op.drop_table("likeness_key")
    op.create_table(
        "likeness_key",
        sa.Column("key", NUMBER, nullable=False),
        sa.Column("story", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key", "story", name="pk_likeness_key"),
        sqlite_with_rowid=False,
    )
    op.execute(sa.text("UPDATE story SET fingerprint = 0"))


def downgrade() -> None:
    """Without the keys, which the earlier code makes again as its stories change."""
    op.drop_table("likeness_key")
    op.create_table(
        "likeness_key",
        sa.Column("key", NUMBER, nullable=False),
        sa.Column("story", NUMBER, sa.ForeignKey("story.id", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("key", "story", name="pk_likeness_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_likeness_key_story", "likeness_key", ["story"])
    for name in ("ix_story_next_look", "ix_story_thread", "ix_story_fingerprint"):
        op.drop_index(name, "story")
    for name in ("gone", "next_look", "thread"):
        op.drop_column("story", name)
