"""Which sites were enabled or disabled on the command line: one small file of the user's, beside the site files.

It holds for sites of the catalogue, whose own files come with newsbot and change with it, and for the user's, whose
files are left as they were written.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from newsbot.errors import SiteError

FILE = "_enabled.toml"  # no site's: no key begins so
_HEAD = "# Written by `newsbot sites enable` and `disable`: this counts more than `enabled` in the sites' own files.\n"


def switches(folder: Path) -> dict[str, bool]:
    """What was said of which site, by key. Raises SiteError for a file that cannot be used."""
    path = folder / FILE
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SiteError(f"{path}: cannot be read: {error}; mend or remove the file") from error
    for key, value in said.items():
        if not isinstance(value, bool):
            raise SiteError(f'{path}: key {key!r}: write "{key}" = true or false')
    return said


def switch(folder: Path, said: Mapping[str, bool | None]) -> None:
    """Remember that these sites are enabled or not; None: as their files say. Raises SiteError."""
    now = {**switches(folder), **said}
    lines = [f'"{key}" = {str(value).lower()}\n' for key, value in sorted(now.items()) if value is not None]
    path, aside = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if lines:
            aside.write_text(_HEAD + "".join(lines), "utf-8")
            aside.replace(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise SiteError(f"{path}: cannot be written: {error.strerror or error}; check the folder") from error
