"""Feeds of every format, well made and broken."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.discovery import Feed, kind_of, read_feed
from newsbot.errors import NotUnderstood
from newsbot.items import Lead

URL = "https://news.example/feeds/main.xml"


def rss(items: str, channel: str = "", prolog: str = '<?xml version="1.0" encoding="utf-8"?>') -> bytes:
    names = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    return f'{prolog}<rss version="2.0" {names}><channel>{channel}{items}</channel></rss>'.encode()


def item(title: str = "Bridge opens", link: str = "https://news.example/1", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def only(body: bytes, content_type: str = "") -> Lead:
    (lead,) = read_feed(body, URL, content_type).leads
    return lead


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_rss_2_gives_titles_addresses_and_instants() -> None:
    body = rss(
        item(more="<pubDate>Fri, 03 May 2024 10:00:00 +0300</pubDate><atom:updated>2024-05-03T09:30:00Z</atom:updated>")
        + item("Ferry returns", "https://news.example/2"),
        "<title>The Example</title><link>https://news.example/</link><language>en_GB</language>",
    )
    assert kind_of(body) == "feed"
    assert read_feed(body, URL) == Feed(
        "The Example",
        "en-gb",
        (
            Lead("https://news.example/1", "Bridge opens", at(2024, 5, 3, 7), at(2024, 5, 3, 9, 30)),
            Lead("https://news.example/2", "Ferry returns"),
        ),
    )


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.94"])
def test_older_rss_is_read(version: str) -> None:
    body = f'<rss version="{version}"><channel><title>Old</title>{item()}</channel></rss>'.encode()
    assert only(body) == Lead("https://news.example/1", "Bridge opens")


def test_rdf_gives_its_date_as_publication() -> None:
    body = b"""<?xml version="1.0"?>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
             xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel rdf:about="https://news.example/"><title>RDF</title><dc:language>de</dc:language></channel>
      <item rdf:about="https://news.example/1"><title>Eins</title><link>https://news.example/1</link>
        <dc:date>2024-05-03T10:00:00+02:00</dc:date></item>
    </rdf:RDF>"""
    assert kind_of(body) == "feed"
    assert read_feed(body, URL) == Feed("RDF", "de", (Lead("https://news.example/1", "Eins", at(2024, 5, 3, 8)),))


def test_atom_keeps_publication_and_update_apart() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://news.example/fr/">
      <title type="html">Un &lt;b&gt;exemple&lt;/b&gt;</title>
      <entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Le <i>pont</i></div></title>
        <link rel="self" href="https://news.example/atom/1"/><link rel="enclosure" href="son.mp3"/>
        <link rel="alternate" href="pont"/>
        <published>2024-05-03T10:00:00+02:00</published><updated>2024-05-04T10:00:00Z</updated></entry>
      <entry><title>Le bac</title><link href="/bac"/><updated>2024-05-04</updated></entry>
    </feed>"""
    assert kind_of(body) == "feed"
    assert read_feed(body, URL) == Feed(
        "Un exemple",
        "fr",
        (
            Lead("https://news.example/fr/pont", "Le pont", at(2024, 5, 3, 8), at(2024, 5, 4, 10)),
            Lead("https://news.example/bac", "Le bac", None, at(2024, 5, 4)),
        ),
    )


def test_json_feed_is_read() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Example",
        "language": "en-US",
        "items": [
            {"id": "1", "url": "/1", "title": "Bridge &amp; ferry", "date_published": "2024-05-03T10:00:00-04:00"},
            {"id": "https://news.example/2", "content_text": "No title.", "date_modified": "2024-05-03T10:00:00Z"},
            {"id": "3"},
            {"id": 4, "url": 5, "title": None},
            "no item",
        ],
    }
    body = json.dumps(feed).encode()
    assert kind_of(body) == "feed"
    assert read_feed(b"\xef\xbb\xbf" + body, URL) == Feed(
        "The Example",
        "en-us",
        (
            Lead("https://news.example/1", "Bridge & ferry", at(2024, 5, 3, 14)),
            Lead("https://news.example/2", None, None, at(2024, 5, 3, 10)),
        ),
    )


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("<![CDATA[A <em>very</em> long&nbsp;day]]>", "A very long day"),
        ("&lt;b&gt;Bold&lt;/b&gt; claim", "Bold claim"),
        ("  two\n lines ", "two lines"),
        ("Five &amp;lt; six", "Five < six"),
        ("R&D &eacute;lan &nbsp; AT&T", "R&D élan AT&T"),
        ("<![CDATA[R&D]]>", "R&D"),
        ("", None),
    ],
)
def test_titles_are_plain_text(written: str, plain: str | None) -> None:
    assert only(rss(item(written))).title == plain


