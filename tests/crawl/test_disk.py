"""A database that cannot take what a crawl brings: no room, no right to write, another process that does not let go.

The crawl says what is wrong, once, and the database is as whole as before; the next crawl brings what is missing.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from newsbot.store import Store
from tests.crawl import papers
from tests.crawl.papers import SETTINGS, Undisturbed
from tests.crawl.web import Web
from tests.running import DEADLINE, Ended, Home, until


def told(ended: Ended | tuple[int, bytes]) -> str:
    """What newsbot said went wrong with the database, in one line; it ended with 1 for it."""
    code, err = (ended.code, ended.err) if isinstance(ended, Ended) else (ended[0], ended[1].decode())
    assert code == 1, err
    assert "Traceback" not in err
    of_the_log = "newsbot.log: cannot be written: [Errno"  # which is on the same disk
    (line,) = [line for line in err.splitlines() if line.startswith("newsbot: ") and of_the_log not in line]
    return line


# No room -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Gives a folder on a disk of a size, or gives that disk another size."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def sized(size: str) -> Path:
        again = ["-o", f"remount,size={size}"] if folder.is_mount() else ["-t", "tmpfs", "-o", f"size={size}", "tmpfs"]
        done = subprocess.run(["mount", *again, folder], capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.decode().strip()}")
        return folder

    yield sized
    if folder.is_mount():
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("size", ["40k", "200k", "600k", "1500k"])
def test_full_disk_is_told_and_the_next_crawl_brings_the_rest(
    undisturbed: Undisturbed, disk: Callable[[str], Path], size: str
) -> None:
    home = Home(disk(size) / "home", SETTINGS)
    papers.publish(undisturbed.web, home)
    line = told(home.newsbot("crawl", http_proxy=undisturbed.web.proxy))
    assert str(home.database) in line
    assert "Make room" in line or "has room" in line
    disk("100m")
    undisturbed.complete(home)


def test_disk_so_full_that_no_lock_can_be_entered(undisturbed: Undisturbed, disk: Callable[[str], Path]) -> None:
    folder = disk("100k")
    home = Home(folder / "home", SETTINGS)
    papers.publish(undisturbed.web, home)
    (home.path / "ballast").write_bytes(b"-" * 80_000)
    with (home.path / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"-" * 1000)
    line = told(home.newsbot("crawl", http_proxy=undisturbed.web.proxy))
    assert f"{home.path / 'locks'}: cannot be written: No space left on device" in line
    assert "room on its disk" in line
    assert not home.database.exists()
    (home.path / "ballast").unlink()
    disk("100m")
    undisturbed.complete(home)


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")
def test_file_that_has_reached_the_size_that_it_may_have(undisturbed: Undisturbed, home: Home) -> None:
    limited = Home(home.path, SETTINGS, ("prlimit", "--fsize=600000"))
    papers.publish(undisturbed.web, limited)
    line = told(limited.newsbot("crawl", http_proxy=undisturbed.web.proxy))
    assert str(home.database) in line
    assert "Make room" in line or "has room" in line
    undisturbed.complete(replace(limited, by=()))


# No right ------------------------------------------------------------------------------------------------------------

_NO_MORE_THAN_OTHERS = ("setpriv", "--inh-caps=-all", "--bounding-set=-all")


@pytest.fixture
def mortal(home: Home) -> Home:
    """A home in which newsbot may write what its owner may, which is less than root may."""
    if os.geteuid() != 0:
        return Home(home.path, SETTINGS)
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and setpriv, which can keep it from that, is not installed")
    return Home(home.path, SETTINGS, _NO_MORE_THAN_OTHERS)


@pytest.mark.parametrize("what", [".", "log", "locks", "newsbot.db"])
def test_what_cannot_be_written_is_told_by_its_name(undisturbed: Undisturbed, mortal: Home, what: str) -> None:
    papers.publish(undisturbed.web, mortal)
    for folder in ("log", "locks"):
        (mortal.path / folder).mkdir()
    Store.open(f"sqlite:///{mortal.database}").close()
    place = mortal.path / what
    if what == ".":
        shutil.rmtree(mortal.path / "locks")
    before = place.stat().st_mode
    place.chmod(0o500 if place.is_dir() else 0o400)
    asked = len(undisturbed.web.requests)
    try:
        line = told(mortal.newsbot("crawl", http_proxy=undisturbed.web.proxy))
    finally:
        place.chmod(before)
    assert str(place) in line
    assert len(undisturbed.web.requests) == asked
    undisturbed.complete(mortal)


# A log that takes nothing --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_log_that_takes_nothing_is_told_once_and_the_crawl_goes_on(undisturbed: Undisturbed, home: Home) -> None:
    home = Home(home.path, SETTINGS)
    papers.publish(undisturbed.web, home)
    (home.path / "log").mkdir()
    (home.path / "log" / "newsbot.log").symlink_to("/dev/full")
    ended = home.newsbot("crawl", "--quiet", http_proxy=undisturbed.web.proxy, NEWSBOT_LOG_LEVEL="DEBUG")
    assert ended.code == 0
    assert ended.err.splitlines() == [
        f"newsbot: {home.path}/log/newsbot.log: cannot be written: [Errno 28] No space left on device"
    ]
    (home.path / "log" / "newsbot.log").unlink()
    undisturbed.complete(home)


# Another that writes -------------------------------------------------------------------------------------------------


def writer(database: Path) -> sqlite3.Connection:
    """A connection that holds the lock for writing until it is closed."""
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout = 60000")
    connection.execute("BEGIN IMMEDIATE")
    return connection


@pytest.mark.parametrize("stored", [0, 3])
def test_database_that_is_locked_for_too_long_is_told(undisturbed: Undisturbed, home: Home, stored: int) -> None:
    """From the beginning, or once so many stories are stored."""
    patience = {"NEWSBOT_DATABASE_URL": f"sqlite:///{home.database}?timeout=0.3"}
    impatient, patient = Home(home.path, SETTINGS | patience), Home(home.path, SETTINGS)
    with Web(etags=True) as web:
        urls = papers.publish(web, patient)
        gate = papers.wait_at(web, urls, stored)
        Store.open(f"sqlite:///{home.database}").close()
        if not stored:
            with closing(writer(home.database)):
                line = told(impatient.newsbot("crawl", http_proxy=web.proxy))
        else:
            with impatient.started("crawl", http_proxy=web.proxy) as process:
                until(lambda: home.stored() == stored, process)
                with closing(writer(home.database)):
                    gate.open()
                    _, err = process.communicate(timeout=DEADLINE)
            line = told((process.returncode, err))
    assert "locked: another process has been writing to" in line
    assert str(home.database) in line
    undisturbed.complete(patient)


def test_database_that_is_locked_for_a_while_is_waited_for(undisturbed: Undisturbed, home: Home) -> None:
    home = Home(home.path, SETTINGS)
    with Web(etags=True) as web:
        urls = papers.publish(web, home)
        gate = papers.wait_at(web, urls, 3)
        with home.started("crawl", http_proxy=web.proxy) as process:
            until(lambda: home.stored() == 3, process)
            with closing(writer(home.database)):
                gate.open()
                until(lambda: set(urls) <= set(web.requests), process)
            _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, err.decode()
    undisturbed.complete(home)
