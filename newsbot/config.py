"""Settings: where newsbot keeps its things, how far it may go. From the environment and newsbot.toml, validated once.

`NEWSBOT_HOME` (default `~/.newsbot`) holds the database, the user's site files, the log, the locks and `newsbot.toml`.
Each setting is a key of that file, and a variable `NEWSBOT_` + its name in upper case; the variable wins.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from newsbot import __version__
from newsbot.errors import ConfigError

FILE = "newsbot.toml"


def default_home() -> Path:
    """The folder that `NEWSBOT_HOME` names, or `~/.newsbot`. Raises ConfigError where `~` is nobody's."""
    return _absolute(Path(os.environ.get("NEWSBOT_HOME") or "~/.newsbot"))


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ConfigError(f"{path}: {error} Set NEWSBOT_HOME to a whole path.") from error


def _names(value: object) -> object:
    """Names in one text, parted by commas, as a variable holds them."""
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


def _http(value: str) -> str:
    """An address for GET or POST, or nothing. One with a space in it would be told, whole, by who cannot send it."""
    if value and not (_parts(value, "http", "https") and value.isprintable() and " " not in value):
        raise ValueError("is no address; write it like https://example.org/path")
    return value


def _smtp(value: str) -> str:
    if not _parts(value, "smtp", "smtps"):
        raise ValueError("is no mail server; write it like smtp://user:password@mail.example.org:587")
    return value


def _parts(url: str, *schemes: str) -> bool:
    """Whether it is a URL of one of these schemes, with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None


_SECRETS = ("database_url", "ping_url", "webhook_url", "smtp_url", "serve_token")  # their values are not shown


class Settings(BaseModel):
    """All settings, with their defaults. Times are seconds, sizes bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=default_home,
        description="the folder of the database, site files, log, locks and newsbot.toml; only in the environment",
    )
    database_url: str = Field(
        default="", repr=False, description="SQLAlchemy URL; without it newsbot.db in the home folder, with SQLite"
    )
    contact: str = Field(
        default="", description="web or mail address at which site owners reach you; it stands in the User-Agent"
    )
    catalogue: bool = Field(default=True, description="crawl the sites that come with newsbot, besides your own")
    allow_private: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        default=(),
        description="hosts and networks of your own that may be crawled, such as intranet.example or 10.1.0.0/16",
    )
    delay: float = Field(
        default=1.0,
        ge=0,
        le=3600,
        description="seconds between two requests to a host, where the site's file gives none; "
        "a file cannot go below a quarter of a second, only this setting can",
    )
    timeout: float = Field(default=30.0, gt=0, le=600, description="seconds in which a host must have answered")
    retries: int = Field(default=2, ge=0, le=10, description="further tries where a host fails or does not answer")
    sites_at_once: int = Field(default=32, ge=1, le=500, description="sites that are crawled at the same time")
    visit_seconds: float = Field(
        default=3600.0, gt=0, description="how long one visit to a site may take; what is left waits for the next"
    )
    shortest_interval: float = Field(
        default=300.0, ge=60, le=3600, description="least seconds between two visits to a site by crawl --due"
    )
    longest_interval: float = Field(
        default=86_400.0,
        ge=3600,
        le=30 * 86_400,
        description="most seconds between two visits to a site by crawl --due",
    )
    stories_per_visit: int = Field(
        default=500, ge=1, description="at most so many new stories of a site in one run, the newest first"
    )
    workers: int = Field(default=0, ge=0, le=256, description="processes that read pages; 0: one a core")
    page_bytes: int = Field(default=10_000_000, ge=10_000, le=1 << 30, description="the largest answer that is read")
    page_seconds: float = Field(default=30.0, gt=0, description="how long one page may be worked on")
    log_bytes: int = Field(
        default=10_000_000, ge=10_000, description="size at which log/newsbot.log begins anew; five older files stay"
    )
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = Field(
        default="INFO", description="the least that is logged"
    )
    archive: bool = Field(
        default=False,
        description="whether the pages of stories are kept as fetched, where the site's file says nothing",
    )
    archive_days: Annotated[int, Field(ge=1, le=36_500)] | None = Field(
        default=None, description="how many days such pages are kept; without it for ever"
    )
    archive_bytes: Annotated[int, Field(ge=1_000_000)] | None = Field(
        default=None,
        description="how large all of them may be together, the oldest go first; without it as large as they get",
    )
    log_format: Annotated[str, Field(pattern="^(text|json)$")] = Field(
        default="text", description="json: one JSON object a line"
    )
    metrics_file: Annotated[Path, AfterValidator(_absolute)] | None = Field(
        default=None, description="written after each run, for Prometheus's node_exporter: a name that ends with .prom"
    )
    ping_url: Annotated[str, AfterValidator(_http)] = Field(
        default="", repr=False, description="asked for (GET) after each run that went through: a dead man's switch"
    )
    webhook_url: Annotated[str, AfterValidator(_http)] = Field(
        default="", repr=False, description="is sent (POST, JSON) what is wrong with sites, and what is over"
    )
    mail_to: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        default=(), description="mail addresses that are told the same"
    )
    mail_from: str = Field(default="", description="the sender of these mails; without it newsbot@ this machine")
    smtp_url: Annotated[str, AfterValidator(_smtp)] = Field(
        default="smtp://localhost",
        repr=False,
        description="the mail server: smtp://user:password@mail.example.org:587, or smtps://",
    )

    serve_token: str = Field(default="", repr=False, description="what visitors of `newsbot serve` have to bring")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stand in any log: addresses that are a secret, and passwords within others."""
        urls = [self.database_url, self.smtp_url]
        passwords = [_password(url) for url in urls]
        return tuple(filter(None, [self.ping_url, self.webhook_url, self.serve_token, *passwords]))

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.home / 'newsbot.db'}"

    @property
    def sites_folder(self) -> Path:
        """Where the user's own site files are."""
        return self.home / "sites"

    @property
    def log_file(self) -> Path:
        """The log; older ones stand beside it with a number behind."""
        return self.home / "log" / "newsbot.log"

    @property
    def archive_folder(self) -> Path:
        """Where the pages are that are kept as fetched."""
        return self.home / "archive"

    @property
    def locks_folder(self) -> Path:
        """Where crawls at work are entered, with the sites that they hold."""
        return self.home / "locks"

    @property
    def user_agent(self) -> str:
        """What newsbot calls itself to the sites it visits."""
        contact = self.contact or "no contact given; set NEWSBOT_CONTACT"
        return f"newsbot/{__version__} (+{contact})"


