"""The HTTP API: the questions of the command line, under the same names, as JSON with an OpenAPI description."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import chain, islice
from typing import Annotated, Any, cast

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from newsbot import __version__
from newsbot.errors import ConfigError, NewsbotError, QueryError, SiteError, StoreError
from newsbot.fingerprint import likeness
from newsbot.formats import json_line, write_csv, write_jsonl
from newsbot.store import (
    EXPORT_FIELDS,
    DayCount,
    Reader,
    RemovedCount,
    RunRow,
    Scheduled,
    SiteProfile,
    SiteRow,
    StoryFull,
)
from newsbot.web.reading import MOST_COMPARED
from newsbot.web.rendering import Rendering
from newsbot.web.schemas import (
    LONGEST_URL,
    Format,
    HealthAnswer,
    HitPage,
    Problem,
    RunPage,
    Span,
    StoryPage,
    SurveyAnswer,
    WantedHits,
    WantedRuns,
    WantedStories,
    WantedStream,
    WantedSurvey,
)
from newsbot.web.watching import Watching, state

_STATUS: dict[type[NewsbotError], int] = {QueryError: 400, SiteError: 404, StoreError: 503, ConfigError: 503}
_CHUNK = 50  # stories that are sent in one piece
_MEDIA = {Format.JSONL: "application/x-ndjson", Format.CSV: "text/csv; charset=utf-8"}
_ABOUT = """The stories that newsbot keeps, as `newsbot serve` gives them out: to be read, never written.

Instants are UTC, in ISO 8601. Pages are cut with cursors: give `after` the `next` of the page before. Answers in one
piece have an ETag. What is wrong is told as `application/problem+json`."""

_Number = Annotated[int, Path(ge=1, lt=1 << 63, description="Its number.")]
_Key = Annotated[str, Path(max_length=200, description="The site's key.")]


def status_of(error: Exception) -> int:
    """The HTTP status of an error of ours."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def make_api(read: Reader, watching: Watching, rendering: Rendering) -> FastAPI:
    """The application that is mounted under /api/v1."""
    # What every question may end with: it is malformed, nothing is there, the database does not answer.
    wrong: dict[int | str, dict[str, Any]] = {
        status: {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                 "description": told}
        for status, told in ((400, "The question is malformed"), (404, "There is no such thing"),
                             (422, "A parameter is none, or not of its kind"), (503, "The database does not answer"))
    }  # fmt: skip
    wrong[414] = {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The address is too long"}
    api = _Api(
        title="newsbot", version=__version__, description=_ABOUT, docs_url=None, redoc_url=None, responses=wrong,
        servers=[{"url": "/api/v1"}], root_path_in_servers=False,
    )  # fmt: skip
    for kind in (HTTPException, RequestValidationError, NewsbotError):
        api.add_exception_handler(kind, problem)

    @api.get("/", include_in_schema=False)
    def index(request: Request) -> Response:
        return rendering.page(request, "api.html", api=api.openapi())

    @api.get("/stories", tags=["stories"], response_model=StoryPage)
    def stories(wanted: Annotated[WantedStories, Query()]) -> Response:
        """Stories, newest first, each once: `newsbot stories`."""
        asked = wanted.question()
        rows = asked.rows(read, asked.filters(limit=wanted.limit, after=wanted.after or None))
        return _json({"stories": [asdict(row) for row in rows], "next": rows.next})

    @api.get("/search", tags=["stories"], response_model=HitPage)
    def search(wanted: Annotated[WantedHits, Query()]) -> Response:
        """Stories that hold what is searched for, with the passage: `newsbot search`."""
        asked = wanted.question()
        rows = asked.rows(read, asked.filters(limit=wanted.limit, after=wanted.after or None))
        return _json({"stories": [asdict(row) for row in rows], "next": rows.next})

    @api.get("/survey", tags=["stories"], response_model=SurveyAnswer)
    def survey(wanted: Annotated[WantedSurvey, Query()]) -> Response:
        """How many stories there are, by site, language, access, and hour: all of them, or those that are searched
        for."""
        asked = wanted.question()
        found = asdict(asked.survey(read, asked.filters()))
        hours = [{"hour": hour, "stories": number} for hour, number in found.pop("hours").items()]
        return _json(found | {"hours": hours})

    streams = {
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}}}
    }

    @api.get("/export", tags=["stories"], response_class=StreamingResponse, responses={200: streams})
    def export(wanted: Annotated[WantedStream, Query()]) -> Response:
        """All stories of an answer with their texts, one after the other: `newsbot export`."""
        asked = wanted.question()
        filters = asked.filters(limit=wanted.limit)
        rows = read.export_found(asked.q, filters) if asked.q else read.export(filters)
        written = _written(rows, wanted.format)
        return StreamingResponse(written, media_type=_MEDIA[wanted.format])

    @api.get("/stories/{number}", tags=["stories"], response_model=StoryFull)
    def story(number: _Number) -> Response:
        """One story with its text, versions, what was taken out, and its copies: `newsbot show --json`."""
        return _story(read.story(number), str(number))

    @api.get("/story", tags=["stories"], response_model=StoryFull)
    def story_at(url: Annotated[str, Query(max_length=LONGEST_URL, description="Any of its addresses.")]) -> Response:
        """The same by an address."""
        return _story(read.story(url), url)

    @api.get("/stats", tags=["stories"], response_model=list[DayCount])
    def stats(wanted: Annotated[Span, Query()]) -> Response:
        """Stories by site and day: `newsbot stats --json`."""
        return _json([asdict(each) for each in read.daily(wanted.site, *wanted.ends())])

    @api.get("/stats/removed", tags=["stories"], response_model=list[RemovedCount])
    def removed(wanted: Annotated[Span, Query()]) -> Response:
        """What was taken out of these stories, by site and kind: `newsbot stats --removed --json`."""
        return _json([asdict(each) for each in read.removed(wanted.site, *wanted.ends())])

    @api.get("/sites", tags=["sites and runs"], response_model=list[SiteRow])
    def sites() -> Response:
        """All sites that were ever visited."""
        return _json([asdict(each) for each in read.sites()])

    @api.get("/sites/{key}/profile", tags=["sites and runs"], response_model=SiteProfile)
    def profile(key: _Key) -> Response:
        """What a site's stories have taught of it: `newsbot sites profile --json`."""
        found = read.site_profile(key)
        if found is None:
            raise SiteError(f"nothing was ever crawled from a site {key!r}. Look at /sites for those that there are.")
        return _json(asdict(found))

    @api.get("/schedule", tags=["sites and runs"], response_model=list[Scheduled])
    def schedule() -> Response:
        """When each site is due, and why."""
        return _json([asdict(each) for each in read.schedule()])

    @api.get("/runs", tags=["sites and runs"], response_model=RunPage)
    def runs(wanted: Annotated[WantedRuns, Query()]) -> Response:
        """The last crawls, newest first: `newsbot runs --json`."""
        found = read.runs(wanted.limit + 1, wanted.site, before=wanted.before)
        shown = found[: wanted.limit]
        more = shown[-1].id if len(found) > len(shown) else None
        return _json({"runs": [asdict(run) for run in shown], "next": more})

    @api.get("/runs/{number}", tags=["sites and runs"], response_model=RunRow)
    def run(number: _Number) -> Response:
        """One crawl, site by site."""
        found = read.runs(1, (), number)
        if not found:
            raise HTTPException(404, f"There is no run {number}.")
        return _json(asdict(found[0]))

    @api.get("/health", tags=["sites and runs"], response_model=HealthAnswer)
    def health() -> Response:
        """What is wrong: `newsbot health --json`, at most a minute old."""
        watch = watching.look()
        alarms = [asdict(alarm) | {"advice": alarm.advice} for alarm in watch.alarms]
        said = {"state": state(watch.alarms), "at": watch.facts.now, "sites": len(watch.facts.sites)}
        return _json(said | {"alarms": alarms})

    return api


