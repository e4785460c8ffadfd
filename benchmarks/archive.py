"""What it costs to keep a page: CPU time by newsbot's writer, and by warcio's, over the same pages in one run. And how
fast stories are made again of what was kept.

    python benchmarks/archive.py PAGES
    python benchmarks/archive.py PAGES --reprocess

PAGES is a folder of recorded pages, `*.html` or `*.html.gz`. Each is written as an answer packed with gzip and as one
that came plain, and noted once more as unchanged. What decides whether it may be kept is counted apart: it is asked of
the unpacked page. The time is that of the process, without waiting for the disk; the best of three rounds.

With --reprocess, the pages become stories of a SQLite database and are made again: from the archive, then from their
blocks. What makes them, in the reading processes, and what writes them, one after the other, are counted apart.
"""

from __future__ import annotations

import argparse
import gzip
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsbot.archive.noarchive import forbids
from newsbot.archive.writing import Exchange, Headers, Writer
from newsbot.items import Lead, Page
from newsbot.process import process
from newsbot.reprocess.differences import difference
from newsbot.reprocess.making import make
from newsbot.sites import Site
from newsbot.store import Store, Wanted

ROUNDS = 3
ASKED = (
    (b"User-Agent", b"newsbot/1 (+desk@paper.example)"),
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"gzip, deflate"),
)
PLAIN = (
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"Server", b"nginx"),
    (b"Date", b"Mon, 02 Mar 2026 12:00:00 GMT"),
)
PACKED = (*PLAIN, (b"Content-Encoding", b"gzip"))

T = TypeVar("T")


def pages(folder: Path) -> list[bytes]:
    """The pages of a folder, unpacked."""
    read = [file.read_bytes() for file in sorted(folder.rglob("*.html*")) if file.is_file()]
    return [gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body for body in read]


def timed(work: Callable[[], T], pages: int) -> tuple[float, T]:
    """CPU milliseconds a page, and what the work gave."""
    begin = time.process_time()
    done = work()
    return (time.process_time() - begin) * 1000 / pages, done


def exchanges(bodies: Sequence[bytes], headers: Headers) -> list[Exchange]:
    """The answers that had these bodies."""
    now = datetime.now(UTC)
    return [
        Exchange(f"https://paper.example/news/{number}", now, ASKED, 200, headers, body)
        for number, body in enumerate(bodies)
    ]


def by_newsbot(made: Sequence[Exchange]) -> tuple[float, float, int]:
    """CPU milliseconds a page: to keep it, and to note that it has not changed; bytes on the disk a page."""
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder), {"software": "newsbot"})
        keep, places = timed(lambda: [writer.write(each) for each in made], len(made))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        again = list(zip(made, places, strict=True))
        note, _ = timed(lambda: [writer.write(each, place) for each, place in again], len(made))
        writer.close()
    return keep, note, size // len(made)


def by_warcio(made: Sequence[Exchange]) -> tuple[float, int]:
    """CPU milliseconds a page, and bytes on the disk a page."""
    with tempfile.TemporaryFile() as file:

        def write() -> None:
            writer = WARCWriter(file, gzip=True)
            for each in made:
                headers = [(name.decode(), value.decode()) for name, value in each.headers]
                asked = [(name.decode(), value.decode()) for name, value in each.asked]
                answer = writer.create_warc_record(
                    each.url,
                    "response",
                    BytesIO(each.body),
                    http_headers=StatusAndHeaders("200 OK", headers, "HTTP/1.1"),
                )
                request = writer.create_warc_record(
                    each.url,
                    "request",
                    BytesIO(),
                    http_headers=StatusAndHeaders("GET / HTTP/1.1", asked, is_http_request=True),
                )
                writer.write_request_response_pair(request, answer)

        cost, _ = timed(write, len(made))
        return cost, file.tell() // len(made)


def reprocess(bodies: Sequence[bytes]) -> None:
    """Make stories of the pages, and all of them again; print how many a second."""
    site = Site.model_validate({"key": "paper.example", "name": "The Paper", "home": "https://paper.example/"})
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        writer = Writer(home / "archive", {"software": "newsbot"})
        with Store.open(f"sqlite:///{home / 'newsbot.db'}") as store:
            for each, body in zip(exchanges([gzip.compress(body, 6) for body in bodies], PACKED), bodies, strict=True):
                place, lead = writer.write(each), Lead(each.url)
                page = Page(site.key, each.url, each.url, 200, {}, body, each.when, lead, archived=place)
                process(page, site, store)
        writer.close()
        with Store.open(f"sqlite:///{home / 'newsbot.db'}") as store:
            again(store, site, home / "archive", "of their pages")
            again(store, site, home / "gone", "of their blocks")


def again(store: Store, site: Site, folder: Path, of_what: str) -> None:
    """Make all stories again, as if another newsbot had made them."""
    profile = store.profile(site.key)
    standing = store.standing(store.outdated(Wanted(site.key, "another")))
    making, made = timed(lambda: [make(each, site, profile, folder, 10_000_000) for each in standing], len(standing))
    stories = [
        (each, replace(one.story, made_by="another")) for each, one in zip(standing, made, strict=True) if one.story
    ]
    changed = sum(difference(each, story) is not None for each, story in stories)
    writing, _ = timed(lambda: [store.remake(each, story) for each, story in stories], len(standing))
    with closing(sqlite3.connect(str(store.info().where))) as database:
        database.execute("UPDATE story SET made_by = NULL")
        database.commit()
    cost = f"{making:.1f} ms CPU to make one, {writing:.1f} to write it"
    print(f"{len(standing)} stories {of_what}: {cost}; {changed} differ")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, help="a folder of recorded pages")
    parser.add_argument("--reprocess", action="store_true", help="make stories of them, and those again")
    asked = parser.parse_args()
    found = pages(asked.pages)
    if not found:
        parser.error("there is no *.html or *.html.gz in it")
    if asked.reprocess:
        reprocess(found)
        return
    packed = exchanges([gzip.compress(body, 6, mtime=0) for body in found], PACKED)
    plain = exchanges(found, PLAIN)
    print(f"{len(found)} pages of {sum(map(len, found)) / len(found) / 1000:.0f} KB, CPU ms a page, best of {ROUNDS}\n")
    print(f"{'':34}{'packed':>8}{'plain':>8}")
    ours = [[by_newsbot(made) for _ in range(ROUNDS)] for made in (packed, plain)]
    theirs = [[by_warcio(made) for _ in range(ROUNDS)] for made in (packed, plain)]
    asks = min(timed(lambda: [forbids((), body) for body in found], len(found))[0] for _ in range(ROUNDS))
    rows: list[tuple[str, list[float]]] = [
        ("newsbot: kept", [min(each[0] for each in rounds) for rounds in ours]),
        ("newsbot: noted as unchanged", [min(each[1] for each in rounds) for rounds in ours]),
        ("newsbot: whether it may be kept", [asks, asks]),
        ("warcio: kept", [min(each[0] for each in rounds) for rounds in theirs]),
    ]
    for name, values in rows:
        print(f"{name:34}" + "".join(f"{value:8.2f}" for value in values))
    for name, sizes in (
        ("newsbot: KB on the disk", [rounds[0][2] for rounds in ours]),
        ("warcio: KB on the disk", [rounds[0][1] for rounds in theirs]),
    ):
        print(f"{name:34}" + "".join(f"{size / 1000:8.1f}" for size in sizes))


if __name__ == "__main__":
    main()
