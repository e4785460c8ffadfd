"""What the markup says about an element: is it a block, is it no part of any story, does it hold a body."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

from lxml.html import HtmlElement

NEVER = frozenset(
    """script style noscript template svg canvas iframe object embed audio video map select option textarea input button
    nav footer dialog head title meta link fencedframe menu""".split()
)
BLOCKS = frozenset(
    """address article aside blockquote body center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4 h5
    h6 header hgroup hr li main ol p pre section summary table tbody td tfoot th thead tr ul caption
    amp-story""".split()
)


class Strength(IntEnum):
    """How surely an element's names say that it is no story."""

    NONE = 0
    WEAK = 1
    STRONG = 2


# Words of class and id names under which sites keep what is no story. They stand alone in a name ("related-links",
# "relatedLinks"), never as a part of another word. The strong ones hardly ever stand on a story's own text.
_STRONG = frozenset(
    """comment comments commentlist disqus footer nav navbar navigation menu cookie consent gdpr breadcrumb breadcrumbs
    related relatedcontent relatedarticles relatedposts relatedpoststitle recirc recommended recommendations outbrain
    taboola newsletter newsletters signup mostread mostpopular masthead""".split()
)
_WEAK = frozenset(
    """recirculation recommendation recommends trending popular share sharing shares sharebar sharetools sharedaddy
    social socials addthis sidebar rail widgets advert adverts advertisement advertising ads ad adslot dfp sponsored
    sponsor promo promos promotion promobox teaser teasers donate donation contribute popup modal lightbox toolbar
    pagination pager login signin register regwall piano tooltip toc hidden offscreen sronly invisible ticker authorbio
    aboutauthor bio byline bylines timestamp pubdate tags taglist topics keywords readmore morefrom alsoread nextarticle
    upnext playlist poll quiz survey rating ratings copyright feedback""".split()
)
# Two words that mean it only together.
_WEAK_PAIRS = frozenset(
    """read-more read-next read-also most-read most-popular more-from more-stories more-on sr-only screen-reader
    visually-hidden also-read author-bio author-info author-box about-author article-tags post-tags story-tags tag-list
    topic-list see-also up-next follow-us sign-up skip-link social-media article-meta post-meta entry-meta story-meta
    entry-footer article-footer post-footer article-info story-card article-card link-list app-promo sidebar-widget
    widget-area subscribe-box subscription-box subscribe-banner load-next article-actions story-tools""".split()
)
_BODY = frozenset(
    """articlebody storybody postbody entrycontent articlecontent storycontent postcontent articletext storytext
    bodytext fulltext bodycontent newsbody""".split()
)
_BODY_PAIRS = frozenset(
    """article-body story-body post-body entry-content article-content story-content post-content article-text
    story-text body-text body-copy body-content news-body news-text content-body rich-text text-content
    article-main""".split()
)
_STANDFIRST = frozenset(
    """standfirst lead leadtext lede dek deck subtitle subtitulo subhead subheadline subheading summary intro
    introduction teasertext excerpt abstract description chapo sapo sommario entradilla bajada ingress perex
    anrisstext vorspann preamble sottotitolo leadin topline""".split()
)
_SPLIT = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Names that a publishing system writes for a story's own labels ("tag-newsletter", "category-share").
_LABELS = re.compile(r"^(?:tag|category|cat|author|post|type|topic|section|js|data|is|has|tax|term)[-_]", re.IGNORECASE)


@lru_cache(maxsize=16384)
def words(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of one class or id attribute, and the pairs of neighbours in each of its names."""
    single: set[str] = set()
    pairs: set[str] = set()
    for token in name.split():
        parts = [part for part in _SPLIT.split(_CAMEL.sub("-", token).lower()) if part]
        if _LABELS.match(token):
            pairs.update(f"{a}-{b}" for a, b in pairwise(parts))
            continue
        single.update(parts)
        single.add("".join(parts))
        pairs.update(f"{a}-{b}" for a, b in pairwise(parts))
    return frozenset(single), frozenset(pairs)


@lru_cache(maxsize=16384)
def _strength(name: str) -> Strength:
    single, pairs = words(name)
    if single & _STRONG:
        return Strength.STRONG
    return Strength.WEAK if single & _WEAK or pairs & _WEAK_PAIRS else Strength.NONE


@lru_cache(maxsize=16384)
def _body(name: str) -> bool:
    single, pairs = words(name)
    return bool(single & _BODY or pairs & _BODY_PAIRS)


@lru_cache(maxsize=16384)
def says_standfirst(name: str) -> bool:
    """Whether a class attribute calls its element a standfirst."""
    return bool(words(name)[0] & _STANDFIRST)


@lru_cache(maxsize=16384)
def says_caption(name: str) -> bool:
    """Whether a class attribute calls its element a picture's caption or credit."""
    return bool(
        words(name)[0] & {"caption", "captions", "credit", "credits", "figcaption", "photocredit", "imagecredit"}
    )


def names(element: HtmlElement) -> str:
    """The class and id attributes in one string."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def is_hidden(element: HtmlElement) -> bool:
    """Whether the element is not shown: the attribute, ARIA, or its own style."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style") or ""
    return "display:none" in style.replace(" ", "").lower()


def away(element: HtmlElement) -> Strength:
    """How surely the element's names or role say that it is no part of a story."""
    if element.get("role") in ("navigation", "complementary", "contentinfo", "banner", "search", "dialog", "alert"):
        return Strength.WEAK
    named = _strength(names(element))
    return max(named, Strength.WEAK) if element.tag in ("aside", "form") else named


def is_body(element: HtmlElement) -> bool:
    """Whether the element's names say that it holds the story's text."""
    return element.get("itemprop") in ("articleBody", "reviewBody") or _body(names(element))
