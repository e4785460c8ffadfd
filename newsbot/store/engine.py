"""Opening a database: a URL becomes an engine whose schema is this code's, or an error that says why not.

What `open_engine` does, in order: look whose database it is without changing a byte of it; then, for SQLite, switch the
file to WAL (readers and one writer do not wait for each other); then bring an older schema up to date.

Transactions: one begun on `writing(engine)` takes the write lock at once. On SQLite that is BEGIN IMMEDIATE: a
deferred transaction that reads and then writes fails under concurrency whatever the busy timeout, since its snapshot
has grown old. On PostgreSQL it is an advisory lock, which gives the same promise: who looks and then inserts is alone.
There the server ends a transaction that writes and from which it has heard nothing for a while: a machine that was cut
off in the middle of one would keep all others from writing.

A SQLite file that this user may not write, or that lies where nothing can be written, is opened for reading only.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    column,
    create_engine,
    event,
    exc,
    func,
    inspect,
    make_url,
    select,
    table,
)
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from newsbot.errors import StoreForeign, StoreNewer, StoreUnavailable
from newsbot.store.migrations import HEAD, VERSION_TABLE

if TYPE_CHECKING:
    from alembic.config import Config  # imported where it is needed: most openings find nothing to migrate

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Is told how many stories are done, and of how many; of none where the database does not say."""

_MANY = 50_000  # stories, with which a new schema may take more than half a minute
_PAUSE = 0.05  # seconds between two questions for what SQLite does not wait for itself
WAIT = 30.0  # seconds to wait for SQLite's write lock; `?timeout=` in the URL says otherwise
_WRITES = "newsbot_writes"
_ADVISORY_LOCK = 0x6E657773  # "news"
_CONNECT = 15  # seconds to wait for a PostgreSQL server; `?connect_timeout=` in the URL says otherwise
_SILENT = 15  # seconds between two statements of a transaction that writes
_BEGIN = f"SELECT set_config('idle_in_transaction_session_timeout', '{_SILENT}s', true), pg_advisory_xact_lock({{}})"


def open_engine(url: str, *, create: bool = True, migrate: bool = True, progress: Progress | None = None) -> Engine:
    """The engine for a SQLAlchemy URL (`sqlite:///path` or `postgresql://...`), its schema up to date.

    For SQLite the parent folder and the file are made if need be; without `create`, a missing file is unavailable, and
    one that cannot be written can be read. An older schema is brought up to date, with a warning in the log that it is,
    and `progress` is told how far; without `migrate` the database is left as it is. Raises StoreForeign, StoreNewer or
    StoreUnavailable, each with the path or URL (without its password).
    """
    parsed = _parsed(url)
    where = _where(parsed)
    doing = f"cannot open the database {where}"
    unwritable: Path | None = None
    if parsed.get_backend_name() == "sqlite":
        file = _file(parsed)
        if not create and file is not None and not file.exists():
            raise StoreUnavailable(f"{where}: there is no database yet. `newsbot crawl` makes it.")
        if file is not None:
            _make_folder(file.parent, doing)
            if not create and not all(os.access(path, os.W_OK) for path in (file, file.parent)):
                unwritable = file
    try:
        engine = create_engine(
            parsed,
            json_serializer=partial(json.dumps, ensure_ascii=False),
            connect_args=_connect_args(parsed),
        )
    except ModuleNotFoundError as error:
        cure = 'Install it with: pip install "newsbot[postgres]"'
        raise StoreUnavailable(f"{doing}: the driver {error.name} is not installed. {cure}") from error
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        engine.dialect.statement_compiler = _Compiler
    event.listen(engine, "connect", _set_up_sqlite if sqlite else _set_up_postgresql)
    event.listen(engine, "begin", _begin_sqlite if sqlite else _begin_postgresql)
    if unwritable:
        event.listen(engine, "do_connect", partial(_connect_read_only, unwritable))
    try:
        with reported(doing, where):
            with engine.connect() as connection:
                if not sqlite:
                    _check_encoding(connection, doing)
                revision = _revision(connection, where)
            if not migrate:
                return engine
            if unwritable:
                _check_readable(revision, where)
                return engine
            if sqlite:
                _use_wal(engine)
            if revision != HEAD:
                _migrate(engine, where, progress)
    except BaseException:
        engine.dispose()
        raise
    return engine


