"""The clean room: a page's blocks in, the story out, and beside it what was taken away and why.

Pure: nothing here touches disk, network, Scrapy or the database (the lexicon is a file of the package, read once).

    Block -> markup, evidence (each block alone) -> runs (its neighbours) -> apart (title, captions) -> Cleaned
"""

from __future__ import annotations

from collections.abc import Iterable

from newsbot.clean.apart import roles
from newsbot.clean.evidence import weigh
from newsbot.clean.markup import Names
from newsbot.clean.runs import decide
from newsbot.fingerprint import block_key
from newsbot.items import Access, Apart, Block, BlockKind, Cleaned, Profile, Removed, RemovedKind

__all__ = ["access_hint", "clean", "together"]

# A block that the site repeats goes, unless it is long prose: that is rather a story told twice than furniture.
_LONG_PROSE = 60
# Behind a paywall's notice, fewer characters than this are no rest of a story.
_REST = 400
# Whoever serves more than this before the notice serves the story; the notice is an offer.
_TEASER = 3000


def clean(blocks: Iterable[Block | str], profile: Profile | None = None) -> Cleaned:
    """The story among the blocks of a page, and what was taken out of it or set apart.

    Takes blocks as `newsbot.extract` gives them, and plain strings; a string of several lines is a block for each.
    Empty ones are dropped. What is kept, removed and set apart is, put together by position, what came in.
    """
    known = profile or Profile()
    whole = list(_blocks(blocks))
    names = Names(whole)
    read = [weigh(block, known.site_name, names) for block in whole]
    verdicts = decide(read)
    if known.repeated:
        for n, evidence in enumerate(read):
            if verdicts[n] is None and evidence.size < _LONG_PROSE and block_key(evidence.block.text) in known.repeated:
                verdicts[n] = (RemovedKind.FURNITURE, "repeated: stands below many of the site's stories")
    for n, block in enumerate(whole):
        if verdicts[n] is None and block.dropped:
            verdicts[n] = (RemovedKind.FURNITURE, block.dropped)
    apart = roles(read, [verdict is not None for verdict in verdicts])
    kept: list[Block] = []
    removed: list[Removed] = []
    aside: list[Apart] = []
    for position, (block, verdict, role) in enumerate(zip(whole, verdicts, apart, strict=True)):
        if verdict is not None:
            removed.append(Removed(position, block, *verdict))
        elif role is not None:
            aside.append(Apart(position, block, role))
        else:
            kept.append(block)
    return Cleaned(tuple(kept), tuple(removed), tuple(aside))


def together(cleaned: Cleaned) -> tuple[Block, ...]:
    """The page's blocks as they stood before the cleaning."""
    placed = {item.position: item.block for item in cleaned.removed}
    placed |= {item.position: item.block for item in cleaned.apart}
    rest = iter(cleaned.kept)
    return tuple(placed[n] if n in placed else next(rest) for n in range(len(placed) + len(cleaned.kept)))


def access_hint(cleaned: Cleaned) -> Access | None:
    """What the removed blocks say about the publisher's door: a paywall's notice that ends the text, or None."""
    walls = [item.position for item in cleaned.removed if item.kind is RemovedKind.PAYWALL]
    if not walls:
        return None
    placed = {item.position for item in cleaned.removed} | {item.position for item in cleaned.apart}
    free = [n for n in range(len(placed) + len(cleaned.kept)) if n not in placed]
    after = sum(len(block.text) for n, block in zip(free, cleaned.kept, strict=True) if n > walls[0])
    before = sum(len(block.text) for block in cleaned.kept) - after
    return Access.PAYWALLED if after < _REST and before < _TEASER else None


def _blocks(given: Iterable[Block | str]) -> Iterable[Block]:
    for item in given:
        if isinstance(item, str):
            for line in item.splitlines():
                if line.strip():
                    yield Block(BlockKind.PARAGRAPH, line.strip())
        elif item.text.strip():
            yield item
