"""The invented newspapers on each of the two databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url

from newsbot.store import Store
from tests.databases import PostgreSQL
from tests.docs.newspapers import fill


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def newspapers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database that holds them."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('docs') / 'newsbot.db'}"
        _fill(url)
        yield url
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database() as url:
        _fill(url)
        yield url


@pytest.fixture
def connection(newspapers: str) -> Iterator[Connection]:
    """One that another program makes: without what newsbot sets up for its own."""
    url = make_url(newspapers)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as opened:
        yield opened


def _fill(url: str) -> None:
    with Store.open(url) as store:
        fill(store)
