"""`newsbot sites add`, `check` and `record`: sites tried on a few pages."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from newsbot.charset import without_controls
from newsbot.cli.keys import SiteArgument, SitesArgument
from newsbot.cli.output import err, kind_style, out, table, when
from newsbot.config import Settings, load
from newsbot.errors import SiteError
from newsbot.formats import json_line
from newsbot.sites import Catalogue, Site, find, key_for, load_sites, save, to_toml

if TYPE_CHECKING:
    from newsbot.trial import Difference, PageTried, SourceTried, Trial

_FIRST_LINES = 280  # characters of a story that are shown
_REMOVED = 100  # characters of a removed block that are shown


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A front page, a section, or a feed.")],
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="The site's key; else the domain: example.org.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Find a site's feeds, show three of its stories, write its file.

    Ends with 1 where no file was written. A file that is there already is never overwritten.
    """
    settings = load()
    known = load_sites(settings.sites_folder, settings.catalogue)
    name = key or key_for(url if "//" in url else f"https://{url}")
    path = settings.sites_folder / f"{name}.toml"
    if path.exists():
        raise SiteError(f"{path}: there is such a file. Remove it first, or choose another key with --key.")
    from newsbot.trial import find_site, troubles

    with err().status("asking …"):
        found = find_site(settings, url, key)
    console, site = out(), found.site
    _print_sources(console, found.trial.sources)
    _print_pages(console, found.trial.pages)
    text = to_toml(site, f"{site.name}: found by `newsbot sites add`.")
    console.print(Text(text))
    wrong = troubles(found.trial)
    for line in (*wrong, *found.remarks):
        _say(line)
    if site.key in known.sites:
        _say(f"{site.key!r} is in the catalogue; your file will take its place")
    if yes and not found.trial.stories:
        raise SiteError(f"{url}: {wrong[0]}. No file was written; write it by hand, or try another address.")
    if not yes:
        if not sys.stdin.isatty():
            raise SiteError(f"{path} was not written: nobody is here to be asked. Add --yes.")
        if not typer.confirm(f"Write {path}?", default=not wrong, err=True):
            raise typer.Exit(1)
    _say(f"{save(site, settings.sites_folder, f'{site.name}: found by `newsbot sites add`.')} written")


def check(
    keys: SitesArgument = None,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Read the recorded pages again, without the network.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a site and line.")] = False,
) -> None:
    """Try sites on three stories each, and say what is wrong.

    Their sources are asked as a crawl asks them; nothing is stored.

    Ends with 1 where no source answers, no story is found, titles, texts or dates are missing, or texts have
    collapsed; with 75 when a crawl is at work on one of the sites.
    """
    settings = load()
    found = load_sites(settings.sites_folder, settings.catalogue)
    for fault in found.faults:
        sys.stderr.write(f"newsbot: {fault}\n")
    wanted = _wanted(found, keys or [], settings)
    bad = _replayed(settings, wanted, bool(keys), as_json) if recorded else _tried(settings, wanted, as_json)
    if bad or found.faults:
        raise typer.Exit(1)


def record(
    key: SiteArgument,
    url: Annotated[str | None, typer.Argument(metavar="URL", help="A story's page; else the newest story.")] = None,
) -> None:
    """Keep a page and the story that it must give, as a test.

    `newsbot sites check --recorded` reads it again. They go into NEWSBOT_HOME/recorded/SITE; what is expected can be
    mended by hand.
    """
    settings = load()
    found = load_sites(settings.sites_folder, settings.catalogue)
    site = _wanted(found, [key], settings)[0]
    from newsbot.trial import fetch_story, try_sites
    from newsbot.trial import record as keep

    with err().status("asking …"):
        if url is not None:
            page = fetch_story(settings, site, url)
        else:
            (trial,) = try_sites(settings, [site])
            if trial.fault or not trial.stories:
                raise SiteError(f"{key}: {trial.fault or 'no story found'}; `newsbot sites check {key}` says more")
            page = next(page for page in trial.pages if page.story is not None)
    if page.page is None or page.story is None:
        raise SiteError(page.fault)
    _say(f"{keep(settings.home / 'recorded', site, page.page)} written")


def _wanted(found: Catalogue, keys: list[str], settings: Settings) -> list[Site]:
    for fault in found.faults:
        if fault.key in keys:
            raise fault
    if keys:
        return find(found.sites, keys)
    if not (wanted := [site for site in found.sites.values() if site.enabled]):
        raise SiteError(f"there is no site: put site files into {settings.sites_folder}, or set catalogue = true")
    return wanted


