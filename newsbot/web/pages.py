"""The pages that people read: what was searched for, and a story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from newsbot.archive import check_installed
from newsbot.config import Settings
from newsbot.errors import NewsbotError
from newsbot.store import Filters, Reader, Sort, StoryFull, StoryRow, Survey
from newsbot.web import feeds
from newsbot.web.asking import Question
from newsbot.web.plots import Bar, bars
from newsbot.web.reading import Comparison, blocks, compared, copies, editions, facts, link
from newsbot.web.rendering import Rendering

PAGE = 20
"""Stories of a page."""
FACETS = 12
"""Sites and languages that are offered to narrow an answer."""
FOLDED = 200
"""Copies that a page shows under its stories."""
DAYS = 7
FEED = 30
"""Stories of a feed."""

_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

PART = "x-newsbot-part"
"""The header with which the script says that it wants the stories alone."""


Choice = tuple[str, int, str]
"""What an answer can be narrowed to: its name, how many there are, the address."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer as a whole, and what it can be narrowed to, by the name of a filter; or why it was not counted."""

    survey: Survey | None
    why_not: str
    bars: Sequence[Bar] = ()
    facets: Mapping[str, Sequence[Choice]] = field(default_factory=dict)


class Pages:
    """Search and story."""

    def __init__(self, read: Reader, settings: Settings, rendering: Rendering) -> None:
        self._read = read
        self._settings = settings
        self._render = rendering
        self.routes = [
            Route("/", self.search),
            Route("/feed.{kind}", self.feed),
            Route("/story", self.find),
            Route("/story/{number:int}", self.story),
            Route("/story/{number:int}.jsonld", self.linked_data),
            Route("/story/{number:int}/archived", self.archived),
        ]

    # -- search --------------------------------------------------------------------------------------------------------

    def search(self, request: Request) -> Response:
        """What was found, a page at a time; and the answer as a whole, which is sent when it is counted."""
        asked = Question.of(request.query_params.multi_items())
        after = request.query_params.get("after") or None
        now = datetime.now(UTC)
        filters = asked.filters(now, limit=PAGE, after=after)
        rows = asked.rows(self._read, filters)
        part = request.headers.get(PART) is not None
        clusters = [row.cluster for row in rows if row.cluster and row.cluster_size > 1 and not asked.copies]
        folded = self._read.folded(clusters, FOLDED) if clusters else {}
        page = self._render.page if part else self._render.page_in_two
        return page(
            request,
            "search.html",
            asked=asked,
            rows=rows,
            folded={row.id: _others(row, folded) for row in rows},
            next=asked.link("/", after=rows.next) if rows.next else None,
            after=after,
            part=part,
            whole=lambda: self._whole(asked, filters),
            sorts=[sort.value for sort in Sort if asked.q or sort is not Sort.RELEVANCE],
            feeds={kind: asked.link(f"/feed.{kind}") for kind in feeds.KINDS},
        )

    def _whole(self, asked: Question, filters: Filters) -> Whole:
        try:
            survey = asked.survey(self._read, filters)
        except NewsbotError as error:
            return Whole(None, str(error))
        return Whole(survey, "", bars(survey.hours, filters.since, filters.until), _facets(asked, survey))

    def feed(self, request: Request) -> Response:
        """The newest of what was searched for, as a feed, with their whole texts."""
        kind = request.path_params["kind"]
        if kind not in feeds.KINDS:
            raise HTTPException(404)
        asked = Question.of(request.query_params.multi_items())
        rows = asked.rows(self._read, asked.filters(limit=FEED))
        texts = self._read.texts([row.id for row in rows])
        base = str(request.base_url).rstrip("/")
        feed = feeds.Feed(
            title=f"newsbot: {asked.q}" if asked.q else "newsbot",
            page=base + asked.link("/"),
            address=base + asked.link(request.url.path),
            entries=[feeds.entry(row, texts[row.id], f"{base}/story/{row.id}") for row in rows if row.id in texts],
        )
        render, media = feeds.KINDS[kind]
        return Response(render(feed), media_type=media)

    # -- a story -------------------------------------------------------------------------------------------------------

    def find(self, request: Request) -> Response:
        """To the story of an address (`url`)."""
        found = self._read.story(request.query_params.get("url", ""))
        if found is None:
            raise HTTPException(404, "There is no story with this address.")
        return RedirectResponse(f"/story/{found.id}", 303)

    def story(self, request: Request) -> Response:
        """One story: `version` shows what changed with that one, `against` how another story differs."""
        story = self._story(request.path_params["number"])
        versions = editions(story)
        number = _number(request.query_params.get("version"))
        chosen = next((version for version in versions if version.number == number), None)
        if number is not None and chosen is None:
            raise HTTPException(404, f"This story has no version {number}.")
        changes, between = None, None
        if chosen is not None:
            before = next((version for version in versions if version.number == chosen.number - 1), None)
            changes = before and compared((before.title, before.text), (chosen.title, chosen.text))
        elif (against := _number(request.query_params.get("against"))) is not None:
            changes, between = self._against(story, against)
        return self._render.page(
            request,
            "story.html",
            story=story,
            blocks=blocks(story),
            versions=versions,
            chosen=chosen,
            changes=changes,
            between=between,
            copies=copies(story) if story.copies else [],
            facts=[(origin, list(several)) for origin, several in groupby(facts(story), attrgetter("origin"))],
            removed=request.query_params.get("removed") == "1",
        )

    def linked_data(self, request: Request) -> Response:
        """The story as JSON-LD: a NewsArticle of schema.org."""
        story = self._story(request.path_params["number"])
        return JSONResponse(_linked_data(story), media_type="application/ld+json")

    def archived(self, request: Request) -> Response:
        """The page of a story as it was fetched. It is a stranger's: in its sandbox it runs nothing, loads nothing, and
        is of no origin."""
        story = self._story(request.path_params["number"])
        if story.archived is None:
            raise HTTPException(404, f"The page of story {story.id} was not kept.")
        check_installed("the archived page")
        from newsbot.archive.recall import page_at

        folder, most = self._settings.archive_folder, self._settings.page_bytes
        page = page_at(folder, story.archived, story.site, most)
        if page is None:
            raise HTTPException(404, f"The page of story {story.id} is no longer in the archive.")
        said = page.headers.get("content-type", "")
        kind = said if said.lower().startswith("text/html") else "text/plain"
        return Response(page.body, headers={"Content-Type": kind, "Content-Security-Policy": _SANDBOX})

    def _story(self, number: int) -> StoryFull:
        found = self._read.story(number) if number < 1 << 63 else None
        if found is None:
            raise HTTPException(404, f"There is no story {number}.")
        return found

    def _against(self, story: StoryFull, number: int) -> tuple[Comparison, tuple[StoryRow, StoryRow]]:
        """Two stories, the earlier one first."""
        other = self._story(number)
        first, second = sorted((story, other), key=lambda each: (each.dated, each.id))
        return compared((first.title, first.text), (second.title, second.text)), (first, second)


