"""The whole: what is served where, and how errors end it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from newsbot.config import Settings
from newsbot.errors import NewsbotError
from newsbot.store import Reader
from newsbot.web import guard
from newsbot.web.api import make_api, problem, status_of
from newsbot.web.pages import Pages
from newsbot.web.rendering import Rendering
from newsbot.web.serving import Serving
from newsbot.web.watching import Watching

PATIENCE = 5.0
"""Seconds that one question to the database may take."""
READERS = 8
"""Threads that read, and with them connections to the database."""

_FOREVER = "public, max-age=31536000, immutable"


def make_app(read: Reader, settings: Settings, serving: Serving) -> Starlette:
    """The application, as ASGI servers take it. `read` has a patience."""
    rendering = Rendering(serving)
    watching = Watching(read, settings, rendering)

    def wrong(request: Request, error: Exception) -> Response:
        """A page that says what was wrong; a program is told as the API does."""
        if request.url.path.startswith("/api/"):
            return problem(request, error)
        status = error.status_code if isinstance(error, HTTPException) else status_of(error)
        said = error.detail if isinstance(error, HTTPException) else str(error)
        return rendering.page(request, "error.html", status, status=status, said=said)

    async def login(request: Request) -> Response:
        """Asks for the token, and gives a cookie for it."""
        wanted = guard.local(request.query_params.get("next", "/"))
        if request.method == "POST":
            fields = await guard.form(request)
            wanted = guard.local(fields.get("next", "/"))
            if serving.token and guard.is_token(fields.get("token", ""), serving):
                return guard.admitted(request, serving.token, wanted)
        wrong = request.method == "POST"
        return rendering.page(request, "login.html", 403 if wrong else 200, next=wanted, wrong=wrong)

    pages = Pages(read, settings, rendering)
    return Starlette(
        routes=[
            *pages.routes,
            *watching.routes,
            Route(guard.LOGIN, login, methods=["GET", "POST"]),
            Mount("/static", Static(packages=[("newsbot.web", "static")])),
            Mount("/api/v1", make_api(read, watching, rendering)),
        ],
        middleware=[Middleware(guard.Guard, serving=serving), Middleware(guard.Tagged)],
        exception_handlers={HTTPException: wrong, NewsbotError: wrong, 500: _broken},
        lifespan=_bounded,
    )


def _broken(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("Something went wrong in newsbot itself; its log has the details.\n", 500)


@asynccontextmanager
async def _bounded(_app: Starlette) -> AsyncIterator[None]:
    """All that reads the database does so in threads, of which there are not too many."""
    to_thread.current_default_thread_limiter().total_tokens = READERS
    yield


class Static(StaticFiles):
    """Files that never change: their addresses have a digest of what they hold."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept."""
        answer = await super().get_response(path, scope)
        if answer.status_code == 200 and scope["query_string"].startswith(b"v="):
            answer.headers["Cache-Control"] = _FOREVER
        return answer
