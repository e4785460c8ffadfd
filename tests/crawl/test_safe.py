"""What a hostile site can do, and what it costs: each test fails without the guard that it is about."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import brotli
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy import Request
from scrapy.http import TextResponse

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from sqlalchemy import make_url

from newsbot.config import Settings
from newsbot.discovery import Feed, read_feed, read_links
from newsbot.discovery.links import MOST_LINKS
from newsbot.errors import StoreError
from newsbot.items import Draft, Page
from newsbot.middlewares.guard import AddressGuard, Allowed
from newsbot.middlewares.robots import LARGEST, understood
from newsbot.process import read, recognise, tidy
from newsbot.sites import Site
from newsbot.spiders.site import SOURCES_FOUND
from newsbot.store import Filters, Store
from newsbot.tally import Refused
from tests.crawl.web import FEED, Answer, Web, feed, page, site_file
from tests.databases import PostgreSQL
from tests.running import DEADLINE, Home, closed_port, run, until

ROOT = Path(__file__).resolve().parents[2]
CALM = "calm.example"


class Raw:
    """A server without manners on the loopback interface: says to each request what `answer` gives for its path."""

    def __init__(
        self, answer: Callable[[str], Iterable[bytes]], context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self._answer = answer
        self._host = host
        self._context = context
        self.connections = 0
        self.asked: list[str] = []

    def __enter__(self) -> Raw:
        self._socket = socket.create_server((self._host, 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        threads = []
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                break
            self.connections += 1
            threads.append(threading.Thread(target=self._talk, args=(connection,), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection if self._context is None else self._context.wrap_socket(connection, server_side=True) as it:
                request = b""
                while b"\r\n\r\n" not in request and (more := it.recv(65536)):
                    request += more
                if request:
                    path = request.split(b" ")[1].decode()
                    self.asked.append(it.getsockname()[0] + path)
                    for piece in self._answer(path):
                        it.sendall(piece)
        except OSError:  # a client that hangs up
            connection.close()

    def site(self, scheme: str = "http", host: str = "127.0.0.1", more: str = "") -> str:
        """The site file of this server."""
        root = f"{scheme}://{host}:{self.port}"
        return f'name = "Raw"\nhome = "{root}/"\nfeeds = ["{root}/feed.xml"]\ndelay = 0.0\n{more}'


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole answer as it goes over the line."""
    return b"\r\n".join(
        [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"Connection: close", b"", body]
    )


def resolving(*addresses: str) -> str:
    """A program that runs newsbot where each name stands for these addresses, one after the other, the last for ever;
    no answer is remembered."""
    return f"""
import socket
import newsbot.settings
from newsbot.cli.main import main
addresses = {list(addresses)}
socket.gethostbyname = lambda name: addresses.pop(0) if len(addresses) > 1 else addresses[0]
newsbot.settings.DNSCACHE_SIZE = 0
main()
"""


# -- reading is no matter of the event loop ----------------------------------------------------------------------------


def patient(body: bytes, url: str, content_type: str) -> Feed:
    """Reads feeds as newsbot does, but for those whose address asks for worse."""
    if "hangs" in url:
        threading.Event().wait()
    if "kills" in url:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_feed(body, url, content_type)


PATIENT = """
import newsbot.spiders.site
from newsbot.cli.main import main
from tests.crawl.test_safe import patient
newsbot.spiders.site.read_feed = patient
main()
"""


@pytest.mark.parametrize("fault", ["hangs", "kills"])
def test_a_feed_that_hangs_or_kills_its_reader_fails_alone(home: Home, fault: str) -> None:
    with Web() as web:
        urls = web.publish(CALM, 5)
        web.publish(f"{fault}.example")
        web.pages[f"http://{CALM}/{fault}.xml"] = web.pages[f"http://{CALM}/feed.xml"]
        both = f'feeds = ["http://{CALM}/{fault}.xml", "http://{CALM}/feed.xml"]\n'
        home.site(CALM, site_file(CALM).replace(f'feeds = ["http://{CALM}/feed.xml"]\n', both))
        home.site(f"{fault}.example", site_file(f"{fault}.example"))
        ended = run(
            [sys.executable, "-c", PATIENT, "crawl"],
            home.env(http_proxy=web.proxy, NEWSBOT_PAGE_SECONDS="4", NEWSBOT_WORKERS="3"),
            cwd=ROOT,
        )
    assert set(home.stories()) == set(urls)
    assert {site.site: site.outcome for site in home.last_run().sites} == {
        CALM: "partial",
        f"{fault}.example": "failed",
    }
    for counts in home.counts().values():
        assert (counts["source.failed"], counts["error.too_hard"]) == (1, 1)
    assert f"newsbot: {fault}.example failed" in ended.err


