"""Whether a share has become another than it was: so many bad ones of late, against so many before.

The chance of `bad` among `count`, at the rate of before, is at most exp(-count * D), D being the divergence of the two
rates (Chernoff's bound for the binomial tail; Hoeffding, JASA 58, 1963). Nothing is said below a chance of one in a
million, since it is asked of every site on every check, and pages that fail come in clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from typing import TypeVar

SURPRISE = 14.0
"""The least -ln of the chance."""
ENOUGH = 20
"""How many there have to be before, for their share to be known."""
RISE = 0.3
"""By how much a share has to grow, at least."""

_Item = TypeVar("_Item")


def shifted(bad: int, count: int, bad_before: int, count_before: int, least: float = 0.5, known: bool = False) -> bool:
    """Whether the share of bad ones has grown: to `least` at least, by RISE, and beyond chance; of what is `known` to
    have grown, whether it is still so: few pages are enough for that."""
    if not count or count_before < ENOUGH:
        return False
    share, before = bad / count, (bad_before + 1) / (count_before + 2)
    grown = share >= max(least, before + RISE)
    return grown and (known or count * _divergence(share, before) >= SURPRISE)


def _divergence(share: float, rate: float) -> float:
    """Of a Bernoulli of this share from one of this rate, in nats."""
    first = share * log(share / rate) if share else 0.0
    return first + ((1 - share) * log((1 - share) / (1 - rate)) if share < 1 else 0.0)


def stretch(items: Sequence[_Item], is_bad: Callable[[_Item], bool]) -> _Item:
    """Where the bad ones, newest first, begin: the oldest before two in a row that are good."""
    begin, good = items[0], 0
    for item in items:
        good = 0 if is_bad(item) else good + 1
        if good == 2:
            break
        if not good:
            begin = item
    return begin
