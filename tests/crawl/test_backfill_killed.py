"""kill -9 at a few moments of a backfill, and then slices until all is there: the database is that of a backfill which
nobody disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import NullPool, create_engine

from newsbot.store import Store
from tests.crawl import same
from tests.crawl.test_backfill import links, listed
from tests.crawl.test_killed import When, crawl_and_kill
from tests.crawl.web import Answer, Moment, Web, page, site_file
from tests.running import Home

HOST = "a.example"
ROOT = f"http://{HOST}"
NOTICE = (
    b"<p>This paper is printed in the old mill by the river, and brought to all who have a letter box.</p></article>"
)
SETTINGS = {"NEWSBOT_WORKERS": "1", "NEWSBOT_STORIES_PER_VISIT": "6"}
MONTH = (datetime.now(UTC).replace(day=1) - timedelta(days=40)).replace(day=1)
BACKFILL = ("backfill", HOST, "--since", f"{MONTH:%Y-%m-%d}")
STORIES = 13

KILLS = [
    [When(request=2, moment=Moment.HALF), When(stored=2), When(stored=8, delay=0.02)],
    [When(request=4), When(stored=5, delay=0.05), When(stored=11)],
]
"""While the sitemaps are read, and while stories are stored, in the first slice and in later ones."""


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """A site with an index of two sitemaps, and an archive page of a month; what it prints on all pages is learned."""
    with Web() as web:
        parts = {f"{ROOT}/part-{part}.xml": [f"{ROOT}/{part}/story-{n}" for n in range(4)] for part in (1, 2)}
        web.pages[f"{ROOT}/robots.txt"] = Answer(f"Sitemap: {ROOT}/index.xml\n".encode(), content_type="text/plain")
        web.pages[f"{ROOT}/index.xml"] = listed("sitemapindex", list(parts))
        for part, urls in parts.items():
            web.pages[part] = listed("urlset", urls)
        archive = f"{ROOT}/{MONTH:%Y/%m}/"
        old = [f"{archive}the-story-of-number-{n}" for n in range(5)]
        web.pages[archive] = links(old[:3], "?page=2")
        web.pages[f"{archive}?page=2"] = links(old[3:])
        for url in [*old, *(url for urls in parts.values() for url in urls)]:
            web.pages[url] = Answer(page(url).replace(b"</article>", NOTICE))
        yield web


def with_site(home: Home) -> Home:
    home.site(HOST, site_file(HOST, f'calendar = ["{ROOT}/{{year}}/{{month:02}}/"]\n'))
    return replace(home, environment={**home.environment, **SETTINGS})


def finish(home: Home, web: Web) -> None:
    """Slices until all is there."""
    while (ended := home.newsbot(*BACKFILL, http_proxy=web.proxy)).code == 75:
        pass
    assert ended.code == 0, ended.err


@pytest.fixture(scope="module")
def undisturbed(web: Web, tmp_path_factory: pytest.TempPathFactory) -> same.Rows:
    home = with_site(Home(tmp_path_factory.mktemp("undisturbed") / "home", {}))
    finish(home, web)
    found = same.contents(home.url)
    assert len(found["story"]) == STORIES
    assert any(str(row).count(f"{MONTH:%Y/%m}") for row in found["archive_page"])
    return found


@pytest.mark.parametrize(
    ("any_home", "kills"), [("sqlite", KILLS[0]), ("sqlite", KILLS[1]), ("postgresql", KILLS[0])], indirect=["any_home"]
)
def test_a_killed_backfill_loses_nothing_and_keeps_nothing_twice(
    any_home: Home, web: Web, undisturbed: same.Rows, kills: list[When]
) -> None:
    home = with_site(any_home)
    engine = create_engine(home.url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    killed = 0
    for when in kills:
        killed += crawl_and_kill(home, web, engine, when, BACKFILL)
        home.free()
    assert killed, "all slices had ended before"
    finish(home, web)
    assert same.differences(undisturbed, same.contents(home.url)) == []
    assert same.open_visits(home.url) == 0
    with Store.open(home.url) as store:
        assert [check.faults for check in store.check() if check.faults] == []
    assert not list((home.path / "locks").glob("*.lock"))
