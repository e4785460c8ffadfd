"""A store in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsbot.store import Store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "newsbot.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{file}") as opened:
        yield opened
