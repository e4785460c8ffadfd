"""Which story an address belongs to, and which story a page is, whatever address it was found at.

In order: the number that its site gives it; the address that the page calls its own; the addresses that led to it; on
the same site, the same words. What is only said is believed where the texts do not speak against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, and_, bindparam, case, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from newsbot.fingerprint import Relation, canonicalise, likeness, relation, url_key
from newsbot.fingerprint.text import tokens
from newsbot.items import Handled, Story, Verdict
from newsbot.store import models

NEVER_AGAIN = datetime.max.replace(tzinfo=UTC)
"""When a story's address that was forgotten counts as fetched: nothing that a source says is later."""
LONGEST_SPAN = timedelta(days=30)
"""Between two looks at an address that held no story or failed: a clock that was years behind made it no longer."""
SECOND_LOOK = timedelta(minutes=15)  # at what held no story: some are announced before they are there

_KEYS = 500  # in one question

_story, _address = models.story, models.address

# -- addresses ---------------------------------------------------------------------------------------------------------

_SEEN = bindparam("seen", type_=_address.c.first_seen.type)
_FREE = and_(_address.c.story.is_(None), _address.c.verdict != Verdict.FORGOTTEN.value)


def _upsert(into: Any, where: Any = None) -> Any:
    # An address that belongs to a story keeps it, and its verdict; a page that was none may have become one, as it is
    # written there, but what was forgotten stays so.
    entered = into(_address).values(first_seen=_SEEN, last_fetched=_SEEN)
    fetched = entered.excluded.last_fetched
    told = {
        name: case((_FREE, entered.excluded[name]), else_=_address.c[name])
        for name in ("url", "site", "story", "verdict")
    }
    # A time in the future was set by a clock that was wrong: of an address without a story the present one counts.
    told["last_fetched"] = case((_FREE | (fetched > _address.c.last_fetched), fetched), else_=_address.c.last_fetched)
    told["first_seen"] = case((_FREE & (fetched < _address.c.first_seen), fetched), else_=_address.c.first_seen)
    return entered.on_conflict_do_update(index_elements=["url_key"], set_=told, where=where)


INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Each dialect has an insert of its own, with ON CONFLICT."""


def replacing(into: Any, table: Any, *keys: str) -> Any:
    """An insert, each dialect's own, into a table: where there is a row with these keys, the new one replaces it."""
    entered = into(table)
    others = [column.name for column in table.columns if column.name not in keys]
    return entered.on_conflict_do_update(index_elements=keys, set_={name: entered.excluded[name] for name in others})


_ENTER = {dialect: _upsert(into) for dialect, into in INSERT.items()}
_FAIL = {dialect: _upsert(into, _FREE) for dialect, into in INSERT.items()}
_ADD = {dialect: into(_address).on_conflict_do_nothing() for dialect, into in INSERT.items()}
_HANDLED = select(*(_address.c[name] for name in ("url_key", "last_fetched", "first_seen", "story", "verdict"))).where(
    _address.c.url_key.in_(bindparam("keys", expanding=True))
)


def enter_addresses(connection: Connection, story: Story, story_id: int) -> None:
    """Say that all addresses of a story are its own; the key that its site's number gives it, too."""
    urls = {url_key(url): url for url in reversed(story.addresses)}
    shared = {"site": story.site, "story": story_id, "verdict": Verdict.STORY.value, "seen": story.fetched_at}
    keys = story.fingerprint.url_keys
    rows = [shared | {"url_key": key, "url": urls.get(key, story.canonical_url)} for key in keys]
    connection.execute(_ENTER[connection.dialect.name], rows)


def enter_failed(connection: Connection, site: str, urls: Mapping[str, str], when: datetime) -> None:
    """Say that addresses, by their keys, could not be fetched or read; that of a story is left as it is, for the
    story was fetched when it was fetched."""
    shared = {"site": site, "story": None, "verdict": Verdict.FAILED.value, "seen": when}
    rows = [shared | {"url_key": key, "url": url} for key, url in urls.items()]
    connection.execute(_FAIL[connection.dialect.name], rows)


def enter_storyless(
    connection: Connection, site: str, urls: Mapping[str, str], verdict: Verdict, when: datetime
) -> None:
    """Say that addresses, by their keys, hold no story; one that belongs to a story keeps it."""
    shared = {"site": site, "story": None, "verdict": verdict.value, "seen": when}
    rows = [shared | {"url_key": key, "url": url} for key, url in urls.items()]
    connection.execute(_ENTER[connection.dialect.name], rows)


