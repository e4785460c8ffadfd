"""What a site prints on many of its stories, told from what its stories say again and again. Pure.

    Cleaned -- traces --> Trace, one a block      counted over the site's stories by the store, once a story
    Seen -- is_furniture --> bool                 decided when a block is seen once more

A block that three stories have in common is not yet the site's own: newspapers have refrains that are the story. What
has to survive, and what saves it:

    a dateline that stands alone ("LISBON (Wire) -")      leaves no trace, by its form
    a standing headline ("In brief", "What we know:")     introduces a text that differs each time: a veto
    a sentence whose numbers differ ("12 people died.")   is a report: a veto
    an item of a list, a row of a table, in the text      is an ingredient, a score: a veto
    a notice that is the story, or most of it             a veto; and it is not taken out of a story it is all of
    a line of few words, or in the midst of the text      has to stand on a larger share of the site's stories
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from newsbot.fingerprint import LONGEST_BLOCK, block_key
from newsbot.fingerprint.text import tokens
from newsbot.items import BlockKind, Cleaned, RemovedKind, Trace

STORIES = 3
"""Different stories of a site that have to have a block before it can be the site's."""
SHARE = 0.1
"""Share of the site's stories, since the block was first seen, that have to have it at their ends."""
SHARE_OF_MORE = 0.3
"""The same for what stands in the midst of the text, and for lines of few words ("No one was hurt.")."""
MOST = 0.5
"""Share of a story's text from which on a block, or what is repeated of it, is the story."""

_VETOES = 0.1  # share of its stories that may speak against a block
_REMOVED = 1 / 3  # share of its stories in which other evidence has to have removed it to stand for a share of the site
_LOOSE = 0.9  # share of its stories in which it has to have stood loose to count as standing at the ends
_SHORT = 8  # words up to which a line is short
_UNSPACED = "\u0e00"  # from Thai on stand the scripts without spaces
_SHORT_CHARACTERS = 120  # above which nobody counts the words
_ENDS = ((2, 0.10), (3, 0.15))  # before and behind: fewer blocks, or no larger share of the text, is an end
_MOST_TRACES = 80  # a page; of more, the first and the last
_STOP = re.compile(r"[.!?…。！？។॥।؟۔][\"”»“’')\]」』）]*$")
_NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*")
# "LISBON (Wire) -", "Москва, 3 марта —", "【北京】", "(서울=통신)": few words, then a dash or a bracket that closes.
_DATELINE = re.compile(r"^.{2,60}\s*[-–—―:：]$|^[(（【\[〔].{1,40}[)）】\]〕]$", re.DOTALL)
_DATELINE_CHARACTERS = 64
_IN_ROWS = frozenset({BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.PRE})
# What is removed for these reasons differs from story to story; it counts where it was kept elsewhere, no more.
PASSING = frozenset({RemovedKind.RELATED, RemovedKind.FURNITURE, RemovedKind.BYLINE})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a site's stories have shown of a block: how many had it; in how many it stood loose, and was removed on
    other evidence; how many spoke against it; how many stories the site has had since, the first with it included."""

    stories: int
    loose: int
    removed: int
    vetoes: int
    since: int


def is_furniture(seen: Seen, text: str) -> bool:
    """Whether a block that a site's stories repeat is the site's own text."""
    if seen.stories < STORIES or seen.vetoes > _VETOES * seen.stories:
        return False
    if seen.removed >= _REMOVED * seen.stories:
        return True
    at_ends = seen.loose >= _LOOSE * seen.stories and not _is_short(text)
    return seen.stories >= (SHARE if at_ends else SHARE_OF_MORE) * seen.since


def reports(sample: str, text: str) -> bool:
    """Whether two blocks of the same letters are sentences that tell different numbers."""
    told = _is_ended(text) or not _is_short(text)
    return told and _NUMBERS.findall(sample) != _NUMBERS.findall(text)


def traces(cleaned: Cleaned, repeated: Iterable[str] = ()) -> tuple[Trace, ...]:
    """What a page's blocks may teach of its site; `repeated` are the keys that were known to be the site's."""
    known = frozenset(repeated)
    gone = {item.position for item in cleaned.removed}
    aside = {item.position for item in cleaned.apart}
    places = (n for n in range(len(gone) + len(aside) + len(cleaned.kept)) if n not in gone and n not in aside)
    kept = dict(zip(places, cleaned.kept, strict=True))
    whole = sum(len(block.text) for block in cleaned.kept) or 1
    found: dict[str, Trace] = {}
    before, index = 0, 0
    for place, block in kept.items():
        text, size = block.text.strip(), len(block.text)
        behind, left = whole - before - size, len(kept) - index - 1
        at_start = index < _ENDS[0][0] or before <= _ENDS[0][1] * whole
        at_end = left < _ENDS[1][0] or behind <= _ENDS[1][1] * whole
        before, index = before + size, index + 1
        if size > LONGEST_BLOCK or _is_dateline(text):
            continue
        following = next((n for n in range(place + 1, place + 1 + len(gone) + len(aside)) if n not in aside), place + 1)
        boxed = following not in kept and (place - 1 in gone or place == 0)
        introduced = kept.get(following)
        heads = ""
        if introduced is not None and (block.kind is BlockKind.HEADING or _introduces(text)):
            heads = block_key(introduced.text) or "-"
        in_midst = not (at_start or at_end or boxed)
        _note(
            found,
            Trace(
                block_key(text),
                text,
                loose=not in_midst,
                heads=heads,
                veto=size > MOST * whole or (in_midst and block.kind in _IN_ROWS),
            ),
        )
    for item in cleaned.removed:
        if len(item.text) <= LONGEST_BLOCK:
            key = block_key(item.text)
            _note(found, Trace(key, item.text, kept=False, kind=None if key in known else item.kind, loose=True))
    all_of_them = list(found.values())
    if len(all_of_them) > _MOST_TRACES:
        all_of_them = all_of_them[: _MOST_TRACES // 2] + all_of_them[-_MOST_TRACES // 2 :]
    return tuple(all_of_them)


def _note(found: dict[str, Trace], trace: Trace) -> None:
    """Enter a trace; of a block that stands twice on its page, the place where it is hardest to miss."""
    other = found.get(trace.key)
    if other is not None:
        trace = replace(
            trace,
            kept=trace.kept or other.kept,
            kind=trace.kind or other.kind,
            loose=trace.loose and other.loose,
            heads=trace.heads or other.heads,
            veto=trace.veto or other.veto,
        )
    if trace.key:
        found[trace.key] = trace


def _is_dateline(text: str) -> bool:
    return len(text) <= _DATELINE_CHARACTERS and _DATELINE.search(text) is not None and _is_short(text)


def _introduces(text: str) -> bool:
    return text.endswith((":", "：")) or (not _is_ended(text) and _is_short(text))


def _is_ended(text: str) -> bool:
    return _STOP.search(text[-8:]) is not None


def _is_short(text: str) -> bool:
    if len(text) > _SHORT_CHARACTERS:
        return False
    # Of scripts without spaces each character is a token, and two make a word.
    return sum(0.5 if len(token) == 1 and token > _UNSPACED else 1 for token in tokens(text)) <= _SHORT
