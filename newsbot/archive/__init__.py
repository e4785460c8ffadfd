"""WARC files (ISO 28500): pages as they were fetched.

files.py       what a file is called, and who has it for itself
writing.py     answers go to files of this machine's own
reading.py     a file gives its captures, a capture the page that it holds
noarchive.py   whether a page asks not to be kept
retention.py   old files go, and with them what refers to them

The package FastWARC is an extra (`archive`); only what reads or writes a file imports it.
The room knows neither Scrapy nor the database, nor which sites there are.
"""

from __future__ import annotations

from importlib.util import find_spec

from newsbot.errors import ConfigError


def is_installed() -> bool:
    """Whether the package that reads and writes WARC is installed."""
    return find_spec("fastwarc") is not None


def check_installed(wanted_by: str) -> None:
    """Raises ConfigError, which names who wants it, where the package that reads and writes WARC is not installed."""
    if not is_installed():
        raise ConfigError(
            f'{wanted_by}: needs FastWARC, which is not installed. Install it with: pip install "newsbot[archive]"'
        )
