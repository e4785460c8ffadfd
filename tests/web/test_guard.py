"""Who may ask, under which name, and what an answer tells browsers to refuse."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.config import Settings
from newsbot.errors import ConfigError
from newsbot.store import Store
from newsbot.web import Serving
from newsbot.web.guard import LONGEST_TARGET, local
from tests.store.build import story
from tests.web.visiting import Visitor, served

TOKEN = "long-enough-and-secret"
BASIC = base64.b64encode(f"anyone:{TOKEN}".encode()).decode()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("served") / "newsbot.db"
    with Store.open(f"sqlite:///{file}") as opened:
        opened.keep(story(1))
    return file


@pytest.fixture(scope="module")
def opened(filled: Path) -> Iterator[Visitor]:
    with served(f"sqlite:///{filled}", filled.parent, Serving(names=("news.example",))) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def locked(filled: Path) -> Iterator[Visitor]:
    with served(f"sqlite:///{filled}", filled.parent, Serving(token=TOKEN)) as visitor:
        yield visitor


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:9", "[::1]:80", "LOCALHOST:1", "news.example", "News.Example:443"]
)
def test_it_answers_to_its_own_names(opened: Visitor, host: str) -> None:
    assert opened.get("/", Host=host).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[::2]", "a:b:c"])
def test_a_page_whose_name_was_bent_to_this_machine_is_told_nothing(opened: Visitor, host: str) -> None:
    answer = opened.get("/", Host=host)
    assert answer.status == 421
    assert b"Headline" not in answer.body


def test_others_reach_it_with_a_token_alone() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "news.example"):
        with pytest.raises(ConfigError, match=r"--token"):
            Serving(host=host)
        Serving(host=host, token=TOKEN)
    for host in ("127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2"):
        Serving(host=host)
    with pytest.raises(ConfigError, match="16 characters"):
        Serving(token="short")


# -- the token ---------------------------------------------------------------------------------------------------------


def test_without_the_token_nothing_is_told(locked: Visitor) -> None:
    for path in ("/", "/story/1", "/feed.atom", "/metrics", "/api/v1/stories", "/api/v1/openapi.json", "/nix"):
        answer = locked.get(path)
        assert answer.status == 401
        assert "Basic" in answer.headers["www-authenticate"]
        assert b"Headline" not in answer.body


@pytest.mark.parametrize("said", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Basic {BASIC}"])
def test_with_it_all_is_told(locked: Visitor, said: str) -> None:
    assert locked.get("/", Authorization=said).status == 200


@pytest.mark.parametrize("said", [f"Bearer {TOKEN}x", "Bearer", "Basic ???", f"Basic {TOKEN}", f"Digest {TOKEN}", "ä"])
def test_with_another_nothing(locked: Visitor, said: str) -> None:
    assert locked.get("/", Authorization=said).status == 401


def test_a_browser_is_asked_for_it_and_keeps_a_cookie(locked: Visitor) -> None:
    sent = locked.get("/?q=a", Accept="text/html,*/*")
    assert (sent.status, sent.headers["location"]) == (303, "/login?next=%2F%3Fq%3Da")
    asked = locked.get(sent.headers["location"], Accept="text/html")
    assert asked.page.xpath("//form[@method='post']//input[@name='next']/@value") == ["/?q=a"]
    wrong = locked.ask("POST", "/login", urlencode({"token": "guess", "next": "/?q=a"}).encode())
    assert (wrong.status, "set-cookie" in wrong.headers) == (403, False)
    right = locked.ask("POST", "/login", urlencode({"token": TOKEN, "next": "/?q=a"}).encode())
    assert (right.status, right.headers["location"]) == (303, "/?q=a")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert TOKEN not in cookie
    kept = cookie.partition(";")[0]
    assert locked.get("/", Cookie=kept).status == 200
    assert locked.get("/", Cookie=kept + "0").status == 401
    assert locked.get("/", Cookie=f"newsbot={TOKEN}").status == 401


def test_a_form_that_is_too_large_is_not_read(locked: Visitor) -> None:
    assert locked.ask("POST", "/login", urlencode({"token": TOKEN, "x": "y" * 5_000}).encode()).status == 403


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil",
     "/\t/evil.example", "///evil.example", "/\r\nSet-Cookie: a=b", ""],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(locked: Visitor, target: str) -> None:
    body = urlencode({"token": TOKEN, "next": target}).encode()
    assert locked.ask("POST", "/login", body).headers["location"] == "/"
    page = locked.get(f"/login?next={quote(target)}").page
    assert page.xpath("//input[@name='next']/@value") == ["/"]


@given(st.text(max_size=30))
def test_where_one_is_sent_begins_with_one_slash(target: str) -> None:
    sent = local(target)
    assert sent.startswith("/")
    assert sent[1:2] not in ("/", "\\")


# -- what is too much --------------------------------------------------------------------------------------------------


def test_it_can_only_be_read(opened: Visitor) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        for path in ("/", "/api/v1/stories", "/story/1"):
            answer = opened.ask(method, path)
            assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_addresses_have_a_bound(opened: Visitor) -> None:
    assert opened.get("/?q=" + "x" * LONGEST_TARGET).status == 414
    assert opened.get("/", wanted={"q": "x" * 1001}).status == 400
    assert opened.get("/", wanted={"site": ["a.example"] * 51}).status == 400
    assert opened.get("/", wanted={"q": " ".join(f"word{n}" for n in range(100))}).status == 400


def test_a_question_that_takes_too_long_is_cancelled_and_told(filled: Path) -> None:
    many = filled.with_name("many.db")
    with Store.open(f"sqlite:///{many}") as opened:
        for number in range(200):
            opened.keep(story(number))
    with served(f"sqlite:///{many}", filled.parent, patience=0.0) as impatient:
        page, told = impatient.get("/api/v1/stats?since=2020-01-01"), impatient.get("/?q=a*+b*+OR+c*&copies=1")
        for answer in (page, told):
            if answer.status != 200:  # SQLite looks at the clock only after a while: little is done before
                assert answer.status == 503
                assert "did not answer within" in answer.text


# -- what browsers are told --------------------------------------------------------------------------------------------


def test_all_answers_forbid_what_is_not_ours(opened: Visitor, locked: Visitor) -> None:
    answers = [
        opened.get(path) for path in ("/", "/story/1", "/nix", "/api/v1/nix", "/feed.atom", "/static/newsbot.js")
    ]
    answers += [opened.get("/", Host="evil.example"), locked.get("/"), opened.ask("POST", "/")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["x-frame-options"] == "DENY"


def test_no_page_needs_what_the_policy_forbids(opened: Visitor) -> None:
    for path in ("/", "/story/1", "/sites", "/sites/a.example", "/runs", "/health", "/api/v1/", "/login", "/nix"):
        page = opened.get(path).page
        assert page.xpath("//script[not(@src)] | //style | //*[@style] | //@*[starts-with(name(), 'on')]") == []
        for address in page.xpath("//script/@src | //link/@href | //img/@src"):
            assert address.startswith("/")


def test_answers_are_tagged_and_not_sent_twice(opened: Visitor) -> None:
    for path in ("/sites", "/story/1", "/api/v1/stories", "/feed.rss", "/metrics"):
        first = opened.get(path)
        assert first.headers["cache-control"] == "private, no-cache"
        again = opened.get(path, If_None_Match=f'"other", W/{first.headers["etag"]}')
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert opened.get(path, If_None_Match='"other"').body == first.body
    assert "etag" not in opened.get("/nix").headers
    assert opened.ask("HEAD", "/sites").headers["etag"] == opened.get("/sites").headers["etag"]
    assert "etag" not in opened.get("/").headers, "a stream"


def test_static_files_are_kept_for_ever_under_their_digest(opened: Visitor) -> None:
    for address in opened.get("/").page.xpath("//script/@src | //link[@rel='stylesheet' or @rel='icon']/@href"):
        answer = opened.get(address)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
    assert opened.get("/static/../app.py").status == 404
    assert opened.get("/static/%2e%2e/app.py").status == 404


def test_the_token_is_a_secret_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, serve_token=TOKEN)
    assert TOKEN not in repr(settings)
    assert TOKEN in settings.secrets
