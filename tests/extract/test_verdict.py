"""Whether a page is a story; if not, what it is."""

from __future__ import annotations

import pytest

from newsbot.extract import extract
from newsbot.extract.verdict import judge
from newsbot.items import Verdict
from tests.extract.pages import STORY, URL, article, json_ld, node, page, paragraphs, read

TEXT = "\n\n".join(STORY)


def test_a_story_is_a_story() -> None:
    assert judge("The ferry is back", TEXT, 0, declared=False) is Verdict.STORY


@pytest.mark.parametrize(
    ("title", "text", "verdict"),
    [
        ("Just a moment...", "Checking your browser before you go on.", Verdict.CHALLENGE),
        ("Harbour Gazette", "Please verify you are a human. " * 9, Verdict.CHALLENGE),
        ("Access denied", "", Verdict.CHALLENGE),
        ("Before you continue", "We and our 800 partners keep cookies. " * 9, Verdict.CONSENT),
        ("Harbour Gazette", "We value your privacy. Choose what we may keep on your device. " * 4, Verdict.CONSENT),
        ("Zeitung", "Mit Werbung weiterlesen oder ein Abo abschließen. " * 4, Verdict.CONSENT),
        ("404 | Harbour Gazette", "What you look for has sailed. " * 9, Verdict.SOFT_404),
        ("Page not found", "", Verdict.SOFT_404),
        ("Seite nicht gefunden", "Vielleicht hilft die Suche. " * 9, Verdict.SOFT_404),
        ("Страница не найдена", "", Verdict.SOFT_404),
        ("The ferry is back", "", Verdict.EMPTY),
        ("The ferry is back", "Too short.", Verdict.EMPTY),
    ],
)
def test_pages_that_are_none(title: str, text: str, verdict: Verdict) -> None:
    assert judge(title, text, 3, declared=False) is verdict


@pytest.mark.parametrize(
    "title",
    ["Are you a robot? A reporter tries to prove that she is not", "Access denied: the island's closed archive"],
)
def test_a_story_that_declares_itself_may_be_about_these_things(title: str) -> None:
    assert judge(title, TEXT, 0, declared=True) is Verdict.STORY


def test_a_long_story_may_speak_of_them_without_declaring_itself() -> None:
    assert judge("Captcha, consent and the 404 page", TEXT * 4, 0, declared=False) is Verdict.STORY


def test_what_declares_itself_may_be_short_but_not_empty() -> None:
    assert judge("Ferry back", "The ferry sails again.", 0, declared=True) is Verdict.STORY
    assert judge("Ferry back", " ", 0, declared=True) is Verdict.EMPTY


# -- whole pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        b"%PDF-1.7\n1 0 obj",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"\xff\xd8\xff\xe0" + b"JFIF and more " * 40,
        b"GIF87a",
        b"PK\x03\x04",
        b'{"title": "The ferry is back", "html": "' + paragraphs().encode() + b'"}',
        f'[{{"body": "{TEXT}"}}]',
    ],
)
def test_what_is_not_html(html: bytes | str) -> None:
    found = read(html)
    assert found.verdict is Verdict.NOT_HTML
    assert found.blocks == ()
    assert found.url == URL


@pytest.mark.parametrize("html", [b"", "", "\n\n", "<html></html>", page(""), "<frameset><frame src=a></frameset>"])
def test_pages_without_text(html: bytes | str) -> None:
    assert read(html).verdict is Verdict.EMPTY


def test_a_page_of_links() -> None:
    links = "".join(f'<li><a href="/{n}">What the council of parish {n} decided</a></li>' for n in range(40))
    assert read(page(f"<h1>Parishes</h1><ul>{links}</ul>", title="Parishes")).verdict is Verdict.INDEX


def test_a_consent_wall() -> None:
    wall = (
        "<h1>Before you continue</h1><p>We use cookies to measure who reads what, and where.</p><button>Fine</button>"
    )
    assert read(page(wall, title="Harbour Gazette")).verdict is Verdict.CONSENT


def test_a_bot_check() -> None:
    check = "<p>Enable JavaScript and cookies to continue</p>"
    assert read(page(check, title="Just a moment...")).verdict is Verdict.CHALLENGE


def test_a_missing_page_that_was_served_as_if_it_were_there() -> None:
    gone = paragraphs(
        "We are sorry. The page that you look for has moved, or never was. Try the search above, or go home."
    )
    assert read(page(gone, title="Page not found – Harbour Gazette")).verdict is Verdict.SOFT_404


def test_a_page_is_judged_in_whatever_form_it_comes() -> None:
    html = article(head=json_ld(node()))
    assert extract(html, URL) == extract(html.encode(), URL) == extract(html.encode("utf-16"), URL)
    assert extract(html, URL).verdict is Verdict.STORY
