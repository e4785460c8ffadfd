"""What it costs to keep a page in the archive, beside warcio; and to make stories again of what was kept.

Each recorded page is written as an answer packed with gzip and as one that came plain, and noted once more as
unchanged. What decides whether it may be kept is counted apart: it is asked of the unpacked page. The time is CPU of
the process, without waiting for the disk. Then the pages become stories of a SQLite database and are made again: from
the archive, then from their blocks. What makes them, in the reading processes, and what writes them are counted apart.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.measuring import tell, timed, versions
from benchmarks.results import Cell, Result, Table, figure
from newsbot.archive.noarchive import forbids
from newsbot.archive.writing import Exchange, Headers, Writer
from newsbot.items import Lead, Page
from newsbot.process import process
from newsbot.reprocess.differences import difference
from newsbot.reprocess.making import make
from newsbot.sites import Site
from newsbot.store import Store, Wanted

T = TypeVar("T")

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


def run(folder: Path, rounds: int) -> Result:
    """Both, over the pages of a folder."""
    lines = (folder / "index.jsonl").read_text("utf-8").splitlines()
    found = [gzip.decompress((folder / json.loads(line)["file"]).read_bytes()) for line in lines]
    packed = exchanges([gzip.compress(body, 6, mtime=0) for body in found], PACKED)
    plain = exchanges(found, PLAIN)
    ours = [[by_newsbot(made) for _ in range(rounds)] for made in (packed, plain)]
    theirs = [[by_warcio(made) for _ in range(rounds)] for made in (packed, plain)]
    asks = figure(_ms(lambda: [forbids((), body) for body in found], len(found))[0] for _ in range(rounds))
    tell("written")
    rows: list[tuple[Cell, ...]] = [
        ("newsbot: kept, ms", *(figure(each[0] for each in some) for some in ours)),
        ("newsbot: noted as unchanged, ms", *(figure(each[1] for each in some) for some in ours)),
        ("newsbot: whether it may be kept, ms", asks, asks),
        ("warcio: kept, ms", *(figure(each[0] for each in some) for some in theirs)),
        ("newsbot: KB on the disk", *(some[0][2] / 1000 for some in ours)),
        ("warcio: KB on the disk", *(some[0][1] / 1000 for some in theirs)),
    ]
    return Result(
        "archive",
        (
            Table("pages", "CPU a page", ("", "as servers send them, packed", "sent plain"), tuple(rows)),
            Table(
                "reprocess",
                "Stories made again, CPU a story",
                ("", "stories", "to make one, ms", "to write it, ms", "differ"),
                tuple(reprocess(found)),
            ),
        ),
        remarks=(f"{len(found)} pages of {sum(map(len, found)) / len(found) / 1000:.0f} KB, {rounds} rounds.",),
        versions={
            name: each for name, each in versions("warcio", "fastwarc").items() if name in ("warcio", "fastwarc")
        },
    )


def _ms(work: Callable[[], T], pages: int) -> tuple[float, T]:
    """CPU milliseconds a page, and what the work gave."""
    seconds, done = timed(work)
    return seconds * 1000 / pages, done


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
        keep, places = _ms(lambda: [writer.write(each) for each in made], len(made))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        again = list(zip(made, places, strict=True))
        note, _ = _ms(lambda: [writer.write(each, place) for each, place in again], len(made))
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

        cost, _ = _ms(write, len(made))
        return cost, file.tell() // len(made)


def reprocess(bodies: Sequence[bytes]) -> list[tuple[Cell, ...]]:
    """Make stories of the pages, and all of them again."""
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
            return [
                ("from their pages", *again(store, site, home / "archive")),
                ("from their blocks", *again(store, site, home / "gone")),
            ]


def again(store: Store, site: Site, folder: Path) -> tuple[Cell, ...]:
    """Make all stories again, as if another newsbot had made them: how many, the cost of each, how many differ."""
    profile = store.profile(site.key)
    standing = store.standing(store.outdated(Wanted(site.key, "another")))
    making, made = _ms(lambda: [make(each, site, profile, folder, 10_000_000) for each in standing], len(standing))
    stories = [
        (each, replace(one.story, made_by="another")) for each, one in zip(standing, made, strict=True) if one.story
    ]
    changed = sum(difference(each, story) is not None for each, story in stories)
    writing, _ = _ms(lambda: [store.remake(each, story) for each, story in stories], len(standing))
    with closing(sqlite3.connect(str(store.info().where))) as database:
        database.execute("UPDATE story SET made_by = NULL")
        database.commit()
    tell("made again")
    return len(standing), making, writing, changed
