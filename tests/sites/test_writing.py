"""A site as the text of its file: what is written is what is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsbot.errors import SiteError
from newsbot.sites import CATALOGUE, NEVER_ONLINE, Site, load_site, save, to_toml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)
URLS = st.lists(st.integers(0, 99).map("https://example.org/a?b={}".format), max_size=3, unique=True)
PATTERNS = st.lists(st.sampled_from([r"/\d{4}/", "it's", '"', r"\\", r"[^'\"]+$", "é"]), max_size=3)


@given(
    values=st.fixed_dictionaries(
        {"name": TEXT},
        optional={
            "language": st.sampled_from(["de", "pt-br"]),
            "timezone": st.just("Europe/Vienna"),
            "country": st.just("AT"),
            "take": PATTERNS,
            "skip": PATTERNS,
            "story_id": st.just(r"-(\d+)$"),
            "delay": st.floats(0, 3600),
            "enabled": st.booleans(),
            "archive": st.booleans(),
            "look_again": st.lists(st.sampled_from(["30m", "90m", "3h", "1d"]), max_size=3),
            "keep_days": st.integers(1, 999),
            "verified": st.sampled_from([date(2026, 11, 1), NEVER_ONLINE]),
            "select": st.fixed_dictionaries({}, optional={"body": st.just("a > b"), "remove": st.just(["p", "q"])}),
        },
    ),
    sources=st.permutations(["feeds", "sitemaps", "sections"]),
    urls=st.lists(URLS, min_size=3, max_size=3),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again(
    tmp_path: Path, values: dict[str, object], sources: list[str], urls: list[list[str]]
) -> None:
    site = Site.model_validate(
        {"key": "example.org", "home": "https://example.org/", **values, **dict(zip(sources, urls, strict=True))}
    )
    path = tmp_path / "example.org.toml"
    path.unlink(missing_ok=True)
    save(site, tmp_path, "What it is:\nan example.")
    assert load_site(path) == site
    assert [source.kind for source in load_site(path).sources] == [source.kind for source in site.sources]


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.toml")), ids=lambda path: path.stem)
def test_the_catalogue_too(path: Path, tmp_path: Path) -> None:
    site = load_site(path)
    again = load_site(save(site, tmp_path))
    assert (again, again.sources) == (site, site.sources)


def test_what_goes_without_saying_is_not_said() -> None:
    site = Site(key="example.org", name="Example", home="https://example.org/")
    assert to_toml(site) == 'name = "Example"\nhome = "https://example.org/"\n'


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    site = Site(key="example.org", name="Example", home="https://example.org/")
    (tmp_path / "example.org.toml").write_text("mine")
    with pytest.raises(SiteError, match="there is such a file"):
        save(site, tmp_path)
    assert (tmp_path / "example.org.toml").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["example.org.toml"]
