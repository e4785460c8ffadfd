"""What the clock runs: the jobs, and for whom they are set up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsbot.config import default_home, variables
from newsbot.errors import ConfigError

PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""Variables besides newsbot's own that a crawl heeds."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command that the clock runs. `name` is its unit's, `words` stand behind `newsbot`, `minutes` is the interval:
    a part of an hour without a rest, so that it is the same in every time zone and on the days when clocks change."""

    name: str
    about: str
    words: tuple[str, ...]
    minutes: int


JOBS = (Job("newsbot", "crawl the news sites that are due", ("crawl", "--due", "--quiet"), 5),)
"""Each holds what it works on by itself, and ends in silence where another is at work: no flock(1) around it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """For whom the jobs are set up: the command that is newsbot (absolute), its home, and the variables it is given.

    Raises ConfigError for what neither a crontab nor a unit can hold."""

    command: tuple[str, ...]
    home: str
    variables: Mapping[str, str]

    def __post_init__(self) -> None:
        said = {"the newsbot command": " ".join(self.command), "NEWSBOT_HOME": self.home, **self.variables}
        for name, value in said.items():
            if not value.isprintable():
                raise ConfigError(
                    f"{name}: has a line end or another character in it that no crontab or unit can hold. "
                    "Move it to a name without, or set it in newsbot.toml."
                )


def here(environment: Mapping[str, str] = os.environ) -> Setup:
    """The setup of this newsbot, in this environment: its `NEWSBOT_` variables and proxies go with it.

    Raises ConfigError for what neither a crontab nor a unit can hold."""
    given = {
        name: value
        for name, value in sorted(environment.items())
        if value and name != "NEWSBOT_HOME" and (name in variables() or name in PROXIES)
    }
    return Setup(_command(), str(default_home()), given)


def _command() -> tuple[str, ...]:
    """The script that pip makes, beside the Python that runs this. Else that Python, which is to look for newsbot
    where it is installed (-P) and not in the folder that cron happens to start it in."""
    script = Path(sys.executable).with_name("newsbot")
    return (str(script),) if os.access(script, os.X_OK) else (sys.executable, "-P", "-m", "newsbot")
