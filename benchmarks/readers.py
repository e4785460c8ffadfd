"""One extractor over a folder of pages, in a process of its own: newsbot by its own Python, its peers by theirs.

    python -m benchmarks.readers NAME PAGES

Prints a JSON line a page: url, text, title, authors, date, and CPU seconds; `error` where the extractor failed, and
nothing of a page that it does not take. What is called is what each one's manual shows for the whole article.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Reader = Callable[[bytes, str, date | None], dict[str, Any] | None]


def newsbot() -> Reader:
    """`extract`, then `clean`: what a crawl keeps of a page that is the first of its site."""
    from newsbot.clean import clean
    from newsbot.extract import extract

    def read(body: bytes, url: str, day: date | None) -> dict[str, Any]:
        article = extract(body, url)
        kept = clean(article.blocks).kept
        return _said("\n".join(block.text for block in kept), article.title, article.authors, article.published)

    return read


def trafilatura() -> Reader:
    """With metadata, without comments, and otherwise as it comes."""
    from trafilatura import bare_extraction

    def read(body: bytes, url: str, day: date | None) -> dict[str, Any]:
        found: Any = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
        if found is None:
            return _said("")
        names = [name.strip() for name in (found.author or "").split(";") if name.strip()]
        return _said(found.text or "", found.title, names, found.date)

    return read


def newspaper4k() -> Reader:
    """Parsed, without natural language processing; pictures not fetched."""
    from newspaper import Article

    def read(body: bytes, url: str, day: date | None) -> dict[str, Any]:
        article = Article(url, fetch_images=False)
        article.download(input_html=body.decode("utf-8", "replace"))
        article.parse()
        return _said(article.text, article.title, article.authors, article.publish_date)

    return read


def news_please() -> Reader:
    """Of the page's text, pictures not fetched."""
    from newsplease import NewsPlease

    def read(body: bytes, url: str, day: date | None) -> dict[str, Any]:
        found = NewsPlease.from_html(body.decode("utf-8", "replace"), url=url, fetch_images=False)
        return _said(found.maintext or "", found.title, found.authors, found.date_publish)

    return read


def readability() -> Reader:
    """The summary's text, a line a paragraph, heading or item; it knows neither authors nor dates."""
    from lxml import html
    from readability import Document

    def read(body: bytes, url: str, day: date | None) -> dict[str, Any]:
        document = Document(body.decode("utf-8", "replace"), url=url)
        tree = html.fromstring(document.summary())
        whole = {"p", "li", "h1", "h2", "h3", "h4", "blockquote", "pre", "td", "div", "body"}
        for element in tree.iter(*whole, "br"):
            element.tail = "\n" + (element.tail or "")
            element.text = "\n" + (element.text or "") if element.tag != "br" else element.text
        lines = (" ".join(line.split()) for line in tree.text_content().splitlines())
        return _said("\n".join(line for line in lines if line), document.short_title())

    return read


def fundus() -> Reader:
    """The parser that was written for the page's publisher as it was that day; pages of others are not taken."""
    from fundus import PublisherCollection

    known = {_host(publisher.domain): publisher for publisher in PublisherCollection}

    def read(body: bytes, url: str, day: date | None) -> dict[str, Any] | None:
        host = _host(url)
        while host and host not in known:
            host = host.partition(".")[2]
        if not host:
            return None
        parsed = known[host].parser(day).parse(body.decode("utf-8", "replace"), "suppress")
        text = parsed.get("body")
        paragraphs = [each for part in text.as_text_sequence() for each in [str(part)]] if text else []
        return _said("\n".join(paragraphs), parsed.get("title"), parsed.get("authors"), parsed.get("publishing_date"))

    return read


READERS: dict[str, Callable[[], Reader]] = {
    "newsbot": newsbot,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "news-please": news_please,
    "readability-lxml": readability,
    "Fundus": fundus,
}


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _said(
    text: str, title: str | None = None, authors: Iterable[str] | None = None, when: date | str | None = None
) -> dict[str, Any]:
    said = when.isoformat() if isinstance(when, date) else when
    return {"text": text, "title": title, "authors": [str(name) for name in authors or ()], "date": said}


def main() -> None:
    """Read all pages of the folder, the first of them once more than is counted: what is loaded late is loaded."""
    read, folder = READERS[sys.argv[1]](), Path(sys.argv[2])
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
    for number, row in enumerate([rows[0], *rows]):
        body = gzip.decompress((folder / row["file"]).read_bytes())
        day = datetime.fromisoformat(row["published"]).date() if row.get("published") else None
        begun = time.process_time()
        try:
            said = read(body, row["url"], day)
        except Exception as error:  # of this page alone
            said = {"text": "", "error": f"{type(error).__name__}: {error}"}
        spent = time.process_time() - begun
        if said is not None and number:
            print(json.dumps({"url": row["url"], "cpu": spent, **said}))


if __name__ == "__main__":
    main()
