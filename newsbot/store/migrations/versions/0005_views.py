"""Views for those who ask in SQL: `v_story`, a story without joins, and `v_copy`, a copy beside the first of its kind.

Their columns are a promise: a later step may add some at the end, and takes none away. A step that takes a column of
`story`, `site` or `cluster` away drops the views first and makes them anew.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A JSON list as text, and the whole minutes from one instant to another: the two databases have no common words for it.
LISTED = {
    "sqlite": "(SELECT group_concat(value, '; ') FROM json_each(story.{0}))",
    "postgresql": (
        "(SELECT string_agg(value, '; ' ORDER BY place)"
        " FROM jsonb_array_elements_text(story.{0}) WITH ORDINALITY AS listed(value, place))"
    ),
}
SECONDS = {
    "sqlite": "CAST(strftime('%s', {0}) AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM date_trunc('second', {0})) AS bigint)",
}

STORY = """
CREATE VIEW v_story AS
SELECT
    story.id, story.url, story.site, site.name AS site_name, story.title, story.standfirst, story.text,
    {authors} AS authors, story.section, {tags} AS tags, story.language,
    story.published, story.modified, story.day_only, story.dated, story.first_seen, story.last_seen,
    story.access, story.word_count, story.version AS versions,
    coalesce(cluster.size, 1) - 1 AS copies, coalesce(cluster.head = story.id, {true}) AS is_first,
    story.cluster, story.thread, story.gone, story.changed
FROM story
JOIN site ON site.key = story.site
LEFT JOIN cluster ON cluster.id = story.cluster
"""
COPY = """
CREATE VIEW v_copy AS
SELECT
    story.id, story.site, story.url, story.title, story.dated,
    CASE WHEN NOT story.day_only AND NOT first.day_only
        THEN ({later} - {earlier}) / 60 END AS minutes_later,
    first.id AS first_id, first.site AS first_site, first.url AS first_url, first.title AS first_title,
    first.dated AS first_dated, story.cluster
FROM story
JOIN cluster ON cluster.id = story.cluster AND cluster.head <> story.id
JOIN story AS first ON first.id = cluster.head
"""


def upgrade() -> None:
    """Make the views."""
    dialect = op.get_context().dialect.name
    listed, seconds = LISTED[dialect], SECONDS[dialect]
    true = "1" if dialect == "sqlite" else "TRUE"
    op.execute(STORY.format(authors=listed.format("authors"), tags=listed.format("tags"), true=true))
    op.execute(COPY.format(later=seconds.format("story.dated"), earlier=seconds.format("first.dated")))


def downgrade() -> None:
    """Drop the views."""
    op.execute("DROP VIEW v_copy")
    op.execute("DROP VIEW v_story")
