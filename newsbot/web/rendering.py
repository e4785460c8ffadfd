"""Templates into answers. All that they are given is text and is escaped; static files are named with their digest."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from newsbot import __version__
from newsbot.reasons import explain
from newsbot.web.asking import Question
from newsbot.web.plots import called, short
from newsbot.web.reading import dated, link, marked, moment
from newsbot.web.serving import Serving

STATIC = files("newsbot.web") / "static"


class Rendering:
    """The templates of one server."""

    def __init__(self, serving: Serving) -> None:
        self._environment = Environment(
            loader=PackageLoader("newsbot.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "link": link, "marked": marked, "moment": moment, "called": called, "short": short, "explain": explain,
        }  # fmt: skip
        self._environment.globals |= {
            "version": __version__,
            "dated": dated,
            "static": {name: f"/static/{name}?v={_digest(name)}" for name in ("newsbot.css", "newsbot.js", "icon.svg")},
            "images": serving.images,
            "asked": Question(),
        }

    def page(self, request: Request, template: str, code: int = 200, **values: Any) -> Response:
        """A page; `values` are what its template speaks of."""
        text = self._environment.get_template(template).render(path=request.url.path, **values)
        return HTMLResponse(text, code)


def _digest(name: str) -> str:
    return hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
