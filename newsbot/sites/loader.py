"""Site files: read from the user's folder and the catalogue, each fault told with file, key and cure."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from newsbot.errors import SiteError
from newsbot.sites.model import KEY_PATTERN, Select, Site
from newsbot.sites.switches import FILE, switches

CATALOGUE = Path(__file__).parent / "catalogue"

_SITE_KEYS = [name for name in Site.model_fields if name != "key"]
_SELECT_KEYS = list(Select.model_fields)
_CURES = {
    "name": 'write the site\'s name, like name = "The Example"',
    "home": 'write the address of its front page, like home = "https://example.org/"',
}
_WANTED = {
    "string_type": "a string in quotes",
    "tuple_type": 'a list of strings, like ["..."]',
    "bool_type": "true or false, without quotes",
    "bool_parsing": "true or false, without quotes",
    "float_type": "a number, without quotes",
    "finite_number": "a number from 0 to 3600",
    "greater_than_equal": "a number from 0 to 3600",
    "less_than_equal": "a number from 0 to 3600",
    "model_type": "a table, written as [select] on a line of its own at the end of the file",
    "date_type": 'a day like 2026-11-01 or "never online"',
    "literal_error": 'a day like 2026-11-01 or "never online"',
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sites by key, in the order of their keys, the file of each, and what is wrong with the files that could not
    be used. `paths` has the files with faults too."""

    sites: dict[str, Site]
    faults: tuple[SiteError, ...] = ()
    paths: Mapping[str, Path] = field(default_factory=dict)


def load_site(path: Path) -> Site:
    """The site that a TOML file describes; its key is the file's stem. Raises SiteError as `read_site` does."""
    key = path.stem
    if path.suffix != ".toml" or not KEY_PATTERN.fullmatch(key):
        raise SiteError(
            f"{path}: the file's name cannot be a site's key; rename it to lower-case letters, digits, dots and "
            "hyphens with .toml behind, like example.org.toml"
        )
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SiteError(f"{path}: there is no such file; `newsbot sites` lists the sites that there are") from error
    except OSError as error:
        raise SiteError(f"{path}: cannot be read: {error.strerror or error}; check the file and its rights") from error
    except UnicodeDecodeError as error:
        raise SiteError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return read_site(key, text, str(path))


def read_site(key: str, text: str, where: str) -> Site:
    """The site of a key that the text of a TOML file describes, which stands `where`.

    Raises SiteError with a line for each fault: where, the key, what is wrong, and the cure.
    """
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SiteError(f"{where}: is not TOML: {error}; mend that line") from error
    if "key" in values:
        raise SiteError(f"{where}: key 'key' is not known; the file's name says it: remove the line, rename the file")
    try:
        return Site.model_validate({"key": key, **values})
    except ValidationError as error:
        lines = dict.fromkeys(f"{where}: {fault}" for fault in map(_describe, error.errors()))
        raise SiteError("\n".join(lines)) from error


def site_files(folder: Path | None, catalogue: bool = True) -> dict[str, Path]:
    """The file of each site by its key, unread: those of the user's folder, and those of the catalogue that it has no
    file for. Raises SiteError where the folder cannot be listed."""
    paths = {path.stem: path for path in CATALOGUE.glob("*.toml")} if catalogue else {}
    if folder is not None and folder.exists():
        try:
            own = [path for path in folder.iterdir() if path.suffix == ".toml" and path.name[0] != "."]
        except OSError as error:
            raise SiteError(f"{folder}: cannot be listed: {error.strerror or error}; check the folder") from error
        paths |= {path.stem: path for path in own if path.name != FILE}
    return paths


def load_sites(folder: Path | None, catalogue: bool = True) -> Catalogue:
    """All sites: those of the user's folder, and those of the catalogue that the folder has no file for.

    `folder` may be None or missing: no files of the user's own. Files that begin with a dot (an editor's) are passed
    over. A user's file with a fault still hides the catalogue's of that name: what the user meant to change must not
    be crawled unchanged. What `newsbot sites enable` and `disable` have said counts more than the files.
    """
    faults: list[SiteError] = []
    switched: Mapping[str, bool] = {}
    try:
        paths = site_files(folder, catalogue)
    except SiteError as fault:
        paths = site_files(None, catalogue)
        faults.append(fault)
    if folder is not None and folder.exists():
        try:
            switched = switches(folder)
        except SiteError as fault:
            faults.append(fault)
    sites: dict[str, Site] = {}
    for key, path in sorted(paths.items()):
        try:
            site = load_site(path)
            sites[key] = site.switched(switched[key]) if key in switched else site
        except SiteError as fault:
            fault.key = key
            faults.append(fault)
    return Catalogue(sites, tuple(faults), paths)


def find(sites: Mapping[str, Site], keys: Iterable[str]) -> list[Site]:
    """The sites that the keys name, each once, in the order of the keys. Raises SiteError for a key that names none."""
    found: list[Site] = []
    for key in dict.fromkeys(keys):
        if key not in sites:
            raise SiteError(f"no site has the key {key!r}{_near_keys(sites, key)}; `newsbot sites` lists them all")
        found.append(sites[key])
    return found


def _near_keys(sites: Mapping[str, Site], key: str) -> str:
    wanted = key.lower().removeprefix("https://").removeprefix("http://").strip("/").removeprefix("www.")
    if not wanted:
        return ""
    near = [known for known in sites if wanted in known or wanted in sites[known].name.lower()]
    near += difflib.get_close_matches(wanted, sites, n=3, cutoff=0.6)
    names = [repr(name) for name in dict.fromkeys(near)][:3]
    return f"; did you mean {' or '.join(names)}?" if names else ""


def _describe(fault: Any) -> str:
    """What is wrong with one key and how to mend it, from one of pydantic's error records."""
    # Members of a union have the branch's name in their location; a user knows keys and positions only.
    place = [part for part in fault["loc"] if isinstance(part, int) or part in _SITE_KEYS or part in _SELECT_KEYS]
    if fault["type"] == "extra_forbidden":
        place = list(fault["loc"])
    label = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    if fault["type"] == "extra_forbidden":
        return f"key {label!r} is not known; {_near_words(place)}"
    if fault["type"] == "missing":
        return f"key {label!r} is missing; {_CURES[label]}"
    shown = repr(fault["input"])
    if len(shown) > 80:
        shown = shown[:77] + "..."
    if fault["type"] == "value_error":
        return f"key {label!r}: {shown} {fault['ctx']['error']}"
    wanted = _WANTED.get(fault["type"])
    return f"key {label!r}: {shown} is wrong here; {f'write {wanted}' if wanted else fault['msg']}"


def _near_words(place: list[Any]) -> str:
    known = _SELECT_KEYS if len(place) > 1 else _SITE_KEYS
    word = str(place[-1])
    if len(place) == 1 and word in _SELECT_KEYS:
        return f"did you mean it to stand under [select]? A file's own keys are: {', '.join(known)}"
    if len(place) > 1 and word in _SITE_KEYS:
        return f"did you mean it to stand above [select]? The keys of [select] are: {', '.join(known)}"
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"the keys are: {', '.join(known)}"
