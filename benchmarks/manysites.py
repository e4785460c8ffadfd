"""Many news sites on loopback, behind an HTTP proxy, for crawls that are measured.

    python -m benchmarks.manysites SITES STORIES [DIR]

Prints its port, and serves until it is ended. Each of `paper-0.example`, `paper-1.example` ... has a robots.txt, a
`/feed.xml`, and so many stories, no two alike. They are made from the recorded pages in DIR, which holds `index.jsonl`,
a line a page with the path of its gzip file under `file` and its `title`: a page that is served again has other words
in its text. Without DIR the pages are made up, with as much script and markup around a text as news pages have. Feeds
and stories have an ETag, and are not sent again to who gives it back. Two hosts are for who measures:
`http://asked.example/` says how many stories have been asked for, how many requests there were in all and how many
bytes were sent; `http://later.example/N` makes it a later day, on which each feed begins with N stories that it had
not.

A page is made when it is first asked for, and kept, so that what is measured does not wait for this process.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import sys
import zlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from benchmarks.stories import LANGUAGES, sentence, text

KEPT = 4_000  # pages, in 55 KB each
_TEXT = re.compile(r"<(script|style|svg)\b.*?</\1\s*>|>[^<]{20,}", re.DOTALL | re.IGNORECASE)
_BODY = re.compile(r'"articleBody"\s*:\s*"(?:[^"\\]|\\.)*+"')
_WORD = re.compile(r"(?<![\\&#\w])[^\W\d_]{5,}")


class Recorded:
    """Pages of a folder, and the same again with other words."""

    def __init__(self, folder: Path) -> None:
        rows = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
        self._pages = [
            (str(row.get("title") or ""), gzip.decompress((folder / row["file"]).read_bytes())) for row in rows
        ]

    def title(self, number: int) -> str:
        """The story's title for the feed."""
        return str(self._pages[number % len(self._pages)][0])

    def page(self, number: int) -> bytes:
        """The story's page."""
        again, place = divmod(number, len(self._pages))
        body = self._pages[place][1]
        return varied(body, again) if again else body


def varied(body: bytes, seed: int) -> bytes:
    """A page with the longer words of its text exchanged for one another, in another way for each seed; in the text
    that its JSON-LD gives, the same ones."""
    page = body.decode("utf-8", "surrogateescape")
    shown = (part[0] for part in _TEXT.finditer(page) if not part[1])
    words = sorted({word for part in shown for word in _WORD.findall(part)})
    others: dict[str, str] = (
        dict(zip(words, words[seed % len(words) :] + words[: seed % len(words)], strict=True)) if words else {}
    )

    def word(found: re.Match[str]) -> str:
        return others.get(found[0], found[0])

    def part(found: re.Match[str]) -> str:
        if found[1]:
            return _BODY.sub(lambda said: '"articleBody"' + _WORD.sub(word, said[0][13:]), found[0])
        return _WORD.sub(word, found[0])

    return _TEXT.sub(part, page).encode("utf-8", "surrogateescape")


class MadeUp:
    """Pages in seven languages: 3 KB of text in 200 KB, half of it scripts, a third of it lists of links."""

    def title(self, number: int) -> str:
        """The story's title for the feed."""
        chance, language = random.Random(number), LANGUAGES[number % len(LANGUAGES)]  # noqa: S311 - figures, no secrets
        return sentence(chance, language, 9).strip()

    def page(self, number: int) -> bytes:
        """The story's page."""
        chance, language = random.Random(f"{number} page"), LANGUAGES[number % len(LANGUAGES)]  # noqa: S311
        title = self.title(number)
        body = "".join(f'<p class="paragraph">{escape(each)}</p>\n' for each in text(chance, language))
        links = [
            f'<li class="list__item teaser"><a class="teaser__link" href="/news/story-{n}" data-position="{n}">'
            f'<img src="/i/{n}.jpg" alt=""><span class="teaser__title">{escape(sentence(chance, language, 8))}</span>'
            "</a></li>\n"
            for n in range(200)
        ]
        said = {"@type": "NewsArticle", "headline": title, "datePublished": "2026-11-03T08:15:00Z"}
        script = "window.settings = " + json.dumps({f"key{n}": chance.random() for n in range(3_500)})
        return (
            f'<!doctype html><html lang="{language.tag}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta property="og:title" content="{escape(title)}"><meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="{said["datePublished"]}">'
            '<script type="application/ld+json">'
            f"{json.dumps(said)}</script><script>{script}</script></head><body><nav><ul>{''.join(links[:50])}"
            f"</ul></nav><article><h1>{escape(title)}</h1><div class='article-body'>{body}</div></article>"
            f'<aside class="related"><ul>{"".join(links)}</ul></aside></body></html>'
        ).encode()


