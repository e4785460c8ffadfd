"""Questions: filters, search, one story, an export."""

import json
import sqlite3
import tracemalloc
import unicodedata
from contextlib import closing
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsbot.errors import QueryError, StoreUnavailable
from newsbot.items import Apart, Block, BlockKind, Image, Removed, RemovedKind, Role
from newsbot.store import Filters, Store, whole
from newsbot.store.rows import MARK_OFF, MARK_ON
from tests.store.build import HOUR, NOON, edited, prose, story

ALL = Filters()


def found(store: Store, query: str, filters: Filters = ALL) -> list[int]:
    return [hit.id for hit in store.read.search(query, filters)]


@pytest.fixture
def shelf(store: Store) -> Store:
    """1 and 3 on a.example, 2 a later copy of 1 on b.example, 4 in German, not dated."""
    store.keep(story(1, published=NOON, language="en"))
    store.keep(story(1, edited(prose(1)), site="b.example", published=NOON + HOUR, language="en-gb"))
    store.keep(story(3, published=NOON - HOUR, language="en"))
    store.keep(story(4, site="c.example", language="de", fetched_at=NOON + 2 * HOUR))
    return store


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(), [4, 2, 1, 3]),
        (Filters(sites=["a.example"]), [1, 3]),
        (Filters(sites=["a.example", "c.example"]), [4, 1, 3]),
        (Filters(since=NOON), [4, 2, 1]),
        (Filters(until=NOON), [3]),
        (Filters(since=NOON.astimezone(timezone(timedelta(hours=9))), until=NOON + HOUR), [1]),
        (Filters(language="EN"), [2, 1, 3]),
        (Filters(language="en-gb"), [2]),
        (Filters(copies=False), [4, 1, 3]),
        (Filters(limit=2), [4, 2]),
    ],
)
def test_filters(shelf: Store, filters: Filters, ids: list[int]) -> None:
    assert [row.id for row in shelf.read.stories(filters)] == ids
    assert found(shelf, "headline", filters) == ids
    assert len(list(shelf.read.export(filters))) == len(ids)


def test_filters_that_make_no_sense() -> None:
    with pytest.raises(QueryError, match="since: 2026-03-02T12:00:00 has no time zone"):
        Filters(since=NOON.replace(tzinfo=None))
    with pytest.raises(QueryError, match="Give a since that is before until"):
        Filters(since=NOON, until=NOON)
    with pytest.raises(QueryError, match="limit: 0"):
        Filters(limit=0)


