"""constraints.txt: a version for every package that newsbot may ever need, on every Python that it declares."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENTS = [
    *PROJECT["dependencies"],
    *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
]


def pins(environment: dict[str, str]) -> dict[str, str]:
    """Name -> version, of the lines that count in an environment."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    found: dict[str, str] = {}
    for line in filter(None, (line.partition("#")[0].strip() for line in lines)):
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate(environment):
            name, (only,) = canonicalize_name(pin.name), tuple(pin.specifier)
            assert only.operator == "==", line
            assert name not in found, f"{name} has two versions"
            found[name] = only.version
    return found


def unmet(requirements: Iterable[str], pinned: dict[str, str], environment: dict[str, str]) -> Iterator[str]:
    """The requirements that count in an environment, and that no pin meets."""
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        counts = requirement.marker is None or requirement.marker.evaluate({"extra": ""} | environment)
        if counts and name != "newsbot" and not requirement.specifier.contains(pinned.get(name, "0.dev0")):
            yield f"{requirement}: {pinned.get(name, 'no version')}"


@pytest.mark.parametrize("python", PYTHONS)
def test_whatever_the_project_names_has_a_version_that_it_takes(python: str) -> None:
    environment = {"python_version": python, "python_full_version": f"{python}.9"}
    assert list(unmet(REQUIREMENTS, pins(environment), environment)) == []


def test_whatever_the_pinned_packages_need_has_a_version_that_they_take() -> None:
    """Read from those that are installed here in their pinned version; what they need of an extra is not looked at."""
    pinned = pins({})
    here = [each for each in distributions() if pinned.get(canonicalize_name(each.name)) == each.version]
    wrong = {each.name: found for each in here if (found := list(unmet(each.requires or (), pinned, {})))}
    assert wrong == {}


def test_the_pythons_are_those_that_the_project_declares() -> None:
    declared = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r"Python :: \d\.\d", line)]
    assert tuple(declared) == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in PYTHONS
