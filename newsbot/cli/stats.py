"""`newsbot stats`: what the database holds, counted, with small plots on a terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer
from rich.text import Text

from newsbot.cli.asked import JsonOption, SinceOption, UntilOption, reader, span
from newsbot.cli.keys import SiteOption
from newsbot.cli.output import kind_style, out, table
from newsbot.formats import json_line
from newsbot.store import DayCount, RemovedCount

_DAYS = 30
_STEPS = "▁▂▃▄▅▆▇█"
_WIDEST = 40  # characters of a plot


def stats(
    removed: Annotated[
        bool, typer.Option("--removed", help="Blocks that were taken out, by site and kind, of all stories.")
    ] = False,
    site: SiteOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count stories by site and day, copies and walls.

    Of the last thirty days, where nothing else is said.

    With --json by site and day. Days are those of UTC.
    """
    begin, end = span(since, until)
    if begin is None and not removed:
        last = (end or datetime.now(UTC)).date()
        begin = datetime.combine(last - timedelta(days=_DAYS - 1), time(0), UTC)
    with reader() as read:
        days = [] if removed else read.daily(site or (), begin, end)
        gone = read.removed(site or (), begin, end) if removed or (out().is_terminal and not as_json) else []
    if as_json:
        for count in gone if removed else days:
            print(json_line(asdict(count)))  # noqa: T201
    elif removed:
        _print_removed(gone)
    else:
        assert begin is not None
        _print_days(days, begin.date(), (end - timedelta(microseconds=1) if end else datetime.now(UTC)).date(), gone)


# -- stories -----------------------------------------------------------------------------------------------------------


@dataclass
class _Total:
    """What one line of the table adds up."""

    stories: int = 0
    copies: int = 0
    paywalled: int = 0
    days: Counter[date] = field(default_factory=Counter)

    def add(self, count: DayCount) -> None:
        self.stories += count.stories
        self.copies += count.copies
        self.paywalled += count.paywalled
        self.days[count.day] += count.stories


def _print_days(counts: Sequence[DayCount], first: date, last: date, removed: Sequence[RemovedCount]) -> None:
    console = out()
    if not counts:
        console.print(f"no stories from {first} to {last}")
        return
    sites: defaultdict[str, _Total] = defaultdict(_Total)
    every = _Total()
    for count in counts:
        sites[count.site].add(count)
        every.add(count)
    shown = console.is_terminal
    columns = ["site", "stories", "copies", "paywalled", *([f"{first} to {last}"] if shown else [])]
    made = table(*columns, right=("stories", "copies", "paywalled"))
    last = max(last, *every.days)  # a page may be dated ahead

    def add(name: str, total: _Total) -> None:
        plot = [_line([total.days[first + timedelta(n)] for n in range((last - first).days + 1)])] if shown else []
        share = (lambda part: f"{part / total.stories:.0%}") if shown else str
        made.add_row(name, str(total.stories), share(total.copies), share(total.paywalled), *plot)

    for name, total in sorted(sites.items(), key=lambda item: (-item[1].stories, item[0])):
        add(name, total)
    if len(sites) > 1:
        made.add_section()
        add("all", every)
    console.print(made)
    if removed:
        _print_bars(removed)


def _line(values: Sequence[int]) -> str:
    """The values as columns, several days in one where there are many."""
    together = -(-len(values) // _WIDEST)
    sums = [sum(values[n : n + together]) for n in range(0, len(values), together)]
    most = max(sums, default=0)
    return "".join(_STEPS[-(-value * len(_STEPS) // most) - 1] if value else " " for value in sums)


def _print_bars(removed: Sequence[RemovedCount]) -> None:
    """How many blocks of each kind were taken out of these stories."""
    blocks: Counter[str] = Counter()
    for count in removed:
        blocks[count.kind] += count.blocks
    made = table("taken out", "blocks", "", right=("blocks",))
    most = max(blocks.values())
    for kind, number in blocks.most_common():
        made.add_row(_kind(kind), str(number), Text("█" * max(1, number * _WIDEST // most), style=kind_style(kind)))
    out().print()
    out().print(made)


# -- what was taken out ------------------------------------------------------------------------------------------------


def _print_removed(counts: Sequence[RemovedCount]) -> None:
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
