"""Texts to compare, made from small parts so that each test can say how much of them is equal."""

from __future__ import annotations

import random

_PARTS = "ba ce di fo gu hal jem kin lor mus nat pel quo rin sav tor ulm ver wex yst zan".split()


def words(count: int, seed: int = 0) -> list[str]:
    """`count` made-up words; another seed gives others."""
    source = random.Random(seed)
    return ["".join(source.choices(_PARTS, k=3)) for _ in range(count)]


def text(count: int, seed: int = 0) -> str:
    """`count` made-up words in sentences of twelve."""
    parts = words(count, seed)
    sentences = (" ".join(parts[i : i + 12]).capitalize() + "." for i in range(0, count, 12))
    return " ".join(sentences)


FORECAST = """The coast guard of {place} has published its notice to small craft for the day. The wind will blow
from the {side} at {low} to {high} knots, with gusts of {gust} near the headlands. Waves of {wave}
metres are expected outside the harbour and visibility falls to {sight} miles. High water is at
{tide} and the next at {next}. Skippers should listen to channel {channel} before they leave, wear
life jackets, and leave word ashore of where they mean to go."""
"""A template that is filled in each day: most of its words are equal, and the news is not."""

MONDAY = FORECAST.format(
    place="Northhaven", side="west", low=12, high=18, gust=25, wave=2, sight=6, tide="0415", next="1640", channel=67
)
TUESDAY = FORECAST.format(
    place="Saltmouth", side="southeast", low=5, high=9, gust=14, wave=1, sight=10, tide="0502", next="1731", channel=67
)

HOUSE_RULES = """Comments below our stories are open to members for three days. Stay on the subject, be kind to the
other readers, and do not use capital letters for whole sentences. We delete posts that insult,
advertise, or repeat what has been disproved, and we may close your account when you post such
things again. Use the flag beside a comment to call a moderator. Decisions of the moderators are
final, and letters about them to the editor are not answered in print."""
"""What a site prints below each story."""
