"""What class, id and role names say, as words and never as parts of words."""

from __future__ import annotations

import pytest
from lxml import html

from newsbot.extract import markup
from newsbot.extract.markup import Strength


def element(name: str, attributes: str = "", tag: str = "div") -> html.HtmlElement:
    return html.fromstring(f'<{tag} class="{name}" {attributes}></{tag}>')


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("related-links", Strength.STRONG),
        ("relatedLinks", Strength.STRONG),
        ("c-related__links", Strength.STRONG),
        ("box Comments", Strength.STRONG),
        ("site_footer", Strength.STRONG),
        ("share-bar", Strength.WEAK),
        ("read-more", Strength.WEAK),
        ("sr-only", Strength.WEAK),
        ("story-tools", Strength.WEAK),
        ("article", Strength.NONE),
        ("unrelated", Strength.NONE),
        ("commentary", Strength.NONE),
        ("navy", Strength.NONE),
        ("address", Strength.NONE),
        ("more read", Strength.NONE),
        ("reading-room", Strength.NONE),
        ("tag-newsletter", Strength.NONE),
        ("category-share post-4 type-post", Strength.NONE),
        ("", Strength.NONE),
    ],
)
def test_names_that_lead_away(name: str, strength: Strength) -> None:
    assert markup.away(element(name)) is strength


@pytest.mark.parametrize("role", ["navigation", "complementary", "contentinfo", "banner", "dialog"])
def test_roles_lead_away(role: str) -> None:
    assert markup.away(element("", f"role={role}")) is Strength.WEAK
    assert markup.away(element("", "role=main")) is Strength.NONE


@pytest.mark.parametrize("tag", ["aside", "form"])
def test_elements_lead_away(tag: str) -> None:
    assert markup.away(element("box", tag=tag)) is Strength.WEAK


def test_an_id_says_as_much_as_a_class() -> None:
    assert markup.away(element("box", "id=comments")) is Strength.STRONG


@pytest.mark.parametrize("name", ["article-body", "articleBody", "entry-content", "c-story__body", "post_content big"])
def test_names_of_bodies(name: str) -> None:
    assert markup.is_body(element(name))


@pytest.mark.parametrize("name", ["body", "content", "article", "anybody", "articles-bodyguard"])
def test_names_that_are_no_bodies(name: str) -> None:
    assert not markup.is_body(element(name))


def test_microdata_names_a_body() -> None:
    assert markup.is_body(element("x", "itemprop=articleBody"))


@pytest.mark.parametrize("name", ["standfirst", "article__lede", "storySubtitle", "c-dek"])
def test_names_of_standfirsts(name: str) -> None:
    assert markup.says_standfirst(name)
    assert not markup.says_standfirst("leading misled kicker")


@pytest.mark.parametrize("name", ["caption", "image-caption", "photoCredit", "wp-caption-text"])
def test_names_of_captions(name: str) -> None:
    assert markup.says_caption(name)
    assert not markup.says_caption("accredited captioned")


@pytest.mark.parametrize(
    "attributes",
    ["hidden", 'hidden=""', 'aria-hidden="true"', 'style="display: none"', 'style="color:red;DISPLAY:NONE"'],
)
def test_what_is_not_shown(attributes: str) -> None:
    assert markup.is_hidden(element("x", attributes))


@pytest.mark.parametrize("attributes", ["", 'aria-hidden="false"', 'style="display:block"'])
def test_what_is_shown(attributes: str) -> None:
    assert not markup.is_hidden(element("x", attributes))