@pytest.mark.parametrize(
    ("elements", "url"),
    [
        ("<link>/a</link>", "https://news.example/a"),
        ("<link>b?x=1&amp;y=2#comments</link>", "https://news.example/feeds/b?x=1&y=2"),
        ("<link>\n https://news.example/c \n</link>", "https://news.example/c"),
        ("<link><![CDATA[https://news.example/d?x=1&y=2]]></link>", "https://news.example/d?x=1&y=2"),
        (
            "<link>https://feeds.example/~r/1</link><feedburner:origLink>https://news.example/e</feedburner:origLink>",
            "https://news.example/e",
        ),
        ("<link>https://news.example/f</link><guid>https://news.example/other</guid>", "https://news.example/f"),
        ("<guid>https://news.example/g</guid>", "https://news.example/g"),
        ('<guid isPermaLink="true">https://news.example/h</guid>', "https://news.example/h"),
        ('<guid isPermaLink="false">https://news.example/i</guid>', None),
        ("<guid>12345</guid>", None),
        ("<guid>tag:news.example,2024:1</guid>", None),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>file:///etc/passwd</link>", None),
        ("<link>http://[</link>", None),
    ],
)
def test_the_address_of_an_item(elements: str, url: str | None) -> None:
    leads = read_feed(rss(f"<item><title>One</title>{elements}</item>"), URL).leads
    assert [lead.url for lead in leads] == ([url] if url else [])


