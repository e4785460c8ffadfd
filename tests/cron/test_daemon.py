"""`newsbot cron install`, and then a real cron."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsbot.demo.web import DemoWeb, expected, site_files
from tests.running import Home, until

DAEMON = Path(__file__).with_name("daemon.sh")
SECONDS = 150.0  # cron begins with the next full minute


def obstacle() -> str | None:
    """Why no cron daemon can be run here; None where one can."""
    if not (Path("/usr/sbin/cron").exists() and shutil.which("crontab")):
        return "Debian's cron is not installed"
    if os.geteuid() != 0:
        return "only root can give a cron daemon folders of its own"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        return "no mount namespace can be made here"
    return None


OBSTACLE = obstacle()

# Every minute instead of every five, twice at once; and lines of the user's, one of which has something to say.
EDIT = r"""
    crontab - <"$FOLDER/theirs"
    "$PYTHON" -m newsbot cron install
    crontab -l >"$FOLDER/installed"
    sed 's#^\*/[0-9]* #* #; /crawl --due/p' "$FOLDER/installed" | crontab -
"""


@contextmanager
def cron(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = ["unshare", "--mount", "/bin/sh", str(DAEMON), str(folder), "/bin/sh", "-euc", EDIT]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(bool(OBSTACLE), reason=str(OBSTACLE))
def test_a_real_cron_crawls_in_silence_and_never_twice_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "cron"
    folder.mkdir()
    theirs = b"# theirs\n* * * * * echo a line of the user, at 100\\%\n"
    (folder / "theirs").write_bytes(theirs)
    with DemoWeb() as web:
        home = Home(tmp_path / "50 % o'clock", {"http_proxy": web.proxy_url, "NEWSBOT_CONTACT": "at 5 % of 'us'"})
        for name, text in site_files().items():
            home.site(name.removesuffix(".toml"), text)
        environment = home.env(FOLDER=str(folder), PYTHON=sys.executable)
        with cron(folder, environment) as daemon:
            until(lambda: home.stored() and home.last_run().finished, daemon, SECONDS)
            children = Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children")
            until(lambda: not children.read_text(), daemon, SECONDS)
            mails = [path.read_bytes() for path in (folder / "mail").iterdir()]
        asked = [request for request in web.requests if request.status == 200]
    assert (folder / "installed").read_bytes().startswith(theirs)
    assert set(home.stories()) == set(expected(1))
    assert len(asked) == len(set(asked)), "two crawls have fetched the same"
    assert mails, "the user's line has said something"
    assert [mail for mail in mails if b"a line of the user, at 100%" not in mail] == [], "newsbot has nothing to tell"
    assert {site.site for site in home.last_run().sites} == {name.removesuffix(".toml") for name in site_files()}
    with home.read() as read:
        assert len(read.runs(9)) == 1
