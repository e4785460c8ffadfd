"""`newsbot dedupe`: the copies in a data set, without a database."""

from __future__ import annotations

import json
import sys
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import IO, Annotated, Any, NoReturn

import typer

from newsbot.clean import clean
from newsbot.cli.output import err
from newsbot.errors import NotUnderstood
from newsbot.fingerprint import Told, registered_domain, sign
from newsbot.fingerprint.clusters import Gathering

_BOM = b"\xef\xbb\xbf"


def dedupe(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="JSON lines with id and text; title, url, published. - for stdin."),
    ],
    versions: Annotated[
        bool, typer.Option("--versions", help="Put the states of a rolling story into one cluster too.")
    ] = False,
) -> None:
    """Print which stories of a file are copies.

    A JSON list of ids a line, two or more, in the order of the rows; what was read and found is said on stderr.
    Paywall, newsletter and other text of the sites is taken out first.
    """
    with tempfile.TemporaryFile("w+b", prefix="newsbot-dedupe-") as spool:
        texts = _Texts(spool)
        gathering = Gathering()
        ids: dict[str, str] = {}  # as JSON, with the place where it stood
        unread = dict.fromkeys(("url", "published"), 0)
        for row in _rows(files):
            if row.id in ids:
                row.refuse(f"the id {row.id} is that of {ids[row.id]}, too. Give each row an id of its own")
            ids[row.id] = row.where
            told, url = row.told(unread)
            texts.append(told)
            gathering.add(sign([url] if url else [], told.text), told)
        if not ids:
            raise NotUnderstood(f"{', '.join(map(_name, files))}: no rows. Give a file with a JSON object a line.")
        names = list(ids)
        del ids
        clusters = gathering.clusters(texts.read, versions=versions)
    for cluster in clusters:
        print(f"[{', '.join(names[number] for number in cluster)}]")  # noqa: T201
    ignored = "".join(f"; {field} not understood, and left out: {count:,}" for field, count in unread.items() if count)
    together = sum(map(len, clusters))
    err().print(f"{_count(len(names), 'row')}, {together:,} of them in {_count(len(clusters), 'cluster')}{ignored}")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class _Row:
    """A line that holds an object with an id and a text: the id as JSON, and where it stood."""

    where: str
    id: str
    fields: dict[str, Any]

    def refuse(self, why: str) -> NoReturn:
        raise NotUnderstood(f"{self.where}: {why}.")

    def told(self, unread: dict[str, int]) -> tuple[Told, str]:
        """The story with its text cleaned, and its address; counts in `unread` what is there but cannot be read."""
        text = "\n\n".join(block.text for block in clean([self.fields["text"]]).kept)
        url = self._string("url")
        site = registered_domain(url)
        if url and not site:
            unread["url"] += 1
            url = ""
        published = None
        if said := self._string("published"):
            try:
                published = datetime.fromisoformat(said)
                published = published.astimezone(UTC) if published.tzinfo else published.replace(tzinfo=UTC)
            except (ValueError, OverflowError):
                unread["published"] += 1
        return Told(text, self._string("title"), site=site, published=published), url

    def _string(self, field: str) -> str:
        value = self.fields.get(field)
        if value is not None and not isinstance(value, str):
            self.refuse(f'"{field}" is no string. Write it as one, or leave it out')
        return value or ""


def _rows(files: Iterable[str]) -> Iterator[_Row]:
    for name in files:
        with _opened(name) as lines:
            for number, line in enumerate(lines, 1):
                if line := line.removeprefix(_BOM).strip():
                    yield _row(f"{_name(name)}:{number}", line)


def _name(file: str) -> str:
    return "stdin" if file == "-" else file


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - an error of the caller is none of this file
    except OSError as error:
        raise NotUnderstood(f"{name}: cannot be read: {error.strerror}. Give a file of JSON lines, or -.") from error
    with file:
        yield file


def _row(where: str, line: bytes) -> _Row:
    try:
        fields = json.loads(line.decode(), parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise NotUnderstood(
            f"{where}: is not UTF-8 ({error.reason} at byte {error.start + 1}). Convert it, as with iconv."
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"{where}: is not JSON ({error}). Write one object a line.") from error
    if not isinstance(fields, dict):
        raise NotUnderstood(f'{where}: is no JSON object. Write {{"id": …, "text": …}}.')
    if fields.get("id") is None or isinstance(fields["id"], dict | list):
        raise NotUnderstood(f'{where}: has no "id". Give each row a string or a number of its own.')
    if not isinstance(fields.get("text"), str):
        raise NotUnderstood(f'{where}: has no "text". Give each row its text as a string.')
    return _Row(where, _printable(fields["id"]), fields)


def _printable(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return written if written.isprintable() else json.dumps(value)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(written: str) -> float:
    number = float(written)
    if not isfinite(number):
        raise ValueError(f"{written} is larger than any number")
    return number


class _Texts:
    """Stories in a temporary file, by their numbers: they would take more memory than all the rest."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._places = array("Q")

    def append(self, told: Told) -> None:
        self._places.append(self._spool.tell())
        published = told.published and told.published.isoformat()
        self._spool.write(json.dumps([told.text, told.title, told.site, published]).encode() + b"\n")

    def read(self, number: int) -> Told:
        self._spool.seek(self._places[number])
        text, title, site, published = json.loads(self._spool.readline())
        return Told(text, title, site=site, published=published and datetime.fromisoformat(published))
