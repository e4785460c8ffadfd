"""The identity of a block of text across the pages of a site."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST_BLOCK = 400
"""Characters of a block that can be the site's own; longer prose on several pages is a story told twice."""

_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


def block_key(text: str) -> str:
    """The identity of a block's text across the pages of a site: 16 hex digits.

    Case, white space and punctuation do not count; digits do not either, so that "Comments (12)" and "Comments (3)"
    are one block. Empty for a text that has no letters.
    """
    if text.isascii():
        letters = text.lower().encode().translate(None, _NO_LETTERS)
    else:
        folded = unicodedata.normalize("NFKC", text).casefold()
        letters = "".join(filter(str.isalpha, folded)).encode()
    return hashlib.blake2b(letters, digest_size=8).hexdigest() if letters else ""
