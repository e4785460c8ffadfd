"""How a story is recognised and kept, inside the transaction of `Store.keep`. In order:

    an address that belongs to a story, or on the same site the same words
    (see `newsbot.store.addresses`)                                          -> that story: same, or changed
    its own address is that of a story which was forgotten                   -> forgotten: not entered
    else the story is entered; other stories with the same words, or that
    share likeness keys and hold against the exact comparison                -> copy
    else                                                                     -> new

What the story teaches of its site is counted in the same transaction (see `newsbot.store.teaching`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from newsbot.fingerprint import VERSION, Told, block_key, url_key
from newsbot.fingerprint.text import tokens
from newsbot.items import Access, Archived, Story, Verdict
from newsbot.revision import is_beginning, is_revision
from newsbot.store import models, teaching
from newsbot.store.addresses import enter_addresses, enter_storyless, recognise
from newsbot.store.copies import Newcomer, enter_keys, head_over, join, leave, new_id, replace_keys
from newsbot.store.history import insert_text, seen_earlier, texts_before
from newsbot.store.index import index_story
from newsbot.store.marks import EXPORTED, NEXT
from newsbot.store.models import fit

_story, _version, _removed = models.story, models.story_version, models.removed_block
_WALLED = (Access.METERED, Access.PAYWALLED)
_ENTER = insert(_story).values(changed=NEXT)
_SUPERSEDE = insert(_version)
_UPDATE = update(_story).where(_story.c.id == bindparam("this"))
_CHANGE = _UPDATE.values(changed=NEXT)
# One parameter for all rows: SQLAlchemy takes longer over a parameter for each of their values than the database does.
_TAKE_OUT = {
    dialect: text(
        "INSERT INTO removed_block (story, version, position, apart, kind, why, text) "
        f"SELECT :story, :version, {from_rows}"
    )
    for dialect, from_rows in {
        "sqlite": "json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), "
        "json_extract(value, '$[3]'), json_extract(value, '$[4]') FROM json_each(:rows)",
        "postgresql": "CAST(value -> 0 AS bigint), CAST(value -> 1 AS boolean), value ->> 2, value ->> 3, value ->> 4 "
        "FROM jsonb_array_elements(CAST(:rows AS jsonb))",
    }.items()
}
_TAKEN_OUT = select(_removed.c.text).where(_removed.c.story == bindparam("this"), _removed.c.version == bindparam("of"))


class Outcome(StrEnum):
    """What a story turned out to be."""

    NEW = "new"
    SAME = "same"  # known, and its words are as they were
    CHANGED = "changed"  # known, with another title or text: a version more
    COPY = "copy"  # entered, and a copy of a story that stands elsewhere
    FORGOTTEN = "forgotten"  # deleted on purpose before, and not entered again


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a story: `version` counts its texts from 1; `copy_of` is the head of its cluster, or, where the
    story is that head itself and has just become it, the story most like it; None where there is no other. `taught`:
    with it the site's profile has grown. A story that was forgotten has the number and version 0."""

    outcome: Outcome
    story_id: int
    version: int
    copy_of: int | None = None
    taught: bool = False


def keep(connection: Connection, story: Story) -> Kept:
    """Enter a story, or recognise it."""
    recognised = recognise(connection, story)
    story, known = recognised.story, recognised.known
    if recognised.forgotten:
        urls = {url_key(url): url for url in reversed(story.addresses)}
        enter_storyless(connection, story.site, urls, Verdict.FORGOTTEN, story.fetched_at)
        return Kept(Outcome.FORGOTTEN, 0, 0)
    if known is None:
        kept = _enter(connection, story)
        again = kept.outcome is Outcome.COPY and teaching.is_copy_on_site(connection, kept.story_id, story.site)
        kept = replace(kept, taught=teaching.learn(connection, story, kept.story_id, counts=not again))
    else:
        moved = {"url": story.canonical_url, "url_key": story.fingerprint.url_keys[0]} if recognised.moved else {}
        kept = _keep_known(connection, known, story, moved)
    enter_addresses(connection, story, kept.story_id)
    return kept


def _keep_known(connection: Connection, known: Row[Any], story: Story, moved: dict[str, str]) -> Kept:
    if story.fetched_at < known.last_seen:
        return _keep_older(connection, known, story)
    if _says_the_same(connection, known, story):
        return _refresh(connection, known, story, moved)
    before = teaching.keys_of(connection, known.id, known.version, known.text) if story.traces else None
    kept = _revise(connection, known, story, moved)
    if before is not None and known.site == story.site:
        kept = replace(kept, taught=teaching.learn(connection, story, known.id, before))
    return kept


