"""Which part of a page is its story, in the forms in which sites keep bodies and what they put between."""

from __future__ import annotations

import pytest

from newsbot.items import BlockKind as K
from tests.extract.pages import STANDFIRST, STORY, TITLE, article, json_ld, node, page, paragraphs, read

MENU = '<nav class="menu"><ul>' + "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(9)) + "</ul></nav>"
FOOTER = "<footer><p>© Harbour Gazette. All rights are reserved, and the sea's are too.</p></footer>"
TEASER = "Goats on board: who pays when they eat a passenger's hat? Our columnist has asked the shipping office."


def around(body: str, head: str = "") -> str:
    """The page of a site: menu, headline, body, teasers, footer."""
    rail = "".join(f'<div class="card"><a href="/{n}">{TEASER}</a></div>' for n in range(4))
    return page(f"{MENU}<main><h1>{TITLE}</h1>{body}</main><div class='rail'>{rail}</div>{FOOTER}", head)


@pytest.mark.parametrize(
    "body",
    [
        paragraphs(),
        f'<div class="article-body">{paragraphs()}</div>',
        "<div>" + "<br><br>".join(STORY) + "</div>",
        "<div>" + "<br/>\n<br/>".join(STORY) + "</div>",
        "".join(f"<div>{text}</div>" for text in STORY),
        "".join(f'<div class="block"><div><p>{text}</p></div></div>' for text in STORY),
        f'<div class="part-1">{paragraphs(*STORY[:2])}</div><div class="part-2">{paragraphs(*STORY[2:])}</div>',
        "".join(f'<section class="chunk">{paragraphs(*half)}</section><hr>' for half in (STORY[:2], STORY[2:])),
        f'<div class="paywall">{paragraphs()}</div>',
        "".join(f'<p class="paywall">{text}</p>' for text in STORY),
        f'<div class="sponsor-free related-story">{paragraphs()}</div>',
        f'<center><table><tr><td><font size="3">{paragraphs()}</font></td></tr></table></center>',
        f'<form id="aspnetForm" action="/">{paragraphs()}<input type="hidden" value="x"></form>',
        "<span>" + "</span><br><br><span>".join(STORY) + "</span>",
        f"<article><div><div><div>{paragraphs()}</div></div></div></article>",
    ],
    ids=lambda body: body[:40],
)
def test_forms_of_bodies(body: str) -> None:
    assert read(around(body)).paragraphs == STORY


@pytest.mark.parametrize("name", ["nav", "sidebar", "comments-open", "menu", "share related promo"])
def test_a_misleading_name_around_everything(name: str) -> None:
    assert read(page(f'<div class="{name}"><h1>{TITLE}</h1>{paragraphs()}</div>')).paragraphs == STORY
    assert read(page(f'<article class="{name}"><h1>{TITLE}</h1>{paragraphs()}</article>{FOOTER}')).paragraphs == STORY


@pytest.mark.parametrize("name", ["nav-open", "sidebar", "newsletter"])
def test_a_misleading_name_on_the_body_element(name: str) -> None:
    html = around(paragraphs()).replace("<body>", f'<body class="{name}">')
    assert read(html).paragraphs == STORY


def test_comments_that_are_longer_than_the_story() -> None:
    talk = "I have crossed on that boat for forty years, and I have never once seen it leave when the board says so. "
    comments = "".join(f"<div class='comment'><p>{talk * 2}</p></div>" for _ in range(9))
    html = around(f'<article>{paragraphs()}</article><div id="comments">{comments}</div>')
    assert read(html).paragraphs == STORY


@pytest.mark.parametrize(
    "box",
    [
        f'<aside><h3>More</h3><p><a href="/goats">{TEASER}</a></p></aside>',
        f'<div class="related-box"><p>{TEASER}</p></div>',
        f'<div class="c-relatedLinks"><ul><li><a href="/goats">{TEASER}</a></li></ul></div>',
        '<div class="share-bar"><a href="#">Post</a> <a href="#">Copy the link to this story</a></div>',
        '<div class="newsletter-signup"><p>The harbour in your inbox: a letter each morning, free of charge.</p></div>',
        '<form action="/letter"><p>The harbour in your inbox: a letter each morning.</p><input name="mail"></form>',
        '<div role="complementary"><p>The harbour in your inbox: a letter each morning, free of charge.</p></div>',
        '<div class="ad-slot"><p>Boats of all sizes, painted in every colour that you may wish for.</p></div>',
        f'<p><a href="/goats">{TEASER}</a></p>',
        "<script>var boats = 'The harbour in your inbox: a letter each morning';</script>",
        "<noscript>Switch JavaScript on to see the timetable of this winter's crossings here.</noscript>",
        '<div style="display:none"><p>The harbour in your inbox: a letter each morning, free of charge.</p></div>',
    ],
)
def test_boxes_inside_the_body(box: str) -> None:
    body = f'<div class="article-body">{paragraphs(*STORY[:2])}{box}{paragraphs(*STORY[2:])}</div>'
    assert read(around(body)).paragraphs == STORY


