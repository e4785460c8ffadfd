"""Addresses: which are one story, which are two, and what is left of them to show."""

from __future__ import annotations

import string
import time
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.fingerprint import (
    canonicalise,
    id_key,
    identity_keys,
    registered_domain,
    trusted_canonical,
    untracked,
    url_key,
    waypoints,
)
from newsbot.fingerprint.urls import LONGEST, LONGEST_KEY

ONE_STORY = [
    # how it was reached
    ("http://news.example.com/world/harbour-reopens-4711", "https://news.example.com/world/harbour-reopens-4711"),
    ("https://www.example.com/world/harbour-reopens", "https://example.com/world/harbour-reopens"),
    ("https://WWW.Example.COM/world/harbour-reopens", "https://www.example.com/world/harbour-reopens"),
    ("https://www.example.com:443/a/b-c", "http://www.example.com:80/a/b-c"),
    ("https://www2.example.co.uk/sport/late-winner", "https://example.co.uk/sport/late-winner"),
    ("https://m.example.com.au/politics/budget-vote-20451", "https://www.example.com.au/politics/budget-vote-20451"),
    ("https://mobile.example.de/panorama/sturm-a-9911.html", "https://www.example.de/panorama/sturm-a-9911.html"),
    ("https://mobil.example.de/panorama/sturm-a-9911.html", "https://m.example.de/panorama/sturm-a-9911.html"),
    ("https://wap.example.cn/a/20240503", "https://3g.example.cn/a/20240503"),
    ("https://touch.example.com/tech/chip-shortage", "https://example.com/tech/chip-shortage"),
    ("https://pda.example.ru/politics/2024/05/03/1234/", "https://www.example.ru/politics/2024/05/03/1234/"),
    ("https://example.com./tech/chip-shortage", "https://example.com/tech/chip-shortage"),
    ("https://reader:secret@example.com/tech/chip-shortage", "https://example.com/tech/chip-shortage"),
    ("https://münchner-blatt.de/stadt/brücke", "https://xn--mnchner-blatt-wob.de/stadt/br%C3%BCcke"),
    # where the reader came from
    ("https://example.com/a/tide-turns?utm_source=rss&utm_medium=feed", "https://example.com/a/tide-turns"),
    ("https://example.com/a/tide-turns?fbclid=IwAR0abc", "https://example.com/a/tide-turns?gclid=Cj0KCQ"),
    ("https://example.com/news/uk-60012345?at_medium=RSS&at_campaign=KARANGA", "https://example.com/news/uk-60012345"),
    ("https://example.com/news/uk-60012345?ns_mchannel=rss&ns_campaign=x", "https://example.com/news/uk-60012345"),
    ("https://example.com/2024/may/03/rail-strike?CMP=Share_iOSApp_Other", "https://example.com/2024/may/03/rail-strike"),
    ("https://example.com/2024/05/03/us/flood.html?smid=tw-share&smtyp=cur", "https://example.com/2024/05/03/us/flood.html"),
    ("https://example.fr/monde/article/2024/05/03/vote_623.html?xtor=RSS-3208", "https://example.fr/monde/article/2024/05/03/vote_623.html"),
    ("https://example.com/articles/SB1084?mod=hp_lead", "https://example.com/articles/SB1084"),
    ("https://example.com/articles/SB1084?mod=rss", "https://example.com/articles/SB1084"),
    ("https://example.com/news/article-1234567/Storm.html?ito=social-twitter", "https://example.com/news/article-1234567/Storm.html"),
    ("https://example.com/news/storm?mc_cid=1a2b3c&mc_eid=4d5e6f", "https://example.com/news/storm"),
    ("https://example.ru/politics/2024/05/03/1234/?yclid=998877", "https://example.ru/politics/2024/05/03/1234/"),
    ("https://example.com/news/storm?ref=rss", "https://example.com/news/storm?source=twitter_share"),
    ("https://example.com/news/storm?r=rss", "https://example.com/news/storm?src=app_push"),
    ("https://example.com/news/storm?ref=other-site.example.org", "https://example.com/news/storm"),
    ("https://example.cn/a/20240503?spm=a2c4g.11186623&from=timeline&isappinstalled=0", "https://example.cn/a/20240503"),
    ("https://example.de/artikel/bahn?wt_mc=sm.feed&wt.mc_id=x", "https://example.de/artikel/bahn"),
    ("https://example.pl/wiadomosci/burza?pk_campaign=news&pk_kwd=a", "https://example.pl/wiadomosci/burza"),
    ("https://example.com/news/storm?ref_src=twsrc%5Etfw", "https://example.com/news/storm"),
    ("https://example.com/news/storm?_ga=2.1.3-4&igshid=MzRl", "https://example.com/news/storm"),
    ("https://example.com/news/storm?_hsenc=p2AN&_hsmi=300&hsCtaTracking=1", "https://example.com/news/storm"),
    ("https://example.com/story?id=88&amp;utm_source=rss&amp;page=2", "https://example.com/story?page=2&id=88"),
    ("https://example.com/news/storm#comments", "https://example.com/news/storm#:~:text=gale"),
    # sessions
    ("https://example.com/news/storm.do;jsessionid=0A1B2C?id=7", "https://example.com/news/storm.do?id=7"),
    ("https://example.com/news.php?id=7&PHPSESSID=9f8e7d", "https://example.com/news.php?id=7"),
    # AMP
    ("https://example.com/news/storm-hits-coast/amp/", "https://example.com/news/storm-hits-coast/"),
    ("https://example.com/news/storm-hits-coast/amp", "https://example.com/news/storm-hits-coast"),
    ("https://example.com/amp/news/storm-hits-coast", "https://example.com/news/storm-hits-coast"),
    ("https://amp.example.com/news/storm-hits-coast", "https://www.example.com/news/storm-hits-coast"),
    ("https://example.com/news/storm-hits-coast?amp", "https://example.com/news/storm-hits-coast?amp=1"),
    ("https://example.com/news/storm-hits-coast?outputType=amp", "https://example.com/news/storm-hits-coast"),
    ("https://example.de/panorama/sturm-123.amp.html", "https://example.de/panorama/sturm-123.html"),
    ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/news/storm/amp/?amp_js_v=0.1", "https://example.com/news/storm"),
    ("https://example-com.cdn.ampproject.org/v/s/amp.example.com/news/storm?usqp=mq331AQ", "https://example.com/news/storm"),
    ("https://www.google.com/amp/s/www.example.com/amp/news/storm", "https://www.example.com/news/storm"),
    ("https://m.google.com/amp/s/www.example.com/news/storm", "https://www.example.com/news/storm"),
    ("https://www.google.co.uk/amp/s/www.example.com/news/storm", "https://www.example.com/news/storm"),
    ("https://www-example-com.cdn.ampproject.org/c/www.example.com/news/storm", "https://example.com/news/storm"),
    ("https://www.google.com/amp/www.example.com/news/storm", "https://www.example.com/news/storm"),
    ("https://example.com/.amp/2024/05/storm", "https://example.com/2024/05/storm"),
    ("https://example.ua/rus/news/2024/05/3/7412345/index.amp", "https://example.ua/rus/news/2024/05/3/7412345/"),
    # one of its comments is answered
    ("https://example.com/2024/05/storm/?replytocom=12", "https://example.com/2024/05/storm/"),
    # all of its pages as one
    ("https://example.id/read/2024/05/03/badai?page=all", "https://example.id/read/2024/05/03/badai"),
    ("https://example.de/news/Sturm-9691259.html?seite=all", "https://example.de/news/Sturm-9691259.html"),
    ("https://example.com/archive/storm/4711/?single_page=true", "https://example.com/archive/storm/4711/"),
    # print
    ("https://example.com/news/storm?print=1", "https://example.com/news/storm"),
    ("https://example.com/news/storm/print/", "https://example.com/news/storm"),
    ("https://example.com/news/storm?view=print", "https://example.com/news/storm"),
    ("https://example.com/2024/05/03/us/flood.html?pagewanted=all", "https://example.com/2024/05/03/us/flood.html"),
    # how it was written
    ("https://example.com/news/storm/", "https://example.com/news/storm"),
    ("https://example.com//news///storm", "https://example.com/news/storm"),
    ("https://example.com/news/storm/index.html", "https://example.com/news/storm/"),
    ("https://example.com/index.php?p=5", "https://example.com/?p=5"),
    ("https://example.com/news/../news/./storm", "https://example.com/news/storm"),
    ("https://example.com/news/%7Estorm%2dfront", "https://example.com/news/~storm-front"),
    ("https://example.com/caf%c3%a9", "https://example.com/café"),
    ("https://example.com/cafe\u0301", "https://example.com/caf\u00e9"),
    ("https://example.kr/%E1%84%91%E1%85%A9%E1%86%BC", "https://example.kr/\ud401"),
    ("https://example.com/?s=cafe%CC%81", "https://example.com/?s=caf%C3%A9"),
    ("https://example.com:0443/news/storm", "https://example.com/news/storm"),
    ("https://example.com/news/storm?", "https://example.com/news/storm?&"),
    ("https://example.com/story?b=2&a=1", "https://example.com/story?a=1&b=2"),
    ("https://example.com/search?q=storm%20front", "https://example.com/search?q=storm+front"),
    ("  https://example.com/news/sto\nrm \t", "https://example.com/news/storm"),
    ("https:\\\\example.com\\news\\storm", "https://example.com/news/storm"),
]  # fmt: skip

