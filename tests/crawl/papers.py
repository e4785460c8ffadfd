"""Three small newspapers for crawls that are broken off: they print each other's stories, and each something of its
own on all pages, which is learned, and taken out of the stories that came before it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.crawl.web import FEED, Answer, Web, feed, page, site_file
from tests.running import Home

PAPERS = ("a.example", "b.example", "c.example")
STORIES = 6
PRINTED = datetime(2026, 3, 2, 12, tzinfo=UTC)

_NOTICE = "<p>{host} is printed in the old mill by the river, and delivered on foot to all who have a letter box.</p>"
_APPEAL = '<p class="newsletter">Subscribe to our newsletter and get the best stories of the week in your inbox.</p>'


def publish(web: Web, home: Home) -> list[str]:
    """Put them on the web and into the home; gives the stories' addresses. The first two stories of the second and of
    the third paper are copies of the first's."""
    found = []
    for hours, host in enumerate(PAPERS):  # no two stories are printed in the same minute
        urls = web.publish(host, STORIES)
        found += urls
        for number, url in enumerate(urls):
            words = page(url.replace(host, PAPERS[0])) if number < 2 else page(url)
            own = (_APPEAL + _NOTICE.format(host=host)).encode()
            web.pages[url] = Answer(words.replace(b"</article>", own + b"</article>"))
        web.pages[f"http://{host}/feed.xml"] = Answer(feed(urls, PRINTED + timedelta(hours=hours)), content_type=FEED)
        home.site(host, site_file(host))
    return found


def wait_at(web: Web, urls: list[str], first: int) -> None:
    """Let stories wait for their gate: so many are let through at once."""
    gate = web.gate(first)
    for url in urls:
        web.pages[url] = replace(web.pages[url], wait=gate)
