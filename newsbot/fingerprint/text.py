"""The words of a text, and the identity that they give it.

Two texts that differ only in case, punctuation, white space or Unicode form have the same words. Words are compared,
never shown: full case folding and compatibility forms (NFKC) are right for that, and would be wrong for anything else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

from newsbot.fingerprint.version import VERSION

MIN_TOKENS = 35
"""Texts with fewer words are not recognised by their words: an agency's one-line notice or an empty shell of a page
("Watch the video above ...") is the same on many different stories."""

# Combining signs that Python's \w leaves out although they are parts of words: without them a Hindi or Tamil word falls
# apart at every vowel sign. Whole blocks where a block holds nothing but letters and signs of one script.
_SIGNS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u0900-\u0903\u093a-\u094f"
    "\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75"
    "\u0a81-\u0a83\u0abc-\u0acd\u0ae2\u0ae3\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3e-\u0c56"
    "\u0c62\u0c63\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d62\u0d63\u0d82\u0d83"
    "\u0dca-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f84\u102b-\u103e\u1056-\u1059"
    "\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u135d-\u135f\u17b4-\u17d3\u17dd\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20f0\u3099\u309a"
)
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, bopomofo and Han. Each character is a
# word, with the signs that hang on it. Hangul is not among them: Korean puts spaces.
_UNSPACED_LETTERS = (
    "\u0e01-\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf\u1000-\u102a\u103f\u1050-\u1055"
    "\u1780-\u17b3\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua9e0-\ua9ef\uaa60-\uaa76\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"\w[\w{_SIGNS}]*")
_ASCII_WORD = re.compile(r"[a-z0-9]+", re.ASCII)
UNSPACED = re.compile(rf"[{_UNSPACED_LETTERS}][{_SIGNS}]*")
# Part of no word, and breaks none: soft hyphen, zero-width characters, directional marks, variation selectors.
_SILENT = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_TYPOGRAPHY = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00a0"
_APOSTROPHES = "\u02b9\u02bb\u02bc\u02bd"  # letters to Unicode, punctuation to those who type them


# UTF-8 that someone read as Windows-1252: a lead byte and its continuation bytes, each a character. Of a quotation
# mark whose last byte that code page does not have, often only the first two remain.
_BYTES = {chr(b): b for b in range(0x80, 0x100)}
_BYTES |= {c: b for b in range(0x80, 0xA0) if (c := bytes([b]).decode("cp1252", "ignore"))}
_NEXT = "[" + "".join(re.escape(c) for c, b in _BYTES.items() if b < 0xC0) + "]"
_MANGLED = re.compile(f"[\u00c2-\u00df]{_NEXT}|[\u00e0-\u00ef]{_NEXT}{{2}}|[\u00f0-\u00f4]{_NEXT}{{3}}|\u00e2\u20ac")
_LEAD, _TAIL = re.compile("[\u00c2-\u00f4]"), re.compile(_NEXT)


def _unmangle(match: re.Match[str]) -> str:
    try:
        return bytes(map(_BYTES.__getitem__, match[0])).decode()
    except UnicodeDecodeError:
        return " " if match[0] == "\u00e2\u20ac" else match[0]


def is_mangled(text: str) -> bool:
    """Whether `text` holds UTF-8 that was misread as Windows-1252: only then `tokens` heeds `unmangle`."""
    if text.isascii():
        return False
    characters = "".join(set(text))  # a hundred or so: cheaper to search than the text
    return bool(_LEAD.search(characters) and _TAIL.search(characters) and _MANGLED.search(text))


def tokens(text: str, *, unmangle: bool = False) -> list[str]:
    """The words of `text`, folded, in order; each character of a script without spaces is one. Takes any string.

    With `unmangle`, UTF-8 that was misread as Windows-1252 is read again.
    """
    plain = text
    for mark in _TYPOGRAPHY:
        plain = plain.replace(mark, " ")
    if plain.isascii():
        return _ASCII_WORD.findall(plain.lower())  # the same words as below, in half the time
    if unmangle and is_mangled(text):
        text = _MANGLED.sub(_unmangle, text)
    characters = "".join(set(text))
    if _SILENT.search(characters):
        text = _SILENT.sub("", text)
    # As Unicode's NFKC_Casefold does it: folding may undo the normal form, and the other way round.
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = text.replace("_", " ")
    text = text.replace("i\u0307", "i").replace("\u0131", "i")  # Turkish pairs the cases of its two i's crosswise
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, " ")
    if UNSPACED.search(unicodedata.normalize("NFKC", characters)):
        text = UNSPACED.sub(r" \g<0> ", text)
    return _WORD.findall(text)


def text_key(text: str) -> str:
    """The identity of a text: 32 hexadecimal digits, the same for texts that differ only in case, punctuation, white
    space and Unicode form; empty for fewer than `MIN_TOKENS` words.

    The words are run together before they are hashed (BLAKE2b, RFC 7693), so that neither a lost space between two
    paragraphs nor "U.S." for "US" makes another text.
    """
    return key_of_words(tokens(text))


def key_of_words(words: Sequence[str]) -> str:
    """As `text_key`, from the text's words."""
    if len(words) < MIN_TOKENS:
        return ""
    data = "".join(words).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, person=b"newsbot text %d" % VERSION).hexdigest()