TWO_STORIES = [
    ("https://example.com/?p=1201", "https://example.com/?p=1202"),
    ("https://example.com/story?id=1", "https://example.com/story?id=2"),
    ("https://example.com/story.php?sid=24/05/03/1", "https://example.com/story.php?sid=24/05/03/2"),
    ("https://example.com/view?cid=7", "https://example.com/view?cid=1"),
    ("https://example.com/view?article=storm", "https://example.com/view?article=calm"),
    ("https://example.com/view?ref=storm-hits-coast-4711", "https://example.com/view?ref=calm-returns-4712"),
    ("https://example.com/view?ref=4711", "https://example.com/view"),
    ("https://example.com/view?source=storm.html", "https://example.com/view?source=calm.html"),
    ("https://example.com/view?from=20240503", "https://example.com/view?from=20240504"),
    ("https://example.com/print.php?print=4711", "https://example.com/print.php?print=4712"),
    ("https://example.com/live/storm?page=1", "https://example.com/live/storm?page=2"),
    ("https://example.com/watch?v=aBcDe", "https://example.com/watch?v=AbCdE"),
    ("https://example.com/a/Xk3q", "https://example.com/a/xk3q"),
    ("https://example.com/news/storm", "https://example.org/news/storm"),
    ("https://sport.example.com/storm", "https://www.example.com/storm"),
    ("https://example.com/news/storm-1", "https://example.com/news/storm-2"),
    ("https://us.example.com/news/storm", "https://uk.example.com/news/storm"),
    ("https://edition.example.com/news/storm", "https://example.com/news/storm"),
    ("https://text.example.com/100", "https://www.example.com/100"),
    ("https://lite.example.com/2024/storm", "https://www.example.com/2024/storm"),
    ("https://example.com/es/storm", "https://example.com/en/storm"),
    ("https://example.com/storm-1234.html?page=1", "https://example.com/storm-1234.html?page=2"),
    ("https://example.com/storm-1234.html?page=2", "https://example.com/storm-1234.html"),
    ("https://example.com/storm/2", "https://example.com/storm"),
    ("https://example.com/?p=all", "https://example.com/?p=allergy"),
    ("https://example.com/storm;v=1", "https://example.com/storm;v=2"),
    ("https://example.com/a+b", "https://example.com/a%20b"),
    ("https://example.com/%2541", "https://example.com/A"),
    ("https://example.com/caf%E9", "https://example.com/caf%E8"),
    ("https://example.com/o%CC%82", "https://example.com/o%CC%88"),
    ("https://example.com/news/amplifier", "https://example.com/news/lifier"),
    ("https://example.com/news/printing", "https://example.com/news"),
    ("https://example.com/news/index-funds.html", "https://example.com/news/"),
    ("https://example.com/camp", "https://example.com/"),
    ("https://example.com:8080/news/storm", "https://example.com/news/storm"),
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ("https://example.com/?story=a%26b", "https://example.com/?story=a&b"),
    ("https://example.com/ref/4711", "https://example.com/4711"),
    ("https://m.co.uk/storm", "https://mobile.co.uk/storm"),
    ("https://one.blogspot.com/2024/05/storm.html", "https://two.blogspot.com/2024/05/storm.html"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), ONE_STORY)
