"""The files that come with newsbot."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newsbot.fingerprint import registered_domain
from newsbot.sites import CATALOGUE, load_site, load_sites

FILES = sorted(CATALOGUE.glob("*.toml"))


# Domains of a country whose sites are at home in another.
ABROAD = {"moscowtimes.ru": "NL"}
# Parts of domains that are countries' but mean something else, or are sold to all the world.
NO_COUNTRY = {"ag", "cc", "eu", "io", "me", "tv"}


def test_there_are_sites_of_many_countries_and_languages() -> None:
    catalogue = load_sites(None)
    assert catalogue.faults == ()
    assert len(catalogue.sites) >= 150
    assert len({site.country for site in catalogue.sites.values()}) >= 30
    assert len({(site.language or "").split("-")[0] for site in catalogue.sites.values()}) >= 25


def test_no_host_and_no_source_comes_twice() -> None:
    sites = load_sites(None).sites.values()
    hosts = Counter((urlsplit(site.home).hostname or "").removeprefix("www.") for site in sites)
    sources = Counter(source.url.rstrip("/") for site in sites for source in site.sources)
    assert [each for each, number in (hosts + sources).items() if number > 1] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_all_that_is_asked_of_the_catalogue(path: Path) -> None:
    site = load_site(path)
    assert path.read_text("utf-8").startswith("# ")
    assert site.language
    assert site.country
    assert site.timezone
    assert site.verified
    assert not site.allows(site.home) or not site.take


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_key_home_country_and_language_agree(path: Path) -> None:
    site = load_site(path)
    host, domain = urlsplit(site.home).hostname or "", registered_domain(site.home)
    assert site.key == domain or (site.key.endswith(f".{domain}") and host.endswith(site.key))
    last = domain.rpartition(".")[2]
    if len(last) == 2 and last not in NO_COUNTRY:
        assert site.country == ABROAD.get(site.key, {"uk": "GB"}.get(last, last.upper()))
    region = (site.language or "").partition("-")[2]
    assert len(region) != 2 or region.upper() == site.country


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
