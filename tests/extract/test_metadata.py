"""What a page says of itself, where its sources agree, contradict each other and are silent."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from newsbot.items import Access, Image
from tests.extract.pages import STANDFIRST, STORY, TITLE, URL, article, json_ld, node, page, paragraphs, read

HOST = "https://www.harbour-gazette.example"


def meta(**contents: str) -> str:
    """Meta elements; `__` in a name stands for a colon."""
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{it}">' for name, it in contents.items())


# -- title -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "site"),
    [
        (TITLE, "Harbour Gazette"),
        (f"{TITLE} | Harbour Gazette", "Harbour Gazette"),
        (f"{TITLE} – The Harbour Gazette", "The Harbour Gazette"),
        (f"{TITLE} :: Harbour Gazette", "The Harbour Gazette"),
        (f"Harbour Gazette | {TITLE}", "Harbour Gazette"),
        (f"{TITLE} | Harbour Gazette", None),
        (f"{TITLE} - Harbour Gazette", None),
        (f"Harbour Gazette · {TITLE}", None),
    ],
)
def test_the_sites_name_is_no_part_of_a_title(window: str, site: str | None) -> None:
    assert read(page(paragraphs(), meta(og__site_name=site) if site else "", title=window)).title == TITLE


def test_a_dash_inside_a_title_stays() -> None:
    title = "Ferry back - goats first"
    assert read(page(f"<h1>{title}</h1>{paragraphs()}", title=f"{title} - Harbour Gazette")).title == title


def test_the_heading_is_the_title_and_not_the_sites_own() -> None:
    html = page(f"<header><h1>Harbour Gazette</h1></header><h1>{TITLE}</h1>{paragraphs()}", title=f"{TITLE} | HG")
    assert read(html).title == TITLE


def test_a_headline_that_json_ld_cuts_short_is_whole_on_the_page() -> None:
    for short in (TITLE[:20] + "…", TITLE[:20] + "...", TITLE[:18]):
        html = page(f"<h1>{TITLE}</h1>{paragraphs()}", json_ld(node(headline=short)), title="Gazette")
        assert read(html).title == TITLE


def test_microdata_name_the_headline() -> None:
    assert read(page(paragraphs(), f'<meta itemprop="headline" content="{TITLE}">', title="Gazette")).title == TITLE


def test_og_title_speaks_where_there_is_no_heading() -> None:
    head = meta(og__title=f"{TITLE} | Harbour Gazette", og__site_name="Harbour Gazette")
    assert read(page(paragraphs(), head, title="Untitled")).title == TITLE


def test_the_markup_of_a_title_is_not_part_of_it() -> None:
    assert read(page(f"<h1>\n The <em>ferry</em> to&nbsp;Grey\n Island </h1>{paragraphs()}", title="")).title == (
        "The ferry to Grey Island"
    )


def test_a_page_without_any_title_has_none() -> None:
    assert read(f"<body>{paragraphs()}</body>").title is None


# -- authors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "Ida Quill and Tom Reed",
        "By Ida Quill, Tom Reed",
        ["Ida Quill", "Tom Reed"],
        [{"@type": "Person", "name": "Ida Quill"}, {"@type": "Person", "name": "Tom Reed"}],
        {"@type": "Person", "name": ["Ida Quill", "Tom Reed"]},
        [["Ida Quill"], {"name": {"@value": "Ignored"}, "@type": "Thing"}, {"name": "Tom Reed"}],
        [{"@type": "Person", "givenName": "Ida", "familyName": "Quill"}, {"name": "", "familyName": "Tom Reed"}],
        {"@type": "Person", "name": "Ida&#32;Quill &amp; Tom Reed"},
        [{"name": "Ida Quill", "url": "https://a.example/ida"}, "https://a.example/tom", "Tom Reed", "Ida Quill"],
    ],
)
def test_authors_in_json_ld(said: Any) -> None:
    found = read(article(head=json_ld(node(author=said)))).authors
    assert [name for name in found if name != "Ignored"] == ["Ida Quill", "Tom Reed"]


def test_an_author_that_is_described_elsewhere_on_the_page() -> None:
    person = {"@type": "Person", "@id": "https://a.example/#ida", "name": "Ida Quill"}
    graph = {"@graph": [node(author={"@id": "https://a.example/#ida"}), person]}
    assert read(article(head=json_ld(graph))).authors == ("Ida Quill",)


def test_an_author_that_refers_to_itself_is_nobody() -> None:
    loop = {"@type": "Person", "@id": "#a", "name": {"@id": "#a"}}
    assert read(article(head=json_ld({"@graph": [node(author={"@id": "#a"}), loop]}))).authors == ()


@pytest.mark.parametrize(
    "html",
    [
        article(head='<meta name="author" content="Ida Quill">'),
        article(
            head=meta(article__author="https://social.example/ida") + '<meta name="parsely-author" content="Ida Quill">'
        ),
        article('<a rel="author" href="/ida">Ida Quill</a>'),
        article('<span itemprop="author"><span itemprop="name">Ida Quill</span></span>'),
        article('<p class="byline">By Ida Quill</p>'),
        article('<p class="by">Ida Quill · <time datetime="2026-03-02">2 March 2026, 8:15</time></p>'),
        article('<div class="article byline__name--big">Ida Quill</div>'),
        article(head=json_ld(node(author={"name": "Ida Quill"})) + '<meta name="author" content="Webmaster">'),
    ],
)
def test_authors_elsewhere(html: str) -> None:
    assert read(html).authors == ("Ida Quill",)


def test_the_paper_is_an_author_only_where_nobody_else_is() -> None:
    head = meta(og__site_name="Harbour Gazette")
    both = [{"name": "Harbour Gazette"}, {"name": "Ida Quill"}]
    assert read(article(head=head + json_ld(node(author=both)))).authors == ("Ida Quill",)
    assert read(article(head=head + json_ld(node(author=both[:1])))).authors == ("Harbour Gazette",)


# -- dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "moment"),
    [
        (article(head=json_ld(node(datePublished="2026-03-02T08:00:00+02:00"))), "2026-03-02T08:00:00+02:00"),
        (article(head=meta(article__published_time="2026-03-02T08:00:00+02:00")), "2026-03-02T08:00:00+02:00"),
        (article(head='<meta name="pubdate" content="2026-03-02T08:00:00">'), "2026-03-02T08:00:00"),
        (article('<time datetime="2026-03-02T08:00:00Z">this morning</time>'), "2026-03-02T08:00:00+00:00"),
        (article('<span itemprop="datePublished" content="2026-03-02">2 March</span>'), "2026-03-02"),
        (article("<time>2 marca 2026, 8:00</time>"), "2026-03-02T08:00:00"),
        (article(head=meta(article__published__time="2026-03-02T08:00:00Z")), "2026-03-02T08:00:00+00:00"),
        (article(head='<meta itemprop="datePublished" content="1772438400">'), "2026-03-02T08:00:00+00:00"),
        (article(head=json_ld(node(datePublished="2026-03-02"))), "2026-03-02"),
    ],
)
def test_publication(html: str, moment: str) -> None:
    found = read(html).published
    assert found is not None
    assert found.isoformat() == moment


def test_the_day_in_an_address_is_the_last_resort() -> None:
    dated = "https://www.harbour-gazette.example/2026/03/02/ferry"
    assert read(article(), dated).published == date(2026, 3, 2)
    found = read(article(head=meta(article__published_time="2026-03-01T23:30:00Z")), dated).published
    assert found is not None
    assert found.isoformat() == "2026-03-01T23:30:00+00:00"


def test_a_day_is_made_exact_by_another_source_of_that_day() -> None:
    head = json_ld(node(datePublished="2026-03-02")) + meta(article__published_time="2026-03-02T08:00:00+02:00")
    found = read(article(head=head)).published
    assert found is not None
    assert found.isoformat() == "2026-03-02T08:00:00+02:00"


def test_the_exact_time_of_another_story_is_not_this_ones() -> None:
    teased = {"@type": "NewsArticle", "headline": "Goats on board", "datePublished": "2025-11-20T09:00:00Z"}
    head = json_ld([teased, node(url=URL, datePublished="2026-03-02"), teased])
    assert read(article(head=head)).published == date(2026, 3, 2)


def test_the_last_change_is_told_from_the_first_publication() -> None:
    head = json_ld(node(datePublished="2026-03-02T08:00:00Z", dateModified="2026-03-04T11:30:00Z"))
    found = read(article(head=head))
    assert found.published is not None
    assert found.modified is not None
    assert (found.published.isoformat(), found.modified.isoformat()) == (
        "2026-03-02T08:00:00+00:00",
        "2026-03-04T11:30:00+00:00",
    )
    assert read(article()).modified is None


# -- addresses and the picture -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="https://a.example/1">', "https://a.example/1"),
        ('<link rel="CANONICAL nofollow" href=" /1 ">', f"{HOST}/1"),
        ('<base href="https://b.example/x/"><link rel="canonical" href="1">', "https://b.example/x/1"),
        ('<meta property="og:url" content="https://a.example/2">', "https://a.example/2"),
        ('<link rel="amphtml" href="/amp">', None),
        ('<link rel="canonical" href="">', None),
        ('<link rel="canonical" href="http://[">', None),
        ('<link rel="canonical" href="http://["><meta property="og:url" content="/2">', f"{HOST}/2"),
        ('<base href="http://["><link rel="canonical" href="/1">', f"{HOST}/1"),
    ],
)
def test_the_canonical_address(head: str, url: str | None) -> None:
    assert read(article(head=head)).canonical_url == url


def test_an_address_of_the_page_that_is_none() -> None:
    head = '<link rel="canonical" href="/1">' + meta(og__image="/boat.jpg")
    assert read(article(head=head), "http://[").paragraphs == STORY


def test_the_picture_with_its_caption_and_credit() -> None:
    image = {"@type": "ImageObject", "url": "/boat.jpg", "caption": "The new engine.", "creditText": "Tom Reed"}
    found = read(article(head=json_ld(node(image=[image]))))
    assert found.image == Image(f"{HOST}/boat.jpg", "The new engine.", "Tom Reed")


def test_the_picture_that_is_described_elsewhere() -> None:
    picture = {
        "@type": "ImageObject",
        "@id": "#boat",
        "url": "/boat.jpg",
        "caption": "The engine.",
        "creator": "Tom Reed",
    }
    graph = {"@graph": [node(image={"@id": "#boat"}), picture]}
    assert read(article(head=json_ld(graph))).image == Image(f"{HOST}/boat.jpg", "The engine.", "Tom Reed")


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("The ferry. Photo: Tom Reed", "Tom Reed"),
        ("The ferry (Foto: Tom Reed/HPA)", "Tom Reed/HPA"),
        ("The ferry © Tom Reed", "Tom Reed"),
        ("The ferry, photographed by many", None),
    ],
)
def test_the_credit_in_a_caption(caption: str, credit: str | None) -> None:
    figure = f"<figure><img src=boat.jpg><figcaption>{caption}</figcaption></figure>"
    html = page(f"<article><h1>{TITLE}</h1>{figure}{paragraphs()}</article>", meta(og__image="https://i.example/b.jpg"))
    assert read(html).image == Image("https://i.example/b.jpg", caption, credit)


def test_the_caption_on_the_page_is_that_of_the_picture() -> None:
    figure = "<figure><img src=boat.jpg><figcaption>The ferry leaves the harbour.</figcaption></figure>"
    html = page(f"<article><h1>{TITLE}</h1>{figure}{paragraphs()}</article>", meta(og__image="https://i.example/b.jpg"))
    assert read(html).image == Image("https://i.example/b.jpg", "The ferry leaves the harbour.")


@pytest.mark.parametrize("said", ["http://[", {"url": "http://["}, [], {}, 7, None])
def test_no_picture(said: Any) -> None:
    assert read(article(head=json_ld(node(image=said)))).image is None


# -- language, section, tags, access -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "language"),
    [
        (page(paragraphs(), lang="pt-BR"), "pt-br"),
        (page(paragraphs(), lang=" de "), "de"),
        (page(paragraphs(), json_ld(node(inLanguage="en_GB")), lang="de"), "en-gb"),
        (
            page(
                paragraphs(), json_ld(node(inLanguage={"@type": "Language", "name": "English", "alternateName": "en"}))
            ),
            "en",
        ),
        (page(paragraphs(), json_ld(node(inLanguage="Russian language")), lang="ru"), "ru"),
        (page(paragraphs(), meta(og__locale="nb_NO"), lang=""), "nb-no"),
        (page(paragraphs(), lang=""), None),
        (page(paragraphs(), '<meta http-equiv="Content-Language" content="pt-BR">', lang=""), "pt-br"),
        (page(paragraphs(), json_ld({"@type": "WebPage", "inLanguage": "pl"}), lang=""), "pl"),
        (page(paragraphs(), json_ld(node(inLanguage=["fi", "sv"]))), "fi"),
        (page(paragraphs(), lang="").replace("<html", '<html xml:lang="fi"'), "fi"),
    ],
)
def test_the_language(html: str, language: str | None) -> None:
    assert read(html).language == language


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        (json_ld(node(keywords=["ferry", "Grey Island", "ferry"])), ("ferry", "Grey Island")),
        (json_ld(node(keywords="ferry, Grey Island; goats")), ("ferry", "Grey Island", "goats")),
        (meta(article__tag="ferry") + meta(article__tag="Grey Island"), ("ferry", "Grey Island")),
        ('<meta name="news_keywords" content="ferry,goats"><meta name="keywords" content="all">', ("ferry", "goats")),
        ('<meta name="keywords" content=" , ">', ()),
        (json_ld(node(keywords=[{"name": "ferry"}, None, "x" * 200])), ("ferry",)),
    ],
)
def test_tags(head: str, tags: tuple[str, ...]) -> None:
    assert read(article(head=head)).tags == tags


def test_the_section() -> None:
    assert read(article(head=json_ld(node(articleSection=["Town", "News"])))).section == "Town"
    assert read(article(head=meta(article__section="Town"))).section == "Town"
    assert read(article(head=json_ld(node(articleSection="Town,Harbour")))).section == "Town"
    assert read(article(head=json_ld(node(articleSection="Arts, Books and Music")))).section == "Arts, Books and Music"
    assert read(article(head=json_ld(node(articleSection="Article")) + meta(article__section="Town"))).section == "Town"
    assert read(article()).section is None


@pytest.mark.parametrize(
    ("trail", "section"),
    [
        (["Home", "Town", TITLE], "Town"),
        (["Harbour Gazette", "Town", "Harbour", TITLE], "Town"),
        (["Startseite", TITLE], None),
        ([], None),
    ],
)
def test_the_section_in_the_breadcrumbs(trail: list[str], section: str | None) -> None:
    items = [{"@id": f"/{i}", "name": name} for i, name in enumerate(trail)]
    steps: list[dict[str, Any]] = [{"@type": "ListItem", "item": item} for item in items]
    crumbs = {"@type": "BreadcrumbList", "itemListElement": steps}
    assert read(article(head=json_ld([node(), crumbs]))).section == section
    named = {"@type": "BreadcrumbList", "itemListElement": [{**step, "name": step["item"]["name"]} for step in steps]}
    assert read(article(head=json_ld([node(), named]))).section == section


@pytest.mark.parametrize(
    ("head", "access"),
    [
        ("", Access.UNKNOWN),
        (json_ld(node(isAccessibleForFree=True)), Access.FREE),
        (json_ld(node(isAccessibleForFree="True")), Access.FREE),
        (json_ld(node(isAccessibleForFree=False)), Access.PAYWALLED),
        (json_ld(node(isAccessibleForFree="http://schema.org/False")), Access.PAYWALLED),
        (meta(article__content_tier="free"), Access.FREE),
        (meta(article__content_tier="metered"), Access.METERED),
        (meta(article__content_tier="locked"), Access.PAYWALLED),
        (meta(article__content_tier="metered") + json_ld(node(isAccessibleForFree=False)), Access.METERED),
        (meta(article__content_tier="free") + json_ld(node(isAccessibleForFree=False)), Access.FREE),
        (json_ld(node(isAccessibleForFree=None)), Access.UNKNOWN),
    ],
)
def test_access(head: str, access: Access) -> None:
    assert read(article(head=head)).access is access


# -- standfirst --------------------------------------------------------------------------------------------------------


def test_the_description_is_the_standfirst_where_the_page_shows_none() -> None:
    for head in (json_ld(node(description=STANDFIRST)), meta(og__description=STANDFIRST)):
        found = read(article(head=head))
        assert found.standfirst == STANDFIRST
        assert found.paragraphs == STORY


def test_scripts_that_are_no_json_ld_say_nothing() -> None:
    said = json.dumps(node(author="Tom Reed"))
    assert read(article(head=f'<script type="application/json">{said}</script><script>{said}</script>')).authors == ()
