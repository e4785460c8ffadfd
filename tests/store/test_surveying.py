"""An answer as a whole: exact where it is small, and near enough where it is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import BigInteger, column, func, select, text

from newsbot.errors import QueryError, QueryTooSlow
from newsbot.items import Access
from newsbot.store import Filters, Reader, Store, StoryFull, surveying
from tests.store.build import HOUR, NOON, edited, prose, story

PAPERS = ("a.example", "b.example", "c.example")


@pytest.fixture
def papers(store: Store) -> Store:
    """Forty stories an hour apart, of three papers in turns; every second one speaks of herons; one is a copy."""
    for number in range(40):
        told = prose(number, 30) + ("\n\nA heron stood there." if number % 2 else "")
        filed: dict[str, Any] = {"language": ("en-gb", "de", None)[number % 3]}
        filed |= {"access": (Access.FREE, Access.UNKNOWN)[number % 2], "published": NOON - number * HOUR}
        store.keep(story(number, told, site=PAPERS[number % 3], **filed))
    store.keep(story(90, prose(90), site="a.example", published=NOON - 90 * HOUR))
    store.keep(story(91, edited(prose(90)), site="b.example", published=NOON - 89 * HOUR))
    return store


def test_a_small_answer_is_counted_exactly(papers: Store) -> None:
    found = papers.read.survey(Filters())
    assert (found.stories, found.exact) == (42, True)
    assert found.sites == {"a.example": 15, "b.example": 14, "c.example": 13}
    assert found.languages == {"en": 14, "de": 13, "": 15}
    assert found.access == {"free": 20, "unknown": 22}
    assert len(found.hours) == 42
    assert list(found.hours) == sorted(found.hours)
    assert found.hours[NOON - 3 * HOUR] == 1


def test_it_is_that_of_the_filters_and_the_search(papers: Store) -> None:
    for filters in (
        Filters(sites=["a.example"]),
        Filters(since=NOON - 10 * HOUR),
        Filters(since=NOON - 30 * HOUR, until=NOON - 5 * HOUR, language="en"),
        Filters(access="free"),
        Filters(copies=False),
    ):
        for query in (None, "heron", "heron OR correspondent"):
            found = papers.read.survey(filters, query)
            assert found.exact
            assert found.stories == papers.read.count(filters, query)
            assert sum(found.hours.values()) == sum(found.sites.values()) == found.stories


def test_page_and_order_do_not_count(papers: Store) -> None:
    page = papers.read.stories(Filters(limit=5))
    assert papers.read.survey(Filters(limit=5, after=page.next)).stories == 42


def test_of_a_database_without_stories(store: Store) -> None:
    assert store.read.survey(Filters()).stories == 0
    assert store.read.survey(Filters(), "heron").stories == 0


def test_what_is_malformed_is_refused(papers: Store) -> None:
    with pytest.raises(QueryError, match="nothing was ever crawled"):
        papers.read.survey(Filters(sites=["nowhere.example"]))
    with pytest.raises(QueryError):
        papers.read.survey(Filters(), '"open')


@pytest.mark.parametrize("scanned", [1_000, 19])
def test_a_large_answer_is_estimated(papers: Store, monkeypatch: pytest.MonkeyPatch, scanned: int) -> None:
    """With bounds so low, forty-two stories are many, whichever way they are chosen."""
    monkeypatch.setattr(surveying, "SAMPLE", 15)
    monkeypatch.setattr(surveying, "_ASKED", 15)
    monkeypatch.setattr(surveying, "_SCANNED", scanned)
    monkeypatch.setattr(surveying, "_WINDOWS", 6)
    for filters, query, there in (
        (Filters(), None, 42),
        (Filters(), "heron", 20),
        (Filters(until=NOON + HOUR), None, 42),
        (Filters(until=NOON + HOUR), "heron", 20),
    ):
        found = papers.read.survey(filters, query)
        assert not found.exact
        assert there / 2 < found.stories < there * 2
        assert found == papers.read.survey(filters, query), "the same question has the same answer"


def test_chance_takes_its_share_of_numbers_in_any_rhythm(store: Store) -> None:
    numbers = text("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n")
    counted = numbers.columns(column("i", BigInteger)).subquery()
    with store._engine.connect() as connection:
        for step in (1, 2, 7, 10, 64, 200):
            taken = select(func.count()).select_from(counted).where(surveying._by_chance(counted.c.i * step, 0.1))
            assert 1_900 < connection.execute(taken).scalar_one() < 2_100, step


def test_a_question_that_takes_too_long_is_cancelled(papers: Store, database: str) -> None:
    with (
        Reader.open(database, patience=0.0) as impatient,
        pytest.raises(QueryTooSlow, match="did not answer within 0 seconds"),
    ):
        _ask_much(impatient)
    with Reader.open(database, patience=60.0) as patient:
        assert patient.survey(Filters(until=NOON + timedelta(days=1))).stories == 42


def story_of(store: Store, number: int) -> StoryFull:
    found = store.read.story(number)
    assert found
    return found


def _ask_much(reader: Reader) -> None:
    """More than any database does in no time."""
    with reader._asking() as connection:
        many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
        connection.execute(text(f"{many} SELECT count(*) FROM n")).scalar_one()


def test_texts_are_given_by_number(papers: Store) -> None:
    rows = papers.read.stories(Filters(limit=3))
    texts = papers.read.texts([row.id for row in rows] + [999])
    assert set(texts) == {row.id for row in rows}
    assert all(
        texts[row.id] == prose(int(row.title.split()[1]), 30) for row in rows if int(row.title.split()[1]) % 2 == 0
    )


def test_copies_are_given_with_their_cluster_earliest_first(papers: Store) -> None:
    row = next(row for row in papers.read.stories(Filters()) if row.cluster)
    assert row.cluster
    (cluster, stories), *others = papers.read.folded([row.cluster, 999], 10).items()
    assert (cluster, others) == (row.cluster, [])
    assert [each.title for each in stories] == ["Headline 90", "Headline 91"]
    assert len(papers.read.folded([row.cluster], 1)[row.cluster]) == 1