def test_one_story(a: str, b: str) -> None:
    assert url_key(a) == url_key(b)


@pytest.mark.parametrize(("a", "b"), TWO_STORIES)
def test_two_stories(a: str, b: str) -> None:
    assert url_key(a) != url_key(b)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("HTTPS://WWW.Example.com", "https://www.example.com/"),
        ("https://example.com/A/b/?utm_campaign=x", "https://example.com/A/b/"),
        ("https://example.com/s?z=1&fbclid=a&a=2&utm_source=b", "https://example.com/s?z=1&a=2"),
        ("https://example.com/s?id=", "https://example.com/s?id="),
        ("https://example.com/100%-storm", "https://example.com/100%25-storm"),
        ("https://example.com/a b|c", "https://example.com/a%20b%7Cc"),
        ("https://example.com/%e4%b8%ad", "https://example.com/%E4%B8%AD"),
        ("https://straße.example.de/", "https://xn--strae-oqa.example.de/"),
        ("http://[2001:DB8::0001]:80/a", "http://[2001:db8::1]/a"),
        ("https://example.com/../../a", "https://example.com/a"),
        ("https://m.example.com/a/amp/", "https://m.example.com/a/amp/"),
        ("http://example.com:443/", "http://example.com:443/"),
    ],
)
def test_address_to_show(url: str, shown: str) -> None:
    assert canonicalise(url) == shown


