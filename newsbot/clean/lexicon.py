"""Words that a publisher uses when it speaks to its readers, in many languages, and how they are found in a text.

The patterns live in `lexicon.toml`, grouped by what they mean and how much they prove, whose head describes their
grammar. A text is cut into word tokens once; each token is looked up in a table of the patterns that can begin with
it, so the cost grows with the text and hardly with the number of patterns.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

# Scripts that write no spaces between words (or, Hangul, glue particles to them) give one token a character.
_EACH = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{_EACH}]|[^\W_{_EACH}\d]+|[.!?:;…。！？：।|\n©®@€$£¥₽₹₴₺%]")
_STOPS = frozenset(".!?:;…。！？：।|\n")
_MONEY = frozenset(
    """€ $ £ ¥ ₽ ₹ ₴ ₺ usd eur gbp chf euro euros dollar dollars pounds zł zl kr kronor kroner руб рублей рубля грн
    гривень tl lira kč kc 円 원 元""".split()
)
_GAP = 4
_REMEMBERED = 200_000  # tokens whose patterns are remembered


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry of the lexicon. `meaning` is its table ("newsletter"), `force` its key in that table ("says")."""

    meaning: str
    force: str
    text: str
    items: tuple[str, ...]
    whole: bool  # it ends where the text ends
    at: str  # "^" begins where the text begins, "<" where a sentence does, "" anywhere


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found, and the tokens that it covers."""

    pattern: Pattern
    start: int
    end: int


def tokens(text: str) -> list[str]:
    """The words, numbers and telling marks of a text, case folded, in order."""
    if not text.isascii():
        # Dotted and dotless i fold together, so that Turkish capitals meet their small letters.
        text = unicodedata.normalize("NFKC", text).replace("İ", "i").replace("ı", "i")
    return _TOKEN.findall(text.casefold())


def length(words: list[str]) -> int:
    """How many words the tokens are; a character of a script without spaces is half a word."""
    count = len(words) - sum(map(_STOPS.__contains__, words))
    if not words or max(words) < "\u3040":
        return count
    return count - sum([1 for word in words if len(word) == 1 and word >= "\u3040"]) // 2


def is_stop(token: str) -> bool:
    """Whether a token is a mark that ends a sentence or a label."""
    return token in _STOPS


@dataclass(slots=True)
class _Starting:
    """The patterns that begin with one token, by what must follow: a word ("us"), a stem's first two letters ("eu*"), a
    number ("#"), a currency ("¤"), or anything (""). Beside each how many of its items are then known to match. Those
    for the beginning of a text are kept apart: they are many, and asked for once."""

    anywhere: dict[str, list[tuple[Pattern, int]]] = field(default_factory=dict)
    opening: dict[str, list[tuple[Pattern, int]]] = field(default_factory=dict)


class Lexicon:
    """All patterns, by the token with which they can begin."""

    def __init__(self, tables: Mapping[str, Mapping[str, Mapping[str, list[str]]]]) -> None:
        self._words: dict[str, list[Pattern]] = {}
        self._stems: dict[str, list[Pattern]] = {}
        for meaning, forces in tables.items():
            for force, languages in forces.items():
                for text in dict.fromkeys(text for texts in languages.values() for text in texts):
                    self._add(_parse(meaning, force, text))
        self._longest = max(map(len, self._stems), default=0)
        self._starting: dict[str, _Starting | None] = {}

    def _add(self, pattern: Pattern) -> None:
        first = pattern.items[0]
        table = self._stems if first.endswith("*") else self._words
        table.setdefault(first.rstrip("*"), []).append(pattern)

    def _find_starting(self, token: str) -> _Starting | None:
        """The patterns that can begin with a token, None where there are none; found once for each token there is."""
        found = list(self._words.get(token, ()))
        for length in range(1, min(len(token), self._longest) + 1):
            found += self._stems.get(token[:length], ())
        if token[0].isdigit():
            found += self._words.get("#", ())
        if token in _MONEY:
            found += self._words.get("¤", ())
        starting = _Starting() if found else None
        for pattern in found:
            assert starting is not None
            second = pattern.items[1] if len(pattern.items) > 1 else ""
            exact = second not in ("", "~") and second[-1] != "*"
            if not exact:
                second = f"{second[:2]}*" if len(second) > 2 else ""
            table = starting.opening if pattern.at == "^" else starting.anywhere
            table.setdefault(second, []).append((pattern, 2 if exact else 1))
        if len(self._starting) < _REMEMBERED:
            self._starting[token] = starting
        return starting

    def find(self, words: list[str]) -> list[Hit]:
        """Every pattern that stands in these tokens, each once, at its first place."""
        hits: dict[Pattern, Hit] = {}
        known = self._starting
        last = len(words)
        while last and words[last - 1] in _STOPS:
            last -= 1
        first = next((i for i, word in enumerate(words) if word not in _STOPS), len(words))
        found = [known[word] if word in known else self._find_starting(word) for word in words]
        for i, starting in enumerate(found):
            if starting is None:
                continue
            following = _keys(words[i + 1]) if i + 1 < len(words) else ("",)
            sentence = i == 0 or words[i - 1] in _STOPS
            for table in (starting.anywhere, starting.opening) if i <= first else (starting.anywhere,):
                for second in following:
                    for pattern, done in table.get(second, ()):
                        if pattern.at == "<" and not sentence:
                            continue
                        end = _match(pattern.items, words, i + done, done)
                        if end and not (pattern.whole and end < last) and pattern not in hits:
                            hits[pattern] = Hit(pattern, i, end)
        return list(hits.values())


def _keys(word: str) -> tuple[str, ...]:
    """Under which a `_Starting` may hold patterns that go on with this word."""
    if word[0].isdigit():
        return ("", word, "#")
    return ("", word, f"{word[:2]}*", "¤") if word in _MONEY else ("", word, f"{word[:2]}*")


def _match(items: tuple[str, ...], words: list[str], at: int, done: int) -> int:
    """Where a match of `items` ends whose first `done` items end before the token `at`; 0 where there is none."""
    for n in range(done, len(items)):
        item = items[n]
        if item == "~" and n + 1 == len(items):
            end = at
            while end < len(words) and end - at < _GAP and words[end] not in _STOPS:
                end += 1
            return end
        if item == "~":
            for skip in range(_GAP + 1):
                if at + skip < len(words) and (skip == 0 or words[at + skip - 1] not in _STOPS):
                    end = _match(items, words, at + skip, n + 1)
                    if end:
                        return end
                else:
                    break
            return 0
        if at >= len(words) or not _is(item, words[at]):
            return 0
        at += 1
    return at


def _is(item: str, word: str) -> bool:
    if item == word:
        return True
    if item[-1] == "*":
        return word.startswith(item[:-1])
    return (item == "#" and word[0].isdigit()) or (item == "¤" and word in _MONEY)


def _parse(meaning: str, force: str, text: str) -> Pattern:
    at = text[0] if text[0] in "^<" else ""
    body = text[len(at) :]
    whole = body.endswith("$")
    items: list[str] = []
    for part in body.removesuffix("$").split():
        if part in ("~", "#", "¤"):
            items.append(part)
            continue
        found = tokens(part.removesuffix("*"))
        if not found:
            raise ValueError(f"lexicon.toml: {meaning}.{force}: {text!r} has a part that is no word: {part!r}")
        items += found[:-1]
        items.append(found[-1] + ("*" if part.endswith("*") else ""))
    return Pattern(meaning, force, text.strip("^<$"), tuple(items), whole, at)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon that comes with the package, read once."""
    return Lexicon(tomllib.loads(resources.files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8")))
