"""What a site is: where its stories are announced, which addresses are stories, and what its markup is called."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cssselect import HTMLTranslator, SelectorError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)

from newsbot.fingerprint import canonicalise
from newsbot.looks import LOOKS, span
from newsbot.sites import calendar

KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9.-]*")
NEVER_ONLINE = "never online"

# An escaped character, or a set of characters: in them, brackets and repeats mean themselves.
_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
# Repeats within repeats are what makes Python's matching exponential; an identifier needs none.
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_REPEATED_DOT = re.compile(r"\.[*+{]")
LONGEST_ID = 200
"""Characters of an identifier in an address; what is longer is none."""
_LONGEST_SEARCHED = 1000  # characters of an address: what is not exponential is soon through them

# The shape of RFC 5646, section 2.1, without its registry: a language of two or three letters, then subtags.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_COUNTRY = re.compile(r"[A-Z]{2}")


def _key(value: str) -> str:
    if not KEY_PATTERN.fullmatch(value):
        raise ValueError("must begin with a lower-case letter or a digit and hold only those, dots and hyphens")
    return value


def _name(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; give the name that readers know the site by")
    return value.strip()


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or re.search(r"[\s<>\"\\]", value):
        raise ValueError("is no web address; write it in full, like https://example.org/rss")
    return value


def _calendar(value: str) -> str:
    _url(calendar.address(calendar.check(value)))
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression: {error}; in TOML, put it in 'single quotes'") from error
    return value


def _story_id(value: str) -> str:
    pattern = re.compile(_pattern(value))
    if pattern.groups != 1:
        raise ValueError(
            f"has {pattern.groups} groups; put (brackets) around the identifier alone, and write others as (?:...)"
        )
    plain = _ESCAPED.sub("x", value)
    if _REPEATED_GROUP.search(plain):
        raise ValueError(
            "repeats a group, which may take for ever; put the whole identifier into one group, like '-(\\d+)$'"
        )
    if len(_REPEATED_DOT.findall(plain)) > 1:
        raise ValueError("repeats a dot twice, which may take very long; write what stands between, as in '[^/]+'")
    if pattern.search(""):
        raise ValueError("is found in an empty address too; say what the identifier looks like, as in '-(\\d+)$'")
    return value


def _selector(value: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(value)
    except SelectorError as error:
        raise ValueError(f"is no CSS selector: {error}; write it like 'div.article__content > p'") from error
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("is no BCP 47 language tag; write it like en, pt-BR or zh-Hans")
    return value.lower()


def _timezone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is no time zone of the IANA database; write it like Europe/Berlin") from error
    return value


def _country(value: str) -> str:
    if not _COUNTRY.fullmatch(value):
        raise ValueError("is no country code of ISO 3166; write its two capital letters, like DE")
    return value


def _verified(value: object) -> object:
    if isinstance(value, str) and value != NEVER_ONLINE:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f'is neither a day like 2026-11-01 nor "{NEVER_ONLINE}"') from error
    return value


def _looks(value: object) -> object:
    # Only what TOML gives is read here; what is wrong in other ways the type tells.
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(sorted(map(span, value)))
    return value


Url = Annotated[str, AfterValidator(_url)]
Pattern = Annotated[str, AfterValidator(_pattern)]
StoryId = Annotated[str, AfterValidator(_story_id)]
Selector = Annotated[str, AfterValidator(_selector)]
# TOML's arrays arrive as lists, which a strict model would refuse where a tuple is meant.
Urls = Annotated[tuple[Url, ...], Field(strict=False)]
Calendar = Annotated[tuple[Annotated[str, AfterValidator(_calendar)], ...], Field(strict=False)]
Patterns = Annotated[tuple[Pattern, ...], Field(strict=False)]
Selectors = Annotated[tuple[Selector, ...], Field(strict=False)]
Looks = Annotated[tuple[timedelta, ...], BeforeValidator(_looks)]


class SourceKind(StrEnum):
    """How a source announces stories."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Source:
    """One address at which a site announces its stories."""

    kind: SourceKind
    url: str


_SOURCE_KEYS = {"feeds": SourceKind.FEED, "sitemaps": SourceKind.SITEMAP, "sections": SourceKind.SECTION}


