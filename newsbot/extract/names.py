"""People's names as bylines write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LEAD_IN = re.compile(
    r"^\s*(?:(?:written|reported|posted|published|story|text|words|analysis|opinion|exclusive|review|photos?)\s+)?"
    r"(?:(?:by|por|door|przez|автор|текст|autor|autorin|auteur|autore|yazan|bởi|text|texte|testo|texto|tekst|author|"
    # What is also a part of names leads in a whole name only: Von Anna Muster, but Di Stefano and Oleh Petrenko.
    r"reporter|byline)\s*:?\s+|(?:von|par|di|av|af|od|oleh)(?:\s*:\s*|\s+(?=\S+\s+\S)))",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*(?:;|\||·|•|\s/\s|\n|\band\b|\bund\b|\bet\b|\by\b(?=\s+\S+\s+\S)|\boch\b|\bog\b|&|、|،)\s*|,\s+"
)
_TAIL = re.compile(r"\s*(?:\(.*\)|[–—|].*|\bin\s+[A-Z].*|\bfor\s+[A-Z].*)$")
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|^(?:admin|staff|editor|redaktion|redaction|redacción|newsroom|unknown|null|none|by|"
    r"author|autor|anonymous|webmaster|online|editors?)$",
    re.IGNORECASE,
)
_LONGEST = 60
_LONGEST_BYLINE = 2000  # characters


def names(values: Iterable[str | None]) -> tuple[str, ...]:
    """The names in some bylines, in order, each once: lead-ins such as "By" and what is no name are gone."""
    found: dict[str, str] = {}
    for value in values:
        if not value or len(value) > _LONGEST_BYLINE:
            continue
        for part in _BETWEEN.split(_LEAD_IN.sub("", " ".join(value.split()))):
            name = _LEAD_IN.sub("", _TAIL.sub("", part or "")).strip(" ,.:;-–—\"'*")
            if 2 <= len(name) <= _LONGEST and not _NO_NAME.search(name):
                found.setdefault(name.casefold(), name)
    return tuple(found.values())
