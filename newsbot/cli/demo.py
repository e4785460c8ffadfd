"""`newsbot demo`: the whole thing in half a minute, without a network."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from newsbot.cli.output import err, out
from newsbot.demo.web import DemoWeb, expected, site_files
from newsbot.errors import NewsbotError


def demo(
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="FOLDER", help="Leave the database in this folder, as a NEWSBOT_HOME of its own."
        ),
    ] = None,
) -> None:
    """Crawl two invented newspapers on this machine.

    Twice, and asks what they published. Needs no network, and leaves your own database alone.
    """
    with ExitStack() as stack:
        home = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsbot-demo-")))
        if (home / "newsbot.db").exists():
            raise NewsbotError(f"{home}: holds a database already. Give --keep a folder that is new.")
        (home / "sites").mkdir(parents=True, exist_ok=True)
        for name, text in site_files().items():
            (home / "sites" / name).write_text(text, "utf-8")
        web = stack.enter_context(DemoWeb())
        revised = _revised()
        say = err().print
        say("Two invented newspapers are on the loopback interface. Each command below runs on a folder of its own.")
        steps = [
            ("A first crawl. Everything is new; one agency story stands in both papers:", ["crawl"]),
            ("What was published, each story once:", ["stories"]),
            ("Then one story is corrected, and one is new. Nothing else is fetched again:", ["crawl"]),
            ("What the correction changed:", ["show", "--diff", revised]),
            ("What was taken out of its page, in place:", ["show", "--removed", revised]),
            ("Search:", ["search", "harbour OR ferry"]),
        ]
        for number, (told, command) in enumerate(steps):
            if number == 2:
                web.edition = 2
            say(f"\n[bold]{told}[/bold]\n[cyan]$ newsbot {shlex.join(command)}[/cyan]")
            _run(command, home, web.proxy_url)
        if keep:
            out().print(f"\nThe database is kept: NEWSBOT_HOME={shlex.quote(str(keep))} newsbot stories")


def _run(command: list[str], home: Path, proxy: str) -> None:
    """Run a newsbot command on the demo's home, as a user would."""
    own = {"NEWSBOT_HOME": str(home), "NEWSBOT_DATABASE_URL": "", "http_proxy": proxy}
    own |= {"NEWSBOT_CATALOGUE": "false", "NEWSBOT_DELAY": "0", "NEWSBOT_CONTACT": "nobody: this is a demo"}
    environment = {k: v for k, v in os.environ.items() if k.lower() not in ("no_proxy", "http_proxy")} | own
    done = subprocess.run([sys.executable, "-m", "newsbot", *command], env=environment, check=False)  # noqa: S603
    if done.returncode:
        raise NewsbotError(f"the demo's `newsbot {shlex.join(command)}` ended with {done.returncode}")


def _revised() -> str:
    """The address of the story that changes between the two crawls."""
    first, second = expected(1), expected(2)
    return next(url for url, story in first.items() if url in second and second[url].paragraphs != story.paragraphs)
