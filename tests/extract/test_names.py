"""Names out of bylines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.names import names


@pytest.mark.parametrize(
    ("byline", "people"),
    [
        ("Ida Quill", ["Ida Quill"]),
        ("By Ida Quill", ["Ida Quill"]),
        ("BY IDA QUILL", ["IDA QUILL"]),
        ("Written by: Ida Quill", ["Ida Quill"]),
        ("Reported by Ida Quill", ["Ida Quill"]),
        ("Von Ida Quill", ["Ida Quill"]),
        ("Texte: Ida Quill", ["Ida Quill"]),
        ("Par : Ida Quill", ["Ida Quill"]),
        ("Di Ida Quill", ["Ida Quill"]),
        ("Oleh Ida Quill", ["Ida Quill"]),
        ("Автор: Ида Квилл", ["Ида Квилл"]),
        ("Ida Quill and Tom Reed", ["Ida Quill", "Tom Reed"]),
        ("Ida Quill, Tom Reed & Ann Moor", ["Ida Quill", "Tom Reed", "Ann Moor"]),
        ("Ida Quill; Tom Reed", ["Ida Quill", "Tom Reed"]),
        ("Ida Quill und Tom Reed", ["Ida Quill", "Tom Reed"]),
        ("Ida Quill y Tom Reed", ["Ida Quill", "Tom Reed"]),
        ("葦原花子、白鳥次郎", ["葦原花子", "白鳥次郎"]),
        ("Ida Quill (in Greyport)", ["Ida Quill"]),
        ("Ida Quill in Greyport", ["Ida Quill"]),
        ("Ida Quill for the Gazette", ["Ida Quill for the Gazette"]),
        ("Ida Quill – Harbour Gazette", ["Ida Quill"]),
        ("  Ida \n  Quill ", ["Ida Quill"]),
        ("Harbour Press Agency", ["Harbour Press Agency"]),
        ("Ida Quill e Tom Reed", ["Ida Quill", "Tom Reed"]),
        ("Ида Квилл и Том Рид", ["Ида Квилл", "Том Рид"]),
        ("Ida Quill ve Tom Reed", ["Ida Quill", "Tom Reed"]),
        ("Ida Quill mit Tom Reed", ["Ida Quill", "Tom Reed"]),
        ("Ida Quill, Political Editor", ["Ida Quill"]),
        ("Ida Quill, Korrespondentin in Graustadt", ["Ida Quill"]),
        ("Ida Quill, with agencies", ["Ida Quill"]),
        ("Ida Quill | Harbour correspondent", ["Ida Quill"]),
        ("Political Editor", ["Political Editor"]),
        ("Eine Analyse von Ida Quill", ["Ida Quill"]),
        ("Autorin: Ida Quill", ["Ida Quill"]),
        ("Autorin/Autor Ida Quill", ["Ida Quill"]),
        ("나루터 기자", ["나루터"]),
        ("나루터 기자 ferry@gazette.example", ["나루터"]),
        ("葦原花子記者", ["葦原花子"]),
        ("记者：葦原、白鳥", ["葦原", "白鳥"]),
    ],
)
def test_bylines(byline: str, people: list[str]) -> None:
    assert list(names([byline])) == people


@pytest.mark.parametrize(
    "name",
    [
        "Oleh Petrenko",
        "Di Marco",
        "Par Hansson",
        "Andy Brand",
        "Inés Ortega y Reyes",
        "Ortega i Gasull",
        "Maria e Silva",
        "Ida O'Quill",
        "Ida Quill-Reed",
        "Ida van der Quill",
        "Ida von Quill",
        "Byron Quill",
        "Eva Ettinger",
        "โสภา น้ำใส",
        "ليلى البحر",
    ],
)
def test_names_that_look_like_something_else_stay_whole(name: str) -> None:
    assert names([name]) == (name,)


@pytest.mark.parametrize(
    "text",
    ["admin", "Staff", "redaktion", "", None, "https://a.example/ida", "ida@a.example", "www.a.example", "x" * 70],
)
def test_what_is_nobodys_name(text: str | None) -> None:
    assert names([text]) == ()


def test_each_person_is_named_once_in_the_spelling_that_comes_first() -> None:
    assert names(["Ida Quill", "IDA QUILL", "By Tom Reed and ida quill"]) == ("Ida Quill", "Tom Reed")


def test_a_list_without_end_is_no_byline() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert len(names(f"Ida {one}{two}" for one in letters for two in letters)) == 50


@given(st.lists(st.none() | st.text(), max_size=5))
def test_names_are_short_and_in_one_line(bylines: list[str | None]) -> None:
    found = names(bylines)
    assert all(2 <= len(name) <= 60 and name == " ".join(name.split()) for name in found)
    assert len({name.casefold() for name in found}) == len(found)
