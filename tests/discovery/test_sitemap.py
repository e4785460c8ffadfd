"""Sitemaps of every format, well made, cut and hostile."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.discovery import Child, Sitemap, kind_of, read_sitemap
from newsbot.errors import NotUnderstood
from newsbot.items import Lead

URL = "https://news.example/sitemap.xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(entries: str, names: str = f"{NS} {NEWS}") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {names}>{entries}</urlset>'.encode()


def entry(number: int, more: str = "") -> str:
    return f"<url><loc>https://news.example/{number}</loc>{more}</url>"


def test_a_plain_urlset_gives_addresses_and_changes() -> None:
    body = urlset(
        entry(1, "<lastmod>2024-05-03</lastmod>")
        + entry(2, "<lastmod>2024-05-03T10:00:00+03:00</lastmod><priority>0.5</priority>")
        + "<url><loc>\n /3?a=1&amp;b=2 \n</loc><lastmod>2024-05</lastmod></url>"
        + entry(1)
        + "<url><loc>mailto:desk@news.example</loc></url><url></url>"
    )
    assert kind_of(body) == "sitemap"
    assert read_sitemap(body, URL) == Sitemap(
        (
            Lead("https://news.example/1", modified=datetime(2024, 5, 3, tzinfo=UTC)),
            Lead("https://news.example/2", modified=datetime(2024, 5, 3, 7, tzinfo=UTC)),
            Lead("https://news.example/3?a=1&b=2", modified=datetime(2024, 5, 1, tzinfo=UTC)),
        )
    )


@pytest.mark.parametrize("names", [f"{NS} {NEWS}", "", NS])
def test_the_news_extension_gives_title_and_publication(names: str) -> None:
    body = urlset(
        entry(
            1,
            "<image:image xmlns:image='http://i'><image:loc>https://news.example/1.jpg</image:loc></image:image>"
            "<video:video xmlns:video='http://v'><video:title>No</video:title></video:video>"
            "<news:news><news:publication><news:name>The Example</news:name></news:publication>"
            "<news:publication_date>2024-05-03T10:00Z</news:publication_date>"
            "<news:title>Bridge &amp;amp; ferry</news:title></news:news>",
        ),
        names,
    )
    assert read_sitemap(body, URL).leads == (
        Lead("https://news.example/1", "Bridge & ferry", datetime(2024, 5, 3, 10, tzinfo=UTC)),
    )


def test_an_index_gives_its_children_in_order() -> None:
    body = (
        f"<sitemapindex {NS}><sitemap><loc>https://static.news.example/2024-5.xml</loc>"
        "<lastmod>2024-05-31T23:00:00Z</lastmod></sitemap><sitemap><loc>/2024-4.xml</loc></sitemap></sitemapindex>"
    ).encode()
    assert kind_of(body) == "sitemap"
    assert read_sitemap(body, URL) == Sitemap(
        children=(
            Child("https://static.news.example/2024-5.xml", datetime(2024, 5, 31, 23, tzinfo=UTC)),
            Child("https://news.example/2024-4.xml"),
        )
    )


@pytest.mark.parametrize(
    "body",
    [
        b"https://news.example/1\r\n\r\nhttps://news.example/2\r\n",
        b"\xef\xbb\xbfhttps://news.example/1\nhttps://news.example/2",
    ],
)
def test_a_list_in_plain_text(body: bytes) -> None:
    assert kind_of(body) == "sitemap"
    assert read_sitemap(body, URL).leads == (Lead("https://news.example/1"), Lead("https://news.example/2"))


def test_a_feed_serves_as_a_sitemap() -> None:
    body = b"<rss version='2.0'><channel><item><title>One</title><link>/1</link></item></channel></rss>"
    assert read_sitemap(body, URL) == Sitemap((Lead("https://news.example/1", "One"),))


def test_gzip_is_unpacked_and_may_be_cut() -> None:
    packed = gzip.compress(urlset("".join(entry(n) for n in range(5_000))), mtime=0)
    assert kind_of(packed) == "sitemap"
    whole = read_sitemap(packed, URL).leads
    assert len(whole) == 5_000
    part = read_sitemap(packed[: len(packed) // 2], URL).leads
    assert 1_000 < len(part) < 5_000
    assert part == whole[: len(part)]


def test_a_file_cut_in_the_middle_gives_the_entries_before() -> None:
    body = urlset(entry(1) + entry(2) + entry(3))
    leads = read_sitemap(body[: body.index(b"example/3")], URL).leads
    assert leads[:2] == (Lead("https://news.example/1"), Lead("https://news.example/2"))


@pytest.mark.parametrize("before", [b"\n ", b"\xef\xbb\xbf\n", b"<?xml-stylesheet href='a.xsl'?><!-- made by hand -->"])
def test_what_stands_before_does_no_harm(before: bytes) -> None:
    body = urlset(entry(1)).split(b"\n", 1)[1]
    assert read_sitemap(before + body, URL).leads == (Lead("https://news.example/1"),)


def test_not_more_entries_than_the_protocol_allows() -> None:
    assert len(read_sitemap(urlset("".join(entry(n) for n in range(50_100))), URL).leads) == 50_000


def test_a_gzip_bomb_is_refused_in_bounded_memory() -> None:
    bomb = gzip.compress(b"\0" * (70 << 20))
    with pytest.raises(NotUnderstood, match="more than 64 MiB"):
        read_sitemap(bomb, URL)


def test_millions_of_elements_are_read_in_bounded_memory() -> None:
    # libxml2's memory is not Python's, so a process of its own is measured: 16 million bytes of the smallest elements
    # would make a tree of more than half a gigabyte.
    program = """
