"""Crawling with many machines: workers that share a PostgreSQL database, its stories and a queue of jobs in it.

    worker.py    `work`: what `newsbot worker` does until it is ended
    queue.py     the jobs: a tick that queues the sites that are due, and a visit to one of them
    children.py  visits as processes that die with their worker        visit.py  what such a process does
    schema.py    the tables of the queue                               waiting.py  databases that do not answer

It is the only room that imports procrastinate. That a site is crawled once at a time does not rest on the queue, which
cannot tell a worker that is dead from one that is only cut off, but on `newsbot.lease`.
"""