@pytest.mark.parametrize("stage", ["extract.read", "clean.tidy", "deduplicate.recognise"])
def test_a_story_that_is_too_hard_for_a_stage_fails_alone(home: Home, stage: str) -> None:
    with Web() as web:
        urls = web.publish(CALM, 5)
        web.pages[urls[2]] = Answer(page(urls[2], "A text that hangs whoever looks at it. " * 9))
        home.site(CALM, site_file(CALM))
        ended = run(
            [sys.executable, "-c", HANGING.format(stage=stage), "crawl"],
            home.env(http_proxy=web.proxy, NEWSBOT_PAGE_SECONDS="4", NEWSBOT_WORKERS="2"),
            cwd=ROOT,
        )
    assert set(home.stories()) == {*urls} - {urls[2]}, ended.err
    assert home.counts()[CALM]["error.too_hard"] == 1


def hanging(made: Any, *arguments: Any) -> Any:
    """A step that hangs on a page that says so, and is as it is for others."""
    step: Callable[..., Any] = read if isinstance(made, Page) else tidy if isinstance(made, Draft) else recognise
    if "hangs whoever looks at it" in repr(made):
        threading.Event().wait()
    return step(made, *arguments)


HANGING = """
import pipelines.clean, pipelines.deduplicate, pipelines.extract
from newsbot.cli.main import main
from tests.crawl.test_safe import hanging
pipelines.{stage} = hanging
main()
"""


# -- which addresses are asked for -------------------------------------------------------------------------------------

PLACES = {
    "file:///etc/hostname": "skipped.scheme",
    "FILE:///etc/hostname": "skipped.scheme",
    "ftp://other.example/story": "skipped.scheme",
    "data:text/html,<h1>A story</h1>": "skipped.scheme",
    "javascript:alert(1)": "skipped.scheme",
    "http://127.0.0.1/story": "skipped.private_address",
    "http://[::1]/story": "skipped.private_address",
    "http://[::ffff:10.0.0.1]/story": "skipped.private_address",
    "http://2130706433/story": "skipped.private_address",
    "http://0x7f.1/story": "skipped.private_address",
    "//10.0.0.1/story": "skipped.private_address",
    "http://169.254.169.254/latest/meta-data": "skipped.private_address",
    "http://metadata.google.internal/": "skipped.private_address",
    "http://localhost:5432/": "skipped.private_address",
    "http://[half": "skipped.address",
}


def test_redirects_to_what_is_not_of_the_public_web_are_not_followed(home: Home) -> None:
    hosts = {f"number-{number}.example": place for number, place in enumerate(PLACES)}
    with Web() as web:
        for host, place in hosts.items():
            first, _ = web.publish(host)
            web.pages[first] = Answer(status=302, headers={"Location": place})
            home.site(host, site_file(host))
        ended = home.newsbot("crawl", http_proxy=web.proxy)
        asked = {url.split("/")[2] for url in web.requests}
    assert ended.code == 0, ended.err
    assert asked == set(hosts)
    counts = home.counts()
    for host, place in hosts.items():
        told = {name: n for name, n in counts[host].items() if name.startswith(("skipped.", "error.", "dropped."))}
        assert told == {PLACES[place]: 1}, place
        assert counts[host]["new"] == 1


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://other.example/a", "data:,a", "http://squid.example/"])
def test_whatever_asks_for_it_such_an_address_is_not_asked_for(url: str) -> None:
    guard = AddressGuard(Allowed([]), proxies=frozenset({"squid.example"}))
    guard.process_request(Request("http://news.example/"))
    with pytest.raises(Refused):
        guard.process_request(Request(url))


