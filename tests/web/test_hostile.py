"""What pages of strangers say is text, wherever newsbot shows it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import html

from newsbot.items import Access, Apart, Block, BlockKind, Image, Removed, RemovedKind, Role
from newsbot.store import Store
from newsbot.web import Serving
from tests.store.build import HOUR, NOON, prose, story
from tests.web.visiting import Visitor, served

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>]]>--><!--{{7*7}}{% raw %}${7*7}</title></textarea>"
NO_LINK = "javascript:alert(document.domain)//https://a.example/"
PATHS = (
    "/", "/?q=needle", "/?copies=1", "/story/1", "/story/1?removed=1", "/story/1?version=1", "/story/1?version=2",
    "/story/1?against=2", "/story/2", "/sites", "/sites/a.example", "/runs", "/runs/1", "/health", "/api/v1/",
)  # fmt: skip


@pytest.fixture
def hostile(store: Store, visitor: Visitor) -> Visitor:
    """A story that says the worst everywhere, revised, with a copy at another site; a site and a run likewise."""
    text = f"{EVIL} needle\n\n{prose(1, 100)}"
    block = Block(BlockKind.PARAGRAPH, EVIL)
    said: dict[str, Any] = {
        "title": EVIL, "standfirst": EVIL, "authors": (EVIL, "=cmd()"), "section": EVIL, "tags": (EVIL,),
        "language": 'x"><script>', "access": Access.PAYWALLED, "published": NOON, "modified": NOON,
        "image": Image(NO_LINK, EVIL, EVIL),
        "removed": (Removed(0, block, RemovedKind.DONATION, EVIL),), "apart": (Apart(1, block, Role.CAPTION),),
    }  # fmt: skip
    store.touch_site("a.example", EVIL, NO_LINK, EVIL)
    store.keep(story(1, text, **said))
    store.keep(story(1, f"{text} and {EVIL}", as_announced=True, **said))
    store.keep(story(2, f"{EVIL} other\n\n{text}", site="b.example", **(said | {"published": NOON - HOUR})))
    run = store.start_run(1, NOON)
    store.start_site(run, "a.example", NOON)
    store.finish_site(run, "a.example", NOON + HOUR, EVIL, {f"error.{EVIL}": 3, f"dropped.{EVIL}": 1}, 10)
    store.finish_run(run, NOON + HOUR, EVIL)
    return visitor


def test_pages_show_it_and_do_not_run_it(hostile: Visitor) -> None:
    shown = 0
    for path in PATHS:
        answer = hostile.get(path)
        assert answer.status == 200, path
        page = answer.page
        harmless(page, path)
        shown += "<script>alert(1)</script>" in page.text_content()
        assert "49" not in answer.texts("//h1"), "a template within the text was carried out"
    assert shown > 8


def harmless(page: html.HtmlElement, where: str) -> None:
    """Nothing in it is ours to regret: no script, picture or handler but our own, no address but of http."""
    assert page.xpath("//script[not(@src)] | //img | //iframe | //object | //base | //style") == [], where
    assert page.xpath("//@*[starts-with(name(), 'on')]") == [], where
    for address in page.xpath("//@href | //@src | //@action"):
        assert address.startswith(("/", "#", "http://", "https://")), where
        assert not address.startswith("//"), where
    assert len(page.xpath("//script")) == 1, where
    assert len(page.xpath("//title[not(ancestor::*[local-name()='svg'])]")) == 1, where


def test_what_is_asked_is_shown_as_text_too(hostile: Visitor) -> None:
    for name in ("q", "author", "section", "tag", "language"):
        for path in ("/", "/feed.atom", "/feed.rss", "/feed.json"):
            answer = hostile.get(f"{path}?{name}={quote(EVIL[:150])}")
            assert answer.status in (200, 400)
            if answer.headers["content-type"].startswith("text/html"):
                harmless(answer.page, f"{path} {name}")
    for path in (
        f"/sites/{quote(EVIL, safe='')}",
        f"/story?url={quote(EVIL)}",
        f"/{quote(EVIL)}",
        f"/story/1?version={quote(EVIL)}",
    ):
        harmless(hostile.get(path).page, path)
    harmless(hostile.get(f"/?since={quote(EVIL[:150])}").page, "since")


def test_feeds_hold_it_as_text(hostile: Visitor) -> None:
    atom = hostile.get("/feed.atom").xml
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert atom.xpath("string(//a:entry/a:title)", namespaces=space) == EVIL
    content = html.fragment_fromstring(atom.xpath("string(//a:entry/a:content)", namespaces=space), create_parent=True)
    assert content.xpath(".//*[not(self::p)]") == []
    rss = hostile.get("/feed.rss").xml
    assert rss.xpath("string(//item/title)") == EVIL
    encoded = rss.xpath("string(//item/*[local-name()='encoded'])")
    assert html.fragment_fromstring(encoded, create_parent=True).xpath(".//*[not(self::p)]") == []
    items = hostile.get("/feed.json").json["items"]
    assert items[0]["title"] == EVIL
    assert html.fragment_fromstring(items[0]["content_html"], create_parent=True).xpath(".//*[not(self::p)]") == []


def test_linked_data_and_json_are_no_pages(hostile: Visitor) -> None:
    answer = hostile.get("/story/1.jsonld")
    assert answer.headers["content-type"].startswith("application/ld+json")
    assert answer.json["headline"] == EVIL
    assert "image" not in answer.json
    for path in ("/api/v1/stories", "/api/v1/stories/1", "/api/v1/search?q=needle", "/api/v1/sites", "/api/v1/runs"):
        assert hostile.get(path).headers["content-type"] == "application/json"


def test_a_spreadsheet_is_given_no_formula(hostile: Visitor) -> None:
    answer = hostile.get("/api/v1/export?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(rows) == 2
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    lines = hostile.get("/api/v1/export").text.splitlines()
    assert [json.loads(line)["title"] for line in lines] == [EVIL, EVIL]


def test_pictures_are_loaded_where_that_is_switched_on(store: Store, database: str, tmp_path: Path) -> None:
    store.keep(story(1, image=Image("https://pictures.example/a.jpg", EVIL)))
    store.keep(story(2, image=Image(NO_LINK)))
    with served(database, tmp_path, Serving(images=True)) as visitor:
        answer = visitor.get("/story/1")
        (picture,) = answer.page.xpath("//img")
        assert (picture.get("src"), picture.get("alt")) == ("https://pictures.example/a.jpg", EVIL)
        assert picture.get("referrerpolicy") == "no-referrer"
        assert "img-src 'self' http: https:" in answer.headers["content-security-policy"]
        assert visitor.get("/story/2").page.xpath("//img") == []


def test_pictures_are_named_and_not_loaded(store: Store, visitor: Visitor) -> None:
    store.keep(story(1, image=Image("https://pictures.example/a.jpg", "A heron")))
    page = visitor.get("/story/1").page
    assert page.xpath("//img") == []
    assert "img-src 'self';" in visitor.get("/").headers["content-security-policy"] + ";"
    assert page.xpath("//a[@href='https://pictures.example/a.jpg']/@rel") == ["noopener noreferrer nofollow"]
