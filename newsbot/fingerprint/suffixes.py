"""Public suffixes: where in a host name the part ends that anyone may register under. Pure.

The list is the one that tldextract ships. To import that, with all that it brings along to fetch newer ones, takes a
fifth of a second, which is more than a question of the command line takes for all the rest; to read the list, 5 ms.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec

_PRIVATE = "\n// ===BEGIN PRIVATE DOMAINS==="


@cache
def _rules() -> tuple[frozenset[str], frozenset[str]]:
    """The list's lines, and those that registries have made. Comments are among them: no host name is like one."""
    package = find_spec("tldextract")
    assert package is not None, "tldextract is not installed"
    assert isinstance(package.loader, SourceFileLoader)
    text = package.loader.get_data(package.loader.path.replace("__init__.py", ".tld_set_snapshot")).decode()
    return frozenset(text.splitlines()), frozenset(text.partition(_PRIVATE)[0].splitlines())


def _labels_of_suffix(labels: list[str], rules: frozenset[str]) -> int:
    """How many of the host's last labels are a public suffix; 0 for one that the list does not know."""
    for n in range(len(labels)):  # the longest first
        name, behind = ".".join(labels[n:]), ".".join(labels[n + 1 :])
        if f"!{name}" in rules:
            return len(labels) - n - 1
        if name in rules or f"*.{behind}" in rules:
            return len(labels) - n
    return 0


def _decoded(label: str) -> str:
    """A label as the list has it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


@lru_cache(maxsize=65536)
def under_suffix(host: str) -> str:
    """The registered domain of a lower-case host name: its public suffix, those of hosting services included, with a
    label before it. A host that is such a service's suffix itself is registered under its registry's; one with a last
    label that the list does not know, under that; "" for a bare suffix, and for a single label."""
    labels = host.split(".")
    spelled = [_decoded(label) for label in labels]
    for rules in _rules():
        length = _labels_of_suffix(spelled, rules) or 1
        if length < len(labels):
            return ".".join(labels[-length - 1 :])
    return ""