def add_keys(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Enter whole rows, those left out whose key is there already."""
    connection.execute(_ADD[connection.dialect.name], rows)


def handled(connection: Connection, keys: Iterable[str]) -> dict[str, Handled]:
    """What is known of those keys that were ever handled. An address that held no story is due again after a quarter of
    an hour, one that failed on the next visit, then each time the span has doubled, up to LONGEST_SPAN; that of a story
    that was forgotten counts as fetched for ever."""
    wanted = iter(dict.fromkeys(keys))
    found: dict[str, Handled] = {}
    while some := list(islice(wanted, _KEYS)):
        for row in connection.execute(_HANDLED, {"keys": some}):
            if row.story is not None:
                found[row.url_key] = Handled(row.last_fetched)
            elif row.verdict == Verdict.FORGOTTEN:
                found[row.url_key] = Handled(NEVER_AGAIN)
            else:
                failed, span = row.verdict == Verdict.FAILED, min(row.last_fetched - row.first_seen, LONGEST_SPAN)
                again = row.last_fetched + (span if failed else max(SECOND_LOOK, span))
                found[row.url_key] = Handled(row.last_fetched, again, failed)
    return found


# -- recognising -------------------------------------------------------------------------------------------------------

_BY_ADDRESS = (
    select(_address.c.url_key.label("at"), *_story.c)
    .join_from(_address, _story, _address.c.story == _story.c.id, isouter=True)
    .where(
        _address.c.url_key.in_(bindparam("keys", expanding=True)),
        or_(_address.c.story.is_not(None), _address.c.verdict == Verdict.FORGOTTEN.value),
    )
)
_BY_WORDS = (
    select(_story)
    .where(_story.c.text_key == bindparam("key"), _story.c.site == bindparam("of"))
    .order_by(_story.c.id)
    .limit(8)
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A story, and the row of it that is known, None for a new one; `moved`: its own address is another by now;
    `forgotten`: it was deleted on purpose.

    A page that claims the address of another story, by a mistake of its template, is here under the address where it
    was found.
    """

    story: Story
    known: Row[Any] | None = None
    moved: bool = False
    forgotten: bool = False


def recognise(connection: Connection, story: Story) -> Recognised:
    """Which story a page is."""
    keys = story.fingerprint.url_keys
    rows = connection.execute(_BY_ADDRESS, {"keys": keys}).all()
    found = {row.at: row for row in rows if row.id is not None}
    forgotten = {row.at for row in rows if row.id is None}
    taken = found.keys() | forgotten
    if story.identity in found:
        return Recognised(story, found[story.identity], moved=keys[0] not in taken)
    fetched = list(map(url_key, story.addresses[1:]))
    if keys[0] in found:
        known = found[keys[0]]
        led_here = known.id in {found[key].id for key in fetched if key in found}
        if led_here or not fetched or _may_be(known, story):
            return Recognised(story, known)
        story = _as_found(story)
    for key in fetched:
        if key in found and (key == story.fingerprint.url_keys[0] or _may_be(found[key], story)):
            return Recognised(story, found[key], moved=story.fingerprint.url_keys[0] not in taken)
    # Not by an address that only led here: that may lead to another story by now.
    if {story.fingerprint.url_keys[0], story.identity} & forgotten:
        return Recognised(story, forgotten=True)
    if story.fingerprint.text_key:
        for known in connection.execute(_BY_WORDS, {"key": story.fingerprint.text_key, "of": story.site}):
            if _is_announced_twice(known, story):
                return Recognised(story, known)
    return Recognised(story)


def _may_be(known: Row[Any], story: Story) -> bool:
    """Whether a page that names one address and stands at another is the known story that either belongs to. An address
    like /live leads to another story every day, and a template may name one address on all pages: the texts have to
    agree, or, where they are too short to tell, the titles."""
    if known.text_key and story.fingerprint.text_key:
        same = known.text_key == story.fingerprint.text_key
        return same or relation(likeness(known.text, story.text)) is not Relation.NONE
    titled = tokens(story.title)
    return bool(titled) and tokens(known.title) == titled


def _is_announced_twice(known: Row[Any], story: Story) -> bool:
    """Whether the same words at two addresses of a site are one story, and not a notice that stands in for many: the
    titles agree, and either the page tells what was announced, or both addresses end in the same words or number."""
    if tokens(known.title) != tokens(story.title):
        return False
    return story.as_announced or bool(_marks(known.url) & _marks(story.canonical_url))


def _marks(url: str) -> set[str]:
    """What in an address may identify a story: the last segment of its path, its long numbers."""
    path = urlsplit(url).path.rstrip("/")
    slug = re.sub(r"\.\w{2,5}$", "", path.rpartition("/")[2])
    return {slug, *re.findall(r"\d{5,}", path)} - {""}


def _as_found(story: Story) -> Story:
    """The story under the address where it was found, in place of the one that it claims."""
    claimed, *keys = story.fingerprint.url_keys
    addresses = tuple(url for url in story.addresses if url_key(url) != claimed)
    own = url_key(addresses[0])
    keys = [own, *(key for key in keys if key != own)]
    return replace(
        story,
        canonical_url=canonicalise(addresses[0]),
        addresses=addresses,
        fingerprint=replace(story.fingerprint, url_keys=tuple(keys)),
    )
