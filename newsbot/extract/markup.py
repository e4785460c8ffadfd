"""What the markup says about an element: is it a block, is it no part of any story, does it hold a body."""

from __future__ import annotations

import re
from collections.abc import Callable
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
UNSEEN = 256  # shown only under the mouse, or to a screen reader


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
# On a phrase inside a text: what is there for a screen reader, or comes up under the mouse. "tooltip" alone is no such
# name: it stands around the word that is explained, too.
_UNSEEN = frozenset("sronly visuallyhidden screenreadertext offscreen tooltiptext".split())
_UNSEEN_PAIRS = frozenset(
    "sr-only visually-hidden screen-reader assistive-text tooltip-text tooltip-content tooltip-inner".split()
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
_AWAY_TAGS = {"aside": AWAY, "form": FAR_AWAY | AWAY}
_NEVER_AWAY = frozenset(("main", "html", "body"))
_HIDING: dict[str, Callable[[str], bool]] = {
    "hidden": lambda _: True,
    "aria-hidden": lambda value: value == "true",
    "style": lambda value: "display" in (plain := value.lower()) and "display:none" in plain.replace(" ", ""),
}
_TELLING = frozenset(("class", "id", "role", "itemprop", *_HIDING))
STRONG = frozenset(("b", "strong", "em", "i"))
_LONGEST_NAMES = 2000  # characters of a class or id that are read; every block below is told with them
_SPLIT = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Names that a publishing system writes for a story's own labels ("tag-newsletter", "category-share").
_LABELS = re.compile(r"^(?:tag|category|cat|author|post|type|topic|section|js|data|is|has|tax|term)[-_]", re.IGNORECASE)


def _by_word(*meanings: tuple[frozenset[str], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for words_of_it, flags in meanings:
        for word in words_of_it:
            found[word] = found.get(word, 0) | flags
    return found


_OF_WORD = _by_word(
    (_STRONG, FAR_AWAY | AWAY),
    (_WEAK, AWAY),
    (_BODY, BODY),
    (_UNSEEN, UNSEEN),
    (_STANDFIRST, STANDFIRST),
    (_CAPTION, CAPTION),
    (_BYLINE, BYLINE),
    (_TEASER, TEASER),
)
_OF_PAIR = _by_word((_WEAK_PAIRS, AWAY), (_BODY_PAIRS, BODY), (_UNSEEN_PAIRS, UNSEEN))


def _parts(name: str) -> list[str]:
    plain = name.lower()
    if plain.isalpha():
        return [plain] if plain == name else _SPLIT.split(_CAMEL.sub("-", name).lower())
    return _SPLIT.split(plain if plain == name else _CAMEL.sub("-", name).lower())


def words(names: str) -> set[str]:
    """The words in class and id names, in lower case: each alone, and those of one name together."""
    found: set[str] = set()
    for token in names.split():
        if not _LABELS.match(token):
            parts = _parts(token)
            found.update(parts)
            if len(parts) > 1:
                found.add("".join(parts))
    return found


def lasting(names: str) -> list[str]:
    """The class and id names that are the same on the next page: those without numbers that label no single story."""
    return [name for name in names.split() if not _LABELS.match(name) and not any(map(str.isdigit, name))]


@lru_cache(maxsize=65536)
def _token(token: str) -> int:
    """What one class or id says: by its words, and by pairs of neighbours among them."""
    parts = _parts(token)
    flags = 0
    if not _LABELS.match(token):
        for word in (*parts, "".join(parts)):
            flags |= _OF_WORD.get(word, 0)
    for one, other in pairwise(parts):
        flags |= _OF_PAIR.get(f"{one}-{other}", 0)
    return flags


@lru_cache(maxsize=16384)
def _flags(names: str) -> int:
    flags = 0
    for token in names.split():
        flags |= _token(token)
    return flags


def text_of(element: etree._Element) -> str:
    """All text in an element, white space folded."""
    return " ".join("".join(element.itertext()).split())


def hides(element: etree._Element) -> bool:
    """Whether the element's own attributes keep it from being shown."""
    for name, value in element.items():
        if (name == "class" and _flags(value) & UNSEEN) or (name in _HIDING and _HIDING[name](value)):
            return True
    return False


def read(element: etree._Element, tag: str) -> tuple[str, int]:
    """An element's class and id in one string, and what these and its other attributes say."""
    names = ""
    flags = _AWAY_TAGS.get(tag, 0)
    for name, value in element.items():
        if name not in _TELLING:
            continue
        if name in ("class", "id"):
            value = value[:_LONGEST_NAMES]
            names = f"{names} {value}" if names else value
        elif name == "role":
            if value in _AWAY_ROLES:
                flags |= FAR_AWAY | AWAY
        elif name == "itemprop":
            if value in ("articleBody", "reviewBody"):
                flags |= BODY
        elif _HIDING[name](value):
            flags |= HIDDEN | FAR_AWAY | AWAY
    if names:
        flags |= _flags(names)
    if flags & BODY or tag in _NEVER_AWAY:
        return names, flags if flags & HIDDEN else flags & ~(AWAY | FAR_AWAY)
    return names, flags