def _says_the_same(connection: Connection, known: Row[Any], story: Story) -> bool:
    """Whether its publisher has left title and text as they were."""
    told = fit(story.text)
    if known.text == told and known.title == fit(story.title):
        return True
    if tokens(known.title) != tokens(story.title):
        return False
    if story.access in _WALLED and is_beginning(told, known.text):
        return True  # a wall has come down over it: what it said, it still says
    if not is_revision(known.text, told):
        return True
    taken_out = [block.text for block in story.removed] + [block.text for block in story.apart]
    taken_out += connection.execute(_TAKEN_OUT, {"this": known.id, "of": known.version}).scalars()
    ours = set(map(block_key, taken_out)) | teaching.learned(connection, story.site).keys()
    return not is_revision(known.text, told, ours)


# -- the four ways a story is kept -------------------------------------------------------------------------------------


def _enter(connection: Connection, story: Story) -> Kept:
    """A story that is not known yet."""
    seen = story.fetched_at
    values = (
        what_it_says(story)
        | _how_it_was_made(story)
        | {
            "site": story.site,
            "url_key": story.fingerprint.url_keys[0],
            "fetched_url": story.url,
            "dated": story.published or seen,
            "first_seen": seen,
            "last_seen": seen,
            "version": 1,
            "version_seen": seen,
        }
    )
    entered = connection.execute(_ENTER, values)
    story_id = new_id(entered.inserted_primary_key)
    index_story(connection, story_id, story.title, story.standfirst, story.text)
    take_out(connection, story_id, 1, story)
    enter_keys(connection, story_id, story.fingerprint.likeness_keys)
    copy_of = join(connection, Newcomer(story_id, told_of(story), story.fingerprint))
    return Kept(Outcome.NEW if copy_of is None else Outcome.COPY, story_id, 1, copy_of)


def _refresh(connection: Connection, known: Row[Any], story: Story, moved: dict[str, str]) -> Kept:
    """A known story whose words are as they were: the text stays to the letter, what is said about it may move."""
    values = _news_about(known, story) | moved
    if story.archived is not None and fit(story.text) == known.text:
        values |= _place_of(story.archived)  # the later page is kept for longer
    update_story(connection, known, values)
    return Kept(Outcome.SAME, known.id, known.version, head_over(connection, known, redated="dated" in values))


def _revise(connection: Connection, known: Row[Any], story: Story, moved: dict[str, str]) -> Kept:
    """A known story with other words: the old text goes to `story_version`, its removed blocks stay beside it. By now
    it may be a copy."""
    version = known.version + 1
    connection.execute(
        _SUPERSEDE,
        {
            "story": known.id,
            "version": known.version,
            "seen": known.version_seen,
            "title": known.title,
            "text": known.text,
            "archive_file": known.archive_file,
            "archive_offset": known.archive_offset,
        },
    )
    values = (
        _news_about(known, story)
        | _how_it_was_made(story)
        | moved
        | {
            "title": story.title,
            "standfirst": story.standfirst,
            "text": story.text,
            "word_count": story.word_count,
            "text_key": story.fingerprint.text_key,
            "fingerprint": VERSION,
            "version": version,
            "version_seen": story.fetched_at,
        }
    )
    update_story(connection, known, values)
    take_out(connection, known.id, version, story)
    replace_keys(connection, known, story.fingerprint)
    new = Newcomer(known.id, told_of(story), story.fingerprint, known.cluster, known.thread)
    copy_of = join(connection, leave(connection, new))
    if copy_of is None:
        copy_of = head_over(connection, known, redated="dated" in values)
    return Kept(Outcome.CHANGED, known.id, version, copy_of)


def _keep_older(connection: Connection, known: Row[Any], story: Story) -> Kept:
    """A known story as it was before it was last seen, out of an archive: nothing that is said of it today is
    overwritten. A text that none of those before and after it has becomes a version at its place in time; one that was
    there within the time in which the current text is known to have stood is taken for a variant of that."""
    seen = story.fetched_at
    texts = texts_before(connection, known.id)
    earlier = [each for each in texts if each.seen <= seen]
    version, outcome = known.version, Outcome.SAME
    values: dict[str, Any] = {}
    if seen < known.version_seen:
        later = texts[len(earlier)] if len(earlier) < len(texts) else known
        if _says_the_same(connection, later, story):
            version = later.version
            if later is known:
                values["version_seen"] = seen
            else:
                seen_earlier(connection, known.id, version, seen)
        elif earlier and _says_the_same(connection, earlier[-1], story):
            version = earlier[-1].version
        else:
            version, outcome = later.version, Outcome.CHANGED
            insert_text(connection, known.id, version, story)
            take_out(connection, known.id, version, story)
    said = what_it_says(story)
    for name in ("standfirst", "authors", "section", "tags", "language", "image"):
        if said[name] and not known._mapping[name]:
            values[name] = said[name]
    if story.published and not known.published:
        values |= {name: said[name] for name in ("published", "published_offset", "day_only")}
    values["first_seen"] = min(known.first_seen, seen)
    values["dated"] = known.published or story.published or values["first_seen"]
    values = {name: value for name, value in values.items() if value != known._mapping[name]}
    update_story(connection, known, values)
    return Kept(outcome, known.id, version, head_over(connection, known, redated="dated" in values))