def test_key_is_readable() -> None:
    assert (
        url_key("https://www.example.com/News/Storm/?utm_source=x&id=7&Part=2#top")
        == "example.com/News/Storm?Part=2&id=7"
    )
    assert url_key("https://www.example.com") == "example.com/"


@pytest.mark.parametrize(
    "url",
    [
        "", "storm", "/news/storm", "//example.com/storm", "ftp://example.com/storm", "mailto:desk@example.com", "https://",
        "https:///storm", "https://?id=1", "javascript:alert(1)", "file:///etc/hosts", "https://exa mple.com/", "http://[::1/",
        "http://[zz]/", "https://example.com:port/", "https://example.com:65536/", "https://a..b.com/", "https://%ff.com/",
        "https://" + "ü" * 300 + ".de/", "https://" + "a." * 130 + "com/", "https://example.com:" + "0" * 5000 + "x/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_named_in_the_error(url: str) -> None:
    for function in (canonicalise, url_key):
        with pytest.raises(ValueError, match="address") as error:
            function(url)
        assert repr(url) in str(error.value)
    assert registered_domain(url) == ""


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.news.example.co.uk/a", "example.co.uk"),
        ("https://example.com/", "example.com"),
        ("https://someone.github.io/storm", "someone.github.io"),
        ("https://blogspot.com/", "blogspot.com"),
        ("http://192.0.2.7:8000/a", "192.0.2.7"),
        ("http://[2001:db8::1]/a", "2001:db8::1"),
        ("http://localhost/a", ""),
        ("http://news.desk.lan/a", "desk.lan"),
        ("http://lan.example/a", "lan.example"),
        ("http://co.uk/", ""),
        ("https://стол.рф/а", "xn--k1afie.xn--p1ai"),
    ],
)
def test_registered_domain(url: str, domain: str) -> None:
    assert registered_domain(url) == domain


STORY = "https://www.example.com/world/2024/05/03/storm-hits-the-coast?utm_source=rss"


