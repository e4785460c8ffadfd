"""How much of a page's known story an extractor gives, and how much else: pure, and the same for all that are compared.

A body is compared as a bag of runs of four words (the metric of Scrapinghub's article-extraction-benchmark, 2020: true
and false positives and negatives divided by their sum on each page, precision and recall the means over pages, F1 of
these). Where a script has no spaces between words, each character counts as one. Beside that stand paragraphs, for what
a reader sees: which of those given are none of the story's, and which of the story's are not given.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

WIDTH = 4  # words of a run
SHORT = 25  # characters; shorter lines are not counted as left in or lost
NEARLY = 0.9  # of the runs of two paragraphs that are taken for one
CONTAINED = 40  # characters from which on a paragraph within another is its part and no chance
_UNSPACED = "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
# What asks the reader for something instead of telling the story; no list of newsbot's, for it has its own.
_APPEAL = re.compile(
    r"subscri|newsletter|sign up|donat|support (us|our|independent)|our app|\b(like|follow) us\b|cookie|log ?in\b"
    r"|abonnier|abonnement|anmelden|spende|s'abonner|abonnez|faites un don|suscr[ií]b|bolet[ií]n|iscriviti|abbonat"
    r"|assine|inscreva|prenumer|подпис|購読|订阅",
    re.IGNORECASE,
)

Runs = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Gold:
    """What a page says: paragraphs in their order, of which the `optional` ones may be left out; title, authors and
    date where they are known."""

    url: str
    corpus: str
    paragraphs: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    title: str | None = None
    authors: tuple[str, ...] = ()
    date: datetime | None = None

    @property
    def wanted(self) -> list[str]:
        """The paragraphs that may not be left out."""
        return [text for text in self.paragraphs if text not in self.optional]


@dataclass(frozen=True)
class Said:
    """What an extractor gives of a page."""

    text: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    date: datetime | None = None


@dataclass(frozen=True)
class Score:
    """Of one page. Fields that are not known of it are None."""

    found: bool
    precision: float | None
    recall: float
    exact: bool
    left_in: tuple[str, ...]
    lost: tuple[str, ...]
    title: bool | None = None
    day: bool | None = None
    minute: bool | None = None
    authors: bool | None = None


@dataclass(frozen=True)
class Sum:
    """Of some pages: means, and numbers of paragraphs. Fields are None where they are known of none."""

    pages: int
    found: float
    precision: float
    recall: float
    exact: float
    left_in: int
    appeals: int
    lost: int
    title: float | None
    day: float | None
    minute: float | None
    authors: float | None

    @property
    def f1(self) -> float:
        """Of the mean precision and the mean recall."""
        return harmonic(self.precision, self.recall)


def gold(row: Mapping[str, Any]) -> Gold:
    """A line of gold.jsonl."""
    pairs = [p if isinstance(p, list) else [p, ""] for p in row.get("paragraphs") or [row["text"]]]
    told = [(line, kind) for text, kind in pairs for line in str(text).split("\n") if line.strip()]
    return Gold(
        row["url"],
        row["corpus"],
        tuple(text for text, _ in told),
        frozenset(text for text, kind in told if kind == "optional"),
        row.get("title"),
        tuple(row.get("authors") or ()),
        moment(row.get("date")),
    )


def moment(said: str | None) -> datetime | None:
    """An instant from ISO 8601, in UTC where no offset is told; None for what is none."""
    try:
        read = datetime.fromisoformat(said.strip()) if said else None
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read and read.tzinfo is None else read


def words(text: str | None) -> list[str]:
    """The words of a text, in their order."""
    return _WORD.findall(text or "")


def folded(text: str | None) -> str:
    """A text for comparing: words alone, without case, compatibility forms made one (NFKC)."""
    return " ".join(words(unicodedata.normalize("NFKC", text or "").casefold()))


def runs(of: Sequence[str]) -> Runs:
    """Runs of four words; of fewer words, these as one."""
    return Counter(tuple(of[i : i + WIDTH]) for i in range(max(1, len(of) - WIDTH + 1)) if of)


def harmonic(one: float, other: float) -> float:
    """The harmonic mean; 0 where both are."""
    return 2 * one * other / (one + other) if one + other else 0.0


def score(known: Gold, said: Said | None) -> Score:
    """How a page came out; None stands for an extractor that failed on it."""
    said = said or Said("")
    given = runs(words(said.text))
    # Nobody is blamed for leaving out what is optional, nor for giving it: the better of both counts.
    variants = [words("\n".join(each)) for each in (known.wanted, known.paragraphs)]
    precision, recall = max((_overlap(runs(each), given) for each in variants), key=lambda pair: harmonic(*pair))
    left_in, lost = _paragraphs(known, [line.strip() for line in said.text.split("\n") if line.strip()])
    date = said.date
    return Score(
        bool(given),
        precision if given else None,
        recall,
        any(words(said.text) == each for each in variants),
        left_in,
        lost,
        folded(said.title) == folded(known.title) if known.title else None,
        (date is not None and _same_day(date, known.date)) if known.date else None,
        (date is not None and abs((date - known.date).total_seconds()) < 60) if known.date else None,
        {folded(name) for name in said.authors} == {folded(name) for name in known.authors} if known.authors else None,
    )


def _overlap(wanted: Runs, given: Runs) -> tuple[float, float]:
    """Precision and recall."""
    both = sum((wanted & given).values())
    return both / (sum(given.values()) or 1), both / (sum(wanted.values()) or 1)


def _same_day(one: datetime, other: datetime) -> bool:
    return one.date() == other.date() or one.astimezone(UTC).date() == other.astimezone(UTC).date()


def _paragraphs(known: Gold, given: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is left in, and what is lost."""
    wanted = [(text, folded(text)) for text in known.wanted]
    allowed = [folded(text) for text in known.paragraphs]
    have = [(text, folded(text)) for text in given]
    all_allowed = " ".join(allowed)
    all_have = " ".join(each for _, each in have)
    left_in = (text for text, each in have if not _stands(each, allowed, all_allowed))
    lost = (text for text, each in wanted if not _stands(each, [e for _, e in have], all_have))
    return tuple(t for t in left_in if len(t) >= SHORT), tuple(t for t in lost if len(t) >= SHORT)


