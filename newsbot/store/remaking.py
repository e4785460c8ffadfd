"""Stories that something else made than would make them now, made again in their place: for a later newsbot, or another
site file, reads the same page differently. No version comes of it, for its publisher has changed nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, select, update

from newsbot.fingerprint import VERSION
from newsbot.items import Access, Archived, Image, Story
from newsbot.store import models, teaching
from newsbot.store.addresses import add_keys, enter_addresses
from newsbot.store.copies import Newcomer, head_over, join, leave, replace_keys
from newsbot.store.keeping import take_out, told_of, update_story, what_it_says
from newsbot.store.renewing import renew
from newsbot.store.rows import TakenOut

_story, _removed, _address = models.story, models.removed_block, models.address

_AGAIN = (
    "title text standfirst authors section tags language published published_offset modified modified_offset day_only "
    "image access"
).split()
"""What is said of a story anew; the rest is what newsbot has seen of it."""
_THIS = _story.c.id == bindparam("this")
_STORIES = select(_story).where(_story.c.id.in_(bindparam("ids", expanding=True))).order_by(_story.c.id)
_BLOCKS = select(_removed).where(_removed.c.story.in_(bindparam("ids", expanding=True))).order_by(_removed.c.position)
_OWNER = select(_address.c.story).where(_address.c.url_key == bindparam("key"))
_MARK = update(_story).where(_THIS).values(made_by=bindparam("name"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stories of a site are to be made again: those that something else than `recipe` made, dated from `since`
    on; of these only the one of the number `story`, where one is given."""

    site: str
    recipe: str
    since: datetime | None = None
    story: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A story as it stands: where its page is, what is said of it, what was taken out of its text or set apart. `seen`
    is when this version was first seen, `url` where it was fetched."""

    id: int
    site: str
    url: str
    canonical_url: str
    url_key: str
    version: int
    seen: datetime
    title: str
    text: str
    standfirst: str | None
    authors: tuple[str, ...]
    section: str | None
    tags: tuple[str, ...]
    language: str | None
    published: datetime | None
    published_offset: int | None
    modified: datetime | None
    modified_offset: int | None
    day_only: bool
    image: Image | None
    access: Access
    archived: Archived | None
    made_by: str | None
    removed: tuple[TakenOut, ...]
    apart: tuple[TakenOut, ...]


def outdated(connection: Connection, wanted: Wanted) -> list[int]:
    """The numbers of the stories that are to be made again, in their order."""
    return list(connection.execute(select(_story.c.id).where(*_conditions(wanted)).order_by(_story.c.id)).scalars())


def standing(connection: Connection, ids: Sequence[int]) -> list[Standing]:
    """The stories of these numbers, in their order; those left out that are gone."""
    rows = connection.execute(_STORIES, {"ids": ids}).all()
    blocks: defaultdict[tuple[int, int, bool], list[TakenOut]] = defaultdict(list)
    for block in connection.execute(_BLOCKS, {"ids": ids}):
        blocks[block.story, block.version, block.apart].append(
            TakenOut(block.position, block.kind, block.why, block.text)
        )
    return [_standing(row, blocks[row.id, row.version, False], blocks[row.id, row.version, True]) for row in rows]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [_story.c.site == wanted.site, _story.c.made_by.is_distinct_from(wanted.recipe)]
    if wanted.since is not None:
        conditions.append(_story.c.dated >= wanted.since)
    if wanted.story is not None:
        conditions.append(_story.c.id == wanted.story)
    return conditions


def _standing(row: Row[Any], removed: Sequence[TakenOut], apart: Sequence[TakenOut]) -> Standing:
    said = {name: row._mapping[name] for name in _AGAIN} | {
        "authors": tuple(row.authors),
        "tags": tuple(row.tags),
        "access": Access(row.access),
        "image": Image(**row.image) if row.image else None,
    }
    return Standing(
        id=row.id,
        site=row.site,
        url=row.fetched_url,
        canonical_url=row.url,
        url_key=row.url_key,
        version=row.version,
        seen=row.version_seen,
        archived=None if row.archive_file is None else Archived(row.archive_file, row.archive_offset),
        made_by=row.made_by,
        removed=tuple(removed),
        apart=tuple(apart),
        **said,
    )


def remake(connection: Connection, before: Standing, story: Story) -> bool:
    """Put what was made of a story's page in the place of what stands there. False, and nothing is done, where the
    story is gone or was changed since it was read: what a crawl has fetched meanwhile is newer."""
    known = _as_read(connection, before)
    if known is None:
        return False
    known = _with_fingerprint(connection, known)
    said = what_it_says(story)
    values = {name: said[name] for name in (*_AGAIN, "word_count", "text_key", "fingerprint")}
    values |= {"dated": story.published or known.first_seen, "made_by": story.made_by}
    if _may_move(connection, known, story):
        values |= {"url": story.canonical_url, "url_key": story.fingerprint.url_keys[0]}
    enter_addresses(connection, story, known.id)  # and the number that the site's file finds in them by now
    values = {name: models.fit(value) if isinstance(value, str) else value for name, value in values.items()}
    values = {name: value for name, value in values.items() if value != known._mapping[name]}
    update_story(connection, known, values)
    if _blocks_of(before) != _blocks_taken(story):
        here = (_removed.c.story == known.id, _removed.c.version == known.version)
        connection.execute(delete(_removed).where(*here))
        take_out(connection, known.id, known.version, story)
    if "text" in values:
        teaching.learn(connection, story, known.id, counts=False)
        replace_keys(connection, known, story.fingerprint)
        new = Newcomer(known.id, told_of(story), story.fingerprint, known.cluster, known.thread)
        join(connection, leave(connection, new))
    if "dated" in values:
        head_over(connection, known, redated=True)
    return True


def leave_as_it_is(connection: Connection, before: Standing, recipe: str) -> bool:
    """Note that nothing else could be made of a story. Gives what `remake` gives."""
    known = _as_read(connection, before)
    if known is None:
        return False
    _with_fingerprint(connection, known)
    connection.execute(_MARK, {"this": before.id, "name": recipe})
    return True


def _as_read(connection: Connection, before: Standing) -> Row[Any] | None:
    """The story's row, if it is still as it was read."""
    known = connection.execute(select(_story).where(_THIS), {"this": before.id}).first()
    if known is None:
        return None
    archived = None if known.archive_file is None else Archived(known.archive_file, known.archive_offset)
    now = (known.version, known.title, known.text, known.made_by, archived)
    then = (before.version, before.title, before.text, before.made_by, before.archived)
    return known if now == then else None


def _with_fingerprint(connection: Connection, known: Row[Any]) -> Row[Any]:
    """The story's row, with a fingerprint of this version."""
    if known.fingerprint >= VERSION:
        return known
    if add := renew(connection, known.id):
        add_keys(connection, add)
    return connection.execute(select(_story).where(_THIS), {"this": known.id}).one()


def _may_move(connection: Connection, known: Row[Any], story: Story) -> bool:
    """Whether the page names another address as its own, which is no other story's."""
    key = story.fingerprint.url_keys[0]
    if key == known.url_key:
        return False
    owner = connection.execute(_OWNER, {"key": key}).first()
    return owner is None or owner.story == known.id


def _blocks_of(standing: Standing) -> set[tuple[int, str, str, str]]:
    return {(each.position, each.kind, each.why, each.text) for each in (*standing.removed, *standing.apart)}


def _blocks_taken(story: Story) -> set[tuple[int, str, str, str]]:
    fit = models.fit
    return {(each.position, each.kind.value, fit(each.why), fit(each.text)) for each in story.removed} | {
        (each.position, each.role.value, "", fit(each.text)) for each in story.apart
    }
