"""`newsbot stats`: what the database holds, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from newsbot.cli.output import json_line, kind_style, out, table
from newsbot.config import load
from newsbot.store import Store


def stats(
    removed: Annotated[bool, typer.Option("--removed", help="Blocks that were taken out, by site and kind.")] = False,
    site: Annotated[
        list[str] | None, typer.Option("--site", help="Only of this site; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Count what was taken out of the stories as they stand now."""
    if not removed:
        raise typer.BadParameter("say what to count: --removed", param_hint="newsbot stats")
    with Store.open(load().database, create=False) as store:
        counts = store.read.removed(site or ())
    if as_json:
        for count in counts:
            print(json_line(asdict(count)))  # noqa: T201
        return
    made = table("site", "kind", "blocks", "stories", right=("blocks", "stories"))
    blocks: Counter[str] = Counter()
    stories: Counter[str] = Counter()
    for count in counts:
        blocks[count.kind] += count.blocks
        stories[count.kind] += count.stories
        made.add_row(count.site, _kind(count.kind), str(count.blocks), str(count.stories))
    if len({count.site for count in counts}) > 1:
        made.add_section()
        for kind, number in blocks.most_common():
            made.add_row("all", _kind(kind), str(number), str(stories[kind]))
    out().print(made if counts else "nothing was taken out")


def _kind(kind: str) -> Text:
    return Text(kind, style=kind_style(kind))
