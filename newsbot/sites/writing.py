"""A site as the text of its file, and that file written where there is none yet."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from newsbot.errors import SiteError
from newsbot.looks import spelled
from newsbot.sites.model import Select, Site

_WIDTH = 120


def to_toml(site: Site, comment: str = "") -> str:
    """The text of the site's file: what is as it would be anyhow is left out, sources stand in their order. `comment`
    becomes its first lines."""
    lines = [f"# {line}" for line in comment.splitlines()]
    told = {name: getattr(site, name) for name in Site.model_fields if name not in ("key", "select", *_SOURCES)}
    # The kind of source that comes first is asked first: that order is all that the file says of it.
    kinds = dict.fromkeys([f"{source.kind}s" for source in site.sources if f"{source.kind}s" in _SOURCES])
    first = {name: told.pop(name) for name in ("name", "home", "language", "timezone", "country")}
    sources = {kind: getattr(site, kind) for kind in kinds}
    lines += _pairs({**first, **sources, **told}, Site)
    if chosen := _pairs({name: getattr(site.select, name) for name in Select.model_fields}, Select):
        lines += ["", "[select]", *chosen]
    return "\n".join(lines) + "\n"


def save(site: Site, folder: Path, comment: str = "") -> Path:
    """Write the site's file into the folder, which is made if need be. Raises SiteError where it is there already or
    cannot be written; nothing is ever overwritten."""
    path = folder / f"{site.key}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Written aside and linked into place: the file is there in whole or not at all, and never over another.
        aside = folder / f".{site.key}.{os.getpid()}"
        aside.write_text(to_toml(site, comment), "utf-8")
        try:
            path.hardlink_to(aside)
        finally:
            aside.unlink()
    except FileExistsError as error:
        raise SiteError(f"{path}: there is such a file; remove it first, or choose another key") from error
    except OSError as error:
        raise SiteError(f"{path}: cannot be written: {error.strerror or error}; check the folder") from error
    return path


def replace_file(folder: Path, key: str, text: str) -> None:
    """Let this be the text of a site's file in the folder, which is made if need be, whether there was one or not.
    Raises SiteError where it cannot be written."""
    path, aside = folder / f"{key}.toml", folder / f".{key}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, "utf-8")
        aside.replace(path)
    except OSError as error:
        raise SiteError(f"{path}: cannot be written: {error.strerror or error}; check the folder") from error


_SOURCES = ("feeds", "sitemaps", "sections")


def _pairs(values: dict[str, Any], model: type[Site] | type[Select]) -> list[str]:
    fields = model.model_fields
    return [f"{name} = {_value(value)}" for name, value in values.items() if value != fields[name].default]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return _list([_value(spelled(each) if isinstance(each, timedelta) else each) for each in value])
    return _string(str(value))


def _list(parts: Iterable[str]) -> str:
    parts = list(parts)
    line = f"[{', '.join(parts)}]"
    return line if len(parts) < 2 or len(line) <= _WIDTH - 20 else "".join(["[\n", *(f"  {p},\n" for p in parts), "]"])


def _string(text: str) -> str:
    """In single quotes where that saves backslashes, as with regular expressions; else as a basic string of TOML, which
    escapes as JSON does, DEL aside."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
