"""What front pages say of their sites."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.discovery import Front, read_front
from newsbot.errors import NotUnderstood

URL = "https://www.mill.example/"
LD = '<script type="application/ld+json">'


def front(head: str = "", body: str = "", html: str = "") -> Front:
    return read_front(f"<!doctype html><html {html}><head>{head}</head><body>{body}</body></html>".encode(), URL)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<meta property="og:site_name" content=" The &amp; Mill "><title>Home</title>', "The & Mill"),
        ('<meta name="application-name" content="The Mill">', "The Mill"),
        (f'{LD}{{"@graph": [{{"@type": ["WebSite"], "name": "The Mill"}}]}}</script>', "The Mill"),
        (f'{LD}[{{"@type": "Person", "name": "A"}}]</script><title>The Mill</title>', "The Mill"),
        ("<title>Home | The Mill</title>", "The Mill"),
        ("<title>The Mill - News from up and down the valley</title>", "The Mill"),
        ("<title>Startseite</title>", None),
        ("<title>A-Z of the valley</title>", "A-Z of the valley"),
        ("", None),
    ],
)
def test_name(head: str, name: str | None) -> None:
    assert front(head).name == name


@pytest.mark.parametrize(
    ("html", "head", "language"),
    [
        ('lang="de_AT"', "", "de-at"),
        ('xml:lang="fr"', "", "fr"),
        ('lang="{{lang}}"', '<meta property="og:locale" content="pt_BR">', "pt-br"),
        ("", '<meta http-equiv="Content-Language" content="it, en">', "it"),
        ('lang=""', "", None),
    ],
)
def test_language(html: str, head: str, language: str | None) -> None:
    assert front(head, html=html).language == language


@pytest.mark.parametrize(
    ("head", "zone"),
    [
        ('<script>x = {"timezone":"Europe\\/Vienna"}</script>', "Europe/Vienna"),
        ("<script>moment.tz = 'America/Argentina/Buenos_Aires'</script>", "America/Argentina/Buenos_Aires"),
        ('<meta name="timezone" content="Asia/Tokyo">', "Asia/Tokyo"),
        ('<script>{"timezone":"Europe/Vienna"}</script><script>{"timeZone":"Asia/Tokyo"}</script>', None),
        ('<script>{"timezone":"Europe/Nowhere"}</script>', None),
        ('<script>{"timezone":"../../etc/passwd"}</script>', None),
        ("", None),
    ],
)
def test_a_zone_is_believed_where_it_is_the_only_one(head: str, zone: str | None) -> None:
    assert front(head).timezone == zone


def test_sections_are_short_entries_of_menus() -> None:
    menu = """<nav><a href="/local">Local</a><a href="/world/europe/">Europe</a><a href="/local">Local</a>
    <a href="/">Home</a><a href="/login">Log in</a><a href="/topics/archive">Archive</a><a href="/app.pdf">Map</a>
    <a href="https://shop.mill.example/all">Shop</a><a href="/search?q=a">Find</a>
    <a href="/2026/03/02/the-ice-closes-the-harbour">The ice closes the harbour until Friday</a></nav>
    <a href="/elsewhere">Elsewhere</a>"""
    assert front(body=menu).sections == (f"{URL}local", f"{URL}world/europe/")


def test_what_is_no_page_is_told() -> None:
    with pytest.raises(NotUnderstood, match="no page of links but a picture"):
        read_front(b"\x89PNG...", URL)


def test_long_scripts_take_no_time() -> None:
    began = time.process_time()
    front("<script>" + "timezone" * 500_000 + "</script><title>" + " - |" * 100_000 + "</title>")
    assert time.process_time() - began < 3


@given(st.binary(max_size=400), st.sampled_from([b"", b"<html><head>", b'<html><script type="application/ld+json">']))
def test_whatever_a_page_holds_is_read_or_refused(body: bytes, before: bytes) -> None:
    try:
        found = read_front(before + body, URL)
    except NotUnderstood:
        return
    assert found.name is None or found.name.strip()