def load() -> Settings:
    """The settings in force: of the environment, and of newsbot.toml in the home folder that it names.

    Raises ConfigError, naming the file or variable, the key, and the cure.
    """
    file = default_home() / FILE
    values: dict[str, object] = {}
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        pass  # every setting has a default
    except NotADirectoryError as error:
        raise ConfigError(
            f"{file.parent}: is no folder. Set NEWSBOT_HOME to one, or to where one may be made."
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read as TOML: {error}. Mend or remove the file.") from error
    known = set(Settings.model_fields) - {"home"}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigError(
            f"{file}: unknown key {unknown[0]!r}. Correct it, or remove the line. "
            f"Known keys: {', '.join(sorted(known))}."
        )
    said = {key: value for key in known if (value := os.environ.get(_variable(key)))}  # an empty one says nothing
    try:
        return Settings.model_validate(values | said)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = _variable(key) if key in said else f"{file}: {key}"
        got = "" if key in _SECRETS else f", got {first['input']!r}"
        raise ConfigError(f"{where}: {first['msg']}{got}. Correct the value.") from error


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A line for each variable that is called like a setting and is none: most likely a slip."""
    known = variables()
    lines = []
    for name in sorted(name for name in environment if name.startswith("NEWSBOT_") and name not in known):
        near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.8)
        lines.append(f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    return lines


def variables() -> frozenset[str]:
    """The names of the variables that newsbot heeds."""
    return frozenset(map(_variable, Settings.model_fields))


def _variable(key: str) -> str:
    return f"NEWSBOT_{key.upper()}"
