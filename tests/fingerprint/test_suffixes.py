"""Registered domains, against tldextract itself, whose list this is."""

import random

import pytest
from tldextract import TLDExtract

from newsbot.fingerprint.suffixes import _rules, under_suffix

EXTRACT = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def by_tldextract(host: str) -> str:
    found = EXTRACT(host)
    if not found.suffix:  # the list's own rule for a domain that it does not know: the last label is the suffix
        return ".".join(host.split(".")[-2:]) if "." in host else ""
    registries = EXTRACT(host, include_psl_private_domains=False)
    return found.top_domain_under_public_suffix or registries.top_domain_under_public_suffix


def test_every_fourth_rule_of_the_list_is_understood_as_tldextract_does() -> None:
    rules = sorted(rule for rule in _rules()[0] if rule and not rule.startswith("//"))
    assert len(rules) > 9_000
    for rule in random.Random(2).sample(rules, len(rules) // 4):
        if rule.endswith("psl.hrsn.dev"):  # rules to test implementations with, on which they differ
            continue
        base = rule.lstrip("!").replace("*", "any")
        for host in (base, f"a.{base}", f"c.b.a.{base}", base.partition(".")[2] or base):
            assert under_suffix(host) == by_tldextract(host), host
            if not host.isascii():
                host = host.encode("idna").decode()
                assert under_suffix(host) == by_tldextract(host), host


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("localhost", ""),
        ("com", ""),
        ("co.uk", ""),
        ("news.example.co.uk", "example.co.uk"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("www.ward.kawasaki.jp", "www.ward.kawasaki.jp"),
        ("someone.github.io", "someone.github.io"),
        ("github.io", "github.io"),
        ("www.paper.internal", "paper.internal"),
        ("a.xn--80asehdb", "a.xn--80asehdb"),
        ("www.paper.xn--a", "paper.xn--a"),  # no letters that it could stand for
        ("www.xn--a.co.uk", "xn--a.co.uk"),
    ],
)
def test_registered_domains(host: str, domain: str) -> None:
    assert under_suffix(host) == domain
