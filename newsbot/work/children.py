"""Jobs as processes of their own, which end with their worker whatever ends it.

Each child's standard input is a pipe from the worker, to which nothing is ever written. The kernel closes it with the
worker, and the child, which waits for that (`end_with_worker`), ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress


class Children:
    """The processes that are at work, until `end` is called. Use from one event loop."""

    def __init__(self) -> None:
        self._at_work: set[asyncio.subprocess.Process] = set()
        self._told: signal.Signals | None = None

    def __len__(self) -> int:
        return len(self._at_work)

    @property
    def ending(self) -> bool:
        """Whether `end` was called."""
        return self._told is not None

    async def run(self, module: str, argument: str, environment: Mapping[str, str], seconds: float | None) -> int:
        """Run a module of this room with an argument; gives the exit code. A process that takes longer than so many
        seconds, or that is no longer waited for, is killed."""
        # In a session of its own: Ctrl-C is for the worker, which passes it on. -P: the folder it is in is no package.
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", f"newsbot.work.{module}", argument),
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


def end_with_worker() -> None:
    """To be called in a child: it ends at once when its worker has."""
    threading.Thread(target=_wait_for_worker, daemon=True).start()


def _wait_for_worker() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)