class Web:
    """The sites; how many stories of theirs have been `asked` for, all `requests`, and the bytes that were `sent`."""

    def __init__(self, pages: Recorded | MadeUp, sites: int, stories: int) -> None:
        self.asked = self.requests = self.sent = 0
        self._new = 0
        self._pages, self._sites, self._stories = pages, sites, stories
        self._story = lru_cache(maxsize=KEPT)(self._made)

    def answer(self, host: str, path: str, known: str) -> bytes:
        """The whole answer to a request; `known` is the ETag that the asker has."""
        if host == "asked.example":
            return _answer(json.dumps([self.asked, self.requests, self.sent]).encode(), "application/json")
        if host == "later.example":
            self._new = int(path.removeprefix("/"))
            return _answer(b"", "text/plain")
        given = self._given(host, path)
        tag = f'"{zlib.crc32(given):08x}"'
        if path != "/robots.txt" and known == tag:
            given = f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        else:
            given = given.replace(b"\r\n", f"\r\nETag: {tag}\r\n".encode(), 1)
        self.requests += 1
        self.sent += len(given)
        return given

    def _given(self, host: str, path: str) -> bytes:
        if path == "/robots.txt":
            return _answer(b"User-agent: *\nDisallow: /private/\n", "text/plain")
        site = int(host.removeprefix("paper-").removesuffix(".example"))
        if path == "/feed.xml":
            return _answer(self._feed(host, site), "application/rss+xml")
        self.asked += 1
        return self._story(self._number(site, int(path.removeprefix("/news/story-"))))

    def _number(self, site: int, story: int) -> int:
        """Which of all stories it is: those of the first day, then those that came later."""
        first = site * self._stories
        return first + story if story < self._stories else self._sites * self._stories + first + story

    def _feed(self, host: str, site: int) -> bytes:
        listed = range(self._stories + self._new - 1, self._new - 1, -1)
        items = "".join(
            f"<item><title>{escape(self._pages.title(self._number(site, n)))}</title>"
            f"<link>http://{host}/news/story-{n}</link><guid>http://{host}/news/story-{n}</guid></item>"
            for n in listed
        )
        return (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{host}</title>"
            f"<link>http://{host}/</link><description>News</description>{items}</channel></rss>"
        ).encode()

    def _made(self, number: int) -> bytes:
        return _answer(gzip.compress(self._pages.page(number), 6, mtime=0), "text/html", "Content-Encoding: gzip\r\n")


def _answer(body: bytes, kind: str, more: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


_KNOWN = re.compile(rb"\r\nif-none-match: *([^\r]*)", re.IGNORECASE)


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, _, self._heard = self._heard.partition(b"\r\n\r\n")
            parts = urlsplit(head.split(b" ", 2)[1].decode())
            known = _KNOWN.search(head)
            self._transport.write(self._web.answer(parts.netloc, parts.path, known[1].decode() if known else ""))


async def serve(web: Web) -> None:
    """Tell the port, and serve."""
    server = await asyncio.get_running_loop().create_server(lambda: Talk(web), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    folder = sys.argv[3:]
    made = Recorded(Path(folder[0])) if folder else MadeUp()
    asyncio.run(serve(Web(made, int(sys.argv[1]), int(sys.argv[2]))))
