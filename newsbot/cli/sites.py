"""`newsbot sites`: what can be crawled, how that is changed, and what it has taught."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from newsbot import register
from newsbot.cli.keys import SiteArgument, site_keys
from newsbot.cli.output import err, kind_style, out, table, when
from newsbot.cli.trying import add, check, record
from newsbot.config import Settings, load
from newsbot.errors import QueryError, SiteError
from newsbot.formats import json_line
from newsbot.sites import CATALOGUE, Catalogue, Site, find, load_sites, read_list, save, switch, to_opml, to_toml
from newsbot.store import SiteProfile, Store

sites = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

_SAMPLE = 100  # characters of a block that a terminal is shown

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
CountryOption = Annotated[str | None, typer.Option("--country", metavar="COUNTRY", help="Those of this country: DE.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", metavar="LANGUAGE", help="Those in this language: en, de, pt-br.")
]
AnyKeysArgument = Annotated[
    list[str] | None, typer.Argument(metavar="SITE", help="Keys of sites.", autocompletion=site_keys)
]
KeysArgument = Annotated[list[str], typer.Argument(metavar="SITE...", help="Keys of sites.", autocompletion=site_keys)]


@sites.callback(invoke_without_command=True)
def overview(context: typer.Context, as_json: JsonOption = False) -> None:
    """The sites that newsbot knows: list, try, add, change them."""
    if context.invoked_subcommand is None:
        _list(load(), lambda _: True, as_json)


@sites.command("list")
def listing(country: CountryOption = None, language: LanguageOption = None, as_json: JsonOption = False) -> None:
    """List the sites that newsbot knows."""
    _list(load(), _filter(country, language), as_json)


def _filter(country: str | None, language: str | None) -> Callable[[Site], bool]:
    land, tongue = (country or "").upper(), (language or "").replace("_", "-").lower()

    def wanted(site: Site) -> bool:
        said = site.language or ""
        return (not land or site.country == land) and (not tongue or said == tongue or said.startswith(f"{tongue}-"))

    return wanted


def _list(settings: Settings, wanted: Callable[[Site], bool], as_json: bool) -> None:
    found = load_sites(settings.sites_folder, settings.catalogue)
    shown = [site for site in found.sites.values() if wanted(site)]
    if as_json:
        for site in shown:
            print(json_line(site.model_dump(mode="json")))  # noqa: T201
    else:
        made = table("key", "language", "country", "sources", "enabled", "verified", "name", right=("sources",))
        for site in shown:
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
def show(site: SiteArgument, as_json: JsonOption = False) -> None:
    """Show all that is said of a site, and the file that says it."""
    known = _known(load())
    path, said = known.paths.get(site), _one(known, site)
    if as_json:
        print(json_line({**said.model_dump(mode="json"), "file": path}))  # noqa: T201
        return
    console = out()
    console.print(Text(f"# {path}", style="dim"))
    console.print(Text(to_toml(said)), end="")


@sites.command()
def enable(keys: AnyKeysArgument = None, country: CountryOption = None, language: LanguageOption = None) -> None:
    """Crawl these sites from now on.

    By their keys, or all of a country or language.
    """
    _switch(keys or [], country, language, True)


@sites.command()
def disable(keys: AnyKeysArgument = None, country: CountryOption = None, language: LanguageOption = None) -> None:
    """Crawl these sites no more, unless named on the command line.

    By their keys, or all of a country or language. What they have given stays.
    """
    _switch(keys or [], country, language, False)


def _switch(keys: list[str], country: str | None, language: str | None, enabled: bool) -> None:
    settings = load()
    known = _known(settings)
    wanted = {_one(known, key).key for key in keys}
    if country or language:
        wanted |= {key for key, site in known.sites.items() if _filter(country, language)(site)}
    if not wanted:
        raise SiteError("no site is meant: give keys, --country or --language; `newsbot sites` lists them all")
    switch(settings.sites_folder, dict.fromkeys(wanted, enabled))
    err().print(f"{'enabled' if enabled else 'disabled'}: {', '.join(sorted(wanted))}")


@sites.command()
def remove(keys: KeysArgument, yes: YesOption = False) -> None:
    """Delete these sites' files. Their stories stay: see `newsbot forget`.

    A site of the catalogue has no file of yours; `newsbot sites disable` ends its crawls.
    """
    settings = load()
    known = _known(settings)
    own: dict[str, Path] = {}
    for key in dict.fromkeys(keys):
        path = known.paths.get(key)
        if path is None:
            find(known.sites, [key])
        elif path.parent == CATALOGUE:
            raise SiteError(f"{key!r} comes with newsbot; `newsbot sites disable {key}` ends its crawls")
        else:
            own[key] = path
    if not yes and not _agreed(f"Delete {', '.join(map(str, own.values()))}?"):
        raise typer.Exit(1)
    for path in own.values():
        try:
            path.unlink()
        except OSError as error:
            raise SiteError(f"{path}: cannot be deleted: {error.strerror or error}; check the folder") from error
    switch(settings.sites_folder, dict.fromkeys(own))


@sites.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="OPML, or an address a line; - for stdin.")],
    yes: YesOption = False,
) -> None:
    """Write site files for a list of sites: OPML, or an address a line.

    Sites that are known already are passed over. Nothing is fetched: `newsbot sites check` tries the sites.
    """
    settings = load()
    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise SiteError(f"{file}: cannot be read: {error.strerror}. Give OPML, or an address a line.") from error
    known = load_sites(settings.sites_folder, settings.catalogue)
    listed = read_list(body, file, known.paths)
    console = err()
    for line in listed.passed_over:
        console.print(Text(f"passed over: {line}"))
    made = table("key", "feeds", "name", right=("feeds",))
    for site in listed.sites.values():
        made.add_row(site.key, str(len(site.feeds)), Text(site.name))
    if not listed.sites:
        console.print("no new site is in it; nothing was written")
        return
    out().print(made)
    if not yes and not _agreed(f"Write {len(listed.sites)} site files into {settings.sites_folder}?"):
        raise typer.Exit(1)
    for site in listed.sites.values():
        save(site, settings.sites_folder, f"{site.name}: imported from a list.")
    console.print(f"{len(listed.sites)} site files written; `newsbot sites check` tries the sites")


@sites.command()
def export(
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="SITE", help="Only these sites; else all enabled.", autocompletion=site_keys),
    ] = None,
    opml: Annotated[bool, typer.Option("--opml", help="As OPML, with the feeds, for feed readers.")] = False,
) -> None:
    """Print sites as a list: the address of each, or OPML.

    `newsbot sites import` reads both.
    """
    known = _known(load())
    chosen = find(known.sites, keys) if keys else [site for site in known.sites.values() if site.enabled]
    print(to_opml(chosen) if opml else "\n".join(site.home for site in chosen), end="" if opml else "\n")  # noqa: T201


@sites.command()
def push(yes: YesOption = False) -> None:
    """Bring this machine's sites into the database, for workers.

    Your own sites, those of the catalogue that are enabled, and the settings that all workers share. What was pushed
    before and is not here is taken out, after you were asked.
    """
    settings = load()
    with Store.open(settings.database) as store:
        changes, rows = register.to_push(settings, store)
        _tell(changes, "not here, and taken out")
        if changes.one_sided and not yes and not _agreed(f"Take {len(changes.one_sided)} sites out of the database?"):
            raise typer.Exit(1)
        register.push(settings, store, rows)
    err().print(f"pushed: {len(rows)} sites")


@sites.command()
def pull(yes: YesOption = False) -> None:
    """Write the sites that were pushed as files of this machine.

    To change and push them again. Files that are here already and differ are written over, after you were asked.
    Settings that differ are only told.
    """
    settings = load()
    with Store.open(settings.database) as store:
        changes, rows = register.to_pull(settings, store)
    _tell(changes, "only here, and left as they are")
    if changes.changed and not yes and not _agreed(f"Write over {len(changes.changed)} files of this machine?"):
        raise typer.Exit(1)
    register.pull(settings, rows)
    err().print(f"pulled: {len(rows)} sites")


def _tell(changes: register.Changes, one_sided: str) -> None:
    """Say what will change, a line for each kind of it."""
    kinds = {"added": changes.added, "changed": changes.changed, one_sided: changes.one_sided}
    for words, found in {**kinds, "settings": changes.settings}.items():
        if found:
            err().print(Text(f"{words}: {', '.join(found)}"))
    err().print(f"the same: {changes.same} sites")


sites.command()(add)
sites.command()(check)
sites.command()(record)


def _known(settings: Settings) -> Catalogue:
    return load_sites(settings.sites_folder, settings.catalogue)


def _one(known: Catalogue, key: str) -> Site:
    """The site of a key. Raises SiteError: what is wrong with its file, or that there is none."""
    for fault in known.faults:
        if fault.key == key:
            raise fault
    return find(known.sites, [key])[0]


def _agreed(question: str) -> bool:
    """Ask a person. Raises SiteError where none is there."""
    if not sys.stdin.isatty():
        raise SiteError(f"{question} Nobody is here to be asked. Add --yes.")
    return typer.confirm(question, err=True)


@sites.command()
def profile(
    site: Annotated[
        str, typer.Argument(metavar="SITE", help="The key of a site that was crawled.", autocompletion=site_keys)
    ],
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
