"""Encodings as servers and documents declare them, rightly and wrongly."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.charset import decode, without_controls

RUSSIAN = "Паром снова ходит к Серому острову, сообщил в понедельник городской совет."
JAPANESE = "灰島への渡し船は月曜日から再び運航している、と町役場が発表した。"
CHINESE = "开往灰岛的渡轮从星期一起恢复航行，镇议会宣布了这一消息。"
KOREAN = "회색섬으로 가는 배가 월요일부터 다시 다닌다고 읍의회가 밝혔다."
THAI = "เรือข้ามฟากไปเกาะเทากลับมาแล่นอีกครั้งตั้งแต่วันจันทร์"
GERMAN = "Die Fähre zur Grauen Insel fährt wieder – für „fünf Kronen“, so der Bürgermeister."


def read(body: bytes, label: str | None = None) -> str:
    """The text of the body, sent with the label in its header."""
    return decode(body, "" if label is None else f"text/html; charset={label}")


def declared(charset: str, text: str, before: str = "") -> str:
    return f'<html><head>{before}<meta charset="{charset}"></head><body><p>{text}</p></body></html>'


@pytest.mark.parametrize("text", [RUSSIAN, JAPANESE, CHINESE, KOREAN, THAI, GERMAN])
def test_utf_8_needs_no_declaration(text: str) -> None:
    assert read(f"<p>{text}</p>".encode()) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("utf-8", "utf-8", RUSSIAN),
        ("windows-1251", "cp1251", RUSSIAN),
        ("x-cp1251", "cp1251", RUSSIAN),
        ("koi8-r", "koi8-r", RUSSIAN),
        ("Shift_JIS", "cp932", JAPANESE),
        ("x-sjis", "cp932", JAPANESE),
        ("Windows-31J", "cp932", JAPANESE),
        ("euc-jp", "euc_jp", JAPANESE),
        ("iso-2022-jp", "iso2022_jp", JAPANESE),
        ("gb2312", "gb18030", CHINESE),
        ("gbk", "gb18030", CHINESE),
        ("big5", "big5hkscs", "渡輪從星期一起恢復航行。"),
        ("euc-kr", "cp949", KOREAN),
        ("ks_c_5601-1987", "cp949", KOREAN),
        ("windows-949", "cp949", KOREAN),
        ("tis-620", "cp874", THAI),
        ("windows-874", "cp874", THAI),
        ("iso-8859-1", "cp1252", GERMAN),
        ("us-ascii", "cp1252", GERMAN),
        ("iso-8859-9", "cp1254", "Vapur pazartesiden beri yeniden işliyor, dedi başkan."),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label: str, codec: str, text: str) -> None:
    body = declared(label, text).encode(codec)
    assert text in read(body)
    assert text in read(body.replace(b"meta charset", b"meta data-x"), label), "said by the header alone"


def test_characters_that_gb2312_itself_does_not_have() -> None:
    assert "镕" in read(declared("gb2312", "朱镕基大街").encode("gb18030"))


@pytest.mark.parametrize("distance", [2_000, 10_000, 60_000])
def test_a_declaration_that_comes_late(distance: int) -> None:
    before = "<script>" + "x" * distance + "</script>"
    assert RUSSIAN in read(declared("windows-1251", RUSSIAN, before).encode("cp1251"))


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        "<meta http-equiv=content-type content='text/html;charset = windows-1251'>",
        "<META CHARSET=Windows-1251>",
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_ways_to_declare(declaration: str) -> None:
    assert RUSSIAN in read(f"{declaration}<p>{RUSSIAN}</p>".encode("cp1251"))


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_is_believed_and_gone(mark: bytes, codec: str) -> None:
    text = declared("windows-1251", RUSSIAN)
    assert read(mark + text.encode(codec), "iso-8859-1") == text


@pytest.mark.parametrize("said", ["iso-8859-1", "windows-1251", "shift_jis", "no-such-charset", ""])
def test_a_header_that_lies_about_utf_8(said: str) -> None:
    assert RUSSIAN in read(declared("utf-8", RUSSIAN).encode(), said)


def test_the_header_comes_before_the_page() -> None:
    assert RUSSIAN in read(declared("iso-8859-1", RUSSIAN).encode("cp1251"), "windows-1251")


def test_a_label_that_means_nothing_leaves_the_word_to_the_next() -> None:
    assert RUSSIAN in read(declared("windows-1251", RUSSIAN).encode("cp1251"), "the-usual")


@pytest.mark.parametrize("cut", [1, 2])
def test_a_page_that_is_cut_off_inside_a_character(cut: int) -> None:
    whole = f"<p>{JAPANESE}終"
    assert read(whole.encode()[:-cut]) == f"<p>{JAPANESE}"


@pytest.mark.parametrize("label", ["iso-8859-1", None])
def test_a_stray_byte_does_not_spoil_a_page_in_utf_8(label: str | None) -> None:
    body = f"<p>{RUSSIAN}</p>".encode() + b"<p>\x93</p>" + f"<p>{RUSSIAN}</p>".encode()
    assert read(body, label) == f"<p>{RUSSIAN}</p><p>\ufffd</p><p>{RUSSIAN}</p>"


def test_without_any_word_on_it_bytes_are_windows_1252() -> None:
    assert read(f"<p>{GERMAN}</p>".encode("cp1252")) == f"<p>{GERMAN}</p>"


@pytest.mark.parametrize(
    "label", ["hex", "base64", "rot13", "zlib", "idna", "punycode", "unicode_escape", "undefined", "utf-7", "mbcs"]
)
def test_codecs_of_python_that_are_no_charsets(label: str) -> None:
    body = declared(label, GERMAN + r" \q +AGE-").encode("cp1252")
    assert read(body, label) == declared(label, GERMAN + r" \q +AGE-")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("label", [None, "utf-16", "utf-16le", "UTF-16BE", "utf-8"])
@pytest.mark.parametrize("before", ["", "\r\n  "])
def test_utf_16_without_a_mark(codec: str, label: str | None, before: str) -> None:
    text = before + declared("utf-16", GERMAN)
    assert read(text.encode(codec), label) == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_few_ascii_characters_is_believed_where_the_header_says_so(codec: str) -> None:
    text = f"{JAPANESE}<br>{JAPANESE}"
    assert read(text.encode(codec), "utf-16") == text


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "utf-16be"])
def test_a_header_that_says_utf_16_of_a_page_in_utf_8(label: str) -> None:
    assert read(declared("utf-8", RUSSIAN).encode(), label) == declared("utf-8", RUSSIAN)


@pytest.mark.parametrize("label", ["utf-8", None])
def test_windows_1252_that_declares_utf_8(label: str | None) -> None:
    text = declared("utf-8", GERMAN)
    assert read(text.encode("cp1252"), label) == text


def test_where_utf_8_is_declared_wrongly_the_other_declaration_counts() -> None:
    assert RUSSIAN in read(declared("windows-1251", RUSSIAN).encode("cp1251"), "utf-8")
    assert RUSSIAN in read(declared("utf-8", RUSSIAN).encode("cp1251"), "windows-1251")


def test_strays_in_a_page_that_declares_utf_8_and_has_little_outside_ascii() -> None:
    body = "<p>The ferry – “at last” – sails.</p>".encode() + b"<p>\x93</p>"
    assert read(body, "utf-8") == "<p>The ferry – “at last” – sails.</p><p>\ufffd</p>"


def test_replacement_characters_that_the_page_itself_holds_are_no_strays() -> None:
    spoiled = GERMAN + 9 * " \ufffd"
    body = f"<p>{spoiled}</p>".encode() + b"<p>\x93</p>" + f"<p>{JAPANESE}</p>".encode()
    assert JAPANESE in read(body)


@given(st.binary(), st.none() | st.text(max_size=20) | st.sampled_from(["utf-16", "gb2312", "iso-2022-jp"]))
def test_any_bytes_are_some_text(body: bytes, label: str | None) -> None:
    read(body, label).encode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\x1b")))
def test_what_was_written_in_utf_8_is_read(text: str) -> None:
    assert read(text.encode()) == without_controls(text)


def test_what_commands_a_terminal_is_no_text() -> None:
    assert decode("<p>a\x1b[2Jb\x9bc\x7fd</p>".encode()) == "<p>a[2Jbcd</p>"
