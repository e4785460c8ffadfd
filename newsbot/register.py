"""The sites in force, and settings that all machines share: pushed into the database by one of them, for workers.

    push   files of this machine -> database           pull   database -> files of this machine

A worker goes by what was pushed, and never looks at the site files of its machine. Nothing secret is pushed: each
machine has its own way to the database, its own proxies, mails and webhooks.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from newsbot.config import Settings
from newsbot.errors import ConfigError, SiteError
from newsbot.sites import CATALOGUE, Site, find, load_sites, read_site, replace_file, switch
from newsbot.store import Pushed, Store

SHARED = (
    "contact",
    "delay",
    "timeout",
    "retries",
    "visit_seconds",
    "shortest_interval",
    "longest_interval",
    "stories_per_visit",
    "page_bytes",
    "page_seconds",
)
"""The settings that have to be the same on all machines: what sites see of us, when each is visited, and how far."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a push or a pull changes, by the keys of sites; `one_sided` are those that there are only at its end, `same`
    is how many stay as they are; `settings` those that differ, as they stand at its beginning."""

    added: list[str]
    changed: list[str]
    one_sided: list[str]
    same: int
    settings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class InForce:
    """The sites in force by key, the faults of those that cannot be used, and since when each is to be crawled, where
    they were pushed."""

    sites: dict[str, Site]
    faults: tuple[SiteError, ...] = ()
    since: Mapping[str, datetime] = field(default_factory=dict)


def in_force(settings: Settings, store: Store) -> InForce:
    """The sites that were pushed into the database; where there are none, those of this machine's files."""
    pushed = store.machines.pushed() if store.machines.many else {}
    if not pushed:
        found = load_sites(settings.sites_folder, settings.catalogue)
        return InForce(found.sites, found.faults)
    sites, faults = {}, []
    for key in pushed:
        try:
            sites[key] = pushed_site(pushed, key)
        except SiteError as fault:
            fault.key = key
            faults.append(fault)
    return InForce(sites, tuple(faults), {key: row.pushed for key, row in pushed.items()})


def pushed_site(pushed: Mapping[str, Pushed], key: str) -> Site:
    """A site that was pushed. Raises SiteError where there is none of that key, or it cannot be used: what a later
    newsbot has pushed an earlier one may not understand."""
    if key not in pushed:
        find({}, [key])
    row = pushed[key]
    return read_site(key, row.text, f"{key}, pushed by {row.pushed_by}").switched(row.enabled)


def environment(shared: Mapping[str, str]) -> dict[str, str]:
    """Shared settings as variables of the environment, which count more than anything that a machine has of its own."""
    return {f"NEWSBOT_{name.upper()}": value for name, value in shared.items() if name in SHARED}


def to_push(settings: Settings, store: Store) -> tuple[Changes, list[tuple[str, str, bool]]]:
    """What a push would change, and the sites that it would bring, for `push`: all of this machine's own, and those of
    the catalogue that are enabled. Raises SiteError for a file that cannot be used: then nothing is pushed."""
    _check(store)
    known = load_sites(settings.sites_folder, settings.catalogue)
    if known.faults:
        raise known.faults[0]
    rows = [
        (key, known.paths[key].read_text("utf-8-sig"), site.enabled)
        for key, site in known.sites.items()
        if site.enabled or known.paths[key].parent != CATALOGUE
    ]
    there = store.machines.pushed()
    changed = [key for key, text, on in rows if key in there and (there[key].text, there[key].enabled) != (text, on)]
    added = [key for key, _, _ in rows if key not in there]
    ours, before = _shared(settings), store.machines.settings()
    return Changes(
        added,
        changed,
        sorted(there.keys() - {key for key, _, _ in rows}),
        len(rows) - len(added) - len(changed),
        [f"{name} = {value}" for name, value in ours.items() if before.get(name) != value],
    ), rows


def push(settings: Settings, store: Store, rows: list[tuple[str, str, bool]]) -> None:
    """Let these sites, and this machine's settings, be what workers go by, and no others."""
    store.machines.push(rows, _shared(settings), socket.gethostname())


def to_pull(settings: Settings, store: Store) -> tuple[Changes, dict[str, Pushed]]:
    """What a pull would change of this machine's own files, and the sites for `pull`. Those that there are only here
    stay."""
    _check(store)
    there = store.machines.pushed()
    known = load_sites(settings.sites_folder, settings.catalogue)
    differing = {key: row for key, row in there.items() if not _same(known.paths.get(key), known.sites.get(key), row)}
    own = {key for key, path in known.paths.items() if path.parent != CATALOGUE}
    ours, shared = _shared(settings), store.machines.settings()
    return Changes(
        [key for key in differing if key not in own],
        [key for key in differing if key in own],
        [key for key, site in known.sites.items() if key not in there and (site.enabled or key in own)],
        len(there) - len(differing),
        [f"{name} = {value}" for name, value in shared.items() if ours.get(name) != value],
    ), differing


def pull(settings: Settings, rows: Mapping[str, Pushed]) -> None:
    """Write these sites' files, over those that there are. Raises SiteError where that cannot be."""
    for key, row in rows.items():
        own, catalogue = (folder / f"{key}.toml" for folder in (settings.sites_folder, CATALOGUE))
        if own.exists() or not (catalogue.exists() and catalogue.read_text("utf-8-sig") == row.text):
            replace_file(settings.sites_folder, key, row.text)
    switch(settings.sites_folder, {key: row.enabled for key, row in rows.items()})


def _same(path: Path | None, site: Site | None, row: Pushed) -> bool:
    if path is None or site is None:
        return False
    return site.enabled == row.enabled and path.read_text("utf-8-sig") == row.text


def _shared(settings: Settings) -> dict[str, str]:
    return {name: str(getattr(settings, name)) for name in SHARED if getattr(settings, name) != ""}


def _check(store: Store) -> None:
    if not store.machines.many:
        raise ConfigError(
            "sites are shared through a PostgreSQL database, and this one is SQLite, which one machine has for itself: "
            "set NEWSBOT_DATABASE_URL"
        )
