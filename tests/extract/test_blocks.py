"""From markup to blocks in reading order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from newsbot.extract.blocks import Found, walk
from newsbot.extract.document import parse
from newsbot.extract.markup import HIDDEN
from newsbot.items import BlockKind
from newsbot.items import BlockKind as K


def tree(body: str) -> etree._Element:
    document = parse(f"<body>{body}</body>")
    assert document is not None
    found = document.root.find("body")
    assert found is not None
    return found


def blocks(body: str) -> list[Found]:
    return walk(tree(body)).blocks


def told(body: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in blocks(body)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p>One.</p><p>Two.</p>", [(K.PARAGRAPH, "One."), (K.PARAGRAPH, "Two.")]),
        ("One.<br><br>Two.<br>Still two.", [(K.PARAGRAPH, "One."), (K.PARAGRAPH, "Two.\nStill two.")]),
        ("One.<br>\n<br/>\n<br>Two.", [(K.PARAGRAPH, "One."), (K.PARAGRAPH, "Two.")]),
        ("<div>One.<div>Two.</div>Three.</div>", [(K.PARAGRAPH, t) for t in ("One.", "Two.", "Three.")]),
        ("<h2>Head</h2>Text", [(K.HEADING, "Head"), (K.PARAGRAPH, "Text")]),
        ("<ul><li>a</li><li><p>b</p></li></ul>", [(K.LIST_ITEM, "a"), (K.LIST_ITEM, "b")]),
        ("<ol><li>a<ul><li>b</li></ul>c</li></ol>", [(K.LIST_ITEM, t) for t in "abc"]),
        ("<dl><dt>a<dd>b</dl>", [(K.LIST_ITEM, "a"), (K.LIST_ITEM, "b")]),
        ("<blockquote><p>a</p>b</blockquote>c", [(K.QUOTE, "a"), (K.QUOTE, "b"), (K.PARAGRAPH, "c")]),
        ("<figure><img><figcaption>a <b>c</b></figcaption></figure>b", [(K.CAPTION, "a c"), (K.PARAGRAPH, "b")]),
        ('<div class="image-caption"><p>a</p></div>b', [(K.CAPTION, "a"), (K.PARAGRAPH, "b")]),
        ("<pre>  a\n    b\n</pre>", [(K.PRE, "  a\n    b")]),
        ("<pre>a<br>b</pre>", [(K.PRE, "a\nb")]),
        ("<pre>  \n  </pre><pre>a<p> <br> </p></pre>", [(K.PRE, "a")]),
        ("<details><summary>a</summary>b</details>", [(K.HEADING, "a"), (K.PARAGRAPH, "b")]),
        ("a<b>b</b>c<i> d</i>", [(K.PARAGRAPH, "abc d")]),
        (" a&nbsp;\n\t b\u200b ", [(K.PARAGRAPH, "a b")]),
        ("<p> \u00a0 </p><p>\u200b</p><div><br></div><p><img></p>", []),
        ("a<script>x()</script>b<style>p{}</style>c<!-- d -->e", [(K.PARAGRAPH, "abce")]),
        ("a<nav>menu</nav>b<footer>end</footer>", [(K.PARAGRAPH, "ab")]),
        ("a<span hidden>b</span><span style='display:none'>c</span>d", [(K.PARAGRAPH, "ad")]),
        ("a <a class='sr-only' href='#b'>Skip b</a>c", [(K.PARAGRAPH, "a c")]),
        ("<div>" * 210 + "<p>a</p><p>b</p>", [(K.PARAGRAPH, "a b")]),
        ("<p>a<button>Share</button>b<select><option>x</select>c</p>", [(K.PARAGRAPH, "abc")]),
    ],
)
def test_blocks(body: str, said: list[tuple[BlockKind, str]]) -> None:
    assert told(body) == said


def test_a_card_over_a_name_is_no_text_and_the_name_is() -> None:
    card = (
        "<span class=card><span><img src=a.jpg><a href=/p/1>Ann Reed</a> <a href=/s/1>Ann Reed sails</a></span></span>"
    )
    assert told(f"<p>The captain, <span><a href=/p/1>Ann Reed</a>{card}</span>, is back.</p>") == [
        (K.PARAGRAPH, "The captain, Ann Reed, is back.")
    ]


def test_hidden_elements_are_read_and_marked() -> None:
    seen = walk(tree("<div hidden><p>a</p></div><p>b</p>"))
    assert [bool(block.node.parent and block.node.parent.flags & HIDDEN) for block in seen.blocks] == [True, False]


def test_rows_of_a_table_are_lines_of_cells() -> None:
    table = """<table><caption>Crossings</caption>
    <tr> <th>Month</th> <th>People</th> </tr>
    <tr><td>January</td><td><b>1,204</b></td></tr>
    <tr><td></td><td>in all</td></tr></table>"""
    assert told(table) == [
        (K.CAPTION, "Crossings"),
        (K.TABLE_ROW, "Month | People"),
        (K.TABLE_ROW, "January | 1,204"),
        (K.TABLE_ROW, "in all"),
    ]


def test_links_are_measured_and_kept() -> None:
    [half, all_of_it, none] = blocks(
        '<p>Half <a href="/x">this</a></p><p><a href="/y">All <b>of</b> it</a></p><p>No</p>'
    )
    assert (half.link_density, half.links) == (4 / 9, ("/x",))
    assert (all_of_it.links, all_of_it.link_density > 0.7) == (("/y",), True)
    assert (none.link_density, none.links) == (0.0, ())


def test_cells_hold_what_is_shown() -> None:
    cell = "x<select><option>o1</select><noscript>ns</noscript><span hidden>h</span>"
    assert told(f"<table><tr><td>{cell}</td><td>y</td></tr></table>") == [(K.TABLE_ROW, "x | y")]


def test_a_link_around_blocks_lies_on_each_of_them() -> None:
    first, second, after = blocks('<a href="/x"><div>One</div><div>Two</div></a><div>After</div>')
    assert first.links == second.links == ("/x",)
    assert after.links == ()
    assert first.link_density == second.link_density == 1.0
    assert after.link_density == 0.0


def test_a_block_carries_the_names_above_it_nearest_first() -> None:
    body = '<div class="Box big" id="Outer"><section class="part"><p class="text">a</p></section></div>'
    seen = walk(tree(body))
    [found] = seen.blocks
    block = found.block(seen.nodes[0])
    assert block.tokens == ("text", "part", "box", "big", "outer")
    assert block.tags == ("p", "section", "div")


words = st.sampled_from(["one", "two", "three", "vier", "пять", "六"])
markup = st.recursive(
    words,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{' '.join(parts)}</{tag}>",
        st.sampled_from("p div span b a li ul blockquote pre h2 figure td tr table section form q".split()),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(st.lists(markup | st.just("<br>"), max_size=6).map(" ".join))
def test_no_block_is_empty_and_no_word_is_lost_or_moved(body: str) -> None:
    found = blocks(body)
    assert all(block.text.strip() for block in found)
    said = " ".join(tree(body).itertext())
    assert re.findall(r"\w+", " ".join(block.text for block in found)) == re.findall(r"\w+", said)


@given(st.text())
def test_any_markup_gives_blocks_that_say_something(body: str) -> None:
    document = parse(body)
    for block in walk(document.root).blocks if document is not None else ():
        assert block.text.strip()
        assert 0 <= block.link_density <= 1
