"""A database filled in bulk with the stories of `benchmarks/stories.py`, as keeping them one by one would leave it.

Rows are those that the store would write, in the order of the stories; triggers are taken away meanwhile, and the
search index is built of the stories at the end. A million take 9 GB and some twenty minutes on two cores; on PostgreSQL
15 GB. That both ways leave the same rows is tested (tests/benchmarks/test_filling.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Table, create_engine, select, text
from sqlalchemy.dialects import sqlite

from benchmarks.measuring import tell
from benchmarks.stories import Press
from newsbot.fingerprint import url_key
from newsbot.items import Story, Verdict
from newsbot.store import Store
from newsbot.store.engine import writing
from newsbot.store.index import rebuild_search
from newsbot.store.keeping import what_it_says
from newsbot.store.models import metadata

Rows = dict[str, list[tuple[Any, ...]]]

CHUNK = 500  # stories that a process makes at a time
TABLES: dict[str, Table] = dict(metadata.tables)
REVISED = 20  # one story in so many has had another text before
TAUGHT = 30 / 730  # the share of the stories, the last, whose blocks are still remembered
MOST_BLOCKS = 5_000  # of a site

_DIALECT = sqlite.dialect()


def rows_of(story: Story, number: int, press: Press) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows that keeping a story leaves: table and values. Its number in the database is one more."""
    story_id, seen = number + 1, story.fetched_at
    original = press.original(number)
    version = 2 if number % REVISED == 7 else 1
    yield (
        "story",
        what_it_says(story)
        | {
            "id": story_id,
            "site": story.site,
            "url_key": story.fingerprint.url_keys[0],
            "fetched_url": story.url,
            "dated": story.published or seen,
            "first_seen": seen,
            "last_seen": seen,
            "version": version,
            "version_seen": seen,
            "changed": story_id,
            "cluster": None if original is None else original + 1,
        },
    )
    if version > 1:
        older = {"version": 1, "seen": seen, "title": story.title, "text": before(story.text)}
        yield "story_version", {"story": story_id} | older
    blocks = [(out.position, False, out.kind.value, out.why, out.text) for out in story.removed]
    blocks += [(out.position, True, out.role.value, "", out.text) for out in story.apart]
    for block in blocks:
        values = zip(("position", "apart", "kind", "why", "text"), block, strict=True)
        row = dict(values)
        for each in range(1, version + 1):
            yield "removed_block", {"story": story_id, "version": each} | row
    urls = {url_key(url): url for url in reversed(story.addresses)}
    for key in story.fingerprint.url_keys:
        yield (
            "address",
            {
                "url_key": key,
                "url": urls.get(key, story.canonical_url),
                "site": story.site,
                "story": story_id,
                "verdict": Verdict.STORY.value,
                "first_seen": seen,
                "last_fetched": seen,
            },
        )
    for likeness_key in sorted(set(story.fingerprint.likeness_keys)):
        yield "likeness_key", {"key": likeness_key, "story": story_id}


def before(told: str) -> str:
    """What a text was before it was written on."""
    return told.rpartition("\n\n")[0]


def blocks_of(story: Story, number: int) -> Iterator[dict[str, Any]]:
    """The rows of what a story teaches."""
    for trace in story.traces:
        if trace.key and (trace.kept or trace.kind):
            yield {
                "site": story.site,
                "key": trace.key,
                "stories": 1,
                "loose": int(trace.loose),
                "removed": int(trace.kind is not None),
                "vetoes": int(trace.veto),
                "before": 0,
                "holders": [number + 1] if trace.kept else [],
                "sample": "",
                "kind": trace.kind and trace.kind.value,
                "first_seen": story.fetched_at,
                "last_seen": story.fetched_at,
            }


def _bound(table: str) -> dict[str, Callable[[Any], Any]]:
    """How values go into SQLite's columns."""
    processors = {column.name: column.type._cached_bind_processor(_DIALECT) for column in TABLES[table].columns}
    return {name: processor or (lambda value: value) for name, processor in processors.items()}


_BOUND = {table: _bound(table) for table in TABLES}


