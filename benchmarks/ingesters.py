"""newsbot's peers over a web archive, run by their own Python: `python -m benchmarks.ingesters NAME WHAT`.

WHAT is the file, for Fundus its address. Prints how many pages gave a text; nothing is stored.
"""

from __future__ import annotations

import sys
from pathlib import Path


def news_please(file: str) -> int:
    """What its commoncrawl_extractor calls for a record."""
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
    """Its CC-NEWS scraper, which takes the pages of its own publishers alone."""
    from fundus import PublisherCollection
    from fundus.scraping.html import CCNewsSource
    from fundus.scraping.scraper import CCNewsScraper

    scraper = CCNewsScraper(CCNewsSource(*PublisherCollection, warc_path=url))
    return sum(bool(article.body) for article in scraper.scrape("suppress"))


def trafilatura(file: str) -> int:
    """FastWARC's iterator, and bare_extraction with metadata."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from trafilatura import bare_extraction

    found = 0
    with Path(file).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            said = bare_extraction(record.reader.read(), url=record.headers["WARC-Target-URI"], with_metadata=True)
            found += said is not None
    return found


PEERS = {"trafilatura": trafilatura, "Fundus": fundus, "news-please": news_please}

if __name__ == "__main__":
    print(PEERS[sys.argv[1]](sys.argv[2]))
