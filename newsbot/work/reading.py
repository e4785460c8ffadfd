"""The reading of one archive, as a worker starts it: `python -m newsbot.work.reading ORDER`, an order as JSON. The
sites are those that were pushed, the settings those of the environment. It ends when its standard input does."""

from __future__ import annotations

import json
import logging
import os
import sys

from newsbot.archive import check_installed
from newsbot.config import load
from newsbot.errors import CrawlLocked, NewsbotError
from newsbot.ingest import run
from newsbot.register import in_force
from newsbot.sites import Owners
from newsbot.store import Store
from newsbot.work.archives import Order
from newsbot.work.children import end_with_worker

log = logging.getLogger(__name__)

_NICE = 5  # reading takes all cores for hours; visits, which wait for their hosts most of the time, go first


def main(order: Order) -> int:
    """Read a file on from where it is; gives 0 where it is through, CrawlLocked's code where another run is at work on
    it, any other where this run could not read it, or not to its end."""
    end_with_worker()
    os.nice(_NICE)
    settings = load()
    check_installed(order.file)
    with Store.open(settings.database, create=False) as store:
        sites = in_force(settings, store).sites
    only = set(order.sites) or (set(sites) if order.known else None)
    report = run(settings, [order.file], Owners(sites.values()), only, again=order.again)
    (file,) = report.files
    if file.error and file.code != CrawlLocked.exit_code:
        log.warning("%s", file.error)
    return 0 if file.outcome == "done" or file.whole else report.exit_code


if __name__ == "__main__":
    try:
        code = main(Order.of(json.loads(sys.argv[1])))
    except NewsbotError as error:
        sys.stderr.write(f"newsbot: {error}\n")
        code = error.exit_code
    sys.exit(code)
