"""Pages as wholes: what a site's file says about them, and that no page at all is too much."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from newsbot.extract import Selectors, extract
from newsbot.extract.blocks import Found, Node
from newsbot.items import Article, BlockKind, Verdict
from tests.extract.pages import STANDFIRST, STORY, TITLE, URL, article, json_ld, node, page, paragraphs, read

OTHER = tuple(f"Paragraph {n} of what looks far more like the story than the story does, to anybody." for n in range(9))


# -- a site's file -----------------------------------------------------------------------------------------------------


def test_selectors_win_over_everything_that_the_page_says() -> None:
    said = node(
        author="Tom Reed", datePublished="2026-03-01T08:00:00Z", description="Of goats.", articleBody=" ".join(OTHER)
    )
    html = page(
        f"""<article><h1>Another headline</h1><div class="article-body">{paragraphs(*OTHER)}</div></article>
        <div id="x"><b class="t">{TITLE}</b> <i class="s">{STANDFIRST}</i> <u class="a">By Ida Quill</u>
        <time class="p" datetime="2026-03-02T08:00:00+02:00">Monday</time>
        <section class="b">{paragraphs()}</section></div>""",
        json_ld(said),
        title="Another headline",
    )
    found = read(html, select=Selectors("#x .b", "#x .t", "#x .s", "#x .a", "#x .p"))
    assert found.title == TITLE
    assert found.standfirst == STANDFIRST
    assert found.authors == ("Ida Quill",)
    assert found.published is not None
    assert found.published.isoformat() == "2026-03-02T08:00:00+02:00"
    assert found.paragraphs == (STANDFIRST, *STORY)


def test_selectors_that_match_nothing_leave_it_to_the_page() -> None:
    html = article(head=json_ld(node(author="Ida Quill", datePublished="2026-03-02")))
    assert read(html, select=Selectors("#no", "#no", "#no", "#no", "#no", ("#no",))) == read(html)


def test_what_is_removed_is_gone_before_anything_is_read() -> None:
    box = '<div class="box"><p>A letter each morning, free of charge.</p></div>'
    heads = '<h1 class="series">The ferry to Grey Island</h1><h1>The ferry is back</h1>'
    html = page(f'{heads}<div class="a">{box}{paragraphs()}</div>')
    assert read(html, select=Selectors(body=".a")).title == "The ferry to Grey Island"
    found = read(html, select=Selectors(body=".a", remove=(".box", ".series", "h1.series", ".box p")))
    assert found.title == "The ferry is back"
    assert found.paragraphs == STORY


def test_removing_everything_leaves_nothing() -> None:
    assert read(article(), select=Selectors(remove=("*",))).verdict is Verdict.EMPTY


def test_a_body_in_several_places_is_put_together_in_order() -> None:
    html = page(f'<p class="b">{STORY[0]}</p><p>{OTHER[0]}</p><p class="b">{STORY[1]}</p>')
    assert read(html, select=Selectors(body=".b")).paragraphs == STORY[:2]


def test_a_body_within_a_body_is_read_once() -> None:
    html = page(f'<div class="text"><p>{STORY[0]}</p><div class="text">{paragraphs(*STORY[1:])}</div></div>')
    assert read(html, select=Selectors(body=".text")).paragraphs == STORY


def test_a_standfirst_within_the_body_is_read_once() -> None:
    html = page(f'<div class="text"><p class="lead">{STANDFIRST}</p>{paragraphs()}</div>')
    found = read(html, select=Selectors(body=".text", standfirst=".lead"))
    assert found.standfirst == STANDFIRST
    assert found.paragraphs == (STANDFIRST, *STORY)


def test_boxes_in_a_body_that_is_named_are_left_out_by_their_own_names() -> None:
    box = '<div class="newsletter"><p>A letter each morning, free of charge.</p></div>'
    html = page(f'<div class="text">{paragraphs(*STORY[:2])}{box}{paragraphs(*STORY[2:])}</div>')
    assert read(html, select=Selectors(body=".text")).paragraphs == STORY


# -- any page ----------------------------------------------------------------------------------------------------------


def sound(found: Article) -> None:
    """What holds for any article."""
    assert found.url == URL
    for block in found.blocks:
        assert block.text.strip()
        assert 0 <= block.link_density <= 1
    assert found.paragraphs == tuple(b.text for b in found.blocks if b.kind is not BlockKind.CAPTION and not b.dropped)
    for text in (found.title, found.standfirst, found.section, *found.tags, *found.authors, found.text):
        assert text is None or text.encode() or text == ""


pieces = st.sampled_from(
    [
        *STORY,
        TITLE,
        "<p>",
        "</p>",
        "<div class='related'>",
        "</div>",
        "<article>",
        "</article>",
        "<h1>",
        "</h1>",
        "<table><tr><td>",
        "</table>",
        "<form>",
        "<br><br>",
        "<a href='http://['>",
        "</a>",
        "<figure><figcaption>",
        "</figure>",
        "<svg>",
        "<math>",
        "<title>",
        "<base href='http://['>",
        "<link rel=canonical href='//['>",
        "<meta charset=hex>",
        "<meta name=author content='By '>",
        "<meta property=article:published_time content='2026'>",
        "<script type=application/ld+json>",
        '{"@type":"NewsArticle","author":[[{"name":',
        "</script>",
        "<!--",
        "]]>",
        "&#xD800;",
        "&#0;",
        "\0",
        "<",
        "<html><body>",
        "</body></html>",
        "<template>",
        "<frameset>",
    ]
)


@given(st.binary())
def test_any_bytes_are_an_article(body: bytes) -> None:
    sound(read(body))


@given(st.text())
def test_any_text_is_an_article(text: str) -> None:
    sound(read(text))


@given(st.lists(pieces | st.text(max_size=5), max_size=40).map("".join), st.sampled_from(["utf-8", "utf-16", "cp1251"]))
def test_any_soup_is_an_article(soup: str, charset: str) -> None:
    sound(read(soup))
    sound(read(soup.encode(charset, "replace")))


@given(st.permutations(STORY), st.sampled_from(["p", "div", "section", "blockquote"]))
def test_paragraphs_come_in_the_order_of_the_page(order: list[str], tag: str) -> None:
    body = "".join(f"<{tag}>{text}</{tag}>" for text in order)
    assert read(page(f"<article><h1>{TITLE}</h1>{body}</article>")).paragraphs == tuple(order)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + paragraphs(),
        f"<div>{STORY[0]}" * 20_000,
        "<b><i>" * 20_000 + STORY[0],
        "".join(f"<p {' '.join(f'data-{a}=x' for a in range(100))}>{STORY[0]}</p>" for _ in range(1_000)),
        f'<div class="{"a-b " * 50_000}">{paragraphs()}</div>',
        f'<meta name="author" content="{"(" * 100_000}">{paragraphs()}',
        f'<meta name="keywords" content="{"a, " * 100_000}">{paragraphs()}',
        json_ld('{"a":' * 100_000) + paragraphs(),
        json_ld('{"@type":"NewsArticle","author":' + "[" * 900 + "]" * 900 + "}") + paragraphs(),
        "<table><tr><td>" * 5_000 + paragraphs(),
        f'<a href="/">{STORY[0]}</a>' * 10_000,
        "<" * 100_000,
        "\0" * 100_000 + paragraphs(),
    ],
    ids=lambda html: html[:20],
)
def test_pages_beyond_measure_are_answered(html: str) -> None:
    sound(extract(html, URL))


def test_nul_bytes_in_a_story_are_not_there() -> None:
    assert read(article().replace("ferry", "fer\0ry").encode()).paragraphs == STORY


def test_what_a_page_took_is_free_at_once() -> None:
    """A reader looks for garbage seldom: a page that waited for it would hold its tree until then."""
    html = article()
    extract(html, URL)
    gc.collect()
    gc.disable()
    try:
        extract(html, URL)
        assert not [each for each in gc.get_objects() if isinstance(each, (Node, Found, etree._Element))]
    finally:
        gc.enable()
