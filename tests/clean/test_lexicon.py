"""The lexicon's patterns: what they match, and that the tables by which they are found lose none of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.clean.lexicon import Lexicon, length, lexicon, tokens

STOPS = "[.!?]"
MONEY = "(?:€|euro|dollars)"


def found(pattern: str, text: str) -> tuple[int, int] | None:
    """Where a pattern stands in a text, in tokens; None where it does not."""
    hits = Lexicon({"donation": {"says": {"en": [pattern]}}}).find(tokens(text))
    assert len(hits) <= 1, "each once"
    return (hits[0].start, hits[0].end) if hits else None


@pytest.mark.parametrize(
    ("pattern", "text", "place"),
    [
        ("support us", "Please support us today", (1, 3)),
        ("support us", "Support them, and us", None),
        ("support us", "support", None),
        ("support us", "Support us. Yes, support us!", (0, 2)),  # its first place
        ("Support US", "support us", (0, 2)),
        ("donat*", "Donations are welcome", (0, 1)),
        ("donat*", "A dona", None),
        ("our donat*", "All of our donors, our donations", (4, 6)),
        ("our donat*", "our dona", None),
        ("from # a month", "from 3.50 a month", (0, 4)),
        ("from # a month", "from three a month", None),
        ("# ¤", "for 3 €", (1, 3)),
        ("¤ #", "for €3", (1, 3)),
        ("# ¤", "for 3 boats", None),
        ("we ~ help", "We help", (0, 2)),
        ("we ~ help", "we very much need your help", (0, 6)),
        ("we ~ help", "we very much do need your help", None),  # four words between, no more
        ("we ~ help", "We. Help", None),
        ("we ~ help", "We rowed. They help", None),  # nor over the end of a sentence
        ("thank you ~", "Thank you all so very much for it", (0, 6)),
        ("thank you ~", "Thank you all. Goodbye", (0, 3)),
        ("thank you ~", "Thank you", (0, 2)),
        ("^dear readers", "Dear readers, come in", (0, 2)),
        ("^dear readers", "— “Dear readers”", (0, 2)),
        ("^dear readers", "... dear readers", (3, 5)),
        ("^dear readers", "Our dear readers", None),
        ("<read more", "It rains. Read more about it", (3, 5)),
        ("<read more", "Read more", (0, 2)),
        ("<read more", "They read more", None),
        ("read more$", "Read more!", (0, 2)),
        ("read more$", "Read more books", None),
        ("read more$", "Read more books, and read more", (4, 6)),
        ("^once$", "Once", (0, 1)),
        ("^once$", "Once upon a time", None),
        ("© #", "© 2026", (0, 2)),
        ("購読", "今すぐ購読", (3, 5)),
    ],
)
def test_what_a_pattern_matches(pattern: str, text: str, place: tuple[int, int] | None) -> None:
    assert found(pattern, text) == place


ITEM = st.sampled_from(["support", "us", "euro", "sup*", "su*", "u*", "#", "¤"])
PATTERN = st.builds(
    lambda at, first, rest, end: at + " ".join([first, *(part for parts in rest for part in parts)]) + end,
    st.sampled_from(["", "^", "<"]),
    ITEM,
    st.lists(st.one_of(ITEM.map(lambda item: [item]), ITEM.map(lambda item: ["~", item])), max_size=3),
    st.sampled_from(["", "", "$", " ~"]),
)
WORD = st.sampled_from(["support", "supports", "us", "usual", "sun", "3", "12", "€", "euro", "dollars", "a", ".", "!"])


def by_definition(pattern: str, words: list[str]) -> tuple[int, int] | None:
    """The same by a regular expression for the pattern, tried at each word."""
    parts = pattern.lstrip("^<").removesuffix("$").split()
    wanted = ""
    for n, part in enumerate(parts):
        if part == "~":
            wanted += rf"(?:(?!{STOPS})\S+ ){{0,4}}" + ("?" if n + 1 < len(parts) else "")
        elif part.endswith("*"):
            wanted += rf"{part[:-1]}\S* "
        else:
            wanted += {"#": r"\d\S* ", "¤": f"{MONEY} "}.get(part, f"{part} ")
    text = "".join(f"{word} " for word in words)
    last = max((n + 1 for n, word in enumerate(words) if not re.fullmatch(STOPS, word)), default=0)
    for start in range(len(words)):
        before = words[:start]
        if pattern[0] == "^" and not all(re.fullmatch(STOPS, word) for word in before):
            continue
        if pattern[0] == "<" and before and not re.fullmatch(STOPS, before[-1]):
            continue
        match = re.compile(wanted).match(text, sum(len(word) + 1 for word in before))
        end = text[: match.end()].count(" ") if match else 0
        if match and (end >= last or not pattern.endswith("$")):
            return start, end
    return None


@given(st.lists(PATTERN, min_size=1, max_size=6, unique=True), st.lists(st.lists(WORD, max_size=12), max_size=4))
def test_all_patterns_are_found_whatever_else_there_is_and_was(patterns: list[str], texts: list[list[str]]) -> None:
    several = Lexicon({"donation": {"says": {"en": patterns}}})
    known = {each: (each.strip("^<$"), each[0] if each[0] in "^<" else "", each.endswith("$")) for each in patterns}
    for words in texts:
        hits = [
            ((hit.pattern.text, hit.pattern.at, hit.pattern.whole), (hit.start, hit.end)) for hit in several.find(words)
        ]
        wanted = [(known[each], place) for each in patterns if (place := by_definition(each, words)) is not None]
        assert sorted(hits) == sorted(wanted)


def test_a_hit_says_what_was_meant_and_how_much_that_proves() -> None:
    tables = {"donation": {"says": {"en": ["^support us$"], "xx": ["^support us$"]}}, "voice": {"we": {"en": ["us"]}}}
    hits = Lexicon(tables).find(tokens("Support us"))
    assert [(hit.pattern.meaning, hit.pattern.force, hit.pattern.text) for hit in hits] == [
        ("donation", "says", "support us"),
        ("voice", "we", "us"),
    ]


def test_a_pattern_with_a_part_that_is_no_word_is_told_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"lexicon\.toml: donation\.says: 'support - us' has a part .*: '-'"):
        found("support - us", "support us")


def test_the_lexicon_is_read_once() -> None:
    assert lexicon() is lexicon()


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("It costs 1,000.50 € — really!", ["it", "costs", "1,000.50", "€", "really", "!"]),
        ("İstanbul'da ILIK", ["istanbul", "da", "ilik"]),
        ("ﬁne Straße", ["fine", "strasse"]),
        ("東京2020", ["東", "京", "2020"]),
        ("a_b", ["a", "b"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_words(text: str, cut: list[str]) -> None:
    assert tokens(text) == cut


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("...", 0), ("Two words.", 2), ("日本語の本", 3), ("日本語", 2), ("NHKは 3 日", 3), ("5 €", 2)],
)
def test_how_many_words_there_are(text: str, words: int) -> None:
    assert length(tokens(text)) == words
