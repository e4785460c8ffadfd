"""How texts fall into words for a search, the same for both indexes and for what is shown of a story.

Words are runs of letters, numbers and the marks that hang on them. They are compared in lower case, Latin letters
without diacritics: "Sodertorn" is "Södertörn", while Cyrillic and Greek letters keep their marks. In scripts that are
written without spaces each character with its marks is a word, and a word of several is a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

from newsbot.fingerprint.text import UNSPACED

LETTERS, MARKS = (part[1:-1] for part in re.findall(r"\[[^]]+\]", UNSPACED.pattern))
"""The ranges of characters of scripts without spaces, and of the marks that may follow them."""

_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")


def is_unspaced(text: str) -> bool:
    """Whether it holds a character of a script without spaces."""
    return not text.isascii() and UNSPACED.search(text) is not None


def parted(text: str) -> str:
    """The text with spaces around each character of a script without spaces."""
    return UNSPACED.sub(r" \g<0> ", text)


@cache
def _plain(character: str) -> str:
    lower = character.lower()
    lower = {"ς": "σ", "i\u0307": "i"}.get(lower, lower)
    if len(lower) > 1:
        return character
    base = unicodedata.normalize("NFD", lower)[0]
    return base if base.isascii() else lower


def folded(text: str) -> str:
    """The text as words are compared, each character in its place."""
    lower = text.lower()
    if lower.isascii():
        return lower
    if len(lower) != len(text):  # a capital of two characters in lower case
        lower = "".join(map(_plain, text))
    for character in set(lower):
        if not character.isascii() and (plain := _plain(character)) != character:
            lower = lower.replace(character, plain)
    return lower


def words(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return _WORD.findall(folded(parted(text) if is_unspaced(text) else text))


def pattern(text: str, *, prefix: bool = False) -> str:
    """A regular expression for a word or phrase in a folded text, as the indexes find it; empty for one that has no
    words. With `prefix` the last word may go on."""
    parts = words(text)
    if not parts:
        return ""
    inside = rf"(?:[^\W_{LETTERS}]|[{MARKS}])"
    made = first = re.escape(parts[0])
    if not UNSPACED.match(parts[0]):
        # Behind the word, to look back over it: with a fixed beginning the expression is searched five times as fast.
        made += rf"(?<![^\W_{LETTERS}]{first})(?<![{MARKS}]{first})"
    for before, part in pairwise(parts):
        apart = UNSPACED.match(part) or UNSPACED.match(before)
        made += (r"[\W_]*" if apart else r"[\W_]+") + re.escape(part)
    if UNSPACED.match(parts[-1]):
        return made
    return made + (f"{inside}*" if prefix else f"(?!{inside})")
