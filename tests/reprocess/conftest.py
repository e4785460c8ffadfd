"""A store of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsbot.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'newsbot.db'}") as opened:
        yield opened