@pytest.mark.parametrize(
    ("url", "said", "believed"),
    [
        (STORY, "https://www.example.com/2024/storm-hits-the-coast-4711", "https://www.example.com/2024/storm-hits-the-coast-4711"),
        (STORY, "/2024/storm-hits-the-coast-4711?fbclid=1", "https://www.example.com/2024/storm-hits-the-coast-4711"),
        (STORY, "https://static.example.com/s/4711", "https://static.example.com/s/4711"),
        ("https://m.example.com/a/storm/amp/", "https://www.example.com/a/storm", "https://www.example.com/a/storm"),
        ("https://example.com/?p=7", "https://example.com/2024/storm/", "https://example.com/2024/storm/"),
        (STORY, None, canonicalise(STORY)),
        (STORY, "  ", canonicalise(STORY)),
        (STORY, "https://www.example.com/", canonicalise(STORY)),
        (STORY, "/", canonicalise(STORY)),
        (STORY, "https://www.example.com/world/", canonicalise(STORY)),
        (STORY, "https://www.example.com/arts-and-life", canonicalise(STORY)),
        (STORY, "https://other.example.org/storm-hits-the-coast", canonicalise(STORY)),
        (STORY, "javascript:void(0)", canonicalise(STORY)),
        (STORY, "http://[broken", canonicalise(STORY)),
        ("https://www.example.com/?utm_source=x", "https://example.com/", "https://example.com/"),
        ("https://m.example.com/world", "https://www.example.com/world/", "https://www.example.com/world/"),
        ("https://one.blogspot.com/2024/storm.html", "https://two.blogspot.com/2024/storm.html", "https://one.blogspot.com/2024/storm.html"),
        ("http://127.0.0.1:8000/a/storm-1", "http://127.0.0.1:8000/b/storm-1", "http://127.0.0.1:8000/b/storm-1"),
        ("http://localhost/a/storm-1", "http://localhost/b/storm-1", "http://localhost/b/storm-1"),
    ],
)  # fmt: skip
def test_trusted_canonical(url: str, said: str | None, believed: str) -> None:
    assert trusted_canonical(url, said) == believed


@pytest.mark.parametrize(
    ("url", "said", "believed"),
    [
        # a later page of a story is not its first
        ("https://example.com/a/storm?page=2", "https://example.com/a/storm", False),
        ("https://example.com/a/storm?id=7&seite=12", "https://example.com/a/storm?id=7", False),
        ("https://example.com/a/storm/2", "https://example.com/a/storm/", False),
        ("https://example.com/a/storm/page/2/", "https://example.com/a/storm/", False),
        ("https://example.com/a/storm-4711-2.html", "https://example.com/a/storm-4711.html", False),
        ("https://example.com/a/storm-4711,seite-3.html", "https://example.com/a/storm-4711.html", False),
        ("https://example.com/a/storm-4711?page=1", "https://example.com/a/storm-4711", True),
        ("https://example.com/a/storm-4711?page=0", "https://example.com/a/storm-4711", True),
        ("https://example.com/a/storm?page=2", "https://example.com/a/storm?page=2", True),
        ("https://example.com/a/storm?page=2", "https://example.com/b/storm-4711", True),
        ("https://example.com/?p=72", "https://example.com/2024/storm", True),
        # another edition is another story
        ("https://example.com/es/storm-4711", "https://example.com/en/storm-4711", False),
        ("https://example.com/es-mx/tormenta", "https://example.com/en-US/storm", False),
        ("https://us.example.com/2024/storm", "https://uk.example.com/2024/storm", False),
        ("https://us.example.com/2024/storm", "https://www.example.com/2024/storm", True),
        ("https://example.com/en/2024/storm", "https://example.com/2024/storm", True),
        ("https://example.com/en-US/2024/storm", "https://example.com/en-us/2024/storm", True),
        ("https://edition.example.com/2024/storm", "https://www.example.com/2024/storm", True),
        ("https://tv.example/es/a-4711", "https://tv.example/news/a-4711", True),
    ],
)
def test_a_later_page_and_another_edition_are_not_given_up_for_what_they_claim(
    url: str, said: str, believed: bool
) -> None:
    assert trusted_canonical(url, said) == (said if believed else url)


LED = "https://www.example.com/2024/05/03/storm-hits-the-coast"


