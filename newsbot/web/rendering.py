"""Templates into answers. All that they are given is text and is escaped; static files are named with their digest."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from importlib.resources import files
from itertools import takewhile
from typing import Any

from anyio import to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from newsbot import __version__
from newsbot.reasons import explain
from newsbot.web.asking import Question
from newsbot.web.plots import called, roughly, short
from newsbot.web.reading import dated, link, marked, moment
from newsbot.web.serving import Serving

STATIC = files("newsbot.web") / "static"

_PAUSE = "<!-- pause -->"  # as a piece of its own: no text is one, for its signs are escaped


class Rendering:
    """The templates of one server."""

    def __init__(self, serving: Serving) -> None:
        self._environment = Environment(
            loader=PackageLoader("newsbot.web"),
            autoescape=True,
            auto_reload=False,  # three files would be looked at for every page
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "link": link, "marked": marked, "moment": moment, "called": called, "short": short, "roughly": roughly,
            "explain": explain,
        }  # fmt: skip
        self._environment.globals |= {
            "version": __version__,
            "dated": dated,
            "static": {name: f"/static/{name}?v={_digest(name)}" for name in ("newsbot.css", "newsbot.js", "icon.svg")},
            "images": serving.images,
            "asked": Question(),
            "pause": _PAUSE,
        }

    def page(self, request: Request, template: str, code: int = 200, **values: Any) -> Response:
        """A page; `values` are what its template speaks of."""
        text = self._environment.get_template(template).render(path=request.url.path, **values)
        return HTMLResponse(text, code)

    def page_in_two(self, request: Request, template: str, **values: Any) -> Response:
        """A page that is sent up to the template's `pause` before the rest of it is made, for which it may call
        `values`. What goes wrong before is raised; afterwards it is too late for another answer."""
        pieces = self._environment.get_template(template).generate(path=request.url.path, **values)
        first = "".join(takewhile(lambda piece: piece != _PAUSE, pieces))

        async def both() -> AsyncIterator[str]:
            yield first
            yield await to_thread.run_sync("".join, pieces)

        return StreamingResponse(both(), media_type="text/html")


def _digest(name: str) -> str:
    return hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