def test_captions_stand_in_their_place_and_apart_from_the_text() -> None:
    figure = "<figure><img src=a.jpg><figcaption>The ferry leaves the harbour. Photo: Tom Reed</figcaption></figure>"
    wordpress = '<div class="wp-caption"><img src=b.jpg><p class="wp-caption-text">One of the goats.</p></div>'
    found = read(
        around(f"<article><p>{STORY[0]}</p>{figure}<p>{STORY[1]}</p>{wordpress}{paragraphs(*STORY[2:])}</article>")
    )
    assert found.paragraphs == STORY
    assert [block.kind for block in found.blocks] == [
        K.PARAGRAPH,
        K.CAPTION,
        K.PARAGRAPH,
        K.CAPTION,
        K.PARAGRAPH,
        K.PARAGRAPH,
    ]
    assert [b.text for b in found.blocks if b.kind is K.CAPTION] == [
        "The ferry leaves the harbour. Photo: Tom Reed",
        "One of the goats.",
    ]


def test_headings_lists_quotes_tables_and_verse_keep_their_kind_and_order() -> None:
    body = f"""<p>{STORY[0]}</p><h2>What a crossing costs</h2>
    <ul><li>Adults pay four crowns each way</li><li>Goats travel free of charge</li></ul>
    <blockquote><p>{STORY[1]}</p></blockquote>
    <table><tr><th>Month</th><th>People</th></tr><tr><td>January</td><td>1,204</td></tr></table>
    <pre>O grey, grey isle\n  so near, so far</pre><p>{STORY[2]}</p>"""
    found = read(around(f'<div class="article-body">{body}</div>'))
    assert [(block.kind, block.text) for block in found.blocks] == [
        (K.PARAGRAPH, STORY[0]),
        (K.HEADING, "What a crossing costs"),
        (K.LIST_ITEM, "Adults pay four crowns each way"),
        (K.LIST_ITEM, "Goats travel free of charge"),
        (K.QUOTE, STORY[1]),
        (K.TABLE_ROW, "Month | People"),
        (K.TABLE_ROW, "January | 1,204"),
        (K.PRE, "O grey, grey isle\n  so near, so far"),
        (K.PARAGRAPH, STORY[2]),
    ]


@pytest.mark.parametrize(
    ("before", "head"),
    [
        (f'<p class="standfirst">{STANDFIRST}</p>', ""),
        (f'<div class="article__lede"><p>{STANDFIRST}</p></div>', ""),
        (f"<h2>{STANDFIRST}</h2>", json_ld(node(description=STANDFIRST))),
        (f"<p><b>{STANDFIRST}</b></p>", f'<meta name="description" content="{STANDFIRST[:80]}">'),
    ],
)
def test_a_standfirst_before_the_body(before: str, head: str) -> None:
    html = around(f'<header>{before}</header><div class="article-body">{paragraphs()}</div>', head)
    found = read(html)
    assert found.standfirst == STANDFIRST
    assert found.paragraphs == (STANDFIRST, *STORY)


def test_the_publishers_own_text_shows_which_part_is_the_story() -> None:
    decoy = "".join(f"<p>{TEASER} {n} readers have answered, and most of them keep goats.</p>" for n in range(2))
    body = f'<section class="a">{paragraphs()}</section><section class="b">{decoy}</section>'
    assert len(read(page(f"<div>{body}</div>")).paragraphs) > len(STORY)
    assert read(page(f"<div>{body}</div>", json_ld(node(articleBody=" ".join(STORY))))).paragraphs == STORY


