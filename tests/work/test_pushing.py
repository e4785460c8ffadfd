"""Sites and settings go from one machine's files into the database, and from there into another's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsbot.sites import load_sites
from newsbot.store import Store
from tests.crawl.web import site_file
from tests.databases import PostgreSQL
from tests.running import Home

A, B, C = "a.example", "b.example", "c.example"


@pytest.fixture
def url(postgresql: PostgreSQL) -> Iterator[str]:
    with postgresql.database() as url:
        yield url


@pytest.fixture
def homes(url: str, tmp_path: Path) -> tuple[Home, Home]:
    """Two machines; the first knows three sites."""
    one, other = (Home(tmp_path / name, {"NEWSBOT_DATABASE_URL": url}) for name in ("one", "other"))
    for host in (A, B, C):
        one.site(host, f"# as it was written\n{site_file(host)}")
    return one, other


def lines(text: str) -> list[str]:
    return text.splitlines()


def pushed(url: str) -> dict[str, bool]:
    with Store.open(url) as store:
        return {key: row.enabled for key, row in store.machines.pushed().items()}


def test_what_one_machine_pushes_another_pulls_to_the_letter(homes: tuple[Home, Home], url: str) -> None:
    one, other = homes
    one.newsbot("sites", "disable", B)
    ended = one.newsbot("sites", "push", NEWSBOT_DELAY="2.5", NEWSBOT_CONTACT="us@press.example")
    assert ended.code == 0, ended.err
    first, *_ = lines(ended.err)
    assert first == f"added: {A}, {B}, {C}"
    assert lines(ended.err)[-2:] == ["the same: 0 sites", "pushed: 3 sites"]
    assert pushed(url) == {A: True, B: False, C: True}
    ended = other.newsbot("sites", "pull", NEWSBOT_DELAY="1")
    assert ended.code == 0, ended.err
    assert "settings: contact = us@press.example, delay = 2.5\n" in ended.err
    for host in (A, B, C):
        assert (other.path / "sites" / f"{host}.toml").read_bytes() == (
            one.path / "sites" / f"{host}.toml"
        ).read_bytes()
    sites = load_sites(other.path / "sites", False).sites
    assert {key: site.enabled for key, site in sites.items()} == pushed(url)
    again = other.newsbot("sites", "pull", NEWSBOT_DELAY="2.5", NEWSBOT_CONTACT="us@press.example")
    assert lines(again.err) == ["the same: 3 sites", "pulled: 0 sites"]


def test_nothing_is_taken_out_or_written_over_unasked(homes: tuple[Home, Home], url: str) -> None:
    one, other = homes
    one.newsbot("sites", "push")
    other.site(A, site_file(A, "enabled = false\n"))
    ended = other.newsbot("sites", "push")
    assert ended.code == 2
    assert f"changed: {A}\n" in ended.err
    assert f"not here, and taken out: {B}, {C}\n" in ended.err
    assert "Take 2 sites out of the database? Nobody is here to be asked. Add --yes." in ended.err
    assert pushed(url) == dict.fromkeys((A, B, C), True)
    ended = other.newsbot("sites", "pull")
    assert (ended.code, "Write over 1 files of this machine?" in ended.err) == (2, True)
    assert "enabled = false" in (other.path / "sites" / f"{A}.toml").read_text()
    assert other.newsbot("sites", "push", "--yes").code == 0
    assert pushed(url) == {A: False}
    ended = one.newsbot("sites", "pull", "--yes")
    assert f"only here, and left as they are: {B}, {C}\n" in ended.err
    assert {key: site.enabled for key, site in load_sites(one.path / "sites", False).sites.items()} == {
        A: False,
        B: True,
        C: True,
    }


def test_of_the_catalogue_what_is_enabled_goes_along_and_comes_back_as_what_it_is(homes: tuple[Home, Home]) -> None:
    one, other = homes
    assert one.newsbot("sites", "push", NEWSBOT_CATALOGUE="true").code == 0
    ended = other.newsbot("sites", "pull", NEWSBOT_CATALOGUE="true")
    assert f"added: {A}, {B}, {C}\n" in ended.err
    assert sorted(path.stem for path in (other.path / "sites").glob("[!_]*.toml")) == [A, B, C]


def test_a_file_with_a_fault_is_told_and_nothing_pushed(homes: tuple[Home, Home], url: str) -> None:
    one, _ = homes
    one.site(B, 'name = "B"\n')
    ended = one.newsbot("sites", "push")
    assert ended.code == 2
    assert "b.example.toml: key 'home' is missing" in ended.err
    assert pushed(url) == {}


def test_schedule_and_health_speak_of_what_was_pushed(homes: tuple[Home, Home], url: str) -> None:
    one, other = homes
    one.newsbot("sites", "push")
    assert [line.split()[0] for line in lines(other.newsbot("schedule").out)[1:]] == [A, B, C]
    assert "NEWSBOT OK - 3 sites" in other.newsbot("health").out
    with Store.open(url) as store:
        store.machines.push([(A, "from = 'a later newsbot'\n", True)], {}, "elsewhere")
    ended = other.newsbot("health")
    assert f"{A}, pushed by elsewhere: key 'from' is not known" in ended.out


def test_a_database_of_one_machine_shares_nothing(home: Home) -> None:
    home.site(A, site_file(A))
    for command in (("sites", "push"), ("sites", "pull"), ("worker",)):
        ended = home.newsbot(*command)
        assert ended.code == 2
        assert "PostgreSQL" in ended.err
        assert "set NEWSBOT_DATABASE_URL" in ended.err


def test_a_worker_without_sites_or_without_a_database_says_so(homes: tuple[Home, Home], url: str) -> None:
    _, other = homes
    ended = other.newsbot("worker")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "there are no sites in the database: `newsbot sites push`" in ended.err
    nowhere = url.replace("newsbot_test", "no_such")
    ended = other.newsbot("worker", NEWSBOT_DATABASE_URL=nowhere)
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "cannot open the database" in ended.err


@pytest.mark.parametrize(
    ("package", "command", "said"),
    [
        ("procrastinate", ("worker",), "newsbot worker: needs procrastinate,"),
        ("procrastinate", ("ingest", "--queue", "a.warc"), "newsbot ingest --queue: needs procrastinate,"),
        ("fastwarc", ("worker", "--queue", "archives"), "newsbot worker --queue archives: needs FastWARC,"),
    ],
)
def test_a_worker_without_its_packages_says_which(
    homes: tuple[Home, Home], tmp_path: Path, package: str, command: tuple[str, ...], said: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules['{package}'] = None\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    ended = homes[0].newsbot(*command, PYTHONPATH=path)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert f"{said} which is not installed. Install it with: pip install" in ended.err
