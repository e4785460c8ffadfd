"""Stories to keep, made up: `prose` says the same for the same seed and something else for another."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from newsbot.fingerprint import sign
from newsbot.items import Story

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

_WORDS = (
    "harbour council bridge winter teacher market railway orchard minister report village engine measure signal "
    "factory window lantern budget river mountain concert archive hospital tunnel season driver station garden "
    "library captain vessel border treaty harvest museum paper glacier storm valley festival quarry pension lease "
    "opened closed promised refused counted painted repaired measured delayed announced visited questioned restored "
    "slowly quietly again before after under between against without because while early northern quiet narrow old"
).split()


def prose(seed: int, words: int = 120) -> str:
    """Some paragraphs of forty words."""
    chosen = random.Random(seed).choices(_WORDS, k=words)
    return "\n\n".join(" ".join(chosen[i : i + 40]).capitalize() + "." for i in range(0, words, 40))


def story(number: int = 1, text: str | None = None, *, site: str = "a.example", **fields: Any) -> Story:
    """Story `number` of a site; `text` is by default its own prose, `url` the canonical address."""
    url = fields.pop("url", None) or f"https://{site}/{number}"
    canonical = fields.pop("canonical_url", None) or url
    text = prose(number) if text is None else text
    made = Story(
        site=site,
        url=url,
        canonical_url=canonical,
        title=f"Headline {number}",
        text=text,
        fetched_at=NOON,
        word_count=len(text.split()),
        addresses=(canonical, url),
        fingerprint=sign([canonical, url], text),
    )
    return replace(made, **fields)


def edited(text: str) -> str:
    """The text as another desk prints it: a sentence of its own in front, the last words cut."""
    return "Our correspondent adds a line of their own here.\n\n" + text.rsplit(" ", 6)[0]
