"""The one path from a page to a stored story, without Scrapy.

    Page -- read --> Draft -- tidy --> Story -- recognise --> Story -- Store.keep --> Kept

The item pipelines are skins over these steps, one each; a crawl has all but the last taken in one trip to a reading
process (see `follow`). Everything else that makes stories calls `make` or `process`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from newsbot import fingerprint
from newsbot.clean import access_hint, clean
from newsbot.errors import NotUnderstood
from newsbot.extract import Selectors, extract
from newsbot.fingerprint.text import tokens
from newsbot.furniture import traces
from newsbot.items import GONE, Access, Article, Draft, Page, Profile, Story, Verdict
from newsbot.looks import next_look
from newsbot.recipe import recipe
from newsbot.sites import Site

if TYPE_CHECKING:
    from newsbot.store import Kept, Store

# A day begins in UTC+14 and ends in UTC-12: between these, a time can be of the day whose midnight UTC is given.
_DAY = (timedelta(hours=-14), timedelta(hours=36))
LONGEST = 500_000  # characters of a story; what is longer is no story, and would hold up all others
_NOT_HTML = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip", "application/json")


def selectors(site: Site) -> Selectors | None:
    """What a site's file says about its markup, None where it says nothing."""
    said = site.select
    if said == type(said)():
        return None
    return Selectors(said.body, said.title, said.standfirst, said.authors, said.published, said.remove)


def read(page: Page, select: Selectors | None = None, profile: Profile | None = None) -> Draft:
    """What the page says, in the light of what its site has taught."""
    kind = page.headers.get("content-type", "").lower()
    if page.status in GONE:
        article = Article(page.final_url, verdict=Verdict.GONE, why=f"HTTP {page.status}")
    elif kind.startswith(_NOT_HTML):
        article = Article(page.final_url, verdict=Verdict.NOT_HTML)
    else:
        article = extract(page.body, page.final_url, profile, content_type=kind, select=select)
    if sum(len(block.text) for block in article.blocks) > LONGEST:
        raise NotUnderstood(
            f"{page.url}: more than {LONGEST:,} characters of text; no story is that long. "
            "Leave it out with `skip` in the site's file."
        )
    return Draft(replace(page, body=b""), article)


_SOFT_HYPHEN = "\u00ad"  # where a word may be broken; with it nobody finds the word


def tidy(draft: Draft, site: Site, profile: Profile | None = None, now: datetime | None = None) -> Story | Verdict:
    """The story that a draft holds once the site's own text is out of it; the verdict where it holds none.

    What the page leaves open is filled from the feed's hints: the title, and the time of publication where the page
    gives nothing, or only the day of that time. Times without an offset are read in the site's time zone, without one
    in UTC. `now` is from when on it can be looked at again, by default the time at which the page was fetched.
    """
    page, article, lead = draft.page, draft.article, draft.page.lead
    if article.verdict is not Verdict.STORY:
        return article.verdict
    known = replace(profile or Profile(), site_name=site.name)
    cleaned = clean(article.blocks, known)
    text = "\n\n".join(re.sub(r"\n{2,}", "\n", block.text) for block in cleaned.kept).replace(_SOFT_HYPHEN, "")
    hint = access_hint(cleaned)
    access = article.access
    if hint is not None and access in (Access.UNKNOWN, Access.FREE):
        access = hint
    if not text and access not in (Access.PAYWALLED, Access.METERED):
        return Verdict.EMPTY
    zone: tzinfo = ZoneInfo(site.timezone) if site.timezone else UTC
    published, published_offset, day_only = _instant(article.published, zone)
    if lead.published and (published is None or (day_only and _DAY[0] <= lead.published - published < _DAY[1])):
        published, published_offset, day_only = lead.published.astimezone(UTC), None, False
    modified, modified_offset, _ = _instant(article.modified, zone)
    canonical, identity = _identified(page, article, site)
    announced = fingerprint.tells(lead.title, article.title or "", text) if lead.title else None
    # What stands in for the story that was announced will soon be gone, however old that is.
    begins = page.fetched_at if announced is False or published is None else published
    return Story(
        site=site.key,
        url=page.url,
        canonical_url=canonical,
        title=article.title or lead.title or "",
        text=text,
        fetched_at=page.fetched_at,
        addresses=(
            canonical,
            page.final_url,
            *fingerprint.waypoints(page.url, page.final_url, page.redirects),
            page.url,
        ),
        identity=identity,
        standfirst=article.standfirst,
        authors=article.authors,
        section=article.section,
        tags=article.tags,
        language=article.language or site.language,
        published=published,
        published_offset=published_offset,
        modified=modified,
        modified_offset=modified_offset,
        day_only=day_only,
        image=article.image,
        access=access,
        word_count=len(tokens(text)),
        removed=cleaned.removed,
        apart=cleaned.apart,
        container=article.container,
        traces=traces(cleaned, known.repeated),
        as_announced=announced is True,
        next_look=next_look(begins, now or page.fetched_at, site.look_again),
        etag=page.headers.get("etag"),
        last_modified=page.headers.get("last-modified"),
        archived=page.archived,
        made_by=recipe(site),
    )


