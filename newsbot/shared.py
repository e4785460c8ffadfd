"""What all crawlers of a process share: the settings, the open database with its one writing thread, the workers, what
the sites have taught."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from newsbot import __version__
from newsbot.config import Settings, load
from newsbot.errors import StoreError
from newsbot.items import Archived, Profile
from newsbot.lease import Lease
from newsbot.store import HostState, Store
from newsbot.turns import Turns
from newsbot.workers import Workers

if TYPE_CHECKING:
    from newsbot.archive.writing import Exchange, Writer

P = ParamSpec("P")
T = TypeVar("T")

_AGAIN = 0.2  # seconds, at least, between two looks at whether it is our turn


class Shared:
    """Opened by the first who needs it, closed by the last. All use is from the process's one event loop."""

    _open: Shared | None = None

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store.open(settings.database)
        self.workers = Workers(settings.workers, settings.page_seconds)
        self.broken: StoreError | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._users = 0
        self._profiles: dict[str, Profile] = {}
        self._hosts: dict[str, HostState] = {}
        self.turns = Turns()
        self._archive: Writer | None = None
        self._archiving = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._lease: Lease | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @classmethod
    def acquire(cls) -> Shared:
        """The shared things, opened on first use. Raises ConfigError and StoreError. Pair with `release`."""
        if cls._open is None:
            cls._open = cls(load())
        cls._open._users += 1
        return cls._open

    def release(self) -> None:
        """Say that one user is done; the last one closes everything."""
        self._users -= 1
        if self._users == 0:
            type(self)._open = None
            self._archiving.shutdown(wait=True)
            if self._archive is not None:
                self._archive.close()
            self._thread.shutdown(wait=True)
            self.workers.close()
            self.store.close()

    @classmethod
    @contextmanager
    def borrowed(cls) -> Iterator[Shared]:
        """`acquire` and `release` around a few lines."""
        shared = cls.acquire()
        try:
            yield shared
        finally:
            shared.release()

    @contextmanager
    def leased(self, sites: Sequence[str], *, leave: bool) -> Iterator[list[str]]:
        """Hold these sites, or archives, by key, on all machines that share the database; gives those that are held.
        Nothing is written meanwhile that is not theirs to write. On a database of one machine's own there is nothing to
        do. Raises as `Lease` does."""
        if not self.store.machines.many or not sites:
            yield list(sites)
            return
        self._lease = Lease(self.store.machines, sites, leave=leave)
        try:
            self.store.fence(self._lease.token, len(self._lease.sites))
            yield self._lease.sites
        finally:
            self._lease.give_back()
            self._lease = None
            self.store.unfence()

    async def begin_turn(self, origin: str, delay: float) -> float:
        """Begin a turn at a host that crawls on other machines may want to ask, too; gives 0, or the seconds to wait
        before trying again. Raises StoreError."""
        if self._lease is None:
            return 0.0
        take = self.store.machines.take_turn
        wait, state = await self.in_store(take, origin, self._lease.token, timedelta(seconds=delay))
        self._hosts[origin] = state
        if wait is None:
            self._lease.check()
            return 0.0
        return max(wait, _AGAIN)

    def end_turn(self, origin: str) -> None:
        """The turn is over. The database is told by and by; where it cannot be, the turn ends by itself."""
        self.turns.give_back(origin)
        if self._lease is not None and self.broken is None:
            task = asyncio.get_running_loop().create_task(self._give_back(origin, self._lease.token))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _give_back(self, origin: str, token: str) -> None:
        with suppress(StoreError):  # kept in `broken`
            await self.in_store(self.store.machines.give_back, origin, token)

    async def settle(self) -> None:
        """Wait until the database knows of all turns that are over."""
        await asyncio.gather(*self._ending)

    async def profile(self, site: str, *, grown: bool = False) -> Profile:
        """What a site has taught, read once and again when it has `grown`. Raises StoreError."""
        if grown or site not in self._profiles:
            self._profiles[site] = await self.in_store(self.store.profile, site)
        return self._profiles[site]

    async def host(self, origin: str) -> HostState:
        """What a host has asked for, read once. Raises StoreError."""
        if origin not in self._hosts:
            known = await self.in_store(self.store.host, origin)
            self._hosts.setdefault(origin, known)
        return self._hosts[origin]

    async def learn_host(self, origin: str, **said: Any) -> None:
        """Remember what a host has asked for; `said` are fields of HostState. Raises StoreError."""
        self._hosts[origin] = replace(await self.host(origin), **said)
        await self.in_store(self.store.enter_host, origin, **said)

    async def archive(self, exchange: Exchange, before: Archived | None) -> Archived | None:
        """Keep an answer as it came, in a thread of its own; gives where its page is, once it is on the disk. `before`
        is where the last one of its address is. Raises ArchiveError."""
        if self._archive is None:
            from newsbot.archive.writing import Writer  # FastWARC is an extra

            settings = self.settings
            about = {
                "software": f"newsbot/{__version__}",
                "robots": "obey",
                "http-header-user-agent": settings.user_agent,
            }
            self._archive = Writer(
                settings.archive_folder, about | {"operator": settings.contact or "no contact given"}
            )
        return await asyncio.get_running_loop().run_in_executor(self._archiving, self._archive.write, exchange, before)

    async def in_store(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of the store in its thread: one writer a process, and the event loop never waits on disk.

        Raises what the function raises. A StoreError is also kept in `broken`, so that the crawl can end; from then on
        every call raises it: what is left of the crawl shall not wait for a dead database one by one.
        """
        if self.broken is not None:
            raise type(self.broken)(str(self.broken))
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, partial(function, *args, **kwargs))
        except StoreError as error:
            self.broken = error
            raise
