"""Of the titles that a page gives itself, the headline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.titles import Site, choose, without_extra, without_site
from tests.extract.pages import TITLE

SITE = Site.of(["The Harbour Gazette (www.gazette.example)", "灰港新聞"], "www.harbour-gazette.co.uk")


@pytest.mark.parametrize(
    "title",
    [
        TITLE,
        f"{TITLE} | Harbour Gazette",
        f"{TITLE} - The Harbour Gazette",
        f"{TITLE} – harbour-gazette.co.uk",
        f"{TITLE} — HARBOURGAZETTE",
        f"{TITLE} | Town | Harbour Gazette",
        f"{TITLE} - Town news from the Harbour Gazette",
        f"{TITLE} / Harbour Gazette",
        f"{TITLE} « Harbour Gazette",
        f"{TITLE}：灰港新聞",
        f"{TITLE}｜灰港新聞デジタル",
        f"Harbour Gazette: {TITLE}".replace(":", " :"),
        f"Harbour Gazette | {TITLE}",
        f"Harbour Gazette - {TITLE} - Harbour Gazette",
    ],
)
def test_the_sites_name_is_no_part_of_a_title(title: str) -> None:
    bare = without_site(title, SITE)
    assert without_extra(bare, [TITLE]) == TITLE


@pytest.mark.parametrize(
    "title",
    [
        "Ferry back - goats first",
        "BUDGET | Who pays for the ramp",
        "Ferry: the Harbour Gazette asks the captain",
        "Why the Gazette - and others - were wrong about the ferry to Grey Island and its new engine from the north",
        "灰港の渡し船：四週間ぶりに再開",
        "Home-made - a harbour story",
    ],
)
def test_what_only_looks_like_a_sites_name_stays(title: str) -> None:
    assert without_site(title, SITE) == title


def test_a_short_host_is_a_name_only_when_it_stands_alone() -> None:
    site = Site.of([], "www.hg.example")
    assert without_site(f"{TITLE} | HG", site) == TITLE
    assert without_site("Ferry back | the thought of HGV drivers", site) == "Ferry back | the thought of HGV drivers"


@pytest.mark.parametrize(
    ("social", "headline", "headings", "window", "title"),
    [
        # One title, with this and that around it.
        (TITLE, TITLE, [TITLE], f"{TITLE} | Harbour Gazette", TITLE),
        (f"{TITLE} - Harbour Gazette", None, [], None, TITLE),
        (None, f"{TITLE} - Harbour Gazette", [TITLE], None, TITLE),
        (None, None, ["Harbour Gazette", TITLE], f"{TITLE} | HG", TITLE),
        (None, None, [], f"{TITLE} | Harbour Gazette", TITLE),
        (f"{TITLE} | Town", TITLE, [], None, TITLE),
        # The heading has the line above the headline in it, or another word before.
        (TITLE, f"After the storm: {TITLE}", [f"After the storm {TITLE}"], None, TITLE),
        # Something is cut short.
        (None, TITLE[:18], [TITLE], "Gazette", TITLE),
        (None, TITLE[:20] + "…", [TITLE], None, TITLE),
        (TITLE[:20] + "...", TITLE, [TITLE], None, TITLE),
        (TITLE[:20] + " [...]", None, [], f"{TITLE} | Harbour Gazette", TITLE),
        # A whole title for sharing that is another than the headline; one made by a pattern.
        ("Forty people and two goats", TITLE, [TITLE], TITLE, "Forty people and two goats"),
        ("Grey Island ferry is back today - Harbour Gazette", TITLE, [TITLE], None, TITLE),
        # A title for sharing that is the site's for every page.
        ("The Harbour Gazette", TITLE, [TITLE], None, TITLE),
        ("Harbour Gazette | Harbour Gazette", None, [TITLE, "Most read"], TITLE, TITLE),
        # Nothing else is there.
        (None, None, ["Harbour Gazette"], "Harbour Gazette", "Harbour Gazette"),
        (None, None, [], None, None),
    ],
)
def test_the_headline(
    social: str | None, headline: str | None, headings: list[str], window: str | None, title: str | None
) -> None:
    assert choose(social, headline, headings, window, SITE) == title


def test_a_heading_without_spaces_is_known_again() -> None:
    title = "灰色島への渡し船が四週間ぶりに再開"
    assert choose(None, None, ["特集", title], f"{title}｜灰港新聞", SITE) == title


texts = (
    st.none() | st.text(max_size=60) | st.sampled_from((TITLE, f"{TITLE} | Harbour Gazette", " - ", "Harbour Gazette"))
)


@given(texts, texts, st.lists(st.text(min_size=1, max_size=40), max_size=3), texts)
def test_a_title_is_part_of_one_that_the_page_gives(
    social: str | None, headline: str | None, headings: list[str], window: str | None
) -> None:
    title = choose(social, headline, headings, window, SITE)
    assert not title or any(title in text for text in (social, headline, *headings, window) if text)
