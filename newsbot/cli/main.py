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

# By what people do, the module that holds each command: a command that is not used is not imported.
GROUPS = {
    "Crawl": {
        "crawl": "crawl",
        "schedule": "schedule",
        "cron": "cron",
        "backfill": "backfill",
        "ingest": "ingest",
        "worker": "worker",
    },
    "Ask": {
        "stories": "stories",
        "search": "stories",
        "show": "show",
        "export": "export",
        "stats": "stats",
        "serve": "serve",
    },
    "Sites": {"sites": "sites"},
    "Watch": {"runs": "runs", "health": "health"},
    "Keep": {"db": "db", "forget": "forget", "reprocess": "reprocess"},
    "Try": {"demo": "demo", "extract": "extract", "dedupe": "dedupe"},
}
COMMANDS = {name: module for group in GROUPS.values() for name, module in group.items()}


class _Commands(TyperGroup):
    """The commands, each made when it is asked for; in the help, by what people do."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """A line a command, the group before its first, the options in one: what has headings and blank lines between
        fills more than a screen."""
        wide, long = max(map(len, GROUPS)), max(map(len, COMMANDS))
        formatter.write_paragraph()
        for group, commands in GROUPS.items():
            for number, name in enumerate(commands):
                begin = f"{'' if number else group:{wide}}  {name:{long}}  "
                summary = self.get_command(ctx, name).get_short_help_str(formatter.width - len(begin))
                formatter.write(f"{begin}{summary}\n")
        options = ", ".join(name for each in self.get_params(ctx) for name in each.opts)
        formatter.write_paragraph()
        formatter.write_text(f"Options: {options}. `newsbot COMMAND --help` tells more.")

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
    """Crawl news sites, keep their stories clean, and ask what was published."""
    from newsbot.config import unknown_variables  # not for --help and --version: it costs more than they do

    for line in unknown_variables():
        sys.stderr.write(f"newsbot: {line}\n")


def main() -> NoReturn:
    """Run the command line; ends the process. 0 all well, 1 failed, 2 wrong use, 75 a crawl is at work already."""
    try:
        app(prog_name="newsbot")
    except NewsbotError as error:
        sys.stderr.write(f"newsbot: {error}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(
                f"newsbot: the output cannot be written: {error.strerror or error}. Make room, or send it elsewhere.\n"
            )
            sys.exit(1)
        # The reader of our output has gone (`newsbot stories | head`): nothing is wrong.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(0)
