"""Calls of the database from an event loop, none of which is waited for longer than so many seconds.

A machine that is cut off learns nothing from its connections: they stay open, and no answer comes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, LiteralString, ParamSpec, TypeVar

from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException

P = ParamSpec("P")
T = TypeVar("T")

LONGEST = 10.0
"""Seconds that one question to the database may take."""


async def apart(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a thread of its own. Raises what it raises, and TimeoutError after LONGEST: then the thread is
    left to itself, and does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(say: Callable[[Any], None], said: Any) -> None:
        if not answer.done():  # else nobody waits any more
            say(said)

    def call() -> None:
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            done = partial(tell, answer.set_exception, error)
        else:
            done = partial(tell, answer.set_result, result)
        if not loop.is_closed():
            loop.call_soon_threadsafe(done)

    threading.Thread(target=call, daemon=True).start()
    async with asyncio.timeout(LONGEST):
        return await answer


class Connector(PsycopgConnector):
    """Procrastinate's way to the database, which gives up after LONGEST: ConnectorException, as for other failures."""

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """See procrastinate."""
        await _bounded(super().execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        """See procrastinate."""
        return await _bounded(super().execute_query_one_async(query, **arguments))

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        """See procrastinate."""
        return await _bounded(super().execute_query_all_async(query, **arguments))


async def _bounded(asking: Coroutine[Any, Any, T]) -> T:
    try:
        async with asyncio.timeout(LONGEST):
            return await asking
    except TimeoutError as error:
        raise ConnectorException(f"the database has not answered for {LONGEST:.0f} s") from error
