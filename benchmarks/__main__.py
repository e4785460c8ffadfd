"""`python -m benchmarks`: runs a benchmark, prints its tables, keeps them, and writes them into the documentation."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from benchmarks import document, measuring, peers, results
from newsbot.errors import NewsbotError

app = typer.Typer(
    name="python -m benchmarks",
    help="What newsbot costs and how well it does, beside its peers, measured on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Pages = Annotated[Path | None, typer.Option(help="a folder of recorded pages with index.jsonl; else they are made up",
                                            exists=True, file_okay=False, resolve_path=True)]  # fmt: skip
Given = Annotated[Path, typer.Argument(help="a folder of recorded pages", exists=True, file_okay=False,
                                       resolve_path=True)]  # fmt: skip
_OF_PAGES = ("extraction", "ingest", "archive")
Sites = Annotated[int, typer.Option(min=1, help="sites that are crawled")]
Stories = Annotated[int, typer.Option(min=1, help="stories of each site")]
Rounds = Annotated[int, typer.Option(min=1, help="how often each is run, in turns")]


def _done(context: typer.Context, result: results.Result) -> None:
    """Print what a benchmark found, keep it, and write it into the documentation."""
    stamped = result.stamped(_command(context), datetime.now(UTC).date(), context.meta["machine"], measuring.versions())
    print(document.whole(stamped))
    results.keep(stamped)
    for file in document.write():
        measuring.tell(f"written: {file.relative_to(measuring.ROOT)}")


def _command(context: typer.Context) -> str:
    """What was called, paths by their names in capitals: whoever calls it again has others."""
    words = ["python -m benchmarks", str(context.info_name)]
    for given in context.command.params:
        value: Any = context.params[str(given.name)]
        if value == given.default or value is None:
            continue
        # Several are files, or addresses of databases, which may hold a password.
        shown = str(given.name).upper() if isinstance(value, Path | list | tuple) else str(value)
        words += [shown] if given.param_type_name == "argument" else [given.opts[0], shown]
    return " ".join(words)


@app.callback()
def _begin(context: typer.Context) -> None:
    context.meta["machine"] = measuring.machine()


@app.command()
def crawl(
    context: typer.Context, pages: Pages = None, sites: Sites = 20, stories: Stories = 100, rounds: Rounds = 3
) -> None:
    """Whole crawls: CPU a page, beside plain Scrapy."""
    from benchmarks import crawl as benchmark

    _done(context, benchmark.run(pages, sites, stories, rounds))


@app.command()
def cores(
    context: typer.Context, pages: Pages = None, sites: Sites = 20, stories: Stories = 100, rounds: Rounds = 3
) -> None:
    """Whole crawls: one core and two."""
    from benchmarks import cores as benchmark

    _done(context, benchmark.run(pages, sites, stories, rounds))


@app.command()
def memory(context: typer.Context, pages: Pages = None, sites: Sites = 200, stories: Stories = 100) -> None:
    """Whole crawls: memory over a long one."""
    from benchmarks import memory as benchmark

    _done(context, benchmark.run(pages, sites, stories))


@app.command()
def recrawl(context: typer.Context, pages: Pages = None, sites: Sites = 20, stories: Stories = 30) -> None:
    """Whole crawls: what the next one fetches."""
    from benchmarks import recrawl as benchmark

    _done(context, benchmark.run(pages, sites, stories))


@app.command()
def extraction(context: typer.Context, pages: Given, rounds: Rounds = 3) -> None:
    """Pages: text, fields, CPU, beside five extractors."""
    from benchmarks import extraction as benchmark

    _done(context, benchmark.run(pages, rounds))


@app.command()
def duplicates(
    context: typer.Context,
    texts: Annotated[
        Path | None, typer.Option(help="a folder of texts whose copies are known, for quality", exists=True)
    ] = None,
    most: Annotated[int, typer.Option(min=1_000, help="made-up stories of the largest set, for cost")] = 10_000,
) -> None:
    """Copies: quality and cost, beside datasketch and rensa."""
    from benchmarks import duplicates as benchmark

    _done(context, benchmark.run(texts, most))


@app.command()
def ingest(
    context: typer.Context,
    pages: Given,
    passes: Annotated[int, typer.Option(min=1, help="how often the file has each page, in other words")] = 1,
    rounds: Rounds = 3,
) -> None:
    """Web archives: pages a second of CPU, beside peers."""
    from benchmarks import ingest as benchmark

    _done(context, benchmark.run(pages, passes, rounds))


@app.command()
def keeping(
    context: typer.Context,
    stories: Annotated[int, typer.Option(min=100, help="stories before, measured, and taken apart, each")] = 1_500,
) -> None:
    """Database: CPU of keeping a story."""
    from benchmarks import keeping as benchmark

    _done(context, benchmark.run(stories))


@app.command()
def recognition(
    context: typer.Context,
    large: Annotated[int, typer.Option(min=20_000, help="stories of the large databases")] = 1_000_000,
    fresh: Annotated[int, typer.Option(min=20, help="stories that are looked up and kept")] = 400,
) -> None:
    """Database: CPU of finding copies as it grows."""
    from benchmarks import recognition as benchmark

    _done(context, benchmark.run(large, fresh))


@app.command()
def search(
    context: typer.Context,
    databases: Annotated[list[str], typer.Argument(help="SQLite files or URLs, filled by `fill`; they are only read")],
    rounds: Rounds = 15,
) -> None:
    """Database: CPU of what people ask as it grows."""
    from benchmarks import search as benchmark

    _done(context, benchmark.run(databases, rounds))


@app.command()
def serving(
    context: typer.Context,
    database: Annotated[Path, typer.Argument(help="a SQLite file, filled by `fill`", exists=True, resolve_path=True)],
    crowd: Annotated[int, typer.Option(min=0, help="readers at once; stories are kept in the file meanwhile")] = 0,
) -> None:
    """Web page: first bytes, and a crowd of readers."""
    from benchmarks import serving as benchmark

    _done(context, benchmark.run(database, crowd))


@app.command()
def archive(context: typer.Context, pages: Given, rounds: Rounds = 3) -> None:
    """Pages kept as fetched, beside warcio; stories made again."""
    from benchmarks import archive as benchmark

    _done(context, benchmark.run(pages, rounds))


@app.command()
def schedule(context: typer.Context) -> None:
    """Visits by rhythm and every 15 minutes, simulated."""
    from benchmarks import schedule as benchmark

    _done(context, benchmark.run())


@app.command()
def weights(
    context: typer.Context,
    pages: Given,
    learn: Annotated[bool, typer.Option("--learn", help="and write newsbot/extract/weights.toml anew")] = False,
) -> None:
    """The extraction's weights, judged and learned anew."""
    from benchmarks import weights as benchmark

    _done(context, benchmark.run(pages, learn))