def _others(row: StoryRow, folded: Mapping[int, list[StoryRow]]) -> list[StoryRow]:
    return [each for each in folded.get(row.cluster or 0, ()) if each.id != row.id]


def _number(said: str | None) -> int | None:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 19 else None


def _facets(asked: Question, survey: Survey) -> dict[str, list[Choice]]:
    """What would narrow the answer, the most frequent first; a filter that is on is not offered."""
    found: dict[str, list[Choice]] = {}
    if not asked.site:
        found["site"] = [(key, n, asked.address(site=(key,))) for key, n in survey.sites.items()]
    if not asked.language:
        spoken = ((tag, n) for tag, n in survey.languages.items() if tag)
        found["language"] = [(tag, n, asked.address(language=tag)) for tag, n in spoken]
    if not asked.access:
        found["access"] = [(name, n, asked.address(access=name)) for name, n in survey.access.items()]
    days: Counter[datetime] = Counter()
    for hour, n in survey.hours.items():
        days[hour.replace(hour=0)] += n
    last = sorted(days, reverse=True)[:DAYS]
    if len(days) > 1:
        found["day"] = [
            (f"{day:%a %-d %b %Y}", days[day], asked.address(since=f"{day:%Y-%m-%d}", until=_next(day))) for day in last
        ]
    return {name: choices[:FACETS] for name, choices in found.items() if len(choices) > 1}


def _next(day: datetime) -> str:
    return f"{day + timedelta(days=1):%Y-%m-%d}"


def _linked_data(story: StoryFull) -> dict[str, object]:
    said: dict[str, object | None] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "url": link(story.url),
        "headline": story.title,
        "description": story.standfirst,
        "articleBody": story.text,
        "author": [{"@type": "Person", "name": name} for name in story.authors] or None,
        "datePublished": story.published and story.published.isoformat(),
        "dateModified": story.modified and story.modified.isoformat(),
        "inLanguage": story.language,
        "articleSection": story.section,
        "keywords": list(story.tags) or None,
        "wordCount": story.word_count,
        "image": link(story.image.url) if story.image else None,
        "publisher": {"@type": "Organization", "name": story.site},
        "isAccessibleForFree": {"free": True, "paywalled": False, "metered": False}.get(str(story.access)),
    }
    return {name: value for name, value in said.items() if value is not None}
