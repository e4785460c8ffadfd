"""The demo's server, asked over the loopback interface as a crawl asks it."""

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from calendar import timegm
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import feedparser
import pytest
from lxml import etree

from newsbot.demo.web import HOSTS, DemoWeb, ExpectedStory, Request, expected, site_files
from newsbot.errors import NewsbotError
from newsbot.sites.model import Site

COURIER, POST = (f"http://{host}" for host in HOSTS)
FLOOD = f"{COURIER}/town/nettle-flood-damages-lower-town-2042"
HERRING = f"{COURIER}/harbour/herring-boats-come-home-full-2037"
LIFEBOAT = f"{COURIER}/harbour/lifeboat-brings-in-two-rowers-2043"
WIRE = f"{COURIER}/isles/cable-ship-sails-to-mend-marchland-link-2040"
WIRE_COPY = f"{POST}/story/7312/islanders-offline-as-repair-ship-heads-for-cable"
PAYWALLED = f"{POST}/story/7309/last-paper-mill-outlives-its-rivals"
OLD = f"{POST}/story/7266/beavers-build-first-dam-on-upper-wick"

START = datetime(2031, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)
REPRINT = START + timedelta(minutes=7)

SM = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def last_modified(self) -> datetime:
        return parsedate_to_datetime(self.headers["Last-Modified"])


def ask(web: DemoWeb, target: str, method: str = "GET", **headers: str) -> Answer:
    """Send `target` to the server to the letter: a full address as to a proxy, a path as to the host itself."""
    address = urlsplit(web.proxy_url)
    assert address.hostname is not None
    with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=10)) as connection:
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def get(web: DemoWeb, url: str) -> Answer:
    answer = ask(web, url)
    assert answer.status == 200, url
    return answer


def find(answer: Answer, xpath: str) -> list[str]:
    """The texts that an XPath expression finds in an HTML page."""
    return [str(found) for found in etree.fromstring(answer.body, etree.HTMLParser(encoding="utf-8")).xpath(xpath)]


def texts(answer: Answer) -> str:
    """What the page says, in one line."""
    return " ".join("".join(find(answer, "//body//text()")).split())


def json_ld(answer: Answer) -> dict[str, object]:
    (script,) = find(answer, '//script[@type="application/ld+json"]/text()')
    value = json.loads(script)
    assert isinstance(value, dict)
    return value


def lastmods(web: DemoWeb, url: str) -> dict[str, datetime]:
    root = etree.fromstring(get(web, url).body)
    return {
        entry.findtext(f"{SM}loc", ""): datetime.fromisoformat(entry.findtext(f"{SM}lastmod", ""))
        for entry in root.iter(f"{SM}url")
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def web(clock: Clock) -> Iterator[DemoWeb]:
    with DemoWeb(now=clock) as web:
        yield web


@pytest.fixture
def reprinted(web: DemoWeb, clock: Clock) -> DemoWeb:
    clock.time = REPRINT
    web.edition = 2
    return web


# The server ----------------------------------------------------------------------------------------------------------


def test_answers_as_a_proxy_and_as_the_host_itself(web: DemoWeb) -> None:
    path = urlsplit(FLOOD).path
    through_proxy = ask(web, FLOOD)
    at_the_host = ask(web, path, Host=HOSTS[0])
    assert through_proxy.status == at_the_host.status == 200
    assert through_proxy.body == at_the_host.body
    assert ask(web, path, Host=HOSTS[1]).status == 404


def test_everything_else_is_not_found_and_every_request_is_counted(web: DemoWeb) -> None:
    for url in (f"{COURIER}/no/such/story", "http://news.example/", web.proxy_url + "/"):
        assert ask(web, url).status == 404
    assert ask(web, f"{FLOOD}?utm_source=x").status == 200
    assert ask(web, POST).status == 200
    assert web.requests == [
        Request(HOSTS[0], "/no/such/story", 404),
        Request("news.example", "/", 404),
        Request("127.0.0.1", "/", 404),
        (HOSTS[0], "/town/nettle-flood-damages-lower-town-2042?utm_source=x", 200),
        (HOSTS[1], "/", 200),
    ]


def test_address_that_is_none_is_a_bad_request(web: DemoWeb) -> None:
    assert ask(web, "http://[/", Host=HOSTS[0]).status == 400


def test_head_gives_the_head_alone(web: DemoWeb) -> None:
    head, whole = ask(web, FLOOD, "HEAD"), get(web, FLOOD)
    assert head.body == b""
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(whole.body))


