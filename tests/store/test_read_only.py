"""A database that the user may read and not write: on a medium, of another user, in a folder that is closed."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command

from newsbot.errors import StoreUnavailable
from newsbot.store import Filters, Store
from newsbot.store.engine import config, open_engine, writing
from tests.store.build import story


@contextmanager
def somebody_else() -> Iterator[None]:
    """root may write everything: its rights are given up for a while."""
    if os.getuid():
        yield
        return
    nobody = pwd.getpwnam("nobody").pw_uid
    os.setresuid(nobody, nobody, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def url(file: Path) -> str:
    return f"sqlite:///{str(file).replace('?', '%3F')}"


@pytest.fixture
def closed() -> Iterator[Path]:
    """A database that everybody may read, in a folder that everybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="newsbot-read-only-"))
    file = folder / "news bot?.db"
    with Store.open(url(file)) as store:
        store.keep(story(1))
    file.chmod(0o444)
    folder.chmod(0o555)
    yield file
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_all_questions_are_answered_and_nothing_is_made_beside_it(closed: Path) -> None:
    before = sorted(closed.parent.iterdir())
    with somebody_else(), Store.open(url(closed), create=False) as store:
        assert [row.id for row in store.read.stories(Filters())] == [1]
        assert [hit.id for hit in store.read.search("headline", Filters())] == [1]
        checks = store.check()
        assert [next(checks).faults for _ in range(5)] == [()] * 5
        with pytest.raises(StoreUnavailable, match="cannot check the search index: read-only"):
            next(checks)
        with pytest.raises(StoreUnavailable, match=r"read-only.* right to write"):
            store.keep(story(2))
    assert sorted(closed.parent.iterdir()) == before


def test_a_file_that_cannot_be_written_in_a_folder_that_can(closed: Path) -> None:
    closed.parent.chmod(0o777)
    with somebody_else(), Store.open(url(closed), create=False) as store:
        assert len(store.read.stories(Filters())) == 1


def test_what_another_process_is_writing_is_seen(closed: Path) -> None:
    """Its log stands beside the file, and holds what the file does not yet."""
    closed.parent.chmod(0o755)
    with Store.open(url(closed)) as crawl:
        crawl.keep(story(2))
        with somebody_else(), Store.open(url(closed), create=False) as store:
            assert len(store.read.stories(Filters())) == 2


def test_an_older_schema_has_to_be_brought_up_to_date_by_another(closed: Path) -> None:
    closed.chmod(0o644)
    closed.parent.chmod(0o755)
    engine = open_engine(url(closed))
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), "0002")
    engine.dispose()
    closed.chmod(0o444)
    closed.parent.chmod(0o555)
    with somebody_else(), pytest.raises(StoreUnavailable, match="newsbot db upgrade"):
        Store.open(url(closed), create=False)


def test_a_crawl_is_told_at_once(closed: Path) -> None:
    with somebody_else(), pytest.raises(StoreUnavailable):
        Store.open(url(closed))
