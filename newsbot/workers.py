"""Processes that read what was fetched, so that the event loop goes on while they work, and a page or a feed that hangs
or kills its reader costs itself alone."""

from __future__ import annotations

import asyncio
import atexit
import gc
import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any, TypeVar, TypeVarTuple

from newsbot.errors import ConfigError, NewsbotError

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

_START = 300.0  # seconds in which a process has to start
_LONGEST_FOLDER = 107 - len("/pymp-12345678/listener-12345678")  # bytes: unix(7), and how multiprocessing names sockets
_IMPORTED = ["newsbot.process", "newsbot.discovery"]  # what is run here, imported once for all processes
_GARBAGE = 50_000  # objects from which on a reader looks for garbage; a page makes some 5,000


class PageTooHard(NewsbotError):
    """A page, or a feed, took too long to read, or ended the process that read it."""


class _Died(Exception):
    """The process of a reader has ended before it had an answer."""


class _Reader:
    """A process that reads one thing after another. All methods but `kill` wait, and are called from one thread at a
    time. What concurrent.futures has for it passes each page through three more threads."""

    def __init__(self, context: ForkServerContext) -> None:
        self._ours, self._theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._theirs,), daemon=True)
        self._wanted = True
        self.started = False

    def start(self) -> None:
        """Start it, unless nobody waits for it any more."""
        self._process.start()
        self._theirs.close()
        self.started = True
        if not self._wanted:
            self.end()

    def call(self, function: Callable[[*Ts], T], arguments: tuple[*Ts]) -> T:
        """What a function of a module gives there. Raises what it raises, and _Died."""
        try:
            self._ours.send((function, arguments))
            made, error = self._ours.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise _Died from error
        if error is not None:
            raise error
        result: T = made
        return result

    def kill(self) -> None:
        """End it, whatever it does; a call that waits for it raises _Died."""
        self._wanted = False
        if self.started:
            self._process.kill()

    def end(self) -> None:
        """End it, and leave nothing of it."""
        self.kill()
        if self.started:
            self._process.join()
        self._ours.close()


class Workers:
    """Reading processes, each of which is given one thing at a time, so that what happens to one happens to no other's
    page.

    `count` processes, 0 meaning one a core; `seconds` is how long one call may take. Use from one event loop.
    """

    def __init__(self, count: int, seconds: float) -> None:
        """Raises ConfigError where the folder for temporary files cannot hold the socket that they are started by."""
        folder = tempfile.gettempdir()
        if len(os.fsencode(folder)) > _LONGEST_FOLDER:
            raise ConfigError(
                f"TMPDIR: the name of the folder for temporary files is too long for a socket in it: {folder}. "
                f"Set TMPDIR to one of at most {_LONGEST_FOLDER} bytes, like /tmp."
            )
        self.count = count or os.cpu_count() or 1
        self._seconds = seconds
        self._free = asyncio.Semaphore(self.count)
        self._threads = ThreadPoolExecutor(self.count, thread_name_prefix="reader")
        self._idle: list[_Reader] = []
        self._busy: set[_Reader] = set()
        # Before that of multiprocessing, which would wait for readers that ignore its signal.
        atexit.register(self.close)

    async def run(self, function: Callable[[*Ts], T], *args: *Ts, name: str) -> T:
        """Call a function of a module in another process; `name` is what is read, for the message.

        Raises PageTooHard where it takes too long or ends the process, and whatever the function raises.
        """
        async with self._free:
            try:
                return await self._run(function, args, name)
            except _Died:
                pass  # it may have died while it was idle, or for want of memory: another shows whether it is the page
            try:
                return await self._run(function, args, name)
            except _Died as error:
                raise PageTooHard(f"{name}: the process that read it died") from error

    async def _run(self, function: Callable[[*Ts], T], args: tuple[*Ts], name: str) -> T:
        loop = asyncio.get_running_loop()
        reader = self._idle.pop() if self._idle else _Reader(_context())
        self._busy.add(reader)
        try:
            if not reader.started:  # to start one takes seconds on a busy machine: no fault of the page's
                async with asyncio.timeout(_START):
                    await loop.run_in_executor(self._threads, reader.start)
            async with asyncio.timeout(self._seconds):
                result = await loop.run_in_executor(self._threads, reader.call, function, args)
        except TimeoutError as error:
            reader.kill()
            raise PageTooHard(f"{name}: not read within {self._seconds:g} s") from error
        except (_Died, asyncio.CancelledError):
            reader.kill()
            raise
        except Exception:
            self._idle.append(reader)
            raise
        finally:
            self._busy.discard(reader)
        self._idle.append(reader)
        return result

    def close(self) -> None:
        """End the processes, also those that still read."""
        atexit.unregister(self.close)
        for reader in self._busy:
            reader.kill()
        self._threads.shutdown()
        for reader in self._idle:
            reader.end()
        self._idle.clear()


def _context() -> ForkServerContext:
    """How processes are started, with the fork server at work."""
    # Forking a process that runs threads is unsafe; the fork server has none, and has imported the readers once.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    # As its readers, the server leaves the end to the crawl: it ignores SIGINT by itself, SIGTERM from its parent.
    previous = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGTERM, previous)
    return context


# -- in a reader -------------------------------------------------------------------------------------------------------


def _serve(asked: Connection) -> None:
    """What a reader does: answer, until the crawl ends."""
    _settle()
    while True:
        try:
            function, arguments = asked.recv()
        except EOFError:
            return
        try:
            told: tuple[Any, Exception | None] = function(*arguments), None
        except Exception as error:
            told = None, _portable(error)
        asked.send(told)


def _portable(error: Exception) -> Exception:
    """The error as it can travel, with where it was raised."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _settle() -> None:
    """Make this process end with the crawl that started it, and not before.

    Ctrl-C, or the end of a systemd service, reaches every process of the group. What to end and when is the crawl's to
    decide: a reader that ended by itself would take the page in its hands along, and its KeyboardInterrupt would travel
    back as that page's result and break the crawl's loop. A crawl that was killed cannot end its readers, and one that
    waits for work would wait forever, with the crawl's output still open.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # What a page leaves is freed as it goes, without cycles; looking for some took a tenth of the reading.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a reader has a crawl to outlive"

    def watch(join: Callable[[], None] = parent.join) -> None:
        join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