@pytest.mark.parametrize("offer", ["gzip", "gzip, deflate, br", "br;q=1, gzip;q=0.5", "*"])
def test_gzip_when_asked(web: DemoWeb, offer: str) -> None:
    packed = ask(web, FLOOD, Accept_Encoding=offer)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == get(web, FLOOD).body


@pytest.mark.parametrize("offer", ["identity", "br", "gzip;q=0", "gzip; q=0.000"])
def test_no_gzip_when_not_wanted(web: DemoWeb, offer: str) -> None:
    answer = ask(web, FLOOD, Accept_Encoding=offer)
    assert "Content-Encoding" not in answer.headers
    assert b"Nettle flood" in answer.body


@pytest.mark.parametrize(
    "url",
    [
        *(f"{site}/robots.txt" for site in (COURIER, POST)),
        *(f"{COURIER}/{path}" for path in ("", "town/", "feed.atom", "rss.xml", "sitemap.xml")),
        *(f"{POST}/{path}" for path in ("valley/", "news-sitemap.xml")),
        FLOOD,
        PAYWALLED,
    ],
)
def test_unchanged_document_is_not_sent_again(web: DemoWeb, url: str) -> None:
    first = get(web, url)
    etag, date = first.headers["ETag"], first.headers["Last-Modified"]
    by_tag = ask(web, url, If_None_Match=etag)
    assert (by_tag.status, by_tag.body, by_tag.headers["ETag"]) == (304, b"", etag)
    assert ask(web, url, If_None_Match=f'"other", {etag}').status == 304
    assert ask(web, url, If_Modified_Since=date).status == 304
    assert ask(web, url, If_None_Match='"other"', If_Modified_Since=date).status == 200
    assert ask(web, url, If_Modified_Since="Sat, 01 Jan 2000 00:00:00 GMT").status == 200
    assert ask(web, url, If_Modified_Since="yesterday").status == 200
    assert [request.status for request in web.requests] == [200, 304, 304, 304, 200, 200, 200]


def test_several_requests_go_through_one_connection(web: DemoWeb) -> None:
    port = urlsplit(web.proxy_url).port
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        etag = get(web, FLOOD).headers["ETag"]
        statuses = []
        for method, headers in (("GET", {}), ("GET", {"If-None-Match": etag}), ("HEAD", {}), ("GET", {})):
            connection.request(method, FLOOD, headers=headers)
            response = connection.getresponse()
            response.read()
            assert not response.will_close
            statuses.append(response.status)
    assert statuses == [200, 304, 200, 200]


def test_leaving_ends_connections_that_a_client_keeps_open() -> None:
    with DemoWeb() as web:
        client = socket.create_connection(("127.0.0.1", urlsplit(web.proxy_url).port or 0), timeout=10)
        client.sendall(f"HEAD {FLOOD} HTTP/1.1\r\nHost: {HOSTS[0]}\r\n\r\n".encode())
        assert client.recv(12) == b"HTTP/1.1 200"
    with closing(client):
        while client.recv(4096):
            pass  # ends only if the server has hung up


def test_port_that_is_taken_is_a_clear_error(web: DemoWeb) -> None:
    port = urlsplit(web.proxy_url).port
    assert port is not None
    with pytest.raises(NewsbotError, match=f"Port {port} on 127.0.0.1 cannot be opened"), DemoWeb(port):
        pass


def test_proxy_url_before_serving_is_a_clear_error() -> None:
    with pytest.raises(NewsbotError, match="enter it first"):
        _ = DemoWeb().proxy_url


def test_command_says_how_to_crawl_and_ends_on_interrupt() -> None:
    command = [sys.executable, "-W", "error", "-m", "newsbot.demo.web"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            port = child.stdout.readline().split("127.0.0.1:")[1].split(".")[0]
            lines: list[str] = []
            while not (lines and "Ctrl-C" in lines[-1]):
                lines.append(child.stdout.readline())
            assert f"  http_proxy=http://127.0.0.1:{port} newsbot crawl harbour-courier.example" in "".join(lines)
            child.stdin.write("\n")
            child.stdin.flush()
            assert "second edition is out" in child.stdout.readline()
            with closing(http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)) as connection:
                connection.request("GET", LIFEBOAT)
                assert connection.getresponse().status == 200
            child.send_signal(signal.SIGINT)
            assert child.wait(timeout=10) == 0
        finally:
            child.kill()


