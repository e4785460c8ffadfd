"""What it costs to take the stories of a web archive: newsbot, news-please, Fundus and trafilatura, over one file.

    python benchmarks/ingest.py PAGES --peers PYTHON [--rounds 4] [--pairs 3]

PAGES is a folder of recorded pages: `index.jsonl`, a line a page with its `url` and the path of its gzip `file`. A WARC
is made of them as those of CC-NEWS are: gzip, a member a record, bodies unpacked. In each round but the first all pages
come again, at other addresses and with other words. PYTHON is that of a virtual environment which is not newsbot's own,
with `news-please newspaper4k[all] fundus trafilatura warcio`. Each program reads the file in a process of its own, one
after the other, in another order each time; CPU is user and system time of that process and of all that it starts, from
the first import on. What is called:

newsbot      `newsbot ingest FILE` into an empty SQLite database: extracted, cleaned, recognised, stored
news-please  what its commoncrawl_extractor calls for a record: warcio's ArchiveIterator, NewsPlease.from_warc(record,
             decode_errors="replace", fetch_images=False); nothing is stored
Fundus       CCNewsScraper(CCNewsSource(*publishers, warc_path=URL)).scrape("suppress"), the file served on loopback;
             it takes the pages of its own publishers alone, and nothing is stored
trafilatura  FastWARC's ArchiveIterator, bare_extraction(body, url=..., with_metadata=True); nothing is stored
"""

from __future__ import annotations

import argparse
import base64
import ctypes
import gzip
import hashlib
import http.server
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from uuid import uuid4

NAMES = ("newsbot", "news-please", "fundus", "trafilatura")
DATE = "2026-01-05T06:00:00Z"
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)


def archive(pages: Path, file: Path, rounds: int) -> int:
    """Make the WARC; gives how many pages it holds."""
    from benchmarks.manysites import Recorded

    rows = [json.loads(line) for line in (pages / "index.jsonl").read_text("utf-8").splitlines()]
    recorded = Recorded(pages)
    with file.open("wb") as out:
        out.write(_record("warcinfo", "", b"software: benchmarks/ingest.py\r\n"))
        for number in range(rounds):
            for place, row in enumerate(rows):
                path, mark, query = row["url"].partition("?")
                url = f"{path}-{number}{mark}{query}" if number else row["url"]
                body = recorded.page(number * len(rows) + place)
                out.write(_record("response", url, _HEAD + body))
    return rounds * len(rows)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Crawl-Content-Encoding: gzip\r\n\r\n"


def _record(kind: str, url: str, block: bytes) -> bytes:
    lines = ["WARC/1.0", f"WARC-Type: {kind}", f"WARC-Date: {DATE}", f"WARC-Record-ID: <urn:uuid:{uuid4()}>"]
    lines += [f"WARC-Target-URI: {url}"] if url else []
    lines.append(f"WARC-Block-Digest: sha1:{base64.b32encode(hashlib.sha1(block).digest()).decode()}")  # noqa: S324
    lines += ["Content-Type: application/http; msgtype=response", f"Content-Length: {len(block)}", "", ""]
    return gzip.compress("\r\n".join(lines).encode() + block + b"\r\n\r\n", 6)


# -- who reads it ------------------------------------------------------------------------------------------------------


def news_please(file: str) -> int:
    """How many pages gave a text."""
    from newsplease import NewsPlease
    from warcio.archiveiterator import ArchiveIterator

    found = 0
    with Path(file).open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                try:
                    article = NewsPlease.from_warc(record, decode_errors="replace", fetch_images=False)
                except Exception as error:  # of this page alone
                    print(f"{type(error).__name__}: {error}", file=sys.stderr)
                    continue
                found += bool(article and article.maintext)
    return found


def fundus(url: str) -> int:
    """How many pages gave an article."""
    from fundus import PublisherCollection
    from fundus.scraping.html import CCNewsSource
    from fundus.scraping.scraper import CCNewsScraper

    scraper = CCNewsScraper(CCNewsSource(*PublisherCollection, warc_path=url))
    return sum(bool(article.body) for article in scraper.scrape("suppress"))


def trafilatura(file: str) -> int:
    """How many pages gave a text."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from trafilatura import bare_extraction

    found = 0
    with Path(file).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            said = bare_extraction(record.reader.read(), url=record.headers["WARC-Target-URI"], with_metadata=True)
            found += said is not None
    return found


def newsbot(file: Path) -> tuple[float, float, int]:
    """Seconds of CPU and by the clock, and how many stories there are."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "newsbot", "ingest", "--json", str(file)]
        cpu, wall, said = _spent(command, {"NEWSBOT_HOME": home, "PYTHONPATH": str(Path(__file__).parent.parent)})
    counts = json.loads(said)["files"][0]["counts"]
    return cpu, wall, sum(counts.get(name, 0) for name in ("new", "changed", "same", "copy"))


def peer(python: str, name: str, what: str) -> tuple[float, float, int]:
    """The same of another program."""
    cpu, wall, said = _spent([python, "-P", __file__, "--peer", name, what], {})  # beside us lies a robots.py
    return cpu, wall, int(said.split()[-1])


def _spent(command: list[str], more: dict[str, str]) -> tuple[float, float, str]:
    """CPU of a process and of all that it starts, those included that nobody but us waits for."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, env=os.environ | more, capture_output=True, text=True, check=False)
    wall = time.monotonic() - begun
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
    try:
        while True:
            os.wait()
    except ChildProcessError:  # there is none left
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, done.stdout


def main() -> None:
    """Make the file, have it read by all, and print pages by CPU second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--peers", default="", help="the python of the peers' environment")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pages.warc.gz"
        pages = archive(given.pages, file, given.rounds)
        print(f"{pages} pages, {file.stat().st_size / 1e6:.0f} MB")
        serve = partial(http.server.SimpleHTTPRequestHandler, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/{file.name}"
            names = list(NAMES if given.peers else NAMES[:1])
            spent: dict[str, list[tuple[float, float, int]]] = {name: [] for name in names}
            for _ in range(given.pairs):
                random.shuffle(names)
                for name in names:
                    what = url if name == "fundus" else str(file)
                    spent[name].append(newsbot(file) if name == "newsbot" else peer(given.peers, name, what))
            server.shutdown()
    for name in [name for name in NAMES if name in spent]:
        found = spent[name][0][2]
        read = found if name == "fundus" else pages  # it passes by all others unread
        rates = [read / cpu for cpu, _, _ in spent[name]]
        walls = [read / wall for _, wall, _ in spent[name]]
        print(
            f"{name:12} {found:6} stories  {statistics.median(rates):6.1f} pages per CPU second "
            f"[{min(rates):.1f}-{max(rates):.1f}]  {statistics.median(walls):6.1f} pages/s by the clock"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        print({"news-please": news_please, "fundus": fundus, "trafilatura": trafilatura}[sys.argv[2]](sys.argv[3]))
    else:
        main()
