"""What makes stories, as a short name: when the code that reads pages changes, or what a site's file says of its pages,
the name is another one, and stories that bear an earlier one can be made again.

The code is known by its bytes. So nobody has to remember to count up a version, and a comment that is rewritten counts
as a change too: making a story again that comes out as it was costs time, and nothing else. What a site has taught is
no part of the name: it changes with every story, and reaches back by itself (see `newsbot.store.recleaning`).
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from newsbot import __version__
from newsbot.sites import Site

_MAKERS = (
    "charset.py", "clean", "extract", "fingerprint", "furniture.py", "items.py", "process.py",
)  # fmt: skip
_LENGTH = 12  # hexadecimal digits: of ten thousand changes, no two are alike by chance


def recipe(site: Site) -> str:
    """What makes the stories of a site now: the code's name, and that of what its file says."""
    said = site.model_dump(mode="json", include={"name", "language", "timezone", "story_id", "select"})
    return f"{_code()}-{_digest(json.dumps(said, sort_keys=True).encode())}"


@lru_cache(maxsize=1)
def _code() -> str:
    package = files("newsbot")
    whole = hashlib.sha256(__version__.encode())
    for name in _MAKERS:
        for file in _files_of(package.joinpath(name)):
            whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:_LENGTH]


def _files_of(place: Traversable) -> list[Traversable]:
    """The modules and data of a room, in the order of their names."""
    if place.is_file():
        return [place]
    inside = sorted(place.iterdir(), key=lambda each: each.name) if place.is_dir() else []
    return [file for each in inside if each.name != "__pycache__" for file in _files_of(each)]


def _digest(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()[:_LENGTH]
