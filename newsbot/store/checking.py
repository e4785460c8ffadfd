"""Whether a database is whole: the file, the schema, the search index, clusters and addresses; and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, inspect, literal, or_, select, tuple_, update

from newsbot.items import Verdict
from newsbot.store import models
from newsbot.store.copies import set_head
from newsbot.store.index import check_search, rebuild_search
from newsbot.store.migrations import BRIEF, VERSION_TABLE, is_modelled

_FAULTS = 10  # of the file, that are told
_REPAIR = "`newsbot db check --repair` mends it."
_RESTORE = "Restore it from a backup, or save what `sqlite3 FILE .recover` can read."

_story, _cluster, _address = models.story, models.cluster, models.address


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what is wrong with it (nothing where that is empty), and the cure."""

    name: str
    faults: tuple[str, ...] = ()
    cure: str = ""


def check(connection: Connection) -> Iterator[Check]:
    """Look at all of it but the search index, one thing after the other."""
    if connection.dialect.name == "sqlite":
        yield _file(connection)
        yield _references(connection)
    yield _schema(connection)
    yield _clusters(connection)
    yield _addresses(connection)


def check_index(connection: Connection) -> Check:
    """Look whether the search index holds what the stories hold. On SQLite the transaction has to be one that writes:
    FTS5 checks itself by a statement that counts as writing, though nothing is changed."""
    return Check("search", check_search(connection), _REPAIR)


def repair(connection: Connection, told: Callable[[str], None]) -> None:
    """Make the search index, clusters and addresses anew from the stories; `told` is what is being done."""
    if check_search(connection):
        told("search")
        rebuild_search(connection)
    told("clusters")
    _mend_clusters(connection)
    told("addresses")
    _mend_addresses(connection)


# -- the file and the schema -------------------------------------------------------------------------------------------


def _file(connection: Connection) -> Check:
    rows = connection.exec_driver_sql(f"PRAGMA integrity_check({_FAULTS})").scalars().all()
    return Check("file", tuple(str(row) for row in rows if row != "ok"), _RESTORE)


def _references(connection: Connection) -> Check:
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    named = sorted({f"rows of {row[0]} point at rows of {row[2]} that are not there" for row in rows})
    return Check("references", tuple(named), "Another program has deleted rows with foreign keys off. " + _RESTORE)


def _schema(connection: Connection) -> Check:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"version_table": VERSION_TABLE, "include_name": is_modelled, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    faults = [_difference(each) for each in compare_metadata(context, models.metadata)]
    indexes = {index["name"] for index in inspect(connection).get_indexes("story")}
    if connection.dialect.name == "sqlite" and BRIEF not in indexes:
        faults.append(f"missing: index {BRIEF}")
    cure = "Undo what was done to the tables; newsbot's own are described in docs/database.md."
    return Check("schema", tuple(faults), cure)


def _difference(difference: Any) -> str:
    """One of Alembic's differences in words. They say what would have to be done to the database."""
    if isinstance(difference, list):
        return "; ".join(map(_difference, difference))
    action, *rest = difference
    names = [str(getattr(name, "name", name)) for name in rest if isinstance(name, str) or getattr(name, "name", None)]
    what = " of ".join(reversed(names[:2])) if str(action).startswith("modify") else " ".join(names)
    words = {"add": "missing", "remove": "not newsbot's", "modify": "different"}
    verb, _, kind = str(action).partition("_")
    return f"{words.get(verb, verb)}: {kind} {what}"


# -- what is derived ---------------------------------------------------------------------------------------------------


def _wrong_clusters(connection: Connection) -> set[int]:
    """The clusters whose size is not that of their stories, or whose head is not the earliest of these."""
    members = func.count(_story.c.id)
    sizes = (
        select(_cluster.c.id)
        .outerjoin(_story, _story.c.cluster == _cluster.c.id)
        .group_by(_cluster.c.id, _cluster.c.size)
        .having(or_(members != _cluster.c.size, members < 2))
    )
    head, other = models.story.alias(), models.story.alias()
    earlier = exists().where(
        other.c.cluster == _cluster.c.id, tuple_(other.c.dated, other.c.id) < tuple_(head.c.dated, head.c.id)
    )
    heads = (
        select(_cluster.c.id)
        .outerjoin(head, head.c.id == _cluster.c.head)
        .where(or_(head.c.id.is_(None), head.c.cluster.is_(None), head.c.cluster != _cluster.c.id, earlier))
    )
    return {*connection.execute(sizes).scalars(), *connection.execute(heads).scalars()}


def _clusters(connection: Connection) -> Check:
    wrong = len(_wrong_clusters(connection))
    return Check(
        "clusters", (f"{wrong:,} have another size or another head than their stories say",) * bool(wrong), _REPAIR
    )


def _mend_clusters(connection: Connection) -> None:
    for cluster in sorted(_wrong_clusters(connection)):
        members = select(func.count()).select_from(_story).where(_story.c.cluster == cluster)
        if connection.execute(members).scalar_one() > 1:
            set_head(connection, cluster)
        else:
            connection.execute(update(_story).where(_story.c.cluster == cluster).values(cluster=None))
            connection.execute(delete(_cluster).where(_cluster.c.id == cluster))


_HOMELESS = select(
    _story.c.url_key, _story.c.url, _story.c.site, _story.c.id,
    literal(Verdict.STORY.value), _story.c.first_seen, _story.c.last_seen,
).where(~exists().where(_address.c.url_key == _story.c.url_key, _address.c.story == _story.c.id))  # fmt: skip


def _addresses(connection: Connection) -> Check:
    wrong = connection.execute(select(func.count()).select_from(_HOMELESS.subquery())).scalar_one()
    return Check("addresses", (f"{wrong:,} stories are not known under their own address",) * bool(wrong), _REPAIR)


def _mend_addresses(connection: Connection) -> None:
    taken = exists().where(_address.c.url_key == _story.c.url_key)
    own = select(_story.c.id).where(_story.c.url_key == _address.c.url_key).scalar_subquery()
    theirs = exists().where(_story.c.url_key == _address.c.url_key, _story.c.id != func.coalesce(_address.c.story, 0))
    connection.execute(update(_address).where(theirs).values(story=own, verdict=Verdict.STORY.value))
    columns = ["url_key", "url", "site", "story", "verdict", "first_seen", "last_fetched"]
    connection.execute(insert(_address).from_select(columns, _HOMELESS.where(~taken)))