def _tried(settings: Settings, wanted: list[Site], as_json: bool) -> bool:
    """Try the sites and print what came of it; whether there is trouble."""
    from newsbot.trial import troubles, try_sites

    with err().status(f"asking {len(wanted)} site{'s' * (len(wanted) != 1)} …"):
        trials = try_sites(settings, wanted)
    judged = [(trial, troubles(trial)) for trial in trials]
    console = out()
    if as_json:
        for trial, wrong in judged:
            print(json_line(_as_dict(trial, wrong)))  # noqa: T201
    elif len(judged) == 1:
        _print_sources(console, trials[0].sources)
        _print_pages(console, trials[0].pages)
        for line in judged[0][1]:
            _say(line)
        if not judged[0][1]:
            _say("all is well")
    else:
        made = table("site", "sources", "stories", "words", "trouble", right=("sources", "stories", "words"))
        for trial, wrong in judged:
            answered = sum(not source.fault for source in trial.sources)
            words = [story.word_count for story in trial.stories]
            made.add_row(
                trial.site.key,
                f"{answered}/{len(trial.sources)}",
                f"{len(words)}/{len(trial.pages)}",
                f"{median(words):.0f}" if words else "",
                Text(without_controls("; ".join(wrong)), style="red"),
            )
        console.print(made)
        _say(f"{sum(not wrong for _, wrong in judged)} of {len(judged)} sites are well")
    return any(wrong for _, wrong in judged)


def _replayed(settings: Settings, wanted: list[Site], named: bool, as_json: bool) -> bool:
    """Read the recorded pages again and print what is not as expected; whether anything is."""
    from newsbot.trial import recorded, replay

    folder = settings.home / "recorded"
    number, bad = 0, False
    for site in wanted:
        pages = list(recorded(folder, site.key))
        if named and not pages:
            raise SiteError(f"{folder / site.key}: nothing is recorded; `newsbot sites record {site.key}` does so")
        for page in pages:
            different = replay(site, page)
            number, bad = number + 1, bad or bool(different)
            if as_json:
                told = [{"field": d.field, "expected": d.expected, "found": d.found} for d in different]
                print(json_line({"site": site.key, "page": page.name, "differences": told}))  # noqa: T201
            else:
                _print_differences(f"{site.key}/{page.name}", different)
    if not as_json:
        _say(f"{number} recorded page{'s' * (number != 1)} read" + ("" if bad or not number else ", all as expected"))
    return bad


def _print_differences(name: str, different: list[Difference]) -> None:
    console = out()
    for each in different:
        console.print(Text(f"{name}: {each.field} is not as expected", style="red"))
        if isinstance(each.expected, list) and isinstance(each.found, list):
            lost = [part for part in each.expected if part not in each.found]
            came = [part for part in each.found if part not in each.expected]
        else:
            lost, came = [each.expected], [each.found]
        for sign, parts in (("-", lost), ("+", came)):
            for part in parts:
                console.print(Text(without_controls(f"  {sign} {part}")))


def _print_sources(console: Console, sources: tuple[SourceTried, ...]) -> None:
    made = table("source", "stories", "address", right=("stories",))
    for tried in sources:
        told = Text(without_controls(tried.source.url))
        if tried.fault:
            told = Text(without_controls(tried.fault), style="red")
        made.add_row(str(tried.source.kind), str(len(tried.leads)), told)
    console.print(made, end="\n\n")


def _print_pages(console: Console, pages: tuple[PageTried, ...]) -> None:
    for page in pages:
        story = page.story
        if story is None:
            console.print(Text(without_controls(page.fault), style="yellow"), end="\n\n")
            continue
        dated = f"{story.published:%Y-%m-%d}" if story.day_only and story.published else when(story.published)
        paid = "" if story.access == "unknown" else str(story.access)
        head = [dated or "no date", *story.authors, f"{story.word_count} words", story.language or "", paid]
        console.print(Text(without_controls(story.title or "no title"), style="bold"))
        console.print(Text(without_controls(" · ".join(part for part in head if part)), style="dim"))
        console.print(Text(story.url, style="dim"))
        console.print(Text(without_controls(_begin(story.text, _FIRST_LINES))))
        for block in story.removed:
            line = f"  taken out, {block.kind}: {_begin(block.text, _REMOVED)}"
            console.print(Text(without_controls(line), style=kind_style(block.kind)))
        console.print()


def _begin(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _as_dict(trial: Trial, wrong: tuple[str, ...]) -> dict[str, Any]:
    return {
        "site": trial.site.key,
        "troubles": wrong,
        "sources": [
            {"kind": str(s.source.kind), "url": s.source.url, "stories": len(s.leads), "fault": s.fault or None}
            for s in trial.sources
        ],
        "pages": [
            {"url": page.url, "fault": page.fault or None, "story": _story_as_dict(page)} for page in trial.pages
        ],
    }


def _story_as_dict(page: PageTried) -> dict[str, Any] | None:
    story = page.story
    if story is None:
        return None
    return {
        "title": story.title,
        "authors": story.authors,
        "published": story.published,
        "language": story.language,
        "access": str(story.access),
        "words": story.word_count,
        "text": story.text,
        "removed": [{"kind": str(block.kind), "text": block.text} for block in story.removed],
    }


def _say(line: str) -> None:
    err().print(Text(without_controls(line)))