class Select(BaseModel):
    """CSS selectors for a site whose pages need them; where one is None, the general extraction decides."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    body: Selector | None = Field(default=None, description="the element that holds the text")
    title: Selector | None = Field(default=None, description="the headline")
    standfirst: Selector | None = Field(default=None, description="the lines below it")
    authors: Selector | None = Field(default=None, description="an element for each author, or one for all")
    published: Selector | None = Field(default=None, description="the date and time of publication")
    remove: Selectors = Field(
        default=(), description="a list: elements that are taken out of the page before anything else is read"
    )


class Site(BaseModel):
    """A news site: what its file says, by the file's keys; the fields' descriptions are what users read.

    `key` is the stem of the file. None where a file says nothing: no language, UTC, the settings' delay, kept for ever.

    Raises pydantic.ValidationError; `newsbot.sites.load_site` turns it into a SiteError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key: Annotated[str, AfterValidator(_key)]
    name: Annotated[str, AfterValidator(_name)] = Field(description="the name that readers know the site by")
    home: Url = Field(description="the address of its front page")
    language: Annotated[str, AfterValidator(_language)] | None = Field(
        default=None, description="a BCP 47 tag, for stories whose page does not say"
    )
    timezone: Annotated[str, AfterValidator(_timezone)] | None = Field(
        default=None,
        description="an IANA name; times that a page gives without an offset are read in it, otherwise in UTC",
    )
    country: Annotated[str, AfterValidator(_country)] | None = Field(
        default=None, description="an ISO 3166 code of two letters"
    )
    feeds: Urls = Field(default=(), description="RSS, Atom, RDF or JSON feeds")
    sitemaps: Urls = Field(
        default=(),
        description="sitemaps, news sitemaps or indexes of them, also gzipped; of an index the ten newest are read",
    )
    sections: Urls = Field(default=(), description="pages of links, such as a section's front page")
    calendar: Calendar = Field(
        default=(),
        description="archive pages, which list the stories of a day or a month, for `newsbot backfill`: addresses with "
        "{year}, {month} or {month:02}, and for a day {day} or {day:02} in the place of the numbers",
    )
    take: Patterns = Field(
        default=(),
        description="regular expressions; an address must match one of them, if there are any, to be a story",
    )
    skip: Patterns = Field(default=(), description="regular expressions; an address that matches one is none")
    story_id: StoryId | None = Field(
        default=None,
        description="a regular expression with one group, which holds what identifies a story in its addresses, "
        "such as '-(\\d+)$'",
    )
    delay: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] | None = Field(
        default=None,
        description="seconds between two requests, where the setting delay is not to hold; "
        "less than a quarter of a second has to be allowed by that setting",
    )
    enabled: bool = Field(default=True, description="false: only crawled when named on the command line")
    archive: bool | None = Field(
        default=None, description="whether its pages are kept as fetched; without it the setting `archive` holds"
    )
    look_again: Looks = Field(
        default=tuple(map(span, LOOKS)),
        description="the ages at which a story is looked at again after its publication; [] for never",
    )
    keep_days: Annotated[int, Field(ge=1, le=36_500)] | None = Field(
        default=None, description="stories dated more days ago are forgotten; without it they are kept for ever"
    )
    select: Select = Field(
        default=Select(),
        description="CSS selectors for pages on which the general extraction goes wrong; "
        "where one matches, it wins over everything",
    )
    verified: Annotated[date | Literal["never online"], BeforeValidator(_verified)] | None = Field(
        default=None, description='the day on which somebody last saw the file work, or "never online"'
    )

    _sources: tuple[Source, ...] = PrivateAttr(default=())
    _take: tuple[re.Pattern[str], ...] = PrivateAttr(default=())
    _skip: tuple[re.Pattern[str], ...] = PrivateAttr(default=())
    _story_id: re.Pattern[str] | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _prepare(cls, data: Any, handler: ModelWrapValidatorHandler[Site]) -> Site:
        """Remember the order in which the sources were declared, which the fields alone have lost."""
        site = handler(data)
        if isinstance(data, Mapping):
            declared = [(_SOURCE_KEYS[key], key) for key in data if key in _SOURCE_KEYS]
            sources = [Source(kind, url) for kind, key in declared for url in getattr(site, key)]
            site._sources = tuple(dict.fromkeys(sources)) or (Source(SourceKind.HOME, site.home),)
            site._take = tuple(re.compile(pattern) for pattern in site.take)
            site._skip = tuple(re.compile(pattern) for pattern in site.skip)
            site._story_id = re.compile(site.story_id) if site.story_id else None
        return site

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where stories are announced, each address once, as declared; with nothing declared, the home page."""
        return self._sources

    def switched(self, enabled: bool) -> Site:
        """The same site, enabled or not."""
        return self.model_copy(update={"enabled": enabled})

    def allows(self, url: str) -> bool:
        """Whether `take` and `skip` let the address through: no `skip` is found in it, and one of `take`, if any."""
        if any(pattern.search(url) for pattern in self._skip):
            return False
        return not self._take or any(pattern.search(url) for pattern in self._take)

    def id_in(self, url: str) -> str:
        """What identifies the story in an address, as `story_id` finds it in the canonical form of `url`; "" where it
        finds nothing, where no `story_id` is declared, and for what is no address."""
        if self._story_id is None:
            return ""
        try:
            address = canonicalise(url)
        except ValueError:
            return ""
        found = self._story_id.search(address) if len(address) <= _LONGEST_SEARCHED else None
        said = (found[1] or "") if found else ""
        return said if len(said) <= LONGEST_ID else ""
