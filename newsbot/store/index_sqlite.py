"""The search index on SQLite: two FTS5 tables beside the stories.

`story_search` holds no second copy of the texts (external content) and is kept up to date by triggers. FTS5 parts texts
at spaces and punctuation, so that a sentence in Japanese or Thai would be one word; `story_search_unspaced` holds the
stories with such scripts once more, a space around each of these characters. What parts them is Python, which no
trigger can call: `index_story` enters a story, and triggers see to it that an entry never outlives its text.
"""

# ruff: noqa: S608 - all names in statements are of our own
from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    union_all,
)

from newsbot.store import models
from newsbot.store.filters import Filters
from newsbot.store.models import fit
from newsbot.store.search import Search, Term
from newsbot.store.words import is_unspaced, parted, words

WORDS, CHARACTERS, SOURCE = "story_search", "story_search_unspaced", "story_search_source"

# unicode61 folds case and, with 2, the diacritics of Latin letters; M* keeps the vowel signs of Hindi in their words.
_TOKENS = """tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'\""""
_TEXTS = ("title", "standfirst", "text")
_LABELS = ("authors", "tags", "section", "language", "access")
_COLUMNS = (*_TEXTS, *_LABELS, "site")
_MOST_SITES = 50  # that the index is asked for
_ONE_WORD = (".", "-", "_")  # what stands in a site's key between its parts: ".com" alone is in too many

_AS_ONE = str.maketrans(dict.fromkeys(_ONE_WORD, "x"))


def _values(row: str) -> str:
    site = f"{row}site"
    for part in _ONE_WORD:
        site = f"replace({site}, '{part}', 'x')"
    return ", ".join([*(f"{row}{name}" for name in _COLUMNS[:-1]), site])


_LEARN = f"INSERT INTO {WORDS} (rowid, {', '.join(_COLUMNS)}) VALUES (new.id, {_values('new.')});"
_FORGET = f"INSERT INTO {WORDS} ({WORDS}, rowid, {', '.join(_COLUMNS)}) VALUES ('delete', old.id, {_values('old.')});"
_DROP = f"DELETE FROM {CHARACTERS} WHERE rowid = old.id;"
_CACHE = 256 * 1024  # KiB: FTS5 merges what it has written before, again and again
_AT_ONCE = 2_000  # stories of a new index
VIEWS = {
    SOURCE: f"CREATE VIEW {SOURCE} (id, {', '.join(_COLUMNS)}) AS SELECT id, {_values('')} FROM story",
}
TABLES = {
    WORDS: f"CREATE VIRTUAL TABLE {WORDS} USING fts5({', '.join(_COLUMNS)}, "
    f"content='{SOURCE}', content_rowid='id', {_TOKENS})",
    CHARACTERS: f"CREATE VIRTUAL TABLE {CHARACTERS} USING fts5({', '.join(_TEXTS)}, {_TOKENS})",
}
TRIGGERS = {
    f"{WORDS}_insert": f"CREATE TRIGGER {WORDS}_insert AFTER INSERT ON story BEGIN {_LEARN} END",
    f"{WORDS}_delete": f"CREATE TRIGGER {WORDS}_delete AFTER DELETE ON story BEGIN {_FORGET} {_DROP} END",
    f"{WORDS}_update": f"CREATE TRIGGER {WORDS}_update AFTER UPDATE OF id, {', '.join(_COLUMNS)} ON story "
    f"BEGIN {_FORGET} {_LEARN} END",
    f"{CHARACTERS}_update": f"CREATE TRIGGER {CHARACTERS}_update AFTER UPDATE OF id, {', '.join(_TEXTS)} ON story "
    f"BEGIN {_DROP} END",
}

_story = models.story
_words = table(WORDS, column("rowid"), column(WORDS))
_characters = table(CHARACTERS, column("rowid"), column(CHARACTERS), *map(column, _TEXTS))
_ENTER = text(
    f"INSERT OR REPLACE INTO {CHARACTERS} (rowid, title, standfirst, text) VALUES (:id, :title, :standfirst, :text)"
)
_NEXT = (
    select(_story.c.id, _story.c.title, _story.c.standfirst, _story.c.text)
    .where(_story.c.id > bindparam("after"))
    .order_by(_story.c.id)
    .limit(_AT_ONCE)
)
_LEARN_NEXT = text(
    f"INSERT INTO {WORDS} (rowid, {', '.join(_COLUMNS)}) SELECT * FROM {SOURCE} WHERE id > :after AND id <= :upto"
)


# -- writing -----------------------------------------------------------------------------------------------------------


