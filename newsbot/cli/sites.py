"""`newsbot sites`: what can be crawled."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.text import Text

from newsbot.cli.output import json_line, out, table
from newsbot.config import load
from newsbot.errors import SiteError
from newsbot.sites import load_sites


def sites(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List the sites that newsbot knows, the catalogue's and your own."""
    settings = load()
    found = load_sites(settings.sites_folder, settings.catalogue)
    if as_json:
        for site in found.sites.values():
            print(json_line(site.model_dump(mode="json")))  # noqa: T201
    else:
        made = table("key", "language", "country", "sources", "enabled", "verified", "name", right=("sources",))
        for site in found.sites.values():
            made.add_row(
                site.key,
                site.language or "",
                site.country or "",
                str(len(site.sources)),
                "yes" if site.enabled else "no",
                str(site.verified or ""),
                Text(site.name),
            )
        out().print(made)
    for fault in found.faults:
        sys.stderr.write(f"newsbot: {fault}\n")
    if found.faults:
        raise typer.Exit(SiteError.exit_code)
