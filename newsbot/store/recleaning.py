"""A story that is cleaned again: what has turned out to be its site's own goes from its text, or comes back into it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from newsbot.fingerprint import LONGEST_BLOCK, VERSION, block_key, likeness_keys, text_key
from newsbot.fingerprint.text import tokens
from newsbot.items import Fingerprint, RemovedKind
from newsbot.store import models, teaching
from newsbot.store.copies import Newcomer, join, leave, replace_keys
from newsbot.store.index import index_story
from newsbot.store.marks import NEXT

_story, _removed = models.story, models.removed_block
_IN_VERSION = select(_removed).where(
    _removed.c.story == bindparam("this"), _removed.c.version == bindparam("of_version")
)


def clean_again(connection: Connection, site: str, story_id: int) -> bool:
    """Take the blocks that are the site's out of a story's text, unless nothing would be left of it; whether there were
    any."""
    read = _in_places(connection, story_id)
    if read is None:
        return False
    known, kept, _ = read
    repeated = teaching.learned(connection, site)
    going = {n: text for n, text in kept.items() if len(text) <= LONGEST_BLOCK and block_key(text) in repeated}
    if not going or len(going) == len(kept):
        return False
    shared = {"story": story_id, "version": known.version, "apart": False, "kind": RemovedKind.FURNITURE.value}
    rows = [shared | {"position": n, "why": teaching.WHY, "text": text} for n, text in going.items()]
    connection.execute(insert(_removed), rows)
    _retell(connection, known, [text for n, text in kept.items() if n not in going])
    return True


def put_back(connection: Connection, story_id: int, key: str) -> None:
    """Put a block that was taken for furniture back into its place in a story's text."""
    read = _in_places(connection, story_id)
    if read is None:
        return
    known, kept, removed = read
    back = {
        row.position: re.sub(r"\n{2,}", "\n", row.text)
        for row in removed
        if not row.apart and row.kind == RemovedKind.FURNITURE.value and block_key(row.text) == key
    }
    where = (_removed.c.story == story_id, _removed.c.version == known.version, _removed.c.position.in_(back))
    connection.execute(delete(_removed).where(*where))
    _retell(connection, known, [text for _, text in sorted((kept | back).items())])


def _in_places(connection: Connection, story_id: int) -> tuple[Row[Any], dict[int, str], Sequence[Row[Any]]] | None:
    """A story's row, its paragraphs by their positions on the page, and what was taken out; None if it is gone."""
    known = connection.execute(select(_story).where(_story.c.id == story_id)).first()
    if known is None:
        return None
    removed = connection.execute(_IN_VERSION, {"this": story_id, "of_version": known.version}).all()
    taken = {row.position for row in removed}
    free = (n for n in count() if n not in taken)
    return known, dict(zip(free, known.text.split("\n\n") if known.text else (), strict=False)), removed


def _retell(connection: Connection, known: Row[Any], paragraphs: Sequence[str]) -> None:
    """Give a story its text with other paragraphs taken out; the version stays, for its publisher has changed nothing.
    By now it may be a copy, or none any longer."""
    told = "\n\n".join(paragraphs)
    fingerprint = Fingerprint((known.url_key,), text_key(told), likeness_keys(told))
    values = {
        "text": told,
        "word_count": len(tokens(told)),
        "text_key": fingerprint.text_key,
        "fingerprint": VERSION,
        "changed": NEXT,
    }
    connection.execute(update(_story).where(_story.c.id == known.id).values(values))
    index_story(connection, known.id, known.title, known.standfirst, told)
    replace_keys(connection, known, fingerprint)
    join(connection, leave(connection, Newcomer.of(known, fingerprint, told)))
