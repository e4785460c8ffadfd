"""What a text is to those that its keys have found: the one judgement behind the database and `newsbot dedupe`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from newsbot.fingerprint.likeness import Likeness, Relation, likeness, relation


@dataclass(frozen=True, slots=True)
class Told:
    """A story as it is compared: its words, and what helps to tell a copy from the next filling of a template.

    `text_key` as `fingerprint.text_key` makes it, empty where it is not known; `site` any name of the publisher, the
    same for all of its stories; `published` an aware instant. What is not known stays empty.
    """

    text: str
    title: str = ""
    text_key: str = ""
    site: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that was found: `id` is the caller's, `cluster` names the group of copies that it belongs to, None where
    it stands alone."""

    id: int
    told: Told
    cluster: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """That the story `id` is a copy or another version of the one compared."""

    id: int
    relation: Relation
    likeness: Likeness


def matches(told: Told, candidates: Iterable[Candidate]) -> list[Match]:
    """The candidates that `told` is a copy or a version of, copies first, the likeliest of each first.

    Of a cluster only the first candidate that is a copy is compared; candidates are best given in the order of the keys
    that they share.
    """
    found: list[Match] = []
    clusters: set[int] = set()
    for candidate in candidates:
        if candidate.cluster in clusters:
            continue
        compared = likeness(told.text, candidate.told.text)
        same = bool(told.text_key) and told.text_key == candidate.told.text_key
        what = Relation.COPY if same else relation(compared)
        if what is Relation.NONE:
            continue
        found.append(Match(candidate.id, what, compared))
        if what is Relation.COPY and candidate.cluster is not None:
            clusters.add(candidate.cluster)
    return sorted(found, key=lambda match: (match.relation is not Relation.COPY, -match.likeness.containment))