def test_an_address_comes_once() -> None:
    leads = read_feed(rss(item("First") + item("Second") + item("Third", "https://news.example/1#top")), URL).leads
    assert [lead.title for lead in leads] == ["First"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Fri, 03 May 2024 10:00:00 GMT", at(2024, 5, 3, 10)),
        ("Fri, 03 May 2024 10:00:00 EST", at(2024, 5, 3, 15)),
        ("Fri, 03 May 2024 10:00:00 CEST", at(2024, 5, 3, 8)),
        ("Fri, 03 May 2024 10:00:00 MSK", at(2024, 5, 3, 7)),
        ("3 May 2024 10:00 +0530", at(2024, 5, 3, 4, 30)),
        ("Fri, 03 May 2024 10:00:00", at(2024, 5, 3, 10)),
        ("2024-05-03T10:00:00.123+02:00", at(2024, 5, 3, 8, 0, 0, 123000)),
        ("2024-05-03 10:00:00 +0200", at(2024, 5, 3, 8)),
        ("2024-05-03 10:00:00 UTC", at(2024, 5, 3, 10)),
        ("2024-05-03", at(2024, 5, 3)),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_become_utc(written: str, expected: datetime | None) -> None:
    assert only(rss(item(more=f"<pubDate>{written}</pubDate>"))).published == expected


def test_a_dublin_core_date_alone_is_the_publication() -> None:
    lead = only(rss(item(more="<dc:date>2024-05-03T10:00:00Z</dc:date>")))
    assert (lead.published, lead.modified) == (at(2024, 5, 3, 10), None)


@pytest.mark.parametrize(
    ("declared", "encoding", "content_type"),
    [
        ("utf-8", "utf-8", ""),
        ("windows-1251", "windows-1251", ""),
        ("koi8-r", "koi8-r", "application/rss+xml"),
        ("utf-16", "utf-16", ""),
        ("utf-16", "utf-16-le", ""),
        ("windows-1251", "utf-8", ""),
        ("iso-8859-1", "utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-8", "windows-1251", 'text/xml; charset="windows-1251"'),
        ("no-such-thing", "utf-8", "text/xml; charset=idna"),
    ],
)
def test_encodings_declared_rightly_and_wrongly(declared: str, encoding: str, content_type: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>'
    body = rss(item("Мост открыт для движения"), prolog=prolog).decode().encode(encoding)
    assert only(body, content_type).title == "Мост открыт для движения"


@pytest.mark.parametrize(
    "before", [b"\n  ", b"\xef\xbb\xbf\n", b"<b>Warning</b>: line 3<br />\n", b"<!-- <html> -->", b"\x00"]
)
def test_what_stands_before_a_feed_does_no_harm(before: bytes) -> None:
    assert only(before + rss(item())).title == "Bridge opens"


def test_a_feed_that_was_cut_gives_the_items_before_the_cut() -> None:
    body = rss(item() + item("Ferry returns", "https://news.example/2") + item("Cut", "https://news.example/3"))
    leads = read_feed(body[: body.index(b"<title>Cut") + 8], URL).leads
    assert [lead.url for lead in leads] == ["https://news.example/1", "https://news.example/2"]


@given(st.integers(0, 600))
def test_wherever_a_feed_is_cut_what_is_read_is_true(cut: int) -> None:
    whole = rss(item() + item("Ferry returns", "https://news.example/2"), "<title>The Example</title>")
    try:
        leads = read_feed(whole[:cut], URL).leads
    except NotUnderstood:
        assert cut <= whole.index(b"</link>", whole.index(b"<item>")) + len(b"</link>")
        return
    # The last one may have been cut in its middle.
    assert leads[:-1] == read_feed(whole, URL).leads[: max(0, len(leads) - 1)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b"<!DOCTYPE html><title>Gone</title>", "an HTML page"),
        (b"<html><body><rss></rss></body></html>", "an HTML page"),
        (b"<urlset></urlset>", "a sitemap"),
        (b"<svg></svg>", "markup that begins with <svg>"),
        (b"Not found", "plain text"),
        (b"%PDF-1.7", "a PDF file"),
        (b"\x89PNG\r\n", "a picture"),
        (gzip.compress(rss(item())), "a gzip archive"),
        (b'{"error": 404}', "JSON, but no JSON Feed"),
        (b'{"items": [], "version": 2}', "JSON, but no JSON Feed"),
        (b'{"items": [', "JSON that cannot be read"),
        (b'{"a":' * 100_000, "JSON that cannot be read"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, said: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read_feed(body, URL)
    assert str(caught.value).startswith(f"{URL}: ")
    assert said in str(caught.value)


def test_a_feed_without_items_is_a_feed() -> None:
    assert read_feed(rss("", "<title>Quiet</title>"), URL) == Feed("Quiet", None, ())


def test_external_entities_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not tell", "utf-8")
    for declared in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', f'<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;'):
        feed = read_feed(rss(item("One &x; two"), prolog=f"<!DOCTYPE rss [\n{declared}\n]>\n"), URL)
        assert "do not tell" not in str(feed)
        assert feed.leads[0].url == "https://news.example/1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("kind", ["short", "nested", "long"])
def test_entities_are_not_expanded(kind: str, encoding: str) -> None:
    if kind == "short":  # no danger, but the one that parsers which guard themselves do expand
        entities, used = '<!ENTITY e "haha">', "&e;"
    elif kind == "nested":  # "billion laughs"
        entities = '<!ENTITY e0 "ha">' + "".join(f'\n<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
        used = "&e9;"
    else:  # "quadratic blowup": 40 KB, named 10,000 times, would be 400 MB
        entities = f'<!ENTITY e "{"ha" * 20_000}">'
        used = "&e;" * 10_000
    body = rss(item(f"One {used}"), prolog=f"<!DOCTYPE rss [\n{entities}\n]>\n").decode().encode(encoding)
    started = time.process_time()
    (lead,) = read_feed(body, URL).leads
    assert time.process_time() - started < 2
    assert "haha" not in (lead.title or "")
    assert len(lead.title or "") <= 500


@pytest.mark.parametrize(("bound", "value"), [("MOST_TAGS", 1_000), ("MOST_CHARACTERS", 20_000)])
def test_a_feed_without_end_is_read_as_if_it_were_cut(monkeypatch: pytest.MonkeyPatch, bound: str, value: int) -> None:
    body = rss("".join(item(link=f"https://news.example/{number}") for number in range(1_000)))
    assert len(read_feed(body, URL).leads) == 1_000
    monkeypatch.setattr(f"newsbot.discovery.feed.{bound}", value)
    leads = read_feed(body, URL).leads
    assert 100 < len(leads) < 500
    assert leads[0].url == "https://news.example/0"


@pytest.mark.parametrize("piece", ["<a>", "<item>", "<a b='", "&", "<![CDATA[", "<!--", "<!ENTITY ", "<?", "&a;", "<"])
def test_hostile_repetition_takes_bounded_time(piece: str) -> None:
    body = rss(item() + piece * 40_000)
    started = time.process_time()
    read_feed(body, URL)
    assert time.process_time() - started < 8


PIECES = [
    *("<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "http://a.example/1"),
    *('<feed xmlns="http://www.w3.org/2005/Atom">', "<entry>", '<link href="', '<guid isPermaLink="', "<pubDate>"),
    *("<rdf:RDF ", 'xml:base="http://["', "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE", "&#0;", "&#x110000;", "&x;"),
    *("<?xml encoding='utf-16'?>", "\x00", '"', ">", "<", "&", "{", '"items":[', '{"url":', '"http://a/"', "}", "]"),
]


@settings(deadline=1000)
@given(
    st.binary(max_size=400) | st.lists(st.sampled_from(PIECES), max_size=30).map(lambda parts: "".join(parts).encode())
)
def test_any_bytes_give_a_feed_or_not_understood(body: bytes) -> None:
    try:
        feed = read_feed(body, URL)
    except NotUnderstood as error:
        assert str(error).startswith(URL)  # noqa: PT017
    else:
        assert all(lead.url.startswith(("http://", "https://")) for lead in feed.leads)


@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(blacklist_categories=["C", "Z"], blacklist_characters="<>&"), min_size=1, max_size=40
            ),
            st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_back(stories: list[tuple[str, datetime]]) -> None:
    body = rss(
        "".join(
            item(escape(title), f"https://news.example/{n}", f"<pubDate>{when.isoformat()}</pubDate>")
            for n, (title, when) in enumerate(stories)
        )
    )
    leads = read_feed(body, URL).leads
    assert [lead.published for lead in leads] == [when.replace(tzinfo=UTC) for _, when in stories]
    assert [lead.url for lead in leads] == [f"https://news.example/{n}" for n in range(len(stories))]
    assert all(lead.title for lead in leads)
