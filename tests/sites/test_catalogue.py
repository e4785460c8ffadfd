"""The files that come with newsbot."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsbot.sites import CATALOGUE, SourceKind, load_site, load_sites

FILES = sorted(CATALOGUE.glob("*.toml"))


def test_there_are_sites_of_many_countries_and_languages() -> None:
    catalogue = load_sites(None)
    assert catalogue.faults == ()
    assert len(catalogue.sites) >= 16
    assert len({site.country for site in catalogue.sites.values()}) >= 10
    assert len({(site.language or "").split("-")[0] for site in catalogue.sites.values()}) >= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_all_that_is_asked_of_the_catalogue(path: Path) -> None:
    site = load_site(path)
    assert path.read_text("utf-8").startswith("# ")
    assert site.language
    assert site.country
    assert site.timezone
    assert site.verified
    assert any(source.kind is not SourceKind.HOME for source in site.sources)
    assert not site.allows(site.home) or not site.take


@pytest.mark.parametrize(
    ("key", "host"), [("themoscowtimes.com", "www.themoscowtimes.com"), ("moscowtimes.ru", "www.moscowtimes.ru")]
)
def test_the_moscow_times_takes_dated_stories_only(key: str, host: str) -> None:
    site = load_sites(None).sites[key]
    assert site.allows(f"https://{host}/2024/05/03/a-slug-a84123")
    assert site.allows(f"http://{host}/2024/05/03/a-slug-a84123")
    assert not site.allows(f"https://{host}/plus/2024/05/03/a-slug-a84123")
    assert not site.allows(f"https://{host}/2024/05/03/live/a84123")
    assert not site.allows(f"https://{host}/news")
