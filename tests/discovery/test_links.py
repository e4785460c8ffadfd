"""Home and section pages: which links are taken for stories, and why."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.discovery import Links, judge, kind_of, read_links
from newsbot.errors import NotUnderstood
from newsbot.items import Lead

URL = "https://www.example.org/world/"


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>World</title>{head}</head><body>{body}</body></html>".encode()


def links(body: str, head: str = "", url: str = URL) -> list[Lead]:
    return list(read_links(page(body, head), url).leads)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://example.org/2024/05/03/bridge", ""),
        ("https://example.org/2024-05-03/bridge", ""),
        ("https://example.org/20240503/bridge", ""),
        ("https://example.org/2024/may/03/bridge", ""),
        ("https://example.org/world/bridge-opens-after-ten-years", "The bridge opens after ten years"),
        ("https://example.org/world/7715044", "The bridge opens after ten years"),
        ("https://example.org/view?idxno=7715", "The bridge opens after ten years"),
        ("https://example.org/a/AST1F4445T1FUTIL02SM.html", "十年ぶりに橋が開通し住民が喜ぶ"),
        ("https://example.org/story/12/3", "The bridge opens after ten years"),
        ("https://example.org/archive/a-short-history-of-bridges", "A short history of bridges"),
        (
            "https://example.org/%D0%BC%D0%BE%D1%81%D1%82-%D0%BE%D1%82-%D0%B4%D0%BE-%D0%BD%D0%B0",
            "Мост открыт для движения",
        ),
    ],
)
def test_stories(url: str, title: str) -> None:
    assert judge(url, title).is_story, judge(url, title).reasons


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://example.org/", "All the news of the day at a glance"),
        ("https://example.org/world", "World"),
        ("https://example.org/world/europe", "News from all over Europe"),
        ("https://example.org/about", "About the people who make this site"),
        ("https://example.org/author/12345", "All stories by this author, newest first"),
        ("https://example.org/tag/bridges-and-ferries-of-europe", "Bridges and ferries"),
        ("https://example.org/video/bridge-opens-after-ten-years", "Watch: the bridge opens"),
        ("https://example.org/files/2024/05/03/report-on-the-bridge.pdf", "The whole report"),
        ("https://example.org/world?page=2", "Older stories from the world"),
        ("https://example.org/world/page/2", "Older stories from the world"),
        ("https://example.org/login.php", "Log in to read more stories"),
        ("https://example.org/privacy-policy", "How we use what we know of you"),
        ("https://example.org/kontakt", "So erreichen Sie die Redaktion"),
    ],
)
def test_other_pages(url: str, title: str) -> None:
    assert not judge(url, title).is_story, judge(url, title).reasons


def test_a_judgement_says_what_it_counted() -> None:
    judgement = judge("https://example.org/2024/05/03/bridge", "The bridge opens after ten years", featured=True)
    assert judgement.reasons == (
        "+4 day in the path",
        "+3 text as long as a headline",
        "+2 in an article or a heading",
    )
    assert judgement.points == 9
    in_menu = judge("https://example.org/world/bridge-opens-after-ten-years", "Bridge", furniture=True)
    assert in_menu.reasons == ("+3 long slug", "-4 in a menu or footer")


def test_a_front_page_gives_its_stories_with_headlines() -> None:
    found = links(
        """
        <nav><a href="/world">World</a>
          <a href="/special/ten-years-without-a-bridge">Ten years without a bridge</a></nav>
        <article><a href="/2024/05/03/bridge"><img alt="A bridge"></a>
          <h2><a href="/2024/05/03/bridge#top">Bridge opens <em>at last</em></a></h2>
          <a href="/2024/05/03/bridge">Read on</a></article>
        <a href="https://sport.example.org/2024/05/03/final"><span>Live</span>
          <h3>Harbour win the final</h3><p>Late goal.</p></a>
        <a href="https://example.net/2024/05/03/foreign-story-of-some-length">A story of somebody else's site</a>
        <div id="footer"><a href="/terms">Terms</a></div>
        """
    )
    assert found == [
        Lead("https://www.example.org/2024/05/03/bridge", "Bridge opens at last"),
        Lead("https://sport.example.org/2024/05/03/final", "Harbour win the final"),
    ]


def test_a_story_in_the_menu_and_in_the_page_is_a_story() -> None:
    anchor = '<a href="/world/ferry-returns-to-the-old-port">Ferry returns to the old port</a>'
    assert links(f"<nav>{anchor}</nav>") == []
    assert len(links(f"<nav>{anchor}</nav><main>{anchor}</main>")) == 1


def test_a_form_around_the_whole_page_changes_nothing() -> None:
    assert len(links('<form><h2><a href="/world/ferry-returns-to-the-old-port">The ferry returns</a></h2></form>')) == 1


def test_long_addresses_are_judged_in_bounded_time() -> None:
    started = time.process_time()
    for segment in ("a" * 2000, "1" * 2000, "a1" * 1000, "a-" * 1000, "2024/" * 400, "%41" * 600):
        for _ in range(20):
            judge(f"https://example.org/x/{segment}", "word " * 400)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "href",
    [
        "javascript:void(0)",
        "mailto:desk@example.org",
        "tel:+100",
        "#top",
        "",
        "http://[",
        "ftp://example.org/2024/05/03/a",
        "data:text/html,a",
    ],
)
def test_what_is_no_web_address_is_passed_over(href: str) -> None:
    assert links(f'<h2><a href="{href}">A headline that is long enough for a story</a></h2>') == []


def test_links_are_resolved_against_the_base() -> None:
    anchor = '<h2><a href="2024/05/03/bridge">Bridge</a></h2>'
    assert links(anchor)[0].url == "https://www.example.org/world/2024/05/03/bridge"
    assert links(anchor, '<base href="/en/">')[0].url == "https://www.example.org/en/2024/05/03/bridge"
    assert links(anchor, '<base href="javascript:x">')[0].url == "https://www.example.org/world/2024/05/03/bridge"


def test_sponsored_links_and_the_page_itself_are_left_out() -> None:
    assert links('<h2><a rel="nofollow sponsored" href="/2024/05/03/bank">A bank that you can trust</a></h2>') == []
    own = "https://www.example.org/2024/05/03/bridge-opens-at-last"
    assert (
        links('<h2><a href="#comments">Comments</a><a href="/2024/05/03/bridge-opens-at-last">Here</a></h2>', url=own)
        == []
    )


def test_hosts_without_a_registered_domain_are_told_apart() -> None:
    anchors = '<h2><a href="/2024/05/03/a">A</a><a href="http://intranet/2024/05/03/b">B</a></h2>'
    assert [lead.url for lead in links(anchors, url="http://localhost:8000/")] == ["http://localhost:8000/2024/05/03/a"]


def test_the_feeds_that_a_page_names_are_found() -> None:
    head = """
      <link rel="alternate" type="application/rss+xml" href="/rss">
      <link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="https://feeds.example.net/news">
      <link rel="alternate" type="application/feed+json" href="feed.json">
      <link rel="alternate" type="application/rss+xml" href="/rss">
      <link rel="alternate" type="application/rss+xml" href="/comments/feed/">
      <link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="text/css" href="/a.css">
      <link rel="alternate" type="application/rss+xml"><link rel="alternate" type="application/json+oembed" href="/o">
    """
    assert read_links(page("", head), URL) == Links(
        (),
        ("https://www.example.org/rss", "https://feeds.example.net/news", "https://www.example.org/world/feed.json"),
    )


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ('<a rel="next" href="?page=3">Older</a>', "https://www.example.org/2026/03/?page=3"),
        ('<link rel="NEXT nofollow" href="/2026/03/page/3/">', "https://www.example.org/2026/03/page/3/"),
        ('<a rel="next" href="https://other.example.org/">Other</a>', None),
        ('<a rel="next" href="#top">Up</a>', None),
        ('<a rel="prev" href="?page=1">Newer</a>', None),
    ],
)
def test_the_page_on_which_a_list_goes_on(link: str, following: str | None) -> None:
    page = f"<html><head><title>March</title></head><body><p>Stories.</p>{link}</body></html>".encode()
    assert read_links(page, "https://www.example.org/2026/03/?page=2").following == following


def test_a_page_in_another_encoding() -> None:
    text = '<html><head><meta charset="windows-1251"></head><h2><a href="/2024/05/03/a">Мост открыт</a></h2></html>'
    assert read_links(text.encode("windows-1251"), URL).leads[0].title == "Мост открыт"
    plain = '<html><h2><a href="/2024/05/03/a">Мост открыт</a></h2></html>'.encode("koi8-r")
    assert read_links(plain, URL, "text/html; charset=koi8-r").leads[0].title == "Мост открыт"


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"", "an empty body"), (b"hello", "plain text"), (b"%PDF-1.7 <<a>>", "a PDF file"), (b"<rss></rss>", "a feed")],
)
def test_what_is_no_page_is_named(body: bytes, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        read_links(body, URL)


def test_the_kind_of_a_page() -> None:
    assert kind_of(page("")) == "page"
    assert kind_of(b"") == "page"
    assert kind_of("<?xml version='1.0'?><rss/>".encode("utf-16")) == "feed"


@pytest.mark.parametrize(
    "piece", ["<a href='/2024/05/03/b'>", "<div>", "<b><p><a href=q>", "<table><a href=q>", "<!--", "&a;", "<a b='"]
)
def test_hostile_repetition_takes_bounded_time(piece: str) -> None:
    started = time.process_time()
    read_links(page(piece * 100_000), URL)
    assert time.process_time() - started < 5


PIECES = [
    *(
        "<html>",
        "<base href='http://['>",
        "<a href='/2024/05/03/a'>",
        "</a>",
        "<h2>",
        "</h2>",
        "<article>",
        "<link rel=alternate ",
    ),
    *(
        "type='application/rss+xml' ",
        "href='http://[::1'>",
        "href='",
        "'",
        ">",
        "<",
        "</",
        "</<",
        "<!--",
        "-->",
        "<![CDATA[",
        "&#0;",
    ),
    *(
        "<svg>",
        "<template>",
        "<table>",
        "<?xml encoding='utf-16'?>",
        "\x00",
        "<meta charset='idna'>",
        "words of a headline ",
    ),
]


@settings(deadline=1000)
@given(
    st.binary(max_size=400) | st.lists(st.sampled_from(PIECES), max_size=30).map(lambda parts: "".join(parts).encode())
)
def test_any_bytes_give_links_or_not_understood(body: bytes) -> None:
    kind_of(body)
    try:
        found = read_links(body, URL)
    except NotUnderstood:
        return
    assert all(lead.url.startswith(("http://", "https://")) for lead in found.leads)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_address_can_be_judged(path: str, title: str) -> None:
    judgement = judge(f"https://example.org/{path}".replace("[", "").replace("]", ""), title)
    assert judgement.points == sum(int(reason.split()[0]) for reason in judgement.reasons)
