"""Archives that workers read: queued once, read to the end whatever becomes of a worker, each of their stories once."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

from newsbot.archive.opening import known_by
from newsbot.lease import Lease
from newsbot.store import Filters, RunKind, Store
from tests.crawl import same
from tests.ingest import archives
from tests.ingest.archives import SETTINGS, STORIES
from tests.running import DEADLINE, Home, until
from tests.work.conftest import Machines, at_work

WHOLE = 2 * STORIES
READING = ("worker", "--queue", "archives")
TWO_MINUTES = 120.0
JOBS = "procrastinate.procrastinate_jobs WHERE queue_name = 'archives'"
FIFTH = "jsonb_set(args, '{tries}', '5')"
Process = subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> same.Rows:
    """What a run makes of the archive that nobody disturbs, on one machine."""
    home = Home(tmp_path_factory.mktemp("whole") / "home", SETTINGS)
    assert home.newsbot("ingest", str(archives.put(home))).code == 0
    return same.contents(f"sqlite:///{home.database}")


@pytest.fixture
def file(machines: Machines) -> Path:
    """The archive, in the queue; the site that is known was pushed."""
    home = machines.homes[0]
    path = archives.put(home)
    assert home.newsbot("sites", "push").code == 0
    put = home.newsbot("ingest", "--queue", str(path))
    assert (put.code, put.out) == (0, ""), put.err
    assert put.err.startswith("1 put into the queue;")
    return path


def asked(url: str, statement: str) -> Any:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.begin() as connection:
        found = connection.exec_driver_sql(statement)
        return found.scalar() if found.returns_rows else None


HALF = 5
_WAIT = """
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM story) >= 5 THEN PERFORM pg_advisory_xact_lock(5); END IF;
        RETURN NEW;
    END $$
"""


@contextmanager
def stopped_in_the_middle(url: str) -> Iterator[Callable[[Process], int]]:
    """Nobody stores more than five stories meanwhile. Gives what waits until a worker has come so far, and tells who
    reads the archive."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )

    def wait(worker: Process) -> int:
        until(lambda: asked(url, "SELECT count(*) FROM story") == HALF, worker, TWO_MINUTES)
        with Store.open(url) as store:
            (lease,) = store.machines.held()
        return int(lease.holder.split()[-1])

    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(5)")
        connection.exec_driver_sql(_WAIT)
        connection.exec_driver_sql("CREATE TRIGGER wait BEFORE INSERT ON story FOR EACH ROW EXECUTE FUNCTION wait()")
        yield wait


