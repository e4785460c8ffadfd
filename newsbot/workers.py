"""Processes that read pages, so that the event loop goes on while they work, and a page that hangs or kills its reader
costs that page alone."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from newsbot.errors import NewsbotError
from newsbot.extract import Selectors
from newsbot.items import Draft, Page
from newsbot.process import read

Reader = Callable[[Page, Selectors | None], Draft]


class PageTooHard(NewsbotError):
    """A page took too long to read, or ended the process that read it."""


class Workers:
    """A pool of reading processes.

    `count` processes, 0 meaning one a core; `seconds` is how long one page may take; `reader` is what they run, a
    function of a module. Use from one event loop.
    """

    def __init__(self, count: int, seconds: float, reader: Reader = read) -> None:
        self._reader = reader
        self._count = count or os.cpu_count() or 1
        self._seconds = seconds
        self._free = asyncio.Semaphore(self._count)
        self._alone = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, page: Page, select: Selectors | None) -> Draft:
        """`newsbot.process.read` in another process. Raises PageTooHard, and whatever `read` raises."""
        async with self._free:
            try:
                return await self._run(page, select)
            except BrokenProcessPool:
                pass  # a reader died or was stopped for another page's sake: whose fault it is shows alone
        async with self._alone:
            for _ in range(self._count):
                await self._free.acquire()
            try:
                return await self._run(page, select)
            except BrokenProcessPool as error:
                raise PageTooHard(f"{page.url}: the process that read this page died") from error
            finally:
                for _ in range(self._count):
                    self._free.release()

    async def _run(self, page: Page, select: Selectors | None) -> Draft:
        pool = self._pool = self._pool or self._start()
        try:
            work = asyncio.get_running_loop().run_in_executor(pool, self._reader, page, select)
            async with asyncio.timeout(self._seconds):
                return await work
        except TimeoutError as error:
            self._stop(pool)
            raise PageTooHard(f"{page.url}: not read within {self._seconds:g} s") from error
        except BrokenProcessPool:
            self._stop(pool)
            raise

    def _start(self) -> ProcessPoolExecutor:
        # Forking a process that runs threads is unsafe; the fork server has none, and has imported the reader once.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["newsbot.process"])
        return ProcessPoolExecutor(self._count, mp_context=context)

    def _stop(self, pool: ProcessPoolExecutor, *, wait: bool = False) -> None:
        if self._pool is pool:
            self._pool = None
        for process in list((pool._processes or {}).values()):  # the executor has no public way to stop a busy process
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        pool.shutdown(wait=wait, cancel_futures=True)

    def close(self) -> None:
        """End the processes, also those that still read."""
        if self._pool is not None:
            self._stop(self._pool, wait=True)
