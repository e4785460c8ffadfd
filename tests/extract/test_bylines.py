"""Who wrote a story and when, where only the page itself says it to its readers."""

from __future__ import annotations

import pytest

from tests.extract.pages import STORY, TITLE, URL, article, json_ld, node, page, paragraphs, read

LONG = f"{STORY[0]} {STORY[1]}"


def under_the_title(line: str, after: str = "") -> str:
    return page(f"<main><h1>{TITLE}</h1>{line}<div>{paragraphs(*[LONG] * 4)}{after}</div></main>")


@pytest.mark.parametrize(
    ("line", "people"),
    [
        (
            '<div class="authors"><a href="/ida">Ida Quill</a><a href="/tom">Tom Reed</a></div>',
            ("Ida Quill", "Tom Reed"),
        ),
        ('<p class="byline">By <b>Ida Quill</b> and Tom Reed, 2 March 2026</p>', ("Ida Quill", "Tom Reed")),
        ('<div class="authors"><i>Weekend</i> <span>von Ida Quill</span> <time>2. März</time></div>', ("Ida Quill",)),
        ('<span class="byline">By Ida Quill</span><span class="byline">By Tom Reed</span>', ("Ida Quill", "Tom Reed")),
        (
            '<ul><li><a rel="author">Ida Quill</a></li><li><a rel="author">Tom Reed</a></li></ul>',
            ("Ida Quill", "Tom Reed"),
        ),
        ('<div class="author">Ida Quill</div><section><div class="author">Tom Reed</div></section>', ("Ida Quill",)),
        ('<div id="story-author"><a>Ida Quill</a></div>', ("Ida Quill",)),
        ('<div class="author">Ida Quill March 2, 2026</div>', ("Ida Quill",)),
        ('<p class="author">Ida Quill writes from Greyport</p>', ()),
        ('<p class="author">Photo: Ida Quill</p>', ()),
        ("<p>Von Ida Quill, 02.03.2026, 8:15 Uhr</p>", ("Ida Quill",)),
        ("<p>Mo 02.03.26 | 08:15 Uhr | Von Ida Quill</p>", ("Ida Quill",)),
        ("<p>Por Ida Quill y Tom Reed</p>", ("Ida Quill", "Tom Reed")),
        ("<p>Oleh Ida Quill</p>", ("Ida Quill",)),
        ("<div>Ida Quill</div><div>2 March 2026</div>", ("Ida Quill",)),
        ("<div>2 March 2026 08:15</div><div>Ida van der Quill</div>", ("Ida van der Quill",)),
        ("<div>Ida Quill 2 March 2026</div>", ("Ida Quill",)),
        ("<div>Monday 2 March 2026</div><div>3 min read</div>", ()),
        ("<div>Ida Quill</div>", ()),
        ("<p>By the time it left, the ferry was full</p>", ()),
        ("<p>Von der Fähre ist wenig geblieben</p>", ()),
        ("<p>나루터 기자 ferry@gazette.example</p>", ("나루터",)),
    ],
)
def test_people_under_the_title(line: str, people: tuple[str, ...]) -> None:
    assert read(under_the_title(line)).authors == people


@pytest.mark.parametrize(
    ("after", "people"),
    [
        ("<ul><li>Autorin/Autor Ida Quill</li></ul>", ("Ida Quill",)),
        ("<p style='text-align: right'>Ida Quill</p>", ("Ida Quill",)),
        ("<p><strong>Ida Quill</strong></p>", ("Ida Quill",)),
        ("<p>（责编：葦原、白鳥）</p>", ("葦原", "白鳥")),
        ("<p>Ida Quill</p>", ()),
        ("<p><strong><a href='/more'>Read More</a></strong></p>", ()),
        ('<div class="comment"><span class="comment-author">Tom Reed</span> Good boat.</div>', ()),
        ('<article><p class="byline">By Tom Reed</p><h2>Goats on board</h2></article>', ()),
        ('<aside><a rel="author">Tom Reed</a></aside>', ()),
        ('<div class="related"><p class="byline">By Tom Reed</p></div>', ()),
    ],
)
def test_people_below_the_story(after: str, people: tuple[str, ...]) -> None:
    assert read(under_the_title("", after)).authors == people


def test_the_byline_names_the_people_where_the_metadata_only_name_the_paper() -> None:
    gazette = {"@type": "Organization", "name": "The Harbour Gazette"}
    story = node(author=gazette, publisher=gazette)
    assert read(article('<p class="byline">By Ida Quill</p>', json_ld(story))).authors == ("Ida Quill",)
    assert read(article("", json_ld(story))).authors == ("The Harbour Gazette",)
    written = json_ld(node(author={"name": "Tom Reed"}, publisher=gazette))
    assert read(article('<p class="byline">By Ida Quill</p>', written)).authors == ("Tom Reed",)


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("<p>02.03.2026</p>", "2026-03-02"),
        ("<p>erstellt: 2. März 2026, 8:15 in: Stadt | Kommentare: 0</p>", "2026-03-02T08:15:00"),
        ("<p>2026年3月2日 8時15分</p>", "2026-03-02T08:15:00"),
        ("<p>기사입력 :[ 2026-03-02 08:15 ]</p>", "2026-03-02T08:15:00"),
        ("<p>Thứ hai, 22/3/2026, 08:15 (GMT+7)</p>", "2026-03-22T08:15:00+07:00"),
        ("<figure><img><figcaption>The ferry on 1 March 2026</figcaption></figure><p>2 March 2026</p>", "2026-03-02"),
        ("<p>On 1 March 2026 the ferry was still in the dock, and nobody knew.</p><p>2 March 2026</p>", "2026-03-02"),
        ("<p>3/2/2026</p>", None),
        ("", None),
    ],
)
def test_the_day_under_the_title(line: str, moment: str | None) -> None:
    found = read(under_the_title(line)).published
    assert (found.isoformat() if found else None) == moment


def test_the_day_in_a_line_that_says_it_is_the_date() -> None:
    found = read(under_the_title("", "<ul><li>A boat 1.3.2026</li><li>Datum 02.03.2026</li></ul>")).published
    assert found is not None
    assert found.isoformat() == "2026-03-02"


def test_metadata_know_the_day_better_than_a_line() -> None:
    head = '<meta property="article:published_time" content="2026-03-01T08:00:00Z">'
    html = page(f"<main><h1>{TITLE}</h1><p>2 March 2026</p>{paragraphs()}</main>", head)
    found = read(html, URL).published
    assert found is not None
    assert found.isoformat() == "2026-03-01T08:00:00+00:00"
