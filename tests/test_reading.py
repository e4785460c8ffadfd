"""newsbot.open(): what a Python program can ask, and how it is told what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from alembic import command

import newsbot
from newsbot import reading
from newsbot.errors import QueryError, StoreUnavailable
from newsbot.items import Access
from newsbot.reading import Database
from newsbot.store import Store
from newsbot.store.engine import config, migrating, open_engine
from tests.store.build import HOUR, NOON, edited, prose, story


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'newsbot.db'}"


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """Five stories, an hour apart; the fifth is a copy of the first."""
    with Store.open(url) as store:
        for number in range(1, 5):
            store.keep(story(number, published=NOON + number * HOUR, authors=("Lena Holt",), access=Access.FREE))
        store.keep(story(5, edited(prose(1)), site="b.example", published=NOON + 5 * HOUR))
    with newsbot.open(url) as opened:
        yield opened


def python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# -- opening -----------------------------------------------------------------------------------------------------------


def test_to_import_newsbot_loads_nothing_that_takes_long() -> None:
    done = python("import newsbot, sys; print(sorted({name.split('.')[0] for name in sys.modules}))")
    assert done.returncode == 0
    assert not {"sqlalchemy", "pydantic", "scrapy", "alembic"} & set(eval(done.stdout))


def test_none_is_made(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="there is no database yet"):
        newsbot.open(url)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("variable", ["NEWSBOT_DATABASE_URL", "NEWSBOT_HOME"])
def test_by_default_it_is_the_command_lines(
    db: Database, url: str, tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_HOME", str(tmp_path if variable == "NEWSBOT_HOME" else tmp_path / "elsewhere"))
    monkeypatch.setenv("NEWSBOT_DATABASE_URL", "" if variable == "NEWSBOT_HOME" else url)
    with newsbot.open() as found:
        assert len(list(found.stories())) == 5


def test_an_older_schema_is_not_brought_up_to_date_in_silence(db: Database, url: str) -> None:
    engine = open_engine(url)
    with migrating(engine) as connection:
        command.downgrade(config(connection), "0002")
    engine.dispose()
    done = python(f"import newsbot; print(len(list(newsbot.open({url!r}).stories())))")
    assert done.stdout == "5\n"
    assert "brought from schema 0002" in done.stderr


# -- questions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [None, 1, 2, 3, 4, 5, 6])
def test_an_answer_goes_on_over_pages(
    db: Database, sort: str, limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [5, 4, 3, 2, 1] if sort == "newest" else [1, 2, 3, 4, 5]
    monkeypatch.setattr(reading, "_PAGE", 2)
    assert [row.id for row in db.stories(sort=sort, limit=limit)] == whole[:limit]
    assert [row.id for row in db.search("headline", sort=sort, limit=limit)] == whole[:limit]
    if sort == "newest":
        assert [row["title"][-1] for row in db.export(limit=limit)] == [str(number) for number in whole[:limit]]


def test_an_answer_is_asked_for_each_time(db: Database, url: str) -> None:
    answer = db.stories()
    assert len(list(answer)) == 5
    with Store.open(url) as store:
        store.keep(story(6))
    assert len(list(answer)) == 6


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"site": "b.example"}, [5]),
        ({"site": ["b.example", "a.example"]}, [5, 4, 3, 2, 1]),
        ({"since": "2026-03-02T16:00+01:00"}, [5, 4, 3]),
        ({"since": NOON + 3 * HOUR, "until": datetime(2026, 3, 2, 18, tzinfo=timezone(timedelta(hours=2)))}, [3]),
        ({"until": date(2026, 3, 2)}, []),
        ({"since": date(2026, 3, 2)}, [5, 4, 3, 2, 1]),
        ({"copies": False}, [4, 3, 2, 1]),
        ({"author": "lena holt", "access": Access.FREE, "limit": 2}, [4, 3]),
    ],
)
def test_filters(db: Database, wanted: Any, found: list[int]) -> None:
    assert [row.id for row in db.stories(**wanted)] == found
    assert [row.id for row in db.search("headline", **wanted)] == found


def test_how_long_ago_counts_from_now(db: Database, url: str) -> None:
    with Store.open(url) as store:
        store.keep(story(6, published=datetime.now(UTC) - HOUR))
    assert [row.id for row in db.stories(since="2h")] == [6]
    assert list(db.stories(since="30m")) == []


def test_a_filter_that_is_mistaken_is_told_at_once(db: Database) -> None:
    with pytest.raises(TypeError, match=r"no filter 'sites'\. Filters: site, since, until"):
        db.stories(sites=["a.example"])  # type: ignore[call-arg]
    with pytest.raises(QueryError, match="no time zone"):
        db.stories(since=datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(QueryError, match="'soon' is no point in time"):
        db.search("headline", until="soon")
    with pytest.raises(QueryError, match="'free beer'"):
        db.export(access="free beer")


def test_copies_and_versions(db: Database, url: str) -> None:
    with Store.open(url) as store:
        store.keep(story(1, prose(9), fetched_at=NOON + 9 * HOUR))
    assert [(version.number, version.text) for version in db.versions("http://a.example/1")] == [
        (1, prose(1)),
        (2, prose(9)),
    ]
    assert [version.number for version in db.versions(2)] == [1]
    assert db.copies(2) == ()
    assert [copy.id for copy in db.copies(5)] == [each.id for each in db.story(5).copies]


def test_a_story_that_is_not_there(db: Database) -> None:
    for ask in (db.story, db.copies, db.versions):
        with pytest.raises(QueryError, match="there is no story 77"):
            ask(77)
        with pytest.raises(QueryError, match=r"there is no story https://a\.example/77"):
            ask("https://a.example/77")


# -- frames ------------------------------------------------------------------------------------------------------------

NEEDED = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed"))
    for name in ("pandas", "polars")
]


def frame_of(answer: Any, library: str) -> Any:
    return getattr(answer, f"to_{library}")()


@pytest.mark.parametrize("library", NEEDED)
@pytest.mark.parametrize("limit", [None, 1])
def test_a_frame_has_the_same_types_whatever_is_in_it(db: Database, library: str, limit: int | None) -> None:
    """Also where nothing is: a column of which nothing is known is none of objects."""
    some, none = db.stories(limit=limit), db.stories(until=NOON)
    found, empty = frame_of(some, library), frame_of(none, library)
    assert (len(found), len(empty)) == (limit or 5, 0)
    assert list(found.columns) == list(empty.columns)
    assert list(found.dtypes) == list(empty.dtypes)
    types = dict(zip(found.columns, map(str, found.dtypes), strict=True))
    assert "UTC" in types["gone"].upper()
    assert types["thread"].startswith("Int64")
    assert types["section"].lower() in {"string", "str"}


@pytest.mark.parametrize("library", NEEDED)
def test_a_frame_holds_what_the_rows_say(db: Database, library: str) -> None:
    frame = frame_of(db.stories(sort="oldest"), library)
    assert list(frame["title"]) == [f"Headline {number}" for number in range(1, 6)]
    assert list(frame["dated"]) == [NOON + number * HOUR for number in range(1, 6)]
    assert [list(names) for names in frame["authors"]] == [["Lena Holt"]] * 4 + [[]]
    assert list(frame["access"]) == ["free"] * 4 + ["unknown"]
    assert list(frame["cluster_size"]) == [2, 1, 1, 1, 2]
    texts = frame_of(db.export(site="b.example"), library)
    assert list(texts["text"]) == [edited(prose(1))]
    assert list(frame_of(db.search('"headline 3"'), library)["id"]) == [3]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_without_its_library(db: Database, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    hint = rf'a frame needs {library}\. Install it with: pip install "newsbot\[{library}\]"'
    with pytest.raises(ImportError, match=hint):
        frame_of(db.stories(), library)
