"""Is the page a story at all? If not, what it is instead, and what says so.

News is written about captchas, consent and missing pages, so no word decides alone. Each page that might be none is
weighed: titles that say nothing else, sentences that speak to the reader, marks that only such pages carry, and against
them a story's node in the JSON-LD and prose that runs on. A page that declares its story and holds its text is not
weighed at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from itertools import islice, pairwise
from urllib.parse import urlsplit

from lxml import etree

from newsbot.extract import jsonld
from newsbot.extract.blocks import Found, Walk
from newsbot.extract.document import Document
from newsbot.extract.markup import text_of
from newsbot.extract.metadata import Facts
from newsbot.extract.text import fold, size
from newsbot.items import BlockKind, Verdict

LEAST = 120  # characters below which a page says too little to be a story, unless it declares itself one
_SHORT = 1200  # characters below which a text may be all that a wall says
_BRIEF = 250  # characters below which even a page that declares itself is looked at
_OTHER = 300  # characters of prose in one run that a wall does not have beside what it says
_HINT = 400  # characters of text that may stand beside a film
_ENOUGH = 3  # points from which the evidence is believed
_LINKS = 30  # links that make a page without text a page of links
_TEASERS = 5  # teasers that make a list
_LONGEST_TITLE = 1000  # characters; patterns take the square of it
_VISIBLE = 4000  # characters of everything that a page shows, from which a wall is looked for


def _either(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_WALLS = tomllib.loads(resources.files(__package__).joinpath("walls.toml").read_text("utf-8"))
_CHALLENGE_TITLE = _either(_WALLS["challenge"]["titles"])
# Only where a sentence begins: there they speak to the reader, elsewhere they may be what a story tells of.
_OPENS = r"(?:^|[.!?…:。！？\n]\s*|\b(?:please|bitte|por favor|veuillez|пожалуйста)[, ]+)"
_CHALLENGE_SAYS = [re.compile(f"{_OPENS}({_either(p).pattern})", re.IGNORECASE) for p in _WALLS["challenge"]["says"]]
_CHALLENGE_MARK = re.compile("|".join(_WALLS["challenge"]["marks"]))
_CONSENT_TITLE = _either(_WALLS["consent"]["titles"])
_CONSENT_SAYS = [re.compile(f"({_either(patterns).pattern})", re.IGNORECASE) for patterns in _WALLS["consent"]["says"]]
_AROUND = "|".join(_WALLS["gone"]["around"])
_GONE_TITLE = re.compile(
    f"(?:(?:{_AROUND}) )*(?:{_either(_WALLS['gone']['titles']).pattern})(?: (?:{_AROUND}))*", re.IGNORECASE
)
_GONE_SAYS = _either(pattern for patterns in _WALLS["gone"]["says"] for pattern in patterns)
_TAKEN_AWAY = _either(_WALLS["gone"]["taken"])
_GONE_NAME = re.compile(
    r"(?:^|[\s_-])(?:error-?_?404|page-?_?404|error-?_?page|not-?_?found(?:-?page)?|page-?not-?found|is-404|http-404|"
    r"template-404|err(?:or)?404)(?=[\s_-]|$)",
    re.IGNORECASE,
)
_GONE_PATH = re.compile(r"/(?:404|410|error|not-?found|page-?not-?found)(?:/|\.\w+)?$", re.IGNORECASE)

# -- pages of links ----------------------------------------------------------------------------------------------------

_INDEX_TYPES = frozenset(("collectionpage", "itemlist", "searchresultspage", "profilepage", "blog"))
_FILM_TYPES = frozenset(
    """videoobject audioobject imagegallery mediagallery podcastepisode podcastseries radioepisode tvepisode clip
    videogallery movie broadcastevent""".split()
)
_INDEX_PATH = re.compile(
    r"^/(?:(?:[a-z]{2}|index|home|homepage|default)(?:\.\w+)?/?)?$|/(?:tags?|topics?|themen?|thema|category|categories|"
    r"categor[iy]a|kategorie|rubri(?:k|que|ek)|authors?|autor(?:en|es|e)?|auteurs?|profiles?|people|search|suche|"
    r"recherche|buscar?|zoeken|archives?|archiv|page/\d+|sections?)(?:/|\.\w+$|$)",
    re.IGNORECASE,
)
_FILM_PATH = re.compile(
    r"/(?:videos?|watch|tv|clips?|podcasts?|audio|listen|gallery|galleries|galer[ií]as?|photos?|fotos?|fotostrecken?|"
    r"bilder|bildergalerien?|diaporamas?|slideshows?|pictures?|mediathek|v)(?:/|$|[-_])",
    re.IGNORECASE,
)
_PLAYER = re.compile(
    r"youtube(?:-nocookie)?\.com/embed|player\.vimeo|dailymotion\.com/(?:embed|player)|jwplayer|brightcove|omny\.fm|"
    r"megaphone\.fm|w\.soundcloud|open\.spotify\.com/embed|spreaker|simplecast|acast",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s+(?:[|–—·•»«]|-|::|//)\s+|\s*\|\s*")
_NO_INDEX = re.compile(r"\bnoindex\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Teasers:
    """How the prose of a page stands among its pointers."""

    pointers: int  # headlines that are links
    under: float  # share of the prose blocks that stand right below one
    prose: int  # blocks of prose
    run: int  # characters of the longest run of prose without a pointer in between


class _Case:
    """What speaks for and against a page; each part is looked up once, and only when it is asked for."""

    def __init__(self, document: Document, facts: Facts, seen: Walk, text: str) -> None:
        self.document = document
        self.root = document.root
        self.facts = facts
        self.seen = seen
        self.text = text.strip()
        self.size = size(self.text)
        self.types = frozenset(t for node in facts.nodes for t in jsonld.types(node))
        self.kind = (facts.meta("og:type") or "").lower()

    @cached_property
    def own_story(self) -> bool:
        """Whether the JSON-LD has a story that is this page's, not one of many that a list points to."""
        node = self.facts.node
        if not node:
            return False
        stories = [n for n in self.facts.nodes if jsonld.types(n) & jsonld.STORY_TYPES]
        if len(stories) == 1 and not self.types & _INDEX_TYPES:
            return True
        return _is_of(node, self.facts.url, self.said)

    @cached_property
    def titles(self) -> list[str]:
        """The window title, whole and in its parts, and the page's headings, folded."""
        whole = (self.facts.window or "")[:_LONGEST_TITLE]
        said = [whole, *_SEPARATOR.split(whole), self.facts.meta("og:title") or "", *self.headings[:3]]
        return [folded for text in said if (folded := fold(text[:_LONGEST_TITLE]))]

    @cached_property
    def headings(self) -> list[str]:
        """The texts of the first h1, or where there is none, of the first h2."""
        if self.facts.headings:
            return self.facts.headings
        texts = map(text_of, self.root.iter("h2"))
        return list(islice(filter(None, texts), 3))

    @cached_property
    def said(self) -> frozenset[str]:
        return frozenset(self.titles)

    @cached_property
    def shown(self) -> str:
        """What the page shows: the body's text, or where there is none all of its text, buttons too."""
        if size(self.text) >= LEAST:
            return self.text
        page = self.root.find("body")
        visible = " ".join(_visible(page if page is not None else self.root).split())
        return visible if len(visible) <= _VISIBLE else self.text

    @cached_property
    def links(self) -> int:
        return sum(1 for _ in self.root.iter("a"))

    @cached_property
    def teasers(self) -> _Teasers:
        return _teasers([block for block in self.seen.blocks if block.kind is not BlockKind.CAPTION])

    def title_is(self, pattern: re.Pattern[str]) -> str | None:
        return next((title for title in self.titles if pattern.fullmatch(title)), None)

    @property
    def declared(self) -> bool:
        """Whether the metadata say, strongly or weakly, that the page is an article."""
        return self.own_story or self.kind == "article"


