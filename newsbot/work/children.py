"""Visits as processes of their own, which end with their worker whatever ends it.

Each child's standard input is a pipe from the worker, to which nothing is ever written. The kernel closes it with the
worker, and the child, which waits for that (see `visit.py`), ends.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress


class Children:
    """The visits that are at work, until `end` is called. Use from one event loop."""

    def __init__(self) -> None:
        self._at_work: set[asyncio.subprocess.Process] = set()
        self._told: signal.Signals | None = None

    def __len__(self) -> int:
        return len(self._at_work)

    async def visit(self, site: str, environment: Mapping[str, str], seconds: float) -> int:
        """Visit a site; gives the exit code. A visit that takes longer than so many seconds, or that is no longer
        waited for, is killed."""
        # In a session of its own: Ctrl-C is for the worker, which passes it on. -P: the folder it is in is no package.
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "newsbot.work.visit", site),
            env=dict(environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._at_work.add(child)
        if self._told is not None:  # the end has come while it was started
            child.send_signal(self._told)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await child.wait()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
            self._at_work.discard(child)
        assert child.returncode is not None
        return child.returncode

    def end(self, number: signal.Signals) -> None:
        """Send all of them a signal: SIGTERM lets them store what is on its way, SIGKILL does not."""
        self._told = number
        for child in self._at_work:
            with suppress(ProcessLookupError):
                child.send_signal(number)