def in_queue(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(home.newsbot("worker", "--status", "--json").out)["archives"]
    return found


def whole(url: str, undisturbed: same.Rows) -> list[str | None]:
    """The archive was read, each story is there once; gives how its runs ended, the last one first."""
    until(lambda: not asked(url, f"SELECT count(*) FROM {JOBS}"))
    assert same.differences(undisturbed, same.contents(url)) == []
    assert same.open_visits(url) == 0
    with Store.open(url) as store:
        assert [check.faults for check in store.check() if check.faults] == []
        runs = store.read.runs(9)
        assert len(store.read.stories(Filters())) == WHOLE
    assert {run.kind for run in runs} == {RunKind.INGEST}
    return [run.outcome for run in runs]


@pytest.mark.parametrize("harm", ["killed", "cut off"])
def test_what_a_worker_that_is_gone_has_left_another_reads(
    machines: Machines, file: Path, undisturbed: same.Rows, harm: str
) -> None:
    one, other = machines.homes
    with one.started(*READING) as first:
        with stopped_in_the_middle(machines.url) as wait:
            child = wait(first)
            first.kill() if harm == "killed" else machines.ways[0].cut()
            until(lambda: not at_work(child), seconds=TWO_MINUTES)
        assert asked(machines.url, "SELECT count(*) FROM story") == HALF
        with other.started(*READING) as second:
            until(lambda: asked(machines.url, "SELECT count(*) FROM story") == WHOLE, second, TWO_MINUTES)
            outcomes = whole(machines.url, undisturbed)
            second.send_signal(signal.SIGTERM)
            second.communicate(timeout=DEADLINE)
    assert outcomes == ["ok", "interrupted"]


def test_a_worker_that_is_to_end_puts_its_archive_back(machines: Machines, file: Path, undisturbed: same.Rows) -> None:
    one, other = machines.homes
    with one.started(*READING) as first:
        with stopped_in_the_middle(machines.url) as wait:
            wait(first)
            first.send_signal(signal.SIGTERM)
        _, err = first.communicate(timeout=DEADLINE)
    assert first.returncode == 143, err.decode()
    assert b"at work, an archive\n" in err
    assert [(each["file"], each["at_work"], each["tries"]) for each in in_queue(one)] == [(str(file), False, 0)]
    with other.started(*READING) as second:
        until(lambda: asked(machines.url, "SELECT count(*) FROM story") == WHOLE, second, TWO_MINUTES)
        assert whole(machines.url, undisturbed) == ["ok", "interrupted"]


def test_a_file_that_is_away_is_tried_again_later_and_given_up_at_last(machines: Machines, file: Path) -> None:
    home, url = machines.homes[0], machines.url
    away = file.rename(file.with_name("away"))
    with home.started(*READING) as worker:
        until(lambda: asked(url, f"SELECT args->>'tries' FROM {JOBS} AND status = 'todo'") == "1", worker)
        shown = home.newsbot("worker", "--status").out
        assert f"{file}\twaiting: 1 times it could not be read; again " in shown
        asked(url, f"UPDATE procrastinate.procrastinate_jobs SET scheduled_at = NULL, args = {FIFTH}")
        until(lambda: not asked(url, f"SELECT count(*) FROM {JOBS}"), worker)
        away.rename(file)
        assert home.newsbot("ingest", "--queue", str(file)).code == 0
        until(lambda: asked(url, "SELECT count(*) FROM story") == WHOLE, worker, TWO_MINUTES)
        worker.send_signal(signal.SIGTERM)
        _, err = worker.communicate(timeout=DEADLINE)
    assert f"{file}: is given up, for it could not be read; the log says why" in err.decode()


def test_a_file_that_another_run_is_at_work_on_is_left_to_it(machines: Machines, file: Path) -> None:
    with file.open("rb") as opened:
        digest, _ = known_by(opened)
    with Store.open(machines.url) as store:
        lease = Lease(store.machines, [f"archive {digest[:12]}"], leave=False)
        ended = machines.homes[0].newsbot("ingest", str(file))
        assert ended.code == 75
        assert f"{file}: another run is at work on archive {digest[:12]}: " in ended.err
        with machines.homes[1].started(*READING) as worker:
            put_back = f"SELECT args->>'tries' FROM {JOBS} AND status = 'todo' AND scheduled_at > now()"
            assert until(lambda: asked(machines.url, put_back), worker) == "0"
        lease.give_back()
    assert asked(machines.url, "SELECT count(*) FROM story") == 0


def test_a_file_waits_in_the_queue_once(machines: Machines, file: Path) -> None:
    home = machines.homes[0]
    second = file.with_name("second.warc.gz")
    second.write_bytes(file.read_bytes())
    again = home.newsbot("ingest", "--queue", str(second), str(file))
    assert again.err.startswith("1 put into the queue, 1 were there before;")
    assert json.loads(home.newsbot("ingest", "--queue", "--json", str(file)).out) == {"queued": 0}
    assert json.loads(home.newsbot("ingest", "--queue", "--again", "--json", str(file)).out) == {"queued": 1}
    shown = home.newsbot("worker", "--status").out
    assert all(f"{path}\twaiting" in shown for path in (file, second))


def test_who_only_reads_needs_no_sites(machines: Machines) -> None:
    home = machines.homes[0]
    assert home.newsbot("ingest", "--queue", str(archives.put(home))).code == 0
    with home.started(*READING) as worker:
        until(lambda: asked(machines.url, "SELECT max(finished) FROM run"), worker, TWO_MINUTES)
        worker.send_signal(signal.SIGTERM)
        _, err = worker.communicate(timeout=DEADLINE)
    assert (worker.returncode, err.decode()) == (143, "newsbot worker: at work, an archive\n")
    assert asked(machines.url, "SELECT count(*) FROM story") == WHOLE
    assert "Traceback" not in (home.path / "log" / "newsbot.log").read_text()


def test_only_of_the_sites_that_are_chosen(machines: Machines) -> None:
    home = machines.homes[0]
    path = archives.put(home)
    assert home.newsbot("sites", "push").code == 0
    unknown = home.newsbot("ingest", "--queue", "--site", "b.example", str(path))
    assert (unknown.code, in_queue(home)) == (2, [])
    assert home.newsbot("ingest", "--queue", "--known", str(path)).code == 0
    with machines.homes[1].started(*READING) as worker:
        until(lambda: asked(machines.url, "SELECT max(finished) FROM run"), worker, TWO_MINUTES)
    assert asked(machines.url, "SELECT string_agg(DISTINCT site, ' ') FROM story") == "a.example"


def test_what_cannot_be_queued_is_told_and_nothing_is(machines: Machines, home: Home) -> None:
    path, shared = archives.put(home), machines.homes[0]
    missing = shared.newsbot("ingest", "--queue", str(path), str(path.with_name("missing")))
    assert (missing.code, "missing: cannot be read: No such file" in missing.err) == (1, True)
    assert in_queue(shared) == []
    alone = home.newsbot("ingest", "--queue", str(path))
    assert (alone.code, "this one is SQLite" in alone.err) == (2, True)