def index_story(connection: Connection, story_id: int, title: str, standfirst: str | None, told: str) -> None:
    """Enter a story whose texts are new or have changed, if it has characters of a script without spaces."""
    entry = _entry(title, standfirst, told)
    if entry is not None:
        connection.execute(_ENTER, {"id": story_id, **entry})


def _entry(title: str, standfirst: str | None, told: str) -> dict[str, str] | None:
    texts = {"title": title, "standfirst": standfirst or "", "text": told}
    if not any(map(is_unspaced, texts.values())):
        return None
    return {name: parted(fit(each)) for name, each in texts.items()}


def rebuild(connection: Connection, progress: Callable[[int, int], None]) -> None:
    """Make tables and triggers anew, whatever there is of them, and fill them from the stories."""
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE}")
    for name in connection.execute(_TRIGGERS_NOW).scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for name in TABLES:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    connection.exec_driver_sql(f"DROP VIEW IF EXISTS {SOURCE}")
    for statement in (*VIEWS.values(), *TABLES.values()):
        connection.exec_driver_sql(statement)
    # FTS5's own 'rebuild' does the same in one go, and in silence.
    number = connection.execute(select(func.count()).select_from(_story)).scalar_one()
    done, last = 0, -(1 << 63)
    progress(done, number)
    while rows := connection.execute(_NEXT, {"after": last}).all():
        connection.execute(_LEARN_NEXT, {"after": last, "upto": rows[-1].id})
        if entries := [{"id": row.id, **entry} for row in rows if (entry := _entry(*row[1:]))]:
            connection.execute(_ENTER, entries)
        done, last = done + len(rows), rows[-1].id
        progress(done, number)
    for statement in TRIGGERS.values():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")


def drop(connection: Connection) -> None:
    """Leave nothing of it."""
    for name in TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    for name in TABLES:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    connection.exec_driver_sql(f"DROP VIEW IF EXISTS {SOURCE}")


# -- checking ----------------------------------------------------------------------------------------------------------

