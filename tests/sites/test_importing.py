"""Lists of sites: OPML and plain ones, well meant and not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.errors import SiteError
from newsbot.sites import Site, key_for, load_sites, read_list, to_opml
from newsbot.sites.opml import MOST_OUTLINES

PAPER = (
    '<outline text="The Mill" type="rss" xmlUrl="https://mill.example.org/rss" htmlUrl="https://mill.example.org/"/>'
)


def opml(body: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<opml version="2.0"><body>{body}</body></opml>'.encode()


def test_feeds_of_one_site_in_any_folder_are_one_site() -> None:
    listed = read_list(
        opml(
            '<outline text="News"><outline text="Local"><outline text="The Mill" language="pt_BR"'
            ' xmlUrl="https://feeds.example.net/a" htmlUrl="https://www.mill.org/"/></outline>'
            '<outline title="The Mill: Sport" XMLURL="https://feeds.example.net/b" htmlUrl="https://mill.org/sport"/>'
            "</outline>"
        ),
        "list.opml",
    )
    (site,) = listed.sites.values()
    assert (site.key, site.name, site.home, site.language) == ("mill.org", "The Mill", "https://www.mill.org/", "pt-br")
    assert site.feeds == ("https://feeds.example.net/a", "https://feeds.example.net/b")


def test_two_hosts_of_a_domain_are_two_sites() -> None:
    listed = read_list(b"https://www.mill.org/\nhttps://blog.mill.org/rss.xml\n", "list.txt")
    assert {key: site.home for key, site in listed.sites.items()} == {
        "mill.org": "https://www.mill.org/",
        "blog.mill.org": "https://blog.mill.org/",
    }
    assert listed.sites["blog.mill.org"].feeds == ("https://blog.mill.org/rss.xml",)


def test_a_plain_list_holds_front_pages_feeds_and_remarks() -> None:
    text = "\ufeff# papers\n\nmill.org\n  https://tower.org/feed/  the tower\nhttps://feedback.net/stories\n"
    listed = read_list(text.encode(), "list.txt")
    assert [(site.home, site.feeds) for site in listed.sites.values()] == [
        ("https://mill.org/", ()),
        ("https://tower.org/", ("https://tower.org/feed/",)),
        ("https://feedback.net/stories", ()),
    ]


def test_what_is_known_or_no_address_is_passed_over_and_told() -> None:
    listed = read_list(b"npr.org\nftp://mill.org/\nhttp://[\nnot a site\n", "list.txt", {"npr.org"})
    assert listed.sites.keys() == {"not"} or listed.sites == {}
    told = "\n".join(listed.passed_over)
    assert "npr.org: is known already" in told
    assert "ftp://mill.org/: is no address of a site" in told


def test_what_is_exported_can_be_imported() -> None:
    sites = {key: site for key, site in load_sites(None).sites.items() if key == key_for(site.home)}
    listed = read_list(to_opml(sites.values()).encode(), "list.opml")
    assert listed.passed_over == ()
    assert {k: (s.name, s.home, s.language if s.feeds else None, s.feeds) for k, s in listed.sites.items()} == {
        k: (s.name, s.home, s.language if s.feeds else None, s.feeds) for k, s in sites.items()
    }


def test_a_name_with_what_xml_cannot_hold_is_exported() -> None:
    site = Site(key="mill.org", name='<&"\x00\x1b\ufffe mill', home="https://mill.org/", feeds=("https://mill.org/r",))
    (again,) = read_list(to_opml([site]).encode(), "list.opml").sites.values()
    assert again.name == '<&" mill'


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    before = f'<!DOCTYPE opml [<!ENTITY l0 "ha"><!ENTITY s SYSTEM "file://{secret}">{laughs}]>'
    began = time.process_time()
    listed = read_list(opml(f"&l11;&s;{PAPER.replace('The Mill', '&l11; &s;')}", before), "list.opml")
    assert time.process_time() - began < 1
    (site,) = listed.sites.values()
    assert "ha" not in site.name
    assert "secret" not in site.name


def test_deep_nesting_ends_the_list_and_nothing_else() -> None:
    began = time.process_time()
    listed = read_list(opml(PAPER + "<outline>" * 200_000), "list.opml")
    assert time.process_time() - began < 3
    assert len(listed.sites) == 1


def test_too_much_is_refused() -> None:
    many = "".join(f'<outline xmlUrl="https://mill{n}.org/rss"/>' for n in range(MOST_OUTLINES + 1))
    with pytest.raises(SiteError, match=r"list\.opml: more than 20,000 entries"):
        read_list(opml(many), "list.opml")
    with pytest.raises(SiteError, match=r"list\.opml: larger than 20 MB"):
        read_list(b" " * 20_000_001, "list.opml")
    with pytest.raises(SiteError, match="more than 20,000 lines"):
        read_list(b"mill.org\n" * (MOST_OUTLINES + 1), "list.txt")


@pytest.mark.parametrize("body", [b"<html><body>no</body></html>", b"<", b"<opm", b"<?xml version='1.0'?>"])
def test_what_is_no_opml_is_told(body: bytes) -> None:
    with pytest.raises(SiteError, match=r"list\.opml: is no OPML"):
        read_list(body, "list.opml")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: opml(text, text))))
def test_whatever_a_list_holds_gives_sites_or_an_error(body: bytes) -> None:
    try:
        listed = read_list(body, "list")
    except SiteError:
        return
    assert all(site.key == key for key, site in listed.sites.items())