def writing(engine: Engine) -> Engine:
    """The same database, for transactions that write."""
    return engine.execution_options(**{_WRITES: True})


def upgrade(url: str, progress: Progress | None = None) -> tuple[str | None, str]:
    """Bring the schema of an existing database up to date, and tell `progress` how far it is; gives its revision
    before, None for one without tables, and now. Raises as `open_engine` does."""
    engine = open_engine(url, create=False, migrate=False)
    where = name_of(engine)
    try:
        with reported(f"cannot read the database {where}", where), engine.connect() as connection:
            before = _revision(connection, where)
    finally:
        engine.dispose()
    open_engine(url, create=False, progress=progress).dispose()
    return before, HEAD


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes, in which a step may make a table anew under its old name, as Alembic's batch mode
    does.

    On SQLite, to drop the old one with foreign keys on is to delete its rows, and with them all that refers to them;
    and no table can be renamed while a view speaks of one that is just not there. Both are switched off meanwhile.
    """
    if engine.dialect.name != "sqlite":
        with writing(engine).begin() as connection:
            yield connection
        return
    with writing(engine).connect() as connection:
        # Inside a transaction SQLite would ignore it, so SQLAlchemy, which begins one, is passed by.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("PRAGMA legacy_alter_table = ON")
        try:
            with connection.begin():
                yield connection
        finally:
            if not connection.invalidated:  # as it is after a Ctrl-C: closed, and never used again
                driver.execute("PRAGMA legacy_alter_table = OFF")
                driver.execute("PRAGMA foreign_keys = ON")


def config(connection: Connection) -> Config:
    """What Alembic's commands need to work on this connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def name_of(engine: Engine) -> str:
    """The database as messages name it: the file, or the URL with its password hidden."""
    return _where(engine.url)


@contextmanager
def reported(doing: str, where: str) -> Iterator[None]:
    """Turn what the database refuses into StoreUnavailable: `doing`, what happened at `where`, and the cure."""
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as error:
        raise StoreUnavailable(f"{doing}: {_diagnosis(error, where)}") from error


_SQLITE_TROUBLE = (
    ("SQLITE_FULL", "the disk is full, or the file has reached its size limit. Make room at {where}, then run again."),
    ("SQLITE_BUSY", "locked: another process has been writing to {where} for too long. Let it end, then run again."),
    ("SQLITE_LOCKED", "locked: another connection is writing to {where}. Let it end, then run again."),
    ("SQLITE_READONLY", "read-only. Give this user the right to write {where} and its folder."),
    ("SQLITE_CANTOPEN", "it cannot be opened. Check that {where} is a file that this user may read and write."),
    ("SQLITE_PERM", "no permission. Give this user the right to read and write {where}."),
    ("SQLITE_NOTADB", "the file is not a database. Move {where} away, or set NEWSBOT_DATABASE_URL to another."),
    ("SQLITE_CORRUPT", "the file is damaged. Restore {where} from a backup, or save what `sqlite3 .recover` can read."),
    ("SQLITE_IOERR", "reading or writing failed. Check whether the disk that holds {where} is whole, and has room."),
)


def _diagnosis(error: exc.DBAPIError | exc.TimeoutError, where: str) -> str:
    """What happened in words, the cure, and the driver's own first line."""
    original = getattr(error, "orig", None) or error
    said = (str(original).strip().splitlines() or [type(original).__name__])[0]
    name = str(getattr(original, "sqlite_errorname", ""))
    for prefix, words in _SQLITE_TROUBLE:
        if name.startswith(prefix):
            return f"{words.format(where=where)} ({said})"
    if isinstance(error, exc.IntegrityError):
        return (
            f"it contradicts what {where} holds: {said}. Nothing was written; please report this as a bug of newsbot."
        )
    if isinstance(original, sqlite3.Error):
        return f"SQLite refuses: {said}. Check {where}."
    return f"the database refuses: {said}. Check that {where} is up, and its name, user and password."


def database_file(url: str) -> Path | None:
    """The file of a database's URL; None for one on a server. Raises StoreUnavailable for what is no database URL."""
    parsed = _parsed(url)
    return _file(parsed) if parsed.get_backend_name() == "sqlite" else None