def _stands(paragraph: str, among: Sequence[str], whole: str) -> bool:
    """Whether a paragraph is one of some, nearly one, or a part of them all together."""
    if not paragraph or paragraph in among or (len(paragraph) > CONTAINED and paragraph in whole):
        return True
    own = runs(paragraph.split())
    size = sum(own.values())
    for each in among:
        if 0.8 < len(each) / len(paragraph) < 1.25 if each else False:
            other = runs(each.split())
            if sum((own & other).values()) >= NEARLY * max(size, sum(other.values())):
                return True
    return False


def total(scores: Sequence[Score]) -> Sum:
    """Of some pages. Raises statistics.StatisticsError where there are none."""
    precisions = [each.precision for each in scores if each.precision is not None]
    return Sum(
        len(scores),
        statistics.fmean(each.found for each in scores),
        statistics.mean(precisions) if precisions else 0.0,
        statistics.mean(each.recall for each in scores),
        statistics.fmean(each.exact for each in scores),
        sum(len(each.left_in) for each in scores),
        sum(bool(_APPEAL.search(text)) for each in scores for text in each.left_in),
        sum(len(each.lost) for each in scores),
        _share(each.title for each in scores),
        _share(each.day for each in scores),
        _share(each.minute for each in scores),
        _share(each.authors for each in scores),
    )


def _share(given: Iterable[bool | None]) -> float | None:
    known = [each for each in given if each is not None]
    return statistics.fmean(known) if known else None
