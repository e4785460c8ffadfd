"""The language of searches, read into a form that no database can misunderstand.

    word word        both words                     word*       words that begin so
    "a phrase"       these words in this order      -word       without it, nor "-"a phrase"", in the whole search
    this OR that     one or the other; what stands between two ORs belongs together

Words are compared without case and diacritics. Punctuation inside a word parts it as it does in a text: `covid-19` is
the phrase "covid 19". Typographic quotes count as quotes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from newsbot.errors import QueryError

MAX_LENGTH = 1000  # characters
MAX_TERMS = 64  # far below the depth of expression that FTS5 allows

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))(?P<star>\*?)')
# Scripts that unicode61 does not part into words: Thai, Lao, Burmese, Khmer, kana, bopomofo, Han. Korean has spaces.
_UNSPACED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to be found; `prefix`: its last word may go on."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What to find: of one of the `alternatives` all terms, and none of the `excluded`."""

    alternatives: tuple[tuple[Term, ...], ...]
    excluded: tuple[Term, ...]

    @property
    def unspaced(self) -> bool:
        """Whether a term is in a script that an index of words does not serve."""
        terms = (*self.excluded, *(term for alternative in self.alternatives for term in alternative))
        return any(_UNSPACED.search(term.text) for term in terms)

    @property
    def match(self) -> str:
        """The search as FTS5 takes it: every term is a quoted string, which has no syntax but its quotes."""
        found = " OR ".join("(" + " AND ".join(map(_quoted, terms)) + ")" for terms in self.alternatives)
        if not self.excluded:
            return found
        return f"({found}) NOT ({' OR '.join(map(_quoted, self.excluded))})"


def parse(query: str) -> Search:
    """Read a search. Raises QueryError, with a hint, for one that is empty, too long, or malformed."""
    if len(query) > MAX_LENGTH:
        raise QueryError(f"the search has {len(query)} characters, more than {MAX_LENGTH}. Shorten it.")
    if unfit := next((c for c in query if c == "\0" or "\ud800" <= c <= "\udfff"), None):
        raise QueryError(f"the search holds the character U+{ord(unfit):04X}, which no text can. Remove it.")
    query = unicodedata.normalize("NFC", query).translate(_QUOTES)
    if query.count('"') % 2:
        raise QueryError('the search has a quote without its partner. Write a phrase as "press freedom".')
    alternatives: list[list[Term]] = [[]]
    excluded: list[Term] = []
    for found in _TERM.finditer(query):
        if found["word"] == "OR" and not found["minus"]:
            alternatives.append([])
            continue
        # The greedy word has taken its own star.
        text = found["phrase"] if found["phrase"] is not None else found["word"]
        term = Term(text.rstrip("*"), prefix=bool(found["star"]) or (found["word"] or "").endswith("*"))
        if any(map(_is_in_word, term.text)):
            (excluded if found["minus"] else alternatives[-1]).append(term)
    if len(excluded) + sum(map(len, alternatives)) > MAX_TERMS:
        raise QueryError(f"the search has more than {MAX_TERMS} words and phrases. Leave some out.")
    if not any(alternatives):
        hint = "Add a word to be found." if excluded else "Give at least one word."
        raise QueryError(f"the search {'only excludes' if excluded else 'holds no word'}. {hint}")
    if not all(alternatives):
        raise QueryError('OR needs a word on both sides. To find the word "or", write it in quotes or in lower case.')
    return Search(tuple(map(tuple, alternatives)), tuple(excluded))


def _is_in_word(character: str) -> bool:
    """As FTS5's unicode61 has it: letters, numbers and private use."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category == "Co"


def _quoted(term: Term) -> str:
    return f'"{term.text}"' + (" *" if term.prefix else "")
