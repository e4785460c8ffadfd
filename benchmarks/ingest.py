"""What it costs to take the stories of a web archive, beside news-please, Fundus and trafilatura over the same file.

The file is made of recorded pages as those of CC-NEWS are: gzip, a member a record, bodies unpacked. In each pass but
the first all pages come again, at other addresses and with other words. Each program reads it in a process of its own;
CPU is user and system time of that process and of all that it starts, imports included.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.server
import json
import random
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from benchmarks import peers
from benchmarks.manysites import Recorded
from benchmarks.measuring import Spent, spent, tell, versions_in
from benchmarks.results import Bars, Cell, Result, Table, aims, figure, ratio

DATE = "2026-01-05T06:00:00Z"
DOES = {
    "newsbot": "extracted, cleaned, recognised, stored",
    "trafilatura": "extracted",
    "Fundus": "extracted by parsers a publisher; other pages are passed by",
    "news-please": "extracted",
}


def run(pages: Path, passes: int, rounds: int) -> Result:
    """Pages a second of CPU. Raises measuring.Failed if one of them fails."""
    took: dict[str, list[Spent]] = defaultdict(list)
    found: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pages.warc.gz")
        count = archive(pages, file, passes)
        with _served(Path(folder)) as address:
            for _ in range(rounds):
                for name in random.sample(list(DOES), len(DOES)):
                    one, found[name] = _newsbot(file) if name == "newsbot" else _peer(name, file, address)
                    took[name].append(one)
                    tell(f"{name}: {one.cpu:.1f} s of CPU, {found[name]} stories")
        size = file.stat().st_size
    read = {name: found[name] if name == "Fundus" else count for name in DOES}
    cpu = {name: [one.cpu / read[name] for one in each] for name, each in took.items()}
    rate = {name: figure(1 / each for each in costs) for name, costs in cpu.items()}
    clock = figure(count / one.wall for one in took["newsbot"])
    rows: list[tuple[Cell, ...]] = [
        (name, rate[name], None if name == "newsbot" else ratio(cpu["newsbot"], cpu[name]), found[name], does)
        for name, does in DOES.items()
    ]
    return Result(
        "ingest",
        (
            Table(
                "rate", "", ("", "pages a second of CPU", "newsbot's CPU a page, times its", "texts", ""), tuple(rows)
            ),
            aims(("newsbot: at least 150 pages a second by the clock", clock, 150, "least")),
        ),
        Bars("Pages of a web archive, a second of CPU", tuple((name, rate[name]) for name in DOES)),
        (f"{count:,} pages, a WARC file of {size / 1e6:.0f} MB; {rounds} rounds.",),
        versions=versions_in(peers.python(), "trafilatura", "fundus", "news-please", "fastwarc", "warcio"),
    )


def archive(pages: Path, file: Path, passes: int) -> int:
    """Make the WARC; gives how many pages it holds."""
    rows = [json.loads(line) for line in (pages / "index.jsonl").read_text("utf-8").splitlines()]
    recorded = Recorded(pages)
    with file.open("wb") as out:
        out.write(_record("warcinfo", "", b"software: benchmarks/ingest.py\r\n"))
        for number in range(passes):
            for place, row in enumerate(rows):
                path, mark, query = row["url"].partition("?")
                url = f"{path}-{number}{mark}{query}" if number else row["url"]
                body = recorded.page(number * len(rows) + place)
                out.write(_record("response", url, _HEAD + body))
    return passes * len(rows)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Crawl-Content-Encoding: gzip\r\n\r\n"


def _record(kind: str, url: str, block: bytes) -> bytes:
    lines = ["WARC/1.0", f"WARC-Type: {kind}", f"WARC-Date: {DATE}", f"WARC-Record-ID: <urn:uuid:{uuid4()}>"]
    lines += [f"WARC-Target-URI: {url}"] if url else []
    lines.append(f"WARC-Block-Digest: sha1:{base64.b32encode(hashlib.sha1(block).digest()).decode()}")  # noqa: S324
    lines += ["Content-Type: application/http; msgtype=response", f"Content-Length: {len(block)}", "", ""]
    return gzip.compress("\r\n".join(lines).encode() + block + b"\r\n\r\n", 6)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The folder's address on loopback, from which alone Fundus takes archives."""
    serve = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def _newsbot(file: Path) -> tuple[Spent, int]:
    with tempfile.TemporaryDirectory() as home:
        took = spent([sys.executable, "-m", "newsbot", "ingest", "--json", str(file)], {"NEWSBOT_HOME": home})
    counts = json.loads(took.said)["files"][0]["counts"]
    return took, sum(counts.get(name, 0) for name in ("new", "changed", "same", "copy"))


def _peer(name: str, file: Path, address: str) -> tuple[Spent, int]:
    what = f"{address}/{file.name}" if name == "Fundus" else str(file)
    took = spent([peers.python(), "-m", "benchmarks.ingesters", name, what])
    return took, int(took.said.split()[-1])
