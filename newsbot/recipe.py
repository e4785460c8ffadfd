"""What makes stories, as a short name: when the code that reads pages changes, or what a site's file says of its pages,
the name is another one, and stories that bear an earlier one can be made again.

The code is known by what it says to Python: nobody has to remember to count up a version, and comments, docstrings and
line breaks are no part of it. Data count by their bytes. A change that makes no difference to any page counts as well:
making a story again that comes out as it was costs time, and nothing else. What a site has taught is no part of the
name: it changes with every story, and reaches back by itself (see `newsbot.store.recleaning`).
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from newsbot.sites import Site

_MAKERS = (
    "charset.py", "clean", "extract", "fingerprint", "furniture.py", "items.py", "process.py",
)  # fmt: skip
_LENGTH = 12  # hexadecimal digits: of ten thousand changes, no two are alike by chance


def recipe(site: Site) -> str:
    """What makes the stories of a site now: the code's name, and that of what its file says. The first call of a
    process parses the code, which takes 0.15 s."""
    said = site.model_dump(mode="json", include={"name", "language", "timezone", "story_id", "select"})
    return f"{_code()}-{_digest(json.dumps(said, sort_keys=True))}"


@lru_cache(maxsize=1)
def _code() -> str:
    package = files("newsbot")
    found = [file for name in _MAKERS for file in _files_of(package.joinpath(name))]
    return _digest("".join(f"{file.name} {_digest(_said(file))}\n" for file in found))


def _files_of(place: Traversable) -> list[Traversable]:
    """The modules and data of a room, in the order of their names."""
    if place.is_file():
        return [place]
    inside = sorted(place.iterdir(), key=lambda each: each.name) if place.is_dir() else []
    return [file for each in inside if each.name != "__pycache__" for file in _files_of(each)]


def _said(file: Traversable) -> str:
    if not file.name.endswith(".py"):
        return file.read_bytes().hex()
    words: list[str] = []
    _tell(ast.parse(file.read_bytes()), words)
    return " ".join(words)


def _tell(node: object, words: list[str]) -> None:
    """Add what a tree says. Not as `ast.dump` does, which is no two versions' of Python: a field that a later one has
    added is empty in code that earlier ones understand."""
    if isinstance(node, ast.AST):
        words.append(type(node).__name__)
        for name, value in ast.iter_fields(node):
            if value is not None and value != []:
                words.append(name)
                _tell(value, words)
        words.append(")")
    elif isinstance(node, list):
        for each in node:
            if not _is_comment(each):
                _tell(each, words)
        words.append("]")
    else:
        words.append(repr(node))


def _is_comment(node: object) -> bool:
    """Whether it is a docstring, of whatever it stands in or below."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
