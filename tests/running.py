"""newsbot run as people and cron run it: in a process of its own, on a NEWSBOT_HOME of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from newsbot.store import Filters, Reader, RunRow, Store, StoryFull

T = TypeVar("T")

DEADLINE = 300.0  # seconds after which a process that has not ended, or a thing that has not come, is a failure


@dataclass(frozen=True)
class Ended:
    """What a process left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Home:
    """A NEWSBOT_HOME, what else of the environment newsbot is run in, the command that runs it where that may do less
    than we may, and the Python that has it."""

    path: Path
    environment: Mapping[str, str]
    by: tuple[str, ...] = ()
    python: str = sys.executable

    @property
    def database(self) -> Path:
        return self.path / "newsbot.db"

    def site(self, key: str, text: str) -> Path:
        """Write a site file."""
        folder = self.path / "sites"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{key}.toml"
        file.write_text(text, "utf-8")
        return file

    def env(self, **more: str) -> dict[str, str]:
        """The whole environment: this machine's own without what would reach a real newsbot or a real network."""
        foreign = ("newsbot_", "http_proxy", "https_proxy", "all_proxy", "no_proxy")
        kept = {name: value for name, value in os.environ.items() if not name.lower().startswith(foreign)}
        own = {"NEWSBOT_HOME": str(self.path), "NEWSBOT_CATALOGUE": "false", "NEWSBOT_DELAY": "0"}
        return kept | own | dict(self.environment) | more

    def newsbot(self, *arguments: str, stdin: bytes = b"", **environment: str) -> Ended:
        """Run newsbot to its end."""
        return run([*self.by, self.python, "-m", "newsbot", *arguments], self.env(**environment), stdin=stdin)

    @contextmanager
    def started(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start newsbot in a process group of its own and let it run, killed at the latest when the block ends."""
        process = subprocess.Popen(
            [*self.by, self.python, "-m", "newsbot", *arguments],
            env=self.env(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    @property
    def url(self) -> str:
        """Its database's."""
        return self.environment.get("NEWSBOT_DATABASE_URL") or f"sqlite:///{self.database}"

    def free(self) -> None:
        """Let the leases of runs that were killed run out, for which one would have to wait twenty seconds; on SQLite
        there are none."""
        with Store.open(self.url) as store, store._engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM site_lease")

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """The database as it stands."""
        with Store.open(self.url) as store:
            yield store.read

    def stories(self) -> dict[str, StoryFull]:
        """All that is stored, by canonical address."""
        with self.read() as read:
            full = [read.story(row.id) for row in read.stories(Filters())]
        return {story.url: story for story in full if story is not None}

    def stored(self) -> int:
        """How many stories there are; none before there is a database."""
        if self.url.startswith("sqlite") and not self.database.exists():
            return 0
        with self.read() as read:
            return len(read.stories(Filters()))

    def last_run(self) -> RunRow:
        """The newest run."""
        with self.read() as read:
            return read.runs(1)[0]

    def counts(self) -> dict[str, dict[str, int]]:
        """The newest run's counts, by site."""
        return {site.site: dict(site.counts) for site in self.last_run().sites}


def run(command: list[str], environment: Mapping[str, str], *, stdin: bytes = b"", cwd: Path | None = None) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        command, env=dict(environment), input=stdin, cwd=cwd, capture_output=True, timeout=DEADLINE, check=False
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def until(look: Callable[[], T | None], process: subprocess.Popen[bytes] | None = None, seconds: float = DEADLINE) -> T:
    """Look again and again until something is seen. Fails after so many seconds, or when the process ends before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        if process is not None and process.poll() is not None:
            out, err = process.communicate()
            raise AssertionError(f"ended with {process.returncode} too early: {out.decode()}{err.decode()}")
        time.sleep(0.01)
    raise AssertionError("nothing was seen before the deadline")


def closed_port() -> int:
    """A port of the loopback interface at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
