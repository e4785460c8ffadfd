"""How many forbidden pages are asked for while robots.txt is on its way: Scrapy's own middleware, and newsbot's.

    python benchmarks/robots.py                # three runs of each
    python benchmarks/robots.py --pages 50 --wait 1.0

A server on the loopback interface forbids everything under /closed/ in a robots.txt that it takes its time to give; a
spider asks for that many pages under /closed/ at once, with a concurrency of eight. Asked for there must be none.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OURS = {
    "newsbot.middlewares.robots.Robots": 100,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
}
RULES = b"User-agent: *\nDisallow: /closed/\n"


class Host(ThreadingHTTPServer):
    """A host that forbids, late; `asked` are the forbidden pages that were asked for all the same."""

    def __init__(self, wait: float) -> None:
        self.wait = wait
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        body = b"a page"
        if self.path == "/robots.txt":
            time.sleep(self.server.wait)
            body = RULES
        elif self.path.startswith("/closed/"):
            self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """What was asked for is counted."""


def crawl(port: int, pages: int, *, ours: bool) -> None:
    """Ask for the forbidden pages; a process can do this once."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    class Eager(Spider):
        name = "eager"

        async def start(self):  # type: ignore[no-untyped-def]
            for number in range(pages):
                yield Request(f"http://127.0.0.1:{port}/closed/{number}", self.parse)

        def parse(self, response):  # type: ignore[no-untyped-def]
            return None

    settings = {
        "ROBOTSTXT_OBEY": True,
        "USER_AGENT": "newsbot-benchmark",
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "CRITICAL",
        "TELNETCONSOLE_ENABLED": False,
    }
    if ours:
        settings["DOWNLOADER_MIDDLEWARES"] = OURS
    process = AsyncCrawlerProcess(settings)
    process.crawl(Eager)
    process.start()


def let_through(pages: int, wait: float, *, ours: bool) -> int:
    """How many of the forbidden pages were asked for."""
    host = Host(wait)
    thread = threading.Thread(target=host.serve_forever, daemon=True)
    thread.start()
    try:
        port = str(host.server_address[1])
        command = [sys.executable, __file__, "--port", port, "--pages", str(pages), *(["--ours"] if ours else [])]
        subprocess.run(command, check=True)
    finally:
        host.shutdown()
        thread.join()
        host.server_close()
    return len(host.asked)


def main() -> None:
    """Run both, in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--wait", type=float, default=0.5, help="seconds until robots.txt is answered")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.port:
        crawl(given.port, given.pages, ours=given.ours)
        return
    import scrapy

    print(f"of {given.pages} forbidden pages were asked for, in {given.runs} runs:")
    for name, ours in ((f"Scrapy {scrapy.__version__}", False), ("newsbot", True)):
        print(f"  {name:14}", *(let_through(given.pages, given.wait, ours=ours) for _ in range(given.runs)))


if __name__ == "__main__":
    main()
