"""The store room: one database that keeps stories once, remembers what was seen, and answers questions.

    models.py      the tables                    engine.py   a URL becomes an opened, migrated database
    migrations/    how a schema came to be
    write.py       `Store`: what a crawl writes, with a file for each thing that it does
    queries.py     `Reader`: what people ask, of stories; counting.py, surveying.py, exporting.py, info.py what else
    patience.py    how long they may take
    search.py      the grammar of searches       index.py    the search index, on each of the two databases

It is the only room that imports sqlalchemy. It takes `newsbot.items.Story` and gives plain frozen values back; it knows
nothing of pages, HTML, Scrapy, site files or settings, and hands no SQLAlchemy object out.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from newsbot.store.counting import DayCount, RemovedCount
from newsbot.store.engine import database_file, libpq, upgrade
from newsbot.store.filters import Filters, Sort
from newsbot.store.queries import MOST_COUNTED, Reader
from newsbot.store.rows import (
    EXPORT_FIELDS,
    MARK_OFF,
    MARK_ON,
    Address,
    Hit,
    Relative,
    Rows,
    RunKind,
    RunRow,
    RunSite,
    Scheduled,
    SiteBlock,
    SitePlace,
    SiteProfile,
    SiteRow,
    StoryFull,
    StoryRow,
    TakenOut,
    Version,
    in_place,
    whole,
)
from newsbot.store.surveying import Survey

if TYPE_CHECKING:
    from newsbot.store.checking import Check
    from newsbot.store.conditional import Validators
    from newsbot.store.forgetting import Chosen, Doomed
    from newsbot.store.hosts import HostState
    from newsbot.store.info import Info
    from newsbot.store.ingesting import Ingested, Place
    from newsbot.store.keeping import Kept, Outcome
    from newsbot.store.leases import Held
    from newsbot.store.machines import Machines, Pushed
    from newsbot.store.marks import Mark
    from newsbot.store.remaking import Standing, Wanted
    from newsbot.store.write import Store

__all__ = [
    "EXPORT_FIELDS",
    "MARK_OFF",
    "MARK_ON",
    "MOST_COUNTED",
    "Address",
    "Check",
    "Chosen",
    "DayCount",
    "Doomed",
    "Filters",
    "Held",
    "Hit",
    "HostState",
    "Info",
    "Ingested",
    "Kept",
    "Machines",
    "Mark",
    "Outcome",
    "Place",
    "Pushed",
    "Reader",
    "Relative",
    "RemovedCount",
    "Rows",
    "RunKind",
    "RunRow",
    "RunSite",
    "Scheduled",
    "SiteBlock",
    "SitePlace",
    "SiteProfile",
    "SiteRow",
    "Sort",
    "Standing",
    "Store",
    "StoryFull",
    "StoryRow",
    "Survey",
    "TakenOut",
    "Validators",
    "Version",
    "Wanted",
    "database_file",
    "in_place",
    "libpq",
    "upgrade",
    "whole",
]

# Who only asks does not wait for the write side to be imported.
_WRITE_SIDE = {
    "Check": "checking",
    "Chosen": "forgetting",
    "Doomed": "forgetting",
    "HostState": "hosts",
    "Info": "info",
    "Held": "leases",
    "Ingested": "ingesting",
    "Kept": "keeping",
    "Machines": "machines",
    "Mark": "marks",
    "Outcome": "keeping",
    "Standing": "remaking",
    "Place": "ingesting",
    "Pushed": "machines",
    "Store": "write",
    "Validators": "conditional",
    "Wanted": "remaking",
}


def __getattr__(name: str) -> object:
    if name not in _WRITE_SIDE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WRITE_SIDE[name]}"), name)
