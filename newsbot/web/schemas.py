"""What the API takes and gives, as pydantic models. The rows of `newsbot.store` stand in its answers as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from newsbot.items import Access
from newsbot.moments import moment
from newsbot.store import Hit, RunRow, Sort, StoryRow
from newsbot.web.asking import LONGEST, MOST_SITES, Question

MOST = 200
"""Stories of a page."""
LONGEST_SEARCH, LONGEST_CURSOR, LONGEST_URL = 1_000, 500, 2_000

_Name = Annotated[str, Field(max_length=LONGEST)]
_SINCE = "From then on: 2h, 3d, yesterday, 2026-11-24, 2026-11-24T08:30+01:00."
_SEARCH = 'Words; "a phrase"; one OR other; -without; begin*; title:word; (groups).'


class Wanted(BaseModel):
    """Which stories, under the names of the command line. What is left out, or empty, does not filter."""

    model_config = ConfigDict(extra="forbid")

    site: list[_Name] = Field(default=[], max_length=MOST_SITES, description="Only of these sites: their keys.")
    since: _Name = Field(default="", description=_SINCE)
    until: _Name = Field(default="", description="Before then.")
    language: _Name = Field(default="", description="Only in this language: en, de, pt-br. en takes en-gb too.")
    author: _Name = Field(default="", description="Only by this author: the whole name.")
    section: _Name = Field(default="", description="Only of this section of its site.")
    tag: _Name = Field(default="", description="Only with this tag.")
    access: Access | None = Field(default=None, description="Only what is served so.")
    copies: bool = Field(default=False, description="With copies, or of each story only the first.")

    def question(self) -> Question:
        """The question."""
        said = self.model_dump(exclude={"limit", "after", "format", "access", "sort"})
        said |= {"site": tuple(self.site), "access": self.access or ""}
        if sort := getattr(self, "sort", None):
            said["sort"] = str(sort)
        return Question(**said)


class _Paged(Wanted):
    sort: Sort = Field(default=Sort.NEWEST, description="In which order; relevance is for searches.")
    limit: Annotated[int, Field(ge=1, le=MOST)] = Field(default=20, description="At most so many.")
    after: str = Field(default="", max_length=LONGEST_CURSOR, description="The `next` of the page before.")


class Span(BaseModel):
    """Which sites, and when."""

    model_config = ConfigDict(extra="forbid")

    site: list[_Name] = Field(default=[], max_length=MOST_SITES, description="Only of these sites: their keys.")
    since: _Name = Field(default="30d", description=_SINCE)
    until: _Name = Field(default="", description="Before then.")

    def ends(self) -> tuple[datetime | None, datetime | None]:
        """Both ends as instants. Raises QueryError for what is none."""
        now = datetime.now(UTC)
        return (moment(self.since, now) if self.since else None), (moment(self.until, now) if self.until else None)


class WantedRuns(BaseModel):
    """A page of runs."""

    model_config = ConfigDict(extra="forbid")

    site: list[_Name] = Field(default=[], max_length=MOST_SITES, description="Only the parts of these sites.")
    limit: Annotated[int, Field(ge=1, le=MOST)] = Field(default=20, description="At most so many.")
    before: Annotated[int, Field(ge=1, lt=1 << 63)] | None = Field(
        default=None, description="Only those before it: the `next` of the page before."
    )


class WantedStories(_Paged):
    """A page of stories."""


class WantedHits(_Paged):
    """A page of what is found."""

    q: str = Field(min_length=1, max_length=LONGEST_SEARCH, description=_SEARCH)


class WantedSurvey(Wanted):
    """An answer as a whole."""

    q: str = Field(default="", max_length=LONGEST_SEARCH, description=_SEARCH)


class Format(StrEnum):
    """How a stream is written."""

    JSONL = "jsonl"
    CSV = "csv"


class WantedStream(WantedSurvey):
    """All stories of an answer, one after the other."""

    copies: bool = Field(default=True, description="With copies, or of each story only the first.")
    sort: Sort = Field(default=Sort.NEWEST, description="newest or oldest.")
    limit: Annotated[int, Field(ge=1)] | None = Field(default=None, description="At most so many.")
    format: Format = Field(default=Format.JSONL, description="One JSON object a line, or CSV.")


# -- answers -----------------------------------------------------------------------------------------------------------


class Problem(BaseModel):
    """What was wrong, as RFC 9457 has it."""

    title: str
    status: int
    detail: str


class StoryPage(BaseModel):
    """Stories; `next` is the cursor of the following page, for `after`."""

    stories: list[StoryRow]
    next: str | None


class HitPage(BaseModel):
    """Stories that were found. What was searched for stands in `snippet` between U+0002 and U+0003."""

    stories: list[Hit]
    next: str | None


class Hour(BaseModel):
    """Stories that are dated within the hour that begins then."""

    hour: datetime
    stories: int


class SurveyAnswer(BaseModel):
    """An answer as a whole. Where it is not `exact`, numbers are estimates."""

    stories: int
    exact: bool
    sites: dict[str, int]
    languages: dict[str, int]
    access: dict[str, int]
    hours: list[Hour]


class RunPage(BaseModel):
    """Runs; `next` is the number to give as `before`."""

    runs: list[RunRow]
    next: int | None


class AlarmAnswer(BaseModel):
    """Something that is wrong."""

    kind: str
    site: str | None
    level: str
    since: datetime
    evidence: str
    advice: str


class HealthAnswer(BaseModel):
    """What `newsbot health --json` says."""

    state: str
    at: datetime
    sites: int
    alarms: list[AlarmAnswer]