def libpq(url: str) -> dict[str, Any] | None:
    """What PostgreSQL's own library is given to connect to a database's URL; None for SQLite. Raises StoreUnavailable
    for what is no database URL."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return None
    _, given = parsed.get_dialect()().create_connect_args(parsed)
    return {**_connect_args(parsed), **given}


class _Compiler(SQLiteCompiler):
    """SQLAlchemy's, and `with_hint` behind the name of a table: INDEXED BY."""

    def get_from_hint_text(self, table: object, text: str | None) -> str | None:
        """The hint as it is."""
        return text


def _parsed(url: str) -> URL:
    # What cannot be parsed may hold a password anywhere: only its beginning is shown.
    shown = re.sub(r"(?<=:)(/?).*(@|password).*", r"\1***", url, count=1, flags=re.DOTALL | re.IGNORECASE)
    cure = "Use sqlite:///path/to/file.db or postgresql://user:password@host/name."
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (exc.ArgumentError, ValueError) as error:
        raise StoreUnavailable(f"cannot open the database {shown!r}: that is no database URL. {cure}") from error
    if backend not in {"sqlite", "postgresql"}:
        raise StoreUnavailable(f"cannot open the database {shown!r}: newsbot does not speak {backend}. {cure}")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise StoreUnavailable(f"cannot open the database {shown!r}: it names no file, so nothing would last. {cure}")
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    try:
        parsed.get_dialect()().create_connect_args(parsed)
    except (exc.ArgumentError, ValueError) as error:
        raise StoreUnavailable(
            f"cannot open the database {_where(parsed)}: its driver, user or an option of its URL is none. {cure}"
        ) from error
    return parsed


def _where(url: URL) -> str:
    if url.get_backend_name() == "sqlite" and url.database:
        return str(_file(url) or url.database)
    return url.set(query={}).render_as_string(hide_password=True)  # a password may stand in the query as well


def _connect_args(url: URL) -> dict[str, object]:
    if url.get_backend_name() == "sqlite":
        return {} if "timeout" in url.query else {"timeout": WAIT}
    # What the environment and the server's settings say for other clients, not every text can be sent in.
    return {"client_encoding": "utf8"} | ({} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT})


def _file(url: URL) -> Path | None:
    """The file of a SQLite URL; None for a URI of SQLite's own, which says itself whether to make it."""
    assert url.database is not None
    return None if url.database.startswith("file:") else Path(url.database).absolute()


def _make_folder(folder: Path, doing: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cure = "Choose another place with NEWSBOT_HOME or NEWSBOT_DATABASE_URL, or give this user the right to write."
        raise StoreUnavailable(f"{doing}: the folder {folder} cannot be made ({error.strerror}). {cure}") from error


def _connect_read_only(
    file: Path, _dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]
) -> None:
    """Say that nothing will be written. A file in WAL mode needs another beside it even for that, and where there is
    none and none can be made, SQLite has to be told that nobody else is writing: without a log, nobody is just now."""
    log_file = file.with_name(f"{file.name}-wal")
    alone = not os.access(file.parent, os.W_OK) and not (log_file.exists() and log_file.stat().st_size)
    arguments[:1] = [f"file:{quote(str(file))}?mode=ro" + ("&immutable=1" if alone else "")]
    options["uri"] = True


def _check_readable(revision: str | None, where: str) -> None:
    """Raises StoreUnavailable for a schema that would have to be brought up to date first."""
    if revision != HEAD:
        raise StoreUnavailable(
            f"{where} cannot be written, and its schema {revision or '(none yet)'} has to be brought to {HEAD} first. "
            "Let one who may write it run `newsbot db upgrade`, or copy it to where you may."
        )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """What SQLite forgets between connections."""
    connection.isolation_level = None  # or the driver begins transactions of its own, late and deferred
    connection.execute("PRAGMA foreign_keys = ON")
    connection.create_function("newsbot_lower", 1, lambda text: text and text.lower(), deterministic=True)
    # In WAL mode NORMAL cannot corrupt; a power cut may undo the last commits, which the next crawl makes good.
    connection.execute("PRAGMA synchronous = NORMAL")
    # Pages are copied from the log into the file every 16 MB instead of 4: likeness keys touch the same ones often.
    connection.execute("PRAGMA wal_autocheckpoint = 4000")


