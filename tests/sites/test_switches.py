"""Sites enabled and disabled on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsbot.errors import SiteError
from newsbot.sites import load_sites, switch

OWN = 'name = "Example"\nhome = "https://example.org/"\n# mine\n'


def test_a_switch_counts_more_than_the_file_and_leaves_it_alone(tmp_path: Path) -> None:
    own = tmp_path / "example.org.toml"
    own.write_text(OWN)
    switch(tmp_path, {"example.org": False, "npr.org": False, "zeit.de": True})
    sites = load_sites(tmp_path).sites
    assert [sites[key].enabled for key in ("example.org", "npr.org", "zeit.de")] == [False, False, True]
    assert sites["npr.org"].sources == load_sites(None).sites["npr.org"].sources
    assert own.read_text() == OWN
    switch(tmp_path, {"npr.org": None})
    sites = load_sites(tmp_path).sites
    assert [sites[key].enabled for key in ("example.org", "npr.org", "zeit.de")] == [False, True, True]


def test_when_nothing_is_switched_there_is_no_file(tmp_path: Path) -> None:
    switch(tmp_path / "sites", {"npr.org": False})
    switch(tmp_path / "sites", {"npr.org": None})
    assert list((tmp_path / "sites").iterdir()) == []


@pytest.mark.parametrize("text", ["npr.org = ", '"npr.org" = "no"', "npr.org = false"])
def test_a_broken_file_is_told_and_the_sites_are_as_their_files_say(tmp_path: Path, text: str) -> None:
    (tmp_path / "_enabled.toml").write_text(text)
    found = load_sites(tmp_path)
    assert str(tmp_path / "_enabled.toml") in str(found.faults[0])
    assert found.sites["npr.org"].enabled
    with pytest.raises(SiteError):
        switch(tmp_path, {"npr.org": False})
    assert (tmp_path / "_enabled.toml").read_text() == text
