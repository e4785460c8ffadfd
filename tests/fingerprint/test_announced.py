"""Whether a page is the one that was announced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.fingerprint import tells

NOTICE = (
    "The paper is being looked after",
    "Our pages are out of order while the machines are mended. Try again in an hour, or call the desk by telephone.",
)


@pytest.mark.parametrize(
    ("announced", "title", "text", "told"),
    [
        ("Ice closes the harbour", "Harbour closed", "No ship sails before Friday.", True),
        ("Ice closes the HARBOUR", "Closed until Friday", "The harbour’s pilot measured again.", True),
        ("Ice closes the harbour", *NOTICE, False),
        ("Eis sperrt den Hafen", *NOTICE, False),
        ("氷で港が閉鎖", "港は金曜まで閉鎖", "船は出ない。", True),
        ("氷で港が閉鎖", *NOTICE, False),
        ("", *NOTICE, True),
        ("And so on", *NOTICE, True),
        ("Ice closes the harbour", "", "", False),
    ],
)
def test_a_page_tells_what_was_announced_if_it_has_a_word_of_it(
    announced: str, title: str, text: str, told: bool
) -> None:
    assert tells(announced, title, text) is told


@given(st.text(), st.text(), st.text())
def test_a_page_always_tells_its_own_title(title: str, before: str, after: str) -> None:
    assert tells(title, title, after)
    assert tells(title, "", f"{before}\n{title}\n{after}")
