"""An archive of two newspapers for runs that read it: with copies, what a paper repeats, and what is no story."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.archive.warc import NOON, Packer, answer, gzipped, record, response, warc
from tests.crawl.web import page, site_file
from tests.running import Home

PAPERS = ("a.example", "b.example")
STORIES = 12
SETTINGS = {"NEWSBOT_WORKERS": "2"}
_NOTICE = "<p>{host} is printed in the old mill by the river, and delivered on foot to all who have a letter box.</p>"


def address(host: str, number: int) -> str:
    return f"http://www.{host}/2026/03/story-{number}"


def story(host: str, number: int) -> bytes:
    """A story's page, with what its paper says on every page; the first two of the second paper are the first's."""
    words = page(address(PAPERS[0] if number < 2 else host, number))
    return words.replace(b"</article>", _NOTICE.format(host=host).encode() + b"</article>")


def records() -> list[bytes]:
    """What lies in the archive, in its order."""
    found = []
    for number in range(STORIES):
        for host in PAPERS:
            found.append(record("request", address(host, number), b"GET / HTTP/1.1\r\n\r\n"))
            found.append(response(address(host, number), story(host, number), NOON + timedelta(minutes=number)))
        found.append(record("response", address(PAPERS[0], 100 + number), answer(b"", "404 Not Found")))
    found.append(response(f"http://www.{PAPERS[0]}/tags", b"<html><title>Tags</title><p>Nothing.</html>"))
    return found


def put(home: Home, name: str = "papers.warc.gz", pack: Packer = gzipped) -> Path:
    """Write the archive beside a home that has a file for the first paper alone."""
    home.site(PAPERS[0], site_file(PAPERS[0]))
    path = home.path.parent / name
    path.write_bytes(warc(records(), pack, name))
    return path
