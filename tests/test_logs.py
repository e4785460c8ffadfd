"""How a line of the log looks."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from newsbot import logs
from newsbot.logs import Json, Plain


def record(message: str, *arguments: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("newsbot.x", logging.WARNING, "x.py", 1, message, arguments, None)
    made.__dict__.update(more)
    return made


def caught() -> logging.LogRecord:
    made = record("it broke")
    try:
        int("first\nsecond s3cret")
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


@pytest.mark.parametrize("form", [Plain, Json])
def test_what_a_page_says_cannot_write_a_line_of_its_own(form: type[Plain] | type[Json]) -> None:
    line = form().format(record("%s", "a\n2026-01-01 ERROR forged\r\x1b[2J\u2028\x85b"))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    assert "forged" in line


@pytest.mark.parametrize("form", [Plain, Json])
def test_secrets_are_kept_out_wherever_they_stand(form: type[Plain] | type[Json]) -> None:
    formatter = form(["s3cret", "https://hook.example/s3cret"])
    for each in (record("to %s", "https://hook.example/s3cret"), caught(), record("x", url="postgresql://u:s3cret@h")):
        line = formatter.format(each)
        assert "s3cret" not in line
        assert line.isascii()


def test_an_event_in_json_is_an_object_with_all_that_it_carries() -> None:
    token, other = logs.run.set(12), logs.site.set("a.example")
    try:
        line = Json().format(record("the visit ended: %s", "ok", counts={"new": 3}, outcome="ok"))
        said = json.loads(line)
        plain = Plain().format(record("the visit ended: %s", "ok", counts={"new": 3}))
    finally:
        logs.run.reset(token)
        logs.site.reset(other)
    assert said.pop("at").endswith("Z")
    assert said == {
        "level": "WARNING",
        "run": 12,
        "site": "a.example",
        "logger": "newsbot.x",
        "message": "the visit ended: ok",
        "counts": {"new": 3},
        "outcome": "ok",
    }
    assert plain.endswith("Z WARNING run=12 site=a.example newsbot.x: the visit ended: ok")


def test_a_traceback_stands_within_or_indented() -> None:
    assert "ValueError: invalid literal" in json.loads(Json().format(caught()))["traceback"]
    head, *rest = Plain().format(caught()).splitlines()
    assert head.endswith("newsbot.x: it broke")
    assert rest
    assert all(line.startswith("    ") for line in rest)
