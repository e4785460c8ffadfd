"""`newsbot serve`: a web page and an HTTP API over the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from newsbot.config import load
from newsbot.errors import ConfigError

PORT = 6397  # what NEWS is on a telephone


def serve(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65_535, help="The port; 0: any that is free.")
    ] = PORT,
    token: Annotated[
        str,
        typer.Option("--token", metavar="TOKEN", help="What visitors have to bring; safer as the setting serve_token."),
    ] = "",
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="A name under which it is visited: a reverse proxy's. Repeatable."),
    ] = None,
    images: Annotated[bool, typer.Option("--images", help="Load the pictures of stories from their sites.")] = False,
) -> None:
    """Show the database in a browser, and serve it as an HTTP API.

    Nothing can be changed there. For any address but those of this machine it wants a token.
    """
    try:
        from newsbot.web import Serving, run
    except ModuleNotFoundError as error:
        raise ConfigError(f'serve needs {error.name}. Install it with: pip install "newsbot[web]"') from error
    settings = load()
    serving = Serving(host, token or settings.serve_token, tuple(name or ()), images=images)
    run(settings, serving, port, _say)


def _say(address: str) -> None:
    sys.stderr.write(f"newsbot is at {address} (Ctrl-C ends it)\n")
    sys.stderr.flush()
