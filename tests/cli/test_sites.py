"""`newsbot sites`: what is known, and how that is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from newsbot.cli.main import main
from newsbot.sites import load_site, load_sites
from tests.running import Ended

Newsbot = Callable[..., Ended]

OWN = 'name = "The Mill"\nhome = "https://mill.example/"\nlanguage = "pt-BR"\ncountry = "BR"\n# mine\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEWSBOT_HOME", str(tmp_path))
    monkeypatch.delenv("NEWSBOT_CATALOGUE", raising=False)
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "mill.example.toml").write_text(OWN)
    return tmp_path / "sites"


@pytest.fixture
def sites(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Newsbot:
    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["newsbot", "sites", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return Ended(int(end.value.code or 0), *capsys.readouterr())

    return run


def keys(ended: Ended) -> list[str]:
    assert ended.code == 0, ended.err
    return [line.split("\t")[0] for line in ended.out.splitlines()[1:]]


def test_list_is_narrowed_by_country_and_language(sites: Newsbot) -> None:
    everything = load_sites(None).sites.values()
    assert keys(sites("list", "--country", "at")) == [site.key for site in everything if site.country == "AT"]
    portuguese = {site.key for site in everything if (site.language or "").split("-")[0] == "pt"} | {"mill.example"}
    assert set(keys(sites("list", "--language", "pt"))) == portuguese
    assert set(keys(sites("list", "--language", "pt_BR", "--country", "BR"))) == {
        "agenciabrasil.ebc.com.br", "estadao.com.br", "folha.uol.com.br", "g1.globo.com", "mill.example",
    }  # fmt: skip
    assert [json.loads(line)["key"] for line in sites("list", "--country", "GL", "--json").out.splitlines()] == [
        "sermitsiaq.ag"
    ]


def test_show_gives_the_file_and_what_it_says(sites: Newsbot, folder: Path) -> None:
    shown = sites("show", "mill.example").out
    assert shown.startswith(f"# {folder / 'mill.example.toml'}\n")
    assert 'home = "https://mill.example/"' in shown
    assert json.loads(sites("show", "npr.org", "--json").out)["country"] == "US"
    ended = sites("show", "npr")
    assert (ended.code, "did you mean 'npr.org'" in ended.err) == (2, True)


def test_enable_and_disable_leave_files_alone(sites: Newsbot, folder: Path) -> None:
    assert sites("disable", "npr.org", "mill.example").code == 0
    assert sites("enable", "--country", "LI").code == 0
    known = load_sites(folder).sites
    assert [known[key].enabled for key in ("npr.org", "mill.example", "landesspiegel.li")] == [False, False, True]
    assert (folder / "mill.example.toml").read_text() == OWN
    assert sites("enable", "mill.example").code == 0
    assert load_sites(folder).sites["mill.example"].enabled
    assert (sites("enable").code, sites("enable", "none.example").code) == (2, 2)


def test_remove_takes_the_users_files_only_and_asks(sites: Newsbot, folder: Path) -> None:
    own = folder / "mill.example.toml"
    assert (sites("remove", "mill.example").code, own.exists()) == (2, True)  # nobody is there to be asked
    ended = sites("remove", "mill.example", "npr.org", "--yes")
    assert (ended.code, own.exists(), "sites disable npr.org" in ended.err) == (2, True, True)
    sites("disable", "mill.example")
    assert (sites("remove", "mill.example", "--yes").code, list(folder.iterdir())) == (0, [])


def test_a_file_with_faults_can_be_removed(sites: Newsbot, folder: Path) -> None:
    (folder / "mill.example.toml").write_text("not toml")
    assert sites("remove", "mill.example", "--yes").code == 0


def test_a_list_is_imported_once(sites: Newsbot, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("https://tower.example/\nhttps://mill.example/rss\nnpr.org\n")
    assert (sites("import", str(file)).code, len(list(folder.iterdir()))) == (2, 1)
    ended = sites("import", str(file), "--yes")
    assert ended.code == 0
    assert "mill.example: is known already" in ended.err
    assert load_site(folder / "tower.example.toml").home == "https://tower.example/"
    again = sites("import", str(file), "--yes")
    assert (again.code, "nothing was written" in again.err) == (0, True)
    assert (folder / "mill.example.toml").read_text() == OWN


def test_what_cannot_be_imported_is_told(sites: Newsbot, tmp_path: Path) -> None:
    ended = sites("import", str(tmp_path / "none.opml"))
    assert (ended.code, "cannot be read" in ended.err) == (2, True)
    (tmp_path / "page.html").write_text("<html></html>")
    assert sites("import", str(tmp_path / "page.html"), "--yes").code == 2


def test_export_gives_what_import_takes(sites: Newsbot, tmp_path: Path) -> None:
    enabled = [site for site in load_sites(tmp_path / "sites").sites.values() if site.enabled]
    assert sites("export").out.splitlines() == [site.home for site in enabled]
    assert sites("export", "npr.org", "--opml").out.count("<outline") == len(load_sites(None).sites["npr.org"].feeds)
