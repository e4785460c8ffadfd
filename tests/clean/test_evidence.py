"""Who speaks to whom: what a block says, by how much of it there is, and what is only quoted or reported."""

from __future__ import annotations

import pytest

from newsbot.clean import clean
from newsbot.items import Profile

ASK = "Make a donation today and support our work."
FILLER = "It has printed the tides, the births and the deaths of this valley since the year of the great flood."


def is_removed(text: str, site_name: str = "") -> bool:
    return bool(clean([text], Profile(site_name=site_name)).removed)


@pytest.mark.parametrize("sentences", [0, 1, 3, 5, 8])
def test_an_appeal_goes_however_much_it_tells_of_itself(sentences: int) -> None:
    assert is_removed(" ".join([ASK, *[FILLER] * sentences]))


def test_what_is_quoted_is_said_by_nobody_here() -> None:
    for before, after in [("“", "”"), ("„", "“"), ("«", "»"), ("»", "«"), ('"', '"'), ("「", "」"), ("『", "』")]:
        assert not is_removed(f"On the wall of the mill it said {before}{ASK}{after} in letters of red paint."), before
    assert is_removed(f"“The Gazette”: {ASK}"), "what stands beside the quotation counts"


def test_who_reports_about_appeals_makes_none() -> None:
    assert not is_removed(
        "The museum said on Friday that it had received a donation of two million euros from a widow."
    )
    assert not is_removed("The paper's newsletter has 4,000 subscribers, its editor told the council on Monday.")


def test_a_label_is_short() -> None:
    label = "Read more: "
    assert is_removed(label + "How the quay was saved")
    assert not is_removed(label + FILLER + " " + FILLER)


def test_each_removal_names_the_words_that_spoke_for_it_three_at_most() -> None:
    (removed,) = clean([f"{ASK} Support us. Donate now, and become a member of our circle of friends today!"]).removed
    assert removed.why == "words: donation (make a donation, support our work, support)"
