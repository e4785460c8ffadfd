"""Processes that read what was fetched, so that the event loop goes on while they work, and a page or a feed that hangs
or kills its reader costs itself alone."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from typing import TypeVar, TypeVarTuple

from newsbot.errors import ConfigError, NewsbotError

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

_START = 300.0  # seconds in which a process has to start
_LONGEST_FOLDER = 107 - len("/pymp-12345678/listener-12345678")  # bytes: unix(7), and how multiprocessing names sockets
_IMPORTED = ["newsbot.process", "newsbot.discovery"]  # what is run here, imported once for all processes
_GARBAGE = 50_000  # objects from which on a reader looks for garbage; a page makes some 5,000


class PageTooHard(NewsbotError):
    """A page, or a feed, took too long to read, or ended the process that read it."""


class Workers:
    """Reading processes, each with a queue of its own, so that what happens to one happens to no other's page.

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
        self._all: set[ProcessPoolExecutor] = set()
        self._idle: list[ProcessPoolExecutor] = []

    async def run(self, function: Callable[[*Ts], T], *args: *Ts, name: str) -> T:
        """Call a function of a module in another process; `name` is what is read, for the message.

        Raises PageTooHard where it takes too long or ends the process, and whatever the function raises.
        """
        async with self._free:
            try:
                return await self._run(function, args, name)
            except BrokenProcessPool:
                pass  # it may have died while it was idle, or for want of memory: another shows whether it is the page
            try:
                return await self._run(function, args, name)
            except BrokenProcessPool as error:
                raise PageTooHard(f"{name}: the process that read it died") from error

    async def _run(self, function: Callable[[*Ts], T], args: tuple[*Ts], name: str) -> T:
        process = self._idle.pop() if self._idle else self._start()
        try:
            if not process._processes:  # to start one takes seconds on a busy machine: no fault of the page's
                async with asyncio.timeout(_START):
                    await asyncio.get_running_loop().run_in_executor(process, os.getpid)
            async with asyncio.timeout(self._seconds):
                result = await asyncio.get_running_loop().run_in_executor(process, function, *args)
        except TimeoutError as error:
            self._stop(process)
            raise PageTooHard(f"{name}: not read within {self._seconds:g} s") from error
        except (BrokenProcessPool, asyncio.CancelledError):
            self._stop(process)
            raise
        except Exception:
            self._idle.append(process)
            raise
        self._idle.append(process)
        return result

    def _start(self) -> ProcessPoolExecutor:
        # Forking a process that runs threads is unsafe; the fork server has none, and has imported the readers once.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_IMPORTED)
        # As its readers, the server leaves the end to the crawl: it ignores SIGINT by itself, SIGTERM from its parent.
        previous = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            forkserver.ensure_running()
        finally:
            signal.signal(signal.SIGTERM, previous)
        process = ProcessPoolExecutor(1, mp_context=context, initializer=_settle)
        self._all.add(process)
        return process

    def _stop(self, process: ProcessPoolExecutor, *, wait: bool = False) -> None:
        self._all.discard(process)
        for own in list((process._processes or {}).values()):  # the executor has no public way to stop a busy process
            with contextlib.suppress(ProcessLookupError):
                own.kill()
        process.shutdown(wait=wait, cancel_futures=True)

    def close(self) -> None:
        """End the processes, also those that still read."""
        self._idle.clear()
        for process in list(self._all):
            self._stop(process, wait=True)


def _settle() -> None:
    """Make this process end with the crawl that started it, and not before.

    Ctrl-C, or the end of a systemd service, reaches every process of the group. What to end and when is the crawl's to
    decide: a worker that ended by itself would take the page in its hands along, and its KeyboardInterrupt would travel
    back as that page's result and break the crawl's loop. A crawl that was killed cannot end its workers, and one that
    waits for work would wait forever, with the crawl's output still open.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # What a page leaves is freed as it goes, without cycles; looking for some took a tenth of the reading.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a worker has a crawl to outlive"

    def watch(join: Callable[[], None] = parent.join) -> None:
        join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
