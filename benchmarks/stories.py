"""Stories as they come from the news, made up: for benchmarks that need a great many of them.

Two hundred sites in seven languages, of which a few print much and most print little; 3 KB of text in words whose
frequencies follow Zipf's law, from a vocabulary of 200,000 in each language (Chinese and Japanese without spaces),
beside names and numbers that hardly any other story has; 15 % are copies of a story that another site printed some
hours before, cut and edited. `Press.story(n)` is the same on every machine, whatever was asked for before.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from newsbot.fingerprint import id_key, sign
from newsbot.furniture import traces
from newsbot.items import Access, Apart, Block, BlockKind, Cleaned, Image, Removed, RemovedKind, Role, Story

SITES = 200
VOCABULARY = 200_000
COPIES = 0.15
BACK = 300  # a copy's original is one of so many stories before it
BEGIN = datetime(2024, 11, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
SEED = 20_261_124


@dataclass(frozen=True)
class Language:
    """`parts` are what words are put together from; `size`: words of a text of 3 KB."""

    tag: str
    share: float  # of the sites
    parts: tuple[str, ...]
    size: int
    space: str = " "
    stop: str = ". "


def _han(first: int, number: int) -> tuple[str, ...]:
    """Characters all over the block, the way that common ones lie in it."""
    return tuple(chr(0x4E00 + (first + 1_747 * n) % 20_900) for n in range(number))


LANGUAGES = (
    Language("en", 0.5, tuple("the ba der fi gon lu mas ne pit ro su ta ver wi xo zu cha dre fli gro".split()), 400),
    Language("de", 0.14, tuple("die bä der fü gen lö mus ne ßer ro sch ta ver wie zu ung ent auf kei".split()), 370),
    Language("fr", 0.1, tuple("le bé des fi gon lu mais né pit ro su ta vê où ce çu chat dre ment gro".split()), 400),
    Language("es", 0.1, tuple("la ba del fi gon lu más ne pit ro su ta ver ñi ción zu cha dre lle gro".split()), 400),
    Language("ru", 0.08, tuple("на ба дер фи гон лу ма не пит ро су та вер ви ё зу ча дре ский го".split()), 215),
    Language("zh", 0.05, _han(11, 1_200), 520, "", "。"),
    Language("ja", 0.03, (*(chr(c) for c in range(0x3042, 0x3094)), *_han(7, 900)), 520, "", "。"),
)
OFFSETS = {"en": 0, "de": 60, "fr": 60, "es": 60, "ru": 180, "zh": 480, "ja": 540}
SECTIONS = "world politics business sport culture science opinion local".split()
ACCESS = (Access.FREE, Access.METERED, Access.PAYWALLED, Access.UNKNOWN)

_FREQUENCIES = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))


def word(language: Language, rank: int) -> str:
    """The word that is so common (0: the most common): the commoner, the shorter."""
    base, made = len(language.parts), ""
    rank += 1
    while rank:
        rank, part = divmod(rank - 1, base)
        made = language.parts[part] + made
    return made


@cache
def vocabulary(language: Language) -> list[str]:
    """All words, the most common first."""
    return [word(language, rank) for rank in range(VOCABULARY)]


class Desk(NamedTuple):
    """A site and what it prints around its stories."""

    key: str
    language: Language
    tag: str
    authors: tuple[str, ...]
    newsletter: str
    donation: str
    numbered: bool


class Told(NamedTuple):
    """What a story says."""

    desk: Desk
    title: str
    paragraphs: list[str]


class Press:
    """All sites: `story(n)` for n from 0 up to `stories` is what they print, in that order, in two years."""

    def __init__(self, stories: int, seed: int = SEED) -> None:
        self.stories = stories
        self._seed = seed
        self._step = SPAN / stories
        chance = random.Random(seed)  # noqa: S311 - figures, not secrets
        languages = [each for each in LANGUAGES for _ in range(round(each.share * SITES))]
        chance.shuffle(languages)
        self.desks = [self._desk(chance, n, language) for n, language in enumerate(languages)]
        self._weights = list(accumulate(1 / (rank + 10) for rank in range(len(self.desks))))
        self._colleagues = {
            language.tag: [desk for desk in self.desks if desk.language is language] for language in LANGUAGES
        }

    def original(self, number: int) -> int | None:
        """The story that this one is a copy of; None for one of its site's own."""
        chance = self._chance("copy", number)
        if number < BACK or chance.random() >= COPIES / (1 - COPIES):
            return None
        found = number - chance.randint(1, BACK)
        return found if self.original(found) is None else None

    def story(self, number: int, *, teaches: bool = False) -> Story:
        """A story as the pipelines hand it to the store; `teaches`: with its traces, which take time to make."""
        chance = self._chance("story", number)
        desk, title, paragraphs = self._told(number)
        fetched = BEGIN + self._step * number
        published = (fetched - timedelta(minutes=chance.randint(2, 90))).replace(microsecond=0)
        day_only = chance.random() < 0.03
        if day_only:
            published = published.replace(hour=0, minute=0, second=0)
        modified = published + timedelta(minutes=chance.randint(1, 30)) if chance.random() < 0.3 else None
        slug = "-".join(word(LANGUAGES[0], chance.randrange(5_000)) for _ in range(6))
        url = f"https://www.{desk.key}/{published:%Y/%m/%d}/{slug}-{number}"
        others = (f"https://www.{desk.key}/amp/{slug}-{number}.html",) if chance.random() < 0.2 else ()
        addresses = (url, *others, f"{url}?utm_source=feed")
        identity = id_key(desk.key, str(1_000_000 + number)) if desk.numbered else ""
        cleaned = self._cleaned(chance, desk, title, paragraphs)
        told = "\n\n".join(paragraphs)
        return Story(
            site=desk.key,
            url=addresses[-1],
            canonical_url=url,
            title=title,
            text=told,
            fetched_at=fetched,
            addresses=addresses,
            identity=identity,
            standfirst=sentence(chance, desk.language, 22).strip() if chance.random() < 0.6 else None,
            authors=tuple(chance.sample(desk.authors, chance.choices((0, 1, 2, 3), (2, 6, 2, 1))[0])),
            section=chance.choices(SECTIONS, range(8, 0, -1))[0],
            tags=tuple({f"tag {int(3_000 ** chance.random())}" for _ in range(chance.randint(0, 6))}),
            language=desk.tag,
            published=published,
            published_offset=OFFSETS[desk.language.tag],
            modified=modified,
            modified_offset=OFFSETS[desk.language.tag] if modified else None,
            day_only=day_only,
            image=Image(f"https://img.{desk.key}/{number}.jpg", "A caption.") if chance.random() < 0.8 else None,
            access=chance.choices(ACCESS, (7, 1, 1, 1))[0],
            word_count=len(told.split()) if desk.language.space else len(told),
            removed=cleaned.removed,
            apart=cleaned.apart,
            container="main > article > div.story-body",
            traces=traces(cleaned) if teaches else (),
            next_look=None,
            fingerprint=sign(addresses, told, identity),
        )

    def _desk(self, chance: random.Random, number: int, language: Language) -> Desk:
        key = f"{word(LANGUAGES[0], 400 + number)}{number}.example"
        tag = "en-gb" if language.tag == "en" and number % 4 == 0 else language.tag
        authors = tuple(f"{name(chance)} {name(chance)}" for _ in range(30))
        newsletter, donation = (sentence(chance, language, 14).strip() for _ in range(2))
        return Desk(key, language, tag, authors, newsletter, donation, numbered=number % 5 == 0)

    def _told(self, number: int) -> Told:
        chance = self._chance("told", number)
        original = self.original(number)
        if original is None:
            desk = chance.choices(self.desks, cum_weights=self._weights)[0]
            return Told(desk, sentence(chance, desk.language, 9).rstrip(".。 "), text(chance, desk.language))
        desk, title, paragraphs = self._told(original)
        desk = chance.choice([each for each in self._colleagues[desk.language.tag] if each is not desk])
        kept = paragraphs[: max(3, len(paragraphs) - chance.randint(0, 2))]
        edited = [self._edited(chance, desk.language, each) for each in kept]
        if chance.random() < 0.5:
            edited.insert(0, sentence(chance, desk.language, 16).strip())
        return Told(desk, f"{title} {word(desk.language, chance.randrange(2_000))}", edited)

    def _edited(self, chance: random.Random, language: Language, paragraph: str) -> str:
        """With one word in some three paragraphs replaced."""
        if not language.space or chance.random() < 0.66:
            return paragraph
        words = paragraph.split(" ")
        words[chance.randrange(len(words))] = word(language, chance.randrange(VOCABULARY))
        return " ".join(words)

    def _cleaned(self, chance: random.Random, desk: Desk, title: str, paragraphs: list[str]) -> Cleaned:
        """The page's blocks: the headline, a caption, the text, an offer in its midst, and what stands below it."""
        paragraph = BlockKind.PARAGRAPH
        middle = 2 + len(paragraphs) // 2
        below = 2 + len(paragraphs) + 1
        read_on = sentence(chance, desk.language, 9).strip()
        return Cleaned(
            tuple(Block(paragraph, each) for each in paragraphs),
            (
                Removed(middle, Block(paragraph, desk.newsletter), RemovedKind.NEWSLETTER, "lexicon: newsletter"),
                Removed(below, Block(paragraph, desk.donation), RemovedKind.DONATION, "lexicon: donation"),
                Removed(
                    below + 1, Block(paragraph, read_on, link_density=1.0), RemovedKind.RELATED, "all of it a link"
                ),
            ),
            (
                Apart(0, Block(BlockKind.HEADING, title), Role.TITLE),
                Apart(1, Block(BlockKind.CAPTION, "A caption."), Role.CAPTION),
            ),
        )

    def _chance(self, what: str, number: int) -> random.Random:
        return random.Random(f"{self._seed} {what} {number}")  # noqa: S311