@pytest.mark.parametrize(
    ("passed", "own"),
    [
        ("https://example.com/?p=4711", True),
        ("http://m.example.com/node/471033", True),
        ("https://old.example.com/archive/storm-hits-the-coast", True),
        ("https://example.com/2024/05/03/how-we-login-to-consent", True),
        ("https://go.example.net/4711", False),
        ("https://consent.example.org/?to=storm-4711", False),
        ("https://consent.example.com/2024/05/03/storm-hits-the-coast", False),
        ("https://example.com/login?next=/2024/05/03/storm-hits-the-coast", False),
        ("https://example.com/users/sign-in.php?client=4711", False),
        ("https://example.com/silent-login/4711", False),
        ("https://example.com/", False),
        ("https://example.com/?nocookie=1", False),
        ("https://example.com/privacy/gate", False),
        ("https://example.com/world/europe", False),
        ("https://exa mple.com/2024/05/03/storm-hits-the-coast", False),
        (LED + "?utm_source=rss", False),  # an end of the way, not between
    ],
)
def test_what_lies_on_the_way_to_a_story_is_its_own_address_or_everybodys(passed: str, own: bool) -> None:
    assert waypoints("https://feeds.example.org/4711", LED, [passed]) == ((passed,) if own else ())


def test_the_way_is_told_in_order_and_each_address_once() -> None:
    way = ["https://example.com/a-4711", "http://example.com/a-4711/", "https://example.com/b-4711", LED]
    assert waypoints("https://example.com/c-4711", LED, way) == (way[0], way[2])


def test_the_old_domain_of_a_site_that_has_moved_is_its_own() -> None:
    way = ["https://old.example.org/2019/05/03/storm"]
    assert waypoints("http://www.example.org/storm-4711", LED, way) == tuple(way)


def test_a_number_of_the_site_is_an_identity_that_no_address_has() -> None:
    assert id_key("example.com", "4711") == "example.com/#id=4711"
    assert id_key("example.com", "a/b#c") == "example.com/#id=a%2Fb%23c"
    assert identity_keys("https://www.example.com/storm-4711", "example.com", "4711") == (
        "example.com/storm-4711",
        "example.com/#id=4711",
    )
    assert identity_keys("https://www.example.com/about", "example.com", "") == ("example.com/about",)


@settings(deadline=None)
@given(st.text(), st.text(min_size=1))
def test_no_address_has_the_key_of_a_number(path: str, number: str) -> None:
    url = "http://example.com/" + path
    if _is_address(url):
        assert "#" not in url_key(url)
    assert id_key("example.com", number).count("#") == 1


