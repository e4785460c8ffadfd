"""kill -9 at any record of an archive, and again in the runs that follow; then one that may go on to its end, and has
to leave the database that an undisturbed run makes. SIGTERM is a request."""

from __future__ import annotations

import random
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from newsbot.store import Store
from tests.crawl import same
from tests.databases import PostgreSQL
from tests.ingest import archives
from tests.ingest.archives import SETTINGS, STORIES
from tests.running import Home, until

KILLS = 4


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> same.Rows:
    """What a run makes of the archive that nobody disturbs."""
    home = Home(tmp_path_factory.mktemp("whole") / "home", SETTINGS)
    assert home.newsbot("ingest", str(archives.put(home))).code == 0
    return same.contents(f"sqlite:///{home.database}")


def stored(engine: Engine) -> int:
    """How many stories there are, -1 where there is no table for them yet."""
    try:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM story").scalar_one())
    except DBAPIError:
        return -1


def is_time(engine: Engine, goal: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether so many stories are stored, or the run has ended."""
    return stored(engine) >= goal or process.poll() is not None


def survive(home: Home, url: str, chance: random.Random, whole: same.Rows) -> None:
    """Kill some runs, each when a few stories more are stored, and let one go on to its end."""
    file, engine = archives.put(home), create_engine(url, poolclass=NullPool)
    records = 0
    for _ in range(KILLS):
        goal = max(stored(engine), 0) + chance.randint(0, 4)
        with home.started("ingest", str(file)) as process:
            until(partial(is_time, engine, goal, process))
            process.kill()
            process.communicate()
        home.free()
        with Store.open(url) as store, store._engine.connect() as connection:
            reached = connection.exec_driver_sql("SELECT max(records) FROM ingested").scalar_one() or 0
        assert reached >= records, "a later run was behind an earlier one"
        records = reached
    last = home.newsbot("ingest", str(file))
    assert last.code == 0, last.err
    assert same.differences(whole, same.contents(url)) == []
    with Store.open(url) as store:
        assert [check.faults for check in store.check() if check.faults] == []
        runs = store.read.runs(100)
    assert [run.outcome for run in runs] == ["ok", *["interrupted"] * (len(runs) - 1)]
    assert not list((home.path / "locks").glob("*.lock"))


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_run_loses_nothing_and_keeps_nothing_twice(tmp_path: Path, undisturbed: same.Rows, seed: int) -> None:
    home = Home(tmp_path / "home", SETTINGS)
    survive(home, f"sqlite:///{home.database}", random.Random(seed), undisturbed)


def test_a_killed_run_loses_nothing_on_postgresql(
    tmp_path: Path, postgresql: PostgreSQL, undisturbed: same.Rows
) -> None:
    with postgresql.database() as url:
        home = Home(tmp_path / "home", {**SETTINGS, "NEWSBOT_DATABASE_URL": url})
        survive(home, url, random.Random(7), undisturbed)


def test_a_signal_ends_a_run_after_what_is_in_hand(tmp_path: Path, undisturbed: same.Rows) -> None:
    home = Home(tmp_path / "home", SETTINGS)
    file, url = archives.put(home), f"sqlite:///{home.database}"
    engine = create_engine(url, poolclass=NullPool)
    with home.started("ingest", str(file)) as process:
        until(lambda: stored(engine) >= 1, process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    assert process.returncode == 143
    assert b"the same command goes on from there" in err
    assert home.last_run().outcome == "interrupted"
    had = home.stored()
    assert home.newsbot("ingest", str(file)).code == 0
    assert sum(counts.get("fetched", 0) for counts in home.counts().values()) == 2 * STORIES + 1 - had
    assert same.differences(undisturbed, same.contents(url)) == []
