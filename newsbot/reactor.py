"""Scrapy's event loop: begun once a process, and ended when there is nothing left to do."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What ends a crawl."""


def run(
    process: AsyncCrawlerProcess,
    everything: Coroutine[Any, Any, None],
    noted: Callable[[signal.Signals], None],
) -> None:
    """Do everything, and return when it is done, or a second signal has broken it off; raises what it raises. A process
    can do this once: Twisted's reactor does not start twice.

    SIGINT and SIGTERM are `noted`; then Scrapy ends its crawlers gracefully: what is in flight is waited for.
    """

    async def whole() -> None:
        _note_signals(noted)  # only now, for Scrapy sets its own handlers as the last thing before the loop begins
        await everything

    task = asyncio.get_event_loop().create_task(whole())
    task.add_done_callback(lambda _: process._stop_reactor())  # what Scrapy's own start() ends with
    try:
        process.start(stop_after_crawl=False)
    except BaseException:
        # The loop was broken off. The reactor's own threads would now keep this process from ever ending.
        from twisted.internet import reactor

        reactor.getThreadPool().stop()
        raise
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error


def _note_signals(noted: Callable[[signal.Signals], None]) -> None:
    for number in SIGNALS:
        previous: Any = signal.getsignal(number)

        def note(signum: int, frame: Any, previous: Any = previous) -> None:
            noted(signal.Signals(signum))
            previous(signum, frame)

        signal.signal(number, note)
