"""Trees of what is hardly HTML, and what is no page at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsbot.extract.document import is_binary, is_json, parse


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF87a",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"RIFF....WEBP",
        b"\x7fELF\x02\x01\x01" + bytes(64),
    ],
)
def test_files_that_are_no_pages(body: bytes) -> None:
    assert is_binary(body)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_pages_in_any_encoding_are_no_files(codec: str) -> None:
    assert not is_binary("\r\n<html><body><p>The ferry is back – at last.</p></body></html>".encode(codec))


def test_a_file_that_has_as_many_zeros_as_utf_16_is_no_page() -> None:
    assert is_binary(bytes(byte for number in range(512) for byte in (number % 24, 0)))


@pytest.mark.parametrize("text", ['{"title": "x"}', ' \n[{"title": "x"}]', '["a"]', '\t{\n  "html": "<p>x</p>"}'])
def test_json_is_no_page(text: str) -> None:
    assert is_json(text)


@pytest.mark.parametrize("text", ["<p>[1]</p>", "[Update] The ferry is back", "{{ title }}", "", "<html>{}"])
def test_pages_that_are_no_json(text: str) -> None:
    assert not is_json(text)


@pytest.mark.parametrize("text", ["", "   \n", "\0", "<!-- nothing -->", "<!DOCTYPE html>", "<?php ?>"])
def test_where_there_is_no_element_there_is_no_tree(text: str) -> None:
    assert parse(text) is None


def test_characters_that_no_text_holds_are_left_out() -> None:
    document = parse("<p>fer\0ry\x0b\x1b is ba\ufffeck</p>")
    assert document is not None
    assert "".join(document.root.itertext()) == "ferry is back"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Ann&#146;s ferry", "Ann’s ferry"),
        ("&#x93;Now&#X94;", "“Now”"),
        ("fer&#22;ry&#27;[2J", "ferry[2J"),
        ("a&#0;b&#x7f;c&#x81;d", "abcd"),
        ("a&#10;b&#9;c", "a\nb\tc"),
        ("&#65;&#1234;&#x2019;&#160;", "AӒ’\u00a0"),
    ],
)
def test_references_to_control_characters_mean_what_browsers_take_them_for(said: str, meant: str) -> None:
    document = parse(f"<p title='{said}'>{said}</p>")
    assert document is not None
    assert "".join(document.root.itertext()) == meant
    assert document.root.xpath("string(//p/@title)") == meant


def test_nothing_outside_the_page_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the cellar key")
    entity = f'<!DOCTYPE html [<!ENTITY key SYSTEM "{secret.as_uri()}">]>'
    document = parse(f"{entity}<p>Where is &key;?</p>")
    assert document is not None
    assert "cellar" not in "".join(document.root.itertext())


@pytest.mark.parametrize(
    "before",
    [
        "<SCRIPT>a()</SCRIPT>",
        "<Script>a()</sCRIPT >",
        "<STYLE>p {}</STYLE>",
        '<svg class="icon"/>',
        "<svg><path d='M0'/></SVG>",
        "<!-- a --!>",
        "<!-->",
        "<!--!> <p>gone</p> -->",
    ],
)
def test_what_is_cut_ends_where_browsers_end_it(before: str) -> None:
    document = parse(
        f"<p>one</p>{before}<p>two</p><script>b()</script><style>i {{}}</style><svg></svg><!-- c --><p>three"
    )
    assert document is not None
    assert "".join(document.root.itertext()) == "onetwothree"
    assert document.scripts[-1].text == "b()"


@pytest.mark.parametrize("end", ["<script", "<script </script", "<svg", "<!--", "<style>p {}"])
def test_a_page_that_is_cut_off_keeps_what_came_before(end: str) -> None:
    document = parse(f"<p>one</p>{end}")
    assert document is not None
    assert "".join(document.root.itertext("p")) == "one"
    assert not document.scripts


def test_a_tag_of_many_attributes_keeps_its_first() -> None:
    many = " ".join(f'data-a{number}="x > y"' for number in range(5_000))
    document = parse(f"<p class='first' {many} class=second>one</p><p data-json='{'{&quot;' * 100_000}' id=a>two</p>")
    assert document is not None
    one, two = document.root.iter("p")
    assert (one.get("class"), one.text) == ("first", "one")
    assert (two.get("id"), two.text) == ("a", "two"), "a long value is no matter"
