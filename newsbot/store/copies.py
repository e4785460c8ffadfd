"""What a story is to the others in the database: its likeness keys, its cluster and its thread.

A cluster holds the copies of one story; its head is the earliest. A thread holds a story that is written on as things
happen, under all addresses that it has had: each of its texts, and the copies of each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, text, update

from newsbot.errors import StoreUnavailable
from newsbot.fingerprint import VERSION, Candidate, Relation, Told, likeness_keys, matches
from newsbot.items import Fingerprint
from newsbot.store import models

CANDIDATES = 50
"""How many stories are compared exactly with a new one, those that share most keys first."""
OF_A_KEY = 64
"""How many stories, the newest, one key may bring."""
LONERS = 4
"""How many stories are compared that share a single key: mostly that is chance, but one copy in fifty has no more."""

_ASKED = 5  # of a cluster's stories

_story, _cluster, _key = models.story, models.cluster, models.likeness_key


# -- keys --------------------------------------------------------------------------------------------------------------


# One parameter a story, not one a key; a number may have been another story's whose keys were left behind.
_ENTER = {
    "sqlite": text("INSERT OR IGNORE INTO likeness_key (key, story) SELECT value, :this FROM json_each(:keys)"),
    "postgresql": text(
        "INSERT INTO likeness_key (key, story) SELECT CAST(value AS bigint), :this "
        "FROM json_array_elements_text(CAST(:keys AS json)) ON CONFLICT DO NOTHING"
    ),
}


def enter_keys(connection: Connection, story_id: int, keys: Iterable[int]) -> None:
    """Make a story one that others are found to be like."""
    if wanted := sorted(set(keys)):
        connection.execute(_ENTER[connection.dialect.name], {"this": story_id, "keys": json.dumps(wanted)})


def replace_keys(connection: Connection, known: Row[Any], fingerprint: Fingerprint) -> None:
    """Make a known story's keys those of its new text.

    The old ones are made again from the old text, which costs less than an index by story. A story whose fingerprint
    is of an earlier version has none: the migration that came with this version has taken them away.
    """
    new = set(fingerprint.likeness_keys)
    old = drop_keys(connection, known, but=new)
    enter_keys(connection, known.id, new - old)


def drop_keys(connection: Connection, row: Row[Any], but: Set[int] = frozenset()) -> set[int]:
    """Delete a story's likeness keys, `but` these; gives all that it had."""
    old = set(likeness_keys(row.text)) if row.fingerprint == VERSION else set()
    if gone := sorted(old - but):
        # Not as pairs: for `(key, story) IN (VALUES ...)` SQLite reads the whole table.
        connection.execute(delete(_key).where(_key.c.key.in_(gone), _key.c.story == row.id))
    return old


# -- copies and versions -----------------------------------------------------------------------------------------------