def test_a_name_that_stands_for_another_address_at_the_second_time_is_not_followed_there(home: Home) -> None:
    """DNS rebinding: first it stands for 127.0.0.2, which is allowed here as the public web is, then for 127.0.0.1."""

    def say(path: str) -> Iterator[bytes]:
        yield answer(b"", status=b"404 Not Found")

    with Raw(say, host="0.0.0.0") as raw:
        home.site("rebound", raw.site(host="rebound.example"))
        ended = run(
            [sys.executable, "-c", resolving("127.0.0.2", "127.0.0.1"), "crawl"],
            home.env(NEWSBOT_ALLOW_PRIVATE="127.0.0.2"),
            cwd=ROOT,
        )
        asked = raw.asked
    assert ended.code == 1
    assert asked == ["127.0.0.2/robots.txt"]
    assert home.counts()["rebound"]["skipped.private_address"] == 1


def test_a_name_that_stands_for_the_proxys_address_is_not_followed_there(home: Home) -> None:
    """The proxy is for http alone; what is asked for by https goes to the name's own address."""
    with Raw(lambda path: [answer(b"")]) as raw:
        home.site("sly", raw.site("https", host="sly.example"))
        run(
            [sys.executable, "-c", resolving("127.0.0.1"), "crawl"],
            home.env(http_proxy=f"http://127.0.0.1:{closed_port()}", no_proxy="other.example"),
            cwd=ROOT,
        )
    assert raw.connections == 0
    assert home.counts()["sly"]["skipped.private_address"] == 1


@pytest.mark.parametrize("written", ["http://127.0.0.1:{port}", "127.0.0.1:{port}", "http://localhost:{port}/"])
def test_the_proxy_itself_is_reached_however_it_is_written(home: Home, written: str) -> None:
    with Web() as web:
        web.publish(CALM)
        home.site(CALM, site_file(CALM))
        ended = home.newsbot("crawl", http_proxy=written.format(port=web.proxy.rpartition(":")[2]))
    assert ended.code == 0, ended.err
    assert home.counts()[CALM]["new"] == 2


def test_nobody_can_connect_to_a_crawl(home: Home) -> None:
    """Scrapy's telnet console and its remote control are off."""
    with Web() as web:
        urls = web.publish(CALM)
        gate = web.gate()
        web.pages[urls[0]] = Answer(page(urls[0]), wait=gate)
        home.site(CALM, site_file(CALM))
        with home.started("crawl", http_proxy=web.proxy) as crawl:
            until(lambda: urls[0] in web.requests, crawl)
            sockets = {str(file.readlink()) for each in tree(crawl.pid) for file in Path(f"/proc/{each}/fd").iterdir()}
            open_to_others = listening()
            gate.open()
            assert crawl.wait(DEADLINE) == 0
    assert len(sockets) > 1
    assert not {f"socket:[{inode}]" for inode in open_to_others} & sockets


def tree(pid: int) -> list[int]:
    """A process and all that came of it."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def listening() -> set[str]:
    """The inodes of all TCP sockets of this machine that listen."""
    rows = [row.split() for file in ("tcp", "tcp6") for row in Path(f"/proc/net/{file}").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[3] == "0A"}


# -- TLS ---------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: x509.GeneralName) -> tuple[Path, ssl.SSLContext]:
    """A certificate of one's own for a name, and what a server needs to show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    itself = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a server of one's own")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(itself, itself, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(pem) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


