"""What is no running text and yet part of what the page says: the title, captions, picture credits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsbot.clean.evidence import Evidence
from newsbot.items import BlockKind, Role

_HANDLE = re.compile(r"(?:https?://)?(?:t\.me|instagram\.com|twitter\.com|x\.com|vk\.com)/[\w./-]+|@\w+")
_END = re.compile(r"[.!?…。！？:：;,][\"”»“')\]]*$")
_INNER_END = re.compile(r"[a-z0-9)”\"»][.!]\s+[A-ZА-Я]")
_TITLE = range(3, 28)


def roles(blocks: Sequence[Evidence], removed: Sequence[bool]) -> list[Role | None]:
    """For each block the part it plays beside the running text, None where it plays none."""
    found: list[Role | None] = []
    for evidence, gone in zip(blocks, removed, strict=True):
        role = None
        if not gone:
            if evidence.block.kind is BlockKind.CAPTION:
                role = Role.CREDIT if evidence.credit else Role.CAPTION
            elif (evidence.credit and evidence.size <= 14) or _HANDLE.fullmatch(evidence.block.text):
                role = Role.CREDIT
        found.append(role)
    at = _title(blocks, removed, found)
    if at is not None:
        found[at] = Role.TITLE
    return found


def _title(blocks: Sequence[Evidence], removed: Sequence[bool], found: Sequence[Role | None]) -> int | None:
    left = [n for n in range(len(blocks)) if not removed[n] and found[n] is None]
    if len(left) < 2:
        return None
    first = blocks[left[0]]
    if first.block.tags or first.block.kind is not BlockKind.PARAGRAPH:
        return left[0] if first.block.tags[:1] == ("h1",) else None
    text = first.block.text
    if first.size not in _TITLE or _END.search(text) or _INNER_END.search(text):
        return None
    following = blocks[left[1]]
    return left[0] if following.size >= 1.2 * first.size and _END.search(following.block.text) else None