def judge(document: Document, facts: Facts, seen: Walk, text: str) -> tuple[Verdict, str]:
    """The verdict on a page, and the evidence in a few words (empty for a story).

    `seen` is the walk over the page, `text` what of it was taken for the body. A page whose JSON-LD has its own story
    is one, however short, unless its text is missing or only says that the story was taken away.
    """
    case = _Case(document, facts, seen, text)
    if case.size >= _BRIEF and case.own_story:
        return Verdict.STORY, ""
    for verdict, weigh in (
        (Verdict.CHALLENGE, _challenge),
        (Verdict.SOFT_404, _gone),
        (Verdict.CONSENT, _consent),
        (Verdict.INDEX, _index),
        (Verdict.VIDEO, _film),
    ):
        points, why = weigh(case)
        if points >= _ENOUGH:
            return verdict, "; ".join(why)
    if not case.text:
        if case.links > _LINKS:
            return Verdict.INDEX, f"{case.links} links and no text"
        return Verdict.EMPTY, "no text"
    if case.size < LEAST and not case.declared:
        if case.links > _LINKS:
            return Verdict.INDEX, f"{case.links} links and {len(case.text)} characters of text"
        return Verdict.EMPTY, f"{len(case.text)} characters of text, and nothing declares a story"
    return Verdict.STORY, ""


