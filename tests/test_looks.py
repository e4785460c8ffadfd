"""When a story is looked at again."""

from datetime import UTC, datetime, timedelta

import pytest

from newsbot.looks import LOOKS, next_look, span, spelled

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AGES = [span(look) for look in LOOKS]


def test_a_story_is_looked_at_at_each_age_once_and_then_no_more() -> None:
    looks = []
    now = NOON
    while (due := next_look(NOON, now, AGES)) is not None:
        looks.append(due - NOON)
        now = due
    assert looks == [timedelta(minutes=30), timedelta(hours=3), timedelta(days=1), timedelta(days=7)]


def test_a_story_found_late_is_looked_at_as_old_as_it_is() -> None:
    assert next_look(NOON, NOON + timedelta(hours=5), AGES) == NOON + timedelta(days=1)
    assert next_look(NOON, NOON + timedelta(days=8), AGES) is None


def test_a_site_may_want_none() -> None:
    assert next_look(NOON, NOON, []) is None


@pytest.mark.parametrize("text", ["", "soon", "0m", "3", "5w", "-3h", "367d", "1.5h"])
def test_what_is_no_age_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="30m, 3h or 7d"):
        span(text)


@pytest.mark.parametrize("text", ["1m", "30m", "90m", "3h", "25h", "1d", "366d"])
def test_an_age_is_spelled_as_it_is_read(text: str) -> None:
    assert spelled(span(text)) == text
    assert spelled(span("60m")) == "1h"
    assert spelled(span("1440m")) == spelled(span("24h")) == "1d"
