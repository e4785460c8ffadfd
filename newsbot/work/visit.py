"""One visit, as a worker starts it: `python -m newsbot.work.visit SITE`. The site is read from the database, the
settings from the environment. It ends with the exit codes of `newsbot crawl`, and when its standard input does."""

from __future__ import annotations

import sys

from newsbot.config import load
from newsbot.crawl import Interrupted, run
from newsbot.errors import NewsbotError
from newsbot.register import pushed_site
from newsbot.store import Store
from newsbot.work.children import end_with_worker


def main(key: str) -> int:
    """Visit a site, if it is still due; gives the exit code."""
    end_with_worker()
    settings = load()
    with Store.open(settings.database, create=False) as store:
        site = pushed_site(store.machines.pushed(), key)
    try:
        return run(settings, [site], due=True).exit_code
    except Interrupted as error:
        return 128 + error.signal


if __name__ == "__main__":
    try:
        code = main(sys.argv[1])
    except NewsbotError as error:
        sys.stderr.write(f"newsbot: {error}\n")
        code = error.exit_code
    sys.exit(code)