# What newsbot is told about the papers -------------------------------------------------------------------------------


def test_site_files_are_valid_and_name_sources_that_answer(web: DemoWeb) -> None:
    assert set(site_files()) == {"harbour-courier.example.toml", "lantern-post.example.toml"}
    for name, text in site_files().items():
        site = Site.model_validate({"key": name.removesuffix(".toml"), **tomllib.loads(text)})
        assert site.delay == 0
        for url in (site.home, *site.feeds, *site.sitemaps, *site.sections):
            get(web, url)
        assert all(site.allows(story.url) for story in expected(2).values() if story.site == site.key)


def test_every_story_is_announced_by_the_sources_of_its_site(web: DemoWeb) -> None:
    feed = feedparser.parse(get(web, f"{COURIER}/feed.atom").body)
    news = lastmods(web, f"{POST}/news-sitemap.xml")
    valley = find(get(web, f"{POST}/valley/"), "//a/@href")
    assert {entry.link for entry in feed.entries} == {url for url in expected() if url.startswith(COURIER)}
    assert OLD not in news  # a news sitemap holds two days
    assert urlsplit(OLD).path in valley
    assert {*news, OLD} == {url for url in expected() if url.startswith(POST)}


@pytest.mark.parametrize("site", [COURIER, POST])
def test_robots_forbids_search_and_private_pages_which_the_menu_links_to(web: DemoWeb, site: str) -> None:
    robots = RobotFileParser()
    robots.parse(get(web, f"{site}/robots.txt").body.decode().splitlines())
    (sitemap,) = robots.site_maps() or []
    get(web, sitemap)
    for page in (get(web, f"{site}/"), *(get(web, url) for url in expected() if url.startswith(site))):
        private = find(page, '//a/@href[starts-with(., "/private/")]')
        assert private
        assert not any(robots.can_fetch("newsbot", site + link) for link in private)
    assert not robots.can_fetch("newsbot", f"{site}/search?q=herring")
    assert all(robots.can_fetch("newsbot", url) for url in expected())


# Feeds, sitemaps, pages ----------------------------------------------------------------------------------------------


def test_news_sitemap_tells_title_and_time(web: DemoWeb) -> None:
    entries = list(etree.fromstring(get(web, f"{POST}/news-sitemap.xml").body).iter(f"{SM}url"))
    assert len(entries) == 5
    for entry in entries:
        story = expected()[entry.findtext(f"{SM}loc", "")]
        assert entry.findtext(f"{NEWS}news/{NEWS}title") == story.title
        assert entry.findtext(f"{NEWS}news/{NEWS}publication/{NEWS}name") == "The Lantern Post"
        published = datetime.fromisoformat(entry.findtext(f"{NEWS}news/{NEWS}publication_date", ""))
        assert timedelta(hours=1) < START - published < timedelta(days=2)


@pytest.mark.parametrize("path", ["feed.atom", "rss.xml"])
def test_feeds_parse_and_tell_what_the_stories_are(web: DemoWeb, path: str) -> None:
    feed = feedparser.parse(get(web, f"{COURIER}/{path}").body)
    assert not feed.bozo
    assert feed.feed.title == "The Harbour Courier"
    stories = expected()
    for entry in feed.entries:
        story = stories[entry.id]
        assert entry.title == story.title
        assert entry.summary == story.standfirst
        published = datetime.fromtimestamp(timegm(entry.published_parsed), UTC)
        assert timedelta(hours=1) < START - published < timedelta(days=2)


def test_rss_links_with_tracking_parameters_and_once_to_the_amp_page(web: DemoWeb) -> None:
    feed = feedparser.parse(get(web, f"{COURIER}/rss.xml").body)
    tracked = [entry for entry in feed.entries if "utm_source=" in entry.link]
    assert 2 <= len(tracked) < len(feed.entries)
    for entry in tracked:
        assert get(web, entry.link).body == get(web, entry.id).body
    (amp,) = (entry for entry in feed.entries if "/amp/" in entry.link)
    assert amp.id == HERRING


def test_amp_page_names_the_story_s_own_address_and_has_its_text(web: DemoWeb) -> None:
    page = get(web, HERRING)
    (amp,) = find(page, '//link[@rel="amphtml"]/@href')
    assert urlsplit(amp).path.startswith("/amp/")
    for answer in (page, get(web, amp)):
        assert find(answer, '//link[@rel="canonical"]/@href') == [HERRING]
        assert all(paragraph in texts(answer) for paragraph in expected()[HERRING].paragraphs)