@pytest.mark.parametrize(
    ("name", "trusted", "crawled"),
    [
        (x509.IPAddress(ip_address("127.0.0.1")), True, True),
        (x509.IPAddress(ip_address("127.0.0.1")), False, False),
        (x509.DNSName("other.example"), True, False),
    ],
    ids=["trusted", "self-signed", "another's"],
)
def test_a_server_must_show_a_trusted_certificate_for_its_name(
    home: Home, tmp_path: Path, name: x509.GeneralName, trusted: bool, crawled: bool
) -> None:
    def say(path: str) -> Iterator[bytes]:
        url = f"https://127.0.0.1:{raw.port}/news/story-1"
        yield answer(page(url)) if path == "/news/story-1" else answer(feed([url]), b"Content-Type: text/xml")

    file, context = certificate(tmp_path, name)
    with Raw(say, context) as raw:
        home.site("raw", raw.site("https"))
        trust = str(file) if trusted else ""
        ended = home.newsbot("crawl", NEWSBOT_ALLOW_PRIVATE="127.0.0.1", NEWSBOT_RETRIES="0", SSL_CERT_FILE=trust)
    assert (ended.code == 0) is crawled, ended.err
    assert bool(raw.asked) is crawled
    assert home.stored() == crawled


# -- hostile answers ---------------------------------------------------------------------------------------------------


def endless() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    line = b"X-More: " + b"a" * 8000 + b"\r\n"
    while True:
        yield line * 100


def continued() -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 1000