def recognise(story: Story) -> Story:
    """The story with its fingerprint: by this the store tells new, seen, changed and copied apart."""
    return replace(story, fingerprint=fingerprint.sign(story.addresses, story.text, story.identity))


class Step(NamedTuple):
    """A function of a module, and what it is given behind what the step before has made."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


class NotAStory(NamedTuple):
    """What a page is instead, and the evidence for it, empty where there is no text to speak of."""

    verdict: Verdict
    why: str


def follow(page: Page, steps: tuple[Step, ...]) -> Any:
    """What the last of these steps makes, of which the first is given the page; NotAStory where one gives a verdict.

    So all that is to be done for a page is sent to another process at once, and its blocks do not travel between steps.
    """
    made: Any = page
    for function, arguments in steps:
        before, made = made, function(made, *arguments)
        if isinstance(made, Verdict):
            return NotAStory(made, before.article.why if isinstance(before, Draft) else "")
    return made


def make(page: Page, site: Site, profile: Profile | None = None, now: datetime | None = None) -> Story | Verdict:
    """The story that a page holds, ready to be kept; the verdict where it holds none. `now` as for `tidy`."""
    story = tidy(read(page, selectors(site), profile), site, profile, now)
    return story if isinstance(story, Verdict) else recognise(story)


def process(page: Page, site: Site, store: Store, profile: Profile | None = None) -> Kept | Verdict:
    """The whole path for one page: what became of its story, or why it holds none; `profile` is by default what the
    store knows of the site. Raises StoreError."""
    from newsbot.store import Outcome  # only here: readers, which have no database, need not load SQLAlchemy

    profile = profile or store.profile(site.key)
    story = make(page, site, profile)
    if isinstance(story, Verdict):
        store.dismiss(site.key, [page.url], story, page.fetched_at)
        return story
    kept = store.keep(story)
    return Verdict.FORGOTTEN if kept.outcome is Outcome.FORGOTTEN else kept


def _identified(page: Page, article: Article, site: Site) -> tuple[str, str]:
    """The story's own address, and the key of the number that its site gives it. A page that claims another number's
    address is not believed."""
    canonical = fingerprint.trusted_canonical(page.final_url, article.canonical_url)
    claimed, fetched = site.id_in(canonical), site.id_in(page.final_url)
    if claimed and fetched and claimed != fetched:
        canonical = fingerprint.canonicalise(page.final_url)
    number = fetched or claimed or site.id_in(page.url)
    return canonical, fingerprint.id_key(site.key, number) if number else ""


def _instant(value: date | None, zone: tzinfo) -> tuple[datetime | None, int | None, bool]:
    """UTC, the offset said in minutes, and whether only a day was said."""
    if value is None:
        return None, None, False
    if not isinstance(value, datetime):
        return datetime.combine(value, time(0), UTC), None, True
    if value.tzinfo is None:
        return value.replace(tzinfo=zone).astimezone(UTC), None, False
    offset = value.utcoffset()
    return value.astimezone(UTC), int(offset.total_seconds() // 60) if offset is not None else None, False
