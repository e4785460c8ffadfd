"""What databases keep: the values that were made of a text once are made of it again, by each release of a version."""

from __future__ import annotations

import pytest

from newsbot.fingerprint import VERSION, block_key, likeness_keys, text_key

ENGLISH = (
    "The bridge over the Tarn was closed on Monday after an inspector found cracks in two of its pillars. It will not "
    "open again before autumn, the county's engineer told the council in a letter on Wednesday."
)
RUSSIAN = (
    "Мост через реку закрыли в понедельник: инспектор нашёл трещины в двух опорах. Движение не откроют раньше осени, "
    "сообщил инженер округа в письме совету в среду. Грузовикам придётся ехать через перевал, что прибавит час пути от "
    "карьеров до железной дороги."
)
JAPANESE = (
    "月曜日、検査官が二本の橋脚に亀裂を見つけたため、タルン川に架かる橋は閉鎖された。秋まで再開しないと、"
    "県の技師は水曜日に議会への手紙で伝えた。トラックは峠を越える道を通らなければならない。"
)


@pytest.mark.parametrize(
    ("text", "words", "first", "last"),
    [
        (ENGLISH, "a73a16bc02626f06dfa9f4b175046976", (1171316142, 164428527, -1898092572), 910077465),
        (JAPANESE, "4933d264ae28ea12ce015760374ea8c9", (1318351862, 139402872, 1099077171), 2095962154),
        (RUSSIAN, "68ef2cdbbebaf1a63727f4601b0d0b5d", (173757199, 1542309160, -940692743), -120502873),
    ],
    ids=["English", "Japanese", "Russian"],
)
def test_a_text_is_recognised_by_what_was_kept_of_it(text: str, words: str, first: tuple[int, ...], last: int) -> None:
    assert VERSION == 2, "with another version, other values: put them here"
    keys = likeness_keys(text)
    assert (text_key(text), keys[:3], keys[-1]) == (words, first, last)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Comments (12)", "e420bfe765047d30"),
        ("Café (3)", "5777a2bd3192d7e3"),
        ("Подпишитесь!", "3dab6b83ae21f467"),
        ("Straße", "2ab66d0c338240e4"),
    ],
)
def test_a_block_is_recognised_by_what_was_kept_of_it(text: str, key: str) -> None:
    assert block_key(text) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Comments (12)", "COMMENTS: 3"),
        ("Café (12)", "café 3!"),
        ("Read  more…", "Read\nmore"),
        ("Straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_case_space_punctuation_and_digits_make_no_other_block(one: str, other: str) -> None:
    assert block_key(one) == block_key(other) != ""


@pytest.mark.parametrize("text", ["", "12", "… 3 – 4 …", "***"])
def test_what_has_no_letters_has_no_key(text: str) -> None:
    assert block_key(text) == ""
