"""`newsbot sites`: what can be crawled, and what it has taught."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from newsbot.cli.output import err, json_line, kind_style, out, table, when
from newsbot.config import load
from newsbot.errors import QueryError, SiteError
from newsbot.sites import load_sites
from newsbot.store import SiteProfile, Store

sites = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

_SAMPLE = 100  # characters of a block that a terminal is shown


@sites.callback(invoke_without_command=True)
def listing(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List the sites that newsbot knows."""
    if context.invoked_subcommand is not None:
        return
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


@sites.command()
def profile(
    site: Annotated[str, typer.Argument(metavar="SITE", help="The key of a site that was crawled.")],
    pin: Annotated[
        str | None, typer.Option("--pin", metavar="KEY", help="This block is the site's: take it from all stories.")
    ] = None,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="KEY", help="This block is never the site's: put it back.")
    ] = None,
    forget: Annotated[
        str | None, typer.Option("--forget", metavar="KEY", help="Forget this block, and what was said of it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Show what a site's stories have taught of it, or correct it.

    A block that many stories repeat is the site's own and is taken out of them. KEY is a block's key or its beginning.
    """
    with Store.open(load().database, create=False) as store:
        if store.read.site_profile(site) is None:
            raise QueryError(f"nothing was ever crawled from a site {site!r}. `newsbot sites` lists the sites.")
        _correct(store, site, pin, keep, forget)
        found = store.read.site_profile(site)
    assert found is not None, "sites are never deleted"
    if as_json:
        print(json_line(asdict(found)))  # noqa: T201
    else:
        _print(found)


def _correct(store: Store, site: str, pin: str | None, keep: str | None, forget: str | None) -> None:
    """Do what a person says, and tell on stderr what became of it."""
    now = datetime.now(UTC)
    say: Callable[[str], None] = lambda told: err().print(Text(told))  # noqa: E731
    if pin is not None:
        text, changed = store.pin(site, pin, now)
        say(f"the site's from now on, and taken from {changed} stories: {text}")
    if keep is not None:
        text, changed = store.unpin(site, keep, now)
        say(f"the stories' from now on, and put back into {changed} of them: {text}")
    if forget is not None:
        say(f"forgotten: {store.unlearn(site, forget)}")


def _print(found: SiteProfile) -> None:
    console = out()
    console.print(Text(f"{found.site}: {found.taught} different stories looked at", style="bold"), end="\n\n")
    blocks = table("block", "stories", "is", "kind", "last seen", "text", right=("stories",))
    for block in found.blocks:
        state = {"drop": "pinned", "keep": "kept"}.get(block.pinned or "", "the site's" if block.learned else "")
        text = block.sample.replace("\n", " ")
        if console.is_terminal and len(text) > _SAMPLE:
            text = text[: _SAMPLE - 1] + "…"
        kind = Text(block.kind or "", style=kind_style(block.kind))
        blocks.add_row(block.key, str(block.stories), state, kind, when(block.last_seen), Text(text))
    console.print(blocks if found.blocks else "no block stands on several stories", end="\n\n")
    places = table("bodies", "last seen", "stand in", right=("bodies",))
    for place in found.places:
        places.add_row(str(place.stories), when(place.last_seen), Text(place.place))
    console.print(places if found.places else "no place of its bodies is known")
