"""Crawling with many machines: workers that share a PostgreSQL database, its stories and a queue of jobs in it.

    worker.py    `work`: what `newsbot worker` does until it is ended
    queue.py     the jobs: a tick that queues the sites that are due, a visit to one of them, the reading of an archive
    archives.py  archives put into the queue, and what is in it
    children.py  jobs as processes that die with their worker
    visit.py     what the process of a visit does                      reading.py  what that of an archive does
    schema.py    the tables of the queue                               waiting.py  databases that do not answer

It is the only room that imports procrastinate. That a site is crawled once at a time, and an archive read, does not
rest on the queue, which cannot tell a worker that is dead from one that is only cut off, but on `newsbot.lease`.
"""

from __future__ import annotations

from importlib.util import find_spec

from newsbot.errors import ConfigError


def check_installed(wanted_by: str) -> None:
    """Raises ConfigError, which names who wants it, where the package of the queue is not installed."""
    if find_spec("procrastinate") is None:
        raise ConfigError(
            f'{wanted_by}: needs procrastinate, which is not installed. Install it with: pip install "newsbot[work]"'
        )
