"""A crawl that is watched: alarms told once and taken back, the sign of life, metrics, the log; all on loopback."""

from __future__ import annotations

import json
import socketserver
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from newsbot import notify
from newsbot.config import load
from newsbot.store import Store
from tests.crawl.web import Answer, Web, feed, page, site_file
from tests.running import DEADLINE, Ended, Home, closed_port

HOST = "calm.example"
FEED_URL = f"http://{HOST}/feed.xml"


class Listener:
    """Whom newsbot pings and calls: keeps what it was sent, answers with `status`."""

    def __init__(self) -> None:
        self.pings: list[str] = []
        self.posts: list[dict[str, Any]] = []
        self.status = 200
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.pings.append(self.path)
                self._answer()

            def do_POST(self) -> None:
                listener.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self._answer()

            def _answer(self) -> None:
                self.send_response(listener.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener().listening() as found:
        yield found


def crawl(home: Home, web: Web, *arguments: str, **environment: str) -> Ended:
    (home.path / "locks" / "watch").unlink(missing_ok=True)  # it is looked every ten minutes
    environment = {"no_proxy": "127.0.0.1", "NEWSBOT_RETRIES": "0"} | environment
    return home.newsbot("crawl", "--quiet", *arguments, stdin=b"", http_proxy=web.proxy, **environment)


def shift(home: Home, by: timedelta) -> None:
    """Let time pass: everything that the database remembers of visits, runs and incidents is that much longer ago."""
    columns = {
        "run": ("started", "finished"),
        "run_site": ("started", "finished"),
        "story": ("dated", "first_seen", "last_seen", "version_seen", "published"),
        "source_state": ("first_seen", "asked", "changed", "whole_due"),
        "incident": ("since", "seen", "last_seen", "clear_since", "until"),
        "address": ("first_seen", "last_fetched"),
        "site": ("next_due", "last_ok"),
    }
    with sqlite3.connect(home.database) as connection:
        connection.create_function("earlier", 1, lambda at: at and str(datetime.fromisoformat(at) - by))
        for table, names in columns.items():
            said = ", ".join(f"{name} = earlier({name})" for name in names)
            connection.execute(f"UPDATE {table} SET {said}")
    connection.close()


def test_a_feed_that_dies_is_told_once_and_taken_back_when_it_answers_again(home: Home, listener: Listener) -> None:
    home.site(HOST, site_file(HOST))
    settings = {"NEWSBOT_WEBHOOK_URL": f"{listener.url}/hook/s3cret", "NEWSBOT_PING_URL": f"{listener.url}/ping/s3cret"}
    with Web() as web:
        web.publish(HOST, 3)
        assert crawl(home, web, **settings) == Ended(0, "", "")
        assert (listener.pings, listener.posts) == (["/ping/s3cret"], [])
        whole, web.pages[FEED_URL] = web.pages[FEED_URL], Answer(b"gone", 404)
        for _ in range(5):
            shift(home, timedelta(hours=2.5))
            ended = crawl(home, web, **settings)
            assert ended.code == 1
            assert ended.err.count("\n") == 1, "the site that failed, and nothing of the notification"
        (told,) = listener.posts
        assert told["text"].startswith(f"newsbot: {HOST}: sources")
        (begun,) = told["begun"]
        assert (begun["site"], begun["kind"], begun["level"], told["over"]) == (HOST, "sources", "critical", [])
        assert "HTTP 404" in begun["evidence"]
        assert begun["advice"]
        assert len(listener.pings) == 6, "a run that went through is a sign of life, though a site failed"

        ended = home.newsbot("health", http_proxy=web.proxy)
        assert ended.code == 2
        assert ended.out.startswith(f"NEWSBOT CRITICAL - {HOST}: sources | sites=1 critical=1 warning=0\n")

        web.pages[FEED_URL] = whole
        for _ in range(3):
            shift(home, timedelta(hours=2.5))
            assert crawl(home, web, **settings).code == 0
        assert [[each["kind"] for each in post["over"]] for post in listener.posts] == [[], ["sources"]]
        ended = home.newsbot("health")
        assert (ended.code, ended.out) == (0, "NEWSBOT OK - 1 sites | sites=1 critical=0 warning=0\n")
    logged = (home.path / "log" / "newsbot.log").read_text("utf-8")
    assert "s3cret" not in logged


def test_an_extraction_that_collapses_is_told_after_real_crawls(home: Home, listener: Listener) -> None:
    """Forty stories over days, then pages that hold none: markup that nobody can read."""
    home.site(HOST, site_file(HOST))
    with Web() as web:
        urls: list[str] = []

        def publish(count: int, *, broken: bool) -> None:
            for _ in range(count):
                url = f"http://{HOST}/news/story-{len(urls) + 1}"
                urls.append(url)
                web.pages[url] = Answer(b"<html><title>x</title><body></body></html>" if broken else page(url))
            web.pages[FEED_URL] = Answer(feed(urls[-30:]), content_type="application/rss+xml")

        for _ in range(6):
            publish(6, broken=False)
            assert crawl(home, web, NEWSBOT_WEBHOOK_URL=listener.url).err == ""
            shift(home, timedelta(hours=5))
        assert listener.posts == []
        for _ in range(4):
            publish(6, broken=True)
            crawl(home, web, NEWSBOT_WEBHOOK_URL=listener.url)
            shift(home, timedelta(hours=5))
        (told,) = listener.posts
    (begun,) = told["begun"]
    assert (begun["kind"], begun["site"]) == ("extraction", HOST)
    assert "dropped.empty" in begun["evidence"]
    ended = home.newsbot("health", "--json")
    assert (ended.code, json.loads(ended.out)["alarms"][0]["kind"]) == (2, "extraction")


def test_nobody_who_cannot_be_told_makes_a_run_fail(home: Home) -> None:
    nowhere = f"http://127.0.0.1:{closed_port()}"
    home.site(HOST, site_file(HOST))
    with Web() as web:
        web.publish(HOST)
        ended = crawl(home, web, NEWSBOT_PING_URL=f"{nowhere}/ping/s3cret", NEWSBOT_WEBHOOK_URL=f"{nowhere}/s3cret")
    assert ended == Ended(0, "", "")
    logged = (home.path / "log" / "newsbot.log").read_text("utf-8")
    assert "ping_url: 127.0.0.1 could not be told: " in logged
    assert "s3cret" not in logged


def test_what_could_not_be_told_is_told_the_next_time(home: Home, listener: Listener) -> None:
    in_trouble(home)
    listener.status = 500
    first = home.newsbot("health", "--notify", NEWSBOT_WEBHOOK_URL=f"{listener.url}/s3cret")
    assert first.code == 2
    assert "webhook_url: 127.0.0.1 could not be told: it answers 500; next time it is tried again" in first.err
    assert "s3cret" not in first.err
    listener.status = 204
    for _ in range(2):
        again = home.newsbot("health", "--notify", "--quiet", NEWSBOT_WEBHOOK_URL=f"{listener.url}/s3cret")
        assert (again.code, again.err) == (2, "")
    assert len(listener.posts) == 2, "the one that failed, and one more"


def test_no_ping_from_a_run_that_reached_nothing(home: Home, listener: Listener) -> None:
    home.site(HOST, site_file(HOST))
    ended = home.newsbot(
        "crawl", "--quiet", http_proxy=f"http://127.0.0.1:{closed_port()}", no_proxy="127.0.0.1",
        NEWSBOT_RETRIES="0", NEWSBOT_PING_URL=listener.url,
    )  # fmt: skip
    assert ended.code == 1
    assert listener.pings == []


def test_health_cannot_say_without_a_database(home: Home) -> None:
    ended = home.newsbot("health")
    assert ended.code == 3
    assert ended.out.startswith("NEWSBOT UNKNOWN - ")
    assert json.loads(home.newsbot("health", "--json").out)["state"] == "unknown"


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("nowhere.example",), {}, "nowhere.example"),
        ((), {"NEWSBOT_DELAY": "soon"}, "NEWSBOT_DELAY"),
        (("odd.example",), {}, "odd.example.toml"),
    ],
)
def test_a_mistake_of_ours_is_no_alarm(
    home: Home, arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    """2, wrong use elsewhere, would say to a monitoring system that a site is broken."""
    in_trouble(home)
    home.site("odd.example", "nam = 1")
    ended = home.newsbot("health", *arguments, stdin=b"", **environment)
    assert ended.code == 3
    assert ended.out.startswith("NEWSBOT UNKNOWN - ")
    assert said in ended.out


def test_a_site_file_that_cannot_be_used_is_an_alarm_of_its_own(home: Home, listener: Listener) -> None:
    home.site(HOST, site_file(HOST))
    file = home.site("odd.example", "nam = 1")
    with Web() as web:
        web.publish(HOST)
        for _ in range(2):
            ended = crawl(home, web, NEWSBOT_WEBHOOK_URL=listener.url)
            assert ended.code == 1
            assert str(file) in ended.err
        (told,) = listener.posts
        assert [(each["kind"], each["site"]) for each in told["begun"]] == [("site_file", "odd.example")]
        assert "'nam'" in told["begun"][0]["evidence"]
        ended = home.newsbot("health")
        assert ended.code == 1
        assert ended.out.startswith("NEWSBOT WARNING - odd.example: site_file |")
        file.unlink()
        assert crawl(home, web, NEWSBOT_WEBHOOK_URL=listener.url) == Ended(0, "", "")
        assert [each["site"] for each in listener.posts[-1]["over"]] == ["odd.example"]


def test_to_ask_for_one_site_takes_nothing_back_of_the_others(home: Home, listener: Listener) -> None:
    in_trouble(home)
    home.site("other.example", site_file("other.example"))
    for keys in ((), ("other.example",), ()):
        home.newsbot("health", "--notify", *keys, NEWSBOT_WEBHOOK_URL=listener.url)
    assert [(len(post["begun"]), len(post["over"])) for post in listener.posts] == [(1, 0)]


def test_two_looks_at_once_tell_once(home: Home, listener: Listener) -> None:
    in_trouble(home)
    with ExitStack() as stack:
        looks = [
            stack.enter_context(home.started("health", "--notify", NEWSBOT_WEBHOOK_URL=listener.url)) for _ in range(3)
        ]
        for look in looks:
            look.communicate(timeout=DEADLINE)
            assert look.returncode == 2
    assert len(listener.posts) == 1


def test_a_call_that_finds_no_site_due_is_a_sign_of_life_too(home: Home, listener: Listener) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        web.publish(HOST)
        for _ in range(2):
            assert crawl(home, web, "--due", NEWSBOT_PING_URL=f"{listener.url}/ping") == Ended(0, "", "")
        assert len(home.last_run().sites) == home.last_run().id == 1
    assert listener.pings == ["/ping", "/ping"]


def test_a_look_that_is_not_possible_makes_no_run_fail(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    (home.path / "locks" / "watch").mkdir(parents=True)
    with Web() as web:
        web.publish(HOST)
        ended = home.newsbot("crawl", "--quiet", http_proxy=web.proxy)
    assert ended.code == 0
    assert "whether all is well could not be looked at or told: " in ended.err
    assert "Traceback" not in ended.err


def test_a_mail_that_cannot_be_written_does_not_count_as_sent(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBOT_HOME", str(home.path))
    settings = load().model_copy(update={"mail_to": ("desk@paper.example",), "smtp_url": "smtp://127.0.0.1:1"})

    def fail(url: str, message: object) -> None:
        raise LookupError("a fault of a library's own")

    monkeypatch.setattr(notify, "_deliver", fail)
    with pytest.raises(notify.NotSent, match="could not be told: a fault of a library's own"):
        notify.Mail(settings).send([], [])


# -- mail --------------------------------------------------------------------------------------------------------------


class Postman(socketserver.StreamRequestHandler):
    """As much of SMTP as a client of it needs (RFC 5321, 3207, 4954)."""

    server: PostOffice

    def handle(self) -> None:
        self._say("220 office.example")
        while line := self.rfile.readline():
            said = line.decode().strip()
            self.server.said.append(("tls " if isinstance(self.connection, ssl.SSLSocket) else "") + said)
            command = said.split(" ")[0].upper()
            if command == "EHLO":
                tls = isinstance(self.connection, ssl.SSLSocket)
                self._say("250-office.example")
                if self.server.context and not tls:
                    self._say("250-STARTTLS")
                self._say("250 AUTH PLAIN LOGIN")
            elif command == "STARTTLS" and self.server.context:
                self._say("220 go on")
                self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
                self.rfile = self.connection.makefile("rb")
                self.wfile = self.connection.makefile("wb", 0)
            elif command == "AUTH":
                self._say("235 welcome")
            elif command == "DATA":
                self._say("354 go on")
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line.decode())
                self.server.mails.append("".join(lines))
                self._say("250 taken")
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 well")

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # the wrapped one; the server knows only the other

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server on loopback; with a `context` it offers STARTTLS."""

    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Postman)
        self.context = context
        self.said: list[str] = []
        self.mails: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is none."""


@contextmanager
def office(context: ssl.SSLContext | None = None) -> Iterator[PostOffice]:
    with PostOffice(context) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """One of our own for 127.0.0.1, that its file is trusted by."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "office.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "office.pem"
    encoding = serialization.Encoding.PEM
    form, open_to_all = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(made.public_bytes(encoding))
    whole = tmp_path / "whole.pem"
    whole.write_bytes(made.public_bytes(encoding) + key.private_bytes(encoding, form, open_to_all))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(whole)
    return file, context


def in_trouble(home: Home) -> None:
    """A site whose feed has been gone for half a day."""
    home.site(HOST, site_file(HOST))
    with Store.open(f"sqlite:///{home.database}") as store:
        for hours in (12, 9, 6, 3):
            at = datetime.now(UTC) - timedelta(hours=hours)
            run = store.start_run(1, at)
            store.start_site(run, HOST, at)
            store.finish_site(run, HOST, at, "failed", {"source.failed": 1, "error.http_404": 1}, 300)
            store.finish_run(run, at, "failed")


def test_mail_goes_through_tls_with_a_password(home: Home, certificate: tuple[Path, ssl.SSLContext]) -> None:
    in_trouble(home)
    trusted, context = certificate
    with office(context) as server:
        settings = {
            "NEWSBOT_SMTP_URL": f"smtp://ida:s3%40cret@127.0.0.1:{server.port}",
            "NEWSBOT_MAIL_TO": "desk@paper.example,night@paper.example",
            "NEWSBOT_MAIL_FROM": "newsbot@paper.example",
            "SSL_CERT_FILE": str(trusted),
        }
        for _ in range(2):
            ended = home.newsbot("health", "--notify", stdin=b"", **settings)
            assert (ended.code, ended.err) == (2, "")
        (mail,) = server.mails
        assert "Subject: newsbot: calm.example: sources" in mail
        assert "To: desk@paper.example, night@paper.example" in mail
        assert "CRITICAL  calm.example: sources" in mail
        assert [line for line in server.said if "AUTH" in line and not line.startswith("tls ")] == []
        assert any(line.startswith("tls AUTH") for line in server.said)


def test_a_password_is_not_sent_in_the_clear(home: Home) -> None:
    in_trouble(home)
    with office() as server:
        ended = home.newsbot(
            "health",
            "--notify",
            NEWSBOT_SMTP_URL=f"smtp://ida:s3cret@127.0.0.1:{server.port}",
            NEWSBOT_MAIL_TO="desk@paper.example",
        )
        assert ended.code == 2
        assert "smtp_url: 127.0.0.1 could not be told: it offers no STARTTLS" in ended.err
        assert "s3cret" not in ended.err
        assert server.mails == []
        assert not any("AUTH" in line for line in server.said)


# -- metrics and the log -----------------------------------------------------------------------------------------------


def test_metrics_are_written_after_a_run(home: Home, tmp_path: Path) -> None:
    home.site(HOST, site_file(HOST))
    file = tmp_path / "textfile" / "newsbot.prom"
    with Web() as web:
        web.publish(HOST, 2)
        assert crawl(home, web, NEWSBOT_METRICS_FILE=str(file)).code == 0
    lines = file.read_text("utf-8").splitlines()
    assert f'newsbot_site_up{{site="{HOST}"}} 1' in lines
    assert f'newsbot_site_pages{{site="{HOST}",result="new"}} 2' in lines
    assert lines[-1] == "# EOF"
    assert [path.name for path in file.parent.iterdir()] == ["newsbot.prom"]


def test_the_log_in_json_has_run_and_site_in_each_line_of_a_visit(home: Home) -> None:
    for host in (HOST, "torn.example"):
        home.site(host, site_file(host))
    with Web() as web:
        web.publish(HOST, 2)
        first, *_ = web.publish("torn.example", 2)
        web.pages[first] = Answer(b"no", 503)
        assert crawl(home, web, NEWSBOT_LOG_FORMAT="json").code == 0
    text = (home.path / "log" / "newsbot.log").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    number = home.last_run().id
    ended = {line["site"]: line for line in lines if line["message"].startswith("the visit ended")}
    assert set(ended) == {HOST, "torn.example"}
    assert ended[HOST]["counts"]["new"] == 2
    assert {line["run"] for line in lines if "run" in line} == {number}
    of_the_page = [line for line in lines if first in line["message"]]
    assert of_the_page
    assert {line.get("site") for line in of_the_page} == {"torn.example"}


def test_the_log_in_text_says_the_same(home: Home) -> None:
    home.site(HOST, site_file(HOST))
    with Web() as web:
        web.publish(HOST, 2)
        assert crawl(home, web).code == 0
    number = home.last_run().id
    text = (home.path / "log" / "newsbot.log").read_text("utf-8")
    assert f" INFO run={number} site={HOST} newsbot.tally: the visit ended: ok\n" in text
