"""Stories without their texts, where looking at many of them is cheap."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BRIEF = ["id", "dated", "site", "language", "access", "cluster"]


def upgrade() -> None:
    """An index, for some 10 seconds a million stories. PostgreSQL keeps long texts elsewhere by itself."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_story_brief", "story", BRIEF)


def downgrade() -> None:
    """It holds nothing of its own."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_story_brief", "story")