def _against(case: _Case, says: list[re.Pattern[str]]) -> int:
    """What any wall has against it: a story that is declared, and prose that runs on and says something else."""
    points = 0
    if case.own_story:
        points += 3 if case.text else 1
    elif case.kind == "article":
        points += 1
    if case.size >= _SHORT and case.teasers.run >= _SHORT:
        return points + 3
    other = sum(size(p) for p in case.text.split("\n\n") if size(p) >= 60 and not any(said.search(p) for said in says))
    if min(other, case.teasers.run) >= _OTHER:
        points += 2
    return points if case.declared or case.size >= _SHORT else points - 1


def _challenge(case: _Case) -> tuple[int, list[str]]:
    why: list[str] = []
    points = 0
    if title := case.title_is(_CHALLENGE_TITLE):
        points += 2
        why.append(f"title says '{title}'")
    if case.size < _SHORT:
        said = [found[1] for line in _CHALLENGE_SAYS if (found := line.search(case.shown))]
        if said:
            points += len(said) + 1
            why.append(f"text says '{said[0][:60]}'")
        if mark := _mark(case):
            points += 2
            why.append(f"markup holds '{mark}'")
    return points - _against(case, _CHALLENGE_SAYS) if points else 0, why


def _mark(case: _Case) -> str | None:
    for script in case.document.scripts:
        if len(script.text) < 200_000 and (
            found := _CHALLENGE_MARK.search(script.tag) or _CHALLENGE_MARK.search(script.text)
        ):
            return found[0]
    for element in case.root.iter("iframe", "div", "form", "a", "script", "span"):
        for name in ("id", "class", "src", "href", "action"):
            if (value := element.get(name)) and (found := _CHALLENGE_MARK.search(value)):
                return found[0]
    return None


def _gone(case: _Case) -> tuple[int, list[str]]:
    why: list[str] = []
    points = 0
    if case.size < _BRIEF:
        said = [case.text] if case.text else [block.text for block in case.seen.blocks if block.size < _BRIEF]
        if found := next((found for text in said if (found := _TAKEN_AWAY.match(text))), None):
            return _ENOUGH, [f"all that is told is '{found[0]}'"]
    if title := case.title_is(_GONE_TITLE):
        headings = [fold(text) for text in case.headings[:3]]
        both = title in headings and any(
            _GONE_TITLE.fullmatch(other) for other in case.titles[: -len(headings) or None]
        )
        points += 3 if both else 2
        why.append(f"title says '{title}'")
    if name := _gone_name(case):
        points += 2
        why.append(f"markup is named '{name}'")
    address = case.facts.meta("og:url") or case.facts.canonical() or ""
    if _GONE_PATH.search(_path(case.facts.url)) or _GONE_PATH.search(_path(address)):
        points += 1
        why.append("address of an error page")
    if not points:
        return 0, why
    if found := _GONE_SAYS.search(case.shown[:600]):
        points += 1
        why.append(f"text says '{found[0]}'")
    if _NO_INDEX.search(case.facts.meta("robots") or ""):
        points += 1
        why.append("not to be indexed")
    return points - _against(case, [_GONE_SAYS]), why


def _gone_name(case: _Case) -> str | None:
    page = case.root.find("body")
    for element in (case.root, page, *(page.iter("main", "article", "section", "div") if page is not None else ())):
        if element is None:
            continue
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(names) > 1 and (found := _GONE_NAME.search(names)):
            return found[0].strip()
    return None


def _consent(case: _Case) -> tuple[int, list[str]]:
    why: list[str] = []
    points = 0
    if title := case.title_is(_CONSENT_TITLE):
        points += 2
        why.append(f"title says '{title}'")
    host, path = _host_and_path(case.facts.url)
    if host.startswith(("consent.", "guce.")) or re.search(r"/(?:consent|cookie-?(?:wall|consent))(?:/|$|\.)", path):
        points += 2
        why.append("address of a consent page")
    if case.size < 2 * _SHORT and (case.text or not case.own_story) and case.links <= _LINKS:
        said = [found[1] for line in _CONSENT_SAYS if (found := line.search(case.shown))]
        if said:
            points += len(said)
            why.append("text says " + ", ".join(f"'{s[:40]}'" for s in said[:3]))
        if len(said) < 2 and not title:
            points -= 1
    return points - _against(case, _CONSENT_SAYS) if points else 0, why


