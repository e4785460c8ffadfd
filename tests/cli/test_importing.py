"""What a command that only asks makes one wait for: no module that it does not need."""

import json
import subprocess
import sys

import pytest

from newsbot.store import Store
from tests.running import DEADLINE, Home
from tests.store.build import story

# What names sites, settings and answers; the rest is for crawling, writing and migrating.
LIBRARIES = {
    "sqlalchemy", "cython_runtime", "typing_extensions", "greenlet", "idna", "pydantic", "pydantic_core",
    "annotated_types", "typing_inspection",
    "typer", "annotated_doc", "click", "shellingham", "rich", "pygments", "markdown_it", "mdurl",
}  # fmt: skip
ROOMS = {"cli", "config", "errors", "fingerprint", "formats", "items", "moments", "revision", "store"}
STORE = {
    "counting", "engine", "exporting", "filters", "finding", "index", "index_postgresql", "index_sqlite", "marks",
    "migrations", "models", "passages", "passing", "patience", "queries", "rows", "search", "surveying", "words",
}  # fmt: skip
CODE = """
import json, sys
before = set(sys.modules)
from newsbot.cli.main import main
try:
    main()
finally:
    print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [("show", "https://www.a.example/1"), ("stories",), ("search", "harbour")])
def test_who_asks_waits_for_no_module_of_those_who_crawl(home: Home, arguments: tuple[str, ...]) -> None:
    home.path.mkdir()
    with Store.open(f"sqlite:///{home.database}") as store:
        store.keep(story(1))
    done = subprocess.run(
        [sys.executable, "-c", CODE, *arguments],
        env=home.env(),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    assert "Headline 1" in done.stdout
    modules = [name.split(".") for name in json.loads(done.stderr)]
    ours = [name for name in modules if name[0] == "newsbot"]
    others = {name[0] for name in modules} - sys.stdlib_module_names - {"newsbot"}
    assert {name for name in others if not name.startswith("_")} - LIBRARIES == set()
    assert {name[1] for name in ours if len(name) > 1} - ROOMS == set()
    assert {name[2] for name in ours if name[1:2] == ["store"] and len(name) > 2} - STORE == set()
