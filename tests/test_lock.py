"""One crawl at a time at a site, whatever becomes of the one before."""

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
with crawl_lock(Path(sys.argv[1]), sys.argv[2:]):
    print("held", flush=True)
    sys.stdin.read()
"""
A, B, C = "a.example", "b.example", "c.example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "locks"


def holding(folder: Path, *sites: str) -> subprocess.Popen[str]:
    """Another process that holds the sites until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *sites], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def entered(folder: Path) -> list[str]:
    """What the crawls at work have written down."""
    return [path.read_text() for path in sorted(folder.glob("*.lock"))]


def test_the_folder_is_made_and_the_holder_is_written_down(folder: Path) -> None:
    with crawl_lock(folder, [B, A]):
        (said,) = entered(folder)
    assert re.fullmatch(
        rf"pid {os.getpid()}, started \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n{re.escape(B)}\n{re.escape(A)}\n", said
    )
    assert entered(folder) == []


def test_a_second_crawl_is_told_who_is_at_work_and_on_which_of_its_sites(folder: Path) -> None:
    with holding(folder, A, B) as other:
        with pytest.raises(CrawlLocked) as caught, crawl_lock(folder, [C, B, A]):
            pass
        (path,) = folder.glob("*.lock")
        other.communicate()
    assert f"at work on {B} and 1 more of these sites: pid {other.pid}, started 20" in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 75


def test_of_several_crawls_at_work_the_one_on_the_first_site_is_named(folder: Path) -> None:
    with holding(folder, A) as first, holding(folder, B) as second:
        with pytest.raises(CrawlLocked, match=f"on {B} and 1 more of these sites: pid {second.pid},"):
            crawl_lock(folder, [C, B, A]).__enter__()
        with pytest.raises(CrawlLocked, match=f"on {A}: pid {first.pid},"):
            crawl_lock(folder, [A]).__enter__()
        first.communicate()
        second.communicate()


def test_other_sites_are_free(folder: Path) -> None:
    with holding(folder, A, B) as other:
        with crawl_lock(folder, [C]):
            assert len(entered(folder)) == 2
        other.communicate()


def test_a_site_whose_key_is_part_of_another_is_another(folder: Path) -> None:
    with crawl_lock(folder, ["news.a.example"]), crawl_lock(folder, ["a.example", "news.a"]):
        pass


def test_the_lock_is_free_again_after_its_holder(folder: Path) -> None:
    with holding(folder, A) as other:
        other.communicate()
    with crawl_lock(folder, [A]):
        (said,) = entered(folder)
        assert said.startswith(f"pid {os.getpid()},")


def test_the_lock_goes_with_a_process_that_is_killed_and_its_file_with_the_next_crawl(folder: Path) -> None:
    with holding(folder, A, B) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert len(entered(folder)) == 1
        with crawl_lock(folder, [C]):
            (said,) = entered(folder)
            assert said.startswith(f"pid {os.getpid()},")


def test_the_lock_is_free_again_after_an_error(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), crawl_lock(folder, [A]):
        raise ZeroDivisionError
    with crawl_lock(folder, [A]):
        pass


def test_within_one_process_too_there_is_one_crawl(folder: Path) -> None:
    with crawl_lock(folder, [A]):
        for _ in range(2):
            with pytest.raises(CrawlLocked, match=f"pid {os.getpid()}"), crawl_lock(folder, [A]):
                pass
        assert len(entered(folder)) == 1


def test_what_else_lies_in_the_folder_holds_nothing(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "odd.lock").write_bytes(b"\xff\xfe\x00" + A.encode())
    (folder / "empty.lock").touch()
    (folder / "notes").write_text(f"{A}\n")
    with crawl_lock(folder, [A]):
        assert len(entered(folder)) == 1


def test_more_sites_than_files_may_be_open(folder: Path) -> None:
    sites = [f"{number}.example" for number in range(100_000)]
    with crawl_lock(folder, sites), pytest.raises(CrawlLocked, match=r"99999\.example: pid"):
        crawl_lock(folder, sites[-1:]).__enter__()


def test_the_folder_may_be_gone_at_the_end(folder: Path) -> None:
    with crawl_lock(folder, [A]):
        folder.rename(folder.with_name("elsewhere"))
    with crawl_lock(folder, [A]):
        pass


@pytest.mark.parametrize("name", ["file/locks", "file"])
def test_where_the_files_cannot_be_made_the_cure_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="Set NEWSBOT_HOME") as caught, crawl_lock(tmp_path / name, [A]):
        pass
    assert str(tmp_path / name) in str(caught.value)


def test_guard_that_cannot_be_opened_is_told(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "guard").mkdir()
    with pytest.raises(StoreUnavailable, match="guard: cannot be written"), crawl_lock(folder, [A]):
        pass


def test_sites_that_a_crawl_has_may_be_left_to_it(folder: Path) -> None:
    with crawl_lock(folder, [A, B]) as held:
        assert held == [A, B]
        with crawl_lock(folder, [C, B, A], leave=True) as rest:
            assert rest == [C]
            with pytest.raises(CrawlLocked, match=re.escape(C)), crawl_lock(folder, [C]):
                pass
            with crawl_lock(folder, [A, B, C], leave=True) as nothing:
                assert nothing == []
    with crawl_lock(folder, [C, B, A], leave=True) as rest:
        assert rest == [C, B, A]
