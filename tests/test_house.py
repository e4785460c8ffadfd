"""The house as docs/architecture.md draws it: what each room may import, read from the sources of all of them."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

from newsbot.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
PACKAGES = ("newsbot", "pipelines")


@dataclass(frozen=True)
class Room:
    """What a room may import: rooms of ours, packages of others; a `pure` one touches neither disk nor network."""

    ours: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    pure: bool = False


def room(ours: str = "", others: str = "", *, pure: bool = False) -> Room:
    return Room(frozenset(ours.split()), frozenset(others.split()), pure)


ROOMS = {
    # Pure: values and functions.
    "items": room(pure=True),
    "errors": room(pure=True),
    "fingerprint": room("items errors", "idna", pure=True),
    "charset": room(pure=True),
    "discovery": room("items errors charset fingerprint", "feedparser lxml", pure=True),
    "extract": room("items errors charset fingerprint", "dateutil lxml", pure=True),
    "clean": room("items errors fingerprint", pure=True),
    "furniture": room("items fingerprint", pure=True),
    "revision": room("fingerprint", pure=True),
    "looks": room(pure=True),
    "sources": room("items", pure=True),
    "schedule": room("sources", pure=True),
    "reasons": room(pure=True),
    "health": room("reasons", pure=True),
    # What newsbot is told.
    "sites": room("errors charset fingerprint looks", "cssselect lxml pydantic"),
    "config": room("errors", "pydantic"),
    "moments": room("errors"),
    "lock": room("errors"),
    "logs": room("config errors"),
    # The database, and the one path into it.
    "store": room("items errors fingerprint furniture health looks revision schedule sources", "alembic sqlalchemy"),
    "recipe": room("sites"),
    "process": room("items errors extract clean fingerprint furniture looks recipe sites store"),
    # Who watches over it.
    "metrics": room("health", pure=True),
    "notify": room("config errors health"),
    "register": room("config errors sites store"),
    "watching": room("config errors health logs metrics notify register sites store"),
    # Pages as they were fetched.
    "archive": room("items errors charset", "fastwarc"),
    # The crawl.
    "workers": room("errors"),
    "turns": room(),
    "lease": room("errors store"),
    "shared": room("items errors archive config lease store turns workers"),
    "tally": room("items errors schedule shared sites store workers", "scrapy twisted"),
    "settings": room("config", "scrapy"),
    "reactor": room("", "scrapy twisted"),
    "spiders": room("items errors config discovery fingerprint shared sites sources tally workers", "scrapy twisted"),
    "middlewares": room(
        "items errors archive config fingerprint schedule shared sites sources spiders tally", "protego scrapy twisted"
    ),
    "pipelines": room("items errors process shared sites spiders store tally", "scrapy twisted"),
    "reprocess": room(
        "items errors archive clean config fingerprint furniture process recipe shared sites store workers", "pydantic"
    ),
    "crawl": room(
        "items errors archive config lock logs middlewares reactor schedule shared sites spiders store tally watching",
        "scrapy",
    ),
    "ingest": room("items errors archive config lock logs process shared sites store workers"),
    "trial": room(
        "items errors config discovery fingerprint lock process reactor shared sites spiders store tally workers",
        "protego pydantic scrapy",
    ),
    # Many machines.
    "work": room("config archive crawl errors ingest logs register schedule sites store", "procrastinate psycopg"),
    # What people touch.
    "reading": room("items errors config moments store", "pandas polars"),
    "formats": room("errors store", "pyarrow"),
    "demo": room("errors"),
    "timers": room("errors config"),
    "web": room(
        "items errors archive config formats fingerprint health metrics moments reasons revision schedule store "
        "watching",
        "anyio fastapi jinja2 lxml pydantic starlette uvicorn",
    ),
    "cli": room(
        "items errors archive charset config formats moments fingerprint health ingest revision reasons schedule sites "
        "store extract clean demo crawl register reprocess timers trial watching web work",
        "rich typer",
    ),
    "__main__": room("cli"),
}

# All that a pure room takes from the standard library; none of it reads or writes anything but memory, and files of
# data that come with a package.
PURE = frozenset(
    "__future__ array bisect calendar codecs collections collections.abc dataclasses datetime difflib email.utils enum "
    "functools hashlib html html.parser importlib importlib.machinery importlib.util io ipaddress itertools json math "
    "operator re statistics string time tomllib types typing unicodedata urllib.parse zlib zoneinfo".split()
)
# How the names that are imported differ from those that are installed.
DISTRIBUTIONS = {"dateutil": "python-dateutil"}


@dataclass(frozen=True)
class Import:
    """That a module imports another; `module` may name a member of it."""

    file: Path
    line: int
    module: str

    @property
    def top(self) -> str:
        return self.module.split(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def room_of(path: Path) -> str | None:
    """A module's room; None for the package's own __init__.py, which gives `newsbot.open` and nothing else."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "pipelines":
        return "pipelines"
    return None if parts == ("newsbot", "__init__") else parts[1]


