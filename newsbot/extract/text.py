"""Measures of a text: how much it says, its words for comparing, whether it ends as a sentence does."""

from __future__ import annotations

import re

# Scripts that write a syllable or a word in a character: Thai and Lao, Burmese, Khmer, kana, CJK ideographs, hangul.
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_ENDS = frozenset('.!?…。！？:;"”»“’)')
_WORD = re.compile(r"\w+")


# The first bytes in UTF-8 of all such characters (and of some others: those of Vietnamese, of Indian scripts).
_MAYBE = bytes(set(range(256)) - {0xE0, 0xE1, *range(0xE3, 0xEE)})


def size(text: str) -> int:
    """How much a text says: its characters, those of scripts with a word in a character counted double."""
    if text.isascii() or not text.encode("utf-8", "surrogatepass").translate(None, _MAYBE):  # a quick look first
        return len(text)
    return len(text) + len(_DENSE.findall(text))


def fold(text: str) -> str:
    """A text's word characters in lower case, for comparing."""
    return " ".join(_WORD.findall(text.casefold()))


def ends_sentence(text: str) -> bool:
    """Whether the text's last character ends a sentence."""
    return text[-1:] in _ENDS


def is_title(folded: str, title: str) -> bool:
    """Whether a folded text is the folded title, or goes on where a shortened one stops."""
    return bool(folded) and (folded == title or (len(title) > 20 and folded.startswith(title)))
