"""`newsbot show`: one story, what was taken out of it, what changed in it, and who else has it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any

import typer
from rich.text import Text

from newsbot.cli.asked import reader
from newsbot.cli.output import kind_style, out, table, when
from newsbot.config import load
from newsbot.errors import ArchiveError, QueryError
from newsbot.fingerprint import likeness
from newsbot.formats import json_line
from newsbot.items import Role
from newsbot.revision import Edit, Passage, word_diff
from newsbot.store import Relative, StoryFull, whole

_CONTEXT = 8  # words of what stayed that are shown on each side of a change
_ROOM = (100, 84)  # columns of a terminal from which the longest run, and the date, are shown of each copy


def show(
    story: Annotated[str, typer.Argument(metavar="ID-or-URL", help="A story's number, or one of its addresses.")],
    removed: Annotated[bool, typer.Option("--removed", help="With what was taken out, in its place, struck.")] = False,
    versions: Annotated[bool, typer.Option("--versions", help="The texts that it had, and when.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Each change from version to version, by word.")] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="Who else has it: who was first, how much is shared, what differs.")
    ] = False,
    archived: Annotated[
        bool, typer.Option("--archived", help="Its page as it was fetched, where the archive has it, and nothing else.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Read one story."""
    with reader() as read:
        is_number = story.isascii() and story.isdigit() and len(story) < 19  # more digits no database can number
        found = read.story(int(story) if is_number else story)
    if found is None:
        raise QueryError(f"there is no story {story}. `newsbot stories` lists what there is.")
    if archived:
        sys.stdout.buffer.write(_page(found))
        return
    if as_json:
        print(json_line(_as_values(found)))  # noqa: T201
        return
    console = out()
    _print_head(found)
    if versions or diff:
        _print_versions(found)
        if diff:
            _print_changes(found)
    if copies:
        _print_copies(found)
    if removed:
        for text, kind in whole(found):
            console.print(Text(text) if kind is None else _taken_out(text, kind, console.is_terminal), end="\n\n")
    elif not (versions or diff or copies):
        console.print(Text(found.text))


def _page(story: StoryFull) -> bytes:
    """The page that the story's text was read from. Raises QueryError where it was not kept, ArchiveError where it is
    not there any longer."""
    if story.archived is None:
        raise QueryError(
            f"the page of story {story.id} was not kept. `archive = true` keeps those that are fetched: set it in the "
            "site's file."
        )
    from newsbot.archive import check_installed

    check_installed("--archived")
    from newsbot.archive.recall import page_at  # only now: it needs FastWARC

    settings = load()
    page = page_at(settings.archive_folder, story.archived, story.site, settings.page_bytes)
    if page is None:
        raise ArchiveError(
            f"{settings.archive_folder / story.archived.file}: holds no page at byte {story.archived.offset} "
            "that can be read. It may lie on the machine that fetched it: look there."
        )
    return page.body


def _as_values(story: StoryFull) -> dict[str, Any]:
    """Everything, with how much each copy and each state of a rolling story shares with this one."""
    values = asdict(story)
    for kind in ("copies", "states"):
        for relative, each in zip(getattr(story, kind), values[kind], strict=True):
            compared = likeness(story.text, relative.text)
            each |= {"shared": round(compared.containment, 3), "longest_run": compared.longest_run}
    return values


# -- versions ----------------------------------------------------------------------------------------------------------


def _texts(story: StoryFull) -> list[tuple[int, Any, str, str]]:
    """Number, first seen, title and text of each version, the oldest first."""
    older = [(version.number, version.seen, version.title, version.text) for version in story.versions]
    return [*older, (story.version, story.version_seen, story.title, story.text)]


def _print_versions(story: StoryFull) -> None:
    made = table("version", "seen (UTC)", "words in", "out", "title", right=("version", "words in", "out"))
    before: str | None = None
    for number, seen, title, text in _texts(story):
        passages = [] if before is None else word_diff(before, text)
        came, went = (sum(p.words for p in passages if p.edit is edit) for edit in (Edit.IN, Edit.OUT))
        counted = ("", "") if before is None else (str(came), str(went))
        made.add_row(str(number), when(seen), *counted, Text(title))
        before = text
    out().print(made)
    if story.gone:
        out().print(f"\nits page is gone since {when(story.gone)} UTC")
    if story.states:
        out().print("\nunder other addresses:")
        _print_relatives(story, story.states)


def _print_changes(story: StoryFull) -> None:
    for (_, _, old_title, old), (number, seen, title, text) in pairwise(_texts(story)):
        out().print(Text(f"\nversion {number}, seen {when(seen)} UTC", style="bold"))
        if title != old_title:
            out().print(shown(word_diff(old_title, title)))
        if text != old:
            out().print(shown(word_diff(old, text)))


