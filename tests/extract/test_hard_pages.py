"""Pages in odd shapes, and pages made to hurt."""

from __future__ import annotations

import time

import pytest

from newsbot.extract import extract
from newsbot.items import BlockKind, Verdict
from tests.extract.pages import STORY, TITLE, URL, json_ld, node, page, paragraphs, read

LATIN = "Die Fähre fährt wieder, und über den Köpfen der Gäste kreisen Möwen; größer als früher, sagt der Käpt’n."
RUSSIAN = "Паром на Серый остров снова ходит с понедельника, через четыре недели после поломки двигателя в шторм."
JAPANESE = "灰色島へのフェリーは月曜日から再び運航している。冬の嵐でエンジンが故障してから四週間後のことである。"


# -- odd shapes --------------------------------------------------------------------------------------------------------


def test_an_amp_page() -> None:
    html = (
        f"<!doctype html><html ⚡ lang=en><head><meta charset=utf-8><title>{TITLE}</title>"
        "<script async src='https://cdn.ampproject.org/v0.js'></script>"
        "<style amp-boilerplate>body{visibility:hidden}</style><noscript><style>body{}</style></noscript></head>"
        f"<body><h1>{TITLE}</h1><amp-img src=a.jpg></amp-img>{paragraphs(*STORY[:2])}<amp-ad>Buy a boat</amp-ad>"
        f"{paragraphs(*STORY[2:])}</body></html>"
    )
    assert read(html).paragraphs == STORY


def test_a_gallery_with_its_texts() -> None:
    slides = "".join(
        f"<figure><img src={n}.jpg><figcaption>{text}</figcaption></figure>" for n, text in enumerate(STORY)
    )
    found = read(page(f"<article><h1>{TITLE}</h1><p>{STORY[0]} {STORY[1]}</p>{slides}</article>", json_ld(node())))
    assert found.verdict is Verdict.STORY
    assert f"{STORY[0]} {STORY[1]}" in found.paragraphs


def test_an_interview_in_definitions() -> None:
    talk = f"<dl><dt>Is the engine new?</dt><dd>{STORY[0]}</dd><dt>And the goats?</dt><dd>{STORY[1]}</dd></dl>"
    found = read(page(f"<article><h1>{TITLE}</h1><p>{STORY[2]}</p>{talk}</article>"))
    assert found.paragraphs == (STORY[2], "Is the engine new?", STORY[0], "And the goats?", STORY[1])


def test_an_interview_with_bold_questions() -> None:
    first = f"<p><b>Is the engine new?</b></p><p>{STORY[0]}</p>"
    talk = f"{first}<p><strong>And the goats, do they pay?</strong></p><p>{STORY[1]}</p>"
    found = read(page(f"<article><h1>{TITLE}</h1><p>{STORY[2]}</p>{talk}</article>"))
    assert found.paragraphs == (STORY[2], "Is the engine new?", STORY[0], "And the goats, do they pay?", STORY[1])


def test_text_between_line_breaks() -> None:
    assert read(page(f"<h1>{TITLE}</h1><div>{'<br><br>'.join(STORY)}</div>")).paragraphs == STORY


def test_a_story_whose_own_paragraphs_are_named_for_a_wall() -> None:
    body = "".join(f"<p class='paywall'>{text}</p>" for text in STORY)
    assert read(page(f"<article><h1>{TITLE}</h1>{body}</article>")).paragraphs == STORY
    assert read(page(f"<article class='paywall'><h1>{TITLE}</h1>{paragraphs()}</article>")).paragraphs == STORY


def test_the_story_among_several_articles() -> None:
    cards = "".join(
        f"<article class='card'><h3><a href='/{n}'>What happened on pier {n} last night</a></h3>"
        f"<p>Nobody saw anything on pier number {n}.</p></article>"
        for n in range(6)
    )
    assert read(page(f"<main><article><h1>{TITLE}</h1>{paragraphs()}</article>{cards}</main>")).paragraphs == STORY


# -- charsets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        (LATIN, "utf-8", "iso-8859-1"),
        (LATIN, "windows-1252", "iso-8859-1"),
        (RUSSIAN, "windows-1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "utf-8", "windows-1251"),
        (JAPANESE, "shift_jis", "shift_jis"),
        (JAPANESE, "euc-jp", "euc-jp"),
    ],
)
def test_a_charset_that_is_declared_late_or_wrongly(text: str, charset: str, declared: str) -> None:
    late = f"<!--{'x' * 1500}--><meta charset='{declared}'>"
    html = page(f"<h1>A ferry</h1>{paragraphs(text, text + ' ' + text)}", late, title="A ferry")
    assert extract(html.encode(charset), URL).paragraphs == (text, f"{text} {text}")


@pytest.mark.parametrize("cut", range(4))
def test_utf_16_that_breaks_off(cut: int) -> None:
    html = page(f"<h1>{TITLE}</h1>{paragraphs()}").encode("utf-16")
    assert extract(html[: len(html) - cut], URL).paragraphs == STORY


def test_nul_bytes_between_and_in_words() -> None:
    html = page(f"<h1>{TITLE}</h1>{paragraphs()}").replace("ferry", "fer\0ry").replace("<p>", "\0<p>\0")
    assert read(html.encode()).paragraphs == STORY