class _Api(FastAPI):
    """FastAPI, whose description knows the problems that ours tells."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            made = super().openapi()
            made["components"]["schemas"]["Problem"] = Problem.model_json_schema()
            for name in ("HTTPValidationError", "ValidationError"):
                made["components"]["schemas"].pop(name, None)
        return cast(dict[str, Any], self.openapi_schema)


def _json(value: Any, status: int = 200, media: str = "application/json") -> Response:
    return Response(json_line(value), status, media_type=media)


def _story(found: StoryFull | None, wanted: str) -> Response:
    if found is None:
        raise HTTPException(404, f"There is no story {wanted}.")
    values = asdict(found)
    for kind in ("copies", "states"):
        for relative, each in list(zip(getattr(found, kind), values[kind], strict=True))[:MOST_COMPARED]:
            compared = likeness(found.text, relative.text)
            each |= {"shared": round(compared.containment, 3), "longest_run": compared.longest_run}
    return _json(values)


def _written(rows: Iterator[dict[str, Any]], format: Format) -> Iterator[str]:  # noqa: A002 - the parameter's name
    """Exported stories as text, in pieces. The first are read before anything is sent, so that what is wrong with the
    question can still be told."""
    first = next(rows, None)
    return _pieces(chain([first] if first is not None else [], rows), format)


def _pieces(rows: Iterable[dict[str, Any]], format: Format) -> Iterator[str]:  # noqa: A002
    remaining = iter(rows)
    head = format is Format.CSV
    while (several := list(islice(remaining, _CHUNK))) or head:
        piece = io.StringIO(newline="")
        if format is Format.CSV:
            write_csv(several, EXPORT_FIELDS, piece, head=head)
        else:
            write_jsonl(several, piece)
        head = False
        yield piece.getvalue()


def problem(_request: Request, error: Exception) -> Response:
    """What was wrong, as RFC 9457 has it."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        status, detail = 422, f"{where}: {first['msg']}"
    elif isinstance(error, HTTPException):
        status, detail = error.status_code, str(error.detail)
    else:
        status, detail = status_of(error), str(error)
    title = {400: "Malformed", 404: "Not found", 405: "Only to be read", 422: "Malformed"}.get(status, "Not now")
    return _json({"title": title, "status": status, "detail": detail}, status, "application/problem+json")
