"""What a story is recognised by: its addresses, its words, and what its copies share. Pure and deterministic.

    url_key        the same address, however it was written
    id_key         the same number in a site's addresses
    text_key       the same words
    likeness_keys  candidates for copies, which `matches` decides
    block_key      the same block on another page of the site

`sign` makes all three at once, as `newsbot.items.Fingerprint`.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsbot.fingerprint.announced import tells
from newsbot.fingerprint.blocks import LONGEST_BLOCK, block_key
from newsbot.fingerprint.likeness import Likeness, Relation, likeness, likeness_keys, relation
from newsbot.fingerprint.matching import Candidate, Match, Told, matches
from newsbot.fingerprint.text import text_key
from newsbot.fingerprint.urls import (
    canonicalise,
    id_key,
    identity_keys,
    registered_domain,
    trusted_canonical,
    untracked,
    url_key,
    waypoints,
)
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
    "id_key",
    "identity_keys",
    "likeness",
    "likeness_keys",
    "matches",
    "registered_domain",
    "relation",
    "sign",
    "tells",
    "text_key",
    "trusted_canonical",
    "untracked",
    "url_key",
    "waypoints",
]


def sign(urls: Sequence[str], text: str, identity: str = "") -> Fingerprint:
    """The fingerprint of a story that stands at `urls`, the canonical address first, and says `text`; `identity` is
    the `id_key` that its site gives it, and stands second.

    Raises ValueError for an address that is not http(s).
    """
    keys = list(map(url_key, urls))
    if identity:
        keys.insert(1, identity)
    return Fingerprint(tuple(dict.fromkeys(keys)), text_key(text), likeness_keys(text))
