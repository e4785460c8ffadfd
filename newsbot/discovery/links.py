"""Pages of links: the feeds that a page names, and which of its links are likely stories, by explainable points."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml import etree

from newsbot.charset import decode
from newsbot.discovery.text import absolute, looks_like, plain, root
from newsbot.errors import NotUnderstood
from newsbot.fingerprint import registered_domain
from newsbot.items import Lead

THRESHOLD = 4  # points from which a link counts as a story's
MOST_LINKS = 5_000  # links of one page that are looked at; the busiest front pages have under 1,500

FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml"}
)
# Words that, as a whole segment of a path, lead to something else than a story: wherever they stand ...
UTILITY = frozenset(
    """
    account ads advertise advertising agb apps author authors autor autoren autores autori auteur auteurs cart category
    categories checkout contributors datenschutz donate donation donations faq forum forums galerie gallery galleries
    help hilfe horoscope horoscopes impressum imprint jobs login logout my-account newsletter newsletters podcast
    podcasts preferences privacy profile register registration rss search shop signin sign-in signup sign-up staff store
    subscribe subscription subscriptions suche tag tags terms topic topics user users video videos wp-content wp-login
    """.split()
)
# ... or at its end; before a story's name, these are sections.
LAST_UTILITY = frozenset(
    """
    about about-us accessibility app archive archives careers comments contact contact-us contacto contato contatti
    cookie cookies corrections disclaimer events feed feeds feedback join kontakt legal live masthead membership
    mentions-legales page people policies press privacy-policy seguridad settings sitemap support team terms-of-service
    terms-of-use tv wallet weather wetter
    """.split()
)
_STORY_WORDS = frozenset({"article", "articles", "artikel", "articolo", "articulo", "story", "stories"})
_FURNITURE_TAGS = frozenset({"nav", "footer", "menu", "dialog"})  # not form: ASP.NET wraps whole pages in one
_FURNITURE_ROLES = frozenset({"navigation", "contentinfo", "search", "menu", "menubar", "banner"})
_FURNITURE_TOKENS = frozenset({"nav", "navbar", "navigation", "menu", "footer", "breadcrumb", "breadcrumbs", "cookie"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_FILES = re.compile(
    r"\.(jpe?g|png|gif|webp|svg|ico|pdf|zip|gz|mp[34]|m4[av]|ogg|wav|webm|mov|avi|css|js|json|xml|rss|atom|docx?|xlsx?|"
    r"pptx?|epub|ics|apk|exe)$",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?<!\d)(19|20)\d\d([/_.-])(0?[1-9]|1[0-2]|[a-z]{3})\2(0?[1-9]|[12]\d|3[01])(?!\d)|"
                  r"(?<!\d)20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)", re.IGNORECASE)  # fmt: skip
_MONTH = re.compile(r"/(19|20)\d\d[/-](0?[1-9]|1[0-2]|[a-z]{3})/", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<!\d)\d{5,}(?!\d)|[a-z]\d{5,}(?!\d)|[0-9a-f]{8}-[0-9a-f]{4}-|(?<![a-z0-9])(?=(?:[a-z]*\d){3})[a-z0-9]{10,}$"
)
_ID_NAMES = frozenset("id aid article articleid article_id artid story storyid newsid news_id idx idxno p".split())
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The points that a link got, and for what: ("+4 day in the path", ...)."""

    points: int
    reasons: tuple[str, ...]

    @property
    def is_story(self) -> bool:
        """Whether the points suffice."""
        return self.points >= THRESHOLD


@dataclass(frozen=True, slots=True)
class Links:
    """What a page links to: likely stories of its own registered domain, and the feeds that it names, in its order;
    `following`: the next page of the same list, on its own host, as `rel="next"` says it (HTML, 4.6.6)."""

    leads: tuple[Lead, ...] = ()
    feeds: tuple[str, ...] = ()
    following: str | None = None


@dataclass(slots=True)
class _Seen:
    """All that a page's links to one address say about it."""

    texts: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    featured: bool = False
    furniture: bool = True

    @property
    def title(self) -> str | None:
        return plain(max(self.headings or self.texts, key=len, default=""), 300)


def read_links(body: bytes, url: str, content_type: str = "") -> Links:
    """The likely stories and the feeds that the HTML page in `body`, served at `url`, links to.

    A lead's title is its link's text: a hint, no more. Raises NotUnderstood if the body is no HTML.
    """
    text = decode(body, content_type)
    like = looks_like(body)
    if not root(text)[0] or not like.startswith(("an HTML", "markup")):
        raise NotUnderstood(f"{url}: no page of links but {like}. Correct the address in the site's file.")
    # libxml2 is told the encoding, so that it does not look for one that is no longer true.
    parser = etree.HTMLParser(encoding="utf-8", recover=True, no_network=True, huge_tree=False, remove_comments=True)
    try:
        document: object = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise NotUnderstood(f"{url}: HTML that cannot be read ({error}). Take it out of the site's file.") from error
    if not isinstance(document, etree._Element):  # lxml: None where recovery leaves no element at all
        return Links()
    base = next((absolute(url, tag.get("href") or "") for tag in document.iter("base")), None) or url
    seen = _collect(document, base, url)
    leads = [Lead(address, found.title) for address, found in seen.items() if _judge(address, found).is_story]
    return Links(tuple(leads), tuple(dict.fromkeys(_feeds(document, base))), _following(document, base, url))