_MUCH = 7_900
HOSTILE = [
    "https://e.example/a" + ".amp" * (_MUCH // 4),
    "https://e.example/a" + ".amp.html" * (_MUCH // 9),
    "https://e.example/" + "amp/print/" * (_MUCH // 10),
    "https://e.example/?" + "amp;" * (_MUCH // 4) + "id=1",
    "https://e.example/?" + "&".join(f"p{n}={n}" for n in range(_MUCH // 12)),
    "https://e.example/?ref=" + "a." * (_MUCH // 2),
    "https://e.example/" + "a/../" * (_MUCH // 5),
    "https://e.example/" + ";jsessionid=a" * (_MUCH // 13),
    "https://e.example/storm" + "/2" * (_MUCH // 2),
    "https://a.cdn.ampproject.org" + "/c/s/a.cdn.ampproject.org" * (_MUCH // 25),
    "https://" + "www." * 60 + "e.example/",
]


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: url[8:40])
def test_no_address_takes_long_or_has_a_long_key(url: str) -> None:
    began = time.process_time()
    key = url_key(url)
    trusted_canonical(url, url)
    assert time.process_time() - began < 1
    assert len(key) <= LONGEST_KEY
    assert url_key("http://" + key) == key


@pytest.mark.parametrize("url", ["https://example.com/" + "a" * LONGEST, "https://example.com/" + "ü" * (LONGEST // 3)])
def test_what_no_server_would_take_is_no_address(url: str) -> None:
    for function in (canonicalise, url_key):
        with pytest.raises(ValueError, match="address of more than 8000 characters") as error:
            function(url)
        assert len(str(error.value)) < 250


def test_long_addresses_that_differ_at_their_end_are_two() -> None:
    long = "https://www.example.com/" + "a" * 5000
    assert url_key(long) != url_key(long + "b")
    assert url_key(long) == url_key(long + "/?utm_source=rss")
    assert url_key(long).startswith("example.com/~")


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "M", "N"]), max_size=20))
def test_decomposed_letters_are_the_composed_ones(word: str) -> None:
    written = {url_key("https://example.com/a/" + quote(unicodedata.normalize(f, word))) for f in ("NFC", "NFD")}
    assert len(written) == 1


_TRIMMED = "".join(map(chr, range(33)))
_PIECES = (
    "amp AMP .amp .amp.html amp.amp ..amp print index.html index.php s c story-1 .. . %2e%2E % %zz %7e %2F %61mp ä \\ "
    ";jsessionid=1 www.example.com com & amp; amp;amp;id=1"
).split()
_HOSTS = (
    "example.com www.m.example.co.uk m.co.uk www.amp.m.www2.example.com x.cdn.ampproject.org amp.x.cdn.ampproject.org "
    "www.google.com google.de localhost 192.0.2.1 [::1] www.blogspot.com m.one.blogspot.com BÜCHER.example "
    "a_b.example.com."
).split()
_QUERIES = (
    "id=1 amp amp=1 utm_x=1 amp;id=2 print=1 ref=rss ref=a%20b b+c=%20 % = é=ü & view=print x=?/ output=amp"
).split()

addresses = st.builds(
    "{}://{}{}/{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(_HOSTS),
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=5)), max_size=6).map("/".join),
    st.lists(st.one_of(st.sampled_from(_QUERIES), st.text(max_size=5)), max_size=4).map(
        lambda q: "?" + "&".join(q) if q else ""
    ),
    st.sampled_from(["", "#top"]),
)


@settings(deadline=None)
@given(addresses)
def test_done_twice_changes_nothing(url: str) -> None:
    canonical, key = canonicalise(url), url_key(url)
    assert canonicalise(canonical) == canonical
    assert url_key(canonical) == key
    assert url_key("http://" + key) == key
    assert url_key("https://" + key) == key
    assert canonical.isascii()
    assert "#" not in canonical


@settings(deadline=None)
@given(
    addresses,
    st.sampled_from(["utm_source=a", "fbclid=b", "gclid=c", "at_medium=d", "ref=newsletter", "CMP=e", "xtor=f"]),
)
def test_tracking_never_makes_another_story(url: str, tracking: str) -> None:
    bare = url.partition("#")[0].strip(_TRIMMED)
    assert url_key(bare + ("&" if "?" in bare else "?") + tracking) == url_key(bare)


@settings(deadline=None)
@given(
    addresses,
    st.text(string.digits, min_size=2, max_size=9),
    st.sampled_from(["id", "p", "article", "story", "page", "sid", "cid"]),
)
def test_identifiers_always_do(url: str, number: str, name: str) -> None:
    bare = url.partition("#")[0].strip(_TRIMMED)
    first, second = (bare + ("&" if "?" in bare else "?") + f"{name}={n}" for n in (number, number + "0"))
    assert url_key(first) != url_key(second)


def _is_address(url: str) -> bool:
    try:
        canonicalise(url)
    except ValueError:
        return False
    return True


@settings(deadline=None)
@given(st.one_of(st.text(), st.text().map("https://".__add__), st.text().map("http://example.com/".__add__)), st.text())
def test_any_string_is_an_address_or_a_value_error(url: str, said: str) -> None:
    if _is_address(url):
        assert _is_address(trusted_canonical(url, said))
        assert url_key("http://" + url_key(url)) == url_key(url) == url_key(canonicalise(url))
    else:
        with pytest.raises(ValueError, match="address"):
            url_key(url)
        assert registered_domain(url) == ""


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("https://paper.example/a?utm_source=rss&utm_medium=feed", "https://paper.example/a"),
        ("https://paper.example/a?id=7&utm_source=rss", "https://paper.example/a?id=7"),
        ("https://paper.example/a?utm_source=rss&amp;utm_medium=x&x=#top", "https://paper.example/a?x=#top"),
        ("https://paper.example/a?ref=rss&id=", "https://paper.example/a?ref=rss&id="),
        ("https://paper.example/a#utm_source=rss", "https://paper.example/a#utm_source=rss"),
        ("https://paper.example/a", "https://paper.example/a"),
    ],
)
def test_an_address_is_asked_for_without_analytics_and_otherwise_as_written(said: str, asked: str) -> None:
    assert untracked(said) == asked


def test_a_canonical_address_beyond_all_measure_is_not_believed() -> None:
    assert trusted_canonical("https://a.example/news/1", "/news/" + "x" * 5000) == "https://a.example/news/1"
