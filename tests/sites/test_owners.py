"""Which site an address belongs to, by its host."""

from __future__ import annotations

import pytest

from newsbot.sites import Owners, Site


def site(key: str, home: str) -> Site:
    return Site(key=key, name=key, home=home)


SITES = [
    site("courier", "https://www.courier.example/"),
    site("sport", "https://sport.courier.example/"),
    site("times.example", "https://edition.times.example/"),
    site("one", "https://one.shared.example/"),
    site("two", "https://two.shared.example/"),
]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://courier.example/1", "courier"),
        ("http://WWW.courier.example:8080/1", "courier"),
        ("https://m.courier.example/1", "courier"),
        ("https://sport.courier.example/1", "sport"),
        ("https://live.sport.courier.example/1", "sport"),
        ("https://www.times.example/1", "times.example"),
        ("https://one.shared.example/1", "one"),
        ("https://three.shared.example/1", "shared.example"),
        ("https://news.gazette.co.uk/1", "gazette.co.uk"),
        ("https://192.0.2.7/1", "192.0.2.7"),
    ],
)
def test_an_address_belongs_to_a_site(url: str, key: str) -> None:
    owners = Owners(SITES)
    found = owners.of(url)
    assert found is not None
    assert found.key == key
    assert owners.knows(found) is (found in SITES)
    assert owners.of(url) is found


@pytest.mark.parametrize(
    "url", ["http://localhost/1", "http://co.uk/1", "http://[::1]/1", "http://[bad/1", "http:///1"]
)
def test_a_host_that_no_site_can_be_named_after(url: str) -> None:
    assert Owners(SITES).of(url) is None


def test_what_is_made_for_a_domain_has_nothing_but_its_name() -> None:
    found = Owners([]).of("https://www.gazette.example/a")
    assert found == site("gazette.example", "https://gazette.example/").model_copy(update={"name": "gazette.example"})