def test_an_amp_page() -> None:
    html = f"""<!doctype html><html amp lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>
    <script async src="https://cdn.example/v0.js"></script><style amp-boilerplate>body{{visibility:hidden}}</style>
    <link rel="canonical" href="/town/ferry-is-back">{json_ld(node())}</head><body>
    <amp-sidebar id="side" layout="nodisplay"><ul><li><a href="/">Home</a></li></ul></amp-sidebar>
    <article class="amp-wp-article"><header><h1 class="amp-wp-title">{TITLE}</h1></header>
    <amp-img src="a.jpg" width="4" height="3"></amp-img>
    <div class="amp-wp-article-content">{paragraphs(*STORY[:2])}<amp-ad type="x"></amp-ad>{paragraphs(*STORY[2:])}</div>
    </article></body></html>"""
    found = read(html, "https://www.harbour-gazette.example/town/ferry-is-back/amp")
    assert found.paragraphs == STORY
    assert found.title == TITLE
    assert found.canonical_url == "https://www.harbour-gazette.example/town/ferry-is-back"


OTHER_SCRIPTS = {
    "th": (
        "เรือข้ามฟากกลับมาแล้ว",
        "เรือข้ามฟากไปเกาะเทากลับมาแล่นอีกครั้งตั้งแต่วันจันทร์หลังจากเครื่องยนต์เสียในพายุ",
        "กัปตันบอกว่าเช้าวันแรกมีผู้โดยสารสี่สิบคนและแพะสองตัว",
    ),
    "ar": (
        "عودة العبارة",
        "عادت العبارة إلى الجزيرة الرمادية يوم الاثنين بعد أربعة أسابيع من تعطل محركها في العاصفة.",
        "قال القبطان إن أربعين شخصا عبروا في الصباح الأول، ومعهم عنزتان.",
    ),
    "ja": (
        "渡し船が再開",
        "灰島への渡し船は月曜日から再び運航している。冬の嵐で機関が故障してから四週間ぶりだ。",
        "船長によると、初日の朝は四十人が乗り、二人は山羊を連れていたという。",
    ),
    "ru": (
        "Паром снова ходит",
        "Паром к Серому острову снова ходит с понедельника, через четыре недели после поломки двигателя.",
        "По словам капитана, в первое утро на борт поднялись сорок человек и две козы.",
    ),
    "ko": (
        "배가 다시 다닌다",
        "회색섬으로 가는 배가 월요일부터 다시 다닌다. 겨울 폭풍에 기관이 고장 난 지 사 주 만이다.",
        "선장은 첫날 아침에 마흔 명이 탔고 두 사람은 염소를 데리고 있었다고 말했다.",
    ),
}


@pytest.mark.parametrize("lang", OTHER_SCRIPTS)
def test_pages_of_other_scripts(lang: str) -> None:
    title, *texts = OTHER_SCRIPTS[lang]
    body = f'{MENU}<main><h1>{title}</h1><div class="text">{paragraphs(*texts)}</div></main>{FOOTER}'
    found = read(page(body, title=f"{title} | 灰港", lang=lang))
    assert (found.title, found.language, found.paragraphs) == (title, lang, tuple(texts))


def test_a_second_story_below_is_not_this_one() -> None:
    second = f"<article><h2>Goats on board</h2>{paragraphs(TEASER)}</article>"
    html = page(f"<main><article><h1>{TITLE}</h1>{paragraphs()}</article>{second}</main>")
    assert read(html).paragraphs == STORY


def test_what_follows_the_story_in_its_container_is_left_out() -> None:
    tail = '<h3>More from the harbour</h3><p><a href="/a">Goats</a></p><p>Share</p>'
    assert read(article().replace("</article>", f"{tail}</article>")).paragraphs == STORY


def test_a_text_of_thousands_of_paragraphs_keeps_its_headings_and_pictures() -> None:
    many = "".join(f"<p>{number}. {STORY[number % 4]}</p>" for number in range(1_700))
    end = (
        f"<h2>On Tuesday</h2><p>{STORY[0]}</p><figure><img src=a.jpg><figcaption>The harbour</figcaption></figure>"
        f"<div class='related'><p>{TEASER}</p></div><p>{STORY[1]}</p><h2>More</h2>"
    )
    found = read(page(f"<article><h1>{TITLE}</h1>{many}{end}</article>"))
    assert found.paragraphs[-3:] == ("On Tuesday", STORY[0], STORY[1])
    assert [block.text for block in found.blocks if block.kind is K.CAPTION and not block.dropped] == ["The harbour"]
    dropped = [block for block in found.blocks if block.dropped]
    assert [block.text for block in dropped] == [TEASER, "More"], "each once"
    assert all(block.dropped.removeprefix("judged: ") for block in dropped), "and why"
