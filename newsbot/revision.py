"""Two texts of one story: whether its publisher changed anything, and which words.

A page is never the same twice: its clock, its advertising and its counters move. A revision is what is left of the
difference once that is out of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, takewhile

from newsbot.fingerprint import block_key
from newsbot.fingerprint.text import UNSPACED, tokens

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_CUT = 3  # words at the end of a teaser that may be half a word, "read" or "more"
_PIECE = re.compile(rf"\s+|{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern})\S)+")
_ISLAND = 3  # words in common, fewer of which between two changes only tear them apart
_MOST = 6_000**2  # pairs of pieces of two passages; longer ones are not worth the hours that difflib may take


def is_revision(before: str, after: str, taken_out: Collection[str] = frozenset()) -> bool:
    """Whether a story's text was changed by its publisher between two visits.

    The words count, and the numbers as written. `taken_out`: the `block_key`s of what the cleaning took out of either
    page, and of what the site repeats: where one text holds such a block and the other does not, it is newsbot that has
    changed its mind.
    """
    texts = (before, after)
    if taken_out:
        texts = (_without(before, taken_out), _without(after, taken_out))
    (words, numbers), (words_then, numbers_then) = map(_said, texts)
    return words != words_then or numbers != numbers_then


def is_beginning(part: str, whole: str) -> bool:
    """Whether a text is no more than how another begins: what a wall leaves of it. The last words may be cut short."""
    words = tokens(part)[:-_CUT]
    return bool(words) and len(part) < len(whole) and tokens(whole)[: len(words)] == words


def _without(text: str, keys: Collection[str]) -> str:
    paragraphs = ((block_key(paragraph), paragraph) for paragraph in text.split("\n\n"))
    return "\n\n".join(paragraph for key, paragraph in paragraphs if not key or key not in keys)


def _said(text: str) -> tuple[list[str], list[str]]:
    """The words of a text, and its numbers as they are written: to the words alone 1.5 is 15."""
    return tokens(text), _NUMBER.findall(text)


class Edit(StrEnum):
    """What became of a passage."""

    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words, with the white space around them, that stayed, went or came."""

    edit: Edit
    text: str

    @property
    def words(self) -> int:
        """How many words there are; each character of a script without spaces is one."""
        return sum(1 for piece in _PIECE.findall(self.text) if not piece.isspace())


def word_diff(before: str, after: str) -> list[Passage]:
    """What was done to `before` to make it `after`, word by word, in reading order; what went stands before what came.

    The passages that stayed or went, put together, are `before`; those that stayed or came are `after`. Paragraphs are
    matched first, then the words of those that have no match (Hunt, McIlroy 1976, as difflib does it).
    """
    old, new = re.split(r"(\n+)", before), re.split(r"(\n+)", after)
    passages: list[Passage] = []
    for edit, a, b in _matched(old, new):
        if edit is Edit.SAME:
            passages.append(Passage(Edit.SAME, "".join(a)))
            continue
        pieces_a, pieces_b = _PIECE.findall("".join(a)), _PIECE.findall("".join(b))
        for inner, c, d in _without_islands(list(_matched(pieces_a, pieces_b))):
            if inner is Edit.SAME:
                passages.append(Passage(Edit.SAME, "".join(c)))
            else:
                passages += [Passage(Edit.OUT, "".join(c)), Passage(Edit.IN, "".join(d))]
    return _joined(passages)


_Run = tuple[Edit, Sequence[str], Sequence[str]]


def _matched(a: Sequence[str], b: Sequence[str]) -> Iterator[_Run]:
    """The runs; of what is too long to be compared, only the beginning and the end may be the same."""
    if len(a) * len(b) > _MOST:
        begins = _alike(zip(a, b, strict=False))
        ends = _alike(zip(reversed(a[begins:]), reversed(b[begins:]), strict=False))
        middle_a, middle_b = a[begins : len(a) - ends], b[begins : len(b) - ends]
        yield Edit.SAME, a[:begins], b[:begins]
        if len(middle_a) * len(middle_b) > _MOST:
            yield Edit.OUT, middle_a, middle_b
        else:
            yield from _matched(middle_a, middle_b)
        yield Edit.SAME, a[len(a) - ends :], b[len(b) - ends :]
        return
    for name, a0, a1, b0, b1 in SequenceMatcher(str.isspace, a, b).get_opcodes():
        yield Edit.SAME if name == "equal" else Edit.OUT, a[a0:a1], b[b0:b1]


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs of equals they begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _without_islands(runs: list[_Run]) -> list[_Run]:
    """The runs, where a word or two that two rewritten sentences happen to share are part of what was rewritten."""
    kept: list[_Run] = []
    for place, (edit, a, b) in enumerate(runs):
        island = edit is Edit.SAME and 0 < place < len(runs) - 1 and _words(a) < _ISLAND
        if island:
            neighbours = (runs[place - 1], runs[place + 1])
            island = all(max(_words(out), _words(into)) > _ISLAND * _words(a) for _, out, into in neighbours)
        if kept and kept[-1][0] is Edit.OUT and (island or edit is Edit.OUT):
            _, out, into = kept.pop()
            kept.append((Edit.OUT, [*out, *a], [*into, *b]))
        else:
            kept.append((Edit.OUT if island else edit, a, b))
    return kept


def _words(pieces: Sequence[str]) -> int:
    return sum(not piece.isspace() for piece in pieces)


def _joined(passages: list[Passage]) -> list[Passage]:
    """Neighbours of one kind as one; between two passages that stayed, what went before what came."""
    joined: list[Passage] = []
    for stayed, group in groupby((p for p in passages if p.text), key=lambda p: p.edit is Edit.SAME):
        together: dict[Edit, str] = {}
        for passage in group:
            together[passage.edit] = together.get(passage.edit, "") + passage.text
        order = (Edit.SAME,) if stayed else (Edit.OUT, Edit.IN)
        joined += [Passage(edit, together[edit]) for edit in order if edit in together]
    return joined
