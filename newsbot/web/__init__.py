"""The web room: `newsbot serve`, a page to look at and an HTTP API, over the questions of `newsbot.store`.

    asking.py     a request's parameters become a question, and a question an address that can be shared
    app.py        the whole: what is served where, and how errors end it
    running.py    the server around it
    guard.py      who may ask, what is too much, and what browsers are told to refuse
    pages.py      search and story            watching.py   sites, runs, health, metrics
    reading.py    a story made ready to be read, compared and judged      plots.py   bars and such as geometry
    feeds.py      RSS, Atom, JSON Feed        api.py        /api/v1, its answers in schemas.py

It writes nothing. What pages say is text: templates escape all of it, and only http addresses become links.
"""

from newsbot.web.app import make_app
from newsbot.web.running import run
from newsbot.web.serving import Serving

__all__ = ["Serving", "make_app", "run"]
