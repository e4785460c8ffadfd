"""Archives for the workers: files put into the queue, and what becomes of a job.

    put -> a job -> a worker reads the file, in a process of its own (`reading.py`)
                        -> done
                        -> put back, for its worker is to end, or another run is at work on the file
                        -> put back for longer and longer, for it cannot be read here

A file lies where all machines reach it by the same path. Its lease sees to it that it is not read twice at once, and a
job of a file that was read is done at once: so a job may be there twice without harm. None is lost, for it is put back
before it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, JobDeferrer, Status

from newsbot.config import Settings
from newsbot.errors import ArchiveError, ConfigError, StoreUnavailable
from newsbot.register import in_force
from newsbot.sites import find
from newsbot.store import Store, libpq
from newsbot.work.schema import is_there, reached_by, up_to_date

ARCHIVES = "archives"
"""The queue, and its one task."""
LOCKED = timedelta(minutes=1)
"""Until a file is looked at again that another run is at work on."""
FAILED = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""Until a file is tried again that could not be read, the first time and the following ones: what it lies on may be
away for a while. After the last of them it is given up."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be read: the absolute path of a file, of these sites alone, where there are any, or of those that are
    in force (`known`), and whether it is to be read once more (`again`). `tries`: how many of them have failed."""

    file: str
    sites: tuple[str, ...] = ()
    known: bool = False
    again: bool = False
    tries: int = 0

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Order:
        """An order as it stands in a job."""
        return cls(**{**said, "sites": tuple(said["sites"])})


@dataclass(frozen=True, slots=True)
class Queued:
    """A file in the queue. `at_work`: it is being read; else it waits, where `tries` have failed until `after`."""

    file: str
    at_work: bool
    tries: int
    after: datetime | None


def put(settings: Settings, files: Sequence[str], sites: Sequence[str], *, known: bool, again: bool) -> int:
    """Put files into the queue, but for those that wait there for the same already, and for nothing else: not for a
    try after one that has failed. Gives how many were put there.

    Raises ConfigError where the database is not PostgreSQL, ArchiveError for what is no file that can be read,
    SiteError for a site that is not in force, StoreError; then nothing is put there.
    """
    given = libpq(settings.database)
    if given is None:
        raise ConfigError(
            "the queue is in a PostgreSQL database, and this one is SQLite: set NEWSBOT_DATABASE_URL, or leave out "
            "--queue: then the files are read on this machine"
        )
    paths = dict.fromkeys(map(_path, files))
    with Store.open(settings.database) as store:
        keys = tuple(site.key for site in find(in_force(settings, store).sites, sites)) if sites else ()
    up_to_date(given)
    with _asked(given) as app:
        waiting = {Order.of(job.task_kwargs) for job in _jobs(app) if job.status == Status.TODO.value}
        new = [order for path in paths if (order := Order(path, keys, known, again)) not in waiting]
        for order in new:
            _deferrer(app, order).defer(**asdict(order))
    return len(new)


def queued(settings: Settings) -> list[Queued]:
    """The files in the queue, those that are being read first, then in the order in which they were put there. Raises
    StoreUnavailable."""
    given = libpq(settings.database)
    if given is None or not is_there(given):
        return []
    with _asked(given) as app:
        jobs = _jobs(app)
    found = [
        (Order.of(job.task_kwargs), job)
        for job in sorted(jobs, key=lambda job: (job.status != Status.DOING.value, job.id))
    ]
    return [
        Queued(order.file, job.status == Status.DOING.value, order.tries, job.scheduled_at if order.tries else None)
        for order, job in found
    ]


async def put_back(app: App, order: Order, wait: timedelta = timedelta(0)) -> None:
    """Put an order into the queue, to be taken out of it `wait` from now on."""
    await _deferrer(app, order, wait).defer_async(**asdict(order))


def _deferrer(app: App, order: Order, wait: timedelta = timedelta(0)) -> JobDeferrer:
    """Without a queueing lock: that would keep a dead worker's job from being put back where the file was put there a
    second time."""
    seconds = int(wait.total_seconds())
    return app.configure_task(
        ARCHIVES, queue=ARCHIVES, lock=order.file, schedule_in={"seconds": seconds} if seconds else None
    )


def _jobs(app: App) -> list[Job]:
    return [job for job in app.job_manager.list_jobs(queue=ARCHIVES) if job.status in ("todo", "doing")]


@contextmanager
def _asked(given: dict[str, Any]) -> Iterator[App]:
    """The queue, open, without anything that works on it. Raises StoreUnavailable."""
    connector = SyncPsycopgConnector(kwargs=reached_by(given), min_size=1, max_size=1, timeout=10.0)
    try:
        with App(connector=connector).open() as app:
            yield app
    except ConnectorException as error:
        raise StoreUnavailable(
            f"the queue cannot be asked: {error.__cause__ or error}. Check that the database is up, then try again."
        ) from error


def _path(name: str) -> str:
    """The path by which all machines reach a file. Raises ArchiveError for what is none."""
    path = Path(name).absolute()  # links are not followed: each machine may have its own
    try:
        str(path).encode()
        with path.open("rb") as file:
            file.read(1)
    except UnicodeEncodeError as error:
        raise ArchiveError(f"{str(path)!a}: its name is not UTF-8, and cannot be queued. Rename it.") from error
    except OSError as error:
        raise ArchiveError(
            f"{path}: cannot be read: {error.strerror}. Nothing was queued: name files that all machines reach by the "
            "same path."
        ) from error
    return str(path)