import resource
from newsbot.discovery import read_sitemap
bodies = [b"<urlset>" + b"<a/>" * 4_000_000, b"<urlset><url>" + b"<a/>" * 4_000_000]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for body in bodies:
    read_sitemap(body, "https://news.example/")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 300_000  # kilobytes


def test_bare_ampersands_in_addresses_are_kept() -> None:
    body = urlset(
        "<url><loc>https://news.example/?a=1&b=2&amp;c=3</loc></url><url><loc><![CDATA[/?d=4&e=5]]></loc></url>"
    )
    assert [lead.url for lead in read_sitemap(body, URL).leads] == [
        "https://news.example/?a=1&b=2&c=3",
        "https://news.example/?d=4&e=5",
    ]


def test_a_tag_without_end_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(NotUnderstood, match="a tag or a text of more than 32 KiB"):
        read_sitemap(b"<urlset><url><loc>" + b"<p " * 400_000 + b"</loc></url></urlset>", "https://paper.example/s.xml")


def test_entities_are_neither_opened_nor_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do-not-tell", "utf-8")
    laughs = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}">{laughs}]>'
    body = f"{doctype}<urlset {NS}><url><loc>https://news.example/&x;&e9;</loc></url>{entry(2)}</urlset>".encode()
    started = time.process_time()
    sitemap = read_sitemap(body, URL)
    assert time.process_time() - started < 2
    assert "do-not-tell" not in str(sitemap)
    assert "haha" not in str(sitemap)
    assert Lead("https://news.example/2") in sitemap.leads


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b"<html><a href='/1'>1</a></html>", "an HTML page"),
        (b"Nothing here.\nhttps://news.example/1\nNor here.", "plain text"),
        (b'{"a": "https://news.example/"}', "JSON of another kind"),
        (b"\x1f\x8b\x08garbage", "gzip that cannot be unpacked"),
        (gzip.compress(b"%PDF", mtime=0), "a PDF file"),
    ],
)
def test_what_is_no_sitemap_is_named(body: bytes, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said) as caught:
        read_sitemap(body, URL)
    assert str(caught.value).startswith(f"{URL}: ")


PIECES = [
    *(f"<urlset {NS}>", "<sitemapindex>", "<url>", "</url>", "<sitemap>", "<loc>", "</loc>", "http://a.example/1"),
    *("<lastmod>", "2024-05-03", "</lastmod>", "<news:news>", "<news:title>", "<!--", "-->", "<![CDATA[", "]]>", "&x;"),
    *("<?xml encoding='utf-16'?>", "<!DOCTYPE a [", "]>", "\x00", "\n", "<", ">", "&", '"'),
]


@settings(deadline=1000)
@given(
    st.binary(max_size=400)
    | st.binary(max_size=100).map(lambda body: gzip.compress(body)[:-1])
    | st.lists(st.sampled_from(PIECES), max_size=30).map(lambda parts: "".join(parts).encode())
)
def test_any_bytes_give_a_sitemap_or_not_understood(body: bytes) -> None:
    try:
        sitemap = read_sitemap(body, URL)
    except NotUnderstood:
        return
    urls = [lead.url for lead in sitemap.leads] + [child.url for child in sitemap.children]
    assert all(url.startswith(("http://", "https://")) for url in urls)