@pytest.fixture
def library(store: Store) -> Store:
    texts = [
        "The press is free. Freedom of the press has a price.",
        "A free lunch after Covid-19, says the café.",
        'Prices of 100% cotton rose; "nothing is free", they_say.',
        "東京で新しい橋が開通した。 Tokyo opened a bridge.",
        "ตลาดน้ำเปิดแล้ว",
    ]
    for number, text in enumerate(texts, 1):
        store.keep(story(number, text, standfirst="Morning brief", published=NOON - number * HOUR))
    return store


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("free", [1, 2, 3]),
        ("FREE price", [1]),
        ("pric*", [1, 3]),
        ('"free press"', []),
        ('"press is free"', [1]),
        ('"freedom of the pr"*', [1]),
        ("“press is free”", [1]),
        ("lunch OR price", [1, 2]),
        ("free lunch OR cotton", [2, 3]),
        ("lunch or price", []),
        ("free -lunch", [1, 3]),
        ('free -"press is" -lunch', [3]),
        ("lunch OR cotton -covid", [3]),
        ("covid-19", [2]),
        ("cafe", [2]),
        ("Café", [2]),
        ("cafe\u0301", [2]),
        ("morning brief", [1, 2, 3, 4, 5]),
        ("headline 2", [2]),
        ("free NOT press", [2, 3]),
        ("free AND lunch", [2]),
        ("(lunch OR price) free", [1, 2]),
        ("(lunch OR price) free -covid", [1]),
        ("((lunch) OR (price))", [1, 2]),
        ("free (price)", [1]),
        ("title:free", []),
        ("text:free", [1, 2, 3]),
        ("title:headline text:lunch", [2]),
        ('title:"headline 2"', [2]),
        ("title:head*", [1, 2, 3, 4, 5]),
        ("standfirst:brief -text:free", [4, 5]),
        ("standfirst:free OR text:bridge", [4]),
        ("text:東京", [4]),
        ("title:東京", []),
        ("free -東京", [1, 2, 3]),
        ("brief -東京 -橋", [1, 2, 3, 5]),
        ("NEAR(free press)", []),
        ("free & lunch", [2]),
        ("free*lunch", [2]),
        ("bridge", [4]),
        ("東京", [4]),
        ("橋", [4]),
        ("東京で 橋が", [4]),
        ('"東京 新"', []),
        ("京東", []),
        ("京で新", [4]),
        ("東京 bridge", [4]),
        ("東京 -bridge", []),
        ("東京 OR lunch", [2, 4]),
        ("น้ำ", [5]),
        ("ตลาด", [5]),
        ("น้ำเปิด", [5]),
        ("ำ", [5]),
        ("100% 橋", []),
        ("they_say", [3]),
        ("HEADLINE", [1, 2, 3, 4, 5]),
    ],
)
def test_search(library: Store, query: str, ids: list[int]) -> None:
    assert found(library, query) == ids


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "holds no word"),
        (" \t", "holds no word"),
        ("*", "holds no word"),
        ("& %", "holds no word"),
        ('""', "holds no word"),
        ('"free press', "quote without its partner"),
        ("-free", "only excludes"),
        ("OR free", "both sides"),
        ("free OR", "both sides"),
        ("free OR -press", "both sides"),
        ("AND free", "AND needs a word on both sides"),
        ("free AND", "AND needs a word on both sides"),
        ("free NOT", "NOT needs a word behind it"),
        ("(free OR) press", "both sides"),
        ("(free press", "parenthesis that is not closed"),
        ("-(free press) lunch", "Exclude its words one by one"),
        ("title: free", "title: needs a word or a phrase right behind it"),
        ("title:(free press)", "before each word"),
        ("author:smith press", "Use the filter of that name beside it, --author"),
        ("(a OR b) (c OR d) (e OR f) (g OR h) (i OR j)", "more than 64"),
        ("a\0b", r"U\+0000"),
        ("a\ud800b", r"U\+D800"),
        (" ".join(f"word{n}" for n in range(65)), "more than 64"),
        ("x" * 1001, "1001 characters"),
    ],
)
def test_searches_that_are_malformed(library: Store, query: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        library.read.search(query, ALL)


def test_snippets_mark_what_was_found(library: Store) -> None:
    def snippet(query: str) -> str:
        return library.read.search(query, ALL)[0].snippet.replace(MARK_ON, "[").replace(MARK_OFF, "]")

    assert snippet("lunch") == "A free [lunch] after Covid-19, says the café."
    assert snippet("新し bridge") == "東京で[新し]い橋が開通した。 Tokyo opened a [bridge]."


def test_a_snippet_of_a_long_text_is_short(store: Store) -> None:
    store.keep(story(1, f"{prose(1, 400)} 東京 zebra {prose(2, 400)}"))
    for query in ("zebra", "東京"):
        (hit,) = store.read.search(query, ALL)
        assert f"{MARK_ON}{query}{MARK_OFF}" in hit.snippet
        assert len(hit.snippet) < 400


_TEXT = st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8), min_size=1, max_size=3)
_BLOCK = st.tuples(st.sampled_from([None, *RemovedKind, *Role]), _TEXT.map("\n".join))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(_BLOCK, max_size=12), number=st.integers(min_value=1, max_value=1 << 40))
def test_a_page_is_put_back_whole(
    store: Store, blocks: list[tuple[RemovedKind | Role | None, str]], number: int
) -> None:
    removed, apart = [], []
    for position, (kind, text) in enumerate(blocks):
        block = Block(BlockKind.PARAGRAPH, text)
        if isinstance(kind, RemovedKind):
            removed.append(Removed(position, block, kind, "why"))
        elif isinstance(kind, Role):
            apart.append(Apart(position, block, kind))
    kept_text = "\n\n".join(text for kind, text in blocks if kind is None)
    # Each example is a story, or a later version of an earlier example's: none has the words of another's.
    title = sha256(repr(blocks).encode()).hexdigest()
    kept = store.keep(story(number, kept_text, title=title, removed=tuple(removed), apart=tuple(apart)))
    read = store.read.story(kept.story_id)
    assert read is not None
    assert [(text, kind) for text, kind in whole(read)] == [
        (unicodedata.normalize("NFC", text), kind and kind.value) for kind, text in blocks
    ]


