"""Writes the manual page docs/newsbot.1, which a wheel puts where `man newsbot` finds it: `python docs/manual.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer
from reference import COMMANDS_HEAD, commands, fields

from newsbot import __version__
from newsbot.cli.main import GROUPS, app
from newsbot.config import Settings

PAGE = Path(__file__).parent / "newsbot.1"
FILES = {
    "$NEWSBOT_HOME/newsbot.toml": "settings",
    "$NEWSBOT_HOME/sites/*.toml": "your own site files",
    "$NEWSBOT_HOME/newsbot.db": "the database, where no other is set",
    "$NEWSBOT_HOME/log/newsbot.log": "the log",
}
EXITS = dict(re.findall(r"^\| ([\d, ]+) \| (.*) \|$", COMMANDS_HEAD, re.MULTILINE))


def manual() -> str:
    """The whole page, in the words of man(7)."""
    about = typer.main.get_command(app).help or ""
    lines = [
        '.\\" Made by docs/reference.py from the code.',
        f'.TH NEWSBOT 1 "" "newsbot {__version__}" "User Commands"',
        ".SH NAME",
        rf"newsbot \- {_roff(about.strip().rstrip('.'))}",
        ".SH SYNOPSIS",
        r".B newsbot",
        r"\fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]",
        ".SH DESCRIPTION",
        "The main job is",
        r".BR \(lqnewsbot\ crawl\(rq ,",
        "which crawls the sites that are enabled and stores what is new. Data goes to stdout, all talk to stderr.",
    ]
    for group in GROUPS:
        lines.append(f'.SH "COMMANDS: {group.upper()}"')
        for each in commands(group):
            lines += [f'.SS "{_roff(each.usage)}"', *_paragraphs(each.text)]
            for label, said in each.rows:
                lines += [".TP", rf"\fB{_roff(label)}\fR", _roff(said)]
    lines.append(".SH ENVIRONMENT")
    for name, (takes, default, said) in fields(Settings, {"home": "~/.newsbot"}):
        lines += [".TP", rf"\fBNEWSBOT_{name.upper()}\fR ({_roff(_bare(takes))})"]
        lines.append(_roff(said + (f"; default {_bare(default)}" if default else "")))
    lines += ["Each but NEWSBOT_HOME may also stand in newsbot.toml, in lower case and without NEWSBOT_."]
    lines += [".SH FILES", *_listed(FILES), '.SH "EXIT STATUS"', *_listed(EXITS)]
    return "\n".join(lines) + "\n"


def _listed(items: Mapping[str, str]) -> Iterator[str]:
    for name, said in items.items():
        yield from (".TP", rf"\fB{_roff(name)}\fR", _roff(said))


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        yield from ([".PP"] if number else []) + [_roff(" ".join(paragraph.split()))]


def _bare(markdown: str) -> str:
    return markdown.replace("`", "")


def _roff(text: str) -> str:
    """Text that roff takes as it stands."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("`", "'").replace('"', r"\(dq")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def main() -> None:
    """Write it."""
    PAGE.write_text(manual(), "utf-8")


if __name__ == "__main__":
    main()
