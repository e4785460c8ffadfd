"""The text of a crontab, with newsbot's block in it and without. Bytes go in and out: what is not newsbot's is kept as
it is, whatever it is.

    # newsbot: begin /var/lib/newsbot
    ...
    # newsbot: end /var/lib/newsbot

A home has one block, which stands last when it is made. cron gives a variable that is set in a line to all lines below,
so those that the lines above the block set, and this home does not, are set to nothing in it: to newsbot that is unset.
A home and a command stand in the job's own line, as not every cron knows lines with variables (BusyBox's does not).
Other variables may hold passwords, and a command is seen in the log and by `ps`: they get lines of their own.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass

from newsbot.errors import ConfigError
from newsbot.timers.jobs import JOBS, PROXIES, Job, Setup

PATH = "/usr/local/bin:/usr/bin:/bin"
_BEGIN = b"# newsbot: begin "
_CUT = b"(the line above had no end) "
_END = b"# newsbot: end "
_VARIABLE = re.compile(rb"""^[ \t]*["']?([A-Za-z_][A-Za-z0-9_]*)["']?[ \t]*=""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a crontab: its home, where it lies in the text (bytes, from and to), and whether the line above had no
    end before the block came."""

    home: str
    start: int
    end: int
    cut: bool


def blocks(text: bytes) -> list[Block]:
    """The blocks in a crontab, of all homes, in their order.

    Raises ConfigError for one that has lost its beginning or its end, or has another inside it: newsbot could not tell
    which lines are the user's."""
    found: list[Block] = []
    opened: Block | None = None
    position = 0
    for number, line in enumerate(_lines(text), 1):
        said = line.rstrip(b"\r\n")
        if said.startswith(_BEGIN):
            if opened:
                raise _damaged(opened.home, number, "begins within another, which has no end")
            name = said.removeprefix(_BEGIN)
            opened = Block(os.fsdecode(name.removeprefix(_CUT)), position, 0, name.startswith(_CUT))
        elif said.startswith(_END):
            home = os.fsdecode(said.removeprefix(_END))
            if opened is None or opened.home != home:
                raise _damaged(home, number, "ends without having begun")
            found.append(Block(home, opened.start, position + len(line), opened.cut))
            opened = None
        position += len(line)
    if opened:
        raise _damaged(opened.home, text.count(b"\n", 0, opened.start) + 1, "has no end")
    homes = [block.home for block in found]
    for block in found:
        if homes.count(block.home) > 1:
            raise _damaged(block.home, text.count(b"\n", 0, block.start) + 1, "is there twice")
    return found


def install(text: bytes, setup: Setup) -> bytes:
    """The crontab with the block of this setup's home, in place of one that is there or as its end.

    Raises ConfigError for a damaged block, and for what a crontab cannot hold."""
    rest = remove(text, setup.home)
    cut = bool(rest) and not rest.endswith(b"\n")
    above = {os.fsdecode(name) for name in _VARIABLE.findall(rest)}
    return rest + (b"\n" if cut else b"") + render(setup, above, cut=cut)


def remove(text: bytes, home: str) -> bytes:
    """The crontab without the block of a home; the same where there is none. Raises ConfigError for a damaged block."""
    for block in blocks(text):
        if block.home == home:
            before, after = text[: block.start], text[block.end :]
            return (before if after or not block.cut else before.removesuffix(b"\n")) + after
    return text


def render(setup: Setup, above: set[str] | frozenset[str] = frozenset(), *, cut: bool = False) -> bytes:
    """The block of a setup, below lines that set the variables `above`; with `cut`, below one that had no line end.

    Raises ConfigError for what a crontab cannot hold."""
    home = os.fsencode(setup.home)
    heed = {name for name in above if name.startswith("NEWSBOT_") or name in PROXIES} - {"NEWSBOT_HOME"}
    variables = dict.fromkeys(sorted(heed), "") | dict(setup.variables)
    lines = [
        _BEGIN + (_CUT if cut else b"") + home,
        b"# Written by `newsbot cron install`, which writes it anew; `newsbot cron remove` takes it out.",
        b"# The intervals are the same in every time zone, in summer and in winter; newsbot itself reckons in UTC.",
        *(os.fsencode(_variable(name, value)) for name, value in sorted(variables.items())),
        *(os.fsencode(entry(setup, job)) for job in JOBS),
        _END + home,
    ]
    return b"".join(line + b"\n" for line in lines)


def entry(setup: Setup, job: Job) -> str:
    """The line of a job. env(1) sets what it needs whatever the crontab's SHELL is."""
    if "=" in setup.command[0]:
        raise ConfigError(
            f"{setup.command[0]}: env(1) takes what holds a `=` for a variable. Install newsbot elsewhere."
        )
    times = f"*/{job.minutes}" if job.minutes < 60 else "0"
    words = ["/usr/bin/env", f"PATH={PATH}", f"NEWSBOT_HOME={setup.home}", *setup.command, *job.words]
    return f"{times} * * * * {' '.join(map(_word, words))}"


def executables(text: bytes, block: Block) -> list[str]:
    """The programs that a block's jobs start, as their lines say."""
    found = []
    for line in _lines(text[block.start : block.end]):
        if match := re.match(rb"\S+ \S+ \S+ \S+ \S+ (/usr/bin/env .*)", line):
            words = shlex.split(os.fsdecode(match[1]).replace("\\%", "%"))
            found += [word for word in words[1:] if "=" not in word][:1]
    return found


def _lines(text: bytes) -> list[bytes]:
    """The lines, with their ends. Only a line feed ends one: splitlines() knows more ends than cron does."""
    return re.findall(rb"[^\n]*\n|[^\n]+", text)


def _word(word: str) -> str:
    """A word for sh in a crontab. cron makes a line end of a bare `%`, and gives `\\%` to sh as `%`; where a cron gives
    it on as it is, sh does so, for it stands outside the quotes."""
    if "\\" in word:
        raise ConfigError(f"{word}: crons do not agree on what a backslash means. Move it to a name without one.")
    return r"\%".join(shlex.quote(part) if part else "" for part in word.split("%")) or "''"


def _variable(name: str, value: str) -> str:
    """A line that sets a variable: cron knows quotes around a value, but nothing that would let one stand inside."""
    for quote in ('"', "'"):
        if quote not in value:
            return f"{name}={quote}{value}{quote}"
    if value[0] in "\"'" or value.strip() != value:
        raise ConfigError(f"{name}: a crontab cannot hold both kinds of quotes. Set it in newsbot.toml.")
    return f"{name}={value}"


def _damaged(home: str, line: int, what: str) -> ConfigError:
    return ConfigError(
        f"crontab, line {line}: newsbot's block for {home} {what}. Nothing was written. Call `crontab -e`, delete what "
        f"is left of the block (from `{_BEGIN.decode()}{home}` to `{_END.decode()}{home}`), and try again."
    )
