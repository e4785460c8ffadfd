"""Whose turn it is at a host, for all crawlers of a process: sites may share one."""

from __future__ import annotations

import asyncio
import time

CONNECTIONS = 2
"""Requests that a host has to answer at the same time, at the most."""


class Turns:
    """At each host `CONNECTIONS` turns at a time, each begun a delay after the one before. Use from one event loop."""

    def __init__(self) -> None:
        self._free: dict[str, asyncio.Semaphore] = {}
        self._next: dict[str, float] = {}

    async def take(self, host: str, delay: float) -> float:
        """Wait for a turn, which `give_back` ends; gives the seconds until it begins, `delay` after the one before."""
        await self._free.setdefault(host, asyncio.Semaphore(CONNECTIONS)).acquire()
        now = time.monotonic()
        begins = max(now, self._next.get(host, 0.0))
        self._next[host] = begins + delay
        return begins - now

    def give_back(self, host: str) -> None:
        """The turn is over: an answer has come, or none will."""
        self._free[host].release()