HEADERS: dict[str, tuple[Callable[[], Iterable[bytes]], str]] = {
    "endless": (endless, "error.too_large"),
    "continued": (continued, "error.too_large"),
    "long": (lambda: [b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 2_000_000 + b"\r\n\r\n"], "error.too_large"),
    "packed": (lambda: [answer(b"", b"Content-Encoding: " + b",".join([b"gzip"] * 3000))], "error.too_large"),
    "packed-often": (lambda: [answer(b"", *[b"Content-Encoding: gzip"] * 3000)], "error.too_large"),
    "no-gzip": (lambda: [answer(b"<html>", b"Content-Encoding: gzip")], "error.not_unpacked"),
    "no-deflate": (lambda: [answer(b"<html>", b"Content-Encoding: deflate")], "error.not_unpacked"),
    "no-brotli": (lambda: [answer(b"<html>", b"Content-Encoding: br")], "error.not_unpacked"),
    "no-zstd": (lambda: [answer(b"<html>", b"Content-Encoding: zstd")], "error.not_unpacked"),
    "unknown-packing": (lambda: [answer(b"<html>", b"Content-Encoding: klingon")], "dropped.empty"),
    "garbage": (lambda: [os.urandom(100_000)], "error.connection"),
    "nothing": (list, "error.connection"),
    "status": (lambda: [answer(b"", status=b"999999999999 \x00")], "error.http_999999999999"),
    "length": (lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"], "error.connection"),
    "lengths": (lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 5\r\n\r\n"], "error.connection"),
    "place": (lambda: [answer(b"", b"Location: http://\x00\xff[\x01", status=b"302 Found")], "skipped.address"),
    "no-place": (lambda: [answer(b"", b"Location:", status=b"302 Found")], "error.redirects"),
}
HARMLESS: dict[str, bytes] = {
    "nul": b"X-Odd: a\x00b\xff",
    "no-colon": b"no colon here",
    "charset": b"Content-Type: text/html; charset=\xff\x00klingon",
    "utf-7": b"Content-Type: text/html; charset=utf-7",
    "codec": b"Content-Type: text/html; charset=zlib",
    "type": b"Content-Type: \x00",
    "etag": b'ETag: "\x00\xff"',
    "modified": b"Last-Modified: \xff\x00 yesterday",
    "retry": b"Retry-After: -1e999",
    "expires": b"Set-Cookie: a=\x00; expires=never",
    "robots": b"X-Robots-Tag: \xff\x00, , :::",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, home: Home) -> Iterator[str]:
    """The URL of an empty database: what comes from outside has to get into either."""
    if request.param == "sqlite":
        yield f"sqlite:///{home.database}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


def test_hostile_headers_cost_their_own_page_alone(home: Home, database: str) -> None:
    def say(path: str) -> Iterable[bytes]:
        name = path.rpartition("/")[2]
        if path == "/feed.xml":
            urls = [f"http://127.0.0.1:{raw.port}/news/2026/03/04/{name}" for name in (*HEADERS, *HARMLESS)]
            return [answer(feed(urls), b"Content-Type: text/xml", HARMLESS["etag"], HARMLESS["modified"])]
        if name in HEADERS:
            return HEADERS[name][0]()
        if name in HARMLESS:
            return [answer(page(path), HARMLESS[name])]
        return [answer(b"", status=b"404 Not Found")]

    settings = {"NEWSBOT_ALLOW_PRIVATE": "127.0.0.1", "NEWSBOT_RETRIES": "0", "NEWSBOT_TIMEOUT": "20"}
    with Raw(say) as raw:
        home.site("raw", raw.site())
        ended = run([sys.executable, "-m", "newsbot", "crawl"], home.env(NEWSBOT_DATABASE_URL=database, **settings))
    told: dict[str, int] = {}
    for _, name in HEADERS.values():
        told[name] = told.get(name, 0) + 1
    assert "newsbot: " not in ended.err
    with Store.open(database) as store:
        counts = dict(store.read.runs(1)[0].sites[0].counts)
        stored = {row.url.rpartition("/")[2] for row in store.read.stories(Filters())}
    assert stored == set(HARMLESS)
    assert counts.pop("source.ok") == 1
    assert counts.pop("fetched") >= len(HARMLESS)
    assert counts == told | {"new": len(HARMLESS)}


# -- bombs -------------------------------------------------------------------------------------------------------------

BOMB = 512 << 20  # bytes
SPARE = 64 << 20
_MEGABYTE = b"\n" * (1 << 20)


def packed(packer: Any, body: bytes, finish: str = "flush") -> bytes:
    """The body, and behind it half a gigabyte of line ends."""
    pack = getattr(packer, "compress", None) or packer.process
    pieces = [pack(body), *(pack(_MEGABYTE) for _ in range(BOMB >> 20)), getattr(packer, finish)()]
    return b"".join(pieces)


@pytest.fixture(scope="module")
def bombs() -> dict[str, Callable[[Web, str], None]]:
    """What is put at a site's feed, sitemap or story, by what it is."""
    urls = "".join(f"<url><loc>http://b.example/news/{number}</loc></url>" for number in range(2))
    start = f"<urlset>{urls}".encode()
    gzipped = packed(zlib.compressobj(9, wbits=31), start)
    encodings = {
        "gzip": gzipped,
        "deflate": packed(zlib.compressobj(9), start),
        "br": packed(brotli.Compressor(quality=1), start, "finish"),
        "zstd": packed(zstd.ZstdCompressor(), start),
        "gzip, gzip": zlib.compress(gzipped, 9, wbits=31),
    }

    def encoded(encoding: str, path: str) -> Callable[[Web, str], None]:
        def place(web: Web, host: str) -> None:
            web.pages[f"http://{host}/{path}"] = Answer(encodings[encoding], headers={"Content-Encoding": encoding})

        return place

    def file(body: bytes, **headers: str) -> Callable[[Web, str], None]:
        def place(web: Web, host: str) -> None:
            web.pages[f"http://{host}/sitemap.xml.gz"] = Answer(
                body, content_type="application/gzip", headers={n.replace("_", "-"): v for n, v in headers.items()}
            )

        return place

    made = {
        f"{'-'.join(encoding.split(', '))}-{path.partition('.')[0].replace('/', '-')}": encoded(encoding, path)
        for encoding in encodings
        for path in ("feed.xml", "news/story-1")
    }
    packed_again = zlib.compress(gzipped, 9, wbits=31)
    return made | {"file": file(gzipped), "packed-file": file(packed_again, Content_Encoding="gzip")}


def test_bombs_cost_less_than_64_mib_of_memory_all_together(
    home: Home, tmp_path: Path, bombs: dict[str, Callable[[Web, str], None]]
) -> None:
    def peak(home: Home, armed: bool) -> int:
        with Web() as web:
            for name, place in bombs.items():
                host = f"{name}.example"
                web.publish(host)
                entries = "".join(f"<url><loc>http://{host}/news/story-{n}</loc></url>" for n in (1, 2))
                web.pages[f"http://{host}/sitemap.xml.gz"] = Answer(f"<urlset>{entries}</urlset>".encode())
                if armed:
                    place(web, host)
                home.site(host, site_file(host, f'sitemaps = ["http://{host}/sitemap.xml.gz"]\n'))
            # The last page is given when all else has been read: then each process tells the most that it ever had.
            urls = web.publish(CALM, 1)
            gate = web.gate()
            web.pages[urls[0]] = Answer(page(urls[0]), wait=gate)
            home.site(CALM, site_file(CALM))
            with home.started("crawl", http_proxy=web.proxy, NEWSBOT_RETRIES="0", NEWSBOT_TIMEOUT="120") as crawl:
                until(lambda: crawled(home) >= {f"{name}.example" for name in bombs}, crawl)
                most = sum(map(high_water, tree(crawl.pid)))
                gate.open()
                crawl.communicate()
        return most

    calm = Home(tmp_path / "calm", {})
    difference = peak(home, armed=True) - peak(calm, armed=False)
    assert difference < SPARE, f"{difference >> 20} MiB"
    counts = home.counts()
    for name in bombs:
        said = {name: n for name, n in counts[f"{name}.example"].items() if name.startswith("error.")}
        assert said == {"error.not_understood" if "file" in name else "error.too_large": 1}, name
        assert counts[f"{name}.example"]["new"] >= 1, "the site's other pages are read"
    assert all("error" not in name for site in calm.counts().values() for name in site)


def crawled(home: Home) -> set[str]:
    """The sites whose visit has ended."""
    if not home.database.exists():
        return set()
    with suppress(StoreError), home.read() as read:
        return {site.site for run in read.runs(1) for site in run.sites if site.finished}
    return set()


def high_water(pid: int) -> int:
    """The most memory that a process has had at once, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) << 10


# -- no end ------------------------------------------------------------------------------------------------------------


def test_a_maze_of_sitemaps_is_left(home: Home) -> None:
    root = f"http://{CALM}/sitemap"

    def index(number: str, depth: int) -> None:
        names = [f"{number}{n}" for n in range(10)]
        entries = "".join(f"<sitemap><loc>{root}-{name}.xml</loc></sitemap>" for name in names)
        web.pages[f"{root}-{number}.xml"] = Answer(f"<sitemapindex>{entries}</sitemapindex>".encode())
        for name in names if depth else ():
            index(name, depth - 1)

    with Web() as web:
        urls = web.publish(CALM)
        index("0", 3)
        home.site(CALM, site_file(CALM, f'sitemaps = ["{root}-0.xml"]\n'))
        ended = home.newsbot("crawl", http_proxy=web.proxy)
        asked = [url for url in web.requests if url.startswith(root)]
    assert ended.code == 0, ended.err
    assert len(asked) == 1 + SOURCES_FOUND
    assert home.counts()[CALM]["skipped.sources"] > 0
    assert set(home.stories()) == set(urls), "what the site's other sources name is read"


def test_of_rules_without_end_only_the_first_half_megabyte_is_read() -> None:
    rules = b"User-agent: *\nDisallow: /first\n" + b"# more\n" * (LARGEST // 7) + b"Disallow: /last\n"
    read = understood(TextResponse("http://calm.example/robots.txt", body=rules))
    assert not read.allow("http://calm.example/first", "newsbot")
    assert read.allow("http://calm.example/last", "newsbot")


def test_of_links_without_end_only_the_first_are_looked_at() -> None:
    links = "".join(f'<a href="/2026/03/04/story-{number}">A headline of five words</a>' for number in range(20_000))
    assert 0 < len(read_links(links.encode(), f"http://{CALM}/").leads) <= MOST_LINKS


def test_no_more_stories_are_fetched_than_a_visit_may_take(home: Home) -> None:
    with Web() as web:
        urls = web.publish(CALM, 9)
        home.site(CALM, site_file(CALM))
        home.newsbot("crawl", http_proxy=web.proxy, NEWSBOT_STORIES_PER_VISIT="4")
        asked = [url for url in web.requests if url in urls]
    assert len(asked) == 4
    assert home.counts()[CALM]["postponed"] == 5


def test_a_visit_ends_in_time_and_the_next_one_has_what_is_left(home: Home) -> None:
    """One host is slow by its file, the other asks for five minutes between two pages: waiting for what was begun there
    would take three quarters of an hour."""
    slow = "slow.example"
    with Web() as web:
        urls = web.publish(CALM, 100)
        web.publish(slow, 3)
        web.pages[f"http://{slow}/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 300", content_type="text/plain")
        home.site(CALM, site_file(CALM).replace("delay = 0.0", "delay = 0.5"))
        home.site(slow, site_file(slow))
        ended = home.newsbot("crawl", http_proxy=web.proxy, NEWSBOT_VISIT_SECONDS="8")
        first = home.counts()
        outcomes = {site.site: site.outcome for site in home.last_run().sites}
        home.site(CALM, site_file(CALM))
        healed = home.newsbot("crawl", CALM, http_proxy=web.proxy)
    assert ended.code == 1
    assert outcomes == {CALM: "partial", slow: "failed"}
    assert (first[CALM]["error.out_of_time"], first[slow]["error.out_of_time"]) == (1, 1)
    assert 1 <= first[CALM]["new"] < 100
    assert first[CALM]["skipped.crawl_ended"] >= 1
    assert f"newsbot: {slow} failed: error.out_of_time 1" in ended.err
    assert healed.code == 0, healed.err
    assert set(home.stories()) == set(urls)


def test_a_crawl_that_is_ended_does_not_wait_for_a_hosts_next_turn(home: Home) -> None:
    with Web() as web:
        web.publish(CALM)
        rules = f"http://{CALM}/robots.txt"
        web.pages[rules] = Answer(b"User-agent: *\nCrawl-delay: 300", content_type="text/plain")
        home.site(CALM, site_file(CALM))
        with home.started("crawl", http_proxy=web.proxy) as crawl:
            until(lambda: rules in web.requests, crawl)
            crawl.terminate()
            assert crawl.wait(DEADLINE) == 128 + signal.SIGTERM


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose name is short enough for sockets in it, whatever the tests' own folder is called."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


AUDIT = """
import os, sys
told = os.open(os.environ["AUDIT"], os.O_WRONLY | os.O_APPEND)
changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & changing:
        paths = arguments[:1]
    elif event in ("os.mkdir", "os.link", "os.symlink", "os.rename", "sqlite3.connect", "os.truncate"):
        paths = arguments[:2] if event in ("os.link", "os.rename") else arguments[:1]
    elif event == "socket.bind" and isinstance(arguments[1], (str, bytes)):
        paths = arguments[1:2]
    else:
        return
    for path in paths:
        os.write(told, f"{event} {os.path.abspath(os.fsdecode(path))}\\n".encode())
sys.addaudithook(note)
"""


def test_nothing_is_written_outside_the_home(home: Home, tmp_path: Path, short: Path) -> None:
    """Whatever pages are called. The one thing beside it is the socket of the server that processes are forked from, in
    the folder for temporary files while the crawl runs: its path may have 107 bytes at most, a home's may have more."""
    folders = {name: tmp_path / name for name in ("audit", "user", "here")} | {"temporary": short / "temporary"}
    for folder in folders.values():
        folder.mkdir()
    (folders["audit"] / "sitecustomize.py").write_text(AUDIT, "utf-8")
    told = folders["audit"] / "told"
    told.touch()
    with Web() as web:
        urls = web.publish(CALM)
        odd = [f"http://{CALM}/news/..%2f..%2f..%2ftmp%2fstory-3", f"http://{CALM}/news/%00/story-4"]
        for url in odd:
            web.pages[url] = Answer(page(url), headers={"Content-Disposition": 'attachment; filename="../../../odd"'})
        web.pages[f"http://{CALM}/feed.xml"] = Answer(feed([*urls, *odd]), content_type=FEED)
        home.site(CALM, site_file(CALM))
        environment = home.env(
            http_proxy=web.proxy,
            AUDIT=str(told),
            HOME=str(folders["user"]),
            TMPDIR=str(folders["temporary"]),
            PYTHONPATH=os.pathsep.join([str(folders["audit"]), str(ROOT)]),
            PYTHONDONTWRITEBYTECODE="1",
        )
        ended = run([sys.executable, "-m", "newsbot", "crawl"], environment, cwd=folders["here"])
    assert ended.code == 0, ended.err
    assert home.stored() == 4
    written = {tuple(line.split(" ", 1)) for line in told.read_text("utf-8").splitlines()}
    assert any(path == str(home.database) for _, path in written), "the audit works"
    outside = [(e, p) for e, p in written if not p.startswith((str(home.path), str(folders["temporary"]), "/dev/null"))]
    assert outside == []
    assert [list(folders[name].iterdir()) for name in ("user", "temporary", "here")] == [[], [], []]


@pytest.mark.parametrize("key", ["../../odd", "..", "/tmp/odd", "a/b", "a\0b", "-odd", ""])
def test_a_site_cannot_be_called_what_leads_elsewhere(home: Home, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Site(key=key, name="Odd", home="http://odd.example/")


# -- secrets -----------------------------------------------------------------------------------------------------------

SECRET = "hunter2secret"
URLS = [
    f"postgresql://news:{SECRET}@127.0.0.1:{{port}}/news",
    f"postgresql+psycopg://news:{SECRET}@127.0.0.1:{{port}}/news",
    f"postgresql://news@127.0.0.1:{{port}}/news?password={SECRET}",
    f"postgresql://news:{SECRET}@host.invalid/news",
    f"postgresql://news:{SECRET}@127.0.0.1:{{port}}/news?sslmode=bogus",
    f"postgresql://news:{SECRET}@127.0.0.1:{{port}}/news?sslpassword={SECRET}&no_such_option=1",
    f"postgresql://news:{SECRET}@127.0.0.1:five/news",
    f"postgresql://news:{SECRET}@[half/news",
    f"postgresql:/news:{SECRET}@127.0.0.1/news",
    f"postgres://news:{SECRET}@127.0.0.1/news",
    f"mysql://news:{SECRET}@127.0.0.1/news",
    f"nosuchdriver://news:{SECRET}@127.0.0.1/news",
    f"postgresql+nosuchdriver://news:{SECRET}@127.0.0.1/news",
    f"news:{SECRET}@127.0.0.1",
    f"sqlite:///{{home}}/sites/calm.example.toml/newsbot.db?password={SECRET}",
    f"sqlite:///{{home}}/sites?password={SECRET}",
    f"sqlite:///{{home}}/x.db?timeout={SECRET}",
    f"sqlite://news:{SECRET}@/{{home}}/x.db",
    f"sqlite+nosuchdriver:///{{home}}/x.db?password={SECRET}",
]


@pytest.mark.parametrize("url", URLS)
def test_a_databases_password_is_told_to_nobody(home: Home, url: str) -> None:
    home.site(CALM, site_file(CALM))
    url = url.format(port=closed_port(), home=home.path)
    for command in ("crawl", "stories"):
        ended = home.newsbot(command, NEWSBOT_DATABASE_URL=url, NEWSBOT_LOG_LEVEL="DEBUG")
        assert ended.code != 0
        assert "newsbot: " in ended.err
        assert "Traceback" not in ended.err
        assert SECRET not in ended.out + ended.err
    for file in home.path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_a_wrong_password_is_told_to_nobody(home: Home, postgresql: PostgreSQL) -> None:
    with postgresql.database() as url:
        home.site(CALM, site_file(CALM))
        wrong = make_url(url).set(username="nobody_there", password=SECRET).render_as_string(hide_password=False)
        ended = home.newsbot("crawl", NEWSBOT_DATABASE_URL=wrong)
    assert ended.code == 1
    assert "nobody_there" in ended.err
    assert SECRET not in ended.out + ended.err


def test_settings_do_not_show_it_nor_does_the_error_for_a_malformed_one(home: Home) -> None:
    settings = Settings(home=home.path, database_url=f"postgresql://news:{SECRET}@db.example/news")
    assert SECRET not in f"{settings!r}{settings}"
    home.path.mkdir(parents=True, exist_ok=True)
    (home.path / "newsbot.toml").write_text(f'database_url = ["postgresql://news:{SECRET}@db.example/news"]\n', "utf-8")
    ended = home.newsbot("stories")
    assert ended.code == 2
    assert "newsbot.toml: database_url" in ended.err
    assert SECRET not in ended.err
