"""The reference says what the code says; what has no word of explanation does not get into it."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel
from typer import Option, Typer
from typer.main import get_command

from newsbot.cli.main import COMMANDS
from tests.running import run

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docs/reference.py."""
    monkeypatch.syspath_prepend(str(DOCS))
    return import_module("reference")


def test_the_reference_is_that_of_this_code(reference: ModuleType) -> None:
    for path, text in reference.pages():
        assert path.read_text("utf-8") == text, f"{path.name} is stale; run: python docs"


@pytest.mark.usefixtures("reference")
def test_the_manual_is_that_of_this_code() -> None:
    manual = import_module("manual")
    assert manual.PAGE.read_text("utf-8") == manual.manual(), "newsbot.1 is stale; run: python docs"


@pytest.mark.usefixtures("reference")
def test_the_pages_of_the_api_are_those_of_this_code() -> None:
    api = import_module("api")
    assert api.PAGE.read_text("utf-8") == api.page(), "api.md is stale; run: python docs"


def test_every_command_is_in_it() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    for name in (*COMMANDS, "sites add", "db check", "cron status"):
        assert f"\n### `newsbot {name}`\n" in page


def test_a_field_without_a_description_is_an_error(reference: ModuleType) -> None:
    class Model(BaseModel):
        bare: int = 0

    with pytest.raises(SystemExit, match=r"Model\.bare: has no description"):
        list(reference.fields(Model, {}))


@pytest.mark.parametrize(
    ("option", "missing"),
    [(Option("--this", metavar="THAT"), "has no help"), (Option("--this", help="Do this."), "no metavar")],
)
def test_an_option_without_an_explanation_is_an_error(reference: ModuleType, option: str, missing: str) -> None:
    app = Typer()

    def command(this: str = option) -> None:
        """Do it."""

    app.command()(command)
    with pytest.raises(SystemExit, match=missing):
        list(reference._commands(get_command(app), "do"))


def test_a_command_without_a_docstring_is_an_error(reference: ModuleType) -> None:
    app = Typer()
    app.command()(lambda: None)
    with pytest.raises(SystemExit, match="has no docstring"):
        list(reference._commands(get_command(app), "do"))


def test_the_manual_is_set_without_a_warning() -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed: apt-get install groff-base")
    page = str(DOCS / "newsbot.1")
    ended = run([groff, "-man", "-Tutf8", "-ww", "-rCHECKSTYLE=1", page], {"PATH": str(Path(groff).parent)})
    assert (ended.code, ended.err) == (0, "")
    assert "Crawl sites once and store what is new." in ended.out
