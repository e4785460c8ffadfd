"""Who may ask, what is too much, and what browsers are told to refuse: what stands before every answer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsbot.web.serving import Serving

COOKIE = "newsbot"
LOGIN = "/login"
LONGEST_TARGET = 8_000
"""Bytes of a path with its query: fifty sites and a search of a thousand letters of three bytes each, escaped."""
LONGEST_FORM = 4_000  # bytes
_YEAR = 365 * 86_400

_OPEN = ("/static/", LOGIN)  # what everybody may see: the page that asks for the token, and how it looks


class Guard:
    """An ASGI application around another one: it refuses what may not be asked, and sets the headers of all answers."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app = app
        self._serving = serving
        self._headers = headers(serving)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in self._headers:
                    sent.setdefault(name, value)
            await send(message)

        refused = self._refused(scope)
        await (refused or self._app)(scope, receive, answer)

    def _refused(self, scope: Scope) -> Response | None:
        sent = Headers(scope=scope)
        name = _name(sent.get("host", ""))
        if not self._serving.admits(name):
            return PlainTextResponse(
                f"newsbot does not go by the name {name[:100]!r} here. If it should, start it with "
                "--name and that name.\n",
                421,
            )
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_TARGET:
            return PlainTextResponse(f"the address is longer than {LONGEST_TARGET} bytes. Ask for less.\n", 414)
        if scope["method"] not in ("GET", "HEAD") and not (scope["method"] == "POST" and scope["path"] == LOGIN):
            return PlainTextResponse("newsbot can only be read here.\n", 405, {"Allow": "GET, HEAD"})
        if scope["path"].startswith(_OPEN) or self.is_known(sent):
            return None
        if "text/html" in sent.get("accept", ""):
            target = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            return RedirectResponse(f"{LOGIN}?next={quote(target, safe='')}", 303)
        return PlainTextResponse(
            "This newsbot wants its token: as `Authorization: Bearer TOKEN`, or as the password of HTTP Basic.\n",
            401,
            {"WWW-Authenticate": 'Basic realm="newsbot", charset="UTF-8"'},
        )

    def is_known(self, sent: Headers) -> bool:
        """Whether a request brings the token, in its Authorization or as the cookie that the login gives."""
        token = self._serving.token
        if not token:
            return True
        kind, _, said = sent.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return _same(said.strip(), token)
        if kind.lower() == "basic":
            try:
                password = base64.b64decode(said.strip(), validate=True).decode().partition(":")[2]
            except (binascii.Error, ValueError):
                return False
            return _same(password, token)
        try:
            cookie = SimpleCookie(sent.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and _same(cookie.value, _sealed(token))


def headers(serving: Serving) -> tuple[tuple[str, str], ...]:
    """What all answers say, where they do not say otherwise: nothing is run, loaded or framed that is not ours."""
    images = "img-src 'self' http: https:" if serving.images else "img-src 'self'"
    policy = (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'self'",
        "base-uri 'none'", "frame-ancestors 'none'", images,
    )  # fmt: skip
    return (
        ("Content-Security-Policy", "; ".join(policy)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ("X-Robots-Tag", "noindex, nofollow"),
        ("Cache-Control", "private, no-cache"),
    )


# -- the login ---------------------------------------------------------------------------------------------------------


async def form(request: Request) -> dict[str, str]:
    """The fields of a small form; what is larger than LONGEST_FORM has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return {}
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def admitted(request: Request, token: str, wanted: str) -> Response:
    """The answer to who has brought the right token: a cookie, and the page that was wanted."""
    answer = RedirectResponse(local(wanted), 303)
    answer.set_cookie(
        COOKIE, _sealed(token), max_age=_YEAR, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return answer


def is_token(said: str, serving: Serving) -> bool:
    """Whether it is the token, told in a time that does not say how much of it is right."""
    return _same(said, serving.token)


def local(target: str) -> str:
    """The path if it is one of this server, else the front page: nobody is sent elsewhere."""
    parts = urlsplit(target) if target.isprintable() and "\\" not in target else None
    safe = parts is not None and not parts.scheme and not parts.netloc and target.startswith("/")
    return target if safe and not target.startswith("//") else "/"


def _same(said: str, right: str) -> bool:
    return hmac.compare_digest(said.encode("utf-8", "surrogateescape"), right.encode())


def _sealed(token: str) -> str:
    """What the cookie holds: it opens this server, and does not say the token."""
    return hmac.new(token.encode(), b"newsbot serve: cookie", hashlib.sha256).hexdigest()


def _name(host: str) -> str:
    """A Host header without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host


# -- conditional requests ----------------------------------------------------------------------------------------------


class Tagged:
    """An ASGI application around another one: answers that come in one piece get an ETag of their bytes, and who has
    them already (If-None-Match) is told so instead. Streams pass through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                begun, start = start, None
                sent = MutableHeaders(scope=begun)
                whole = message["type"] == "http.response.body" and not message.get("more_body")
                if whole and begun["status"] == 200 and "etag" not in sent and message.get("body"):
                    tag = f'"{hashlib.blake2b(message["body"], digest_size=12).hexdigest()}"'
                    sent["ETag"] = tag
                    if tag in _tags(Headers(scope=scope).getlist("if-none-match")):
                        begun["status"] = 304
                        del sent["content-length"]
                        message = {**message, "body": b""}
                await send(begun)
            await send(message)

        await self._app(scope, receive, answer)


def _tags(values: Iterable[str]) -> set[str]:
    return {tag.strip().removeprefix("W/") for value in values for tag in value.split(",")}