def test_courier_pages_carry_news_article_json_ld_with_offsets(web: DemoWeb) -> None:
    for url, story in expected().items():
        if not url.startswith(COURIER):
            continue
        data = json_ld(get(web, url))
        assert data["@type"] == "NewsArticle"
        assert data["headline"] == story.title
        assert [author["name"] for author in data["author"]] == list(story.authors)  # type: ignore[attr-defined]
        published = datetime.fromisoformat(str(data["datePublished"]))
        assert published.utcoffset() == timedelta(hours=5, minutes=30)
        assert data["dateModified"] == data["datePublished"]


def test_post_pages_have_open_graph_and_a_time_in_the_byline_and_no_more(web: DemoWeb) -> None:
    for url, story in expected().items():
        if not url.startswith(POST):
            continue
        page = get(web, url)
        assert find(page, '//meta[@property="og:title"]/@content') == [story.title]
        assert find(page, '//meta[@property="og:url"]/@content') == [url]
        assert "article:published_time" not in find(page, "//meta/@property")
        (stamp,) = find(page, '//p[@class="by"]/time/@datetime')
        assert datetime.fromisoformat(stamp).utcoffset() == timedelta(hours=4)
        assert bool(find(page, '//script[@type="application/ld+json"]')) == story.paywalled


def test_paywalled_story_stops_after_two_paragraphs(web: DemoWeb) -> None:
    story = expected()[PAYWALLED]
    assert [url for url, other in expected().items() if other.paywalled] == [PAYWALLED]
    assert len(story.paragraphs) == 2
    assert "Subscribe to continue reading" in story.promotional
    answer = get(web, PAYWALLED)
    assert json_ld(answer)["isAccessibleForFree"] is False
    text = answer.body.decode()
    assert text.rindex("enough to sleep on.") < text.index("Subscribe to continue reading")


def test_wire_story_is_on_both_papers_first_on_the_courier(web: DemoWeb) -> None:
    stories = expected()
    original, copy = stories[WIRE], stories[WIRE_COPY]
    assert copy.copy_of == WIRE
    assert original.authors == copy.authors == ("Meridian Wire",)
    assert original.title != copy.title
    dateline, first = copy.paragraphs[0].split(" — ")
    assert "(Meridian Wire)" in dateline
    missing = [text for text in original.paragraphs if text not in (first, *copy.paragraphs[1:])]
    assert len(missing) == 1
    assert len(original.paragraphs) == len(copy.paragraphs) + 1
    (stamp,) = find(get(web, WIRE_COPY), "//time/@datetime")
    published = datetime.fromisoformat(str(json_ld(get(web, WIRE))["datePublished"]))
    assert datetime.fromisoformat(stamp) - published == timedelta(minutes=40)


# Editions ------------------------------------------------------------------------------------------------------------


def test_second_edition_revises_one_story_and_adds_one() -> None:
    first, second = expected(1), expected(2)
    assert set(second) - set(first) == {LIFEBOAT}
    assert set(first) <= set(second)
    changed = [url for url, story in first.items() if story.paragraphs != second[url].paragraphs]
    assert changed == [FLOOD]
    before, after = first[FLOOD], second[FLOOD]
    assert "412 homes" in before.paragraphs[0]
    assert "437 homes" in after.paragraphs[0]
    assert "437 homes" in after.title
    assert len(after.paragraphs) == len(before.paragraphs) + 1


def test_second_edition_is_stamped_with_its_moment(web: DemoWeb, clock: Clock) -> None:
    feed, sitemap = f"{COURIER}/feed.atom", f"{COURIER}/sitemap.xml"
    assert ask(web, LIFEBOAT).status == 404
    page, maps = get(web, FLOOD), lastmods(web, sitemap)
    (entry,) = (entry for entry in feedparser.parse(get(web, feed).body).entries if entry.id == FLOOD)
    assert entry.published == entry.updated

    clock.time = REPRINT
    web.edition = 2
    assert web.edition == 2
    moment = REPRINT.replace(microsecond=0)
    new_page, new_maps = get(web, FLOOD), lastmods(web, sitemap)
    (new_entry,) = (entry for entry in feedparser.parse(get(web, feed).body).entries if entry.id == FLOOD)
    assert new_entry.published == entry.published
    assert datetime.fromisoformat(new_entry.updated) == moment
    assert new_maps == {**maps, FLOOD: moment, LIFEBOAT: moment}
    assert json_ld(new_page)["datePublished"] == json_ld(page)["datePublished"]
    assert datetime.fromisoformat(str(json_ld(new_page)["dateModified"])) == moment
    assert new_page.headers["ETag"] != page.headers["ETag"]
    assert page.last_modified < new_page.last_modified == moment
    answer = ask(web, FLOOD, If_None_Match=page.headers["ETag"], If_Modified_Since=page.headers["Last-Modified"])
    assert answer.status == 200


