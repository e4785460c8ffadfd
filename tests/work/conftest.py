"""Machines for the tests: homes that share a PostgreSQL database, each with a way of its own to it that can be cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crawl.conftest import undisturbed
from tests.crawl.papers import SETTINGS
from tests.databases import PostgreSQL
from tests.proxy import Proxy
from tests.running import Home

__all__ = ["Machines", "at_work", "machines", "undisturbed"]


@dataclass(frozen=True)
class Machines:
    """Two machines, the database that they share as a person reaches it, and the way of each."""

    url: str
    homes: tuple[Home, Home]
    ways: tuple[Proxy, Proxy]


@pytest.fixture
def machines(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        url = stack.enter_context(postgresql.database())
        if postgresql.socket is None:
            pytest.skip("needs a server of the tests' own, with a socket")
        name = url.rsplit("/", 1)[1].partition("?")[0]
        ways = tuple(stack.enter_context(Proxy(postgresql.socket)) for _ in range(2))
        homes = tuple(
            Home(
                tmp_path / f"machine-{number}",
                {**SETTINGS, "NEWSBOT_DATABASE_URL": f"postgresql://newsbot@127.0.0.1:{way.port}/{name}"},
            )
            for number, way in enumerate(ways)
        )
        yield Machines(url, (homes[0], homes[1]), (ways[0], ways[1]))


def at_work(pid: int) -> bool:
    """Whether there is such a process; one that has ended may wait for its parent to look."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
