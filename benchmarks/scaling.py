"""How the tables that are asked for every page grow: sizes, pages that a question touches, and what is foretold of ten
times as many rows.

    python benchmarks/scaling.py postgresql://...          # an empty database; 6 GB of disk, ten minutes

Two tables alone, with the real schema: `address` with one row a story, its indexes in place, keys in random order as
they come in life; and `likeness_key` with KEYS rows a story instead of 32, for the sake of time, its index built when
they are there, as full as random order leaves one. No stories are entered, and none is needed: both tables hold keys
and numbers.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text

from newsbot.store.engine import open_engine

KEYS = 2
CHUNK = 250_000  # rows in one statement
ASKED = 40  # questions of each kind
SIZES = (1_000_000, 10_000_000)
FULL = 70  # percent of each page of an index: ln 2, where keys come in random order (A. C. Yao, "On random 2-3 trees")

FILL = {
    "address": """
        INSERT INTO address (url_key, url, site, story, verdict, first_seen, last_fetched)
        SELECT 'paper-' || n % 200 || '.example/2026/11/24/' || md5(n::text),
               'https://www.paper-' || n % 200 || '.example/2026/11/24/' || md5(n::text),
               'paper.example', NULL, 'story', now(), now() FROM generate_series(:since, :until) AS n
    """,
    "likeness_key": """
        INSERT INTO likeness_key (key, story)
        SELECT ('x' || left(md5(n::text || k), 8))::bit(32)::int::bigint, n
        FROM generate_series(:since, :until) AS n, generate_series(1, :keys) AS k
    """,
}
ASK = {
    "50 addresses": (
        "address",
        """
        SELECT url_key, last_fetched, first_seen, story, verdict FROM address WHERE url_key = ANY(
            SELECT 'paper-' || n % 200 || '.example/2026/11/24/' || md5(n::text)
            FROM generate_series(1, 50) AS k, LATERAL (SELECT :seed * 7919 + k * 19729 AS n) AS numbered)
    """,
    ),
    "32 keys": (
        "likeness_key",
        """
        SELECT story, count(*) FROM likeness_key WHERE key = ANY(ARRAY(
            SELECT ('x' || left(md5((:seed * 7919 + k * 19729)::text || 1), 8))::bit(32)::int::bigint
            FROM generate_series(1, 32) AS k)) GROUP BY story HAVING count(*) > 1
    """,
    ),
}


def main() -> None:
    """Fill to each of the sizes, measure, and compare with what the first foretold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--stories", type=int, nargs="+", default=SIZES)
    parser.add_argument("--table", nargs="+", choices=FILL, default=list(FILL))
    options = parser.parse_args()
    engine = open_engine(options.url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO site (key, name, home, state) VALUES ('paper.example', '', '', 'new')"))
    done, first = 0, {}
    for stories in options.stories:
        for table in options.table:
            spent = fill(engine, table, done, stories)
            print(f"{stories:>11,} stories: {table}: {(stories - done) / spent:,.0f} stories a second entered")
        done = stories
        with engine.connect() as connection:
            for name, value in measured(connection, stories, options.table):
                foretold = f"  foretold {first[name]:,.1f}, {value / first[name] - 1:+.0%}" if name in first else ""
                print(f"{stories:>11,} stories: {name}: {value:,.1f}{foretold}", flush=True)
                first.setdefault(name, value)


def fill(engine: Any, table: str, done: int, stories: int) -> float:
    """Enter what is missing; gives the seconds."""
    begun = time.monotonic()
    built = table == "likeness_key"
    if built:
        run(engine, "ALTER TABLE likeness_key DROP CONSTRAINT pk_likeness_key")
    for since in range(done + 1, stories + 1, CHUNK):
        with engine.begin() as connection:
            until = min(since + CHUNK - 1, stories)
            connection.execute(text(FILL[table]), {"since": since, "until": until, "keys": KEYS})
    if built:
        run(
            engine, f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (key, story) WITH (fillfactor = {FULL})"
        )
    run(engine, f"VACUUM ANALYZE {table}")
    return time.monotonic() - begun


def run(engine: Any, statement: str) -> None:
    """Run a statement outside of any transaction."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


def measured(connection: Connection, stories: int, tables: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Bytes a row of each table and index; pages and milliseconds of each question, the median."""
    for table in tables:
        rows = stories * (KEYS if table == "likeness_key" else 1)
        yield f"{table}, heap, bytes a row", size(connection, f"pg_relation_size('{table}')") / rows
        for name in indexes(connection, table):
            yield f"{name}, bytes a row", size(connection, f"pg_relation_size('{name}')") / rows
    for name, (table, question) in ASK.items():
        if table not in tables:
            continue
        plans = [explained(connection, question, seed) for seed in range(1, ASKED + 1)]
        yield f"{name}, pages touched", sorted(pages for pages, _ in plans)[ASKED // 2]
        yield f"{name}, ms", sorted(ms for _, ms in plans)[ASKED // 2]


def size(connection: Connection, what: str) -> int:
    """Bytes."""
    return int(connection.execute(text(f"SELECT {what}")).scalar_one())


def indexes(connection: Connection, table: str) -> list[str]:
    """The names of a table's indexes."""
    query = text("SELECT indexname FROM pg_indexes WHERE tablename = :of ORDER BY 1")
    return list(connection.execute(query, {"of": table}).scalars())


def explained(connection: Connection, question: str, seed: int) -> tuple[int, float]:
    """How many pages a question touches, and how many milliseconds it takes."""
    found = connection.execute(text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {question}"), {"seed": seed}).scalar_one()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"], plan["Execution Time"]


if __name__ == "__main__":
    main()
