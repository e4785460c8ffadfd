"""What a block's class names, tags and link targets say about it.

Names lie: `class="paywall"` stands on whole stories, a newsletter's web edition is one big `class="newsletter"`. So a
name counts by how much of the page bears it (`Names`), and on running prose it decides alone only where few blocks do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from newsbot.items import Block, BlockKind, RemovedKind

# Beginnings of words in class and id names; a word begins after a hyphen, an underscore or at the start.
_NAMES = {
    RemovedKind.DONATION: "donat contribut supportus membership crowdfund",
    RemovedKind.NEWSLETTER: "newsletter mailinglist mailchimp emailsignup signup",
    RemovedKind.PAYWALL: "paywall subscri piano metered abo abobox offer",
    RemovedKind.REGISTRATION: "regwall login signin register registration",
    RemovedKind.RELATED: "related readmore recirc recommend morefrom alsoread trending mostread teaser topics taglist",
    RemovedKind.SHARE: "share sharing social followus",
    RemovedKind.COMMENTS: "comment disqus",
    RemovedKind.COOKIE: "cookie consent gdpr optin embedprivacy",
    RemovedKind.APP: "apppromo appbanner appdownload smartbanner",
    RemovedKind.ADVERTISING: "advert adslot sponsor promo outbrain taboola",
    RemovedKind.COPYRIGHT: "copyright disclaimer",
    RemovedKind.BYLINE: "byline authorbio timestamp pubdate",
}
_STEMS = {stem: kind for kind, stems in _NAMES.items() for stem in stems.split()}
_LENGTHS = tuple(sorted({len(stem) for stem in _STEMS}))
# Names that hardly ever stand on a story's own paragraphs, and so may speak for prose too.
_SURE = frozenset(
    {
        RemovedKind.DONATION,
        RemovedKind.NEWSLETTER,
        RemovedKind.COMMENTS,
        RemovedKind.COOKIE,
        RemovedKind.APP,
        RemovedKind.RELATED,
    }
)
_TARGETS = (
    (RemovedKind.DONATION, r"donat|contribut|/support|spende|/don/|paypal|patreon|buymeacoffee|ko-fi|opencollective"),
    (RemovedKind.NEWSLETTER, r"newsletter|nyhetsbrev|nieuwsbrief|boletin|mailchi|list-manage|substack\.com/subscribe"),
    (RemovedKind.PAYWALL, r"/subscri|/abo(?:/|$|\b)|abonn|suscri|assine|prenumer|/checkout|/offer"),
    (RemovedKind.REGISTRATION, r"/log-?in|/sign-?in|/register|/account|/anmelden|/connexion"),
    (RemovedKind.APP, r"apps\.apple\.com|play\.google\.com|itunes\.apple\.com|onelink\.me"),
    (RemovedKind.SHARE, r"facebook\.com/sharer|twitter\.com/(?:intent|share)|wa\.me|whatsapp\.com/(?:channel|send)"),
)  # fmt: skip
_TARGET = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _TARGETS)
# Words that make a name no box's: a quoted post ("social-media-embed"), a state of the page ("comments-open").
_NO_BOX = frozenset("embed embedded embeds enabled open closed allowed count".split())
_PART = re.compile(r"[a-z0-9]+")
_TRUSTED = 0.3  # share of the page's text above which a name is no name of a box
_SHORT = 12  # words; what is shorter is a label or a button
_PROSE = 25  # words from which a block counts as running text
_LINKED = 0.9  # share of a text that stands in links, from which on it only points somewhere


@dataclass(frozen=True, slots=True)
class Markup:
    """`strengths`: for each kind the name that spoke for it, and how much that proves."""

    strengths: dict[RemovedKind, tuple[str, float]] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[RemovedKind, str]:
        """The name that spoke for each kind."""
        return {kind: name for kind, (name, _) in self.strengths.items()}


class Names:
    """How much of a page's text stands under names of each kind."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        whole = sum(len(block.text) for block in blocks) or 1
        shares: dict[RemovedKind, float] = {}
        for block in blocks:
            for kind in named(block):
                shares[kind] = shares.get(kind, 0.0) + len(block.text) / whole
        self._shares = shares

    def trusted(self, kind: RemovedKind) -> bool:
        """Whether so little of the page bears names of this kind that they may mean a box in it."""
        return self._shares.get(kind, 0.0) <= _TRUSTED


def named(block: Block) -> dict[RemovedKind, str]:
    """The kinds that the block's class and id names speak for, each with the name."""
    found: dict[RemovedKind, str] = {}
    for token in block.tokens:
        for kind in _kinds_of(token):
            found.setdefault(kind, token)
    return found


@lru_cache(maxsize=16384)
def _kinds_of(token: str) -> tuple[RemovedKind, ...]:
    parts = _PART.findall(token)
    if not _NO_BOX.isdisjoint(parts) and "privacy" not in parts:
        return ()
    # "read-more" is "readmore", and "article__newsletter" has "newsletter" in it.
    words = {*parts, *("".join(parts[n : n + 2]) for n in range(len(parts)))}
    found = {_STEMS.get(word[:length]) for word in words for length in _LENGTHS}
    return tuple(kind for kind in _NAMES if kind in found)


def read(block: Block, size: int, names: Names) -> Markup:
    """What speaks for what, for a block of `size` words on a page with these names."""
    strengths: dict[RemovedKind, tuple[str, float]] = {}
    for kind, name in named(block).items():
        if not names.trusted(kind):
            continue
        if size <= _SHORT:
            strength = 1.0
        elif kind is RemovedKind.RELATED and not block.links:
            strength = 0.5  # a "teaser" that leads nowhere is the story's own standfirst
        elif kind in _SURE:
            strength = 0.9 if size > _PROSE else 1.0
        else:
            strength = 0.5
        strengths[kind] = (f"class {name}", strength)
    for kind, pattern in _TARGET if block.links else ():
        target = next((link for link in block.links if pattern.search(link)), None)
        if target and (size <= _PROSE or block.link_density > 0.3):
            name, strength = strengths.get(kind, (f"link to {target[:60]}", 0.0))
            strengths[kind] = (name, strength + (0.6 if block.link_density > 0.5 else 0.35))
    if block.link_density >= _LINKED and 6 <= size <= 40 and block.kind is BlockKind.PARAGRAPH:
        strengths.setdefault(RemovedKind.RELATED, ("nothing but links", 1.0))
    return Markup(strengths)
