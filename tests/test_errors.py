"""Every error is drawn in the module's head with its place and its exit code, and says what it is."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from newsbot import errors
from newsbot.errors import NewsbotError

CLASSES: dict[str, Any] = {name: cls for name, cls in vars(errors).items() if inspect.isclass(cls)}
LINE = re.compile(r"(?m)^ {4}([│├└─ ]*)(\w+) +(\S.*?)(?: +exit (\d+))?$")


def drawn() -> dict[str, tuple[str | None, int | None]]:
    """Each class of the drawing with the one it hangs from and its exit code, inherited where none is drawn."""
    found: dict[str, tuple[str | None, int | None]] = {}
    above: list[tuple[int, str]] = []
    for indent, name, _, code in LINE.findall(errors.__doc__ or ""):
        while above and above[-1][0] >= len(indent):
            above.pop()
        parent = above[-1][1] if above else None
        found[name] = (parent, int(code) if code else (found[parent][1] if parent else None))
        above.append((len(indent), name))
    return found


def test_the_drawing_shows_every_class_and_no_other() -> None:
    assert set(drawn()) == set(CLASSES)
    assert len(CLASSES) >= 9


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_is_what_the_drawing_shows(name: str) -> None:
    parent, code = drawn()[name]
    cls = CLASSES[name]
    assert issubclass(cls, NewsbotError)
    assert cls.__base__ is (CLASSES[parent] if parent else Exception)
    assert cls.exit_code == (code or 1)
    assert vars(cls).get("__doc__"), f"{name} does not say what it is"


def test_an_error_says_what_it_was_given() -> None:
    assert str(CLASSES["SiteError"]("a.toml: no name; add one")) == "a.toml: no name; add one"
