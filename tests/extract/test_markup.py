"""What class, id and role names say, as words and never as parts of words."""

from __future__ import annotations

import pytest
from lxml import etree

from newsbot.extract import markup


def element(name: str, attributes: str = "", tag: str = "div") -> etree._Element:
    root = etree.fromstring(f'<body><{tag} class="{name}" {attributes}></{tag}></body>', etree.HTMLParser())
    return root[0][0]


def flags(name: str, attributes: str = "", tag: str = "div") -> int:
    return markup.read(element(name, attributes, tag), tag)[1]


def away(name: str, attributes: str = "", tag: str = "div") -> str:
    said = flags(name, attributes, tag)
    return "far" if said & markup.FAR_AWAY else "away" if said & markup.AWAY else "none"


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("related-links", "far"),
        ("relatedLinks", "far"),
        ("c-related__links", "far"),
        ("box Comments", "far"),
        ("site_footer", "far"),
        ("share-bar", "away"),
        ("read-more", "away"),
        ("sr-only", "away"),
        ("story-tools", "away"),
        ("article", "none"),
        ("unrelated", "none"),
        ("commentary", "none"),
        ("navy", "none"),
        ("address", "none"),
        ("more read", "none"),
        ("reading-room", "none"),
        ("tag-newsletter", "none"),
        ("category-share post-4 type-post", "none"),
        ("", "none"),
    ],
)
def test_names_that_lead_away(name: str, strength: str) -> None:
    assert away(name) == strength


@pytest.mark.parametrize("role", ["navigation", "complementary", "contentinfo", "banner", "dialog"])
def test_roles_lead_away(role: str) -> None:
    assert away("", f"role={role}") == "far"
    assert away("", "role=main") == "none"


@pytest.mark.parametrize(("tag", "strength"), [("aside", "away"), ("form", "far")])
def test_elements_lead_away(tag: str, strength: str) -> None:
    assert away("box", tag=tag) == strength


def test_an_id_says_as_much_as_a_class() -> None:
    assert away("box", "id=comments") == "far"


@pytest.mark.parametrize("name", ["article-body", "articleBody", "entry-content", "c-story__body", "post_content big"])
def test_names_of_bodies(name: str) -> None:
    assert bool(flags(name) & markup.BODY)


@pytest.mark.parametrize("name", ["body", "content", "article", "anybody", "articles-bodyguard"])
def test_names_that_are_no_bodies(name: str) -> None:
    assert not bool(flags(name) & markup.BODY)


def test_microdata_names_a_body() -> None:
    assert bool(flags("x", "itemprop=articleBody") & markup.BODY)


@pytest.mark.parametrize("name", ["standfirst", "article__lede", "storySubtitle", "c-dek"])
def test_names_of_standfirsts(name: str) -> None:
    assert bool(flags(name) & markup.STANDFIRST)
    assert not bool(flags("leading misled kicker") & markup.STANDFIRST)


@pytest.mark.parametrize("name", ["caption", "image-caption", "photoCredit", "wp-caption-text"])
def test_names_of_captions(name: str) -> None:
    assert bool(flags(name) & markup.CAPTION)
    assert not bool(flags("accredited captioned") & markup.CAPTION)


@pytest.mark.parametrize(
    "attributes",
    ["hidden", 'hidden=""', 'aria-hidden="true"', 'style="display: none"', 'style="color:red;DISPLAY:NONE"'],
)
def test_what_is_not_shown(attributes: str) -> None:
    assert markup.hides(element("x", attributes))


@pytest.mark.parametrize("attributes", ["", 'aria-hidden="false"', 'style="display:block"'])
def test_what_is_shown(attributes: str) -> None:
    assert not markup.hides(element("x", attributes))
