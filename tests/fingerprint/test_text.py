"""The identity that words give: blind to how they are written, keen on what they are."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.fingerprint import likeness_keys, text_key
from tests.fingerprint.texts import text, words

STORY = (
    "The harbour reopened on Tuesday, four days after the storm; ferries—all but one—ran to the minute. "
    "“We didn’t expect it,” the pilots’ union said in a café near the U.S. consulate. Repairs to the north mole "
    "cost €1.2m, half of it paid by the well-known shipping line, and the fish market is to follow in June."
)


@pytest.mark.parametrize(
    "same",
    [
        STORY.upper(),
        STORY.lower(),
        STORY.replace(". ", ".\n\n"),
        STORY.replace(" ", "\u00a0"),
        STORY.replace("“", '"').replace("”", '"').replace("’", "'").replace("—", " - "),
        STORY.replace("’", "\u02bc"),
        STORY.replace("reopened", "re\u00adope\u200bned"),
        STORY.replace("fi", "\ufb01"),
        STORY.replace("consulate. Repairs", "consulateRepairs"),
        STORY.replace("U.S.", "US").replace("well-known", "well known"),
        unicodedata.normalize("NFD", STORY),
        STORY.replace("The", "\uff34\uff48\uff45"),
    ],
)
def test_same_words(same: str) -> None:
    assert same != STORY
    assert text_key(same) == text_key(STORY)


@pytest.mark.parametrize(
    "other",
    [
        STORY.replace("four", "five"),
        STORY.replace("1.2", "1.3"),
        STORY.replace("didn’t ", ""),
        STORY.replace("café", "cafe"),
        STORY + " More soon.",
    ],
)
def test_other_words(other: str) -> None:
    assert text_key(other) != text_key(STORY)


def test_the_form_and_value_of_a_key_are_fixed() -> None:
    """It is stored: another machine, another process or a later release must find the same."""
    assert text_key(" ".join(f"word{i}" for i in range(40))) == "56b429950f429d68b8b3116310d4056d"


def test_too_few_words_say_nothing() -> None:
    assert text_key(text(34)) == ""
    assert likeness_keys(text(34)) == ()
    assert re.fullmatch(r"[0-9a-f]{32}", text_key(text(35)))
    assert likeness_keys(text(35))


@pytest.mark.parametrize(
    "sample",
    [
        "東京湾の港が四日ぶりに再開しフェリーは定刻どおり運航した",
        "港口在风暴过后四天重新开放渡轮几乎全部准点运行鱼市六月恢复",
        "ท่าเรือเปิดอีกครั้งหลังพายุสี่วันและเรือข้ามฟากวิ่งตรงเวลา",
        "កំពង់ផែបានបើកឡើងវិញបួនថ្ងៃក្រោយព្យុះហើយសាឡាងដំណើរការទៀងទាត់",
        "ທ່າເຮືອເປີດຄືນໃໝ່ຫຼັງພາຍຸສີ່ວັນແລະເຮືອຂ້າມຟາກແລ່ນຕົງເວລາ",
        "ဆိပ်ကမ်းသည်မုန်တိုင်းပြီးလေးရက်အကြာတွင်ပြန်ဖွင့်ခဲ့သည်",
    ],
)
def test_scripts_without_spaces_are_counted_by_character(sample: str) -> None:
    assert text_key(sample * 2)
    assert len(likeness_keys(sample * 2)) > 8


@pytest.mark.parametrize(
    "sample", ["बंदरगाह फिर खुला", "부산항이 다시 열렸다", "بندرگاه دوباره باز شد", "துறைமுகம் மீண்டும் திறந்தது"]
)
def test_scripts_with_spaces_are_counted_by_word(sample: str) -> None:
    assert text_key(" ".join([sample] * 8)) == ""


def test_turkish_capitals() -> None:
    story = "ışıklı iskele dört gün sonra yeniden açıldı " * 6
    assert text_key(story.replace("i", "İ").replace("ı", "I").upper()) == text_key(story)


_letters = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=8)
_gaps = st.text(st.sampled_from(" \n\t.,;:!?-—–…“”‘’\"'()[]«»/_•\u00a0\u2028"), min_size=1, max_size=3)


@settings(deadline=None)
@given(st.lists(_letters, min_size=1, max_size=60), st.data())
def test_punctuation_and_space_do_not_count(parts: list[str], data: st.DataObject) -> None:
    plain = " ".join(parts)
    written = "".join(part + data.draw(_gaps) for part in parts)
    assert text_key(written) == text_key(plain)
    assert likeness_keys(written) == likeness_keys(plain)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8), max_size=60).map(" ".join))
def test_unicode_form_does_not_count(plain: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        written = unicodedata.normalize(form, plain)
        assert text_key(written) == text_key(plain)
    assert text_key(plain.casefold()) == text_key(plain)


@settings(deadline=None)
@given(st.integers(35, 120), st.data())
def test_every_word_counts(count: int, data: st.DataObject) -> None:
    parts = words(count)
    at = data.draw(st.integers(0, count - 1))
    assert text_key(" ".join([*parts[:at], "another", *parts[at + 1 :]])) != text_key(" ".join(parts))


@settings(deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_any_string_will_do(anything: str) -> None:
    assert re.fullmatch(r"(?:[0-9a-f]{32})?", text_key(anything))
    assert re.fullmatch(r"(?:[0-9a-f]{32})?", text_key(anything * 20))
