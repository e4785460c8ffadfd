"""What a story is recognised by: its addresses, its words, and what its copies share. Pure and deterministic.

    url_key        the same address, however it was written
    id_key         the same number in a site's addresses
    text_key       the same words
    likeness_keys  candidates for copies, which `matches` decides
    block_key      the same block on another page of the site

`sign` makes all three at once, as `newsbot.items.Fingerprint`. What is in the database, nobody here knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsbot.fingerprint.alignment import shingled, shingled_words
from newsbot.fingerprint.announced import tells
from newsbot.fingerprint.blocks import LONGEST_BLOCK, block_key
from newsbot.fingerprint.likeness import Likeness, Relation, keys_of, likeness, likeness_keys, relation
from newsbot.fingerprint.matching import Candidate, Match, Told, matches
from newsbot.fingerprint.text import is_mangled, key_of_words, text_key, tokens
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
    words = tokens(text)
    read = shingled(text) if is_mangled(text) else shingled_words(words)  # mostly the same words: they are found once
    return Fingerprint(tuple(dict.fromkeys(keys)), key_of_words(words), keys_of(read))
