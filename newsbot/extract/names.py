"""People's names as bylines write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LEAD_IN = re.compile(
    r"^\s*(?:(?:an?|eine?|une?)\s+)?"
    r"(?:(?:written|reported|posted|published|story|text|words|analysis|analyse|opinion|exclusive|review|photos?"
    r"|interview|kommentar|kolumne|gastbeitrag)\s+)?"
    r"(?:(?:by|por|door|przez|автор|автори|авторы|текст|autor(?:\s?[:/*_]?\s?in(?:nen)?)?|autorin/autor|autoren|auteurs?|"
    r"autore|yazan|haber|bởi|text|texte|testo|texto|tekst|authors?|penulis|tác giả|kirjoittaja|"
    # What is also a part of names leads in a whole name only: Von Anna Muster, but Di Stefano and Oleh Petrenko.
    r"reporter|byline)\s*:?\s+|(?:von|par|di|av|af|od|oleh)(?:\s*:\s*|\s+(?=\S+\s+\S))"
    r"|(?:作者|责编|责任编辑|记者|記者|文|取材)\s*[:：]\s*)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*(?:;|\||·|•|\s/\s|\n|\band\b|\bund\b|\bet\b|\by\b(?=\s+\S+\s+\S)|\boch\b|\bog\b|&|、|،)\s*|,\s+"
)
# Words for "and" or "with" that are also parts of names, or letters: they part two whole names only.
_ALSO = re.compile(r"\s+(?:e|i|и|та|і|ve|en|ja|a|és|și|si|dan|με|και|with|mit|avec|con)\s+")
_TAIL = re.compile(r"\s*(?:\b(?:Follow|Folgen|Suivre)$|[(（\[].*|[–—|].*|\bin\s+[A-Z].*|\b[Ff]or\s+[A-Z].*)$")
# Korean, Japanese and Chinese bylines put "reporter" (or an address) behind the name.
_BEHIND = re.compile(r"\s*(?:기자|특파원|논설위원|記者|记者|編集委員|特派員)\s*(?:=.*|\S+@\S+)?$")
_OFFICES = (
    r"(?:editors?(?:-(?:in-chief|at-large))?|reporters?|correspondents?|writers?|columnists?|journalists?|producers?"
    r"|contributors?|photographers?|commentators?|analysts?|bureau chief|(?:chef)?redakteur(?:in)?|korrespondent(?:in)?"
    r"|reporter(?:in)?|journalist(?:in)?|volont[aä]r(?:in)?|autor(?:in)?|journaliste|correspondante?|r[ée]dactrice"
    r"|r[ée]dacteur|envoy[ée]e? sp[ée]ciale?|giornalista|corrispondente|inviato|periodista|corresponsal|redactora?"
    r"|jornalista|rep[oó]rter|dziennikarz|dziennikarka|verslaggever|журналист(?:ка)?|корреспондент|редактор"
    r"|обозреватель|оглядач|muhabir)"
)
# A part of a byline that begins or ends with what somebody is: Political Editor, Redakteurin Politik, mit Agenturen.
_ROLE = re.compile(
    rf"^{_OFFICES}\b|\b{_OFFICES}$|^(?:with |mit |avec |con )?(?:agencies|agenturen|agences|agenzie|agencias)$"
    r"|^nachrichtenagentur$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|^(?:admin|staff|editor|redaktion|redaction|redacción|newsroom|unknown|null|none|by|"
    r"author|autor|anonymous|webmaster|online|editors?|undefined|root|administrator|user|developer|n/a|"
    r"minuten|uhr|lesezeit|share|teilen|facebook|twitter|whatsapp|updated?|published|follow|folgen|suivre|seguir|today|yesterday)$",
    re.IGNORECASE,
)
_EDGES = " ,.:;-–—\"'*／/()（）[]\u200b"
_LONGEST = 60
_MOST_NAMES = 50  # of which no byline has more
_LONGEST_BYLINE = 2000  # characters


def names(values: Iterable[str | None]) -> tuple[str, ...]:
    """The names in some bylines, in order, each once, without lead-ins such as "By" and what is no name; without
    offices ("Political Editor"), too, unless nobody is named."""
    found: dict[str, str] = {}
    offices: dict[str, str] = {}
    for value in values:
        if len(found) >= _MOST_NAMES:
            break
        if not value or len(value) > _LONGEST_BYLINE:
            continue
        for part in _parts(" ".join(value.split())):
            name = part.strip(_EDGES)
            if 2 <= len(name) <= _LONGEST and not _NO_NAME.search(name):
                (offices if _ROLE.search(name) else found).setdefault(name.casefold(), name)
    return tuple((found or offices).values())


def _parts(byline: str) -> Iterator[str]:
    for part in _BETWEEN.split(_LEAD_IN.sub("", byline.strip(_EDGES))):
        name = _BEHIND.sub("", _LEAD_IN.sub("", _TAIL.sub("", part or "")))
        pieces = _ALSO.split(name)
        if len(pieces) > 1 and all(len(words := piece.split()) > 1 and words[0][:1].isupper() for piece in pieces):
            yield from pieces
        else:
            yield name
