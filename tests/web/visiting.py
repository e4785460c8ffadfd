"""newsbot served on the loopback interface, and a visitor who asks it as a browser would."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from lxml import etree, html

from newsbot.config import Settings
from newsbot.store import Reader
from newsbot.web import Serving, make_app


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def page(self) -> html.HtmlElement:
        """The page as a browser reads it."""
        return html.document_fromstring(self.text)

    @property
    def xml(self) -> etree._Element:
        return etree.fromstring(self.body)

    def texts(self, path: str) -> list[str]:
        """The texts of what an XPath finds on the page, white space aside."""
        return [" ".join(each.text_content().split()) for each in self.page.xpath(path)]


@dataclass(frozen=True)
class Visitor:
    """Asks a server, each time on a connection of its own."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, target, body, named)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, /, *, wanted: dict[str, Any] | None = None, **headers: str) -> Answer:
        query = f"?{urlencode(wanted, doseq=True)}" if wanted else ""
        return self.ask("GET", path + query, None, **headers)


@contextmanager
def served(
    database: str, home: Path, serving: Serving | None = None, patience: float = 60.0, reader: type[Reader] = Reader
) -> Iterator[Visitor]:
    """The database, served until the block ends."""
    settings = Settings(home=home, database_url=database, catalogue=False)
    with reader.open(database, patience) as read:
        config = uvicorn.Config(
            make_app(read, settings, serving or Serving()), port=0, log_level="critical", access_log=False
        )
        server = uvicorn.Server(config)
        up = threading.Event()
        startup = server.startup

        async def started(sockets: Any = None) -> None:
            await startup(sockets)
            up.set()

        server.startup = started  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            assert up.wait(60), "the server does not come up"
            yield Visitor(server.servers[0].sockets[0].getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(60)
