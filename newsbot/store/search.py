"""The language of searches, read into a form that no database can misunderstand.

    word word        both words; so does AND        word*        words that begin so
    "a phrase"       these words in this order      "a phrase"*  whose last word begins so
    this OR that     one or the other               (this OR that) other    parentheses group alternatives
    -word            without it in the whole search, nor -"a phrase"; NOT word is the same
    title:word       in the title alone; so do standfirst: and text:, before words and phrases

Words are compared without case and diacritics. Punctuation inside a word parts it as it does in a text: `covid-19` is
the phrase "covid 19", and so is `12:30`. Typographic quotes count as quotes; OR, AND and NOT are words in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from newsbot.errors import QueryError

MAX_LENGTH = 1000  # characters
MAX_TERMS = 64  # far below the depth of expression that FTS5 allows
FIELDS = ("title", "standfirst", "text")

_FILTERS = ("site", "author", "section", "tag", "language", "access", "since", "until")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_PIECE = re.compile(
    rf"(?P<minus>-?)(?:(?P<open>\()|(?P<close>\))|(?:(?P<field>{'|'.join(FIELDS)}):)?"
    r'(?:"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<word>[^\s"]+)|(?P<nothing>(?<=:))))'
)
_SPACE = re.compile(r"\s*")
_FILTER = re.compile(rf"({'|'.join(_FILTERS)}):.")

_Terms = tuple["Term", ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to be found, in one field or in any; `prefix`: its last word may go on."""

    text: str
    prefix: bool = False
    field: str | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What to find: of one of the `alternatives` all terms, and none of the `excluded`."""

    alternatives: tuple[_Terms, ...]
    excluded: _Terms = ()

    @property
    def wanted(self) -> Iterator[Term]:
        """The terms of all alternatives, each once."""
        yield from dict.fromkeys(term for terms in self.alternatives for term in terms)


def parse(query: str) -> Search:
    """Read a search. Raises QueryError, with a hint, for one that is empty, too long, or malformed."""
    if len(query) > MAX_LENGTH:
        raise QueryError(f"the search has {len(query)} characters, more than {MAX_LENGTH}. Shorten it.")
    if unfit := next((c for c in query if c == "\0" or "\ud800" <= c <= "\udfff"), None):
        raise QueryError(f"the search holds the character U+{ord(unfit):04X}, which no text can. Remove it.")
    query = unicodedata.normalize("NFC", query).translate(_QUOTES)
    if query.count('"') % 2:
        raise QueryError('the search has a quote without its partner. Write a phrase as "press freedom".')
    reading = _Reading()
    position = 0
    while found := _PIECE.match(query, _SPACE.match(query, position).end()):  # type: ignore[union-attr]
        position = found.end()
        if found["open"]:
            reading.open(found["minus"])
        elif found["close"]:
            reading.close()
        elif found["nothing"] is not None:
            raise QueryError(
                f"{found['field']}: needs a word or a phrase right behind it, without a space. To find the word "
                f'"{found["field"]}", write it without the colon.'
            )
        else:
            # A parenthesis that was opened before the word is closed behind it; f(x) has its own.
            closing = reading.closing(found["word"] or "")
            word = found["word"] and found["word"][: len(found["word"]) - closing]
            position -= closing
            if word in ("OR", "AND", "NOT") and not found["minus"] and not found["field"]:
                reading.operator(word)
            else:
                reading.term(_term(found, word), found["minus"])
    return reading.end()


def _term(found: re.Match[str], word: str | None) -> Term:
    if word is None:
        return Term(found["phrase"].rstrip("*"), bool(found["star"]), found["field"], quoted=True)
    if found["field"] and word.startswith("("):
        raise QueryError(f"{found['field']}: is said of a word, not of a parenthesis. Write it before each word.")
    if not found["field"] and (other := _FILTER.match(word)):
        raise QueryError(
            f"{other[1]}: is no part of a search. Use the filter of that name beside it, --{other[1]} on the command "
            f'line; or put the text in quotes: "{word}".'
        )
    return Term(word.rstrip("*"), word.endswith("*"), found["field"])


@dataclass(slots=True)
class _Group:
    """What stands between parentheses: alternatives, each a list of parts that are themselves alternatives."""

    alternatives: list[list[list[_Terms]]] = field(default_factory=lambda: [[]])
    said: bool = False  # whether the last alternative says anything, if only what not to find

    def flat(self) -> list[_Terms]:
        """As alternatives of terms."""
        if len(self.alternatives) > 1 and not all(self.alternatives):
            raise QueryError(
                'OR needs a word on both sides. To find the word "or", write it in quotes or in lower case.'
            )
        terms: list[_Terms] = []
        number = 0
        for parts in filter(None, self.alternatives):
            for chosen in product(*parts):
                terms.append(tuple(dict.fromkeys(term for part in chosen for term in part)))
                number += len(terms[-1])
                if number > MAX_TERMS:
                    raise _too_many()
        return terms


class _Reading:
    """A search as far as it has been read."""

    def __init__(self) -> None:
        self._groups = [_Group()]
        self._excluded: list[Term] = []
        self._waiting = ""  # the operator behind which a term has to come

    def operator(self, word: str) -> None:
        group = self._groups[-1]
        if self._waiting and not (word == "NOT" and self._waiting == "AND"):
            raise _incomplete(self._waiting)
        if word == "OR":
            group.alternatives.append([])
            group.said = False
        elif word == "AND" and not group.said:
            raise _incomplete(word)
        else:
            self._waiting = word

    def term(self, term: Term, minus: str) -> None:
        if not any(map(_is_in_word, term.text)):
            return
        if minus or self._waiting == "NOT":
            self._excluded.append(term)
        else:
            self._groups[-1].alternatives[-1].append([(term,)])
        self._waiting = ""
        self._groups[-1].said = True

    def closing(self, word: str) -> int:
        """How many characters at a word's end begin with a parenthesis that closes a group."""
        ending = word.rstrip("*")
        trailing = len(ending) - len(ending.rstrip(")"))
        closing = max(0, min(trailing, word.count(")") - word.count("("), len(self._groups) - 1))
        return closing and closing + len(word) - len(ending)

    def open(self, minus: str) -> None:
        if minus or self._waiting == "NOT":
            raise QueryError("a parenthesis cannot be excluded as a whole. Exclude its words one by one: -this -that.")
        self._waiting = ""
        self._groups.append(_Group())

    def close(self) -> None:
        if len(self._groups) == 1:
            return  # punctuation
        if self._waiting:
            raise _incomplete(self._waiting)
        group = self._groups.pop()
        if terms := group.flat():
            self._groups[-1].alternatives[-1].append(terms)
        self._groups[-1].said = self._groups[-1].said or group.said

    def end(self) -> Search:
        if self._waiting:
            raise _incomplete(self._waiting)
        if len(self._groups) > 1:
            raise QueryError("the search has a parenthesis that is not closed. Close it, or leave it out.")
        group = self._groups[0]
        if not any(group.alternatives):
            hint = "Add a word to be found." if self._excluded else "Give at least one word."
            said = "only excludes" if self._excluded else "holds no word"
            raise QueryError(f"the search {said}. {hint}")
        found = Search(tuple(dict.fromkeys(group.flat())), tuple(dict.fromkeys(self._excluded)))
        if len(found.excluded) + sum(map(len, found.alternatives)) > MAX_TERMS:
            raise _too_many()
        return found


def _too_many() -> QueryError:
    return QueryError(f"the search has more than {MAX_TERMS} words and phrases. Leave some out.")


def _incomplete(operator: str) -> QueryError:
    where = "behind it" if operator == "NOT" else "on both sides"
    return QueryError(
        f'{operator} needs a word {where}. To find the word "{operator.lower()}", write it in quotes or in lower case.'
    )


def _is_in_word(character: str) -> bool:
    """As the indexes have it: letters, numbers and private use."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category == "Co"
