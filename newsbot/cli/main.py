"""The `newsbot` command: its groups, and how errors end it."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from newsbot import __version__
from newsbot.cli import crawl, demo, extract, sites, stories
from newsbot.errors import NewsbotError

app = typer.Typer(
    name="newsbot",
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


app.command()(crawl.crawl)
app.command()(stories.stories)
app.command()(stories.search)
app.command()(stories.show)
app.command()(stories.export)
app.command()(sites.sites)
app.command()(extract.extract)
app.command()(demo.demo)


def main() -> NoReturn:
    """Run the command line; ends the process. 0 all well, 1 failed, 2 wrong use, 75 a crawl is at work already."""
    try:
        app()
    except NewsbotError as error:
        sys.stderr.write(f"newsbot: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`newsbot stories | head`): nothing is wrong.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(0)
