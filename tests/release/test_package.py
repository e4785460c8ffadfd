"""The package as people get it: wheel and sdist are built, and the wheel is used where nothing else of the project is.

The fresh environment takes the packages that newsbot needs from the one that runs the tests: nothing is fetched.
"""

from __future__ import annotations

import os
import re
import signal
import site
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from alembic import command

from newsbot import __version__
from newsbot.store import Store
from newsbot.store.engine import config, open_engine, writing
from newsbot.store.migrations import HEAD
from tests.running import DEADLINE, Home, run
from tests.store.build import story
from tests.web.visiting import Visitor

ROOT = Path(__file__).parents[2]
MANUAL = "docs/newsbot.1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is built from what the sdist holds."""
    folder = tmp_path_factory.mktemp("dist")
    # No isolation: the build would else fetch its backend.
    ended = run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)], os.environ)
    assert ended.code == 0, ended.out + ended.err
    return folder


@pytest.fixture(scope="module")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment into which the wheel is installed."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, symlinks=True)
    made = folder / "bin" / "python"
    options = ["--quiet", "--no-index", "--no-deps", "--no-compile"]
    pip = [sys.executable, "-m", "pip", "--python", str(made)]
    ended = run([*pip, "install", *options, str(wheel(built))], os.environ)
    assert ended.code == 0, ended.err
    # The .pth files of a folder that a .pth file names are not read: newsbot's own checkout stays out of the path.
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "needed.pth").write_text("\n".join(site.getsitepackages()), "utf-8")
    return made


@pytest.fixture
def fresh(python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home for the installed newsbot, which is run in a folder with nothing in it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return Home(tmp_path / "home", {}, python=str(python))


def wheel(folder: Path) -> Path:
    (found,) = folder.glob("*.whl")
    return found


def test_wheel_and_sdist_have_every_file_of_the_package(built: Path) -> None:
    ours = {
        str(path.relative_to(ROOT))
        for package in ("newsbot", "pipelines")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    needed = "py.typed clean/lexicon.toml web/static/newsbot.css web/templates/base.html store/migrations/env.py"
    assert {f"newsbot/{name}" for name in needed.split()} < ours
    with zipfile.ZipFile(wheel(built)) as archive:
        names = set(archive.namelist())
    meta, data = (f"newsbot-{__version__}.{kind}" for kind in ("dist-info", "data"))
    about = {f"{meta}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert names == ours | about | {f"{data}/data/share/man/man1/newsbot.1"}
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    texts = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "pyproject.toml", MANUAL}
    assert ours | texts | {"scrapy.cfg", "tests/conftest.py", "cron/newsbot.crontab", "docs/tutorial.md"} <= packed
    assert not {name for name in packed if name.startswith((".ci", ".git/", "dist/")) or name.endswith(".pyc")}


def test_the_installed_program_is_the_wheels_own(fresh: Home, python: Path) -> None:
    newsbot = python.parent / "newsbot"
    assert run([str(newsbot), "--version"], fresh.env()).out == f"newsbot {__version__}\n"
    where = "import newsbot, pipelines; print(newsbot.__file__, pipelines.__file__)"
    ended = run([str(python), "-c", where], fresh.env())
    assert [Path(each).is_relative_to(python.parents[1]) for each in ended.out.split()] == [True, True], ended
    assert (python.parents[1] / "share/man/man1/newsbot.1").read_bytes() == (ROOT / MANUAL).read_bytes()


def test_it_knows_the_catalogue(fresh: Home) -> None:
    ended = fresh.newsbot("sites", "list", "--json", NEWSBOT_CATALOGUE="true")
    assert ended.code == 0, ended.err
    assert len(ended.out.splitlines()) > 300


def test_it_crawls_the_demo_and_serves_the_page(fresh: Home) -> None:
    ended = fresh.newsbot("demo", "--keep", str(fresh.path))
    assert ended.code == 0, ended.err
    assert "\nall\t12\t11\t·\t1\t" in ended.out
    with fresh.started("serve", "--port", "0") as process:
        assert process.stderr
        said = process.stderr.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found, said
        visitor = Visitor(int(found[1]))
        page = visitor.get("/")
        assert "Ferry terminal" in page.text
        (sheet,) = page.page.xpath("//link[@rel='stylesheet']/@href")
        assert visitor.get(sheet).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=DEADLINE) == (b"", b"")


def test_it_brings_up_a_database_of_the_first_schema(fresh: Home) -> None:
    url = f"sqlite:///{fresh.database}"
    with Store.open(url) as store:
        for number in (1, 2):
            store.keep(story(number))
    engine = open_engine(url)
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), "0001")
    engine.dispose()
    ended = fresh.newsbot("db", "upgrade")
    assert ended.code == 0, ended.err
    assert f"from schema 0001 to {HEAD}: 2 stories" in ended.err
    assert fresh.newsbot("db", "check").code == 0
    assert "Headline 2" in fresh.newsbot("search", "headline").out


def test_pip_finds_nothing_missing_or_at_odds() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