def test_a_pdf_that_calls_itself_a_page() -> None:
    pdf = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type /Catalog>>\nendobj " + b"<p>text</p>" * 50
    assert extract(pdf, URL, content_type="text/html; charset=utf-8").verdict is Verdict.NOT_HTML


@pytest.mark.parametrize(
    "script",
    [
        f"<script>window.state = {{'a': {'1' * 5000}}}</script>".replace("'", '"'),
        f"<script>window.state = JSON.parse('{'1' * 5000}')</script>",
        f"<script type=application/json>[{'1' * 5000}]</script>",
        json_ld(f"[{'1' * 5000}]"),
    ],
    ids=["assigned", "parsed", "json", "json-ld"],
)
def test_a_number_of_thousands_of_digits(script: str) -> None:
    assert extract(f"<p>{STORY[0]}</p>{script}", URL).paragraphs == (STORY[0],)


def test_an_empty_page() -> None:
    assert extract(b"", URL, content_type="text/html").verdict is Verdict.EMPTY


# -- pages made to hurt ------------------------------------------------------------------------------------------------

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "html",
    [
        f"<p {' '.join(f'a{n}=x' for n in range(10_000))}>{STORY[0]}</p>{paragraphs()}",
        f"<p {' '.join(f'a{n}' for n in range(14_000))}>{STORY[0]}</p>" * 30,
        f"""<p x="<" {" ".join(f"a{n}='>'" for n in range(100_000))}>{STORY[0]}</p>{paragraphs()}""",
        f"""<p x" {" ".join(f"a{n}" for n in range(100_000))}>{STORY[0]}</p>{paragraphs()}""",
        f"{'<a ' * 250}>" * 4_000,
        "<div>" * (MEGABYTE // 5),
        "<b>" * (MEGABYTE // 3) + STORY[0],
        "<table><tr><td>" * (MEGABYTE // 15) + STORY[0],
        "<ul><li>" * (MEGABYTE // 8) + STORY[0],
        "<a href=/>" * (MEGABYTE // 10) + STORY[0],
        f"<noscript>{STORY[0]}" * (MEGABYTE // 120),
        "<p>" + "word " * (MEGABYTE // 5),
        f"<div class='paywall'>{STORY[0]}</div>" * (MEGABYTE // 130),
        f"<section><time datetime='2026-03-02'></time>{STORY[0]}</section>" * (MEGABYTE // 160),
        "<h1>404</h1>" * (MEGABYTE // 12),
        f"<title>{'Just a moment - ' * (MEGABYTE // 16)}</title>",
        f"<title>{'404 ' * (MEGABYTE // 4)}!</title>",
        f"<title>{'404 error ' * (MEGABYTE // 10)}x</title><h1>{'error 404 ' * 50_000}x</h1>",
        f"<title>{'error ' * (MEGABYTE // 6)}x</title><p>{'we and our ' * 1000}</p>",
        f"<p>{'the page you ' * (MEGABYTE // 13)}</p>",
        "<script type=application/json>" + '{"a":[' * (MEGABYTE // 6) + "</script>",
        "<script>window.a={" + '"a":"' * (MEGABYTE // 5) + "</script>",
        '<script type="application/ld+json">{"@type":"LiveBlogPosting","liveBlogUpdate":['
        + ",".join(['{"headline":"x","articleBody":"word word word word word word word"}'] * 10_000)
        + "]}</script>",
        "<script>" + "a={" * MEGABYTE + "</script>",
        f"<div class='{' '.join(f'c{n}' for n in range(15_000))}'>{paragraphs() * 1_000}</div>" * 2,
        f"<p>{STORY[0]}" + "<span>" * 190 + "<a href=/>a</a>" * 20_000 + "<img>",
        # Authors who refer to themselves, many times over.
        json_ld(node(author={"@id": "a"}, mainEntity={"@type": "Person", "@id": "a", "name": [{"@id": "a"}] * 60})),
        # Many bodies beside each other; many titles beside many articles; many texts in a long one.
        f"<div class=article-body>{f'<div class=article-body>{STORY[0]}</div>' * 25_000}</div>",
        page(f"<h2>{TITLE}</h2>" * 25_000 + f"<article>{STORY[0]}</article>" * 15_000),
        page("".join(f"<p>{n} {STORY[0]}" for n in range(9_000)), json_ld(node(articleBody="a" * 2 * MEGABYTE))),
        # A paid part of many names, walls that are the story, days that take long to read.
        page(
            paragraphs() + "<i class='u v'></i>" * 60_000,
            json_ld(
                node(
                    isAccessibleForFree=False,
                    hasPart={"isAccessibleForFree": False, "cssSelector": ",".join(f".z{n}" for n in range(60_000))},
                )
            ),
        ),
        "".join(f"<p class=paywall>{n} {STORY[0]}" for n in range(25_000)) + f"<p>{STORY[0]} And so…",
        page(paragraphs(), json_ld([{"@type": "Thing", "datePublished": "May 3, 2024 12:10:01 pm"}] * 90_000)),
        page("<article>" * 12 + "<b class=byline>x</b>" * 70 + "<i></i>" * 400_000),
    ],
    ids=lambda html: html[:30],
)
def test_it_is_answered_within_seconds(html: str) -> None:
    begun = time.process_time()
    found = extract(html, URL)
    took = time.process_time() - begun
    assert took < 5, f"{took:.1f} s"
    assert all(block.text.strip() for block in found.blocks)
    assert all(block.kind in BlockKind for block in found.blocks)
