"""A reprocess from end to end: the stories that something else made, several at a time in reading processes, each
written in a transaction of its own, or only compared.

What makes a story is noted with it. So a reprocess that was broken off, or killed, goes on where it was, and a second
one has nothing to do; and a story that a crawl revised meanwhile is left to the crawl.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from newsbot.archive import check_installed
from newsbot.config import Settings
from newsbot.errors import NotUnderstood
from newsbot.recipe import recipe
from newsbot.reprocess.differences import Difference, difference
from newsbot.reprocess.making import Made, make
from newsbot.shared import Shared
from newsbot.sites import Site, find, load_sites
from newsbot.store import SiteRow, Standing, Store, Wanted
from newsbot.workers import PageTooHard

_BATCH = 100  # stories in memory
_SHOWN = 5  # differences that are kept to be shown, the largest
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Report:
    """What came of it. `counts`, each story once: `changed`, `same`; `no_story.` and the verdict where its page is
    taken for none by now, and it stays as it was; `error.` and why where it could not be made, `elsewhere` where its
    page lies on another machine, and both will be tried again. Besides, `of_page` and `of_blocks` say what stories were
    made of, `lost` how many pages should have been in the archive. `fields`: in how many stories each changed."""

    of: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    sample: list[Difference] = field(default_factory=list)
    done: int = 0
    interrupted: signal.Signals | None = None

    @property
    def exit_code(self) -> int:
        """0 all well, 1 a story could not be made, 130 and 143 interrupted."""
        if self.interrupted:
            return 128 + self.interrupted
        return 1 if any(name.startswith("error.") for name in self.counts) else 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which stories: those dated from `since` on, or the one of the number `story`; by default all."""

    since: datetime | None = None
    story: int | None = None


def sites_of(settings: Settings, store: Store, keys: Sequence[str] = ()) -> tuple[list[Site], list[str]]:
    """The sites that have stories, or those of these keys; and what is wrong with the files of others, which are left
    out: by another file their stories would come out wrong. One without a file is read as one whose file says nothing.

    Raises SiteError for a key that is neither that of a file nor in the database, StoreError.
    """
    found = load_sites(settings.sites_folder, settings.catalogue)
    rows = {row.key: row for row in store.read.sites()}
    without = {key: made for key, row in rows.items() if key not in found.paths and (made := _without_file(row))}
    sites = {**without, **{key: site for key, site in found.sites.items() if key in rows or key in keys}}
    faults = [str(fault) for fault in found.faults if fault.key in rows and (not keys or fault.key in keys)]
    broken = {fault.key for fault in found.faults}
    chosen = find(sites, [key for key in keys if key not in broken]) if keys else list(sites.values())
    return chosen, faults


def _without_file(row: SiteRow) -> Site | None:
    values = {"key": row.key, "name": row.name, "home": row.home or f"https://{row.key}/", "language": row.language}
    try:
        return Site.model_validate(values)
    except ValidationError:
        return None


def waiting(store: Store, sites: Sequence[Site], chosen: Chosen) -> int:
    """How many stories are to be made again. Raises StoreError."""
    return sum(len(store.outdated(_wanted(site, chosen))) for site in sites)


def run(
    settings: Settings,
    sites: Sequence[Site],
    chosen: Chosen,
    *,
    write: bool,
    watch: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Make the chosen stories of these sites again that something else made; without `write` only say what would come
    of it. `watch` is told after each story. SIGINT and SIGTERM end it after the stories at work, and are noted.

    Raises StoreError, and ConfigError where there is an archive and what reads it is not installed.
    """
    if settings.archive_folder.is_dir():
        check_installed(f"the archive {settings.archive_folder}")
    return asyncio.run(_Run(settings, chosen, write, watch).go(sites))


def _wanted(site: Site, chosen: Chosen) -> Wanted:
    return Wanted(site.key, recipe(site), chosen.since, chosen.story)


def _weight(found: Difference) -> tuple[bool, int, int]:
    """How much a difference tells: another text more than another author, and among those the one whose length changes
    most. Of equals the first story."""
    return "text" in found.changes, abs(len(found.text) - len(found.text_before)), -found.story


class _Run:
    def __init__(self, settings: Settings, chosen: Chosen, write: bool, watch: Callable[[Report], None]) -> None:
        self._settings = settings
        self._chosen = chosen
        self._write = write
        self._watch = watch
        self._report = Report()

    async def go(self, sites: Sequence[Site]) -> Report:
        loop = asyncio.get_running_loop()
        for each in _SIGNALS:
            loop.add_signal_handler(each, self._interrupt, each)
        with Shared.borrowed() as shared:
            self._report.of = await shared.in_store(waiting, shared.store, sites, self._chosen)
            for site in sites if self._report.of else ():
                await self._site(shared, site)
        return self._report

    def _interrupt(self, number: int) -> None:
        self._report.interrupted = signal.Signals(number)

    async def _site(self, shared: Shared, site: Site) -> None:
        """Make a site's stories again; those that were changed while they were read once more, as they are then."""
        left = await shared.in_store(shared.store.outdated, _wanted(site, self._chosen))
        while left:
            again: list[int] = []
            for start in range(0, len(left), _BATCH):
                batch = await shared.in_store(shared.store.standing, left[start : start + _BATCH])
                done = await asyncio.gather(*(self._story(shared, site, standing) for standing in batch))
                again += [standing.id for standing, is_done in zip(batch, done, strict=True) if not is_done]
                if self._report.interrupted:
                    return
            moved = set(await shared.in_store(shared.store.outdated, _wanted(site, self._chosen))) if again else set()
            left = [number for number in again if number in moved]

    async def _story(self, shared: Shared, site: Site, standing: Standing) -> bool:
        """Make one story again. False where it was changed meanwhile, and has to be looked at again."""
        if self._report.interrupted:
            return True
        profile = await shared.profile(site.key)
        folder, most = self._settings.archive_folder, self._settings.page_bytes
        try:
            made = await shared.workers.run(make, standing, site, profile, folder, most, name=standing.url)
        except (PageTooHard, NotUnderstood) as error:
            self._count("error.too_hard" if isinstance(error, PageTooHard) else "error.not_understood")
            return True
        if not made.elsewhere and self._write and not await self._written(shared, site, standing, made):
            return False
        self._count(self._name(standing, made))
        self._report.counts["of_page" if made.of_page else "of_blocks"] += not made.elsewhere
        self._report.counts["lost"] += made.lost
        return True

    async def _written(self, shared: Shared, site: Site, standing: Standing, made: Made) -> bool:
        if made.story is None:
            return await shared.in_store(shared.store.leave_as_it_is, standing, recipe(site))
        return await shared.in_store(shared.store.remake, standing, made.story)

    def _name(self, standing: Standing, made: Made) -> str:
        """What is counted of a story; what is different in it is noted."""
        if made.elsewhere:
            return "elsewhere"
        if made.story is None:
            return f"no_story.{made.verdict}"
        found = difference(standing, made.story)
        if found is None:
            return "same"
        self._report.fields.update(found.changes)
        self._report.sample = sorted([*self._report.sample, found], key=_weight, reverse=True)[:_SHOWN]
        return "changed"

    def _count(self, name: str) -> None:
        self._report.counts[name] += 1
        self._report.done += 1
        self._watch(self._report)