# -- copies ------------------------------------------------------------------------------------------------------------


def _print_copies(story: StoryFull) -> None:
    if not story.copies:
        out().print("no copies")
        return
    _print_relatives(story, story.copies)
    for copy in story.copies:
        ours, theirs = (story.dated, story.id, story.site, story.text), (copy.dated, copy.id, copy.site, copy.text)
        (_, from_id, from_site, before), (_, to_id, to_site, after) = sorted((ours, theirs))
        out().print(Text(f"\nfrom {from_id} ({from_site}) to {to_id} ({to_site})", style="bold"))
        passages = word_diff(before, after)
        same = all(passage.edit is Edit.SAME for passage in passages)
        out().print("the same words" if same else shown(passages))


def _print_relatives(story: StoryFull, relatives: Sequence[Relative]) -> None:
    """A line a story, this one among them, the earliest first. Where the terminal is too narrow for all columns, it is
    the title that stays."""
    lines = [(story.dated, story.id, story.site, story.title, "", "this story")]
    for each in relatives:
        compared = likeness(story.text, each.text)
        shared, run = f"{compared.containment:.0%}", f"{compared.longest_run} words"
        lines.append((each.dated, each.id, each.site, each.title, shared, run))
    lines.sort()
    first = lines[0][0]
    no_run, no_date = (out().width < least for least in _ROOM)
    columns = ["id", *([] if no_date else ["dated (UTC)"]), "later by", "shared", *([] if no_run else ["longest run"])]
    made = table(*columns, "site", "title", right=("id", "shared"))
    for dated, number, site, title, shared, run in lines:
        later = _span(dated - first) if dated > first else "first"
        cells = {"id": str(number), "dated (UTC)": when(dated), "later by": later, "longest run": run}
        cells["shared"] = "this" if no_run and number == story.id else shared
        made.add_row(*map(cells.__getitem__, columns), site, Text(title))
    out().print(made)


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} d"


# -- printing ----------------------------------------------------------------------------------------------------------


def shown(passages: Sequence[Passage]) -> Text:
    """The changes, each with a few words around it: in colours on a terminal, elsewhere as `[-out-]` and `{+in+}`."""
    coloured = out().is_terminal
    shown = Text()
    for place, passage in enumerate(passages):
        if passage.edit is Edit.SAME:
            shown.append(_shortened(passage.text, first=place == 0, last=place == len(passages) - 1), style="dim")
        elif coloured:
            shown.append(passage.text, style="strike red" if passage.edit is Edit.OUT else "green")
        else:
            shown.append(f"[-{passage.text}-]" if passage.edit is Edit.OUT else f"{{+{passage.text}+}}")
    return shown


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """What stayed, with only the words next to the changes before and after it."""
    words = text.split()
    if len(words) <= 2 * _CONTEXT + 2:
        return text
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    head = "" if first else lead + " ".join(words[:_CONTEXT])
    tail = "" if last else " ".join(words[-_CONTEXT:]) + trail
    return f"{head} … {tail}" if head and tail else f"{head}{' … ' if head else '… '}{tail}"


def _taken_out(text: str, kind: str, on_terminal: bool) -> Text:
    """A block that the story does not hold: on a terminal in its kind's colour and struck, unless it was set apart and
    is no rubbish; elsewhere marked with its kind."""
    if not on_terminal:
        return Text(f"[{kind}] {text}")
    colour = kind_style(kind)
    struck = "" if kind in {str(role) for role in Role} else "strike "
    return Text.assemble((f"{kind} ", f"bold {colour}"), (text, f"{struck}dim {colour}"))


def _print_head(story: StoryFull) -> None:
    published = f"{when(story.published)} UTC" if story.published else ""
    if story.day_only:
        published = f"{story.dated:%Y-%m-%d}"
    facts = [story.site, published, ", ".join(story.authors), story.section or "", story.language or ""]
    if story.access in ("metered", "paywalled"):
        facts.append(str(story.access))
    if story.version > 1:
        facts.append(f"version {story.version}")
    if story.cluster_size > 1:
        facts.append(f"copies elsewhere: {story.cluster_size - 1}")
    if story.gone:
        facts.append(f"gone since {when(story.gone)}")
    console = out()
    console.print(Text(story.title, style="bold"))
    console.print(Text(" · ".join(fact for fact in facts if fact), style="dim"))
    console.print(Text(story.url, style="dim"), end="\n\n")
