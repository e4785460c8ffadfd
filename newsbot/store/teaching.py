"""What a site teaches: its blocks and places counted, story by story, inside the transaction that keeps the story.

A block is counted once a story: when the story is entered, and when a revision has a block that the version before had
not. A story that is the copy of another one of its site teaches nothing, nor does one whose text is for the most part
known already: that is a page printed twice, or a template filled in anew.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, func, select, text, update

from newsbot.errors import QueryError
from newsbot.fingerprint import LONGEST_BLOCK, block_key
from newsbot.furniture import MOST, PASSING, Seen, is_furniture, reports
from newsbot.items import Profile, Story
from newsbot.store import models
from newsbot.store.addresses import INSERT
from newsbot.store.models import fit

EXPIRY = timedelta(days=30)
"""After so long a block that only one story had is forgotten."""
MOST_BLOCKS = 5_000
"""Of a site; beyond these, those go that fewest stories had, the longest unseen first."""
MOST_REPEATED = 500
"""Blocks in a profile, the last seen first: it travels to the reading processes with each page."""
MOST_HOLDERS = 50
"""Stories that are remembered as holding a block."""
LOOKED_THROUGH = 2_000
"""Stories of a site, the newest, that are looked through for others once it is known to be the site's."""
WHY = "repeated: stands on many of the site's stories"
"""What is said of a block that is taken out of a story because the site repeats it."""
WINDOW = 200
"""Stories after which the counts of places are halved: a site's new markup is soon as good as its old."""

_MORE = 0  # among a block's holders: there may be others
_HELD = 0.5  # share of a site's stories that a place has to have held to be looked at first
PIN, KEEP = "drop", "keep"
"""What a person has said of a block: that it is the site's, that it is the stories'."""

_site, _story, _removed, _block, _place = (
    models.site,
    models.story,
    models.removed_block,
    models.site_block,
    models.site_place,
)
_AMONG = {
    "sqlite": text("site_block.key IN (SELECT value FROM json_each(:keys))"),
    "postgresql": text("site_block.key = ANY(ARRAY(SELECT json_array_elements_text(CAST(:keys AS json))))"),
}
_KNOWN = {
    dialect: select(_site.c.taught, *_block.c)
    .select_from(_site.outerjoin(_block, (_block.c.site == _site.c.key) & among))
    .where(_site.c.key == bindparam("of"))
    for dialect, among in _AMONG.items()
}
_TEACH = update(_site).where(_site.c.key == bindparam("this")).values(taught=_site.c.taught + 1)
_SEE = update(_block).where(_block.c.site == bindparam("of"), _block.c.key == bindparam("this"))
_HOLDERS = select(_block.c.holders).where(_block.c.site == bindparam("of"), _block.c.key == bindparam("this"))
_OF_CLUSTER = select(_story.c.cluster).where(_story.c.id == bindparam("this")).scalar_subquery()
_ON_SITE = (
    select(_story.c.id)
    .where(_story.c.cluster == _OF_CLUSTER, _story.c.site == bindparam("of"), _story.c.id != bindparam("this"))
    .limit(1)
)
_STAND = {
    dialect: (entered := into(_place)).on_conflict_do_update(
        index_elements=["site", "place"],
        set_={"stories": _place.c.stories + 1, "last_seen": entered.excluded.last_seen},
    )
    for dialect, into in INSERT.items()
}
# One parameter for all rows: SQLAlchemy takes longer over a parameter for each of their values than the database does.
_COUNT = {
    dialect: text(
        "INSERT INTO site_block (site, first_seen, last_seen, key, stories, loose, removed, vetoes, "  # noqa: S608
        f'"before", holders, sample, kind, learned) SELECT :site, :seen, :seen, {values}, '
        f"CASE WHEN {learned} = 1 THEN :seen END FROM {rows} WHERE true ON CONFLICT (site, key) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in "stories loose removed vetoes holders sample kind".split())
        + ", learned = coalesce(site_block.learned, excluded.learned), last_seen = "
        "CASE WHEN excluded.last_seen > site_block.last_seen THEN excluded.last_seen ELSE site_block.last_seen END"
    ).bindparams(bindparam("seen", type_=_block.c.last_seen.type))
    for dialect, values, learned, rows in (
        (
            "sqlite",
            ", ".join(f"json_extract(value, '$[{n}]')" for n in range(9)),
            "json_extract(value, '$[9]')",
            "json_each(:rows)",
        ),
        (
            "postgresql",
            "value ->> 0, CAST(value -> 1 AS bigint), CAST(value -> 2 AS bigint), CAST(value -> 3 AS bigint), "
            "CAST(value -> 4 AS bigint), CAST(value -> 5 AS bigint), value -> 6, value ->> 7, value ->> 8",
            "CAST(value -> 9 AS bigint)",
            "jsonb_array_elements(CAST(:rows AS jsonb))",
        ),
    )
}


