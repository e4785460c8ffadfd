"""Whose turn it is at a host, for all crawlers of a process: sites may share one."""

from __future__ import annotations

import asyncio
import time


class Turns:
    """At each host one turn at a time, each begun a delay after the one before. Use from one event loop."""

    def __init__(self) -> None:
        self._free: dict[str, asyncio.Lock] = {}
        self._next: dict[str, float] = {}

    async def take(self, host: str, delay: float) -> float:
        """Wait for a turn, which `give_back` ends; gives the seconds until it may begin. The next one may begin `delay`
        seconds after that."""
        await self._free.setdefault(host, asyncio.Lock()).acquire()
        now = time.monotonic()
        begins = max(now, self._next.get(host, 0.0))
        self._next[host] = begins + delay
        return begins - now

    def give_back(self, host: str) -> None:
        """The turn is over: an answer has come, or none will."""
        self._free[host].release()
