"""Three small newspapers for crawls that are broken off: they print each other's stories, and each something of its
own on all pages, which is learned, and taken out of the stories that came before it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from newsbot.store import Store
from tests.crawl import same
from tests.crawl.web import FEED, Answer, Gate, Web, feed, page, site_file
from tests.running import Home

SETTINGS = {"NEWSBOT_WORKERS": "1", "NEWSBOT_TIMEOUT": "60"}
PAPERS = ("a.example", "b.example", "c.example")
STORIES = 12
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


def wait_at(web: Web, urls: list[str], first: int) -> Gate:
    """Let stories wait at a gate, which lets so many through at once."""
    gate = web.gate(first)
    for url in urls:
        web.pages[url] = replace(web.pages[url], wait=gate)
    return gate


@dataclass(frozen=True)
class Undisturbed:
    """The newspapers' web, and what a crawl makes of it that nobody disturbs."""

    web: Web
    contents: same.Rows

    def complete(self, home: Home, url: str = "", why: str = "") -> None:
        """Whatever was done to the crawls of a home: its database, at an URL if it is another than usual, is whole, and
        one more crawl makes it what it should be, and leaves nothing open."""
        url = url or f"sqlite:///{home.database}"
        with Store.open(url) as store:
            assert [(check.name, check.faults) for check in store.check() if check.faults] == [], why
        ended = home.newsbot("crawl", http_proxy=self.web.proxy)
        assert (ended.code, ended.err.count("\n")) == (0, 1), f"{why}\n{ended.err}"
        found = same.differences(self.contents, same.contents(url))
        assert not found, "\n".join([why, *found])
        assert same.open_visits(url) == 0, why
        assert not list((home.path / "locks").glob("*.lock")), why
        with Store.open(url) as store:
            assert [(check.name, check.faults) for check in store.check() if check.faults] == [], why