def sites(connection: Connection) -> list[str]:
    """The sites of which something was learned."""
    return list(connection.execute(select(_block.c.site).where(_block.c.learned.is_not(None)).distinct()).scalars())


def is_copy_on_site(connection: Connection, story_id: int, site: str) -> bool:
    """Whether another story of the site is in the story's cluster."""
    return connection.execute(_ON_SITE, {"this": story_id, "of": site}).first() is not None


def learn(
    connection: Connection, story: Story, story_id: int, before: frozenset[str] | None = None, *, counts: bool = True
) -> bool:
    """Count a story's blocks, and for a new one the place of its body; `before` are the keys of the blocks that an
    earlier version of it had, None for a new story. One that does not count is only noted to hold what it holds. Says
    whether the site has taught something new."""
    traces = {trace.key: trace for trace in story.traces if before is None or trace.key not in before}
    if before is None and counts:
        connection.execute(_TEACH, {"this": story.site})
    wanted = {*traces, *(trace.heads for trace in traces.values() if trace.heads)}
    asked = {"of": story.site, "keys": json.dumps(sorted(wanted))}
    rows = connection.execute(_KNOWN[connection.dialect.name], asked).all()
    total = rows[0].taught
    if before is None and counts and story.container:
        _stand(connection, story, total)
    known = {row.key: row for row in rows if row.key is not None}
    told_before = sum(len(trace.text) for trace in traces.values() if trace.kept and trace.key in known)
    if not counts or told_before > MOST * max(len(story.text), 1):
        held = [key for key, row in known.items() if key in traces and traces[key].kept]
        if held:
            noted = [{"of": story.site, "this": key, "holders": _with(known[key].holders, story_id)} for key in held]
            connection.execute(_SEE, noted)
        return False
    counted: list[tuple[Any, ...]] = []
    taught = False
    for trace in traces.values():
        row = known.get(trace.key)
        kind = None if trace.kind is None else trace.kind.value
        removed = int(trace.kind is not None and trace.kind not in PASSING)
        if row is None:
            if trace.kept or removed:
                first = (1, int(trace.loose), removed, int(trace.veto), total - 1)
                counted.append((trace.key, *first, [story_id] if trace.kept else [], "", kind, 0))
            continue
        # A headline may go with what stands below it; over what no other story has, it is the story's own.
        heads_known = trace.heads in known
        veto = trace.veto or (bool(trace.heads) and not heads_known) or (row.sample and reports(row.sample, trace.text))
        stories, loose = row.stories + 1, row.loose + (trace.loose or heads_known)
        seen = Seen(stories, loose, row.removed + removed, row.vetoes + bool(veto), total - row.before)
        holding = _with(row.holders, story_id) if trace.kept else row.holders
        learned = row.learned is None and row.pinned is None and is_furniture(seen, trace.text)
        if learned:
            taught = True
            holding = [*holding, _MORE]
        sample = row.sample or fit(trace.text)
        now = (stories, loose, seen.removed, seen.vetoes, row.before)
        counted.append((trace.key, *now, holding, sample, kind or row.kind, int(learned)))
    if counted:
        told = json.dumps(counted, ensure_ascii=False)
        values = {"site": story.site, "seen": story.fetched_at, "rows": told}
        connection.execute(_COUNT[connection.dialect.name], values)
    return taught


def _with(holders: list[int], story_id: int) -> list[int]:
    if story_id in holders or (_MORE in holders and len(holders) >= MOST_HOLDERS):
        return holders
    return [*holders, story_id if len(holders) < MOST_HOLDERS else _MORE]