def _set_up_postgresql(connection: Any, _record: object) -> None:
    """Instants are read in UTC: in the server's zone, those at either end of what Python can say are in no year."""
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql(_BEGIN.format(_ADVISORY_LOCK))


def _use_wal(engine: Engine) -> None:
    """Switch the file to WAL, which lasts; it cannot be done inside a transaction, so SQLAlchemy is passed by.

    For this statement SQLite does not wait for others, whatever its timeout: of several processes that open a new
    file at once, the later ones must ask again, and then mostly find it done.
    """
    pooled = engine.raw_connection()
    try:
        cursor = pooled.cursor()
        patience = int(cursor.execute("PRAGMA busy_timeout").fetchone()[0] / 1000 / _PAUSE)
        while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if patience <= 0 or "locked" not in str(error):
                    raise
                patience -= 1
                time.sleep(_PAUSE)
    except sqlite3.Error as error:
        raise exc.DBAPIError.instance("PRAGMA journal_mode", None, error, sqlite3.Error) from error
    finally:
        pooled.close()


def _check_encoding(connection: Connection, doing: str) -> None:
    """Raises StoreUnavailable for a PostgreSQL database that cannot hold every text."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreUnavailable(
            f"{doing}: its encoding is {encoding}, and stories come in all scripts. Make another for newsbot: "
            "CREATE DATABASE newsbot TEMPLATE template0 ENCODING 'UTF8'."
        )


def _revision(connection: Connection, where: str) -> str | None:
    """The schema's revision, None for a database without tables. Raises StoreForeign, StoreNewer."""
    inspector = inspect(connection)
    revision: str | None = None
    if inspector.has_table(VERSION_TABLE):
        revision = connection.execute(
            select(column("version_num")).select_from(table(VERSION_TABLE))
        ).scalar_one_or_none()
    if revision is None:
        others = sorted({*inspector.get_table_names(), *inspector.get_view_names()} - {VERSION_TABLE})
        if others:
            named = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
            raise StoreForeign(
                f"{where} is another program's database: it holds {named}, and no {VERSION_TABLE}. newsbot leaves it "
                "as it is. Set NEWSBOT_DATABASE_URL to a database of its own."
            )
    elif revision != HEAD and revision not in _revisions():
        raise StoreNewer(
            f"{where} was made by a later newsbot: its schema is {revision}, and this one knows no later "
            f"than {HEAD}. Install the latest newsbot, or set NEWSBOT_DATABASE_URL to another database."
        )
    return revision


def _revisions() -> set[str]:
    with _quiet_alembic():
        from alembic.script import ScriptDirectory

        folder = str(Path(__file__).with_name("migrations"))
        return {script.revision for script in ScriptDirectory(folder).walk_revisions()}


def _migrate(engine: Engine, where: str, progress: Progress | None) -> None:
    """Bring the schema up to date, alone: another process that opens the database now waits, and finds it done."""
    with migrating(engine) as connection:
        revision = _revision(connection, where)
        if revision == HEAD:
            return
        if revision is not None:  # said before: with a million stories it takes minutes
            log.warning("database %s brought from schema %s to %s: %s", where, revision, HEAD, _work(connection))
        with _quiet_alembic():
            from alembic import command

            steps = config(connection)
            steps.attributes["progress"] = progress
            command.upgrade(steps, "head")
    if revision is None:
        log.info("database %s made, schema %s", where, HEAD)


def _work(connection: Connection) -> str:
    """How much there is to do, in words."""
    stories = 0
    if inspect(connection).has_table("story"):  # an emptied database has a revision, and no tables
        stories = connection.execute(select(func.count()).select_from(table("story"))).scalar_one()
    told = f"{stories:,} {'story' if stories == 1 else 'stories'}"
    return f"{told}. This may take minutes; broken off, it changes nothing" if stories >= _MANY else told


@contextmanager
def _quiet_alembic() -> Iterator[None]:
    """Alembic tells at INFO that it was imported, and each of its steps: our one line says it better."""
    chatter = logging.getLogger("alembic")
    level = chatter.level
    chatter.setLevel(logging.WARNING)
    try:
        yield
    finally:
        chatter.setLevel(level)