def text(chance: random.Random, language: Language) -> list[str]:
    """Paragraphs: 3 KB in the mean, rarely less than 1 or more than 7."""
    left = round(language.size * math.exp(chance.gauss(-0.08, 0.4)))
    people = [f"{name(chance)} {name(chance)}" for _ in range(3)]
    paragraphs = []
    while left > 0:
        sentences = []
        for _ in range(chance.randint(1, 4)):
            length = min(chance.randint(6, 24), max(left, 6))
            sentences.append(sentence(chance, language, length, people))
            left -= length
        paragraphs.append("".join(sentences).strip())
    return paragraphs


def sentence(chance: random.Random, language: Language, words: int, people: list[str] | None = None) -> str:
    """So many words, now and then a name or a number among them; at its end a stop, and the space behind it."""
    chosen = chance.choices(vocabulary(language), cum_weights=_FREQUENCIES, k=words)
    if people:
        dice = chance.random()
        if dice < 0.25:
            chosen[words // 2] = chance.choice(people)
        elif dice < 0.4:
            chosen[-2] = str(chance.randint(2, 99_999))
    made = language.space.join(chosen)
    return made[0].upper() + made[1:] + language.stop


def name(chance: random.Random) -> str:
    """One of a few million."""
    return "".join(chance.choices(LANGUAGES[0].parts[1:], k=chance.randint(3, 5))).capitalize()
