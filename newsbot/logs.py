"""The log: its file, how a line looks, and of which run and site it tells.

    2026-11-24T18:02:11.240Z WARNING run=12 site=a.example newsbot.tally: the visit could not be recorded
    {"at": "2026-11-24T18:02:11.240Z", "level": "WARNING", "run": 12, "site": "a.example", "logger": ..., ...}

An event is one line: control characters of what pages and servers say are escaped, so that none can write a line of its
own. In plain text a traceback follows its line, indented; in JSON it stands within.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import Any

from newsbot.config import Settings
from newsbot.errors import StoreUnavailable

FILES = 5
"""Older logs that are kept beside the one that is written."""

run: ContextVar[int | None] = ContextVar("run", default=None)
"""The run that is going on."""
site: ContextVar[str | None] = ContextVar("site", default=None)
"""The site that is visited: tasks and callbacks inherit it from whoever starts them."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_STANDARD = frozenset({**vars(logging.makeLogRecord({})), "message": "", "asctime": "", "spider": "", "taskName": ""})


def log_to(settings: Settings) -> None:
    """Send the log to its file, rotated by size. Raises StoreUnavailable where the file cannot be written."""
    try:
        settings.log_file.parent.mkdir(parents=True, exist_ok=True)
        handler = _Log(settings.log_file, maxBytes=settings.log_bytes, backupCount=FILES, encoding="utf-8")
    except OSError as error:
        raise StoreUnavailable(
            f"{settings.log_file}: cannot be written: {error.strerror}. Check the folder."
        ) from error
    handler.setFormatter((Json if settings.log_format == "json" else Plain)(settings.secrets))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(settings.log_level)


class _Log(RotatingFileHandler):
    """The log file; where it cannot be written, that is said once on stderr, and the crawl goes on."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Told instead of a traceback a line."""
        if not self._told:
            self._told = True
            sys.stderr.write(f"newsbot: {self.baseFilename}: cannot be written: {sys.exc_info()[1]}\n")


class _Formatter(logging.Formatter):
    """What both forms share: of which run and site a record tells, and what is kept out of it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted(secrets, key=len, reverse=True)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _context(self, record: logging.LogRecord) -> dict[str, Any]:
        spider = getattr(record, "spider", None)  # Scrapy's own records carry it
        told = site.get() or getattr(getattr(spider, "site", None), "key", None)
        return {name: value for name, value in (("run", run.get()), ("site", told)) if value is not None}

    def _traceback(self, record: logging.LogRecord) -> str:
        return self._clean(self.formatException(record.exc_info)) if record.exc_info else ""


class Plain(_Formatter):
    """Text for people, and grep."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        context = "".join(f" {name}={value}" for name, value in self._context(record).items())
        said = _CONTROL.sub(_escaped, self._clean(record.getMessage()))
        lines = self._traceback(record).splitlines()
        return "\n".join(
            [
                f"{_instant(record)} {record.levelname}{context} {record.name}: {said}",
                *(f"    {_CONTROL.sub(_escaped, line)}" for line in lines),
            ]
        )


class Json(_Formatter):
    """One JSON object a line; what a record carries besides (`extra`) are keys of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        values: dict[str, Any] = {"at": _instant(record), "level": record.levelname, **self._context(record)}
        values |= {"logger": record.name, "message": self._clean(record.getMessage())}
        if traceback := self._traceback(record):
            values["traceback"] = traceback
        values |= {name: value for name, value in vars(record).items() if name not in _STANDARD and name not in values}
        line = self._clean(json.dumps(values, ensure_ascii=False, default=str))
        return _CONTROL.sub(_unicode_escape, line)  # those that JSON lets through, and some readers end a line at


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _escaped(match: re.Match[str]) -> str:
    return {"\n": r"\n", "\r": r"\r", "\t": r"\t"}.get(match[0], f"\\x{ord(match[0]):02x}")


def _unicode_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
