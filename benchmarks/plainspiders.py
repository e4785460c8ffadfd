"""Plain Scrapy spiders that newsbot's crawl is measured against, run by the peers' Python: settings are Scrapy's own.

    http_proxy=http://127.0.0.1:PORT python -m benchmarks.plainspiders lxml|trafilatura FOLDER FEED...

They read the feeds and ask for each story. One parses the page with lxml.html and keeps its title; the other gives it
to trafilatura, and keeps the text. Neither stores anything. Where FOLDER is not empty, it has Scrapy's HTTP cache, by
the policy of RFC 2616. Prints how many stories there were.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response


def parsed() -> Callable[[Response], str | None]:
    """The title, from a tree of lxml.html."""
    from lxml import html

    return lambda response: html.document_fromstring(response.body).findtext(".//title")


def extracted() -> Callable[[Response], str | None]:
    """The text that trafilatura finds, without metadata."""
    from trafilatura import extract

    return lambda response: extract(response.body, url=response.url)


READERS = {"lxml": parsed, "trafilatura": extracted}


def main() -> None:
    reader, folder, feeds = READERS[sys.argv[1]](), sys.argv[2], sys.argv[3:]

    class Plain(Spider):
        name = "plain"
        start_urls = feeds

        def parse(self, response: Response) -> Iterator[Request]:
            for link in response.xpath("//item/link/text()").getall():
                yield Request(link, self.parse_story)

        def parse_story(self, response: Response) -> Iterator[dict[str, Any]]:
            yield {"url": response.url, "said": reader(response)}

    settings: dict[str, Any] = {"LOG_LEVEL": "WARNING", "ROBOTSTXT_OBEY": True}
    if folder:
        policy = "scrapy.extensions.httpcache.RFC2616Policy"
        settings |= {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": folder, "HTTPCACHE_POLICY": policy}
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Plain)
    process.crawl(crawler)
    process.start()
    print(crawler.stats.get_value("item_scraped_count", 0))


if __name__ == "__main__":
    main()
