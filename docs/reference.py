"""Writes the reference from the code: `python docs/reference.py`; docs/manual.py writes the manual page,
docs/api.py that of the HTTP API.

A page is written whole (commands.md), or between two comments in it. What has no word of explanation is an error here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from newsbot.cli.main import GROUPS, app
from newsbot.config import Settings
from newsbot.reasons import WORDS
from newsbot.sites import Select, Site

DOCS = Path(__file__).parent
BETWEEN = re.compile(r"(?<=<!-- made by docs/reference\.py -->\n).*?(?=<!-- until here -->)", re.DOTALL)

COMMANDS_HEAD = """# Commands

*Made from the code by `docs/reference.py`: what `newsbot COMMAND --help` says, on one page. `man newsbot` says it too.*

`newsbot --help` lists the commands, `newsbot COMMAND --help` explains one. Data goes to stdout, all talk to stderr.
Tables are tables on a terminal, and lines with tabs between the cells in a pipe. `newsbot --install-completion` teaches
the shell to complete commands, options and keys of sites when Tab is pressed.

| ends with | when |
| --- | --- |
| 0 | all went well |
| 1 | something failed: stderr says what, where, and what to do |
| 2 | it was called in a wrong way, or a setting, a site file or a question is wrong |
| 75 | another crawl is at work on one of the sites: try again later |
| 130, 143 | it was interrupted (Ctrl-C, SIGTERM); what was fetched is stored |

`newsbot health` has the exit codes of monitoring plugins: see [watching.md](watching.md).
"""


class Undocumented(SystemExit):
    """Something that users meet has no word of explanation."""


@dataclass(frozen=True)
class Command:
    """A command: its whole name, what is typed after it, what it does, and each argument and option with its help."""

    name: str
    usage: str
    text: str
    rows: Sequence[tuple[str, str]]


def commands(group: str) -> Iterator[Command]:
    """The commands of a group of the help, those that have commands of their own before these."""
    root = typer.main.get_command(app)
    for name in GROUPS[group]:
        yield from _commands(root.get_command(typer.Context(root), name), f"newsbot {name}")


def _commands(command: Any, name: str) -> Iterator[Command]:
    if not command.help:
        raise Undocumented(f"{name}: has no docstring")
    inner = getattr(command, "commands", {})
    shown = [each for each in command.params if not each.hidden and each.name != "help"]
    typed = [_argument(each) for each in shown if each.param_type_name == "argument"]
    rows = [(_label(name, each), _help(name, each)) for each in shown]
    pieces = [name, *(["[OPTIONS]"] if len(typed) < len(shown) else []), *(["COMMAND"] if inner else []), *typed]
    yield Command(name, " ".join(pieces), command.help, rows)
    for each in inner:
        yield from _commands(inner[each], f"{name} {each}")


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).strip("[].")
    many = "..." if argument.nargs != 1 else ""
    return f"{name}{many}" if argument.required else f"[{name}]{many}"


def _label(command: str, each: Any) -> str:
    if each.param_type_name == "argument":
        return (each.metavar or each.name.upper()).strip("[]")
    label = ", ".join(each.opts)
    if each.secondary_opts:
        label += " / " + ", ".join(each.secondary_opts)
    if each.is_flag:
        return label
    if not each.metavar:
        raise Undocumented(f"{command}: {label} has no metavar: what it takes")
    return f"{label} {each.metavar}"


def _help(command: str, each: Any) -> str:
    if not each.help:
        raise Undocumented(f"{command}: {each.name} has no help")
    default = "" if each.default in (None, False, True, ()) else f" Default: {each.default}."
    return f"{each.help}{default}"


def commands_page() -> str:
    """docs/commands.md."""
    parts = [COMMANDS_HEAD]
    for group in GROUPS:
        parts.append(f"## {group}\n")
        for each in commands(group):
            parts.append(f"### `{each.name}`\n\n```text\n{each.usage}\n```\n\n{each.text.strip()}\n")
            if each.rows:
                parts.append(table(("", ""), ((f"`{label}`", said) for label, said in each.rows)))
    return "\n".join(parts)


def settings_table() -> str:
    """Every setting."""
    return table(
        ("setting", "takes", "default", "what it is"),
        ((f"`{name}`", *told) for name, told in fields(Settings, {"home": "`~/.newsbot`"})),
    )


def site_table() -> str:
    """Every key of a site's file."""
    own = fields(Site, {}, without=("key",))
    select = ((f"select.{name}", told) for name, told in fields(Select, {}))
    return table(("key", "takes", "default", "what it is"), ((f"`{name}`", *told) for name, told in (*own, *select)))


def counters_table() -> str:
    """Every name of `run_site.counts`."""
    return table(("name", "what is counted"), ((f"`{name}`", said) for name, said in WORDS.items()))


