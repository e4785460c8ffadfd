"""Each benchmark that needs no peers runs, on little, and tells what came of it."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import archive, document, ingest, keeping, recognition, search, serving
from benchmarks.crawls import Crawl, served
from benchmarks.extraction import Read, compared, golds, read_by
from benchmarks.filling import fill_sqlite
from benchmarks.measuring import Failed, spent
from benchmarks.results import Figure
from benchmarks.scoring import Said
from newsbot.store import Store
from tests.databases import NoServer

STORIES = 400


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Filled with made-up stories."""
    file = tmp_path_factory.mktemp("filled") / "newsbot.db"
    fill_sqlite(file, STORIES)
    return file


def test_extraction(pages: Path) -> None:
    known = golds(pages)
    ours = read_by("newsbot", pages)
    assert set(ours.said) == {each.url for each in known}
    clumsy = Read({each.url: Said(each.paragraphs[0]) for each in known}, dict.fromkeys(ours.cost, 0.5))
    few = Read(dict(list(clumsy.said.items())[:1]), dict(list(clumsy.cost.items())[:1]))
    result = compared(known, {"newsbot": [ours, ours], "clumsy": [clumsy, clumsy], "Fundus": [few, few]})
    rows = {row[0]: row[1:] for row in result.table("summary").rows}
    assert rows["newsbot"][:3] == (1.0, 0, 0)
    assert rows["clumsy"][1:3] == (0, 6)
    assert rows["newsbot"][-1] is None
    assert isinstance(rows["clumsy"][-1], Figure)
    assert [row[:2] for row in result.table("fundus").rows] == [("newsbot", 1), ("Fundus", 1)]
    assert {row[0]: row[1:4] for row in result.table("fields").rows}["newsbot"] == (1, 1, 1)
    assert document.whole(result)


def test_a_page_on_which_an_extractor_fails_counts_for_none(pages: Path) -> None:
    known = golds(pages)
    whole = Read({each.url: Said("\n".join(each.paragraphs)) for each in known}, {each.url: 0.5 for each in known})
    failing = Read({**whole.said, known[0].url: None}, whole.cost)
    result = compared(known, {"newsbot": [whole], "failing": [failing]})
    assert result.table("summary").title == "2 pages"
    assert [row[1:4] for row in result.table("summary").rows] == [(1.0, 0, 0), (1.0, 0, 0)]
    assert any("failing failed on 1 of the pages" in remark for remark in result.remarks)


def test_crawls_again_ask_for_what_is_new(tmp_path: Path) -> None:
    with served(None, sites=2, stories=3) as web:
        spent_, stories = Crawl(web, tmp_path).end()
        first = web.served()
        assert (stories, first.stories) == (6, 6)
        assert spent_.cpu > 0
        Crawl(web, tmp_path).end()
        again = web.served()
        assert again.stories == first.stories
        web.later(1)
        assert Crawl(web, tmp_path).end()[1] == 8
        assert web.served().stories == first.stories + 2


def test_a_plain_spider_crawls_the_same(tmp_path: Path) -> None:
    with served(None, sites=2, stories=3) as web:
        feeds = [f"http://{host}/feed.xml" for host in web.hosts]
        command = [sys.executable, "-m", "benchmarks.plainspiders", "lxml", "", *feeds]
        took = spent(command, {"http_proxy": web.proxy})
        assert int(took.said) == web.served().stories == 6


def test_a_process_that_fails_says_so() -> None:
    with pytest.raises(Failed, match="ended with 3: gone"):
        spent([sys.executable, "-c", "import sys; sys.stderr.write('gone'); sys.exit(3)"])


def test_likeness(tmp_path: Path) -> None:
    told = [" ".join(f"word{n * seed % 997}" for n in range(1, 200)) for seed in (3, 5)]
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps({"title": "", "text": text}) + "\n" for text in (*told, told[0])), "utf-8")
    said = spent([sys.executable, "-m", "benchmarks.likeness", "newsbot", str(file)]).said
    assert [sorted(group) for group in json.loads(said)["groups"]] == [[0, 2]]


def test_search_and_serving(database: Path) -> None:
    before = database.stat().st_mtime_ns
    found = search.run([str(database)], rounds=2)
    assert f"SQLite, {STORIES}, ms" in found.table("cpu").columns
    assert len(found.table("cpu").rows) > 30
    pages = serving.run(database, crowd=0)
    assert len(pages.table("pages").rows) > 10
    assert database.stat().st_mtime_ns == before


def test_a_database_of_an_earlier_schema_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with Store.open(f"sqlite:///{file}"):
        pass
    with closing(sqlite3.connect(file)) as base:
        base.execute("UPDATE newsbot_version SET version_num = '0001'")
        base.commit()
    with pytest.raises(Failed, match=r"has the schema 0001, not \d{4}: it is only read here; `newsbot db upgrade` it"):
        search.run([str(file)], rounds=1)
    with closing(sqlite3.connect(file)) as base:
        assert base.execute("SELECT version_num FROM newsbot_version").fetchone() == ("0001",)


def test_keeping_and_recognition() -> None:
    try:
        kept = keeping.run(30)
    except NoServer as error:
        pytest.skip(str(error))
    assert {row[0] for row in kept.table("cost").rows} == {"SQLite", "PostgreSQL"}
    found = recognition.run(large=200, fresh=10, small=100)
    assert len(found.table("cost").rows) == 8


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # warcio leaves its spools open
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
def test_archive(pages: Path, tmp_path: Path) -> None:
    result = archive.run(pages, rounds=1)
    assert [row[1] for row in result.table("reprocess").rows] == [3, 3]
    assert ingest.archive(pages, tmp_path / "pages.warc.gz", passes=2) == 6