def chunk(press: Press, numbers: range) -> Rows:
    """The rows of some stories, bound for SQLite, by table and columns."""
    made: Rows = {}
    taught_from = press.stories * (1 - TAUGHT)

    def add(table: str, values: dict[str, Any]) -> None:
        bound = _BOUND[table]
        row = tuple(bound[name](value) for name, value in values.items())
        names = ", ".join(f'"{name}"' for name in values)
        made.setdefault(f"{table} ({names})", []).append(row)

    for number in numbers:
        teaches = number >= taught_from
        story = press.story(number, teaches=teaches)
        for table, values in rows_of(story, number, press):
            add(table, values)
        if teaches:
            for values in blocks_of(story, number):
                add("site_block", values)
    return made


def fill_sqlite(file: Path, stories: int) -> None:
    """Make the file, and fill it."""
    with Store.open(f"sqlite:///{file}"):
        pass  # the schema is there
    press = Press(stories)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -4000000")
        for desk in press.desks:
            row = (desk.key, desk.key, f"https://www.{desk.key}/", desk.tag, "ok")
            connection.execute("INSERT INTO site (key, name, home, language, state) VALUES (?, ?, ?, ?, ?)", row)
        ranges = [range(n, min(n + CHUNK, stories)) for n in range(0, stories, CHUNK)]
        with Pool() as pool:
            for done, rows in enumerate(pool.imap(partial(chunk, press), ranges)):
                if done % 100 == 0:  # not all in one: the log would hold the whole database
                    if done:
                        connection.execute("COMMIT")
                        tell(f"{ranges[done].start:,} stories")
                    connection.execute("BEGIN")
                for into, several in rows.items():
                    places = ", ".join("?" * len(several[0]))
                    again = _SEEN_AGAIN if into.startswith("site_block") else ""
                    connection.executemany(f"INSERT INTO {into} VALUES ({places}) {again}", several)  # noqa: S608
        for statement in _AT_LAST:
            connection.execute(statement)
        connection.execute("COMMIT")
    tell("the search index")
    with Store.open(f"sqlite:///{file}") as store, writing(store._engine).begin() as connecting:
        rebuild_search(connecting)  # and its triggers


_SEEN_AGAIN = (
    "ON CONFLICT DO UPDATE SET stories = stories + 1, loose = loose + excluded.loose, "
    "removed = removed + excluded.removed, last_seen = excluded.last_seen, sample = 'Seen again.'"
)
_AT_LAST = (
    "UPDATE story SET cluster = id WHERE id IN (SELECT cluster FROM story WHERE cluster IS NOT NULL)",
    "INSERT INTO cluster (id, head, size) SELECT cluster, id, number FROM (SELECT cluster, id, "
    "count(*) OVER (PARTITION BY cluster) AS number, "
    "row_number() OVER (PARTITION BY cluster ORDER BY dated, id) AS place FROM story WHERE cluster IS NOT NULL) "
    "WHERE place = 1",
    "UPDATE site SET taught = (SELECT count(*) FROM story WHERE site = key)",
    f"DELETE FROM site_block WHERE (site, key) IN (SELECT site, key FROM (SELECT site, key, row_number() OVER "  # noqa: S608
    f"(PARTITION BY site ORDER BY stories > 1 DESC, last_seen DESC) AS place FROM site_block) "
    f"WHERE place > {MOST_BLOCKS})",
)


def copy_to_postgresql(file: Path, url: str) -> None:
    """Fill a database that has no stories yet with those of a file."""
    source = create_engine(f"sqlite:///{file}")
    with Store.open(url) as store, source.connect() as reading, writing(store._engine).begin() as into:
        into.execute(text("ALTER TABLE cluster DROP CONSTRAINT fk_cluster_head_story"))
        driver: Any = into.connection.driver_connection
        for name in _ORDER:
            table = TABLES[name]
            documents = {n for n, column in enumerate(table.columns) if isinstance(column.type, JSON)}
            # In the order of the stories, so that each index grows as it does in use.
            by = table.c.story if name == "likeness_key" else table.c.first_seen if name == "address" else None
            rows = reading.execution_options(yield_per=1_000).execute(select(table).order_by(by))
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([_json(v) if n in documents else v for n, v in enumerate(row)])
            tell(f"PostgreSQL: {name}")
        into.execute(
            text("ALTER TABLE cluster ADD CONSTRAINT fk_cluster_head_story FOREIGN KEY (head) REFERENCES story (id)")
        )
        for name in ("story", "cluster"):
            into.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))  # noqa: S608
    with Store.open(url) as store, store._engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


_ORDER = "site cluster story story_version removed_block address likeness_key site_block".split()


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
