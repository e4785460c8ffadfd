"""A site whose file says how long its stories are kept."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, text

from tests.crawl.web import Web, site_file
from tests.running import Home

HOST, OTHER = "calm.example", "other.example"


def test_older_stories_are_forgotten_at_the_end_of_a_visit_and_not_fetched_again(tmp_path: Path) -> None:
    home = Home(tmp_path, {})
    home.site(HOST, site_file(HOST, "keep_days = 30\n"))
    home.site(OTHER, site_file(OTHER))
    with Web() as web:
        old, new = web.publish(HOST, 2)
        (others,) = web.publish(OTHER, 1)
        assert home.newsbot("crawl", http_proxy=web.proxy).code == 0
        assert "forgotten" not in home.counts()[HOST]
        engine = create_engine(f"sqlite:///{home.database}")
        with engine.begin() as connection:
            aged = "UPDATE story SET dated = '2020-01-01 00:00:00.000000' WHERE url <> :new"
            connection.execute(text(aged), {"new": new})
        engine.dispose()
        assert home.newsbot("crawl", http_proxy=web.proxy).code == 0
        assert home.counts()[HOST]["forgotten"] == 1
        before = len(web.requests)
        assert home.newsbot("crawl", http_proxy=web.proxy).code == 0
        assert old not in web.requests[before:]
    assert set(home.stories()) == {new, others}
