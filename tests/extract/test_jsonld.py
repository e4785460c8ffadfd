"""JSON-LD as pages hold it: nested, broken, wrapped, and more than one story's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract import jsonld
from newsbot.extract.jsonld import address, load, nodes, story_node, string, types
from tests.extract.pages import TITLE, URL, article, json_ld, node, read

TEASED = {"@type": "NewsArticle", "headline": "Goats on board", "url": "https://www.harbour-gazette.example/goats"}


@pytest.mark.parametrize(
    "text",
    [
        '{"headline": "a b"}',
        '  \n{"headline": "a b"}\n ',
        '{"headline": "a\nb"}',
        '{"headline": "a\tb"}',
        '{"headline": "a b",}',
        '{"headline": "a b", }\n;',
        '<!-- {"headline": "a b"} -->',
        '//<![CDATA[\n{"headline": "a b"}\n//]]>',
        '<![CDATA[{"headline": "a b"}]]>',
        '/* <![CDATA[ */ {"headline": "a b"} /* ]]> */',
        '{"headline": "a b"}\n{"@type": "WebSite"}',
        "{&quot;headline&quot;: &quot;a b&quot;}",
    ],
)
def test_broken_scripts_are_mended(text: str) -> None:
    value = load(text)
    first = value[0] if isinstance(value, list) else value
    assert string(first["headline"]) == "a b"


@pytest.mark.parametrize(
    "break_it",
    [
        lambda text: text[:-1],
        lambda text: text[: text.index('"articleBody"') + 40],
        lambda text: text.replace('"Town"', '"the "old" Town"'),
        lambda text: text.replace('"@context"', "@context"),
        lambda text: text + "}",
    ],
)
def test_of_a_broken_story_what_can_be_read_is(break_it: Any) -> None:
    story = node(
        datePublished="2026-03-02T08:00:00Z", author=[{"name": "Ida Quill"}], place="Town", articleBody="Goats. " * 20
    )
    found = read(article(head=json_ld(break_it(json.dumps(story)))))
    assert (found.title, found.authors) == (TITLE, ("Ida Quill",))
    assert found.published is not None
    assert found.published.isoformat() == "2026-03-02T08:00:00+00:00"


def test_a_broken_script_of_something_else_is_nothing() -> None:
    assert load('{"@type": "WebSite", "headline": "a b"') is None


@pytest.mark.parametrize(
    "part", ['"author": [', '"author": [{', '"headline": "x" "author": {"a" ', "{} ", '{"@type": "X" ']
)
def test_what_cannot_be_read_is_not_tried_without_end(part: str) -> None:
    load('{"@type": "NewsArticle", ' + part * 100_000)


@pytest.mark.parametrize("shape", [("[", "]"), ('{"url":', "}"), ('{"name":', "}")])
@pytest.mark.parametrize("depth", [80, 900, 5000])
def test_nesting_without_end(shape: tuple[str, str], depth: int) -> None:
    deep = shape[0] * depth + '"x"' + shape[1] * depth
    fields = ",".join(f'"{key}": {deep}' for key in ("author", "image", "articleSection", "keywords", "publisher"))
    assert read(article(head=json_ld(f'{{"@type": "NewsArticle", "headline": "{TITLE}", {fields}}}'))).title == TITLE


@pytest.mark.parametrize("text", ["", "  ", "{", "{'a': 1}", "var x = 1;", "[" * 5000, "{" * 5000])
def test_what_cannot_be_mended_is_nothing(text: str) -> None:
    assert load(text) is None


def test_objects_are_found_wherever_they_are_put() -> None:
    value = [
        {"@graph": [{"@type": "WebPage", "n": 1}, {"@type": "WebSite", "n": 2}]},
        {"@type": "WebPage", "n": 3, "mainEntity": {"@type": "NewsArticle", "n": 4}},
        {"@type": "ItemList", "n": 5, "itemListElement": [{"item": {"@type": "Article", "n": 6}}]},
        {"no": "type"},
        "text",
    ]
    assert [found["n"] for found in nodes(value)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("NewsArticle", {"newsarticle"}),
        ("https://schema.org/NewsArticle", {"newsarticle"}),
        (["Article", "NewsArticle"], {"article", "newsarticle"}),
    ],
)
def test_types(said: Any, known: set[str]) -> None:
    assert types({"@type": said}) == known


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a  b\n", "a b"),
        (["", "a", "b"], "a"),
        ({"@value": "a"}, "a"),
        ({"name": ["a"]}, "a"),
        ("Bread &amp; salt", "Bread & salt"),
        ("Bread &amp;amp; salt", "Bread & salt"),
        ("a <em>b</em>", "a b"),
        ("1 < 2", "1 < 2"),
        ("half an emoji \ud83d", "half an emoji"),
        ("nul\0s", "nuls"),
        (7, "7"),
        (float("nan"), None),
        ([float("inf"), "a"], "a"),
        (True, None),
        (None, None),
        ("", None),
        ({}, None),
    ],
)
def test_values_as_text(value: Any, text: str | None) -> None:
    assert string(value) == text


@pytest.mark.parametrize(
    ("value", "url"),
    [
        (" https://a.example/1 ", "https://a.example/1"),
        ({"url": "https://a.example/1"}, "https://a.example/1"),
        ({"@id": "https://a.example/1"}, "https://a.example/1"),
        ([{}, {"contentUrl": "https://a.example/1"}], "https://a.example/1"),
        (" ", None),
        (1, None),
    ],
)
def test_values_as_addresses(value: Any, url: str | None) -> None:
    assert address(value) == url


@pytest.mark.parametrize(
    "own",
    [
        node(url=URL),
        node(headline="Another headline", url=URL + "?from=home#top"),
        node(headline="Another headline", url=URL.replace("https", "http") + "/"),
        node(headline="Another headline", mainEntityOfPage={"@id": URL}),
        node(),
    ],
)
def test_of_several_stories_the_pages_own_is_chosen(own: dict[str, Any]) -> None:
    full = {**TEASED, "datePublished": "2026-01-01", "author": "Tom Reed", "image": "x", "articleBody": "Goats. " * 99}
    for found in ([own, full], [full, own]):
        assert story_node(found, [URL], {TITLE.casefold()}) is own


def test_a_page_without_a_story_has_no_node() -> None:
    assert story_node([{"@type": "WebPage"}, {"@type": "Organization"}], [URL], set()) == {}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda story: story,
        lambda story: [{"@type": "Organization", "name": "Harbour Gazette"}, story],
        lambda story: {"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, TEASED, story]},
        lambda story: json.dumps(story).replace("}", ",}"),
        lambda story: "<!--\n" + json.dumps(story) + "\n-->",
        lambda story: {"@type": "WebPage", "mainEntity": story},
    ],
)
def test_however_it_is_wrapped_the_story_is_read(wrap: Any) -> None:
    story = node(url=URL, datePublished="2026-03-02T08:00:00+02:00", author={"@type": "Person", "name": "Ida Quill"})
    found = read(article(head=json_ld(TEASED) + json_ld(wrap(story))))
    assert found.title == TITLE
    assert found.authors == ("Ida Quill",)
    assert found.published is not None
    assert found.published.isoformat() == "2026-03-02T08:00:00+02:00"


@given(st.text())
def test_any_script_is_a_value_or_nothing(text: str) -> None:
    list(nodes(load(text)))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("NewsArticle"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "@type @id @graph @value name url headline author image caption keywords datePublished dateModified "
                "inLanguage articleSection isAccessibleForFree mainEntityOfPage articleBody description".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(values)
def test_any_value_gives_an_article(value: Any) -> None:
    story = {**value, "@type": "NewsArticle"} if isinstance(value, dict) else {"@type": "NewsArticle", "author": value}
    found = read(article(head=json_ld(story)))
    assert found.paragraphs
    for text in (found.title, found.standfirst, found.section, *found.authors, *found.tags):
        assert text is None or text.encode()


def test_every_story_type_is_written_as_types_are_compared() -> None:
    assert {kind.casefold() for kind in jsonld.STORY_TYPES} == jsonld.STORY_TYPES


def test_white_space_without_end_costs_no_more_than_other_text() -> None:
    assert load("-->" + " " * 1_000_000 + "x") is None