def events_table() -> str:
    """Every event that newsbot itself logs, by its level."""
    return table(("level", "logger", "event"), sorted(set(_events()), key=lambda row: (LEVELS.index(row[0]), row)))


LEVELS = ["ERROR", "WARNING", "INFO", "DEBUG"]
_METHODS = {"exception": "ERROR"} | {level.lower(): level for level in LEVELS}


def _events() -> Iterator[tuple[str, str, str]]:
    root = DOCS.parent
    for path in sorted([*root.glob("newsbot/**/*.py"), *root.glob("pipelines/**/*.py")]):
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            logger, said = node.func.value, node.args[0]
            if not (isinstance(logger, ast.Name) and logger.id == "log" and node.func.attr in _METHODS):
                continue
            if not (isinstance(said, ast.Constant) and isinstance(said.value, str)):
                raise Undocumented(f"{path}:{node.lineno}: an event whose text is no literal cannot be searched for")
            values = iter(node.args[1:])
            text = re.sub(r"%[-.\d]*[a-z]", lambda _, values=values: _placeholder(next(values)), said.value)
            yield _METHODS[node.func.attr], f"`{module}`", text


def _placeholder(value: ast.expr) -> str:
    """What an event's text has of a value: in italics the last name in its expression."""
    names = re.findall(r"[A-Za-z]\w*", re.sub(r"\[[^]]*\]|, ''|\.total_seconds|\.value\b", "", ast.unparse(value)))
    return f"*{names[-1].lower()}*"


def fields(
    model: type[BaseModel], defaults: Mapping[str, str], without: Sequence[str] = ()
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """The fields of a model: what each takes, its default, and what it is."""
    for name, field in model.model_fields.items():
        if name in without:
            continue
        if not field.description:
            raise Undocumented(f"{model.__name__}.{name}: has no description")
        yield name, (_takes(field), defaults.get(name) or _default(field), field.description)


def _takes(field: FieldInfo) -> str:
    """What a value must be, in words; bounds where there are any."""
    said = str(field.annotation)
    limits = {
        name: getattr(each, name) for each in field.metadata for name in ("ge", "gt", "le") if hasattr(each, name)
    }
    limits |= _limits_within(said)
    choices = next((each.pattern for each in field.metadata if getattr(each, "pattern", None)), None)
    if choices:
        return " or ".join(f"`{word}`" for word in choices.strip("^$()").split("|"))
    kinds = {"bool": "true or false", "tuple": "a list", "int": "a whole number", "float": "a number"}
    kinds |= {"Select": "a table", "date": "a day", "Path": "a path", "str": "a text"}
    kind = next(told for word, told in kinds.items() if re.search(rf"\b{word}\b", said))
    least = (
        f" from {plain(limits['ge'])}" if "ge" in limits else f" above {plain(limits['gt'])}" if "gt" in limits else ""
    )
    most = f" to {plain(limits['le'])}" if "le" in limits else ""
    return f"{kind}{least}{most}"


def _limits_within(said: str) -> dict[str, float]:
    """Bounds of a type that stands within another, as in `Annotated[float, ...] | None`."""
    return {name: float(value) for name, value in re.findall(r"\b([gl][et])=([\d.]+)", said)}


def plain(number: float) -> str:
    """A number without an exponent, nor a fraction where it has none."""
    return f"{number:.0f}" if number == int(number) else f"{number:g}"


def _default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required():
        return "must be given"
    if value in (None, "", ()) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(_span(each) for each in value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{plain(value)}`" if isinstance(value, (int, float)) else f"`{value}`"


def _span(value: timedelta) -> str:
    for letter, unit in (("d", 86_400), ("h", 3600), ("m", 60)):
        if value.total_seconds() % unit == 0:
            return f'"{value.total_seconds() // unit:.0f}{letter}"'
    raise ValueError(f"{value}: no whole number of minutes")


def table(head: Sequence[str], rows: Any) -> str:
    """A table in Markdown."""
    lines = [list(head), ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines).replace("|  |", "| |").replace("|  |", "| |")


# Where it stands --------------------------------------------------------------------------------------------------

TABLES = {
    "settings.md": settings_table,
    "sites.md": site_table,
    "counters.md": counters_table,
    "log.md": events_table,
}


def pages() -> Iterator[tuple[Path, str]]:
    """Each file of the reference, and what it has to hold."""
    yield DOCS / "commands.md", commands_page()
    for name, made in TABLES.items():
        page = (DOCS / name).read_text("utf-8")
        found = BETWEEN.search(page)
        if not found:
            raise SystemExit(f"{DOCS / name}: the two comments are missing between which the table stands.")
        yield DOCS / name, page[: found.start()] + f"\n{made()}\n" + page[found.end() :]


def main() -> None:
    """Write all of it."""
    for path, text in list(pages()):
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