def judge(url: str, title: str | None = None, *, featured: bool = False, furniture: bool = False) -> Judgement:
    """How likely the address is to be a story's, given its link's text, whether the link stands in an article or in a
    heading (`featured`), and whether it stands nowhere but in menus and footers (`furniture`)."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    segments = [segment.lower() for segment in path.split("/") if segment]
    points: list[tuple[int, str]] = []
    points += _address_points(path, segments, parts.query)
    points += _title_points(title or "")
    if featured:
        points.append((2, "in an article or a heading"))
    if furniture:
        points.append((-4, "in a menu or footer"))
    return Judgement(sum(worth for worth, _ in points), tuple(f"{worth:+d} {reason}" for worth, reason in points))


def _judge(url: str, seen: _Seen) -> Judgement:
    return judge(url, seen.title, featured=seen.featured, furniture=seen.furniture)


def _address_points(path: str, segments: list[str], query: str) -> Iterator[tuple[int, str]]:
    query_names = {name.lower(): value for name, value in parse_qsl(query[:500])}
    number = next((name for name in query_names if name in _ID_NAMES and query_names[name].isalnum()), None)
    if not segments and number is None:
        yield -10, "a front page"
        return
    if _FILES.search(path):
        yield -10, "a file that is no page"
    last = segments[-1] if segments else ""
    stem = re.sub(r"\.[a-z]{3,5}$", "", last)
    if _DAY.search(path):
        yield 4, "day in the path"
    elif _MONTH.search(path):
        yield 3, "month in the path"
    words = max(
        (len(re.findall(r"[^\W\d_]+", segment)) for segment in segments if re.search("[-_]", segment)), default=0
    )
    if words >= 4:
        yield 3, "long slug"
    elif words == 3:
        yield 1, "slug"
    elif len(_CJK.findall(last)) >= 6:
        yield 2, "long slug"
    if _NUMBER.search(stem) or any(segment.isdigit() and len(segment) >= 5 for segment in segments):
        yield 2, "number in the path"
    elif number is not None:
        yield 2, f"{number} in the query"
    if not _STORY_WORDS.isdisjoint(segments[:-1]):
        yield 1, "called a story by its path"
    utility = next(
        (segment for segment in (*segments, stem) if segment in UTILITY), stem if stem in LAST_UTILITY else ""
    )
    if utility:
        yield -6, f"'{utility}' in the path"
    if number is None and ("page" in query_names or (len(segments) > 1 and segments[-2] == "page")):
        yield -6, "one of several pages"


def _title_points(title: str) -> Iterator[tuple[int, str]]:
    words = len(title.split())
    wide = len(_CJK.findall(title))
    if (len(title) >= 25 and words >= 4) or wide >= 12:
        yield 3, "text as long as a headline"
    elif (len(title) >= 15 and words >= 3) or wide >= 8:
        yield 1, "text of some words"


def _collect(document: etree._Element, base: str, url: str) -> dict[str, _Seen]:
    own = registered_domain(url)
    itself = absolute(url, url)
    seen: dict[str, _Seen] = {}
    for number, anchor in enumerate(document.iter("a", "area")):
        if number >= MOST_LINKS:
            break
        address = absolute(base, anchor.get("href") or "")
        if address is None or address == itself or not _is_own(address, url, own):
            continue
        if "sponsored" in (anchor.get("rel") or "").lower().split():
            continue
        found = seen.setdefault(address, _Seen())
        headings = [_inner_text(child) for child in anchor.iter(*_HEADINGS)]
        found.headings += [heading for heading in headings if heading]
        label = _inner_text(anchor) or anchor.get("aria-label") or anchor.get("title") or _picture_text(anchor)
        found.texts.append(label)
        featured, furniture = surroundings(anchor)
        found.featured |= featured or bool(headings)
        found.furniture &= furniture
    return seen


def _is_own(address: str, url: str, own: str) -> bool:
    if urlsplit(address).hostname == urlsplit(url).hostname:
        return True
    return own != "" and registered_domain(address) == own


def _inner_text(element: etree._Element) -> str:
    return " ".join(" ".join(str(part) for part in element.itertext(with_tail=False)).split())[:2000]


def _picture_text(anchor: etree._Element) -> str:
    return next((alt for picture in anchor.iter("img") if (alt := picture.get("alt"))), "")


def surroundings(anchor: etree._Element) -> tuple[bool, bool]:
    """Whether the link stands in an article or a heading, and whether in a menu or footer."""
    featured = furniture = False
    for element in anchor.iterancestors():
        tag = element.tag
        if tag == "article" or tag in _HEADINGS:
            featured = True
        tokens = [*(element.get("class") or "").lower().split(), (element.get("id") or "").lower()]
        if (
            tag in _FURNITURE_TAGS
            or (element.get("role") or "").lower() in _FURNITURE_ROLES
            or (tag not in {"html", "body"} and not _FURNITURE_TOKENS.isdisjoint(tokens))
        ):
            furniture = True
    return featured, furniture


def _following(document: etree._Element, base: str, url: str) -> str | None:
    for link in document.iter("link", "a"):
        if "next" in (link.get("rel") or "").lower().split():
            address = absolute(base, link.get("href") or "")
            if address and urlsplit(address).hostname == urlsplit(url).hostname and address != absolute(url, url):
                return address
    return None


def _feeds(document: etree._Element, base: str) -> Iterator[str]:
    for link in document.iter("link"):
        if "alternate" not in (link.get("rel") or "").lower().split():
            continue
        if (link.get("type") or "").lower().partition(";")[0].strip() not in FEED_TYPES:
            continue
        address = absolute(base, link.get("href") or "")
        if address and "/comments/" not in address:
            yield address
