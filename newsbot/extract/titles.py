"""A page's headline out of the several titles that it gives itself.

Publishers write up to four: the title for sharing (OpenGraph, Twitter), the headline (JSON-LD, microdata), the heading
that readers see, and the window's title for search engines. Mostly they say the same, but for the site's name, a
section, a cut. What is left is one title or two; of two that are both whole, the one for sharing comes first.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from newsbot.extract.text import fold

# What stands between a title and the name of the site or section: a lone mark between spaces, or a mark that no
# sentence holds, or that Japanese and Chinese sites set without spaces.
_SEPARATOR = re.compile(r"\s+(?:[|｜–—·•»«›<>/:-]|-{2,3}|::|//)\s+|\s*[｜|]\s*|：|--|\s+»\s*")
_MARKS = " |｜–—·•»«›<>-:：/"
_CUT = re.compile(r"\s*(?:\.{3,}|…|\[\.\.\.\]|\[…\])$")
_LONGEST_SITE = 60  # characters of a part that is the site's name with a slogan or a section beside it
_LONGEST_EXTRA = 40  # characters behind a headline that another source gives without them
_SHORTEST_LABEL = 4  # letters of a host's name that are looked for inside a longer one
_SUBDOMAINS = frozenset(("www", "m", "amp", "mobile"))
_NO_LABELS = frozenset(("", "news", "com", "blog", "de", "co", "online", "org", "net"))
_MOST_PARTS = 6
_FEW = 3  # words: a title of fewer may be one in Japanese or Chinese
_ENOUGH = 0.3  # of the words of two titles that are the same title's


@dataclass(frozen=True, slots=True)
class Site:
    """What a site calls itself, without spaces, case and "the": `names` alone, `parts` inside a longer name too."""

    names: frozenset[str]
    parts: frozenset[str]

    @classmethod
    def of(cls, names: Collection[str], host: str) -> Site:
        """The site of these names at this host; what stands in brackets behind a name is no part of it."""
        labels = host.lower().split(".")
        labels = labels[labels[0] in _SUBDOMAINS :]
        # example.co.uk is known as that, as example.co, example, and, of news.example.com, as newsexample.
        own = {"".join(labels), "".join(labels[:-1]), "".join(labels[-2:]), labels[0], *labels[-2:-1]}
        own |= {label for label in labels[:-1] if len(label) >= _SHORTEST_LABEL}
        known = {_tight(name.partition("(")[0]).removeprefix("the") for name in names}
        known |= {_tight(label) for label in own - _NO_LABELS}
        known.discard("")
        parts = {name for name in known if len(name) >= _SHORTEST_LABEL or not name.isascii()}
        return cls(frozenset(known), frozenset(parts))

    def is_named(self, text: str) -> bool:
        """Whether the text is the site's name, alone: `The Daily Example`, `example.com`, `EXAMPLE`."""
        return len(text) <= _LONGEST_SITE and _tight(text).removeprefix("the") in self.names

    def names_itself(self, text: str) -> bool:
        """Whether the text is the site's name, perhaps with a section or a slogan beside it."""
        if len(text) > _LONGEST_SITE:
            return False
        said = _tight(text)
        return said.removeprefix("the") in self.names or any(part in said for part in self.parts)


def _tight(text: str) -> str:
    return fold(text).replace(" ", "")


def without_site(title: str, site: Site) -> str:
    """A title without the site's name behind or before it; empty where it is nothing else."""
    for _ in range(_MOST_PARTS):
        if site.is_named(title):
            return ""
        marks = list(_SEPARATOR.finditer(title))
        if not marks:
            break
        if marks[-1].start() and site.names_itself(title[marks[-1].end() :]):
            title = title[: marks[-1].start()].rstrip(_MARKS)
        elif marks[0].start() and site.is_named(title[: marks[0].start()]):
            title = title[marks[0].end() :].lstrip(_MARKS)
        else:
            break
    return title


def without_extra(title: str, others: Collection[str]) -> str:
    """A title without what stands behind a separator, where another source says the same without it."""
    for mark in _SEPARATOR.finditer(title):
        if len(title) - mark.end() <= _LONGEST_EXTRA and mark.start():
            head = fold(title[: mark.start()])
            if any(fold(other) == head for other in others):
                return title[: mark.start()].rstrip()
    return title


def whole(title: str, others: Collection[str]) -> str:
    """A title, or where it is cut short the one of the others that goes on where it stops."""
    cut = _CUT.sub("", title)
    if cut == title:
        return title
    stem = fold(cut)
    longer = next((other for other in others if fold(other).startswith(stem) and not _CUT.search(other)), None)
    return longer or title


def heading_of(headings: list[str], others: Collection[str]) -> str | None:
    """The heading that is the headline: the one that shares most words with what else the page is called."""
    if not others:
        return headings[0] if len(headings) == 1 else None
    folded = [fold(other) for other in others]
    best, most = None, 0.0
    for heading in headings:
        own = fold(heading)
        share = max(_likeness(own, other) for other in folded)
        if share > most:
            best, most = heading, share
    return best if most >= _ENOUGH else None


def _likeness(a: str, b: str) -> float:
    """The share of the words of two folded titles that both have; of the letters, where one has hardly a space."""
    if a == b:
        return 1.0
    own, other = set(a.split()), set(b.split())
    if min(len(own), len(other)) < _FEW and not (a.isascii() and b.isascii()):
        own, other = set(a), set(b)
    return len(own & other) / max(1, len(own | other))


def choose(social: str | None, headline: str | None, headings: list[str], window: str | None, site: Site) -> str | None:
    """The headline. `social` is the title for sharing, `headline` that of JSON-LD or microdata, `headings` are the h1
    in order, `window` is `<title>`; all as the page has them."""
    bare = [without_site(text, site) if text else "" for text in (social, headline, window)]
    heading = heading_of(headings, [text for text in bare if text]) or ""
    heading = without_site(heading, site)
    shared, said, shown = bare
    if said and heading and fold(heading) != fold(said) and fold(heading).startswith(fold(said) + " "):
        said = heading  # some publishers shorten the headline in their JSON-LD; the heading goes on where it stops
    said = whole(said, [text for text in (heading, shown, shared) if text])
    agreed = [text for text in (heading, said) if text]
    if shared:
        # A title for sharing that carries the site's name is made by a pattern, for search engines; where headline and
        # heading agree on another, that is the one which somebody wrote.
        if shared != social and len(agreed) == 2 and fold(heading) == fold(said):
            return said
        return whole(without_extra(shared, agreed), [text for text in (*agreed, shown) if text])
    return said or heading or without_extra(shown, agreed) or headline or social or window
