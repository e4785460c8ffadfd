"""Looks whether all is well, remembers what began and what is over, and tells it: after each run, and when asked."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from newsbot import notify
from newsbot.config import Settings
from newsbot.errors import StoreError
from newsbot.health import MEMORY, Alarm, Facts, Incident, follow, judge, lasting, to_tell
from newsbot.logs import log_to
from newsbot.metrics import render
from newsbot.register import in_force
from newsbot.sites import CATALOGUE, Site, find
from newsbot.store import Store, database_file

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
"""How often it is looked after runs, at most: it takes some milliseconds a site."""


@dataclass
class Watch:
    """One look at the sites that are to be crawled, or at some of them: then it is not `whole`."""

    settings: Settings
    facts: Facts
    alarms: list[Alarm]
    whole: bool = True

    @classmethod
    def look(cls, settings: Settings, keys: Collection[str] = ()) -> Self:
        """Look at all sites that are enabled, or at these. Raises SiteError for a key that names none, or a file that
        cannot be used, StoreError."""
        now = datetime.now(UTC)
        with Store.open(settings.database, create=False) as store:
            found = in_force(settings, store)
            for fault in found.faults:
                if fault.key in keys:
                    raise fault
            enabled = [site for site in found.sites.values() if site.enabled]
            wanted = find(found.sites, keys) if keys else enabled
            incidents = store.read.incidents(now - MEMORY)
            facts = store.read.facts(
                {site.key: [source.url for source in site.sources] for site in wanted},
                {site.key: added for site in wanted if (added := found.since.get(site.key) or _added(settings, site))},
                lasting(incidents, now),
                now,
            )
        if keys:  # of the machine, and of other sites, is said when nobody asks for some
            return cls(settings, facts, [alarm for alarm in judge(facts) if alarm.site is not None], whole=False)
        facts = replace(facts, free=_free(settings), faults=tuple((fault.key, str(fault)) for fault in found.faults))
        return cls(settings, facts, judge(facts))

    def remember(self) -> None:
        """Enter what began, goes on and is over, of what was looked at. Raises StoreError."""
        now, sites = self.facts.now, {site.key for site in self.facts.sites}
        with Store.open(self.settings.database, create=False) as store:
            known = [each for each in store.read.incidents(now - MEMORY) if self.whole or each.site in sites]
            store.enter_incidents(follow(known, self.alarms, sites, now))

    def tell(self) -> list[str]:
        """Tell each way of notifying what it has not been told yet, once; gives what went wrong with that, in words,
        and leaves it for the next time. Raises StoreError."""
        faults: list[str] = []
        with Store.open(self.settings.database, create=False) as store:
            for channel in notify.channels(self.settings):
                begun, over = to_tell(store.read.incidents(self.facts.now - MEMORY), channel.name)
                if not begun and not over:
                    continue
                try:
                    channel.send(begun, over)
                except notify.NotSent as error:
                    faults.append(str(error))
                    continue
                store.enter_incidents(_told(begun, over, channel.name))
        return faults


def after_run(settings: Settings, *, whole: bool) -> list[str]:
    """What follows a run that has ended; `whole`: it went through to its end, however its sites fared. Writes the
    metrics, tells what began and what is over, and pings whoever waits for a sign of life.

    Gives what went wrong with it, in words, but for the ping: none of it makes a run fail, and whoever misses the ping
    says so. One process does it at a time, once in EVERY: who finds another at it leaves it to that one.
    """
    faults: list[str] = []
    try:
        with _turn(settings, wait=False) as due:
            if due:
                watch = Watch.look(settings)
                watch.remember()
                faults += watch.tell()
                if settings.metrics_file is not None:
                    _write(settings.metrics_file, render(watch.facts, watch.alarms))
    except (StoreError, OSError) as error:
        faults.append(f"whether all is well could not be looked at or told: {error}")
    for fault in faults:
        log.warning("%s", fault)
    if whole and settings.ping_url:
        try:
            notify.ping(settings)
        except notify.NotSent as error:
            log.warning("%s", error)
    return faults


def idle(settings: Settings) -> list[str]:
    """What follows when no site is due: newsbot lives, and time passes for the sites. As `after_run`."""
    log_to(settings)
    return after_run(settings, whole=True)


def notice(settings: Settings, keys: Collection[str] = ()) -> tuple[Watch, list[str]]:
    """Look at all sites or at these, at once, and tell what began and what is over; gives the look, and what went wrong
    with telling. Waits for another process that is at it: else both would tell the same. Raises SiteError, StoreError.
    """
    with _turn(settings, wait=True):
        watch = Watch.look(settings, keys)
        watch.remember()
        return watch, watch.tell()


@contextmanager
def _turn(settings: Settings, *, wait: bool) -> Iterator[bool]:
    """Whether it is time to look, and nobody else is at it: the file is locked meanwhile, and its time is the last.
    With `wait`, others are waited for. Raises OSError."""
    settings.locks_folder.mkdir(parents=True, exist_ok=True)
    with (settings.locks_folder / "watch").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        state = os.fstat(lock.fileno())
        before = state.st_mtime if state.st_size else 0.0
        if not wait and 0 <= time.time() - before < EVERY.total_seconds():
            yield False
            return
        yield True
        lock.truncate(0)
        lock.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")


def _added(settings: Settings, site: Site) -> datetime | None:
    """Since when the site's file has been where it is."""
    for folder in (settings.sites_folder, CATALOGUE):
        for file in (folder / f"{site.key}.toml", *folder.glob(f"*/{site.key}.toml")):
            if file.exists():
                return datetime.fromtimestamp(file.stat().st_ctime, UTC)
    return None


def _free(settings: Settings) -> int | None:
    """Bytes that are free where newsbot writes: its home, and the file of its database."""
    file = database_file(settings.database)
    places = [settings.home] if file is None else [settings.home, file.parent]
    return min((shutil.disk_usage(place).free for place in places if place.exists()), default=None)


def _told(begun: Iterable[Incident], over: Iterable[Incident], channel: str) -> list[Incident]:
    return [replace(each, told=(*each.told, channel)) for each in begun] + [
        replace(each, told_over=(*each.told_over, channel)) for each in over
    ]


def _write(file: Path, text: str) -> None:
    """Put the text there in one piece: who reads sees the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.{os.getpid()}")  # no name that a collector takes for one of its own
    try:
        partial.write_text(text, "utf-8")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
