"""Site files: what is read from where, and what a user is told about a file that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsbot.errors import SiteError
from newsbot.sites import find, load_site, load_sites

LEAST = 'name = "Example"\nhome = "https://example.org/"\n'


def written(folder: Path, text: str | bytes, name: str = "example.org.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def fault(path: Path) -> str:
    with pytest.raises(SiteError) as caught:
        load_site(path)
    return str(caught.value)


def test_a_file_becomes_a_site_whose_key_is_its_stem(tmp_path: Path) -> None:
    text = (
        LEAST
        + 'sections = ["https://example.org/a"]\nfeeds = ["https://example.org/rss"]\n[select]\nbody = "main > p"\n'
    )
    site = load_site(written(tmp_path, text))
    assert site.key == "example.org"
    assert site.select.body == "main > p"
    assert [source.url for source in site.sources] == ["https://example.org/a", "https://example.org/rss"]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_site(written(tmp_path, b"\xef\xbb\xbf" + LEAST.encode())).name == "Example"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('fedes = ["https://example.org/rss"]\n', "key 'fedes' is not known; did you mean 'feeds'?"),
        ("zzz = 1\n", "key 'zzz' is not known; the keys are: name, home,"),
        ('body = "p"\n', "key 'body' is not known; did you mean it to stand under [select]?"),
        ('[select]\nbdy = "p"\n', "key 'select.bdy' is not known; did you mean 'body'?"),
        (
            '[select]\nfeeds = ["https://example.org/rss"]\n',
            "key 'select.feeds' is not known; did you mean it to stand above",
        ),
        ('key = "other"\n', "key 'key' is not known; the file's name says it"),
        ('feeds = "https://example.org/rss"\n', "key 'feeds': 'https://example.org/rss' is wrong here; write a list"),
        ('feeds = ["example.org/rss"]\n', "key 'feeds[0]': 'example.org/rss' is no web address; write it in full"),
        (
            "calendar = ['https://a.example/{day}/']\n",
            "key 'calendar[0]': 'https://a.example/{day}/' does not say where",
        ),
        ("calendar = ['{year}/{month}/']\n", "key 'calendar[0]': '{year}/{month}/' is no web address"),
        ("take = ['[']\n", "key 'take[0]': '[' is no regular expression: unterminated character set"),
        ("story_id = '-\\d+$'\n", "key 'story_id': '-\\\\d+$' has 0 groups; put (brackets) around the identifier"),
        ("story_id = '(a+)+'\n", "key 'story_id': '(a+)+' repeats a group, which may take for ever"),
        ("story_id = 3\n", "key 'story_id': 3 is wrong here; write a string in quotes"),
        ('delay = "2"\n', "key 'delay': '2' is wrong here; write a number"),
        ("delay = -1\n", "key 'delay': -1 is wrong here; write a number from 0 to 3600"),
        ('enabled = "no"\n', "key 'enabled': 'no' is wrong here; write true or false"),
        ('country = "Austria"\n', "key 'country': 'Austria' is no country code"),
        ('timezone = "Vienna"\n', "key 'timezone': 'Vienna' is no time zone"),
        ('language = "German"\n', "key 'language': 'German' is no BCP 47 language tag"),
        ('verified = "soon"\n', "key 'verified': 'soon' is neither a day like 2026-11-01 nor"),
        ("verified = 3\n", "key 'verified': 3 is wrong here; write a day like 2026-11-01"),
        ("select = 3\n", "key 'select': 3 is wrong here; write a table"),
        ('[select]\nremove = ["a["]\n', "key 'select.remove[0]': 'a[' is no CSS selector"),
    ],
)
def test_a_fault_is_told_with_file_key_and_cure(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, LEAST + text)
    assert fault(path).startswith(f"{path}: {said}")


def test_missing_keys_are_told_with_what_to_write(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    assert fault(path).splitlines() == [
        f"{path}: key 'name' is missing; write the site's name, like name = \"The Example\"",
        f"{path}: key 'home' is missing; write the address of its front page, like home = \"https://example.org/\"",
    ]


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, 'name = "Example"\nhome = "example.org"\nfeed = []\ndelay = "x"\n')
    lines = fault(path).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}: key ") for line in lines)


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "is not TOML: Invalid value (at line 3, column 9)" in fault(written(tmp_path, LEAST + "feeds = oops\n"))


def test_files_that_are_no_text_or_not_there_are_told(tmp_path: Path) -> None:
    assert "is not UTF-8 text (byte 8)" in fault(written(tmp_path, b'name = "\xff"'))
    assert "there is no such file" in fault(tmp_path / "missing.toml")
    (tmp_path / "folder.toml").mkdir()
    assert "cannot be read: Is a directory" in fault(tmp_path / "folder.toml")
    assert "cannot be a site's key; rename it" in fault(written(tmp_path, LEAST, "The Example.toml"))


def test_the_users_file_replaces_the_catalogues(tmp_path: Path) -> None:
    written(tmp_path, 'name = "Mine"\nhome = "https://www.npr.org/"\nenabled = false\n', "npr.org.toml")
    written(tmp_path, LEAST)
    written(tmp_path, "an editor's", ".#example.org.toml")
    written(tmp_path, "notes", "README")
    both = load_sites(tmp_path)
    assert both.faults == ()
    assert both.sites["npr.org"].name == "Mine"
    assert "themoscowtimes.com" in both.sites
    assert list(both.sites) == sorted(both.sites)
    assert list(load_sites(tmp_path, catalogue=False).sites) == ["example.org", "npr.org"]
    assert load_sites(tmp_path / "missing", catalogue=False).sites == {}
    assert load_sites(None, catalogue=False).sites == {}


def test_a_faulty_file_stops_no_other_and_does_not_bring_the_catalogues_back(tmp_path: Path) -> None:
    path = written(tmp_path, 'name = "Mine"\n', "npr.org.toml")
    written(tmp_path, LEAST)
    both = load_sites(tmp_path)
    assert "npr.org" not in both.sites
    assert "example.org" in both.sites
    assert [str(error).split(":")[0] for error in both.faults] == [str(path)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_listed_is_a_fault(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        assert "cannot be listed" in str(load_sites(tmp_path).faults[0])
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_the_folders_place_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be listed" in str(load_sites(written(tmp_path, "")).faults[0])


def test_find_keeps_the_order_and_names_near_keys() -> None:
    sites = load_sites(None).sites
    assert [site.key for site in find(sites, ["npr.org", "dw.com", "npr.org"])] == ["npr.org", "dw.com"]
    with pytest.raises(SiteError, match=r"no site has the key 'thegaurdian\.com'; did you mean 'theguardian\.com'"):
        find(sites, ["npr.org", "thegaurdian.com"])
    with pytest.raises(SiteError, match=r"did you mean 'bbc\.co\.uk'\?; `newsbot sites` lists them all"):
        find(sites, ["BBC"])
    with pytest.raises(SiteError, match=r"no site has the key ''; `newsbot sites` lists them all"):
        find(sites, [""])
    with pytest.raises(SiteError, match=r"did you mean 'npr\.org'"):
        find(sites, ["https://www.npr.org/"])
