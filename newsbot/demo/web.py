"""The invented news web, served: an HTTP proxy on the loopback interface that answers for two invented papers.

    with DemoWeb() as web:              # http_proxy=web.proxy_url newsbot crawl
        web.edition = 2                 # one story revised, one more published
        web.requests                    # what was asked for, and what was answered

The hosts end in `.example`, which RFC 2606 keeps out of the real name system: a crawl without the proxy finds nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import re
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from newsbot.demo.expected import ExpectedStory, expected
from newsbot.demo.paper import KEYS, Times, data_text, load_papers
from newsbot.demo.press import Document, documents
from newsbot.errors import NewsbotError

__all__ = ["HOSTS", "DemoWeb", "ExpectedStory", "Request", "expected", "main", "site_files"]

_PAPERS = load_papers()
HOSTS = tuple(paper.host for paper in _PAPERS)


class Request(NamedTuple):
    """One GET or HEAD request: the host, the path with its query, and the status it was answered with."""

    host: str
    path: str
    status: int


def site_files() -> dict[str, str]:
    """File name -> TOML text of the site files with which newsbot crawls the papers; they go to NEWSBOT_HOME/sites."""
    return {f"{key}.toml": data_text("sites", f"{key}.toml") for key in KEYS}


class DemoWeb:
    """The server, a context manager: it listens on 127.0.0.1 from entry to exit, in threads of its own.

    `port` 0 is any free one. `now` gives the aware time that stories' times are counted from. Entering raises
    NewsbotError if the port cannot be opened. An instance is entered once.
    """

    def __init__(self, port: int = 0, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._port = port
        self._now = now
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._times = Times(self._second())
        self._documents = self._print()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> DemoWeb:
        try:
            self._server = _Server(self._port, self)
        except (OSError, OverflowError) as error:
            raise NewsbotError(
                f"Port {self._port} on 127.0.0.1 cannot be opened: {error}. Choose another, or 0 for any free one."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="demo-web", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.close()

    @property
    def proxy_url(self) -> str:
        """What http_proxy must be set to."""
        if self._server is None:
            raise NewsbotError("The demo web is not being served yet: enter it first, `with DemoWeb() as web:`.")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def edition(self) -> int:
        """Which edition is out: 1, or 2 once it has been set. What is new in the second is as old as the setting."""
        return 1 if self._times.changed is None else 2

    @edition.setter
    def edition(self, value: int) -> None:
        if value not in (1, 2) or value < self.edition:
            raise NewsbotError(
                f"Edition {value} cannot follow edition {self.edition}: there are 1 and 2. Set them in this order."
            )
        if value > self.edition:
            with self._lock:
                self._times = Times(self._times.started, self._second())
                self._documents = self._print()

    @property
    def requests(self) -> list[Request]:
        """What has been asked for so far, in the order of the answers."""
        with self._lock:
            return list(self._requests)

    def find(self, host: str, path: str) -> Document | None:
        """The document at a host's path (without query), or None."""
        return self._documents.get((host, path))

    def record(self, request: Request) -> None:
        """Count a request."""
        with self._lock:
            self._requests.append(request)

    def _second(self) -> datetime:
        return self._now().astimezone(UTC).replace(microsecond=0)

    def _print(self) -> dict[tuple[str, str], Document]:
        return {(paper.host, path): item for paper in _PAPERS for path, item in documents(paper, self._times).items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for the threads, and no test leaves one behind

    def __init__(self, port: int, web: DemoWeb) -> None:
        self.web = web
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the resolver for the machine's name, which may take seconds without a network.
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that hangs up is no error of ours
            super().handle_error(request, client_address)

    def close(self) -> None:
        """End the connections that clients keep open, then everything else."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):  # it has just been closed
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one segment
    server: _Server

    def do_GET(self) -> None:
        try:
            target = urlsplit(self.path)
            host = target.hostname or urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        document = self.server.web.find(host, target.path or "/")
        status = HTTPStatus.NOT_FOUND
        if document is not None:
            status = HTTPStatus.NOT_MODIFIED if self._has(document) else HTTPStatus.OK
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        self.server.web.record(Request(host, path, status.value))

        self.send_response(status)
        body = b""
        if document is None:
            hosts = "\n".join(f"  http://{name}/" for name in HOSTS)
            body = f"Nothing is here. Through this server as http_proxy, these answer:\n{hosts}\n".encode()
            self.send_header("Content-Type", "text/plain; charset=utf-8")
        else:
            self.send_header("ETag", document.etag)
            self.send_header("Last-Modified", format_datetime(document.modified, usegmt=True))
            self.send_header("Vary", "Accept-Encoding")
            if status is HTTPStatus.OK:
                body = document.body
                self.send_header("Content-Type", document.content_type)
                if _accepts_gzip(self.headers.get("Accept-Encoding", "")):
                    body = gzip.compress(body, mtime=0)
                    self.send_header("Content-Encoding", "gzip")
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  (http.server's name)

    def version_string(self) -> str:
        return "newsbot-demo"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (http.server's name)
        """Say nothing: `DemoWeb.requests` is the record."""

    def _has(self, document: Document) -> bool:
        """Whether the client has the document already (RFC 9110, 13.2.2: If-None-Match goes before the date)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            opaque = document.etag.removeprefix("W/")
            return tags.strip() == "*" or opaque in re.findall(r'"[^"]*"', tags)
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except ValueError:
            return False
        return document.modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _accepts_gzip(header: str) -> bool:
    for offer in header.lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C (`python -m newsbot.demo.web`); a line on standard input brings the second edition out."""
    parser = argparse.ArgumentParser(prog="python -m newsbot.demo.web", description="Serve two invented newspapers.")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0, the default: any free one")
    port: int = parser.parse_args(arguments).port
    try:
        with DemoWeb(port) as web:
            _say(
                f"{' and '.join(HOSTS)} answer through {web.proxy_url}. To crawl them, in another terminal:\n\n"
                f"  export NEWSBOT_HOME=$(mktemp -d) && mkdir $NEWSBOT_HOME/sites\n"
                f"  cp '{files('newsbot.demo')}'/sites/*.toml $NEWSBOT_HOME/sites/\n"
                f"  http_proxy={web.proxy_url} newsbot crawl {' '.join(KEYS)}\n\n"
                "Enter brings out the second edition; crawl again to see what newsbot makes of it. Ctrl-C ends.\n"
            )
            for _ in sys.stdin:
                web.edition = 2
                _say("The second edition is out: one story revised, one new.\n")
            threading.Event().wait()
    except KeyboardInterrupt:
        _say("\n")
    except NewsbotError as error:
        sys.exit(str(error))


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
