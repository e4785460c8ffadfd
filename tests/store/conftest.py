"""A store on each of the two databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsbot.store import Store
from tests.databases import PostgreSQL

DATABASES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a database on both; what looks into the file itself is SQLite's."""
    wanted = {"database", "empty_database"} & set(metafunc.fixturenames)
    for name in wanted:
        metafunc.parametrize(name, DATABASES[:1] if "file" in metafunc.fixturenames else DATABASES, indirect=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "newsbot.db"


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without stories."""
    yield from _database(request, tmp_path, like=None)


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, or of a file that does not exist."""
    yield from _database(request, tmp_path, like="template0")


def _database(request: pytest.FixtureRequest, folder: Path, like: str | None) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'newsbot.db'}"
        return
    # Asked for only here: a run on SQLite alone starts no server.
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database(like=like) as url:
        yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened
