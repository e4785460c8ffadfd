"""The `newsbot` command: its groups, and how errors end it."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from newsbot import __version__
from newsbot.errors import NewsbotError

# The module that holds each command, in the order of the help: a command that is not used is not imported.
COMMANDS = {
    "crawl": "crawl",
    "schedule": "schedule",
    "cron": "cron",
    "stories": "stories",
    "search": "stories",
    "show": "show",
    "export": "export",
    "stats": "stats",
    "runs": "runs",
    "health": "health",
    "forget": "forget",
    "db": "db",
    "reprocess": "reprocess",
    "sites": "sites",
    "extract": "extract",
    "dedupe": "dedupe",
    "demo": "demo",
}


class _Commands(TyperGroup):
    """The commands, each made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        # What is imported stays. To look for garbage in it, now and when the process ends, would be a quarter of what
        # `newsbot show` costs.
        gc.disable()
        try:
            module = import_module(f"newsbot.cli.{COMMANDS[cmd_name]}")
        finally:
            gc.freeze()
            gc.enable()
        found = getattr(module, cmd_name)
        if isinstance(found, typer.Typer):  # a group of its own
            group = typer.main.get_command(found)
            group.name = cmd_name
            return group
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        single.command(cmd_name)(found)
        return typer.main.get_command(single)


app = typer.Typer(
    name="newsbot",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsbot {__version__}")
        raise typer.Exit


@app.callback()
def newsbot(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Crawl news sites, keep their stories clean, recognise copies, and ask what was published.

    Settings, site files and the database are in NEWSBOT_HOME (default ~/.newsbot).
    """


def main() -> NoReturn:
    """Run the command line; ends the process. 0 all well, 1 failed, 2 wrong use, 75 a crawl is at work already."""
    try:
        app()
    except NewsbotError as error:
        sys.stderr.write(f"newsbot: {error}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"newsbot: the output cannot be written: {error.strerror or error}\n")
            sys.exit(1)
        # The reader of our output has gone (`newsbot stories | head`): nothing is wrong.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(0)
