"""The invented newspapers' stories, served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Demo
from tests.store.conftest import database, pytest_generate_tests, store
from tests.web.visiting import Visitor, served

__all__ = ["database", "pytest_generate_tests", "store"]


@pytest.fixture(scope="session")
def press(demo: Demo) -> Iterator[Visitor]:
    with served(f"sqlite:///{demo.home.database}", demo.home.path) as visitor:
        yield visitor


@pytest.fixture
def visitor(database: str, store: object, tmp_path: Path) -> Iterator[Visitor]:
    """A server over a database that the test fills, on each of the two databases."""
    with served(database, tmp_path) as visiting:
        yield visiting