def test_an_address_that_is_none(store: Store) -> None:
    assert store.read.story(1) is None
    assert store.read.story("https://a.example/nothing") is None
    with pytest.raises(QueryError, match="'hello' is no address"):
        store.read.story("hello")


def test_export_has_these_fields_in_this_order(store: Store) -> None:
    store.keep(
        story(
            1,
            "Text.",
            url="https://a.example/1?utm_source=rss",
            canonical_url="https://a.example/1",
            published=datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            published_offset=345,
            modified=NOON,
            authors=("Bo",),
            image=Image("https://a.example/1.jpg"),
        )
    )
    (line,) = map(json.dumps, store.read.export(ALL))
    assert json.loads(line) == {
        "url": "https://a.example/1?utm_source=rss",
        "canonical_url": "https://a.example/1",
        "site": "a.example",
        "title": "Headline 1",
        "standfirst": None,
        "authors": ["Bo"],
        "published": "2026-03-02T09:00:00+05:45",
        "modified": "2026-03-02T12:00:00+00:00",
        "first_seen": "2026-03-02T12:00:00+00:00",
        "language": None,
        "section": None,
        "tags": [],
        "access": "unknown",
        "text": "Text.",
        "copies": 0,
        "cluster": None,
    }
    assert (
        list(json.loads(line))
        == (
            "url canonical_url site title standfirst authors published modified first_seen language section tags "
            "access text copies cluster"
        ).split()
    )


@pytest.mark.parametrize("offset", [None, 0, 540, -300])
def test_a_day_is_exported_as_a_day(store: Store, offset: int | None) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=timezone(timedelta(minutes=offset or 0)))
    store.keep(story(1, published=midnight, published_offset=offset, day_only=True, modified=NOON))
    (line,) = store.read.export(ALL)
    assert (line["published"], line["modified"]) == ("2026-03-02", "2026-03-02T12:00:00+00:00")


def test_copies_are_counted_in_an_export(shelf: Store) -> None:
    assert [(line["copies"], line["cluster"]) for line in shelf.read.export(ALL)] == [
        (0, None),
        (1, 1),
        (1, 1),
        (0, None),
    ]


def test_an_export_holds_little_in_memory_and_each_story_once(store: Store, file: Path) -> None:
    """1,200 stories of 20 KB are 24 MB; many have the same date, so that pages end between equals."""
    store.keep(story(1, "word " * 4000))
    with closing(sqlite3.connect(file)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(story)")]
        values = [{"id": "n", "url_key": "n", "url": "n"}.get(column, column) for column in columns]
        connection.execute(
            "WITH RECURSIVE c(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM c WHERE n < 1200) "
            f"INSERT INTO story SELECT {', '.join(values)} FROM story, c"
        )
        connection.commit()
    next(store.read.export(ALL))
    tracemalloc.start()
    addresses = [line["canonical_url"] for line in store.read.export(ALL)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(set(addresses)) == len(addresses) == 1200
    assert peak < 12_000_000
    assert len(list(store.read.export(Filters(limit=450)))) == 450


def test_a_database_that_has_gone_bad_is_said_so(store: Store, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE run")
    with pytest.raises(StoreUnavailable, match=r"cannot read the database: SQLite refuses: no such table: run"):
        store.read.runs(1)
