"""`newsbot reprocess`: stories brought up to what this newsbot knows."""

from __future__ import annotations

from newsbot.cli.output import err
from newsbot.config import load
from newsbot.store import Store

_STEP = 200  # stories between two looks at the terminal


def reprocess() -> None:
    """Make the fingerprints of an earlier newsbot anew.

    Without them, old stories are not found as copies of new ones.

    Each crawl does some of it by itself; this does the rest at once. It may be broken off and run again, and a crawl
    may be at work meanwhile.
    """
    console = err()
    with Store.open(load().database, create=False) as store, console.status("fingerprints …") as status:
        done, more = 0, True
        while more:
            renewed, more = store.renew(_STEP)
            done += renewed
            status.update(f"fingerprints … {done}")
    console.print(f"fingerprints made anew: {done}")