_ABOUT = tuple(_story.c[name] for name in "id title text text_key site published cluster thread".split())
_CANDIDATES = select(*_ABOUT).where(_story.c.id.in_(bindparam("ids", expanding=True)))
_OF_CLUSTER = _story.c.cluster == bindparam("cluster_id")
_HEAD = select(_cluster.c.head).where(_cluster.c.id == bindparam("cluster_id"))
# Found first, and then sorted: PostgreSQL might else walk through all stories by date until one is of the cluster.
_MEMBERS = (
    select(_story.c.id, _story.c.dated)
    .where(_OF_CLUSTER)
    .cte("members")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_EARLIEST = select(_MEMBERS.c.id).order_by(_MEMBERS.c.dated, _MEMBERS.c.id).limit(1)
_SET_HEAD = (
    update(_cluster)
    .where(_cluster.c.id == bindparam("cluster_id"))
    .values(
        head=bindparam("earliest"), size=select(func.count()).select_from(_story).where(_OF_CLUSTER).scalar_subquery()
    )
)
_CLUSTER_OF = select(_story.c.cluster).where(_story.c.id == bindparam("this"))
_NEW_CLUSTER = insert(_cluster)
_JOIN = (
    update(_story)
    .where(
        or_(
            _story.c.id.in_(bindparam("ids", expanding=True)), _story.c.cluster.in_(bindparam("merged", expanding=True))
        )
    )
    .values(cluster=bindparam("cluster_id"))
)


# The stories that share most of some keys, and how many. Of each key only the newest stories are asked: one that a
# site's own text has put on a hundred thousand stories would else hold up each new one. SQLite has no LATERAL, but the
# argument of its json_each may look at the row before it. The keys are one parameter, as above.
_NEWEST = f"ORDER BY story DESC LIMIT {OF_A_KEY}"
_MOST = f"WHERE sharing.value <> :this GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {CANDIDATES}"
_SHARING = {
    "sqlite": text(
        "SELECT sharing.value AS story, count(*) FROM json_each(:keys) AS wanted, json_each((SELECT "  # noqa: S608
        "json_group_array(story) FROM (SELECT story FROM likeness_key WHERE key = wanted.value "
        f"{_NEWEST}))) AS sharing {_MOST}"
    ),
    "postgresql": text(
        "SELECT sharing.value AS story, count(*) FROM json_array_elements_text(CAST(:keys AS json)) AS "  # noqa: S608
        "wanted(value), LATERAL (SELECT story FROM likeness_key WHERE key = CAST(wanted.value AS bigint) "
        f"{_NEWEST}) AS sharing(value) {_MOST}"
    ),
}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A story as it is compared with the others: one that was just entered, or has other words than before."""

    id: int
    told: Told
    fingerprint: Fingerprint
    cluster: int | None = None
    thread: int | None = None

    @classmethod
    def of(cls, known: Row[Any], fingerprint: Fingerprint, text: str) -> Newcomer:
        """A known story that now has this text."""
        told = Told(text, known.title, fingerprint.text_key, known.site, known.published)
        return cls(known.id, told, fingerprint, known.cluster, known.thread)


def join(connection: Connection, new: Newcomer) -> int | None:
    """Put a story into one cluster with the stories it is a copy of, and into one thread with those it is a version of;
    clusters and threads that were apart become one by it.

    Gives the head of its cluster, or, where the story is the head itself, the copy most like it; None without copies.
    """
    found = candidates(connection, new.id, new.fingerprint)
    compared = [Candidate(row.id, _told(row), row.cluster) for row in found]
    matched = matches(new.told, compared) if compared else []
    rows = {row.id: row for row in found}
    copies = [rows[match.id] for match in matched if match.relation is Relation.COPY]
    versions = [rows[match.id] for match in matched if match.relation is Relation.VERSION]
    head = _one_cluster(connection, new, copies) if copies else None
    _one_thread(connection, new, copies, versions)
    return head


def leave(connection: Connection, new: Newcomer) -> Newcomer:
    """Take a story whose new words are like none of its cluster out of that; the earliest few are asked."""
    if new.cluster is None:
        return new
    others = select(*_ABOUT).where(_story.c.cluster == new.cluster, _story.c.id != new.id)
    rows = connection.execute(others.order_by(_story.c.dated, _story.c.id).limit(_ASKED)).all()
    if matches(new.told, [Candidate(row.id, _told(row)) for row in rows]):
        return new
    leave_clusters(connection, [new.id], {new.cluster})
    return replace(new, cluster=None)


def leave_clusters(connection: Connection, ids: Sequence[int], clusters: Set[int]) -> None:
    """Take stories out of their clusters: the earliest of those that stay is the head, and one alone is no copy."""
    if not clusters:
        return
    connection.execute(update(_story).where(_story.c.id.in_(ids), _story.c.cluster.is_not(None)).values(cluster=None))
    counted = select(_story.c.cluster, func.count()).where(_story.c.cluster.in_(clusters)).group_by(_story.c.cluster)
    left = {row.cluster: row[1] for row in connection.execute(counted)}
    dissolved = {cluster for cluster in clusters if left.get(cluster, 0) < 2}
    if dissolved:
        connection.execute(update(_story).where(_story.c.cluster.in_(dissolved)).values(cluster=None))
        connection.execute(delete(_cluster).where(_cluster.c.id.in_(dissolved)))
    for cluster in sorted(clusters - dissolved):
        set_head(connection, cluster)


def candidates(connection: Connection, story_id: int, fingerprint: Fingerprint) -> Sequence[Row[Any]]:
    """The stories worth comparing with one, those that share most of its keys first."""
    if not (keys := fingerprint.likeness_keys):
        return ()
    parameters = {"keys": json.dumps(keys), "this": story_id}
    shared = connection.execute(_SHARING[connection.dialect.name], parameters).all()
    ids = [story for story, number in shared if number > 1]
    ids += [story for story, number in shared if number == 1][:LONERS]
    if not ids:
        return ()
    found = {row.id: row for row in connection.execute(_CANDIDATES, {"ids": ids})}
    return [found[each] for each in ids if each in found]


def _told(row: Row[Any]) -> Told:
    return Told(row.text, row.title, row.text_key, row.site, row.published)


def _one_cluster(connection: Connection, new: Newcomer, copies: Sequence[Row[Any]]) -> int:
    clusters = sorted({cluster for cluster in (new.cluster, *(row.cluster for row in copies)) if cluster is not None})
    if clusters:
        cluster_id, *merged = clusters
    else:
        entered = connection.execute(_NEW_CLUSTER, {"head": new.id, "size": 1})
        cluster_id, merged = new_id(entered.inserted_primary_key), []
    joining = [new.id, *(row.id for row in copies)]
    connection.execute(_JOIN, {"ids": joining, "merged": merged, "cluster_id": cluster_id})
    if merged:
        connection.execute(delete(_cluster).where(_cluster.c.id.in_(merged)))
    head = set_head(connection, cluster_id)
    return int(copies[0].id) if head == new.id else head


def _one_thread(
    connection: Connection, new: Newcomer, copies: Sequence[Row[Any]], versions: Sequence[Row[Any]]
) -> None:
    threads = {row.thread for row in (*copies, *versions)} | {new.thread}
    threads -= {None}
    if not versions and not threads:
        return
    ids = {new.id, *(row.id for row in versions)}
    clusters = {row.cluster for row in versions if row.cluster is not None}
    clusters.update(connection.execute(_CLUSTER_OF, {"this": new.id}).scalars())
    thread = min(threads or ids)  # named after the first of its stories
    together = or_(
        _story.c.id.in_(ids), _story.c.cluster.in_(clusters - {None}), _story.c.thread.in_(threads - {thread})
    )
    connection.execute(update(_story).where(together).values(thread=thread))


# -- heads -------------------------------------------------------------------------------------------------------------


def head_over(connection: Connection, known: Row[Any], *, redated: bool) -> int | None:
    """The head of a known story's cluster, chosen anew if the story was redated; None if it is the head or alone."""
    cluster = connection.execute(_CLUSTER_OF, {"this": known.id}).scalar_one()
    if cluster is None:
        return None
    head = set_head(connection, cluster) if redated else _head_of(connection, cluster)
    return None if head == known.id else head


def _head_of(connection: Connection, cluster_id: int) -> int:
    return int(connection.execute(_HEAD, {"cluster_id": cluster_id}).scalar_one())


def set_head(connection: Connection, cluster_id: int) -> int:
    """Make the earliest of the cluster its head, and count its stories; gives the head."""
    head = int(connection.execute(_EARLIEST, {"cluster_id": cluster_id}).scalar_one())
    connection.execute(_SET_HEAD, {"cluster_id": cluster_id, "earliest": head})
    return head


def new_id(key: Sequence[Any] | None) -> int:
    """The number that the database gave a new row."""
    if key is None:
        raise StoreUnavailable("the database gave no number for a new row. Report this as a bug of newsbot.")
    return int(key[0])
