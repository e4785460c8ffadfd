"""What a block's neighbours say: a box of the publisher's is a run of blocks, some of which look innocent alone."""

from __future__ import annotations

from newsbot.clean.evidence import Evidence
from newsbot.items import RemovedKind

Verdict = tuple[RemovedKind, str]
_BOX = frozenset({RemovedKind.DONATION, RemovedKind.NEWSLETTER, RemovedKind.PAYWALL, RemovedKind.REGISTRATION})
_FRAGMENT = 6
_GAP = 3
_ADDRESS = 16


def decide(blocks: list[Evidence]) -> list[Verdict | None]:
    """For each block the kind it is removed for and why, or None where it stays."""
    verdicts: list[Verdict | None] = []
    for evidence in blocks:
        kind = evidence.verdict
        verdicts.append((kind, evidence.why(kind)) if kind is not None else None)
    for n in range(len(blocks) - 2, -1, -1):  # a short address to the readers belongs to what follows it
        following = verdicts[n + 1]
        if following is None or following[0] not in _BOX or verdicts[n] is not None:
            continue
        if blocks[n].opening and blocks[n].size <= _ADDRESS:
            verdicts[n] = (following[0], f"run: {following[0]}")
    at = 0
    while at < len(blocks):
        verdict = verdicts[at]
        if verdict is None or verdict[0] not in _BOX:
            at += 1
            continue
        at = _extend(blocks, verdicts, at, verdict[0])
    return verdicts


def _extend(blocks: list[Evidence], verdicts: list[Verdict | None], start: int, kind: RemovedKind) -> int:
    """Fills the run that begins at `start`; the first block behind it."""
    opened = blocks[start].opening
    last = start
    at = start + 1
    while at < len(blocks) and at - last <= _GAP + 1:
        verdict = verdicts[at]
        here = blocks[at]
        if verdict is not None:
            if verdict[0] is not kind:
                break
            last = at
            opened = opened or here.opening
        elif here.form:
            last = at
        elif not ((opened and (here.speaks or _is_bridge(verdicts, at, here, kind))) or _is_fragment(here)):
            break
        at += 1
    for n in range(start + 1, last + 1):
        if verdicts[n] is None:
            verdicts[n] = (kind, f"run: {kind}")
    return last + 1


def _is_bridge(verdicts: list[Verdict | None], at: int, here: Evidence, kind: RemovedKind) -> bool:
    """Whether a block that nobody would suspect stands between two parts of one letter to the readers."""
    following = verdicts[at + 1] if at + 1 < len(verdicts) else None
    return following is not None and following[0] is kind and "reports" not in here.voices


def _is_fragment(here: Evidence) -> bool:
    return here.size <= _FRAGMENT and not here.ends
