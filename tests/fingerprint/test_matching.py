"""What newsbot makes of a text beside others: copies, versions, round-ups, templates in several languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.fingerprint import Candidate, Relation, Told, matches, text_key
from newsbot.fingerprint.matching import MOST
from tests.fingerprint.texts import MONDAY, TUESDAY, text

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STORY = text(400)


def found(told: Told | str, *others: Told | str | Candidate) -> list[tuple[int, str]]:
    """The numbers of the others that match, and as what."""
    candidates = [
        other if isinstance(other, Candidate) else Candidate(number, Told(other) if isinstance(other, str) else other)
        for number, other in enumerate(others)
    ]
    told = Told(told) if isinstance(told, str) else told
    return [(match.id, match.relation.value) for match in matches(told, candidates)]


# Templates: the first filling, then another. Two fillings are two stories.
TEMPLATES = {
    "earnings": (
        "{name} reported net income of {a} million crowns for the {quarter} quarter, against {b} million a year "
        "before. Revenue came to {c} million crowns. Earnings per share were {d} crowns, after {e} crowns in the "
        "same quarter of last year. The company expects revenue of {f} million for the full year and said that "
        "its board will propose a dividend of {g} crowns at the general meeting.",
        {
            "name": "Norrvik Timber",
            "quarter": "first",
            "a": 41,
            "b": 38,
            "c": 512,
            "d": "1.20",
            "e": "1.08",
            "f": 2100,
            "g": 3,
        },
        {
            "name": "Halden Ferries",
            "quarter": "third",
            "a": 17,
            "b": 22,
            "c": 230,
            "d": "0.61",
            "e": "0.80",
            "f": 940,
            "g": 1,
        },
    ),
    "central bank": (
        "Die Notenbank hat den Geschäftsbanken heute in ihrem regelmäßigen Geschäft {a} Millionen Taler für {b} "
        "Tage zugeteilt. Die Gebote hatten {c} Millionen Taler betragen. Der Zuteilungssatz lag bei {d} Prozent "
        "nach {e} Prozent beim vorigen Geschäft. Damit fließen dem Markt, da zugleich ein früheres Geschäft "
        "ausläuft, unter dem Strich {f} Millionen Taler zu. Der Tagesgeldsatz stand am Vormittag bei {g} Prozent.",
        {"a": 450, "b": 7, "c": 900, "d": "2,15", "e": "2,10", "f": 120, "g": "2,12"},
        {"a": 380, "b": 14, "c": 610, "d": "2,30", "e": "2,15", "f": 75, "g": "2,28"},
    ),
    "lottery": (
        "Voici les résultats du tirage du {day}. Les numéros gagnants sont le {a}, le {b}, le {c}, le {d} et le "
        "{e}, et le numéro complémentaire est le {f}. Aucun joueur n'a trouvé les cinq bons numéros et le numéro "
        "complémentaire ; au prochain tirage, une cagnotte de {g} millions sera mise en jeu. Les gains peuvent "
        "être retirés pendant soixante jours dans tous les points de vente.",
        {"day": "lundi", "a": 4, "b": 11, "c": 23, "d": 31, "e": 48, "f": 7, "g": 3},
        {"day": "mercredi", "a": 9, "b": 15, "c": 16, "d": 40, "e": 44, "f": 2, "g": 5},
    ),
    "box score": (
        "{home} venció por {a} a {b} a {away} en la jornada {c} de la liga regional. {x} fue el máximo anotador "
        "con {d} puntos y {e} rebotes, y {y} sumó {f} puntos para los visitantes. Los locales anotaron {g} de sus "
        "{h} tiros libres y dominaron el último cuarto. En la próxima jornada {home} visita la cancha del líder y "
        "{away} descansa.",
        {
            "home": "Puerto Alto",
            "away": "Monteclaro",
            "a": 81,
            "b": 77,
            "c": 12,
            "x": "Ruiz",
            "d": 24,
            "e": 9,
            "y": "Prats",
            "f": 19,
            "g": 15,
            "h": 20,
        },
        {
            "home": "Vallenegra",
            "away": "San Telmo",
            "a": 92,
            "b": 70,
            "c": 13,
            "x": "Ocaña",
            "d": 31,
            "e": 4,
            "y": "Leiva",
            "f": 22,
            "g": 11,
            "h": 14,
        },
    ),
    "weather": (
        "Прогноз погоды по {place} на сегодня. Днём ожидается переменная облачность, температура воздуха "
        "поднимется до {a} градусов, ночью опустится до {b} градусов. Ветер {side}, от {c} до {d} метров в "
        "секунду, при порывах до {e}. Атмосферное давление составит {f} миллиметров ртутного столба, влажность "
        "воздуха {g} процентов. Водителей просят быть внимательными на мостах и эстакадах.",
        {"place": "побережью", "a": 18, "b": 9, "side": "западный", "c": 3, "d": 8, "e": 14, "f": 752, "g": 61},
        {"place": "долине", "a": 25, "b": 13, "side": "южный", "c": 1, "d": 4, "e": 9, "f": 747, "g": 48},
    ),
    "market": (
        "東京株式市場の終値は前日比{a}円高の{b}円だった。出来高は{c}億株、売買代金は{d}億円。値上がり銘柄数は{e}、"
        "値下がり銘柄数は{f}だった。外国為替市場では一ドル{g}円台で取引され、長期金利は{h}パーセントとなった。",
        {"a": 120, "b": 31450, "c": 14, "d": 32000, "e": 1204, "f": 410, "g": 148, "h": "0.85"},
        {"a": 85, "b": 31980, "c": 17, "d": 35500, "e": 980, "f": 655, "g": 151, "h": "0.91"},
    ),
}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_two_fillings_of_a_template_are_two_stories(kind: str) -> None:
    frame, one, two = TEMPLATES[kind]
    assert found(frame.format(**one), frame.format(**two)) == []


@pytest.mark.parametrize("kind", TEMPLATES)
def test_one_filling_on_two_sites_is_one_story(kind: str) -> None:
    frame, one, _ = TEMPLATES[kind]
    assert found(frame.format(**one), text(12) + frame.format(**one)) == [(0, "copy")]


def test_a_figure_that_was_corrected_makes_no_other_story() -> None:
    story = f"{text(90)} The flood took 12 houses and closed 3 roads. {text(90, seed=1)}"
    assert found(story, story.replace("12", "14")) == [(0, "copy")]


def test_words_replaced_throughout_are_an_editors_work() -> None:
    edited = " ".join("anders" if number % 30 == 29 else word for number, word in enumerate(STORY.split()))
    assert found(STORY, edited) == [(0, "copy")]


COLUMN = f"{text(110)} The jackpot stands at 5 millions. {text(110, seed=1)} The next draw is on the 9 of the month."
NEXT = COLUMN.replace("5", "7").replace("9", "16")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [(0, "copy")]),
        ({"site": "a.example", "published": NOON + timedelta(days=7)}, []),
        ({"site": "a.example", "published": NOON + timedelta(hours=1)}, [(0, "copy")]),
        ({"site": "b.example", "published": NOON + timedelta(days=7)}, [(0, "copy")]),
        ({"site": "a.example"}, [(0, "copy")]),
        ({"title": "Draw 1201: the numbers"}, []),
        ({"title": "Draw: the numbers"}, [(0, "copy")]),
    ],
    ids=["text alone", "next week", "an hour later", "elsewhere", "no date", "title's number", "another title"],
)
def test_what_else_speaks_for_a_template(change: dict[str, object], expected: list[tuple[int, str]]) -> None:
    column = Told(COLUMN, "Draw 1200: the numbers", site="a.example", published=NOON)
    other = replace(Told(NEXT), **change)  # type: ignore[arg-type]
    assert found(column, other) == expected
    assert found(other, column) == expected


def test_the_same_words_are_a_copy_whatever_their_dates() -> None:
    told = Told(MONDAY, text_key=text_key(MONDAY), site="a.example", published=NOON)
    assert found(told, replace(told, published=NOON + timedelta(days=7))) == [(0, "copy")]
    assert found(MONDAY, TUESDAY) == []


def test_a_round_up_is_no_copy_of_what_it_holds() -> None:
    one, two, three = text(90), text(90, seed=1), text(90, seed=2)
    assert found(f"{one} {two} {three}", one, two, three) == []
    # From the text alone: a story deep inside much else.
    longer = f"{text(150, seed=3)} {one} {text(150, seed=4)}"
    assert found(longer, one) == []
    assert found(one, longer) == []


def test_an_excerpt_is_a_copy_of_the_whole() -> None:
    excerpt = " ".join(STORY.split()[:90])
    assert found(excerpt, STORY) == [(0, "copy")]
    assert found(STORY, excerpt, excerpt + " Read on elsewhere.") == [(0, "copy"), (1, "copy")]


LIVE = [text(60, seed=10 + number) for number in range(9)]
"""The entries of a live blog, the oldest first."""


def live(first: int, last: int) -> str:
    return " ".join(reversed(LIVE[first:last]))


def test_a_live_blog_that_was_written_on_is_a_version() -> None:
    assert found(live(0, 9), live(0, 2)) == [(0, "version")]  # new entries on top, all of the old ones below
    assert found(live(0, 5), live(3, 8)) == [(0, "version")]  # old entries have gone
    assert found(live(0, 5), live(1, 6)) == [(0, "copy")]  # hardly anything has changed
    assert found(live(0, 4), live(5, 9)) == []


def test_a_rolling_story_ends() -> None:
    early, late = Told(live(0, 5), published=NOON), Told(live(3, 8), published=NOON + timedelta(days=1))
    assert found(early, late) == [(0, "version")]
    assert found(early, replace(late, published=NOON + timedelta(days=9))) == []


def test_copies_come_first_and_the_likeliest_before_others() -> None:
    story = live(0, 5)
    others = (live(3, 8), story + text(80), text(300, seed=50), story + text(9))
    assert found(story, *others) == [(3, "copy"), (1, "copy"), (0, "version")]


def test_of_a_cluster_one_copy_is_enough() -> None:
    candidates = [Candidate(n, Told(STORY + text(n + 5)), cluster) for n, cluster in enumerate([None, 7, 7, 8, None])]
    assert {number for number, _ in found(STORY, *candidates)} == {0, 1, 3, 4}


@settings(deadline=None)
@given(st.integers(40, 300), st.integers(40, 300), st.integers(0, 300), st.booleans())
def test_both_sides_see_the_same(ours: int, theirs: int, shift: int, dated: bool) -> None:
    """Whichever of two stories arrives first, they are the same to each other."""
    parts = text(700).split()
    a = Told(" ".join(parts[:ours]), published=NOON if dated else None)
    b = Told(" ".join(parts[shift : shift + theirs]), published=NOON + timedelta(days=5) if dated else None)
    assert found(a, b) == found(b, a)


def test_relations_have_names_to_store() -> None:
    assert [relation.value for relation in Relation] == ["copy", "version", "none"]


def test_of_very_long_candidates_only_the_first_are_compared() -> None:
    long = text(20_000)
    candidates = [f"{long} {text(20, seed=number)}" for number in range(1, 41)]
    compared = [number for number, _ in found(long, *candidates)]
    assert sorted(compared) == list(range(-(-MOST // len(candidates[0]))))
    assert len(compared) < len(candidates)
