"""Live blogs: their entries and their times."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.live import Entry, entries
from newsbot.items import BlockKind, Live, Verdict
from tests.extract.pages import STORY, TITLE, URL, json_ld, node, page, paragraphs, read


def update(n: int, text: str, **fields: Any) -> dict[str, Any]:
    return {
        "@type": "BlogPosting",
        "headline": f"At {n} o'clock",
        "articleBody": text,
        "datePublished": f"2026-03-02T{n:02}:00:00+01:00",
        **fields,
    }


NEWEST_FIRST = [update(18 - n, text) for n, text in enumerate(STORY)]
TIMES = {"coverageStartTime": "2026-03-02T08:00:00Z", "coverageEndTime": "2026-03-02T20:00:00Z"}
OLDEST, NEWEST = datetime(2026, 3, 2, 14, tzinfo=UTC), datetime(2026, 3, 2, 17, tzinfo=UTC)


def live(**fields: Any) -> dict[str, Any]:
    return node(**{"@type": "LiveBlogPosting"} | fields)


def posts(times: list[str], texts: tuple[str, ...] = STORY) -> str:
    return "".join(
        f"<section class='post'><time datetime='{t}'>now</time><p>{text}</p></section>"
        for t, text in zip(times, texts, strict=True)
    )


def test_entries_in_their_order() -> None:
    found = entries(live(liveBlogUpdate=NEWEST_FIRST))
    assert [entry.text for entry in found] == list(STORY)
    assert found[0] == Entry("At 18 o'clock", STORY[0], NEWEST)


def test_an_entry_alone_and_entries_without_half_of_it() -> None:
    assert [e.text for e in entries(live(liveBlogUpdate=NEWEST_FIRST[0]))] == [STORY[0]]
    odd = [
        {},
        None,
        4,
        {"headline": "Goats", "datePublished": 12},
        {"articleBody": f"<p>{STORY[0]}</p><p>{STORY[1]}</p>"},
    ]
    assert entries(live(liveBlogUpdate=odd)) == (
        Entry("Goats", "", None),
        Entry("", f"{STORY[0]}\n{STORY[1]}", None),
    )
    assert entries({}) == ()


def test_a_page_tells_how_many_entries_it_has_and_of_when() -> None:
    head = json_ld(live(liveBlogUpdate=NEWEST_FIRST, **TIMES))
    assert read(page(paragraphs(), head)).live == Live(4, OLDEST, NEWEST)


def test_a_live_blog_beside_the_story_s_own_node() -> None:
    head = json_ld([node(author="Ida Quill", datePublished="2026-03-02"), live(liveBlogUpdate=NEWEST_FIRST)])
    assert read(page(paragraphs(), head)).live == Live(4, OLDEST, NEWEST)
    head = json_ld([node(url=URL), live(headline="Another", url="/other", liveBlogUpdate=NEWEST_FIRST)])
    assert read(page(paragraphs(), head)).live is None


def test_a_story_is_no_live_blog() -> None:
    times = [f"2026-03-0{n}" for n in range(1, 5)]
    assert read(page(posts(times), json_ld(node()))).live is None


def test_another_live_blog_that_is_only_pointed_to_is_not_the_page_s() -> None:
    story = {"@type": "NewsArticle", "url": URL, "author": {"name": "Ann Reed"}}
    other = {"@type": "LiveBlogPosting", "url": "https://www.harbour-gazette.example/storm"}
    assert read(page(f"<article>{paragraphs()}</article>", json_ld([story, other]))).live is None


def test_without_entries_the_posts_on_the_page_are_counted() -> None:
    times = ["2026-03-02T18:00:00+01:00", "2026-03-02T16:30", "2026-03-02", "2026-03-02T15:00:00+01:00"]
    found = read(page(f"<time datetime='2026-03-09'>top</time>{posts(times)}", json_ld(live()))).live
    assert found == Live(4, date(2026, 3, 2), NEWEST)


def test_without_times_the_coverage_bounds_them() -> None:
    untimed = [{k: v for k, v in entry.items() if k != "datePublished"} for entry in NEWEST_FIRST]
    found = read(page(paragraphs(), json_ld(live(liveBlogUpdate=untimed, **TIMES)))).live
    assert found == Live(4, datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 20, tzinfo=UTC))
    assert read(page(paragraphs(), json_ld(live()))).live == Live(0)


def test_entries_that_only_a_script_shows_become_the_body() -> None:
    found = read(page(f"<h1>{TITLE}</h1><div id='app'></div>", json_ld(live(liveBlogUpdate=NEWEST_FIRST))))
    assert found.verdict is Verdict.STORY
    assert [b.text for b in found.blocks if b.kind is BlockKind.PARAGRAPH] == list(STORY)
    assert [b.text for b in found.blocks if b.kind is BlockKind.HEADING] == [f"At {18 - n} o'clock" for n in range(4)]


def test_what_the_page_says_before_them_stays() -> None:
    intro = "All day long the town waited on the pier for the boat, with flags, goats and a brass band."
    html = page(f"<article><h1>{TITLE}</h1><p>{intro}</p></article>", json_ld(live(liveBlogUpdate=NEWEST_FIRST)))
    assert read(html).paragraphs[0] == intro
    assert set(STORY) <= set(read(html).paragraphs)


def test_entries_that_the_page_shows_are_not_said_twice() -> None:
    html = page(f"<article><h1>{TITLE}</h1>{paragraphs()}</article>", json_ld(live(liveBlogUpdate=NEWEST_FIRST)))
    assert read(html).paragraphs == STORY


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=9
    )
)
def test_any_value_is_answered(value: Any) -> None:
    entries({"@type": "LiveBlogPosting", "liveBlogUpdate": value})
    entries(
        {
            "@type": "LiveBlogPosting",
            "liveBlogUpdate": [{"headline": value, "articleBody": value, "datePublished": value}],
        }
    )