@app.command("all")
def all_(
    pages: Annotated[Path | None, typer.Option(help="a folder of recorded pages", exists=True)] = None,
    texts: Annotated[Path | None, typer.Option(help="a folder of texts whose copies are known", exists=True)] = None,
    database: Annotated[list[Path] | None, typer.Option(help="filled by `fill`; the last serves", exists=True)] = None,
) -> None:
    """All of these in their usual sizes; takes hours."""
    crawled = ["--pages", str(pages)] if pages else []
    given = {
        **dict.fromkeys(("crawl", "cores", "memory", "recrawl"), crawled),
        "duplicates": ["--texts", str(texts)] if texts else [],
        **{name: [str(pages)] if pages else None for name in _OF_PAGES},
        "search": [str(each) for each in database] if database else None,
        "serving": [str(database[-1])] if database else None,
        **{name: list[str]() for name in ("keeping", "recognition", "schedule")},
    }
    failed = []
    for name, arguments in given.items():
        if arguments is None:
            measuring.tell(f"{name}: left out, for want of --{'pages' if name in _OF_PAGES else 'database'}")
        elif subprocess.run([sys.executable, "-m", "benchmarks", name, *arguments], check=False).returncode:
            failed.append(name)
    if failed:
        raise measuring.Failed(f"not measured: {', '.join(failed)}")


@app.command()
def fill(
    file: Annotated[Path, typer.Argument(help="SQLite's file: made, or read if it exists")],
    stories: Annotated[int, typer.Argument(min=1)] = 1_000_000,
    url: Annotated[str | None, typer.Argument(help="of a PostgreSQL database without stories, for the same")] = None,
) -> None:
    """Fill a database for `search` and `serving`."""
    from benchmarks import filling

    if not file.exists():
        filling.fill_sqlite(file, stories)
    if url:
        filling.copy_to_postgresql(file, url)


@app.command("write")
def write_() -> None:
    """Write the pages from what is kept; measure nothing."""
    for file in document.write():
        print(file.relative_to(measuring.ROOT))


@app.command("peers")
def peers_() -> None:
    """Make the peers' environment anew (a package index)."""
    peers.make()


def main() -> None:
    """Run it; what cannot be measured ends with 1, and a line that says why."""
    try:
        app()
    except (measuring.Failed, NewsbotError, ValidationError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
