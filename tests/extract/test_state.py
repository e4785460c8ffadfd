"""Stories that stand in a script's JSON."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.document import Script
from newsbot.extract.state import story_in
from newsbot.items import BlockKind, Verdict
from tests.extract.pages import STORY, TITLE, json_ld, node, page, paragraphs, read

OTHER = tuple(
    f"Sentence {n} of another story, about a mill that nobody in the whole town wants to buy." for n in range(9)
)
HTML = paragraphs()
PLAIN = [(BlockKind.PARAGRAPH, text) for text in STORY]


def data(value: Any) -> list[Script]:
    return [Script('<script id="__NEXT_DATA__" type="application/json"', json.dumps(value))]


def code(text: str) -> list[Script]:
    return [Script("<script", text)]


def story(**fields: Any) -> dict[str, Any]:
    return {"headline": TITLE, "url": "/town/ferry-is-back", "description": "Of a ferry. " * 40, **fields}


def typed(**types: str) -> list[dict[str, Any]]:
    return [{"type": types.get("type", "paragraph"), "content": text} for text in STORY]


# -- bodies in all their shapes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"body": HTML},
        {"content": {"rendered": HTML}},
        {"articleBody": "\n\n".join(STORY)},
        {"paragraphs": list(STORY)},
        {"paragraphs": [{"p": text} for text in STORY]},
        {"content": typed()},
        {"content_elements": typed(type="text")},
        {"body": [{"type": "html", "html": f"<p>{text}</p>"} for text in STORY]},
        {
            "body": [
                {"type": "paragraph", "children": [{"text": t[:20]}, {"text": t[20:], "bold": True}]} for t in STORY
            ]
        },
        {"body": [{"children": [{"text": text}]} for text in STORY]},
        {
            "doc": {
                "type": "doc",
                "content": [
                    {"type": "paragraph", "attrs": {"id": "x"}, "content": [{"type": "text", "text": text}]}
                    for text in STORY
                ],
            }
        },
        {
            "body": {
                "json": {
                    "nodeType": "document",
                    "content": [
                        {
                            "nodeType": "paragraph",
                            "content": [
                                {"nodeType": "text", "value": text[:9], "marks": []},
                                {
                                    "nodeType": "hyperlink",
                                    "data": {"uri": "https://a.example"},
                                    "content": [{"nodeType": "text", "value": text[9:30]}],
                                },
                                {"nodeType": "text", "value": text[30:]},
                            ],
                        }
                        for text in STORY
                    ],
                }
            }
        },
        {
            "body": [
                {
                    "_type": "block",
                    "style": "normal",
                    "_key": "a",
                    "children": [{"_type": "span", "text": text, "marks": []}],
                }
                for text in STORY
            ]
        },
        {"blocks": [{"id": "x", "type": "paragraph", "data": {"text": text}} for text in STORY]},
        {"raw": {"blocks": [{"key": "a", "type": "unstyled", "text": text} for text in STORY], "entityMap": {}}},
        {
            "state": {
                "root": {
                    "type": "root",
                    "children": [{"type": "paragraph", "children": [{"type": "text", "text": t}]} for t in STORY],
                }
            }
        },
        {
            "content": {
                "model": {
                    "blocks": [
                        {
                            "type": "text",
                            "model": {
                                "blocks": [
                                    {
                                        "type": "paragraph",
                                        "model": {
                                            "text": text,
                                            "blocks": [{"type": "fragment", "model": {"text": text}}],
                                        },
                                    }
                                ]
                            },
                        }
                        for text in STORY
                    ]
                }
            }
        },
        {"body": ["div", ["script", "a();"], *(["p", {"class": "x"}, text[:30], ["em", text[30:]]] for text in STORY)]},
        {"ast": [{"type": "tag", "name": "p", "children": [{"type": "text", "data": text}]} for text in STORY]},
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_a_body_in_any_of_the_usual_shapes(body: dict[str, Any]) -> None:
    assert story_in(data({"props": {"pageProps": {"article": story(**body)}}}), TITLE) == PLAIN


def test_what_a_block_says_that_it_is() -> None:
    blocks = [
        {"type": "heading", "level": 2, "text": "The engine"},
        {"type": "paragraph", "text": STORY[0]},
        {"type": "list", "items": [{"type": "text", "content": STORY[1]}, {"type": "text", "content": STORY[2]}]},
        {
            "type": "quote",
            "content_elements": [{"type": "text", "content": STORY[3]}, {"type": "text", "content": "So he said."}],
        },
        {"type": "image", "url": "/a.jpg", "caption": "The ferry on a morning without any wind, seen from the pier."},
        {"type": "header", "content": "The town"},
        {"_type": "block", "style": "h3", "children": [{"_type": "span", "text": "The sea"}]},
        {"_type": "block", "style": "normal", "listItem": "bullet", "children": [{"_type": "span", "text": "Goats"}]},
    ]
    assert story_in(data(story(body=blocks)), TITLE) == [
        (BlockKind.HEADING, "The engine"),
        (BlockKind.PARAGRAPH, STORY[0]),
        (BlockKind.LIST_ITEM, STORY[1]),
        (BlockKind.LIST_ITEM, STORY[2]),
        (BlockKind.QUOTE, STORY[3]),
        (BlockKind.QUOTE, "So he said."),
        (BlockKind.HEADING, "The town"),
        (BlockKind.HEADING, "The sea"),
        (BlockKind.LIST_ITEM, "Goats"),
    ]


def test_markup_inside_of_blocks_is_read() -> None:
    blocks = [{"type": "text", "content": f"<b>Note</b> &amp; {text} <a href='/x'>here</a>.<br/>"} for text in STORY]
    assert story_in(data(story(content_elements=blocks)), TITLE)[0] == (BlockKind.PARAGRAPH, f"Note & {STORY[0]} here.")


def test_teasers_among_the_blocks_are_left_out() -> None:
    blocks: list[Any] = [*typed()]
    blocks.insert(
        2, {"type": "interstitial_link", "content": "Read our long story about a mill that nobody wants", "url": "/m"}
    )
    blocks.insert(1, {"title": "A mill", "url": "/mill", "text": OTHER[0]})
    blocks.append({"type": "newsletter", "text": "A letter each morning, free of charge, with all of the news in it."})
    assert story_in(data(story(content=blocks)), TITLE) == PLAIN


def test_blocks_that_are_only_referred_to() -> None:
    cache = {
        "ROOT_QUERY": {"story": {"__ref": "Story:1"}},
        "Story:1": {
            "__typename": "Story",
            "title": TITLE,
            "paragraphs": [{"__ref": f"Paragraph:{n}"} for n in range(4)],
        },
        **{f"Paragraph:{n}": {"__typename": "Paragraph", "type": "P", "text": text} for n, text in enumerate(STORY)},
    }
    assert story_in(code(f"window.__APOLLO_STATE__ = {json.dumps(cache)};"), TITLE) == PLAIN


def test_references_that_run_in_circles_come_to_an_end() -> None:
    circle = {"A:1": {"content": [{"__ref": "A:1"}, {"__ref": "A:1"}, {"text": " ".join(STORY)}]}}
    assert set(story_in(data(circle), TITLE)) == {(BlockKind.PARAGRAPH, " ".join(STORY))}


# -- where the JSON stands ---------------------------------------------------------------------------------------------

VALUE = json.dumps({"article": story(body=HTML)})


@pytest.mark.parametrize(
    "text",
    [
        f"window.__STATE__ = {VALUE};",
        f"window.__INITIAL_STATE__={VALUE};(function(){{var s;}}())",
        f"window['__PRELOADED_STATE__'] = {VALUE}",
        f"var a = 1; const state = {VALUE}; let b = [a, state];",
        f"window.__NUXT__={VALUE};",
        f"window.Fusion=window.Fusion||{{}};Fusion.arcSite='x';Fusion.globalContent={VALUE};Fusion.deployment=1",
        f"window.__A__ = {{a: function() {{}}}}; window.__B__ = {VALUE};",
        f"window.S = JSON.parse({json.dumps(VALUE)});",
        "window.S = JSON.parse('" + VALUE.replace("\\", "\\\\").replace("'", "\\'").replace("<", "\\x3c") + "');",
        "window.S = JSON.parse(`" + VALUE.replace("\\", "\\\\") + "`);",
        "window.S = JSON.parse(decodeURIComponent('"
        + VALUE.replace("%", "%25").replace('"', "%22").replace("'", "%27")
        + "'))",
        f'window.S = {VALUE[:-1]}, "user": undefined, "more": [undefined]}};',
        VALUE,
    ],
    ids=lambda text: text[:30],
)
def test_a_state_wherever_a_script_puts_it(text: str) -> None:
    assert story_in(code(text), TITLE) == PLAIN


def test_a_state_in_plain_json_next_to_others() -> None:
    scripts = [*data({"a": 1}), Script('<script type="application/json"', VALUE), *code("var x = {};")]
    assert story_in(scripts, TITLE) == PLAIN


def test_a_flat_state_of_values_and_indices() -> None:
    flat = [{"story": 1}, {"title": 2, "body": 3}, TITLE, HTML]
    assert story_in([Script('<script type="application/json" id="__NUXT_DATA__"', json.dumps(flat))], TITLE) == PLAIN


def test_what_only_an_engine_can_read_is_nothing() -> None:
    assert story_in(code(f"window.__NUXT__=(function(a,b){{return {{body:a}}}}({json.dumps(HTML)},1));"), TITLE) == []


@pytest.mark.parametrize("kind", ["text/template", "text/html", "text/x-handlebars"])
def test_scripts_of_other_kinds_are_not_read(kind: str) -> None:
    assert story_in([Script(f'<script type="{kind}"', f"a = {VALUE}")], TITLE) == []


# -- which story -------------------------------------------------------------------------------------------------------


def mill(n: int = 1) -> dict[str, Any]:
    return {"headline": f"A mill for sale, part {n}", "url": f"/mill/{n}", "body": paragraphs(*OTHER)}


def test_the_story_of_the_page_is_taken_before_a_longer_one() -> None:
    assert story_in(data({"list": [mill(), story(body=HTML), mill(2)]}), TITLE) == PLAIN
    assert story_in(data({"list": [mill(), story(content=typed()), mill(2)]}), f" {TITLE.upper()}!") == PLAIN


def test_a_title_in_an_object_is_a_title() -> None:
    assert (
        story_in(data([mill(), {**story(body=HTML), "headline": None, "headlines": {"basic": TITLE}}]), TITLE) == PLAIN
    )


def test_of_other_stories_none_is_taken() -> None:
    assert story_in(data({"list": [mill(1), mill(2), mill(3)]}), TITLE) == []


def test_one_story_is_the_page_s_even_under_another_title() -> None:
    assert story_in(data(story(headline="Ferry back", body=HTML)), TITLE) == PLAIN


def test_a_story_related_to_the_page_s_is_not_taken_for_it() -> None:
    assert story_in(data({**story(body=HTML), "relatedStories": [mill()], "next": mill(2)}), TITLE) == PLAIN


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"config": {"text": HTML}},
        {"messages": {"a": "Accept what we keep on your device. " * 30}},
        {"list": [{"title": f"Teaser {n}", "url": f"/{n}", "description": OTHER[n]} for n in range(9)]},
        {"list": [{"title": f"Teaser {n}", "url": f"/{n}", "text": OTHER[n]} for n in range(9)]},
        {"urls": ["https://a.example/" + "x" * 300]},
        story(description=HTML, summary=list(STORY)),
    ],
)
def test_where_there_is_no_story(value: Any) -> None:
    assert story_in(data(value), TITLE) == []


# -- JSON-LD -----------------------------------------------------------------------------------------------------------


def linked(*nodes: dict[str, Any]) -> list[Script]:
    return [Script('<script type="application/ld+json"', json.dumps(list(nodes)))]


def test_the_body_in_the_json_ld_is_the_last_resort() -> None:
    assert story_in(linked(node(articleBody="\n\n".join(STORY))), TITLE) == PLAIN
    assert story_in(linked(node(articleBody=" ".join(STORY))), TITLE) == [(BlockKind.PARAGRAPH, " ".join(STORY))]
    assert story_in(linked(node(articleBody=HTML)), TITLE) == PLAIN
    assert story_in([*linked(node(articleBody=" ".join(STORY))), *data(story(body=HTML))], TITLE) == PLAIN
    assert (
        story_in([*linked(node(articleBody="\n".join(STORY))), *data(story(body=paragraphs(*STORY[:2])))], TITLE)
        == PLAIN
    )


def test_of_several_bodies_in_the_json_ld_the_page_s_own_is_taken() -> None:
    other = node(headline="A mill", articleBody="\n".join(OTHER))
    assert story_in(linked(other, node(articleBody="\n".join(STORY))), TITLE) == PLAIN
    assert story_in(linked(other, {**other, "headline": "Another mill"}), TITLE) == []


def test_entities_and_markup_in_the_json_ld_are_undone() -> None:
    body = "Salt &amp; goats &mdash; <em>all</em> of it."
    assert story_in(linked(node(articleBody=body)), TITLE) == [(BlockKind.PARAGRAPH, "Salt & goats — all of it.")]


# -- hostile -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scripts",
    [
        code("a={" * 100_000),
        code('a={"b":' * 50_000),
        code("a=[" + "[" * 200_000),
        code('x = JSON.parse("' * 20_000),
        code("JSON.parse('" + "\\" * 100_001),
        code("a = " * 100_000),
        [Script('<script type="application/json"', "[" * 200_000)],
        [Script('<script type="application/json"', '{"content":[' * 900 + json.dumps(HTML) + "]}" * 900)],
        [Script('<script type="application/json"', "")],
        data({"body": "<p>\ud800 half a letter of two sentences</p>" * 30}),
        data({"content": [{"text": "x y " * 20}] * 30_000}),
        data({"content": ["<" * 1000 + "a b " * 10] * 100}),
        code("window.S = {" + '"a": undefined,' * 50_000 + '"b": 1}'),
    ],
    ids=lambda scripts: scripts[0].text[:20],
)
def test_scripts_beyond_measure_are_answered_in_time(scripts: list[Script]) -> None:
    begun = time.process_time()
    for _, text in story_in(scripts, TITLE):
        assert text.encode()
    assert time.process_time() - begun < 5


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=10)
    | st.sampled_from([*STORY, HTML, TITLE, "paragraph", "A:1"]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(
                ["type", "content", "text", "children", "headline", "url", "body", "__ref", "A:1", "style", "items"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=40,
)


@given(json_values)
def test_any_value_is_answered(value: Any) -> None:
    for kind, text in story_in(data(value), TITLE):
        assert kind in BlockKind
        assert text.strip()


@given(st.text(alphabet="abc={}[]\"'`\\u09:, JSON.parse("))
def test_any_code_is_answered(text: str) -> None:
    story_in(code(text), TITLE)


# -- whole pages -------------------------------------------------------------------------------------------------------

SHELL = "<div id='root'><h1>" + TITLE + "</h1><p>Loading…</p></div>"


def script(value: Any) -> str:
    return f"<script id='__NEXT_DATA__' type='application/json'>{json.dumps(value).replace('</', '<!--/')}</script>"


def test_a_page_whose_story_is_in_its_state() -> None:
    value = {"props": {"article": story(content=typed())}}
    found = read(page(SHELL + f"<script type='application/json'>{json.dumps(value)}</script>"))
    assert found.paragraphs == STORY
    assert found.verdict is Verdict.STORY
    assert all(block.tokens == block.tags == () for block in found.blocks)


def test_a_page_whose_story_is_in_its_json_ld_alone() -> None:
    assert read(page(SHELL, json_ld(node(articleBody="\n".join(STORY))))).paragraphs == STORY


def test_a_page_whose_story_stands_in_noscript() -> None:
    assert read(page(f"{SHELL}<noscript><article>{HTML}</article></noscript>")).paragraphs == STORY


def test_a_page_with_a_body_is_not_asked_for_its_state() -> None:
    value = {"article": story(content=[{"type": "paragraph", "text": text} for text in OTHER])}
    html = page(f"<h1>{TITLE}</h1>{HTML}<script type='application/json'>{json.dumps(value)}</script>")
    assert read(html).paragraphs == STORY


def test_a_short_item_stays_as_it_is_where_the_state_holds_no_more() -> None:
    brief = f"<article><h1>{TITLE}</h1><p>{STORY[0]}</p></article>"
    value = {
        "article": story(
            content=[{"type": "paragraph", "text": STORY[0]}, {"type": "paragraph", "text": "So said the town."}]
        )
    }
    html = page(f"{brief}<script type='application/json'>{json.dumps(value)}</script>", json_ld(node()))
    assert read(html).paragraphs == STORY[:1]