def _index(case: _Case) -> tuple[int, list[str]]:
    if case.own_story:
        return 0, []
    why: list[str] = []
    points = 0
    if listed := case.types & _INDEX_TYPES:
        points += 2
        why.append(f"JSON-LD type {min(listed)}")
    if case.kind in ("website", "profile", "object", "blog"):
        points += 1
        why.append(f"og:type {case.kind}")
    if _INDEX_PATH.search(_path(case.facts.url)):
        points += 2 if _path(case.facts.url) in ("", "/") else 1
        why.append("address of a list")
    seen = case.teasers
    if seen.pointers >= _TEASERS:
        if seen.prose and seen.under >= 0.6 and seen.prose >= _TEASERS:
            points += 2
            why.append(f"{seen.prose} texts, {round(seen.under * 100)} % of them below headlines that are links")
        if seen.pointers >= 3 * _TEASERS and seen.pointers > 2 * seen.prose:
            points += 1
            why.append(f"{seen.pointers} headlines that are links")
    if not why or seen.pointers < _TEASERS:
        return 0, why
    if case.size < LEAST and not case.declared:
        points += 1
    if case.kind == "article":
        points -= 1
    if case.facts.meta("article:published_time", "og:article:published_time"):
        points -= 1
    if seen.run >= 600:
        points -= 3
    return points, why


def _film(case: _Case) -> tuple[int, list[str]]:
    if case.size >= (LEAST if case.own_story else _HINT):
        return 0, []
    why: list[str] = []
    points = 0
    if filmed := case.types & _FILM_TYPES:
        points += 2 if case.own_story else 3
        why.append(f"JSON-LD type {min(filmed)}")
    if case.kind.startswith(("video", "music.", "audio")):
        points += 2
        why.append(f"og:type {case.kind}")
    if _FILM_PATH.search(_path(case.facts.url)):
        points += 2
        why.append("address of a film, recording or gallery")
    if any(True for _ in case.root.iter("video", "audio")) or any(
        _PLAYER.search(frame.get("src") or frame.get("data-src") or "") for frame in case.root.iter("iframe")
    ):
        points += 1
        why.append("holds a player")
    if case.own_story and case.text:
        points -= 2  # a short item may stand below a film
    if why:
        why.append(f"{len(case.text)} characters of text")
    return points, why


def _teasers(blocks: list[Found]) -> _Teasers:
    """A headline that is a link has four words or more; text that is not linked and has 60 characters is prose."""
    kinds: list[str] = []
    sizes: list[int] = []
    for block in blocks:
        length = block.size
        if block.links and block.link_density > 0.7 and (len(block.text.split()) >= 4 or length >= 24) and length < 250:
            kinds.append("pointer")
        elif length >= 60 and block.link_density < 0.5 and block.kind is not BlockKind.HEADING:
            # A teaser that is itself a link has no pointer above it; one behind a line break has it in its own block.
            kinds.append("prose")
        else:
            kinds.append("")
        sizes.append(length)
    told = [kind for kind, length in zip(kinds, sizes, strict=True) if kind or length >= 60]
    under = sum(1 for above, kind in pairwise(told) if kind == "prose" and above == "pointer")
    prose = told.count("prose")
    run = longest = 0
    for kind, length in zip(kinds, sizes, strict=True):
        if kind == "prose":
            run += length
            longest = max(longest, run)
        elif kind == "pointer":
            run = 0
    return _Teasers(told.count("pointer"), under / prose if prose else 0.0, prose, longest)


def _is_of(node: jsonld.Node, url: str, titles: frozenset[str]) -> bool:
    """Whether a JSON-LD node is about the page: by its address, or by a headline that the page shows as its own."""
    path = jsonld.path(url)
    if any(
        path and path == jsonld.path(jsonld.address(node.get(key)) or "") for key in ("url", "@id", "mainEntityOfPage")
    ):
        return True
    headline = fold(jsonld.string(node.get("headline")) or "")
    return bool(headline) and any(
        headline == title or (len(title) > 20 and headline.startswith(title)) for title in titles
    )


def _host_and_path(url: str) -> tuple[str, str]:
    """Host and path of an address, both empty where it is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "", ""
    return host or "", parts.path


def _path(url: str) -> str:
    return _host_and_path(url)[1]


def _visible(element: etree._Element) -> str:
    """All text but that of code, at most a little more than `_VISIBLE` characters."""

    def parts() -> Iterator[str]:
        length = 0
        for text in element.itertext():
            yield text
            length += len(text.strip())
            if length > _VISIBLE:
                return

    return " ".join(parts())