def rooms_imported(imported: Import) -> str | None:
    """The room that an import enters; None where it enters none of ours."""
    parts = imported.module.split(".")
    if parts[0] == "pipelines":
        return "pipelines"
    return parts[1] if parts[0] == "newsbot" and len(parts) > 1 and parts[1] != "__version__" else None


def imports(path: Path) -> Iterator[Import]:
    """Every import of a module, also those within functions; `from a import b` counts as a.b."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; write newsbot.… in full"
            yield from (Import(path, node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def all_imports() -> list[Import]:
    return [imported for path in modules() for imported in imports(path)]


def test_every_module_stands_in_a_room_and_says_what_it_is_for() -> None:
    assert modules()
    for path in modules():
        where = path.relative_to(ROOT)
        name = room_of(path)
        assert name is None or name in ROOMS, f"{where}: {name} is no room; give it its place in ROOMS"
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{where} has no docstring"
    assert {room_of(path) for path in modules()} - {None} == set(ROOMS)


def test_rooms_import_only_the_rooms_below_them() -> None:
    wrong = []
    for each in all_imports():
        here, there = room_of(each.file), rooms_imported(each)
        allowed = {"reading"} if here is None else ROOMS[here].ours
        if there is not None and there != here and there not in allowed:
            wrong.append(str(each))
    assert not wrong


def test_rooms_import_only_the_packages_that_are_theirs() -> None:
    wrong = []
    for each in all_imports():
        here = room_of(each.file)
        foreign = each.top not in sys.stdlib_module_names and each.top not in PACKAGES
        if foreign and (here is None or each.top not in ROOMS[here].others):
            wrong.append(str(each))
    assert not wrong


def test_pure_rooms_take_nothing_that_reaches_disk_or_network() -> None:
    wrong = []
    for path in modules():
        here = room_of(path)
        if here is None or not ROOMS[here].pure:
            continue
        for each in imports(path):
            package, _, member = each.module.rpartition(".")
            if each.top in sys.stdlib_module_names and each.module not in PURE and package not in PURE:
                wrong.append(str(each))
            if (package, member) in {("io", "open"), ("io", "open_code"), ("io", "FileIO")}:
                wrong.append(str(each))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"open", "io.open", "io.FileIO", "__import__"}:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} calls {ast.unparse(node.func)}")
    assert not wrong


def test_rooms_form_no_circle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in ROOMS}
    for each in all_imports():
        here, there = room_of(each.file), rooms_imported(each)
        if here and there and here != there:
            graph[here].add(there)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"rooms import each other in a circle: {' -> '.join(error.args[1])}")


def test_what_is_imported_is_declared() -> None:
    """Else a package that another one happens to bring is missed once that one stops."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    declared = {re.split(r"[^\w-]", requirement)[0].lower() for requirement in requirements}
    used = {each.top for each in all_imports() if each.top not in sys.stdlib_module_names} - set(PACKAGES)
    undeclared = {DISTRIBUTIONS.get(name, name) for name in used} - declared - {"twisted"}  # Scrapy's own foundation
    assert not undeclared


def test_architecture_names_every_room() -> None:
    said = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for name in set(ROOMS) - {"__main__"}:
        assert re.search(rf"\b{name}(/|\.py)", said), f"docs/architecture.md does not name {name}"


def test_readme_and_the_command_line_know_the_same_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    if len(readme.splitlines()) < 40:
        pytest.skip("README.md is not written yet")
    there = set(COMMANDS)
    documented = set(re.findall(r"\bnewsbot ([a-z][a-z-]*)\b", "\n".join(_code(readme))))
    assert documented - there == set(), "README.md documents commands that do not exist"
    assert there - documented == set(), "commands that README.md does not show"


def _code(markdown: str) -> list[str]:
    """The code of a Markdown text: its fenced blocks, and what stands between backticks."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    return blocks + re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL))
