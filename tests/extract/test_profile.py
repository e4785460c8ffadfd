"""What a site's other pages teach about the next one."""

from __future__ import annotations

import pytest

from newsbot.extract import extract, learn
from newsbot.items import Article, Profile
from tests.extract.pages import STORY, TITLE, URL, page, paragraphs

BOX = "The harbour's weather is made by the lighthouse, which has a page of its own for sailors."
OTHERS = (
    (
        "The council has bought a second ramp for the pier, and nobody knows yet where it is to stand in winter.",
        "Three offers came in, of which the cheapest was also the only one that came on paper and in time.",
        "A decision is due in March, when the ice is gone and the builders are back from the mainland.",
    ),
    (
        "Herring is back in the bay after nine years, and with it came more gulls than anybody could count.",
        "The fishers landed forty tons in a week, as much as in the whole of the last good year before.",
        "Prices fell by half on Friday, and the smokehouse has taken on two more hands for the season.",
    ),
)


def site_page(texts: tuple[str, ...], title: str, box: str = BOX) -> str:
    body = f"{paragraphs(*texts[:2])}<p>{box}</p>{paragraphs(*texts[2:])}"
    return page(f"<main><h1>{title}</h1><div class='c-7'>{body}</div></main>")


def earlier(box: str = BOX) -> list[Article]:
    return [extract(site_page(texts, f"Story {n}", box), f"{URL}-{n}") for n, texts in enumerate(OTHERS)]


def test_a_block_of_other_stories_is_none_of_this_one() -> None:
    html = site_page(STORY, TITLE)
    assert BOX in extract(html, URL).paragraphs
    known = learn(earlier())
    found = extract(html, URL, known)
    assert found.paragraphs == STORY
    assert [block.dropped for block in found.blocks if block.text == BOX] == [
        "judged: stands on other stories of the site"
    ]


def test_a_long_text_that_several_stories_tell_is_a_story_told_again() -> None:
    background = " ".join(OTHERS[0]) + " " + " ".join(OTHERS[1])
    known = learn(earlier(background))
    assert background in extract(site_page(STORY, TITLE, background), URL, known).paragraphs


def test_a_page_of_nothing_but_the_sites_own_text_says_nothing() -> None:
    notice = f"<main><h1>{TITLE}</h1><div class='c-7'><p>{BOX}</p></div></main>"
    assert extract(page(notice), URL, learn(earlier())).paragraphs == ()


def test_what_one_other_story_has_proves_nothing() -> None:
    assert BOX in extract(site_page(STORY, TITLE), URL, learn(earlier()[:1])).paragraphs


@pytest.mark.parametrize("box", ["Comments (12)", "COMMENTS (3)!"])
def test_numbers_and_case_make_no_other_block(box: str) -> None:
    text = "There are {} boats in the harbour of this town today, says its own small clock on the pier."
    known = learn(earlier(text.format(17)))
    assert text.format(4) not in extract(site_page(STORY, TITLE, text.format(4)), URL, known).paragraphs


def test_the_place_that_held_earlier_stories_is_looked_in() -> None:
    readers = paragraphs(*OTHERS[1][:2])
    html = page(
        f"<main><h1>{TITLE}</h1><div class='own'>{paragraphs()}</div><div class='letters'>{readers}</div></main>"
    )
    known = learn(
        extract(page(f"<main><h1>T{n}</h1><div class='own'>{paragraphs(*texts)}</div></main>"), f"{URL}-{n}")
        for n, texts in enumerate(OTHERS)
    )
    assert extract(html, URL).paragraphs == STORY + OTHERS[1][:2]
    assert extract(html, URL, known).paragraphs == STORY


def test_nothing_known_changes_nothing() -> None:
    html = site_page(STORY, TITLE)
    assert extract(html, URL, Profile()) == extract(html, URL) == extract(html, URL, learn([]))
