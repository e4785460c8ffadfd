"""A news web of one's own on the loopback interface, a site a host, that answers as a test tells it to.

with Web() as web:
    web.publish("calm.example", stories=3)
    web.pages["http://calm.example/feed.xml"] = Answer(status=500)
"""

from __future__ import annotations

import random
import socketserver
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

HTML = "text/html; charset=utf-8"
FEED = "application/rss+xml"


@dataclass(frozen=True)
class Answer:
    """What is said to a request. `wait` is called first; `reset` closes the connection instead of answering,
    `announced` is a length that the body does not have, `pace` are the seconds before each byte of the body. Who asks
    with the ETag that is in `headers` hears 304."""

    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    headers: dict[str, str] = field(default_factory=dict)
    wait: Callable[[], object] | None = None
    reset: bool = False
    announced: int | None = None
    pace: float = 0


class Gate:
    """Something to wait at: lets so many through at once, and all once it is opened."""

    def __init__(self, first: int) -> None:
        self._passes = threading.Semaphore(first)

    def __call__(self) -> None:
        self._passes.acquire()

    def open(self) -> None:
        self._passes.release(10_000)


class Moment(StrEnum):
    """How far the answer to a request has come."""

    ASKED = "asked"
    HALF = "half"
    TOLD = "told"


class Web:
    """The server, a context manager: an HTTP proxy for all that `pages` holds, address -> answer; else 404.

    With `etags`, every answer that has a body and is whole has an ETag, and is 304 for who has it already. `watch` is
    called at each moment of each answer, with the number of the request, counted from 1.
    """

    def __init__(self, *, etags: bool = False) -> None:
        self.pages: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.etags = etags
        self.watch: Callable[[int, Moment], object] | None = None
        self.ends = threading.Event()
        self.unchanged: list[str] = []  # of these, those that were answered with 304
        self.times: dict[str, list[float]] = defaultdict(list)  # host -> when it was asked, by a steady clock
        self.at_once: Counter[str] = Counter()  # host -> the most requests that it had to answer at the same time
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._gates: list[Gate] = []

    def __enter__(self) -> Web:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ends.set()
        for gate in self._gates:  # what waits would keep the server from ending
            gate.open()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def proxy(self) -> str:
        """What http_proxy must be set to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def gate(self, first: int = 0) -> Gate:
        """A gate for answers to wait at, open at the latest when the server ends."""
        gate = Gate(first)
        self._gates.append(gate)
        return gate

    @contextmanager
    def asked(self, url: str) -> Iterator[tuple[int, Answer]]:
        """Note a request; gives its number, and what is to be said to it."""
        host = urlsplit(url).hostname or ""
        with self._lock:
            self.requests.append(url)
            number = len(self.requests)
            self.times[host].append(time.monotonic())
            self._open[host] += 1
            self.at_once[host] = max(self.at_once[host], self._open[host])
        try:
            yield number, self.pages.get(url, Answer(b"nothing here", 404, "text/plain"))
        finally:
            with self._lock:
                self._open[host] -= 1

    def publish(self, host: str, stories: int = 2) -> list[str]:
        """Put a site there, with a feed and so many stories; gives the stories' addresses."""
        urls = [f"http://{host}/news/story-{number}" for number in range(1, stories + 1)]
        for url in urls:
            self.pages[url] = Answer(page(url))
        self.pages[f"http://{host}/feed.xml"] = Answer(feed(urls), content_type=FEED)
        return urls


def site_file(host: str, more: str = "") -> str:
    """The site file of a published site."""
    return f'name = "{host}"\nhome = "http://{host}/"\nfeeds = ["http://{host}/feed.xml"]\ndelay = 0.0\n{more}'


def feed(urls: list[str], published: datetime | None = None) -> bytes:
    """An RSS feed of these addresses: without dates, or the first of them published then, each other a minute before
    the one above it."""
    dates = [
        f"<pubDate>{format_datetime(published - timedelta(minutes=n))}</pubDate>" if published else ""
        for n, _ in enumerate(urls)
    ]
    items = "".join(
        f"<item><title>{title(url)}</title><link>{url}</link>{date}</item>"
        for url, date in zip(urls, dates, strict=True)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


def page(url: str, body: str | None = None) -> bytes:
    """A story's page. No two addresses have the same words."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in (paragraphs(url) if body is None else [body]))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title(url)}</title>'
        f'<meta property="og:type" content="article"></head>'
        f"<body><article><h1>{title(url)}</h1>{text}</article></body></html>"
    ).encode()


def title(url: str) -> str:
    """The headline of the story at an address."""
    return f"{_sentence(random.Random(url))} in {urlsplit(url).hostname or ''}"


def paragraphs(url: str) -> list[str]:
    """The text of the story at an address."""
    source = random.Random(f"text {url}")
    return [" ".join(_sentence(source) + "." for _ in range(4)) for _ in range(5)]


_WHO = (
    "The mayor,A baker,The council,Two divers,A teacher,The harbour board,Nine farmers,The choir,A judge,The engineers"
)
_DID = "praised,counted,repaired,sold,painted,refused,measured,opened,inherited,described"
_WHAT = (
    "the old bridge,a new timetable,seven lanterns,the northern road,a barge,the town clock,a map,the weather report"
)
_WHERE = (
    "before noon,near the mill,without any warning,after long talks,beside the canal,in the rain,for the third time"
)
_WHY = "because the money came,although few had asked,since the roof leaked,while the others slept,as the law demands"


def _sentence(source: random.Random) -> str:
    return " ".join(source.choice(words.split(",")) for words in (_WHO, _DID, _WHAT, _WHERE, _WHY))


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128  # all sites are asked at once

    def __init__(self, web: Web) -> None:
        self.web = web
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own asks the resolver for the machine's name

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up, as those do that are timed out or killed, is none."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # HTTP/1.0, the handler's default, ends the connection with each answer: no idle one is left

    def do_GET(self) -> None:
        with self.server.web.asked(self.path) as (number, answer):
            self._reached(number, Moment.ASKED)
            self._answer(number, answer)
        self._reached(number, Moment.TOLD)

    def _reached(self, number: int, moment: Moment) -> None:
        if self.server.web.watch is not None:
            self.server.web.watch(number, moment)

    def _answer(self, number: int, answer: Answer) -> None:
        if answer.wait is not None:
            answer.wait()
        if answer.reset:
            self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))  # RST instead of FIN
            self.connection.close()
            return
        body, headers = answer.body, dict(answer.headers)
        if self.server.web.etags and answer.status == 200 and body and answer.announced is None:
            headers["ETag"] = f'"{sha256(body).hexdigest()[:16]}"'
        if "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]:
            self.server.web.unchanged.append(self.path)
            answer, body = replace(answer, status=304), b""
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body) if answer.announced is None else answer.announced))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._send(body[: len(body) // 2], answer.pace)
        self._reached(number, Moment.HALF)
        self._send(body[len(body) // 2 :], answer.pace)

    def _send(self, body: bytes, pace: float) -> None:
        if not pace:
            self.wfile.write(body)
            return
        for byte in body:
            if self.server.web.ends.wait(pace):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """`Web.requests` is the record."""
