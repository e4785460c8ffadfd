"""A question and its address are the same thing twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.errors import QueryError
from newsbot.store import Filters, Sort
from newsbot.web.asking import LONGEST, MOST_SITES, Question

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_said = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(str.strip)


@given(st.builds(
    Question, q=_said, site=st.lists(_said.filter(bool), max_size=3).map(tuple), since=_said, language=_said, tag=_said,
    access=_said, copies=st.booleans(), sort=st.sampled_from([str(sort) for sort in Sort]),
))  # fmt: skip
def test_a_question_comes_back_from_its_address(asked: Question) -> None:
    assert Question.of(parse_qsl(asked.address(), keep_blank_values=True)) == asked


def test_what_is_empty_or_unknown_asks_for_nothing() -> None:
    assert Question.of([("q", " "), ("site", ""), ("since", ""), ("utm_source", "rss"), ("after", "x")]) == Question()
    assert Question().address() == ""
    assert Question().link("/") == "/"
    assert Question(q="a b").link("/", after="c") == "/?q=a+b&after=c"


def test_filters_are_those_of_the_command_line() -> None:
    asked = Question.of(
        [("site", "a.example"), ("site", "b.example"), ("since", "2d"), ("until", "2026-11-24"), ("copies", "1")]
    )
    assert asked.filters(NOW, limit=5) == Filters(
        sites=("a.example", "b.example"),
        since=datetime(2026, 11, 22, 12, tzinfo=UTC),
        until=datetime(2026, 11, 24, tzinfo=UTC),
        copies=True,
        limit=5,
    )


@pytest.mark.parametrize(
    "said", [{"since": "soon"}, {"access": "perhaps"}, {"sort": "best"}, {"since": "2026-11-24", "until": "2026-11-23"}]
)
def test_what_is_malformed_is_told(said: dict[str, Any]) -> None:
    with pytest.raises(QueryError):
        Question(**said).filters(NOW)


def test_there_are_bounds() -> None:
    with pytest.raises(QueryError, match="Shorten"):
        Question(author="x" * (LONGEST + 1))
    with pytest.raises(QueryError, match="fewer"):
        Question(site=tuple(f"{n}.example" for n in range(MOST_SITES + 1)))


def test_filters_are_taken_away_one_by_one() -> None:
    asked = Question(q="ferry", site=("a.example", "b.example"), tag="sea")
    assert asked.chosen == [("site", "a.example"), ("site", "b.example"), ("tag", "sea")]
    assert asked.without("site", "a.example").site == ("b.example",)
    assert asked.without("tag").chosen == asked.chosen[:2]
