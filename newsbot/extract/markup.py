"""What the markup says about an element: is it a block, is it no part of any story, does it hold a body."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from lxml import etree

NEVER = frozenset(
    """script style noscript template svg canvas iframe object embed audio video map select option textarea input button
    nav footer dialog head title meta link fencedframe menu""".split()
)
BLOCKS = frozenset(
    """address article aside blockquote body center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4 h5
    h6 header hgroup hr li main ol p pre section summary table tbody td tfoot th thead tr ul caption
    amp-story""".split()
)


# What an element's tag, names and attributes say of it; a set of them is a sum.
AWAY = 1  # no part of a story, perhaps
FAR_AWAY = 2  # no part of a story, almost surely
BODY = 4  # holds a story's text
STANDFIRST = 8
CAPTION = 16
BYLINE = 32
HIDDEN = 64
TEASER = 128  # a pointer to another story


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
_CAPTION = frozenset("caption captions credit credits figcaption photocredit imagecredit".split())
_BYLINE = frozenset("byline bylines author authors authorname autor autoren auteur auteurs firma reporter".split())
_TEASER = frozenset("teaser teasers card cards promo promos tile tiles related".split())
_AWAY_ROLES = frozenset("navigation complementary contentinfo banner search dialog alert".split())
_AWAY_TAGS = frozenset(("aside", "form"))
STRONG = frozenset(("b", "strong", "em", "i"))
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
def _flags(name: str) -> int:
    single, pairs = words(name)
    flags = 0
    if single & _STRONG:
        flags |= FAR_AWAY | AWAY
    elif single & _WEAK or pairs & _WEAK_PAIRS:
        flags |= AWAY
    if single & _BODY or pairs & _BODY_PAIRS:
        flags |= BODY
    if single & _STANDFIRST:
        flags |= STANDFIRST
    if single & _CAPTION:
        flags |= CAPTION
    if single & _BYLINE:
        flags |= BYLINE
    if single & _TEASER:
        flags |= TEASER
    return flags


def hides(element: etree._Element) -> bool:
    """Whether the element's own attributes keep it from being shown."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return style is not None and "display:none" in style.replace(" ", "").lower()


def read(element: etree._Element, tag: str) -> tuple[str, int]:
    """An element's class and id in one string, and what these and its other attributes say."""
    classes, own = element.get("class"), element.get("id")
    names = f"{classes} {own}" if classes and own else classes or own or ""
    flags = _flags(names) if names else 0
    if tag in _AWAY_TAGS:
        flags |= AWAY
    if (role := element.get("role")) and role in _AWAY_ROLES:
        flags |= AWAY
    if (prop := element.get("itemprop")) and prop in ("articleBody", "reviewBody"):
        flags |= BODY
    if hides(element):
        flags |= HIDDEN | FAR_AWAY | AWAY
    if tag in ("main", "html", "body") or (flags & BODY and not flags & HIDDEN):
        flags &= ~(AWAY | FAR_AWAY)
    return names, flags
