"""An alarm: what is wrong, with which site, since when, by what evidence, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong."""

    SILENT = "silent"
    SOURCES = "sources"
    EXTRACTION = "extraction"
    WALL = "wall"
    ERRORS = "errors"
    ROLL_OFF = "roll_off"
    UNVISITED = "unvisited"
    NETWORK = "network"
    DISK = "disk"
    LAST_RUN = "last_run"
    INTERRUPTED = "interrupted"
    SITE_FILE = "site_file"
    WORKER = "worker"


class Level(StrEnum):
    """How bad it is: something may be lost, or is."""

    WARNING = "warning"
    CRITICAL = "critical"


ADVICE = {
    Kind.SILENT: "Look at the site in a browser: has it moved, or stopped? If it has news, its sources no longer list "
    "them: correct its site file, or take out the site.",
    Kind.SOURCES: "Open the feed or sitemap in a browser; correct its address in the site file, or take it out. "
    "`newsbot runs` has the visits, the log each error.",
    Kind.EXTRACTION: "Compare a page with `newsbot extract --explain URL`: where the site's markup is new, [select] in "
    "its site file says where title and body stand.",
    Kind.WALL: "Open a story in a browser: where a consent or pay wall is new, newsbot does not go around it. Ask the "
    "site for access, or take it out.",
    Kind.ERRORS: "`newsbot runs` names the errors. HTTP 403 or 429: ask more rarely (`delay` in the site file); "
    "timeouts and HTTP 5xx: the site's server has trouble, wait.",
    Kind.ROLL_OFF: "The site publishes more between two visits than its feed lists: crawl it more often, or add its "
    "news sitemap to the site file.",
    Kind.UNVISITED: "See whether the timer's command names this site, or crawls what is due; `newsbot crawl SITE` "
    "visits it now and says what is wrong.",
    Kind.NETWORK: "Is this machine connected to the network, and does it resolve names? Is http_proxy right?",
    Kind.DISK: "Make room, or delete old stories with `newsbot forget --before 365d`.",
    Kind.LAST_RUN: "Is the timer still there (`crontab -l`, `systemctl list-timers`), and the machine on all day? See "
    "the log for the last run's end.",
    Kind.SITE_FILE: "Correct the file; `newsbot sites` tells what is wrong with it until then.",
    Kind.INTERRUPTED: "See what ends it: the machine's memory (`dmesg`), a time limit of the timer, a shutdown.",
    Kind.WORKER: "Look at that machine: is it up, and does it reach the database? A worker that is to be gone is ended "
    "with SIGTERM; one that starts on the same machine takes the place of those that are gone.",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong; `site` is None for what concerns all."""

    kind: Kind
    site: str | None
    level: Level
    since: datetime
    evidence: str

    @property
    def advice(self) -> str:
        """What to do."""
        return ADVICE[self.kind]
