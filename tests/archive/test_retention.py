"""Old pages go by whole files, and what refers to them is told before."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from newsbot.archive.files import mark_of
from newsbot.archive.retention import prune, size
from newsbot.errors import ArchiveError
from tests.archive.exchanges import NOON

DAY = timedelta(days=1)


def stocked(folder: Path, *ages: int, host: str = "here") -> list[Path]:
    """Files of a thousand bytes, begun and last written so many days ago."""
    made = []
    for age in ages:
        when = NOON - age * DAY
        file = folder / f"newsbot-{when:%Y%m%d%H%M%S}-00001-{host}-77.warc.gz"
        file.write_bytes(b"x" * 1000)
        os.utime(file, (when.timestamp(),) * 2)
        made.append(file)
    return made


def pruned(folder: Path, *, days: int | None = None, most: int | None = None, now: datetime = NOON) -> list[str]:
    """The names of what went, in the order in which they were told; each was still there then."""
    told: list[str] = []

    def forget(names: list[str]) -> None:
        assert all((folder / name).exists() for name in names)
        told.extend(names)

    assert prune(folder, days, most, now, forget) == len(told)
    assert not any((folder / name).exists() for name in told)
    return told


def test_what_is_older_goes_and_what_is_as_old_stays(tmp_path: Path) -> None:
    old, _, _ = stocked(tmp_path, 31, 30, 1)
    assert pruned(tmp_path, days=30) == [old.name]
    assert pruned(tmp_path, days=30) == []
    assert size(tmp_path).files == 2


def test_the_oldest_go_until_the_rest_is_small_enough(tmp_path: Path) -> None:
    new, oldest, old = stocked(tmp_path, 1, 9, 3)
    assert pruned(tmp_path, most=1500) == [oldest.name, old.name]
    assert size(tmp_path).bytes == 1000
    assert pruned(tmp_path, most=1000) == []
    assert new.exists()


def test_without_a_bound_everything_stays(tmp_path: Path) -> None:
    stocked(tmp_path, 5000)
    assert pruned(tmp_path) == []


def test_what_is_being_written_stays_and_what_a_killed_writer_left_goes(tmp_path: Path) -> None:
    left, written = stocked(tmp_path, 3, 1)
    for file in (left, written):
        mark_of(file).touch()
    assert pruned(tmp_path, most=1) == [left.name]
    assert {file.name for file in tmp_path.iterdir()} == {written.name, mark_of(written).name}


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "CC-NEWS-20260101000000-00001.warc.gz").write_bytes(b"x" * 5000)
    (tmp_path / "newsbot-99999999999999-00001-here-1.warc.gz").write_bytes(b"x" * 5000)
    assert pruned(tmp_path, most=1, days=1) == []
    assert size(tmp_path).files == 0


def test_where_the_stories_cannot_be_told_the_file_stays(tmp_path: Path) -> None:
    (file,) = stocked(tmp_path, 40)

    def refuse(names: list[str]) -> None:
        raise RuntimeError("the database is locked")

    with pytest.raises(RuntimeError, match="locked"):
        prune(tmp_path, 30, None, NOON, refuse)
    assert [each.name for each in tmp_path.iterdir()] == [file.name], "the next run finds it as it was"


def test_an_archive_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert (size(tmp_path / "none").files, size(tmp_path / "none").since) == (0, None)
    assert pruned(tmp_path / "none", days=1) == []


def test_a_file_that_cannot_be_deleted(tmp_path: Path) -> None:
    when = NOON - 9 * DAY
    folder = tmp_path / f"newsbot-{when:%Y%m%d%H%M%S}-00001-here-77.warc.gz"
    folder.mkdir()
    os.utime(folder, (when.timestamp(),) * 2)
    with pytest.raises(ArchiveError, match=f"{tmp_path}: the archive cannot be put in order"):
        prune(tmp_path, 1, None, NOON, lambda names: None)