def test_second_edition_leaves_the_rest_alone(web: DemoWeb, clock: Clock) -> None:
    alike = [f"{COURIER}/robots.txt", f"{POST}/robots.txt", f"{POST}/news-sitemap.xml", f"{POST}/valley/", HERRING]
    before = {url: get(web, url) for url in (*alike, WIRE_COPY)}
    clock.time = REPRINT
    web.edition = 2
    for url in alike:
        assert ask(web, url, If_None_Match=before[url].headers["ETag"]).status == 304
        assert ask(web, url, If_Modified_Since=before[url].headers["Last-Modified"]).status == 304
    # The sidebar of the Post's pages has moved on, the story beside it has not.
    assert ask(web, WIRE_COPY, If_None_Match=before[WIRE_COPY].headers["ETag"]).status == 200
    assert ask(web, WIRE_COPY, If_Modified_Since=before[WIRE_COPY].headers["Last-Modified"]).status == 200
    assert expected(2)[WIRE_COPY].paragraphs == expected(1)[WIRE_COPY].paragraphs
    assert expected(2)[WIRE_COPY].promotional != expected(1)[WIRE_COPY].promotional


def test_edition_set_again_changes_nothing_and_there_is_no_way_back(reprinted: DemoWeb, clock: Clock) -> None:
    before = get(reprinted, FLOOD)
    clock.time += timedelta(hours=1)
    reprinted.edition = 2
    assert get(reprinted, FLOOD).body == before.body
    for edition in (1, 3):
        with pytest.raises(NewsbotError, match=f"Edition {edition} cannot follow edition 2"):
            reprinted.edition = edition


# What is expected of a crawl -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", [1, 2])
def test_pages_hold_the_stories_in_order_and_the_promotion(web: DemoWeb, edition: int) -> None:
    web.edition = edition
    for url, story in expected(edition).items():
        page = texts(get(web, url))
        position = 0
        for text in (story.title, story.standfirst, *story.paragraphs):
            position = page.index(text, position)
        for text in story.promotional:
            assert text in page
            assert text not in "\n".join(story.paragraphs)


def inside(page: str, story: ExpectedStory, *promotions: str) -> bool:
    """Whether the texts stand between the story's first paragraph and its last."""
    first, last = page.index(story.paragraphs[0]), page.index(story.paragraphs[-1])
    return all(text in story.promotional and first < page.index(text) < last for text in promotions)


def test_promotion_stands_in_the_middle_of_the_stories(web: DemoWeb) -> None:
    stories = expected()
    ferry, dairy = (
        f"{COURIER}/harbour/ferry-terminal-closes-eleven-weeks-2041",
        f"{POST}/story/7315/tarnbridge-dairy-bottles-again",
    )
    appeal = ("A word from the editor's desk", "Dear readers,", "10 crowns", "Continue to payment")
    assert inside(texts(get(web, ferry)), stories[ferry], "More from the Courier", *appeal)
    assert inside(texts(get(web, FLOOD)), stories[FLOOD], "Advertisement", "Sign me up", *appeal)
    assert inside(texts(get(web, dairy)), stories[dairy], "Advertisement", "The valley in your pocket:")
    for text in ("Accept all cookies", "Copy link to this story", "Join the conversation"):
        assert text in stories[FLOOD].promotional
    assert any(text.startswith("©") for text in stories[FLOOD].promotional)
    assert "As it happens in the valley" in stories[dairy].promotional


def test_stories_are_of_a_length_that_newspapers_print() -> None:
    for story in expected(2).values():
        assert 150 <= sum(len(text.split()) for text in story.paragraphs) <= 400
    sites = [story.site for story in expected().values()]
    assert sites.count("harbour-courier.example") == sites.count("lantern-post.example") == 6
