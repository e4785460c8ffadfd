"""What a story is recognised by: its addresses, its words, and what its copies share. Pure and deterministic.

    url_key        the same address, however it was written
    text_key       the same words
    likeness_keys  candidates for copies, which `matches` decides
    block_key      the same block on another page of the site

`sign` makes all three at once, as `newsbot.items.Fingerprint`.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsbot.fingerprint.blocks import LONGEST_BLOCK, block_key
from newsbot.fingerprint.likeness import Likeness, Relation, is_copy, likeness, likeness_keys, relation
from newsbot.fingerprint.matching import Candidate, Match, Told, matches
from newsbot.fingerprint.text import text_key
from newsbot.fingerprint.urls import canonicalise, registered_domain, trusted_canonical, untracked, url_key
from newsbot.fingerprint.version import VERSION
from newsbot.items import Fingerprint

__all__ = [
    "LONGEST_BLOCK",
    "VERSION",
    "Candidate",
    "Likeness",
    "Match",
    "Relation",
    "Told",
    "block_key",
    "canonicalise",
    "is_copy",
    "likeness",
    "likeness_keys",
    "matches",
    "registered_domain",
    "relation",
    "sign",
    "text_key",
    "trusted_canonical",
    "untracked",
    "url_key",
]


def sign(urls: Sequence[str], text: str) -> Fingerprint:
    """The fingerprint of a story that stands at `urls`, the canonical address first, and says `text`.

    Raises ValueError for an address that is not http(s).
    """
    return Fingerprint(tuple(dict.fromkeys(map(url_key, urls))), text_key(text), likeness_keys(text))
