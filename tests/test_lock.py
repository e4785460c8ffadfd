"""One crawl at a time, whatever becomes of the one before."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from newsbot.errors import CrawlLocked, StoreUnavailable
from newsbot.lock import crawl_lock

HOLD = """
import sys
from pathlib import Path
from newsbot.lock import crawl_lock
with crawl_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "crawl.lock"


def holding(path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_folder_is_made_and_the_holder_is_written_down(path: Path) -> None:
    with crawl_lock(path):
        assert re.fullmatch(rf"pid {os.getpid()}, started \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n", path.read_text())


def test_a_second_crawl_is_told_who_is_at_work(path: Path) -> None:
    with holding(path) as other:
        with pytest.raises(CrawlLocked) as caught, crawl_lock(path):
            pass
        other.communicate()
    assert f"pid {other.pid}, started 20" in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 75


def test_the_lock_is_free_again_after_its_holder(path: Path) -> None:
    with holding(path) as other:
        other.communicate()
    with crawl_lock(path):
        assert path.read_text().startswith(f"pid {os.getpid()},")


def test_the_lock_goes_with_a_process_that_is_killed(path: Path) -> None:
    with holding(path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        with crawl_lock(path):
            pass


def test_the_lock_is_free_again_after_an_error(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), crawl_lock(path):
        raise ZeroDivisionError
    with crawl_lock(path):
        pass


def test_within_one_process_too_there_is_one_crawl(path: Path) -> None:
    with crawl_lock(path):
        with pytest.raises(CrawlLocked, match=f"pid {os.getpid()}"), crawl_lock(path):
            pass
        with pytest.raises(CrawlLocked), crawl_lock(path):
            pass


def test_a_file_that_a_longer_line_was_in_holds_the_new_one_only(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("pid 1, started long ago, and by hand at that, with a word about the weather\n" * 3)
    with crawl_lock(path):
        assert path.read_text().count("\n") == 1


def test_a_file_that_is_no_text_is_overwritten(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00")
    with crawl_lock(path), pytest.raises(CrawlLocked), crawl_lock(path):
        pass


@pytest.mark.parametrize("name", ["file/crawl.lock", "folder"])
def test_where_the_file_cannot_be_made_the_cure_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreUnavailable, match="Set NEWSBOT_HOME") as caught, crawl_lock(tmp_path / name):
        pass
    assert str(tmp_path / name) in str(caught.value)
