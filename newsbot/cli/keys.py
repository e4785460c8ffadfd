"""How commands are told of which sites they shall speak: by keys, which the shell completes."""

from __future__ import annotations

from typing import Annotated

import typer

from newsbot.config import load
from newsbot.errors import NewsbotError


def site_keys(incomplete: str) -> list[str]:
    """The keys of known sites that begin so: what the shell offers when Tab is pressed."""
    from newsbot.sites import site_files  # which `newsbot stories` has no use for otherwise

    try:
        settings = load()
        known = site_files(settings.sites_folder, settings.catalogue)
    except NewsbotError:
        return []  # a message would land in the line that is being typed; the command itself will tell
    return sorted(key for key in known if key.startswith(incomplete))


SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="A site's key.", autocompletion=site_keys)]
SitesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="SITE", help="Keys of sites; without any, all that are enabled.", autocompletion=site_keys),
]
SiteOption = Annotated[
    list[str] | None,
    typer.Option(
        "--site", metavar="SITE", help="Only of this site; may be given several times.", autocompletion=site_keys
    ),
]