def told_of(story: Story) -> Told:
    """What is compared with other stories."""
    return Told(fit(story.text), story.title, story.fingerprint.text_key, story.site, story.published)


def update_story(connection: Connection, known: Row[Any], values: dict[str, Any]) -> None:
    """Set these columns of a known story, and with them its change number and its place in the search index."""
    if values:
        change = _UPDATE if EXPORTED.isdisjoint(values) else _CHANGE
        connection.execute(change, values | {"this": known.id})
    if not values.keys().isdisjoint(("title", "standfirst", "text")):
        now = known._asdict() | values
        index_story(connection, known.id, now["title"], now["standfirst"], now["text"])


def what_it_says(story: Story) -> dict[str, Any]:
    """The columns that are the page's own words."""
    image = story.image
    return {
        "url": story.canonical_url,
        "title": story.title,
        "standfirst": story.standfirst,
        "authors": [fit(author) for author in story.authors],
        "section": story.section,
        "tags": [fit(tag) for tag in story.tags],
        "language": story.language,
        "published": story.published,
        "published_offset": story.published_offset,
        "modified": story.modified,
        "modified_offset": story.modified_offset,
        "day_only": story.day_only,
        "image": image
        and {
            "url": fit(image.url),
            "caption": image.caption and fit(image.caption),
            "credit": image.credit and fit(image.credit),
        },
        "word_count": story.word_count,
        "access": story.access.value,
        "text_key": story.fingerprint.text_key,
        "fingerprint": VERSION,
        "text": story.text,
        "next_look": story.next_look,
        "etag": story.etag,
        "last_modified": story.last_modified,
    }


def _how_it_was_made(story: Story) -> dict[str, Any]:
    return {**_place_of(story.archived), "made_by": story.made_by}


def _place_of(archived: Archived | None) -> dict[str, Any]:
    file, offset = (None, None) if archived is None else (archived.file, archived.offset)
    return {"archive_file": file, "archive_offset": offset}


def _news_about(known: Row[Any], story: Story) -> dict[str, Any]:
    """The columns to update for what is said about a known story: what a page leaves out today stays as it was."""
    said = what_it_says(story)
    values: dict[str, Any] = {
        "last_seen": max(known.last_seen, story.fetched_at),
        "next_look": _next_look(known, story),
        "gone": None,
    }
    if known.site == story.site and story.fetched_at >= known.last_seen:
        values["fetched_url"] = story.url  # at one that it has left it would be taken for gone
        values |= {"etag": story.etag, "last_modified": story.last_modified}
    for name in ("standfirst", "authors", "section", "tags", "language", "image"):
        if said[name]:
            values[name] = said[name]
    if story.access is not Access.UNKNOWN:
        values["access"] = story.access.value
    if story.modified:
        values |= {"modified": story.modified, "modified_offset": story.modified_offset}
    # A day alone does not overwrite an instant that was known before.
    if story.published and not (story.day_only and known.published and not known.day_only):
        values |= {name: said[name] for name in ("published", "published_offset", "day_only")}
        values["dated"] = story.published
    return {name: value for name, value in values.items() if value != known._mapping[name]}


def _next_look(known: Row[Any], story: Story) -> datetime | None:
    """A page without a date is as young at each look as at the first: there it is looked at when `Store.due` has put it
    off to, ever later."""
    if story.published or known.published or story.next_look is None:
        return story.next_look
    put_off: datetime | None = known.next_look
    return put_off and max(put_off, story.next_look)


def take_out(connection: Connection, story_id: int, version: int, story: Story) -> None:
    """Enter the blocks that the text does not hold."""
    rows: list[tuple[Any, ...]] = [
        (block.position, False, block.kind.value, fit(block.why), fit(block.text)) for block in story.removed
    ]
    rows += [(block.position, True, block.role.value, "", fit(block.text)) for block in story.apart]
    if rows:
        values = {"story": story_id, "version": version, "rows": json.dumps(rows, ensure_ascii=False)}
        connection.execute(_TAKE_OUT[connection.dialect.name], values)