def _stand(connection: Connection, story: Story, total: int) -> None:
    """Count the place of a story's body."""
    values = {"site": story.site, "place": story.container, "stories": 1, "last_seen": story.fetched_at}
    connection.execute(_STAND[connection.dialect.name], values)
    if total % WINDOW == 0:
        here = _place.c.site == story.site
        connection.execute(update(_place).where(here).values(stories=_place.c.stories // 2))
        connection.execute(delete(_place).where(here, _place.c.stories == 0))


def profile(connection: Connection, site: str) -> Profile:
    """What a site has taught by now."""
    name = connection.execute(select(_site.c.name).where(_site.c.key == site)).scalar_one_or_none()
    keys = connection.execute(
        select(_block.c.key)
        .where(_block.c.site == site, _block.c.learned.is_not(None))
        .order_by(_block.c.last_seen.desc(), _block.c.key)
        .limit(MOST_REPEATED)
    ).scalars()
    places = connection.execute(select(_place.c.place, _place.c.stories).where(_place.c.site == site)).all()
    enough = max(2.0, _HELD * sum(row.stories for row in places))
    return Profile(name or "", frozenset(keys), frozenset(row.place for row in places if row.stories >= enough))


def learned(connection: Connection, site: str) -> dict[str, list[int]]:
    """The keys of all blocks that are the site's, and the stories that are known to hold them."""
    query = select(_block.c.key, _block.c.holders).where(_block.c.site == site, _block.c.learned.is_not(None))
    return {row.key: row.holders for row in connection.execute(query)}


def search(connection: Connection, site: str) -> dict[str, set[int]]:
    """For each block that is the site's by now, and that others may hold than were written down: the stories that do,
    among the newest LOOKED_THROUGH."""
    found: dict[str, set[int]] = {key: set() for key, held in learned(connection, site).items() if _MORE in held}
    if found:
        query = select(_story.c.id, _story.c.text).where(_story.c.site == site)
        for row in connection.execute(query.order_by(_story.c.id.desc()).limit(LOOKED_THROUGH)):
            for paragraph in row.text.split("\n\n"):
                if len(paragraph) <= LONGEST_BLOCK and (holding := found.get(block_key(paragraph))) is not None:
                    holding.add(row.id)
    return found


def holders(connection: Connection, site: str, found: dict[str, set[int]]) -> list[int]:
    """All stories that hold a block which is the site's, those that were found among them; writes these down."""
    held = learned(connection, site)
    held |= {key: sorted({*held[key], *stories} - {_MORE}) for key, stories in found.items() if key in held}
    if found:
        rows = [{"of": site, "this": key, "holders": held[key]} for key in found if key in held]
        connection.execute(_SEE, rows)
    return sorted({story_id for holding in held.values() for story_id in holding} - {_MORE})


def hold(connection: Connection, site: str, key: str, story_id: int) -> None:
    """Note that a story holds a block again."""
    held = connection.execute(_HOLDERS, {"of": site, "this": key}).scalar_one_or_none()
    if held is not None:
        connection.execute(_SEE, [{"of": site, "this": key, "holders": _with(held, story_id)}])


def release(connection: Connection, site: str, story_id: int) -> None:
    """Note that a story holds none of the site's blocks any more."""
    rows = [
        {"of": site, "this": key, "holders": [each for each in holding if each != story_id]}
        for key, holding in learned(connection, site).items()
        if story_id in holding
    ]
    if rows:
        connection.execute(_SEE, rows)


def keys_of(connection: Connection, story_id: int, version: int, text: str) -> frozenset[str]:
    """The keys of all blocks of a version."""
    removed = select(_removed.c.text).where(_removed.c.story == story_id, _removed.c.version == version)
    return frozenset(map(block_key, (*text.split("\n\n"), *connection.execute(removed).scalars())))


def expire(connection: Connection, site: str, now: datetime) -> None:
    """Forget what is seen no more: see EXPIRY and MOST_BLOCKS. What a person has said is never forgotten."""
    free = (_block.c.site == site, _block.c.pinned.is_(None))
    connection.execute(delete(_block).where(*free, _block.c.stories == 1, _block.c.last_seen < now - EXPIRY))
    too_many = (
        connection.execute(select(func.count()).select_from(_block).where(_block.c.site == site)).scalar_one()
        - MOST_BLOCKS
    )
    if too_many > 0:
        rank = (case((_block.c.learned.is_(None), 0), else_=1), case((_block.c.stories == 1, 0), else_=1))
        last = select(_block.c.key).where(*free).order_by(*rank, _block.c.last_seen, _block.c.key).limit(too_many)
        connection.execute(delete(_block).where(*free, _block.c.key.in_(last)))


def find(connection: Connection, site: str, beginning: str) -> Row[Any]:
    """The block of a site whose key begins so. Raises QueryError where there is none, or where there are several."""
    query = select(_block).where(_block.c.site == site, _block.c.key.startswith(beginning, autoescape=True))
    found = connection.execute(query.order_by(_block.c.key).limit(2)).all()
    if len(found) != 1 or not beginning:
        what = "several blocks" if found else "no block"
        raise QueryError(
            f"{what} of {site} whose key begins with {beginning!r}. `newsbot sites profile {site}` shows the keys."
        )
    if not found[0].sample:
        raise QueryError(
            f"the block {found[0].key} of {site} stood in one story alone: it is no site's yet. "
            "Wait until another story has it, or name its element under `remove` in the site's file."
        )
    return found[0]


def pin(connection: Connection, site: str, key: str, said: str, now: datetime) -> None:
    """Enter what a person says of a block: PIN or KEEP."""
    row: dict[str, Any] = {"of": site, "this": key, "pinned": said, "learned": now if said == PIN else None}
    if said == PIN:
        held = connection.execute(_HOLDERS, {"of": site, "this": key}).scalar_one()
        row["holders"] = [*held, _MORE]
    connection.execute(_SEE, [row])


def forget(connection: Connection, site: str, key: str) -> None:
    """Forget a block, and what a person said of it."""
    connection.execute(delete(_block).where(_block.c.site == site, _block.c.key == key))
