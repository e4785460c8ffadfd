"""The server around the application: a socket, and uvicorn until a signal comes."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

import uvicorn

from newsbot.config import Settings
from newsbot.errors import ConfigError
from newsbot.store import Reader
from newsbot.web.app import PATIENCE, make_app
from newsbot.web.serving import Serving

AT_ONCE = 500
"""Connections; whoever comes on top of them is told to come back (503)."""


def run(settings: Settings, serving: Serving, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the address once it can be visited.

    Raises ConfigError where the address cannot be listened at, and StoreError where there is no database.
    """
    with Reader.open(settings.database, PATIENCE) as read, _listening(serving.host, port) as listening:
        config = uvicorn.Config(
            make_app(read, settings, serving),
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            timeout_graceful_shutdown=5,
        )
        number = listening.getsockname()[1]
        _Server(config, lambda: ready(f"http://{_shown(serving.host)}:{number}/")).run([listening])


class _Server(uvicorn.Server):
    """uvicorn, which tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
        except OSError:
            made.close()
            raise
    except OSError as error:
        raise ConfigError(
            f"cannot listen at {host}, port {port}: {error.strerror}. Give another address or --port."
        ) from error
    return made


def _shown(host: str) -> str:
    try:
        return f"[{host.strip('[]')}]" if isinstance(ip_address(host.strip("[]")), IPv6Address) else host
    except ValueError:
        return host
