"""For the whole session: what an undisturbed crawl makes of three newspapers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawl import papers, same
from tests.crawl.papers import Undisturbed
from tests.crawl.web import Web
from tests.running import Home


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    home = Home(tmp_path_factory.mktemp("undisturbed"), papers.SETTINGS)
    with Web(etags=True) as web:
        papers.publish(web, home)
        ended = home.newsbot("crawl", http_proxy=web.proxy)
        assert ended.code == 0, ended.err
        yield Undisturbed(web, same.contents(f"sqlite:///{home.database}"))
