"""`newsbot extract`: one page, from a file or the web, without a database."""

from __future__ import annotations

import sys
import urllib.request
from dataclasses import asdict
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any

import typer

from newsbot.charset import without_controls
from newsbot.config import Settings, load
from newsbot.errors import NotUnderstood
from newsbot.formats import json_line
from newsbot.items import Verdict


def extract(
    source: Annotated[str, typer.Argument(metavar="FILE-or-URL", help="An HTML file, - for stdin, or an address.")],
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="The address that a file came from.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print instead of the text why each block is in it or not.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Print the story of one page, without a database.

    Ends with 1 where the page holds no story.
    """
    from newsbot.clean import clean
    from newsbot.cli.explain import explained_json, print_explained
    from newsbot.extract import explain as read

    if source.startswith(("http://", "https://")):
        body, url = _fetch(source, load())
    else:
        body, url = _file(source), url or ""
    article, explained = read(body, url)
    cleaned = clean(article.blocks)
    if explain and not as_json:
        print_explained(article, explained, cleaned)
    if article.verdict is not Verdict.STORY and not as_json:
        raise NotUnderstood(
            f"{source}: holds no story ({article.verdict.replace('_', ' ')}): {article.why}. "
            "Give a story's own page, or look with --explain at what there is."
        )
    if as_json:
        removed = [{"text": r.text, "kind": r.kind, "why": r.why} for r in cleaned.removed]
        text = "\n\n".join(block.text for block in cleaned.kept)
        why = {"explained": explained_json(explained)} if explain else {}
        print(json_line({**_fields(article), "text": text, "removed": removed, **why}))  # noqa: T201
    elif not explain:
        head = [article.title or "", " · ".join(article.authors), str(article.published or "")]
        parts = ["\n".join(line for line in head if line), *(block.text for block in cleaned.kept)]
        print(without_controls("\n\n".join(part for part in parts if part)))  # noqa: T201
    if article.verdict is not Verdict.STORY:
        raise typer.Exit(NotUnderstood.exit_code)


def _fields(article: Any) -> dict[str, Any]:
    fields = asdict(article)
    del fields["blocks"]
    return fields


def _file(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise NotUnderstood(f"{name}: cannot be read: {error.strerror}. Give an HTML file or an address.") from error


def _fetch(url: str, settings: Settings) -> tuple[bytes, str]:
    request = urllib.request.Request(url, headers={"User-Agent": settings.user_agent})  # noqa: S310 - http(s) only
    try:
        with urllib.request.urlopen(request, timeout=settings.timeout) as response:  # noqa: S310
            return response.read(settings.page_bytes), response.url
    except (OSError, ValueError, HTTPException) as error:
        raise NotUnderstood(f"{url}: cannot be fetched: {error}. Check the address and the network.") from error