_TRIGGERS_NOW = text(
    f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'story' AND name LIKE '{WORDS}%'"
)


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with it, each fault in words."""
    made: dict[str, str] = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all())
    missing = False
    for kind, expected in (("view", VIEWS), ("table", TABLES), ("trigger", TRIGGERS)):
        for name, statement in expected.items():
            if name not in made:
                yield f"the {kind} {name} is missing"
            elif made[name] != statement:
                yield f"the {kind} {name} is not as newsbot makes it"
            missing = missing or (kind != "trigger" and made.get(name) != statement)
    if missing:
        return
    for name in TABLES:
        try:
            with connection.begin_nested():
                # 1: compared with the stories too, not only in itself.
                connection.exec_driver_sql(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)")
        except Exception as error:
            if "malformed" not in str(error):
                raise
            yield f"{name} does not hold what the stories hold"
    wrong = sum(_differs(row) for row in connection.execute(_COMPARED))
    wrong += connection.execute(_ORPHANS).scalar_one()
    if wrong:
        yield f"{CHARACTERS} does not hold what the stories hold: {wrong:,} differ"


_ANY = text(f"SELECT 1 FROM {CHARACTERS}_content LIMIT 1")
_COMPARED = (
    select(
        _story.c.title, _story.c.standfirst, _story.c.text,
        _characters.c.title, _characters.c.standfirst, _characters.c.text,
    )
    .outerjoin_from(_story, _characters, _characters.c.rowid == _story.c.id)
    .execution_options(yield_per=500)
)  # fmt: skip
_ORPHANS = text(f"SELECT count(*) FROM {CHARACTERS} WHERE rowid NOT IN (SELECT id FROM story)")


def _differs(row: Sequence[Any]) -> bool:
    entry = _entry(*row[:3])
    return (None if entry is None else tuple(entry.values())) != (None if row[5] is None else tuple(row[3:]))


# -- searching ---------------------------------------------------------------------------------------------------------


class Matching:
    """The stories that a search finds, and that the index has under what the filters say of site, author, section, tag,
    language and access: of these it knows the words, and so gives a few too many."""

    stems: dict[str, Sequence[str]] = {}  # noqa: RUF012 - none here: words are found as they are written

    def __init__(self, search: Search | None, labels: Sequence[str], *, unspaced: bool) -> None:
        self._parts: list[Select[Any]] = []
        self.gathers = search is not None and any(term.prefix for term in search.wanted)
        """Whether each question costs some milliseconds before it gives anything: all words with a beginning are
        gathered first."""
        if search is None:
            self._parts.append(_matches(_words, " AND ".join(labels)))
            return
        if spaced := [terms for terms in search.alternatives if not any(is_unspaced(term.text) for term in terms)]:
            without = [term for term in search.excluded if not is_unspaced(term.text)]
            found = f"{{{' '.join(_TEXTS)}}} : ({_match(spaced, without)})"
            part = _matches(_words, " AND ".join([found, *labels]))
            if unspaced and search.excluded:
                excluded = _matches(_characters, _match([(term,) for term in search.excluded], []))
                part = part.where(_words.c.rowid.not_in(excluded))
            self._parts.append(part)
        if unspaced or not spaced:
            # There stories have all their words, and those too that no space parts from characters.
            part = _matches(_characters, _match(search.alternatives, search.excluded))
            if labels:
                labelled = _matches(_words, " AND ".join(labels)).where(_words.c.rowid == _characters.c.rowid)
                part = part.where(labelled.exists())
            self._parts.append(part)

    def ids(self, among: Select[Any] | None = None, lowest: int = 0, highest: int = 0) -> Select[Any]:
        """Their numbers, in `rowid`, some perhaps twice: all, for 0.05 us each, or those of stories `among` these, the
        numbers of which are from `lowest` to `highest`."""
        parts = self._parts
        if among is not None:
            # With a sign the number is a value: FTS5 would be asked anew for each that is among them.
            parts = [
                part.where(
                    _rowid(part) >= lowest,
                    _rowid(part) <= highest,
                    literal_column(f"+{_rowid(part)}", _story.c.id.type).in_(among),
                )
                for part in parts
            ]
        return parts[0] if len(parts) == 1 else select(union_all(*parts).subquery().c.rowid)

    def within(self, begins: Sequence[int], width: int) -> Select[Any]:
        """Their numbers in windows of so many numbers, which begin with these: a row each, of JSON lists; some perhaps
        twice. A window costs as much as a story that is looked for."""
        windows = func.json_each(json.dumps(begins)).table_valued("value", name="windows")
        begin = windows.c.value
        lists = (
            part.with_only_columns(func.json_group_array(_rowid(part)))
            .where(_rowid(part) >= begin, _rowid(part) < begin + width)
            .correlate(windows)
            .scalar_subquery()
            for part in self._parts
        )
        return select(*lists).select_from(windows)

    def holds(self, story: FromClause) -> ColumnElement[bool]:
        """Whether it is among them: some 30 us."""
        return or_(
            *(
                part.where(next(iter(part.selected_columns)) == story.c.id).correlate(story).exists()
                for part in self._parts
            )
        )


def _rowid(part: Select[Any]) -> ColumnElement[Any]:
    return next(iter(part.selected_columns))


def _matches(index: Any, match: str) -> Select[Any]:
    return select(index.c.rowid).where(index.c[index.name].op("MATCH")(bindparam(None, match, unique=True)))


def _match(alternatives: Sequence[tuple[Term, ...]], excluded: Sequence[Term]) -> str:
    """As FTS5 takes it: every term is a quoted string, which has no syntax but its quotes."""
    found = " OR ".join("(" + " AND ".join(map(_quoted, terms)) + ")" for terms in alternatives)
    return f"({found}) NOT ({' OR '.join(map(_quoted, excluded))})" if excluded else found


def _quoted(term: Term) -> str:
    said = parted(term.text) if is_unspaced(term.text) else term.text
    return (f"{term.field} : " if term.field else "") + f'"{said}"' + (" *" if term.prefix else "")


def matching(connection: Connection, search: Search | None, filters: Filters) -> Matching | None:
    """What the index knows of a question; None for nothing."""
    labels = list(_labels(filters))
    if search is None and not labels:
        return None
    sites = [site.translate(_AS_ONE) for site in map(fit, filters.sites)]
    if sites and all(map(words, sites)) and len(sites) <= _MOST_SITES:
        labels.append("site : (" + " OR ".join(f'"{_plain(site)}"' for site in sites) + ")")
    return Matching(search, labels, unspaced=connection.execute(_ANY).first() is not None)


def _labels(filters: Filters) -> Iterator[str]:
    values = (filters.author, filters.tag, filters.section, filters.language, filters.access)
    for name, value in zip(_LABELS, values, strict=True):
        said = _plain(fit(str(value or "")))
        # JSON writes a tab as \t, which the index takes for a letter.
        if words(said) and not set("\t\n") & set(said):
            yield f'{name} : "{said}"'


def _plain(said: str) -> str:
    return said.replace('"', " ")
